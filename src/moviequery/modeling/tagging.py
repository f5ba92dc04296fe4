"""The tags of the fast parser: their order, which may follow which, and spans to and from them.

A text is tagged word by word, where a word is what BERT's pre-tokenizer makes of it (each mark of
punctuation is a word of its own). Only the first piece of a word carries a tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from ..schema import ENTITY_TYPES, Entity

Tags = npt.NDArray[np.int64]

OUTSIDE = "O"
LABELS: tuple[str, ...] = (OUTSIDE, *(f"{p}-{t.value}" for t in ENTITY_TYPES for p in "BI"))


def tag_words(words: Sequence[tuple[int, int]], entities: Iterable[Entity]) -> list[int]:
    """Return a tag per word; `words` are characters `[start, end)`, in order.

    An entity that begins or ends within a word takes the whole word, unless an entity before it
    has taken it already.

    Example:
        >>> from moviequery.schema import EntityType
        >>> heat = Entity(EntityType.TITLE, "the heat", 5, 13)
        >>> tag_words([(0, 4), (5, 8), (9, 13)], [heat])
        [0, 1, 2]
    """
    tags = [0] * len(words)
    first = 0
    for entity in entities:
        begin = 1 + 2 * ENTITY_TYPES.index(entity.type)
        while first < len(words) and words[first][1] <= entity.start:
            first += 1
        inside = False
        while first < len(words) and words[first][0] < entity.end:
            tags[first] = begin + inside
            inside = True
            first += 1
    return tags


def read_spans(tags: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return the spans `(index of type, first word, word after the last)` of legal tags.

    Example:
        >>> read_spans([0, 1, 2, 1, 0])
        [(0, 1, 3), (0, 3, 4)]
    """
    spans: list[tuple[int, int, int]] = []
    for position, tag in enumerate(tags):
        if tag % 2:
            spans.append((tag // 2, position, position + 1))
        elif tag and spans and spans[-1][2] == position and spans[-1][0] == tag // 2 - 1:
            spans[-1] = (spans[-1][0], spans[-1][1], position + 1)
    return spans


@cache
def _legal_steps() -> npt.NDArray[np.bool_]:
    """Return which tag (column) may follow which (row): an I- only a B- or I- of its type."""
    legal = np.ones((len(LABELS), len(LABELS)), dtype=bool)
    inner = np.arange(2, len(LABELS), 2)
    legal[:, inner] = False
    legal[inner, inner] = True
    legal[inner - 1, inner] = True
    return legal


def decode_tags(logits: npt.NDArray[np.float32], lengths: npt.NDArray[np.int64]) -> Tags:
    """Return the likeliest legal tags (rows, words) for logits (rows, words, tags).

    Where the best tag of every word makes a legal row already, it is that; the other rows are
    searched (Viterbi), all of them at once. Words beyond a row's length are 0.
    """
    rows, words, _ = logits.shape
    best: Tags = logits.argmax(axis=2)
    beyond = np.arange(words)[None, :] >= lengths[:, None]
    best[beyond] = 0
    before = np.concatenate([np.zeros((rows, 1), dtype=best.dtype), best[:, :-1]], axis=1)
    broken = np.flatnonzero(~_legal_steps()[before, best].all(axis=1))
    if len(broken):
        best[broken] = _search(logits[broken], lengths[broken])
        best[beyond] = 0
    return best


def _search(logits: npt.NDArray[np.float32], lengths: npt.NDArray[np.int64]) -> Tags:
    rows, words, tags = logits.shape
    steps = np.where(_legal_steps(), 0.0, -np.inf)
    # log-probabilities, since logits of different words are not on one scale
    scores = logits - np.log(np.exp(logits - logits.max(2, keepdims=True)).sum(2, keepdims=True))
    scores = scores - logits.max(2, keepdims=True)
    total = scores[:, 0] + steps[0]
    came_from = np.zeros((rows, words, tags), dtype=np.int64)
    for word in range(1, words):
        paths = total[:, :, None] + steps[None]
        came_from[:, word] = paths.argmax(axis=1)
        moved = paths.max(axis=1) + scores[:, word]
        # a row that has ended stands still, whatever the padding says
        ended = (word >= lengths)[:, None]
        came_from[:, word] = np.where(ended, np.arange(tags), came_from[:, word])
        total = np.where(ended, total, moved)
    found = np.zeros((rows, words), dtype=np.int64)
    found[:, -1] = total.argmax(axis=1)
    every = np.arange(rows)
    for word in range(words - 1, 0, -1):
        found[:, word - 1] = came_from[every, word, found[:, word]]
    return found
