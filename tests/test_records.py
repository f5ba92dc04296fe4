"""Films as JSON lines."""

from __future__ import annotations

import pytest
from small_graph import MOVIES

from moviequery.errors import GraphError
from moviequery.knowledge.merging import merge
from moviequery.knowledge.records import read_movies, write_movies
from moviequery.schema import Movie, Role


def test_round_trip(tmp_path):
    films = merge(MOVIES)
    for name in ("films.jsonl", "films.jsonl.gz"):
        assert write_movies(tmp_path / name, films) == len(films)
        assert tuple(read_movies(tmp_path / name)) == films
    assert read_movies(tmp_path / "films.jsonl").sources["tmdb"].name == "tmdb"


def test_roles_keep_what_is_known_of_them(tmp_path):
    cast = (
        Role("A"),
        Role("B", "Bee"),
        Role("C", None, "a sea captain"),
        Role("D", "Dee", "a cat"),
    )
    films = merge([Movie("Once", 2001, cast=cast, sources=("mine",))])
    write_movies(tmp_path / "films.jsonl", films)
    assert read_movies(tmp_path / "films.jsonl")[0].cast == cast


def test_the_bytes_are_the_same_every_time(tmp_path):
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write_movies(tmp_path / name, merge(reversed(MOVIES)))
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1"),
        (b'{"format":"other"}\n', "line 1: .*'other'"),
        (b'{"format":"moviequery-films-1","sources":[]}\n{"iri":\n', "line 2"),
        (b'{"format":"moviequery-films-1","sources":[]}\n{"iri":"x","records":[{}]}', "line 2"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_wrong_file_says_where(tmp_path, content, message):
    (tmp_path / "films.jsonl").write_bytes(content)
    with pytest.raises(GraphError, match=message):
        read_movies(tmp_path / "films.jsonl")
