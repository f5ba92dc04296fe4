"""Spans corrected by the titles and people that a graph knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery import MovieGraph
from moviequery.modeling.known_names import KnownNames
from moviequery.schema import Entity, EntityType, Movie, Role

FILMS = (
    Movie("The Friends of Eddie Coyle", 1973, directors=("Peter Yates",)),
    Movie("The Informant!", 2009, cast=(Role("Matt Damon"),)),
    Movie("Broken Flowers", 2005, cast=(Role("Bill Murray"),), genres=("comedy",)),
    Movie("The Horror Show", 1989, genres=("horror",)),
    Movie("Heat", 1995, cast=(Role("Al Pacino", "Vincent Hanna"),)),
)


@pytest.fixture(scope="module")
def names():
    return KnownNames(MovieGraph.from_movies(FILMS).index)


def mark(text, *spans):
    """Return entities of types and texts, each where its text first stands."""
    return tuple(
        Entity(EntityType(kind), part, text.index(part), text.index(part) + len(part))
        for kind, part in spans
    )


def say(entities):
    return [(entity.type.value, entity.text) for entity in entities]


@pytest.mark.parametrize(
    ("text", "read", "known"),
    [
        # cut short, cut in two, and a part taken for something else
        (
            "films like friends of eddie coyle",
            [("title", "friends"), ("character", "eddie coyle")],
            [("title", "friends of eddie coyle")],
        ),
        ("like The Horror Show", [("genre", "Horror")], [("title", "The Horror Show")]),
        # another type, of which the graph knows no such name
        ("is broken flowers sad", [("character", "broken flowers")], [("title", "broken flowers")]),
        ("with Vincent Hanna", [("character", "Vincent Hanna")], [("character", "Vincent Hanna")]),
        # left out
        ("i like al pacino", [], [("actor", "al pacino")]),
        ("was Broken Flowers fun", [], [("title", "Broken Flowers")]),
        # words that may be meant as they stand
        ("i broke broken flowers", [], []),
        ("turn up the heat", [], []),
        ("about heat", [("theme", "heat")], [("theme", "heat")]),
        ("a plot of broken flowers", [("plot", "broken flowers")], [("plot", "broken flowers")]),
        # words beside a title in capitals; none where nothing tells them apart
        (
            "half The Friends of Eddie Coyle",
            [("title", "half The Friends of Eddie Coyle")],
            [("title", "The Friends of Eddie Coyle")],
        ),
        ("like black heat", [("title", "black heat")], [("title", "black heat")]),
        ("like Heat 2", [("title", "Heat 2")], [("title", "Heat 2")]),
        # the mark belongs to the title
        ("I saw The Informant! Good.", [("title", "The Informant")], [("title", "The Informant!")]),
    ],
)
def test_spans_are_corrected(names, text, read, known):
    assert say(names.correct(text, mark(text, *read))) == known


def test_what_was_said_of_a_span_stays(names):
    text = "nothing like friends of eddie coyle"
    part = Entity(EntityType.TITLE, "eddie coyle", 24, 35, negated=True, score=0.5)
    (whole,) = names.correct(text, (part,))
    assert (whole.text, whole.negated, whole.score) == ("friends of eddie coyle", True, 0.5)


WORDS = st.sampled_from(
    ["the", "friends", "of", "eddie", "coyle", "Heat", "heat", "al", "pacino", "broken", "flowers"]
    + ["horror", "show", "informant", "!", "and", "🎬", "ß"]
)


@given(st.lists(WORDS, min_size=1, max_size=9), st.data())
def test_spans_stay_exact_and_apart(names, words, data):
    text = " ".join(words)
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True).map(sorted))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    kinds = st.sampled_from([EntityType.TITLE, EntityType.ACTOR, EntityType.PLOT, EntityType.GENRE])
    entities = [Entity(data.draw(kinds), text[start:end], start, end) for start, end in pairs]
    once = names.correct(text, entities)
    assert all(text[one.start : one.end] == one.text for one in once)
    assert all(left.end <= right.start for left, right in zip(once, once[1:], strict=False))
    assert names.correct(text, once) == once
