"""What is written is read back: both forms, both stores, and hostile text."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Dataset, Literal, URIRef
from rdflib.namespace import XSD
from small_graph import MATRIX, MOVIES, STORES, write_and_read

from moviequery.errors import GraphError
from moviequery.knowledge.concepts import Concepts
from moviequery.knowledge.graph import MovieGraph
from moviequery.schema import EntityType, Movie, Role

EMPTY = Concepts({})
NASTY = (
    'The "Matrix"',
    "{curly} [square] <angle>",
    "back\\slash \\u0041 \\",
    "two\nlines\tand\r\nmore",
    '" . } ; DROP ALL ; INSERT DATA { <urn:a> <urn:b> "',
    "'''\"\"\" #no comment",
    "%41 % %%",
    "\x00\x01\x07\x1f\x7f\u0085\u2028",
    "a`b^c|d",
    "!!!",
    "…",
    "Крым 千と千尋の神隠し שלום",
    "🎬🍿",
    " <urn:moviequery:source:netflix> .",
)


def test_n_quads_keep_everything(graph, tmp_path):
    again = write_and_read(graph, tmp_path / "films.nq", graph.store)
    assert again.index == graph.index
    assert again.fingerprint == graph.fingerprint
    assert list(again.movies()) == list(graph.movies())
    assert again.concepts == graph.concepts
    assert again.sources["netflix"].licence == "CC0 1.0"
    again.write(tmp_path / "again.nq")
    assert (tmp_path / "again.nq").read_bytes() == (tmp_path / "films.nq").read_bytes()


def test_turtle_keeps_facts_and_concepts(graph, tmp_path):
    again = write_and_read(graph, tmp_path / "films.ttl", graph.store)
    assert again.index == graph.index
    assert again.fingerprint == graph.fingerprint
    assert again.concepts == graph.concepts
    assert [film.sources for film in again.movies()] == [film.sources for film in graph.movies()]
    again.write(tmp_path / "again.ttl")
    assert (tmp_path / "again.ttl").read_bytes() == (tmp_path / "films.ttl").read_bytes()


@pytest.mark.parametrize("suffix", [".nq", ".ttl"])
def test_both_stores_write_the_same_bytes(concepts, tmp_path, suffix):
    for store in STORES:
        graph = MovieGraph.from_movies(MOVIES, concepts, store=store)
        assert len(graph.dataset) > 0
        graph.write(tmp_path / f"{store}{suffix}")
    first, second = ((tmp_path / f"{store}{suffix}").read_bytes() for store in STORES)
    assert first == second


@pytest.mark.parametrize("suffix", [".nq", ".ttl"])
def test_rdflib_reads_the_same_triples(concepts, tmp_path, suffix):
    graph = MovieGraph.from_movies(MOVIES, concepts)
    graph.write(tmp_path / f"films{suffix}")
    other = Dataset().parse(tmp_path / f"films{suffix}")
    ask = f"ASK {{ GRAPH ?g {{ <{MATRIX}> ?p ?o }} }}"
    assert other.query(ask).askAnswer == (suffix == ".nq")
    assert other.value(URIRef(MATRIX), URIRef("https://schema.org/datePublished")) == Literal(
        "1999", datatype=XSD.gYear
    )


def test_packed_files_and_files_without_a_suffix_are_read(graph, tmp_path):
    for suffix in (".nq", ".ttl"):
        graph.write(tmp_path / f"films{suffix}")
        content = (tmp_path / f"films{suffix}").read_bytes()
        (tmp_path / f"films{suffix}.gz").write_bytes(gzip.compress(content))
        (tmp_path / f"bare{suffix[1:]}").write_bytes(content)
        for name in (f"films{suffix}.gz", f"bare{suffix[1:]}"):
            assert MovieGraph.read(tmp_path / name).fingerprint == graph.fingerprint


def test_two_files_are_one_graph(concepts, tmp_path):
    MovieGraph.from_movies(MOVIES[:2], concepts).write(tmp_path / "a.nq")
    MovieGraph.from_movies(MOVIES[2:], concepts).write(tmp_path / "b.nq")
    both = MovieGraph.read(tmp_path / "a.nq", tmp_path / "b.nq")
    assert both.index == MovieGraph.from_movies(MOVIES, concepts).index


@pytest.mark.parametrize("seed", ["0", "1"])
def test_bytes_do_not_depend_on_the_hash_seed(concepts, tmp_path, seed):
    script = (
        "from pathlib import Path\n"
        "from small_graph import MOVIES, read_vocabulary\n"
        "from moviequery import MovieGraph\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "graph = MovieGraph.from_movies(MOVIES, read_vocabulary(folder))\n"
        "graph.write(folder / 'other.nq'); graph.write(folder / 'other.ttl')\n"
    )
    here = str(Path(__file__).parent)
    subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": here},
        check=True,
    )
    graph = MovieGraph.from_movies(MOVIES, concepts)
    for suffix in (".nq", ".ttl"):
        graph.write(tmp_path / f"films{suffix}")
        written = (tmp_path / f"films{suffix}").read_bytes()
        assert written == (tmp_path / f"other{suffix}").read_bytes()


def test_the_order_of_casts_and_lists_is_kept(tmp_path):
    film = Movie(
        "Heat",
        1995,
        genres=("Thriller", "Crime", "Thriller"),
        cast=(
            Role("Robert De Niro", "Neil"),
            Role("Al Pacino"),
            Role("Al Pacino", "Hanna", "a tired cop"),
        ),
        directors=("B B", "A A"),
        alternative_titles=("Z", "Y"),
        sources=("mine",),
    )
    graph = MovieGraph.from_movies([film], EMPTY)
    again = write_and_read(graph, tmp_path / "films.nq")
    assert list(again.movies()) == list(graph.movies())


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("store", STORES)
def test_no_text_is_too_strange(tmp_path, text, store):
    film = Movie(
        text,
        2001,
        alternative_titles=(f"{text} 2",),
        genres=(text,),
        keywords=(f"{text} tag",),
        cast=(Role(f"{text} actor", f"{text} role", f"{text} part"),),
        directors=(f"{text} director",),
        quotes=(text,),
        songs=(text,),
        certificate=text,
        overview=text,
        same_as=("http://example.org/a%20b",),
        sources=(text,),
    )
    graph = MovieGraph.from_movies([film], EMPTY, store=store)
    assert graph.index.link(EntityType.TITLE, text) == (graph.index.films[0].iri,)
    query = "SELECT ?film { ?film schema:name ?name ; schema:genre/skos:prefLabel ?name }"
    assert graph.sparql(query, {"name": text}) == [{"film": graph.index.films[0].iri}]
    again = write_and_read(graph, tmp_path / "films.nq", store)
    assert again.index == graph.index
    assert list(again.movies()) == list(graph.movies())
    assert write_and_read(graph, tmp_path / "films.ttl", store).index == graph.index


def test_half_a_character_is_refused():
    # it could be written only as another one, and the graph read again would be another graph
    with pytest.raises(GraphError, match="a film's title"):
        MovieGraph.from_movies([Movie("half \ud83d emoji", sources=("mine",))], EMPTY)


WORDS = st.sampled_from(
    [*NASTY[:6], "Crime", "crime", "Léa", "Lea", "loyalty", "dark", "SF", "New York", "rated r"]
)
LISTS = st.lists(WORDS, max_size=3).map(tuple)
FILMS = st.builds(
    Movie,
    title=WORDS,
    year=st.none() | st.integers(1900, 1902),
    kind=st.sampled_from(["movie", "show"]),
    alternative_titles=LISTS,
    genres=LISTS,
    keywords=LISTS,
    plots=LISTS,
    themes=LISTS,
    moods=LISTS,
    settings=LISTS,
    cast=st.lists(st.builds(Role, WORDS, st.none() | WORDS, st.none() | WORDS), max_size=3).map(
        tuple
    ),
    directors=LISTS,
    writers=LISTS,
    characters=LISTS,
    certificate=st.none() | WORDS,
    rating=st.none() | st.floats(0, 10),
    votes=st.none() | st.integers(0, 10**9),
    popularity=st.floats(0, 1e6),
    runtime=st.none() | st.integers(0, 1000),
    awards=LISTS,
    origins=LISTS,
    quotes=LISTS,
    countries=LISTS,
    languages=LISTS,
    overview=st.just("") | WORDS,
    cast_complete=st.booleans(),
    same_as=st.just(()) | st.just(("urn:x:1", "http://example.org/2")),
    sources=st.sampled_from([(), ("netflix",), ("tmdb",), ("my films",)]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(films=st.lists(FILMS, min_size=1, max_size=5))
def test_a_written_graph_reads_back_the_same(concepts, tmp_path_factory, films):
    folder = tmp_path_factory.mktemp("law")
    graph = MovieGraph.from_movies(films, concepts)
    again = write_and_read(graph, folder / "films.nq")
    assert list(again.movies()) == list(graph.movies())
    assert again.index == graph.index
    again.write(folder / "again.nq")
    assert (folder / "again.nq").read_bytes() == (folder / "films.nq").read_bytes()
    turtle = write_and_read(graph, folder / "films.ttl")
    assert turtle.index == graph.index


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(films=st.lists(FILMS, min_size=1, max_size=5), cut=st.integers(0, 5))
def test_adding_is_merging(concepts, films, cut):
    whole = MovieGraph.from_movies(films, concepts)
    pieces = MovieGraph.from_movies(films[:cut], concepts).add(films[cut:])
    assert pieces.fingerprint == whole.fingerprint
    assert pieces.add(films).fingerprint == whole.fingerprint
    other = MovieGraph.from_movies(films[cut:], concepts)
    assert other.merge(whole).merge(whole).fingerprint == whole.fingerprint
