"""MovieGraph: what its graphs hold, adding and merging, and wrong input."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest
from rdflib import Literal, URIRef
from rdflib.namespace import SKOS
from small_graph import MATRIX, MOVIES, NETFLIX_MATRIX, TMDB_MATRIX, read_vocabulary, write_and_read

from moviequery.errors import GraphError
from moviequery.knowledge.concepts import Concepts
from moviequery.knowledge.graph import MovieGraph
from moviequery.knowledge.merging import merge
from moviequery.knowledge.records import read_movies, write_movies
from moviequery.knowledge.sources import Source
from moviequery.schema import EntityType, Movie

EMPTY = Concepts({})


def test_each_source_states_its_own(graph):
    query = """
        SELECT ?source ?licence ?name {
            GRAPH ?source { <urn:moviequery:movie:the-matrix-1999> schema:name ?name }
            ?source a prov:Entity ; dcterms:license ?licence
        } ORDER BY ?source"""
    assert graph.sparql(query) == [
        {
            "source": "urn:moviequery:source:netflix",
            "licence": "CC0 1.0",
            "name": "The Matrix",
        },
        {
            "source": "urn:moviequery:source:tmdb",
            "licence": "TMDB terms of use: attribution",
            "name": "Matrix, The",
        },
    ]


def test_a_fact_of_two_sources_is_one_fact(graph):
    # on Oxigraph a union of all graphs would count Lana Wachowski three times
    query = "SELECT (COUNT(*) AS ?n) { ?film schema:name ?name ; schema:director ?person }"
    assert graph.sparql(query, {"name": "The Matrix"}) == [{"n": 2}]


def test_performances_tell_who_plays_whom(graph):
    query = """
        SELECT ?actor ?name {
            ?film term:performance [ a schema:PerformanceRole ; schema:characterName ?name ;
                schema:actor/schema:name ?actor ; schema:character/skos:prefLabel ?name ]
        } ORDER BY ?actor"""
    assert graph.sparql(query, {"film": MATRIX}) == [
        {"actor": "Carrie-Anne Moss", "name": "Trinity"},
        {"actor": "Keanu Reeves", "name": "Neo"},
    ]


def test_concepts_are_skos(graph):
    romcom = URIRef("urn:moviequery:genre:romantic-comedy")
    alternatives = {str(label) for label in graph.dataset.objects(romcom, SKOS.altLabel)}
    assert alternatives == {"rom-com", "romcom"}
    query = """
        SELECT DISTINCT ?title {
            ?film schema:name ?title ; schema:genre/skos:broader*/skos:prefLabel ?label
        } ORDER BY ?title"""
    assert graph.sparql(query, {"label": "crime"}) == [{"title": "Dark"}, {"title": "Heat"}]
    within = "ASK { GRAPH <urn:moviequery:concepts> { genre:comedy skos:prefLabel ?label } }"
    assert graph.sparql(within) == [{"answer": True}]


def test_counts(graph):
    counts = graph.counts()
    assert (counts["films"], counts["shows"], len(graph)) == (4, 1, 5)
    assert counts["people"] == 8
    assert counts["concepts"]["country"] == 1
    assert {name: source["films"] for name, source in counts["sources"].items()} == {
        "netflix": 3,
        "tmdb": 2,
    }
    assert counts["triples"] == graph.sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0]["n"]
    for name, source in counts["sources"].items():
        query = f"SELECT (COUNT(*) AS ?n) {{ GRAPH source:{name} {{ ?s ?p ?o }} }}"
        assert source["triples"] == graph.sparql(query)[0]["n"]


def test_two_rows_of_one_source_stay_apart(concepts, tmp_path):
    rows = merge([NETFLIX_MATRIX, TMDB_MATRIX])[0]
    again = replace(rows, records=(*rows.records, replace(rows.records[0], runtime=137)))
    graph = MovieGraph.from_movies([again], concepts)
    assert graph.sparql(
        "SELECT ?time { GRAPH ?g { ?film schema:duration ?time } } ORDER BY ?time"
    ) == [{"time": "PT136M"}, {"time": "PT137M"}]
    read = write_and_read(graph, tmp_path / "films.nq")
    assert len(next(read.movies()).records) == 3


def test_an_iri_of_the_source_is_kept(tmp_path):
    iri = "http://www.wikidata.org/entity/Q83495"
    graph = MovieGraph.from_movies([Movie("The Matrix", 1999, iri=iri)], EMPTY)
    assert graph.index.films[0].iri == iri
    again = write_and_read(graph, tmp_path / "films.nq").add([Movie("Heat", 1995)])
    assert again.index.film(iri).title == "The Matrix"


def test_sources_given_with_films_are_described(tmp_path):
    sources = {"mine": Source("mine", "My own list", "CC BY 4.0", "http://example.org/a b")}
    write_movies(tmp_path / "films.jsonl", [Movie("Heat", 1995, sources=("mine",))], sources)
    graph = MovieGraph.from_movies(read_movies(tmp_path / "films.jsonl"), EMPTY)
    again = write_and_read(graph, tmp_path / "films.nq")
    assert again.sources["mine"].licence == "CC BY 4.0"
    assert again.sources["mine"].url == "http://example.org/a%20b"


def test_a_catalogue_added_twice_changes_nothing(graph, tmp_path):
    graph.write(tmp_path / "before.nq")
    before = graph.fingerprint
    assert graph.add(MOVIES) is graph
    assert graph.add(list(graph.movies())).fingerprint == before
    graph.write(tmp_path / "after.nq")
    assert (tmp_path / "before.nq").read_bytes() == (tmp_path / "after.nq").read_bytes()


def test_a_catalogue_added_to_its_own_file_changes_nothing(graph, tmp_path):
    again = write_and_read(graph, tmp_path / "films.nq").add(MOVIES)
    assert again.index == graph.index
    assert len(again) == len(graph)


def test_films_added_to_a_turtle_graph_join_its_films(concepts, tmp_path):
    graph = MovieGraph.from_movies([NETFLIX_MATRIX], concepts)
    again = write_and_read(graph, tmp_path / "films.ttl").add([TMDB_MATRIX])
    assert [film.iri for film in again.movies()] == [MATRIX]
    assert again.index.films[0].facts[EntityType.RATING] == ("8.2",)


def test_added_films_reach_index_and_dataset(graph):
    assert graph.sparql("ASK { ?film schema:name 'Ran' }") == [{"answer": False}]
    before = graph.fingerprint
    graph.add([Movie("Ran", 1985, directors=("Akira Kurosawa",))])
    assert graph.index.link(EntityType.TITLE, "ran") == ("urn:moviequery:movie:ran-1985",)
    assert graph.sparql("ASK { ?film schema:name 'Ran' }") == [{"answer": True}]
    assert graph.fingerprint != before


def test_merging_brings_the_other_concepts(graph, tmp_path):
    other = MovieGraph.from_movies(
        [Movie("Shane", 1953, genres=("oaters",))],
        read_vocabulary(tmp_path, "[genre.western]\nlabel = 'western'\nalt = ['oaters']\n"),
    )
    graph.merge(other)
    assert graph.index.link(EntityType.GENRE, "oaters") == ("urn:moviequery:genre:western",)
    assert len(graph) == 6


def test_triples_added_by_hand_are_written_and_kept(graph, tmp_path):
    subject, predicate = URIRef("urn:mine:note"), URIRef("urn:mine:says")
    graph.dataset.add((subject, predicate, Literal('a "note"')))
    graph.add([Movie("Ran", 1985)])
    again = write_and_read(graph, tmp_path / "films.nq", graph.store)
    for one in (graph, again):
        assert str(one.dataset.value(subject, predicate)) == 'a "note"'
    assert again.index == graph.index


def test_triples_removed_by_hand_are_not_written(graph, tmp_path):
    graph.dataset.update(f"DELETE WHERE {{ <{MATRIX}> <https://schema.org/abstract> ?text }}")
    graph.write(tmp_path / "films.ttl")
    assert "hacker learns" not in (tmp_path / "films.ttl").read_text()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.nq", b"<urn:a> <urn:b> <urn:c> .\n<urn:a> oops .\n", r"a\.nq: line 2"),
        ("a.ttl", b"@prefix x: <urn:x> .\nx:a x:b .\n", r"a\.ttl: line 2"),
        ("a.nq", b'<urn:a> <urn:b> "\xff" .\n', r"a\.nq: line 1"),
        ("a.nq", b"", r"no film in .*a\.nq"),
        (
            "a.nq.gz",
            gzip.compress(b"<urn:a> <urn:b> <urn:c> ." * 99, mtime=0)[:-9],
            "cannot be read",
        ),
        ("a.csv", b"title,year\nHeat,1995\n", r"a\.csv: line 1"),
        ("a.nq", b"<urn:a> <urn:b> <urn:c> .\n", "no subject is a https://schema.org/Movie"),
        ("a.ttl", b"<urn:f> a <https://schema.org/Movie> .", "urn:f has no https"),
        (
            "a.ttl",
            b'<urn:f> a <https://schema.org/Movie> ; <https://schema.org/name> "F" ;\n'
            b'<https://schema.org/datePublished> "soon" .',
            "urn:f: .*datePublished is 'soon'",
        ),
    ],
)
def test_a_wrong_file_says_where(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(GraphError, match=message):
        MovieGraph.read(tmp_path / name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(GraphError, match=r"none\.nq"):
        MovieGraph.read(tmp_path / "none.nq")


def test_an_unknown_store_names_the_known():
    with pytest.raises(GraphError, match="'oxigraph', 'memory'"):
        MovieGraph.from_movies([], EMPTY, store="rocksdb")


def test_an_unknown_suffix_names_the_known(graph, tmp_path):
    with pytest.raises(GraphError, match=r"\.nq"):
        graph.write(tmp_path / "films.xml")


def test_a_rating_must_be_a_number():
    graph = MovieGraph.from_movies([Movie("Heat", 1995, rating=float("nan"))], EMPTY)
    with pytest.raises(GraphError, match="heat-1995: rating nan"):
        _ = graph.index


def test_a_kind_must_be_known():
    with pytest.raises(GraphError, match="'Heat': kind is 'film'"):
        MovieGraph.from_movies([Movie("Heat", 1995, kind="film")], EMPTY)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "films.nq"
    path.write_text("old")
    broken = MovieGraph.from_movies([Movie("Heat", 1995, popularity=float("inf"))], EMPTY)
    with pytest.raises(GraphError):
        broken.write(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_graph_is_a_graph(tmp_path):
    graph = MovieGraph.from_movies([], EMPTY)
    assert len(graph) == 0
    assert graph.counts()["films"] == 0
    assert graph.sparql("ASK { ?s schema:name ?o }") == [{"answer": False}]
