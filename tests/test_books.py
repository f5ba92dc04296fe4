"""Another domain by data alone: the shelf of books reads, conforms, and becomes checked rows."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from moviequery import Grammar, MovieGraph, read_catalogue
from moviequery.errors import GrammarError
from moviequery.knowledge.concepts import Concepts
from moviequery.schema import EntityType

SHELF = Path(__file__).parents[1] / "examples" / "books"


def test_the_example_runs_from_table_to_checked_dataset(tmp_path):
    pytest.importorskip("pyshacl")
    result = subprocess.run(
        [sys.executable, SHELF / "shelf.py", "--out", "out", "--n", "120"],
        cwd=tmp_path,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert "49 books checked: all conform" in result.stdout
    assert "120 queries in out, each checked" in result.stdout
    assert "Strange Case of Dr Jekyll and Mr Hyde" in result.stdout.rpartition("Dracula")[2]


def test_every_row_of_the_table_is_a_book():
    import tomllib

    mapping = tomllib.loads((SHELF / "mapping.toml").read_text("utf-8"))
    catalogue = read_catalogue(SHELF / "books.csv", columns=mapping)
    assert len(catalogue) == 49
    assert not catalogue.report[0].skipped
    assert all(book.year and book.directors and book.genres for book in catalogue)
    graph = MovieGraph.from_movies(catalogue, Concepts.read(SHELF / "concepts.toml"))
    known = graph.concepts.concepts
    assert all(iri in known for iri in graph.index.values(EntityType.GENRE))
    [emma] = [film for film in graph.index.films if film.title == "Emma"]
    assert emma.year == 1815
    assert json.dumps(emma.facts[EntityType.DIRECTOR]) == '["urn:moviequery:person:jane-austen"]'


def test_the_grammar_is_about_books():
    grammar = Grammar.read(SHELF / "grammar.toml")
    assert len(grammar.frames) >= 10
    with pytest.raises(GrammarError):
        Grammar.read(SHELF / "mapping.toml")
