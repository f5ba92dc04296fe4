"""SPARQL: values in and out, injection, updates and wrong queries."""

from __future__ import annotations

import pytest
from small_graph import MATRIX

from moviequery.errors import GraphError


def test_values_are_python_values(graph):
    rows = graph.sparql(
        "SELECT ?film ?year ?rating ?votes ?done { ?film schema:name ?name ;"
        " schema:datePublished ?year ; term:castComplete ?done ;"
        " schema:aggregateRating [ schema:ratingValue ?rating ; schema:ratingCount ?votes ] }",
        {"name": "The Matrix"},
    )
    assert rows == [{"film": MATRIX, "year": 1999, "rating": 8.2, "votes": 25000, "done": True}]


def test_what_is_unbound_is_left_out(graph):
    query = "SELECT ?name ?year { ?f schema:name ?name OPTIONAL { ?f term:none ?year } }"
    assert graph.sparql(query, {"name": "Heat"}) == [{"name": "Heat"}]


def test_bindings_reach_filters_and_counts(graph):
    query = "SELECT (COUNT(?f) AS ?n) { ?f schema:genre ?genre }"
    assert graph.sparql(query, {"genre": "urn:moviequery:genre:crime"}) == [{"n": 2}]
    query = """SELECT ?name { ?f schema:name ?name ;
        schema:aggregateRating/schema:ratingValue ?r FILTER(?r > ?least) }"""
    assert graph.sparql(query, {"least": 8.1}) == [{"name": "The Matrix"}]


def test_braces_in_front_of_the_group_are_no_groups(graph):
    query = """# { a comment
        PREFIX odd: <urn:odd#{>
        SELECT ("}{" AS ?x) (CONCAT(?name, '{') AS ?y) WHERE { ?f schema:name ?name }"""
    with pytest.raises(GraphError):  # the IRI is wrong, and that is what is told
        graph.sparql(query, {"name": "Heat"})
    query = query.replace("#{>", ">")
    assert graph.sparql(query, {"name": "Heat"}) == [{"x": "}{", "y": "Heat{"}]


@pytest.mark.parametrize(
    "text", ['" } } ; DROP ALL #', "Heat'", "'''", 'a"""b', "x\\", "?name", "{", "\n"]
)
def test_bound_text_is_only_text(graph, text):
    before = graph.counts()
    assert graph.sparql("SELECT ?f { ?f schema:name ?name }", {"name": text}) == []
    assert graph.counts() == before


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "PREFIX x: <urn:x> # insert\nDELETE WHERE { ?s ?p ?o }",
        "drop all",
        "LOAD <http://example.org/x>",
        "CLEAR DEFAULT",
    ],
)
def test_updates_are_refused(graph, update):
    with pytest.raises(GraphError, match="only reads"):
        graph.sparql(update)
    assert len(graph) == 5


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?x {\n ?x ?y }", "line 2"),
        ("SELECT ?x { ?x nope:y ?z }", "line 1"),
        ("", "SPARQL"),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "CONSTRUCT"),
    ],
)
def test_a_wrong_query_says_where(graph, query, message):
    with pytest.raises(GraphError, match=message):
        graph.sparql(query)


@pytest.mark.parametrize(
    ("bindings", "message"),
    [({"nme": "Heat"}, r"\['nme'\]"), ({"name": ["Heat"]}, "cannot bind")],
)
def test_wrong_bindings_are_refused(graph, bindings, message):
    with pytest.raises(GraphError, match=message):
        graph.sparql("SELECT ?f { ?f schema:name ?name }", bindings)
