"""Where the strings of an answer stand in the text they were taken from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..schema import ENTITY_TYPES, Entity, EntityType


def find_spans(
    text: str, values: Sequence[tuple[EntityType, str]]
) -> tuple[tuple[Entity, ...], tuple[tuple[EntityType, str], ...]]:
    """Return the entities found, sorted by start, and the values that the text does not hold.

    Case and the kind of whitespace do not matter. Longer values are placed first, so that
    "Star Wars" wins over "Wars"; each takes the first free place, whole words before parts of
    words and the same case before another. A value that two fields claim takes two places, in the
    order of the types. Nothing is guessed: what is not in the text, or only where something else
    already stands, comes back as missing.

    Example:
        >>> found, missing = find_spans("Heat, with more heat", [(EntityType.THEME, "heat")])
        >>> [(e.text, e.start) for e in found], missing
        ([('heat', 16)], ())
    """
    order = sorted(
        dict.fromkeys(values), key=lambda value: (-len(value[1]), ENTITY_TYPES.index(value[0]))
    )
    taken: list[tuple[int, int]] = []
    entities, missing = [], []
    for entity_type, value in order:
        span = _find_free(text, value, taken)
        if span is None:
            missing.append((entity_type, value))
            continue
        taken.append(span)
        entities.append(Entity(entity_type, text[slice(*span)], *span))
    return tuple(sorted(entities, key=lambda entity: entity.start)), tuple(missing)


def _find_free(text: str, value: str, taken: list[tuple[int, int]]) -> tuple[int, int] | None:
    words = value.split()
    if not words:
        return None
    places = [
        match.span()
        for match in re.finditer(r"\s+".join(map(re.escape, words)), text, re.IGNORECASE)
        if all(match.end() <= start or end <= match.start() for start, end in taken)
    ]
    return min(places, key=lambda place: _preference(text, value, place), default=None)


def _preference(text: str, value: str, place: tuple[int, int]) -> tuple[bool, bool, int]:
    start, end = place
    cut = (start > 0 and text[start - 1].isalnum() and text[start].isalnum()) or (
        end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    )
    return cut, text[start:end] != value, start
