"""SHACL validation of our own graphs and of broken ones."""

from __future__ import annotations

import pytest
from rdflib import Literal, URIRef
from small_graph import MATRIX


def test_our_own_graphs_conform(graph):
    pytest.importorskip("pyshacl")
    report = graph.validate()
    assert report.conforms
    assert report.films == 5
    assert "5 films checked" in report.summary()


def test_what_is_broken_is_counted_and_shown(graph):
    pytest.importorskip("pyshacl")
    film, schema = URIRef(MATRIX), "https://schema.org/"
    graph.dataset.add((film, URIRef(f"{schema}name"), Literal("Another name")))
    graph.dataset.add((film, URIRef(f"{schema}actor"), URIRef("urn:nobody")))
    graph.dataset.add((film, URIRef(f"{schema}genre"), Literal("Action")))
    report = graph.validate()
    assert not report.conforms
    assert report.violations == {
        "a film has exactly one name": 1,
        "what a film is linked to is a skos:Concept": 1,
        "who acts, directs or writes is a schema:Person": 1,
    }
    assert any("urn:nobody" in example for example in report.examples)
    assert "3 violations" in report.summary()


def test_the_bundled_graph_is_large_and_conforms(bundled_graph):
    pytest.importorskip("pyshacl")
    assert len(bundled_graph) >= 5_000
    assert bundled_graph.validate().conforms
