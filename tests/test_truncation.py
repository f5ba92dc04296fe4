"""A query that breaks off keeps whole entities, and none without the title it is about."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from random_queries import check_spans, queries

from moviequery.schema import Entity, EntityType, Intent, Part, Query
from moviequery.synthesis.truncation import incomplete


@given(queries(), st.integers(0, 10**6))
def test_what_stays_is_a_stretch_of_the_query(query, seed):
    cut = incomplete(query, Random(f"{seed}"))
    check_spans(cut)
    assert cut == incomplete(query, Random(f"{seed}"))
    stretch = cut.text if cut.text in query.text else cut.text.removesuffix("...")
    assert stretch in query.text
    kept = [(e.type, e.text, e.iri, e.negated, e.about is None) for e in cut.entities]
    whole = [(e.type, e.text, e.iri, e.negated, e.about is None) for e in query.entities]
    assert any(whole[n : n + len(kept)] == kept for n in range(len(whole) + 1))
    if len(query.parts) == 1:
        assert cut.intent == query.intent
        assert cut.parts == (Part(0, len(cut.text), query.intent),)


def cuts(query):
    return {incomplete(query, Random(f"{number}")).text for number in range(300)}


def test_cuts_by_hand():
    title = Entity(EntityType.TITLE, "Jackie Brown", 12, 24, "urn:jackie")
    actor = Entity(EntityType.ACTOR, "Pam Grier", 35, 44, "urn:pam", about=0)
    query = Query(
        "I was told: Jackie Brown starring: Pam Grier is great", Intent.NON_REC, (title, actor)
    )
    found = {text.removesuffix("...") for text in cuts(query)}
    assert found == {
        "I was told: Jackie Brown",
        "I was told: Jackie Brown starring:",
        "I was told: Jackie Brown starring: Pam Grier",
        "I was told: Jackie Brown starring: Pam Grier is",
    }


def test_fragments_are_of_recommendations_and_begin_at_an_entity_or_before():
    genre = Entity(EntityType.GENRE, "noir", 9, 13, "urn:noir")
    actor = Entity(EntityType.ACTOR, "Pam Grier", 25, 34, "urn:pam")
    query = Query("I want a noir movie with Pam Grier tonight", Intent.REC, (genre, actor))
    fragments = {text for text in cuts(query) if not text.startswith("I ")}
    assert fragments >= {
        "noir",
        "a noir",
        "Pam Grier",
        "with Pam Grier",
        "noir movie with Pam Grier",
    }


def test_the_part_that_was_not_reached_is_gone():
    parts = (Part(0, 15, Intent.NON_REC), Part(20, 48, Intent.REC))
    query = Query("who directed it and can you find me films of his", Intent.REC, (), parts)
    seen = [incomplete(query, Random(f"{number}")) for number in range(200)]
    assert {len(cut.parts) for cut in seen} == {2}
    assert all(cut.intent is Intent.REC for cut in seen)


def test_what_cannot_be_cut_comes_back():
    query = Query("films?", Intent.REC)
    assert incomplete(query, Random("1")) is query


def test_a_whole_sentence_is_no_broken_off_query():
    query = Query("I need a film now. What should it be?", Intent.REC)
    assert {text.removesuffix("...") for text in cuts(query)} == {
        "I need a film now. What",
        "I need a film now. What should",
        "I need a film now. What should it",
    }
