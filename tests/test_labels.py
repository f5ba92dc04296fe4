"""Label maps: the bundled two as the design has them, and a user's file."""

from __future__ import annotations

import pytest

from moviequery.errors import EvaluationError
from moviequery.metrics.labels import LabelMap
from moviequery.schema import ENTITY_TYPES, EntityType

MOVIE = LabelMap.read("mit-movie")
TRIVIA = LabelMap.read("mit-trivia")


def test_the_bundled_maps_are_those_of_the_design():
    assert LabelMap.names() == ("mit-movie", "mit-trivia")
    assert {each.value: MOVIE.label(each) for each in ENTITY_TYPES} == {
        "title": "TITLE", "genre": "GENRE", "mood": "GENRE", "plot": "PLOT", "theme": "PLOT",
        "setting": "PLOT", "actor": "ACTOR", "director": "DIRECTOR", "character": "CHARACTER",
        "year": "YEAR", "certificate": "RATING", "rating": "RATINGS_AVERAGE", "review": "REVIEW",
        "song": "SONG", "trailer": "TRAILER", "award": None, "origin": None, "relationship": None,
        "quote": None, "country": None, "language": None, "studio": None,
    }  # fmt: skip
    assert {each.value: TRIVIA.label(each) for each in ENTITY_TYPES} == {
        "title": None, "genre": "Genre", "mood": "Genre", "plot": "Plot", "theme": "Plot",
        "setting": "Plot", "actor": "Actor", "director": "Director",
        "character": "Character_Name", "year": "Year", "certificate": None, "rating": "Opinion",
        "review": "Opinion", "song": "Soundtrack", "trailer": None, "award": "Award",
        "origin": "Origin", "relationship": "Relationship", "quote": "Quote", "country": None,
        "language": None, "studio": None,
    }  # fmt: skip


def test_a_map_of_the_user(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[labels]\ntitle = "Film"\nactor = "O"\n', encoding="utf-8")
    mine = LabelMap.read(path)
    assert mine.labels == {EntityType.TITLE: "Film"}
    assert mine.name == str(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[labels]\ntitle = "A"\n\nfilm = "B"\n', r"line 4: 'film' is not an entity type; .*title"),
        ("[labels]\ntitle = 3\n", "line 2: title = 3 is not a label"),
        ('[labels]\ntitle = ""\n', "line 2: title = '' is not a label"),
        ('[labels]\n"title" = "B-TITLE"\n', "line 2: .* without B-"),
        ('title = "A"\n', r"a table \[labels\] is missing"),
        ("[labels]\n", r"a table \[labels\] is missing"),
        ("[labels]\ntitle = A\n", r"not TOML: .*line 2"),
    ],
)
def test_a_wrong_map_is_named_with_its_line(tmp_path, content, message):
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError, match=message):
        LabelMap.read(path)


def test_an_unknown_map_lists_those_there_are():
    with pytest.raises(EvaluationError, match=r"neither a bundled label map \(mit-movie, mit-tri"):
        LabelMap.read("mit-music")
