"""Misleading queries: labels hold, and only what is marked as a trap is false."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from catalogue_fixtures import small_graph

from moviequery import Grammar, SyntheticQueryBuilder
from moviequery.schema import EntityType, Intent
from moviequery.synthesis.adversarial import AdversarialWriter, bundled_adversarial
from moviequery.synthesis.grounding import judge
from moviequery.synthesis.template import LEXICAL_TYPES
from moviequery.synthesis.truth import Verdict


@pytest.fixture(scope="module")
def rows(bundled_graph):
    writer = AdversarialWriter(SyntheticQueryBuilder(bundled_graph), "test")
    drawn = (writer.compose(Random(f"{number}"), number) for number in range(1_500))
    return [query for query in drawn if query is not None]


def kind(query):
    return query.provenance.frame.split(".")[0]


def test_every_kind_and_frame_occurs_for_both_intents(rows):
    assert {q.provenance.frame for q in rows} == {f.id for f in bundled_adversarial().frames}
    kinds = Counter(map(kind, rows))
    assert min(kinds.values()) > 0.04 * len(rows)
    intents = Counter(query.intent for query in rows)
    assert min(intents[intent] for intent in Intent) > 0.3 * len(rows)


def test_traps_are_false_and_all_else_is_true(rows, bundled_graph):
    for query in rows:
        verdicts = Counter(claim.verdict for claim in judge(query, bundled_graph))
        if query.provenance.trap:
            assert verdicts[Verdict.FALSE] == 1 and not verdicts[Verdict.UNKNOWN], query
        else:
            assert not verdicts[Verdict.FALSE] and not verdicts[Verdict.UNKNOWN], query
        assert query.provenance.trap == (kind(query) == "false")


def test_a_trap_is_about_its_title_and_rests_on_no_false_triple(rows, bundled_graph):
    traps = [query for query in rows if query.provenance.trap]
    assert {e.type for q in traps for e in q.entities if e.about is not None} == {
        *(EntityType.ACTOR, EntityType.DIRECTOR, EntityType.YEAR),
    }
    for query in traps:
        false = next(entity for entity in query.entities if entity.about is not None)
        assert query.entities[false.about].type is EntityType.TITLE
        film = bundled_graph.index.film(query.provenance.films[0])
        title = bundled_graph.index.triple(film, EntityType.TITLE, film.title)
        assert query.provenance.triples == (title,)


def test_films_are_of_the_test_split(rows, bundled_graph):
    builder = SyntheticQueryBuilder(bundled_graph)
    test = {bundled_graph.index.films[position].iri for position in builder.films_of("test")}
    assert {iri for query in rows for iri in query.provenance.films} <= test


def test_injected_words_and_everyday_words_are_no_entities(rows):
    for query in rows:
        named = {entity.text.lower() for entity in query.entities}
        if kind(query) == "injected":
            assert not any("instruction" in text or text == "rec" for text in named)
        if query.provenance.frame == "ordinary.talk":
            assert query.entities == ()
        stated = [e for e in query.entities if e.type not in LEXICAL_TYPES]
        assert all(e.iri or e.type is EntityType.YEAR for e in stated)


def test_a_false_year_by_hand():
    text = '[[frame]]\nid = "false.x"\nintent = "rec"\ntext = "{title a} of {year of a}"'
    graph = small_graph()
    builder = SyntheticQueryBuilder(
        graph,
        Grammar.parse({"x.toml": '[[frame]]\nid="y"\nintent="rec"\ntext="{genre} films"'}),
        splits={"all": 1.0},
    )
    writer = AdversarialWriter(builder, "all", Grammar.parse({"a.toml": text}))
    queries = [q for n in range(60) if (q := writer.compose(Random(f"{n}"), n)) is not None]
    assert queries
    for query in queries:
        film = graph.index.film(query.entities[0].iri)
        assert query.text == f"{film.title} of {query.entities[1].text}"
        assert int(query.entities[1].text) != film.year
        assert 1933 <= int(query.entities[1].text) <= 2015
        assert query.entities[1].iri is None and query.entities[1].about == 0
