"""Spans stay exact through every edit, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_queries import check_spans, labels, queries

from moviequery.schema import Entity, EntityType, Intent, Part, Query
from moviequery.synthesis.edits import Edit, apply_edits, find_gaps

QUERY = Query(
    "noir like Heat, who made it",
    Intent.REC,
    (Entity(EntityType.GENRE, "noir", 0, 4), Entity(EntityType.TITLE, "Heat", 10, 14, "urn:heat")),
    (Part(0, 14, Intent.REC), Part(16, 27, Intent.NON_REC)),
)


@st.composite
def edited(draw):
    """A query, and edits that do not overlap: in a gap or inside an entity, never all of it."""
    query = draw(queries())
    edits = []
    stretches = [(start, end, False) for start, end in find_gaps(query)]
    stretches += [(e.start, e.end, True) for e in query.entities]
    for start, end, is_entity in stretches:
        if not draw(st.booleans()):
            continue
        first = draw(st.integers(start, end))
        last = draw(st.integers(first, end))
        text = draw(st.text(min_size=1 if is_entity else 0, max_size=4))
        if not is_entity or first < last:
            edits.append(Edit(first, last, text))
    places = [(edit.start, edit.end) for edit in edits]
    return query, edits if len(set(places)) == len(places) else edits[:1]


@given(edited())
def test_spans_stay_exact(case):
    query, edits = case
    changed = apply_edits(query, edits)
    check_spans(changed)
    assert labels(changed) == labels(query)
    expected = query.text
    for edit in sorted(edits, reverse=True):
        expected = expected[: edit.start] + edit.text + expected[edit.end :]
    assert changed.text == expected


@given(edited())
def test_what_no_edit_touches_keeps_its_text(case):
    query, edits = case
    changed = apply_edits(query, edits)
    for old, new in zip(query.entities, changed.entities, strict=True):
        if all(edit.end <= old.start or edit.start >= old.end for edit in edits):
            assert new.text == old.text
    if len(query.parts) == 1:
        assert (changed.parts[0].start, changed.parts[0].end) == (0, len(changed.text))


def test_edits_by_hand():
    edits = [Edit(0, 0, "um "), Edit(5, 10, ""), Edit(11, 12, "ee"), Edit(27, 27, "?")]
    changed = apply_edits(QUERY, edits)
    assert changed.text == "um noir Heeat, who made it?"
    assert [(e.text, e.start, e.end) for e in changed.entities] == [
        ("noir", 3, 7),
        ("Heeat", 8, 13),
    ]
    parts = [changed.text[part.start : part.end] for part in changed.parts]
    assert parts == ["um noir Heeat", "who made it?"]


def test_an_insertion_at_the_border_of_an_entity_stays_outside():
    changed = apply_edits(QUERY, [Edit(10, 10, "'"), Edit(14, 14, "'")])
    assert changed.text == "noir like 'Heat', who made it"
    assert changed.entities[1].text == "Heat"


def test_an_insertion_between_parts_that_touch_belongs_to_one():
    query = Query("ab", Intent.REC, (), (Part(0, 1, Intent.REC), Part(1, 2, Intent.REC)))
    changed = apply_edits(query, [Edit(1, 1, "--")])
    assert changed.parts == (Part(0, 3, Intent.REC), Part(3, 4, Intent.REC))


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ([Edit(2, 6, "x")], "crosses the border of 'noir'"),
        ([Edit(0, 14, "x")], "crosses the border"),
        ([Edit(0, 4, "")], "leave nothing of 'noir'"),
        ([Edit(5, 8, ""), Edit(7, 9, "")], "overlap"),
        ([Edit(5, 5, "a"), Edit(5, 5, "b")], "overlap"),
        ([Edit(20, 30, "")], "outside the 27 characters"),
    ],
)
def test_edits_that_would_move_a_span_off_its_text_are_refused(edits, message):
    with pytest.raises(ValueError, match=message):
        apply_edits(QUERY, edits)
