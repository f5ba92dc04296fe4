"""Two queries in one text: both parts can be read back, links move along."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_queries import check_spans, queries

from moviequery.schema import Entity, EntityType, Intent, Query
from moviequery.synthesis.joining import can_follow, join_queries


@given(queries(), queries(), st.sampled_from(["chat", "trivia", "search"]), st.integers(0, 10**6))
def test_parts_and_entities_of_both_are_kept(first, second, style, seed):
    joined = join_queries(first, second, style, Random(f"{seed}"))
    check_spans(joined)
    assert [part.intent for part in joined.parts] == [first.intent, second.intent]
    assert (joined.intent is Intent.REC) == (Intent.REC in (first.intent, second.intent))
    one, other = (joined.text[part.start : part.end] for part in joined.parts)
    assert one.rstrip(".?!") == first.text.rstrip(".?!") or style != "chat"
    assert other[1:] == second.text[1:]
    inside = [
        sum(part.start <= e.start and e.end <= part.end for part in joined.parts)
        for e in joined.entities
    ]
    assert inside == [1] * (len(first.entities) + len(second.entities))
    for old, new in zip((*first.entities, *second.entities), joined.entities, strict=True):
        assert (new.type, new.text, new.iri, new.negated) == (
            *(old.type, old.text, old.iri, old.negated),
        )


def test_joins_by_hand():
    heat = Entity(EntityType.TITLE, "Heat", 8, 12, "urn:heat")
    year = Entity(EntityType.YEAR, "1995", 14, 18, about=0)
    first = Query("I loved Heat (1995).", Intent.REC, (heat, year))
    asked = Entity(EntityType.TITLE, "Airplane!", 9, 18, "urn:airplane")
    second = Query("Who made Airplane!", Intent.NON_REC, (asked,))
    seen = {join_queries(first, second, "chat", Random(f"{n}")) for n in range(200)}
    texts = {query.text for query in seen}
    assert "I loved Heat (1995). Also, who made Airplane!" in texts
    assert "I loved Heat (1995), and who made Airplane!" in texts
    assert "I loved Heat (1995). Who made Airplane!" in texts
    turned = {join_queries(second, first, "chat", Random(f"{n}")) for n in range(200)}
    assert "Who made Airplane! And I loved Heat (1995)." in {query.text for query in turned}
    assert {query.entities[2].about for query in turned} == {1}


@pytest.mark.parametrize("text", ["Hello, any films?", "hi there", "Hmm, newer?", "Okay, next"])
def test_greetings_do_not_stand_in_the_middle(text):
    assert not can_follow(Query(text, Intent.REC))


def test_other_beginnings_do():
    assert can_follow(Query("History films?", Intent.REC))
