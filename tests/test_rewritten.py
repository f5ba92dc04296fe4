"""Rewritten rows in a dataset: none is lost, and no split comes nearer to another."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from moviequery.corpus.rewritten import choose_texts, flatten
from moviequery.corpus.splits import check_leaks, split_of
from moviequery.schema import Intent, Provenance, Query

WORDS = st.sampled_from(["amber", "bronze", "copper", "dune", "ember", "flint"])
TEXTS = st.lists(WORDS, min_size=2, max_size=4).map(" ".join)


def row(number, split, text):
    return Query(text, Intent.REC, provenance=Provenance(number, 7, split, f"frame-{split}"))


def pair(number, split, old, new):
    query = row(number, split, old)
    return query, new and replace(row(number, split, new))


def test_new_words_are_taken_unless_they_repeat_or_leak():
    pairs = [
        pair(0, "train", "any heist films with a plan?", "a heist with a plan, anybody"),
        pair(1, "test", "who directed Heat?", "A heist with a plan... anybody?"),
        pair(2, "test", "is Up long?", "any heist films with a planner?"),
        pair(3, "train", "what about Alien?", "is alien any good then"),
        pair(4, "train", "sad comedies please", None),
        pair(5, "train", "films from 1995", "is alien any good then!!"),
    ]
    counts = Counter()
    texts = [query.text for query in choose_texts(pairs, counts)]
    assert texts == [
        "a heist with a plan, anybody",
        "who directed Heat?",
        "is Up long?",
        "is alien any good then",
        "sad comedies please",
        "films from 1995",
    ]
    assert counts == {"repeated": 2, "near-duplicate": 1}


@given(
    st.lists(st.tuples(st.sampled_from(["train", "test"]), TEXTS, st.none() | TEXTS), max_size=12)
)
def test_clean_splits_stay_clean_and_whole(drawn):
    pairs, seen = [], []
    for number, (split, old, new) in enumerate(drawn):
        # as a builder leaves them: no text twice, none near one of another split
        candidate = row(number, split, old)
        splits = {}
        for query in [*seen, candidate]:
            splits.setdefault(split_of(query), []).append(query)
        if old not in {query.text for query in seen} and not check_leaks(splits).near_duplicates:
            seen.append(candidate)
            pairs.append(pair(number, split, old, new))
    chosen = list(choose_texts(pairs))
    assert [query.provenance.index for query in chosen] == [
        query.provenance.index for query, _ in pairs
    ]
    assert len({query.text for query in chosen}) == len(chosen)
    splits = {}
    for query in chosen:
        splits.setdefault(split_of(query), []).append(query)
    assert not check_leaks(splits).near_duplicates


def test_rows_of_all_splits_in_order_of_index():
    rows = [row(number, "train", f"text {number}") for number in range(4)]
    assert flatten([[rows[1], rows[3]], [rows[0], rows[2]]]) == rows
