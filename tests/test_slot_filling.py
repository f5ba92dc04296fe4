"""Slot filling: templates with names of the graph, and nothing else."""

import re

import pytest
from small_graph import MOVIES, read_vocabulary

from moviequery.errors import EvaluationError
from moviequery.knowledge.graph import MovieGraph
from moviequery.knowledge.index import GraphIndex
from moviequery.synthesis.diversity import mask_entities
from moviequery.synthesis.slot_filling import TEMPLATES, fill_slots


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    concepts = read_vocabulary(tmp_path_factory.mktemp("vocabulary"))
    return MovieGraph.from_movies(MOVIES, concepts).index


def test_texts_differ_only_in_names(index):
    queries = fill_slots(index, 5)
    assert len({query.text for query in queries}) == 5
    plain = {re.sub(r"[{}]", "", template) for template in TEMPLATES}
    assert {mask_entities(query) for query in queries} <= plain
    assert any("Heat" in query.text for query in fill_slots(index, 5))


def test_same_seed_same_queries():
    graph = MovieGraph.bundled().index
    assert fill_slots(graph, 20, seed=1) == fill_slots(graph, 20, seed=1)
    assert fill_slots(graph, 20, seed=1) != fill_slots(graph, 20, seed=2)
    assert {mask_entities(query) for query in fill_slots(graph, 50)} == {
        re.sub(r"[{}]", "", template) for template in TEMPLATES
    }


def test_a_graph_can_be_too_small(index):
    with pytest.raises(EvaluationError, match="ask for fewer"):
        fill_slots(index, 1_000)
    with pytest.raises(EvaluationError, match="0 films"):
        fill_slots(GraphIndex([], []), 1)
