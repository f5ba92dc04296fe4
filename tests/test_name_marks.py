"""Known names as marks on words and pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery import MovieGraph
from moviequery.modeling.name_lexicon import BARE_TITLE, NameLexicon
from moviequery.modeling.name_marks import KINDS, MARKS, PlacedName, mark_words, place_names
from moviequery.modeling.words import Words
from moviequery.schema import EntityType, Movie, Role

FILMS = (
    Movie("Heat", 1995, cast=(Role("Al Pacino"),), directors=("Michael Mann",)),
    Movie("Scent of a Woman", 1992, cast=(Role("Al Pacino"),)),
    Movie("Chinese Coffee", 2000, directors=("Al Pacino",)),
)
FIRST, LATER, LAST, SEVERAL, MANY, CAPITALS = range(6)


@pytest.fixture(scope="module")
def lexicon():
    return NameLexicon.from_index(MovieGraph.from_movies(FILMS).index)


def make_words(text):
    starts = [number for number in range(len(text)) if text[number - 1 : number] in ("", " ")]
    ends = [start + len(text[start:].split()[0]) for start in starts]
    pieces = np.arange(len(starts))
    return Words(pieces, pieces, np.array(starts), np.array(ends))


def mark(lexicon, text):
    words = make_words(text)
    names = place_names(lexicon.find(text), words)
    return mark_words(names, len(words.firsts)).reshape(len(words.firsts), len(KINDS), -1)


def test_names_are_placed_on_whole_words(lexicon):
    text = "is Scent of a Woman like heat?"
    title = KINDS.index(EntityType.TITLE)
    # "heat?" is one word here, and the name only a part of it
    assert place_names(lexicon.find(text), make_words(text)) == [PlacedName(1, 5, title, 1.0, True)]


def test_each_word_of_a_name_says_where_in_it_it_stands(lexicon):
    marks = mark(lexicon, "like scent of a woman ok")[:, KINDS.index(EntityType.TITLE)]
    assert marks[:, FIRST].tolist() == [0, 1, 0, 0, 0, 0]
    assert marks[:, LATER].tolist() == [0, 0, 1, 1, 1, 0]
    assert marks[:, LAST].tolist() == [0, 0, 0, 0, 1, 0]
    assert (marks[1:5, (SEVERAL, MANY)] == 1).all()
    assert (marks[:, CAPITALS] == 0).all()


def test_people_are_marked_by_their_credits(lexicon):
    marks = mark(lexicon, "some al pacino films")
    acted, directed = (marks[1, KINDS.index(kind), FIRST] for kind in ("actor", "director"))
    assert (acted, directed) == pytest.approx((2.3 / 3.6, 1.3 / 3.6), abs=1e-3)
    assert mark(lexicon, "michael mann")[0, KINDS.index("actor")].max() == 0


def test_a_text_without_names_has_no_marks(lexicon):
    assert mark(lexicon, "what shall we watch").max() == 0
    assert mark_words([], 0).shape == (0, MARKS)


@st.composite
def placed(draw):
    first = draw(st.integers(0, 6))
    last = draw(st.integers(first + 1, 7))
    kind = draw(st.integers(0, len(KINDS) - 1))
    return PlacedName(first, last, kind, draw(st.floats(0.125, 1, width=32)), draw(st.booleans()))


@given(st.lists(placed(), max_size=6), st.randoms())
def test_marks_are_the_greatest_of_each_name_alone_in_any_order(names, random):
    alone = [mark_words([name], 7) for name in names]
    together = mark_words(names, 7)
    assert (together == np.maximum.reduce([np.zeros((7, MARKS)), *alone])).all()
    random.shuffle(names)
    assert (mark_words(names, 7) == together).all()
    assert together.min(initial=0) >= 0
    assert together.max(initial=0) <= 1


def test_every_sense_has_a_mark():
    senses = NameLexicon.from_index(MovieGraph.bundled().index).senses
    assert {kind for own in senses.values() for kind, _ in own} <= {*KINDS}
    assert BARE_TITLE in KINDS
