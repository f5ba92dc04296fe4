from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_queries import queries

from moviequery.knowledge.normalisation import fold
from moviequery.schema import Entity, EntityType, Intent, Query
from moviequery.synthesis.habits import (
    BARE,
    GAPPED,
    HABITS,
    LOWER,
    OPEN,
    PLAIN,
    draw_habit,
    write_down,
)

HABIT = st.sampled_from([PLAIN, LOWER, OPEN, BARE, GAPPED])


@given(queries(), HABIT)
def test_labels_stay_whatever_is_dropped(query, habit):
    written = write_down(query, habit)
    # Query itself refuses a span that does not hold its text
    assert [(e.type, e.iri, e.negated, e.about) for e in written.entities] == [
        (e.type, e.iri, e.negated, e.about) for e in query.entities
    ]
    assert written.intent == query.intent


@given(queries())
def test_plain_changes_nothing_but_outer_space(query):
    written = write_down(query, PLAIN).text
    assert written in query.text
    assert written.strip() == query.text.strip()


def _query(text, *names):
    entities = tuple(
        Entity(EntityType.TITLE, name, text.index(name), text.index(name) + len(name))
        for name in names
    )
    return Query(text, Intent.REC, entities)


@pytest.mark.parametrize(
    ("text", "names", "bare", "gapped"),
    [
        ("What's on?", [], "whats on", "what s on"),
        ("Spike Lee's films", ["Spike Lee"], "spike lees films", "spike lee s films"),
        (
            "a sci-fi/horror mix, PG-13!",
            [],
            "a sci fi horror mix pg 13",
            "a sci fi horror mix pg 13",
        ),
        ("Is 'E.T.' good?", ["E.T."], "is et good", "is et good"),
        ("(500) Days; 9.5 of 10", ["(500) Days"], "500 days 9.5 of 10", "500 days 9.5 of 10"),
        ("Amélie ... now", ["Amélie"], "amelie now", "amelie now"),
        ("楽園追放 -Expelled-", ["楽園追放 -Expelled-"], "楽園追放 expelled", "楽園追放 expelled"),
    ],
)
def test_marks_are_dropped_as_people_drop_them(text, names, bare, gapped):
    assert write_down(_query(text, *names), BARE).text == bare
    assert write_down(_query(text, *names), GAPPED).text == gapped


def test_a_lost_apostrophe_joins_its_letter_to_the_name():
    query = _query("Spike Lee's films", "Spike Lee")
    assert write_down(query, BARE).entities[0].text == "spike lees"
    assert write_down(query, GAPPED).entities[0].text == "spike lee"


def test_a_name_of_marks_alone_keeps_them():
    assert write_down(_query("have you seen ?!?", "?!"), BARE).entities[0].text == "?!"
    assert write_down(_query("have you seen '...'?", "..."), BARE).entities[0].text == "..."


def test_a_title_keeps_its_final_mark():
    assert (
        write_down(_query("Is it like Airplane!?", "Airplane!"), OPEN).text
        == "is it like airplane!"
    )


def test_bare_text_says_the_same_to_a_search():
    query = _query("Who's in Ocean's Eleven, again?", "Ocean's Eleven")
    assert fold(write_down(query, BARE).text) == fold(query.text)


@pytest.mark.parametrize("style", sorted(HABITS))
def test_habits_come_in_their_shares(style):
    assert sum(HABITS[style].values()) == 100
    drawn = [draw_habit(style, Random(f"{style}{n}")) for n in range(2_000)]
    for habit, share in HABITS[style].items():
        assert abs(drawn.count(habit) / 20 - share) < 4
