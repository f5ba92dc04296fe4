"""Known names as marks on the words of a text, which the encoder reads beside its pieces."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ..schema import ENTITY_TYPES
from .name_lexicon import BARE_TITLE, Candidate
from .tags import Floats
from .words import Words

KINDS: tuple[str, ...] = (*(kind.value for kind in ENTITY_TYPES), BARE_TITLE)
# What a word may be in a name of a kind: its first, a later one, its last, one of several, one of
# three or more, or written in capitals where the text is not.
_PLACES = ("first", "later", "last", "several", "many", "capitals")
MARKS = len(KINDS) * len(_PLACES)
_POSITIONS = {kind: number for number, kind in enumerate(KINDS)}
_MANY = 3


class PlacedName(NamedTuple):
    """A known name as words `[first, last)` of a text.

    Attributes:
        first: its first word.
        last: the word behind its last.
        kind: position in `KINDS`.
        share: of a person's credits, those in this role; 1 for anything else.
        capitals: whether it is written in capitals where the text is not.
    """

    first: int
    last: int
    kind: int
    share: float
    capitals: bool


def place_names(candidates: Iterable[Candidate], words: Words) -> list[PlacedName]:
    """Return the candidates that begin and end where words do."""
    placed = []
    for one in candidates:
        if (place := words.locate(one.start, one.end)) is not None:
            kind = _POSITIONS[one.sense.kind]
            placed.append(PlacedName(*place, kind, math.exp(one.sense.role), one.capitals))
    return placed


def mark_words(names: Sequence[PlacedName], count: int) -> Floats:
    """Return the marks of a text of `count` words: `[words, MARKS]`, from 0 to 1.

    Where names of one kind meet in a word, the greater mark counts.

    Example:
        >>> marks = mark_words([PlacedName(1, 3, 0, 1.0, False)], 3).reshape(3, len(KINDS), -1)
        >>> marks[:, 0].astype(int).tolist()
        [[0, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0], [0, 1, 1, 1, 0, 0]]
    """
    marks = np.zeros((count, len(KINDS), len(_PLACES)), np.float32)
    for first, last, kind, share, capitals in names:
        size = last - first
        said = np.zeros((size, len(_PLACES)), np.float32)
        said[0, 0] = said[-1, 2] = share
        said[1:, 1] = share
        said[:, 3:] = (share * (size > 1), share * (size >= _MANY), share * capitals)
        own = marks[first:last, kind]
        np.maximum(own, said, out=own)
    return marks.reshape(count, MARKS)
