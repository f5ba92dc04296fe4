"""Near-duplicates and leaks, against a comparison of every pair."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviequery.corpus.splits import (
    LeakFilter,
    NearDuplicate,
    check_leaks,
    split_of,
    split_order,
)
from moviequery.errors import DatasetError
from moviequery.knowledge.normalisation import fold
from moviequery.schema import Entity, EntityType, Intent, Provenance, Query

# Few letters and long runs, so that near-duplicates are common.
TEXTS = st.text("abB ", min_size=0, max_size=24) | st.builds(
    lambda unit, times, tail: unit * times + tail,
    st.text("abc", min_size=1, max_size=6),
    st.integers(1, 6),
    st.text("abc", max_size=2),
)
SPLITS = st.sampled_from(["train", "validation", "test"])


def make(text, split, index=0, films=(), frame="", titles=()):
    """Return a query whose title entities are found in the text from left to right."""
    entities, position = [], 0
    for title in titles:
        start = text.index(title, position)
        position = start + len(title)
        entities.append(Entity(EntityType.TITLE, title, start, position))
    provenance = Provenance(index, 7, split, frame, films=tuple(films))
    return Query(text, Intent.REC, tuple(entities), provenance=provenance)


def jaccard_at_least_four_fifths(left, right):
    """The definition, in whole numbers."""

    def grams(text):
        text = text.lower()
        return {text} if len(text) < 5 else {text[i : i + 5] for i in range(len(text) - 4)}

    a, b = grams(left), grams(right)
    return 5 * len(a & b) >= 4 * len(a | b)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(TEXTS, SPLITS), max_size=25))
def test_the_filter_equals_a_comparison_of_all_pairs(rows):
    accepted, seen = [], set()
    for text, split in rows:
        key = fold(text) or text
        near = any(
            split != other and jaccard_at_least_four_fifths(text, other_text)
            for other_text, other in accepted
        )
        if key not in seen and not near:
            accepted.append((text, split))
            seen.add(key)
    leak_filter = LeakFilter()
    kept = [row for row in rows if leak_filter.accept(make(*row))]
    assert kept == accepted
    assert leak_filter.dropped.total() == len(rows) - len(kept)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TEXTS, SPLITS), max_size=20))
def test_the_report_names_every_pair(rows):
    splits = {name: [t for t, s in rows if s == name] for name in ("train", "validation", "test")}
    ordered = [(text, name) for name, texts in splits.items() for text in texts]
    expected = {
        NearDuplicate(split, text, other, other_text)
        for (text, split), (other_text, other) in combinations(ordered, 2)
        if split != other and jaccard_at_least_four_fifths(text, other_text)
    }
    report = check_leaks({n: [make(t, n) for t in texts] for n, texts in splits.items()})
    assert set(report.near_duplicates) == expected


ROWS = st.tuples(
    TEXTS, SPLITS, st.lists(st.sampled_from("xyz"), max_size=2), st.sampled_from(["", "f", "g"])
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ROWS, max_size=25))
def test_what_the_filter_accepts_has_no_leaks(rows):
    leak_filter = LeakFilter()
    splits = {}
    for text, split, films, frame in rows:
        query = make(text, split, films=films, frame=frame)
        if leak_filter.accept(query):
            splits.setdefault(split, []).append(query)
    assert check_leaks(splits).clean


def test_four_fifths_is_too_much_and_three_quarters_is_not():
    # a text of m characters has m - 4 distinct 5-grams; its beginning shares all of its own
    leak_filter = LeakFilter()
    assert leak_filter.accept(make("abcdefghi", "train"))
    assert not leak_filter.accept(make("abcdefgh", "test"))
    leak_filter = LeakFilter()
    assert leak_filter.accept(make("abcdefgh", "train"))
    assert leak_filter.accept(make("abcdefg", "test"))


def test_near_duplicates_may_stand_in_one_split():
    leak_filter = LeakFilter()
    assert leak_filter.accept(make("any good heist movies like Heat", "train"))
    assert leak_filter.accept(make("any good heist movies like Heat 2", "train"))
    assert not leak_filter.accept(make("any good heist movies like Heat 3", "test"))
    assert leak_filter.dropped == {"near-duplicate": 1}


def test_a_text_occurs_once_whatever_its_case_and_marks():
    leak_filter = LeakFilter()
    assert leak_filter.accept(make("Films like Amélie?", "train"))
    assert not leak_filter.accept(make("films like amelie", "train"))
    assert leak_filter.accept(make("?!", "train"))
    assert leak_filter.accept(make("...", "train"))
    assert leak_filter.dropped == {"repeated": 1}


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (
            make("who shot it", "train", films=["urn:heat"]),
            make("is there a sequel", "test", films=["urn:heat"]),
            "film",
        ),
        (
            make("who shot The Matrix", "train", titles=["The Matrix"]),
            make("is matrix, the any good", "test", titles=["matrix, the"]),
            "film",
        ),
        (
            make("who shot it", "train", frame="who-shot"),
            make("name of the photographer", "test", frame="who-shot"),
            "frame",
        ),
    ],
)
def test_what_belongs_to_one_split_is_refused_in_another(first, second, reason):
    leak_filter = LeakFilter()
    assert leak_filter.accept(first)
    assert not leak_filter.accept(second)
    assert leak_filter.dropped == {reason: 1}
    report = check_leaks({"train": [first], "test": [second]})
    assert not report.clean


def test_a_refused_query_owns_nothing():
    leak_filter = LeakFilter()
    assert leak_filter.accept(make("one text of a kind", "train", frame="f"))
    assert not leak_filter.accept(make("another one", "test", frame="f", films=["urn:heat"]))
    assert leak_filter.accept(make("a third that differs", "train", films=["urn:heat"]))


def test_the_report_counts_by_hand():
    genre = Entity(EntityType.GENRE, "Heist", 4, 9)
    train = Query(
        "any Heist films by Michael Mann",
        Intent.REC,
        (genre, Entity(EntityType.DIRECTOR, "Michael Mann", 19, 31, iri="urn:mann")),
        provenance=Provenance(0, 7, "train", "a", clauses=("by/0", "by/1"), films=("urn:heat",)),
    )
    test = Query(
        "any heist story with Mann in it",
        Intent.REC,
        (
            Entity(EntityType.GENRE, "heist", 4, 9),
            Entity(EntityType.ACTOR, "Mann", 21, 25, iri="urn:mann"),
        ),
        provenance=Provenance(1, 7, "test", "a", clauses=("by/1",), films=("urn:heat",)),
    )
    report = check_leaks({"train": [train], "test": [test]})
    assert (report.films, report.frames, report.titles) == (("urn:heat",), ("a",), ())
    assert report.near_duplicates == ()
    # words: any, heist, mann
    assert report.allowed == {"clauses": 1, "words": 3, "people": 1, "genres": 1}
    assert report.summary() == (
        "shared across splits: 1 films, 0 titles, 1 frames, 0 near-duplicates; "
        "allowed: 1 clauses, 3 words, 1 people, 1 genres"
    )


def test_a_query_without_a_split_is_a_clear_error():
    with pytest.raises(DatasetError, match="names no split"):
        LeakFilter().accept(Query("any heist movies?", Intent.REC))


def test_splits_have_their_order():
    assert split_order(["b", "test", "a", "validation", "train"]) == [
        "train",
        "validation",
        "test",
        "a",
        "b",
    ]


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", "two words", "my-split", "."])
def test_a_split_that_cannot_name_a_file_is_refused(name):
    query = Query("who?", Intent.NON_REC, provenance=Provenance(0, 7, name, "x"))
    with pytest.raises(DatasetError, match="no name for a split"):
        split_of(query)


def test_no_film_takes_more_than_its_share():
    leak_filter = LeakFilter(most_per_film=2)
    about_heat = [
        Query(
            f"question {n} about Heat",
            Intent.NON_REC,
            provenance=Provenance(n, 7, "train", f"frame-{n}", films=("urn:heat",)),
        )
        for n in range(4)
    ]
    assert [leak_filter.accept(query) for query in about_heat] == [True, True, False, False]
    assert leak_filter.dropped == {"frequent film": 2}
