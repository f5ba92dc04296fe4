"""Changing a query's text while every span stays on what it names.

An edit lies wholly inside one entity or wholly outside all of them. One inside changes what stands
there; the entity keeps its type, its IRI, whether it is wanted, and what it is about.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from ..schema import Entity, Part, Query


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """The characters `[start, end)` of a text are replaced; `start == end` inserts."""

    start: int
    end: int
    text: str


def apply_edits(query: Query, edits: Iterable[Edit]) -> Query:
    """Return the query with its text changed, and entities and parts moved along.

    What is inserted at the border of an entity stands outside it, at the border of a part inside.

    Raises:
        ValueError: edits overlap, cross the border of an entity, or leave one without a text.

    Example:
        >>> from moviequery.schema import EntityType, Intent
        >>> query = Query("any noir films", Intent.REC, (Entity(EntityType.GENRE, "noir", 4, 8),))
        >>> changed = apply_edits(query, [Edit(0, 4, ""), Edit(6, 7, "ii")])
        >>> changed.text, changed.entities[0].text
        ('noiir films', 'noiir')
    """
    ordered = sorted(edit for edit in edits if query.text[edit.start : edit.end] != edit.text)
    if not ordered:
        return query
    _refuse_overlaps(query.text, ordered)
    places = _Places(ordered)
    text = "".join(_rewrite(query.text, ordered))
    return replace(
        query,
        text=text,
        entities=tuple(_move_entity(entity, text, ordered, places) for entity in query.entities),
        parts=tuple(_move_parts(query.parts, places)),
    )


def find_gaps(query: Query) -> list[tuple[int, int]]:
    """Return `[start, end)` of the stretches outside all entities; some may be empty.

    Example:
        >>> find_gaps(Query("any films?", "rec"))
        [(0, 10)]
    """
    starts = [0, *(entity.end for entity in query.entities)]
    ends = [*(entity.start for entity in query.entities), len(query.text)]
    return list(zip(starts, ends, strict=True))


def match_outside(query: Query, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Yield the matches outside all entities; what a pattern looks at around them may be inside."""
    return match_within(query.text, pattern, find_gaps(query))


def match_within(
    text: str, pattern: re.Pattern[str], stretches: Sequence[tuple[int, int]]
) -> Iterator[re.Match[str]]:
    """Yield the matches that lie within one of the stretches, sorted and apart; no empty ones.

    Example:
        >>> [match[0] for match in match_within("a bc de", re.compile(r"[a-z]+"), [(0, 3), (5, 7)])]
        ['a', 'de']
    """
    number = 0
    for match in pattern.finditer(text):
        while number < len(stretches) and stretches[number][1] < match.end():
            number += 1
        if number == len(stretches):
            return
        if stretches[number][0] <= match.start() < match.end():
            yield match


class _Places:
    """Where an offset of the old text stands in the new one."""

    def __init__(self, edits: list[Edit]) -> None:
        self._edits = edits
        self._starts = [edit.start for edit in edits]
        growth = [len(edit.text) - (edit.end - edit.start) for edit in edits]
        self._shifts = [0, *accumulate(growth)]

    def find(self, offset: int, *, after_insertions: bool) -> int:
        """Return the new offset; inside a replaced stretch it stays as far in as there is room."""
        number = bisect_right(self._starts, offset)
        while number and not after_insertions and self._starts[number - 1] == offset:
            number -= 1
        if not number:
            return offset
        last = self._edits[number - 1]
        if last.end > offset:
            new_start = last.start + self._shifts[number - 1]
            return new_start + min(offset - last.start, len(last.text))
        return offset + self._shifts[number]


def _refuse_overlaps(text: str, edits: list[Edit]) -> None:
    for edit in edits:
        if not 0 <= edit.start <= edit.end <= len(text):
            raise ValueError(f"{edit} lies outside the {len(text)} characters of {text!r}")
    for first, second in pairwise(edits):
        if second.start < first.end or (first.start, first.end) == (second.start, second.end):
            raise ValueError(f"{first} and {second} overlap in {text!r}")


def _rewrite(text: str, edits: list[Edit]) -> Iterator[str]:
    end = 0
    for edit in edits:
        yield text[end : edit.start]
        yield edit.text
        end = edit.end
    yield text[end:]


def _move_entity(entity: Entity, text: str, edits: list[Edit], places: _Places) -> Entity:
    for edit in edits:
        touches = edit.start < entity.end and edit.end > entity.start
        is_inside = entity.start <= edit.start and edit.end <= entity.end
        if touches and not is_inside:
            raise ValueError(f"{edit} crosses the border of {entity.text!r} at {entity.start}")
    start = places.find(entity.start, after_insertions=True)
    end = places.find(entity.end, after_insertions=False)
    if start >= end:
        raise ValueError(f"the edits leave nothing of {entity.text!r} at {entity.start}")
    return replace(entity, text=text[start:end], start=start, end=end)


def _move_parts(parts: Iterable[Part], places: _Places) -> Iterator[Part]:
    end = 0
    for part in parts:
        start = max(end, places.find(part.start, after_insertions=False))
        # an insertion between two parts that touch belongs to the first
        end = max(start, places.find(part.end, after_insertions=True))
        yield replace(part, start=start, end=end)
