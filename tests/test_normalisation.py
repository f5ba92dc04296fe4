"""One way of comparing names and titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery.knowledge.normalisation import fold, slug, split_title, title_key

TEXTS = st.text(max_size=40)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Amélie", "AMELIE"),
        ("Łódź", "lodz"),
        ("Mads Ærø", "mads aero"),
        ("Bigflo & Oli", "bigflo and oli"),
        ("Ocean’s Eleven", "Oceans Eleven"),
        ("8½", "8 1/2"),
        ("J.K. Simmons", "J. K. Simmons"),
        ("E.T.", "ET"),
        ("WALL·E", "wall-e"),
        ("ΑΓΟΡΑ", "αγορά"),
        ("شَمس", "شمس"),
    ],
)
def test_spellings_of_one_name_fold_alike(one, two):
    assert fold(one) == fold(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("かか", "がが"),  # voicing marks make other words
        ("की", "का"),  # and so do vowel signs
        ("กุ", "กู"),
        ("X-Men", "X-Men 2"),
    ],
)
def test_different_names_fold_apart(one, two):
    assert fold(one) != fold(two)


def test_words_of_other_scripts_stay_whole():
    assert fold("हिन्दी फिल्म").split() == ["हिन्दी", "फिल्म"]
    assert fold("괴물") == "괴물"


@pytest.mark.parametrize(
    ("raw", "title", "year"),
    [
        ("Matrix, The (1999)", "The Matrix", 1999),
        ("Haine, La (1995)", "La Haine", 1995),
        ("Avventura, L' (1960)", "L'Avventura", 1960),
        ("Monsters, Inc.", "Monsters, Inc.", None),
        ("2001: A Space Odyssey", "2001: A Space Odyssey", None),
        ("(1999)", "(1999)", None),
        ("1984 [1984]", "1984", 1984),
        ("  The   Thing ", "The Thing", None),
    ],
)
def test_titles_are_split(raw, title, year):
    assert split_title(raw) == (title, year)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Matrix, The (1999)", "the MATRIX"),
        ("A Bug's Life", "Bugs Life, A"),
        ("Les Misérables", "Miserables, Les"),
    ],
)
def test_title_keys_meet(one, two):
    assert title_key(one) == title_key(two)


def test_initials_are_no_article():
    assert title_key("A.I. Artificial Intelligence") == "ai artificial intelligence"
    assert title_key("The The") == "the"
    assert title_key("A") == "a"


def test_signs_alone_still_name_something():
    assert title_key("!!!") == "!!!"
    assert slug("!!!") != slug("???")


@given(TEXTS)
def test_fold_is_idempotent_and_single_spaced(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert folded == " ".join(folded.split())


@given(TEXTS)
def test_case_does_not_count(text):
    assert fold(text.upper()) == fold(text.upper().lower())


@given(TEXTS)
def test_slugs_hold_no_signs_that_end_an_iri(text):
    assert not set(slug(text)) & set(' <>"{}|\\^`\n\t')
