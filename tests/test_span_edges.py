"""Where spans begin and end, and what trimming never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery.modeling.span_edges import trim_span
from moviequery.schema import ENTITY_TYPES, EntityType

TITLE, GENRE, QUOTE = EntityType.TITLE, EntityType.GENRE, EntityType.QUOTE


def trim(text, entity_type=GENRE):
    start, end = trim_span(text, 0, len(text), entity_type)
    return text[start:end]


@pytest.mark.parametrize(
    ("entity_type", "span", "expected"),
    [
        (TITLE, '"Heat"', "Heat"),
        (TITLE, "“Heat”,", "Heat"),
        (TITLE, "'Heat'", "Heat"),
        (TITLE, "‘Heat’", "Heat"),
        (TITLE, "'Til There Was You", "'Til There Was You"),
        (TITLE, "Schindler's List", "Schindler's List"),
        (TITLE, "[REC]", "[REC]"),
        (TITLE, "(500) Days of Summer", "(500) Days of Summer"),
        (TITLE, "Mamma Mia!", "Mamma Mia!"),
        (TITLE, "Heat)", "Heat"),
        (TITLE, "Heat.", "Heat"),
        (TITLE, "E.T.", "E.T."),
        (GENRE, "noir?", "noir"),
        (GENRE, "(noir)", "noir"),
        (GENRE, "(a) and (b)", "(a) and (b)"),
        (EntityType.YEAR, "'90s", "'90s"),
        (EntityType.YEAR, "(1999),", "1999"),
        (EntityType.ACTOR, "Robert Downey Jr.", "Robert Downey Jr."),
        (EntityType.STUDIO, "Warner Bros.", "Warner Bros."),
        (QUOTE, "I'll be back.", "I'll be back."),
        (GENRE, "...", "..."),
        (GENRE, " , ", " , "),
    ],
)
def test_what_surrounds_a_span_is_left_out(entity_type, span, expected):
    assert trim(span, entity_type) == expected


def test_the_marks_of_the_last_letter_belong_to_it():
    text = "cafe\u0301\u0323 society"
    assert trim_span(text, 0, 4, TITLE) == (0, 6)
    assert trim_span("❤\ufe0f", 0, 1, TITLE) == (0, 2)


@pytest.mark.parametrize(
    ("entity_type", "text", "cut", "expected"),
    [
        (TITLE, "the cast of Stories (New and Old), please", "Stories (New and Old", ")"),
        (TITLE, "after Another 48 Hrs. or so", "Another 48 Hrs", "."),
        (EntityType.SETTING, "set in Washington, D.C. in 1970", "Washington, D.C", "."),
        (EntityType.ACTOR, "with Robert Downey Jr. in it", "Robert Downey Jr", "."),
        (TITLE, "I saw Heat.", "Heat", ""),
        (TITLE, "(like Heat)", "Heat", ""),
        (GENRE, "a comedy (horror)", "horror", ""),
    ],
)
def test_what_a_name_cannot_be_without_is_taken_in(entity_type, text, cut, expected):
    first = text.index(cut)
    start, end = trim_span(text, first, first + len(cut), entity_type)
    assert text[start:end] == cut + expected


def test_the_mark_that_opens_an_exclamation_belongs_to_names_alone():
    text = "like ¡Three Amigos!"
    assert trim_span(text, 6, len(text), TITLE) == (5, len(text))
    assert trim_span("una ¡comedia", 5, 12, GENRE) == (5, 12)


@given(st.text("ab'\"‘’()[].,!?¡ \u0301", min_size=1, max_size=12), st.sampled_from(ENTITY_TYPES))
def test_a_trimmed_span_lies_within_and_is_trimmed_already(text, entity_type):
    start, end = trim_span(text, 0, len(text), entity_type)
    assert 0 <= start < end <= len(text)
    assert trim_span(text, start, end, entity_type) == (start, end)
