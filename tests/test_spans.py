"""Strings found again in their text, windows over long texts, and how they add up."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from moviequery.modeling.readings import Reading, Window, join, understand
from moviequery.modeling.spans import find_spans
from moviequery.modeling.windows import cut_windows
from moviequery.schema import ENTITY_TYPES, Entity, EntityType, Intent

TITLE, GENRE, THEME = EntityType.TITLE, EntityType.GENRE, EntityType.THEME


def found(text, *values):
    entities, missing = find_spans(text, values)
    return [(e.type.value, e.text, e.start) for e in entities], list(missing)


def test_case_and_whitespace_do_not_matter():
    assert found("THE  godfather\nII", (TITLE, "The Godfather II")) == (
        [("title", "THE  godfather\nII", 0)],
        [],
    )


def test_whole_words_and_the_same_case_come_first():
    assert found("wartime films about war", (THEME, "war"))[0] == [("theme", "war", 20)]
    assert found("a heat wave like Heat", (TITLE, "Heat"))[0] == [("title", "Heat", 17)]
    assert found("cats and dogs", (THEME, "cat"))[0] == [("theme", "cat", 0)]


def test_longer_strings_are_placed_first_and_nothing_overlaps():
    assert found("Star Wars and wars", (THEME, "wars"), (TITLE, "Star Wars"))[0] == [
        ("title", "Star Wars", 0),
        ("theme", "wars", 14),
    ]
    entities, missing = found("Star Wars", (THEME, "wars"), (TITLE, "Star Wars"))
    assert entities == [("title", "Star Wars", 0)]
    assert missing == [(THEME, "wars")]


def test_a_string_under_two_fields_takes_two_places():
    assert found("Romance, a romance", (GENRE, "romance"), (TITLE, "Romance"))[0] == [
        ("title", "Romance", 0),
        ("genre", "romance", 11),
    ]


def test_what_is_not_there_is_not_guessed():
    assert found("any good films?", (TITLE, "Heat"), (GENRE, " ")) == (
        [],
        [(TITLE, "Heat"), (GENRE, " ")],
    )


@settings(deadline=None)
@given(
    st.text("ab \n(É", max_size=30),
    st.lists(
        st.tuples(st.sampled_from(ENTITY_TYPES[:3]), st.text("ab (é", min_size=1, max_size=4))
    ),
)
def test_spans_hold_their_text_and_never_overlap(text, values):
    entities, missing = find_spans(text, values)
    end = 0
    for entity in entities:
        assert entity.start >= end
        assert text[entity.start : entity.end] == entity.text
        end = entity.end
    assert len(entities) + len(missing) == len(set(values))


def tokens(text):
    return [match.span() for match in re.finditer(r"\s?\S+", text)]


@settings(deadline=None)
@given(st.text("ab  ", max_size=120), st.integers(2, 9), st.data())
def test_windows_hold_the_whole_text(text, size, data):
    offsets = tokens(text)
    overlap = data.draw(st.integers(1, size - 1))
    windows = cut_windows(text, offsets, size, overlap)
    assert windows[0][0] == 0
    assert windows[-1][1] == len(text)
    for (start, end), (following, _) in zip(windows, windows[1:], strict=False):
        assert start < following <= end


def test_a_name_on_the_border_of_two_windows_is_whole_in_one():
    text = " ".join(f"word{i}" for i in range(20)) + " The Godfather " + "tail " * 20
    windows = cut_windows(text, tokens(text), size=21, overlap=4)
    assert any("The Godfather" in text[start:end] for start, end in windows)


def test_replies_add_up_over_windows():
    text = "any heist films? I liked Heat"
    first = understand("entities", Window(0, 0, text[:20]), '{"genres":["heist"]}')
    second = understand(
        "entities", Window(0, 16, text[16:]), ' {"titles":["Heat"],"moods":["dark"]} '
    )
    first += Reading(intent=Intent.REC, scores={Intent.REC: 0.9, Intent.NON_REC: 0.1})
    second += Reading(intent=Intent.NON_REC, scores={Intent.REC: 0.2, Intent.NON_REC: 0.8})
    parsed = join(text, [first, second])
    assert parsed.to_json() == '{"intent":"rec","titles":["Heat"],"genres":["heist"]}'
    assert [text[e.start : e.end] for e in parsed.entities] == ["heist", "Heat"]
    assert parsed.scores[Intent.REC] == 0.9
    assert parsed.valid
    assert (second.counts.found, second.counts.absent) == (1, 1)


def test_entities_that_windows_share_count_once():
    whole = Reading(entities=(Entity(TITLE, "Star Wars", 5, 14),))
    cut = Reading(entities=(Entity(THEME, "Wars", 10, 14), Entity(GENRE, "war", 20, 23)))
    parsed = join("", [cut, whole])
    assert [entity.text for entity in parsed.entities] == ["Star Wars", "war"]


def test_an_unreadable_reply_says_nothing_and_is_counted():
    reading = understand("entities", Window(0, 0, "Heat"), 'Sure! {"titles":["Heat"]}')
    assert not reading.valid
    assert reading.entities == ()
    assert reading.counts.unreadable == 1
    parsed = join("Heat", [reading])
    assert (parsed.valid, parsed.raw) == (False, 'Sure! {"titles":["Heat"]}')
