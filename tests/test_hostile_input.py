"""What a user may get wrong with a graph, in Python and on the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from rdflib import Literal, URIRef
from small_graph import MOVIES

from moviequery.cli import main
from moviequery.errors import GrammarError, GraphError
from moviequery.knowledge.graph import MovieGraph
from moviequery.schema import Intent, Movie, Part, Query
from moviequery.synthesis.builder import SyntheticQueryBuilder
from moviequery.synthesis.grammar import Grammar

QUERY = "SELECT ?film { ?film schema:name ?title }"


@pytest.fixture(params=["oxigraph", "memory"])
def graph(request):
    return MovieGraph.from_movies(MOVIES, store=request.param)


@pytest.mark.parametrize(
    ("movie", "message"),
    [
        (Movie(""), "title is ''"),
        (Movie(" \n"), "it must be a text with a name in it"),
        (Movie("A" + chr(0xD83C)), "title is"),
        (Movie("Heat", year=-5), "'Heat': year is -5"),
        (Movie("Heat", year=99_999), "year is 99999"),
        (Movie("Heat", year="1995"), "year is '1995'"),
        (Movie("Heat", runtime=-3), "runtime is -3"),
    ],
)
def test_films_that_no_graph_can_state_are_refused(movie, message):
    with pytest.raises(GraphError, match=message):
        MovieGraph.from_movies([movie])


def test_a_query_fetches_no_other_graph(graph, tmp_path):
    secret = tmp_path / "secret.ttl"
    secret.write_text("<urn:a> <urn:b> <urn:c> .")
    with pytest.raises(GraphError, match="FROM"):
        graph.sparql(f"SELECT * FROM <{secret.as_uri()}> {{ ?s ?p ?o }}")
    # the word may stand in a text, a variable or a comment
    assert graph.sparql('SELECT ?from { ?from schema:name "from" } # from') == []


def test_a_service_that_is_not_there_is_a_clear_error(graph):
    with pytest.raises(GraphError, match="SERVICE cannot be reached"):
        graph.sparql("SELECT * { SERVICE <http://127.0.0.1:1024/> { ?s ?p ?o } }")


def test_no_binding_can_write_a_query(graph):
    for title in ('"} UNION { ?film ?p ?o } #', "x> } #", "\\", "urn:x> } UNION { ?film ?p ?o"):
        assert graph.sparql(QUERY, {"title": title}) == []
    datatype = URIRef("urn:x>) } ?film ?p ?o #")
    with pytest.raises(GraphError, match="its datatype is no IRI"):
        graph.sparql(QUERY, {"title": Literal("Heat", datatype=datatype)})
    with pytest.raises(GraphError, match="half a character"):
        graph.sparql(QUERY, {"title": chr(0xDCFF)})


def test_a_graph_that_cannot_be_written_leaves_nothing(graph, tmp_path):
    (tmp_path / "films.nq").mkdir()
    for path in (tmp_path / "films.nq", tmp_path / "nowhere" / "films.nq"):
        with pytest.raises(GraphError, match="cannot be written"):
            graph.write(path)
    assert [path.name for path in tmp_path.iterdir()] == ["films.nq"]


def test_a_grammar_that_the_films_cannot_fill_names_the_facts():
    text = '[[frame]]\nid = "x"\nintent = "rec"\ntext = "any film with {song}?"'
    graph = MovieGraph.from_movies([Movie("Heat", 1995)])
    with pytest.raises(GrammarError, match="no film has a fact of song"):
        SyntheticQueryBuilder(graph, Grammar.parse({"mine.toml": text}), splits={"train": 1.0})


def test_an_option_given_twice_is_refused(capsys):
    twice = ["--column", "title=name", "--column", "title=label"]
    assert main(["graph", "films.csv", *twice]) == 2
    assert "names 'title' twice" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is of Linux")
def test_a_full_disk_behind_stdout_is_one_line():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "moviequery", "build", "--n", "3"]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 2
    assert result.stderr.startswith("moviequery: [Errno 28]")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("span", [(0, 99), (-1, 1), (2, 1)])
def test_a_part_lies_within_its_query(span):
    with pytest.raises(ValueError, match="lies outside"):
        Query("ab", Intent.REC, (), (Part(*span, Intent.REC),))
