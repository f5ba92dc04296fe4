"""The template language: what it reads, what it refuses, what it counts."""

import pytest

from moviequery.schema import EntityType
from moviequery.synthesis.template import (
    Choice,
    Reference,
    Slot,
    TemplateError,
    certain_films,
    count_skeletons,
    find_unbound,
    parse_template,
    walk_slots,
)

GENRE = Slot(EntityType.GENRE)


def test_reads_words_slots_and_references():
    assert parse_template("any {genre} <films>?") == ("any ", GENRE, " ", Reference("films"), "?")


def test_reads_every_kind_of_slot():
    slots = list(
        walk_slots(parse_template("{year:decade}{not mood}{title a}{not title b}{director of a}"))
    )
    assert slots == [
        Slot(EntityType.YEAR, form="decade"),
        Slot(EntityType.MOOD, negated=True),
        Slot(EntityType.TITLE, film="a"),
        Slot(EntityType.TITLE, film="b", negated=True),
        Slot(EntityType.DIRECTOR, film="a"),
    ]


def test_nested_choices_and_optional_parts():
    (choice,) = parse_template("(a|b [{genre}])")
    assert choice == Choice((("a",), ("b ", Choice(((GENRE,), ())))))


def test_alternatives_without_brackets_are_a_choice():
    assert parse_template("a|b") == (Choice((("a",), ("b",))),)


def test_backslash_keeps_the_character():
    assert parse_template(r"\{a\} \[b\] \| \(c\)") == ("{a} [b] | (c)",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{genr}", "did you mean 'genre'"),
        ("{title}", "{title a}"),
        ("{genre a}", "{genre of a}"),
        ("{year:plural}", "no form 'plural'"),
        ("{genre", "'}' is missing"),
        ("<films", "'>' is missing"),
        ("(a|b", "')' is missing"),
        ("[a", "']' is missing"),
        ("a)", "closes nothing"),
        ("(a]", "')' is missing"),
        ("{}", "not of the form"),
    ],
)
def test_errors_name_the_fault(text, reason):
    with pytest.raises(TemplateError) as error:
        parse_template(text)
    assert reason in str(error.value)


def test_counts_ways_through_the_choices():
    # 2 x (1 + 3) ways, and one more for leaving the optional part out
    assert count_skeletons(parse_template("(a|b) [c|(d|e|f)]")) == 2 * (1 + 3 + 1)


def test_a_film_is_certain_only_if_no_choice_avoids_it():
    assert certain_films(parse_template("{title a} [{title b}]")) == {"a"}
    assert certain_films(parse_template("({title a}|about {title a})")) == {"a"}


def test_facts_of_a_film_need_its_title_around_them():
    assert not list(find_unbound(parse_template("[{title b} by {director of b}]")))
    assert list(find_unbound(parse_template("[{title b}] by {director of b}")))
