"""BIO tags of entity types, and the legal sequence that scores of words add up to.

A sequence is legal where each `I-` follows a `B-` or `I-` of its own type.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..schema import ENTITY_TYPES

TAGS: tuple[str, ...] = (
    "O",
    *(f"{prefix}-{kind.value}" for kind in ENTITY_TYPES for prefix in "BI"),
)

# In the order of `TAGS`, O is 0, the B- of type k is 2k + 1 and its I- is 2k + 2.
_OUTSIDE = 0
_NEVER = np.float32(-1e30)
# Rows of like length are decoded together, up to this many words with their padding.
_BATCH_WORDS = 16_384

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]


def decode_tags(scores: Floats, lengths: Sequence[int] | Indices) -> Indices:
    """Return the legal tags with the highest sum of scores, as positions in `TAGS`.

    Where the best tag of each word is legal already, those are the answer; other rows go through
    Viterbi.

    Args:
        scores: logits `[words, tags]`, the rows of a batch one after the other.
        lengths: how many words each row has.

    Example:
        >>> scores = np.zeros((2, len(TAGS)), np.float32)
        >>> scores[1, TAGS.index("I-genre")] = 2.0
        >>> [TAGS[tag] for tag in decode_tags(scores, [2])]
        ['B-genre', 'I-genre']
    """
    tags: Indices = scores.argmax(1)
    starts = np.cumsum([0, *lengths])
    previous = np.concatenate(([_OUTSIDE], tags[:-1])) if len(tags) else tags
    previous[starts[:-1][starts[:-1] < len(tags)]] = _OUTSIDE
    broken = np.flatnonzero(~_is_legal(previous, tags))
    rows = np.unique(np.searchsorted(starts, broken, side="right") - 1)
    sizes = np.diff(starts)
    for batch in _batch_rows(rows[np.argsort(sizes[rows], kind="stable")], sizes):
        places = starts[batch][:, None] + np.arange(sizes[batch].max())
        inside = places < starts[batch + 1][:, None]
        padded = np.full((*places.shape, len(TAGS)), _NEVER, np.float32)
        padded[:, :, _OUTSIDE] = 0  # O may follow anything, so padding changes no path
        padded[inside] = scores[places[inside]]
        tags[places[inside]] = _search(padded)[inside]
    return tags


def find_chunks(tags: Indices) -> tuple[Indices, Indices]:
    """Return the first words of the entities and the words after their last, of legal tags."""
    going_on = (tags > _OUTSIDE) & (tags % 2 == 0)
    stops = np.append(np.flatnonzero(~going_on), len(tags))
    starts = np.flatnonzero(tags % 2 == 1)
    return starts, stops[np.searchsorted(stops, starts, side="right")]


def _is_legal(previous: Indices, tags: Indices) -> NDArray[np.bool_]:
    inside = (tags > _OUTSIDE) & (tags % 2 == 0)
    legal: NDArray[np.bool_] = ~inside | (previous == tags) | (previous == tags - 1)
    return legal


def _batch_rows(rows: Indices, sizes: Indices) -> list[Indices]:
    """Return rows that come sorted by size in batches of at most `_BATCH_WORDS`, padded."""
    batches = []
    first = 0
    for last in range(1, len(rows) + 1):
        if last == len(rows) or (last + 1 - first) * sizes[rows[last]] > _BATCH_WORDS:
            batches.append(rows[first:last])
            first = last
    return batches


def _search(scores: Floats) -> Indices:
    """Return the best legal paths through scores `[rows, words, tags]`, by Viterbi.

    All but `I-` may follow anything, so a step takes one maximum over all tags, and one over the
    two tags of each type.
    """
    rows, words, tags = scores.shape
    best = scores[:, 0].copy()
    best[:, 2::2] = _NEVER
    came_from = np.zeros((words, rows, tags), np.uint8)
    pairs_from = np.arange(1, tags, 2)
    for word in range(1, words):
        pairs = best[:, 1:].reshape(rows, -1, 2)
        came_from[word] = best.argmax(1)[:, None]
        came_from[word, :, 2::2] = pairs_from + pairs.argmax(2)
        step = np.repeat(best.max(1)[:, None], tags, axis=1)
        step[:, 2::2] = pairs.max(2)
        best = step + scores[:, word]
    path = np.zeros((rows, words), np.intp)
    path[:, -1] = best.argmax(1)
    every = np.arange(rows)
    for word in range(words - 1, 0, -1):
        path[:, word - 1] = came_from[word, every, path[:, word]]
    return path
