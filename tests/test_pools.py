"""Which titles can be taken for something else."""

from __future__ import annotations

import pytest
from catalogue_fixtures import small_graph

from moviequery import Grammar, Movie, MovieGraph
from moviequery.synthesis.pools import find_common, find_nesting, find_tonal

TITLES = (
    "Her",
    "The Man",
    "Scary Movie",
    "Crime Story",
    "Alien",
    "Alien Nation",
    "Drama",
    "Zodiac",
)


@pytest.fixture(scope="module")
def index():
    movies = [Movie(title=title, year=2000, genres=("Crime", "Drama")) for title in TITLES]
    return MovieGraph.from_movies(movies).index


def titles(index, positions):
    return {index.films[position].title for position in positions}


def everything(index):
    return range(len(index.films))


def test_common_titles_are_made_of_words_of_queries_or_name_another_thing(index):
    text = '[[frame]]\nid = "x"\nintent = "rec"\ntext = "(the|a) man told her {genre}"'
    found = find_common(index, everything(index), Grammar.parse({"x.toml": text}))
    assert titles(index, found) == {"Alien", "Her", "The Man", "Drama"}


def test_tonal_titles_hold_a_word_for_a_genre(index):
    assert {"Crime Story", "Drama"} <= titles(index, find_tonal(index, everything(index)))
    assert not {"Her", "Zodiac", "Alien"} & titles(index, find_tonal(index, everything(index)))


def test_nesting_titles_hold_the_whole_of_another(index):
    assert titles(index, find_nesting(index, everything(index))) == {"Alien Nation"}
    assert find_nesting(index, []) == ()


def test_words_within_words_do_not_count():
    index = small_graph().index
    # "Up" is no part of "Superman", and "Heat" none of another title here
    assert find_nesting(index, everything(index)) == ()
