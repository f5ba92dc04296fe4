"""Legal tags from scores: Viterbi against every path, and chunks against another reader's."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from moviequery.metrics.sentences import read_chunks
from moviequery.modeling.tags import TAGS, decode_tags, find_chunks
from moviequery.schema import ENTITY_TYPES

NAMES = ("O", "B-title", "I-title", "B-plot", "I-plot")
SOME = [TAGS.index(name) for name in NAMES]


def is_legal(tags):
    before = ["O", *tags]
    return all(
        not tag.startswith("I-") or last[2:] == tag[2:]
        for last, tag in zip(before, tags, strict=False)
    )


def make_scores(rows, seed):
    """Return random scores of five tags; the others are out of the question."""
    random = np.random.default_rng(seed)
    scores = np.full((sum(rows), len(TAGS)), -50.0, np.float32)
    scores[:, SOME] = random.normal(size=(sum(rows), len(SOME)))
    return scores


def test_tags_are_those_of_the_types_in_order():
    assert len(TAGS) == 2 * len(ENTITY_TYPES) + 1
    assert TAGS[:3] == ("O", "B-title", "I-title")


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.integers(0, 10_000))
def test_the_best_of_all_legal_paths_is_found(rows, seed):
    scores = make_scores(rows, seed)
    found = decode_tags(scores, rows)
    first = 0
    for size in rows:
        row, own = scores[first : first + size], found[first : first + size]
        paths = [path for path in product(SOME, repeat=size) if is_legal([TAGS[t] for t in path])]
        best = max(paths, key=lambda path: sum(row[word, tag] for word, tag in enumerate(path)))
        assert tuple(own) == best
        first += size


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(0, 10_000))
def test_tags_are_legal_and_rows_do_not_touch_each_other(rows, seed):
    random = np.random.default_rng(seed)
    scores = random.normal(size=(sum(rows), len(TAGS))).astype(np.float32)
    found = decode_tags(scores, rows)
    assert len(found) == sum(rows)
    first = 0
    for size in rows:
        own = found[first : first + size]
        assert is_legal([TAGS[tag] for tag in own])
        np.testing.assert_array_equal(own, decode_tags(scores[first : first + size], [size]))
        first += size


@given(st.lists(st.sampled_from(SOME), max_size=30))
def test_chunks_are_those_that_seqeval_finds(tags):
    tags = decode_tags(
        np.eye(len(TAGS), dtype=np.float32)[tags].reshape(-1, len(TAGS)), [len(tags)]
    )
    starts, ends = find_chunks(tags)
    found = [(TAGS[tags[start]][2:], start, end) for start, end in zip(starts, ends, strict=True)]
    assert found == list(read_chunks([TAGS[tag] for tag in tags]))


def test_a_legal_best_is_kept():
    names = ["O", "B-year", "I-year", "B-year", "O", "B-plot", "B-plot", "I-plot"]
    tags = [TAGS.index(name) for name in names]
    found = decode_tags(np.eye(len(TAGS), dtype=np.float32)[tags], [5, 3])
    assert found.tolist() == tags
