"""The index on disk: opened as it was saved, brought up to date, never mistaken for another."""

import json

import numpy as np
import pytest
from film_shelf import FILMS, make_graph, parse

from moviequery.errors import GraphError, ModelError
from moviequery.recommendation.encoders import LEXICAL, Encoder, encode_letters, find_encoder
from moviequery.recommendation.film_index import MANIFEST, build_index, find_index, open_index
from moviequery.recommendation.recommender import Recommender
from moviequery.schema import EntityType, Movie


@pytest.fixture
def counting():
    """Return an encoder and the texts that it has been given."""
    seen = []

    def encode(texts):
        seen.extend(texts)
        return encode_letters(texts)

    return Encoder("counting", lambda: encode), seen


def test_an_index_opens_as_it_was_saved(tmp_path):
    graph = make_graph()
    made = build_index(graph, find_encoder(None))
    made.save(tmp_path)
    found = open_index(tmp_path, graph)
    assert isinstance(found.concept_vectors, np.memmap)
    assert (found.fingerprint, found.encoder, found.labels) == (
        graph.fingerprint,
        LEXICAL,
        made.labels,
    )
    for name, array in made._arrays().items():
        assert np.array_equal(array, found._arrays()[name], equal_nan=name == "ratings"), name
    query = parse("a funny heist", "mood funny", "genre heist")
    folder = Recommender(graph, encoder=None, folder=tmp_path)
    assert folder.recommend(query) == Recommender(graph, encoder=None).recommend(query)


def test_facts_are_those_of_the_graph():
    graph = make_graph().index
    facts = build_index(make_graph(), find_encoder(None)).facts
    for kind in (EntityType.GENRE, EntityType.DIRECTOR, EntityType.MOOD):
        for value in graph.values(kind):
            assert set(facts.find(kind, value).tolist()) == graph.films_with(kind, value)
    assert facts.find(EntityType.GENRE, "urn:moviequery:genre:none").size == 0


def test_only_new_concepts_are_encoded(tmp_path, counting):
    encoder, seen = counting
    first = find_index(make_graph(), encoder, tmp_path)
    assert first.encoded == len(seen) > 10
    assert find_index(make_graph(), encoder, tmp_path).encoded == 0
    before = len(seen)
    more = make_graph((*FILMS, Movie("Rififi", 1955, genres=("heist",), themes=("whist",))))
    second = find_index(more, encoder, tmp_path)
    assert seen[before:] == ["whist"]
    assert len(second.facts) == len(FILMS) + 1
    assert open_index(tmp_path, more).encoded == 0
    fresh = build_index(more, encoder)
    assert np.allclose(second.film_lengths, fresh.film_lengths)


def test_an_index_of_another_graph_is_told(tmp_path):
    find_index(make_graph(), find_encoder(None), tmp_path)
    with pytest.raises(GraphError, match="of another graph"):
        open_index(tmp_path, make_graph(FILMS[1:]))


def test_another_encoder_starts_anew(tmp_path, counting):
    encoder, seen = counting
    find_index(make_graph(), find_encoder(None), tmp_path)
    assert find_index(make_graph(), encoder, tmp_path).encoded == len(seen) > 10


def test_old_files_go_and_no_partial_ones_stay(tmp_path):
    find_index(make_graph(), find_encoder(None), tmp_path)
    find_index(make_graph(FILMS[1:]), find_encoder(None), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    assert names == {MANIFEST, *manifest["arrays"].values()}


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"format": 1}', '{"format": 99}', "\x00"])
def test_damage_is_told(tmp_path, damage):
    find_index(make_graph(), find_encoder(None), tmp_path)
    (tmp_path / MANIFEST).write_text(damage)
    with pytest.raises(GraphError, match="delete the folder"):
        find_index(make_graph(), find_encoder(None), tmp_path)


def test_a_missing_or_cut_array_is_told(tmp_path):
    find_index(make_graph(), find_encoder(None), tmp_path)
    path = next(tmp_path.glob("concept_vectors*"))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(GraphError, match="delete the folder"):
        open_index(tmp_path)
    path.unlink()
    with pytest.raises(GraphError, match="delete the folder"):
        open_index(tmp_path)


@pytest.mark.parametrize(
    "encode",
    [
        lambda texts: [[1.0]],
        lambda texts: [1.0 for _ in texts],
        lambda texts: [[float("nan")] for _ in texts],
    ],
)
def test_encoders_that_return_no_vectors_are_told(encode):
    with pytest.raises(ModelError, match="one row of finite numbers"):
        Recommender(make_graph(), encoder=encode)


def test_encoders_are_found_by_what_is_given():
    assert find_encoder(None).name == find_encoder("lexical").name == LEXICAL
    assert find_encoder("some/model").name == "some/model"
    assert find_encoder(encode_letters).name == "encode_letters"
    one = find_encoder(None)
    assert find_encoder(one) is one


def test_letters_are_as_alike_as_they_are():
    first, slip, other, nothing = find_encoder(None)(["bank robbery", "bank robery", "dragons", ""])
    assert first @ slip > 0.5
    assert abs(first @ other) < 0.2
    assert not nothing.any()


@pytest.mark.slow
def test_a_model_that_is_not_there_is_told(tmp_path):
    pytest.importorskip("sentence_transformers")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Recommender(make_graph(), encoder=tmp_path / "none")
