"""The best legal tags of a text of which some spans are known names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..schema import ENTITY_TYPES
from .name_lexicon import Candidate, NameWeights
from .tags import TAGS, Floats, Indices
from .words import Words

_NEVER = -1e30
# Behind a known name, which an I- cannot go on with; one state more than there are tags.
_CLOSED = len(TAGS)
_POSITIONS = {kind: number for number, kind in enumerate(ENTITY_TYPES)}


class KnownChunk(NamedTuple):
    """Words `[first, last)` that are a known name of the type `ENTITY_TYPES[kind]`."""

    first: int
    last: int
    kind: int
    bonus: float


def place_candidates(
    candidates: Iterable[Candidate], words: Words, weights: NameWeights
) -> list[KnownChunk]:
    """Return the candidates that begin and end where words do, each way to read one once."""
    bonuses: dict[tuple[int, int, int], float] = {}
    for one in candidates:
        if (place := words.locate(one.start, one.end)) is not None:
            chunk = (*place, _POSITIONS[one.type])
            bonus = weights.weigh(one)
            bonuses[chunk] = max(bonus, bonuses.get(chunk, bonus))
    return [KnownChunk(*chunk, bonus) for chunk, bonus in bonuses.items()]


def decode_with_names(
    scores: Floats, chunks: Sequence[KnownChunk], unknown: Floats
) -> tuple[Indices, dict[int, float]]:
    """Return the legal tags with the highest sum, and by its first word what each chunk got on top.

    A known name may be taken whole, which adds its bonus; any other span of a type adds what that
    type's unknown spans do. Without chunks and with zeros this is what `decode_tags` returns.

    Args:
        scores: logits `[words, tags]` of one text.
        chunks: its known names.
        unknown: by type, what is added to a span that is no known name.
    """
    count = len(scores)
    best = np.full((count + 1, len(TAGS) + 1), _NEVER)
    best[0, _CLOSED] = 0.0
    came_from = np.zeros((count + 1, len(TAGS) + 1), np.intp)
    closing: dict[int, KnownChunk] = {}
    opening: dict[int, list[KnownChunk]] = {}
    for chunk in chunks:
        opening.setdefault(chunk.first, []).append(chunk)
    begins = np.arange(1, len(TAGS), 2)
    steps = scores.astype(np.float64)
    totals = _sum_inside(steps)
    steps[:, begins] += unknown
    for word in range(count):
        last = int(best[word].argmax())
        highest = best[word, last]
        pairs = best[word, 1:_CLOSED].reshape(-1, 2)
        step = highest + steps[word]
        step[2::2] = pairs.max(1) + steps[word, 2::2]
        came_from[word + 1, :_CLOSED] = last
        came_from[word + 1, 2:_CLOSED:2] = begins + pairs.argmax(1)
        best[word + 1, :_CLOSED] = step
        for chunk in opening.get(word, ()):
            inside = totals[chunk.last, chunk.kind] - totals[word + 1, chunk.kind]
            total = highest + scores[word, 2 * chunk.kind + 1] + inside + chunk.bonus
            if total > best[chunk.last, _CLOSED]:
                best[chunk.last, _CLOSED] = total
                came_from[chunk.last, _CLOSED] = last
                closing[chunk.last] = chunk
    return _walk_back(best, came_from, closing, unknown)


def _sum_inside(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums of each type's I- over the words so far: `[words + 1, types]`."""
    return np.concatenate([np.zeros((1, len(ENTITY_TYPES))), np.cumsum(scores[:, 2::2], axis=0)])


def _walk_back(
    best: NDArray[np.float64],
    came_from: Indices,
    closing: dict[int, KnownChunk],
    unknown: Floats,
) -> tuple[Indices, dict[int, float]]:
    word = len(best) - 1
    tags = np.zeros(word, np.intp)
    gained: dict[int, float] = {}
    state = int(best[word].argmax())
    while word > 0:
        before = int(came_from[word, state])
        if state == _CLOSED:
            chunk = closing[word]
            tags[chunk.first : word] = 2 * chunk.kind + 2
            tags[chunk.first] -= 1
            gained[chunk.first] = chunk.bonus
            word = chunk.first
        else:
            word -= 1
            tags[word] = state
            if state % 2 == 1:
                gained[word] = float(unknown[state // 2])
        state = before
    return tags, gained
