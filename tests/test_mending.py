"""Spans cut short or long by a parser are read as the text has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery.recommendation.mending import mend_entities
from moviequery.schema import Entity, EntityType


def mention(text, name, kind=EntityType.YEAR):
    start = text.index(name)
    return Entity(kind, name, start, start + len(name))


@pytest.mark.parametrize(
    ("text", "cut", "whole"),
    [
        ("films after 2017", "2017", "after 2017"),
        ("comedies, 1930's please", "1930", "1930's"),
        ("comedies from the 80 s", "80", "80 s"),
        ("made in the past ten years", "ten", "past ten years"),
        ("from 1995 on", "1995", "1995"),
        ("set in 1984 town", "1984", "1984"),
        ("the new ones", "new", "new"),
    ],
)
def test_years_are_as_wide_as_they_are_said(text, cut, whole):
    [year] = mend_entities(text, [mention(text, cut)])
    assert year.text == whole == text[year.start : year.end]


def test_what_is_left_of_a_span_of_years_is_no_other_one():
    text = "the past ten years"
    entities = [mention(text, "ten"), mention(text, "years")]
    assert [entity.text for entity in mend_entities(text, entities)] == ["past ten years"]


def test_no_within_a_mention_is_what_it_says():
    text = "adventures with no billy bob thornton"
    [actor] = mend_entities(text, [mention(text, "no billy bob thornton", EntityType.ACTOR)])
    assert (actor.text, actor.negated) == ("billy bob thornton", True)
    assert text[actor.start : actor.end] == actor.text
    text = "like No Country for Old Men"
    [title] = mend_entities(text, [mention(text, "No Country for Old Men", EntityType.TITLE)])
    assert not title.negated


@given(st.text(max_size=60), st.data())
def test_mended_spans_hold_what_they_claim(text, data):
    ends = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    entities = [
        Entity(kind, text[start:end], start, end)
        for start, end in zip(ends[::2], ends[1::2], strict=False)
        for kind in [data.draw(st.sampled_from(list(EntityType)))]
    ]
    end = 0
    for entity in mend_entities(text, entities):
        assert entity.start >= end
        assert text[entity.start : entity.end] == entity.text
        end = entity.end


@pytest.mark.parametrize(
    ("text", "name", "kind", "negated"),
    [
        ("historical films with no shah rukh khan", "shah rukh khan", "actor", True),
        ("no thrillers and nothing from 2005", "2005", "year", True),
        ("a western, but without any violence", "violence", "theme", True),
        ("I'm done with musicals", "musicals", "genre", True),
        ("anything but musicals please", "musicals", "genre", True),
        ("exclude anything rated R", "R", "certificate", True),
        ("I can't stand movies with tom cruise", "tom cruise", "actor", True),
        # asked for, or not spoken of
        ("No, a horror film please", "horror", "genre", False),
        ("why not horror tonight", "horror", "genre", False),
        ("can't live without horror", "horror", "genre", False),
        ("I don't mind horror", "horror", "genre", False),
        ("not only horror", "horror", "genre", False),
        ("something not bad", "bad", "rating", False),
        ("not rated noirs", "not rated", "certificate", False),
        ("with the line no place like home", "no place like home", "quote", False),
    ],
)
def test_no_right_before_a_mention_counts(text, name, kind, negated):
    [entity] = mend_entities(text, [mention(text, name, EntityType(kind))])
    assert (entity.text, entity.negated) == (name, negated)


def test_no_holds_for_what_or_adds():
    text = "nothing by michael bay or zack snyder, and tim burton"
    people = [
        mention(text, name, EntityType.DIRECTOR)
        for name in ("michael bay", "zack snyder", "tim burton")
    ]
    assert [e.negated for e in mend_entities(text, people)] == [True, True, False]


def test_a_compound_is_not_cut_at_its_hyphen():
    text = "it was gross-out. more sci-fi"
    cut = [mention(text, "gross-", EntityType.MOOD), mention(text, "sci-", EntityType.GENRE)]
    assert [entity.text for entity in mend_entities(text, cut)] == ["gross-out", "sci-fi"]
