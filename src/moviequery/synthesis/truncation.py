"""Queries that break off, or of which only a fragment was typed."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from ..schema import Entity, Intent, Part, Query
from .edits import Edit, apply_edits
from .misspelling import pick

_TOKEN = re.compile(r"\S+")
_FRAGMENT_SHARE = 0.35
_TRAILING_SHARE = 0.2
_SENTENCE_ENDS = ".?!"  # a query cut there is a whole one
_FRAGMENT_WORDS = 6
# Of "is there a" nobody can tell what will be asked.
_LEAST_WITH_ENTITY, _LEAST_WITHOUT, _MOST_KEPT = 0.3, 0.6, 0.9


def incomplete(query: Query, rng: Random) -> Query:
    """Return the query cut off after a word, or for a recommendation a fragment of it.

    No entity is cut in two: it stays whole or goes, and what is told of a title never stays
    without it. The intent stays: it is what the person was about to ask. A query that cannot be
    cut so comes back as it is.

    Example:
        >>> incomplete(Query("can you recommend films", Intent.REC), Random("1")).intent.value
        'rec'
    """
    cuts = []
    if query.intent is Intent.REC and len(query.parts) == 1 and rng.random() < _FRAGMENT_SHARE:
        cuts = _find_fragments(query)
    cuts = cuts or _find_breaks(query)
    if not cuts:
        return query
    cut = _cut(query, *pick(cuts, rng))
    if cut.text[-1].isalnum() and rng.random() < _TRAILING_SHARE:
        # inside the part, outside the entities
        return apply_edits(cut, [Edit(len(cut.text), len(cut.text), "...")])
    return cut


def _find_fragments(query: Query) -> list[tuple[int, int]]:
    """Return the stretches from an entity, or the word before one, to the end of an entity."""
    tokens = [match.span() for match in _TOKEN.finditer(query.text)]
    firsts = {n for n, span in enumerate(tokens) for e in query.entities if e.start == span[0]}
    firsts |= {first - 1 for first in firsts}
    lasts = {n for n, span in enumerate(tokens) for e in query.entities if e.end == span[1]}
    cuts = [
        (tokens[first][0], tokens[last][1])
        for first in sorted(firsts)
        for last in sorted(lasts)
        if first > 0 and 0 <= last - first < _FRAGMENT_WORDS
    ]
    return [cut for cut in cuts if _keeps_whole(query, *cut)]


def _find_breaks(query: Query) -> list[tuple[int, int]]:
    """Return the beginnings of the query that tell something: an entity, or most of its words."""
    tokens = [match.span() for match in _TOKEN.finditer(query.text)]
    cuts = []
    names_end = {entity.end for entity in query.entities}
    for count, (_, end) in enumerate(tokens, 1):
        if query.text[end - 1] in _SENTENCE_ENDS and end not in names_end:
            continue
        share = count / len(tokens)
        least = _LEAST_WITH_ENTITY if _inside(query, 0, end) else _LEAST_WITHOUT
        if count > 1 and least <= share <= _MOST_KEPT and _keeps_whole(query, 0, end):
            cuts.append((0, end))
    return cuts


def _inside(query: Query, start: int, end: int) -> list[Entity]:
    return [e for e in query.entities if start <= e.start and e.end <= end]


def _keeps_whole(query: Query, start: int, end: int) -> bool:
    """Return True if no entity crosses the ends, and none that stays is about one that goes."""
    kept = _inside(query, start, end)
    touched = [e for e in query.entities if e.start < end and e.end > start]
    titles = [query.entities[e.about] for e in kept if e.about is not None]
    return len(kept) == len(touched) and all(title in kept for title in titles)


def _cut(query: Query, start: int, end: int) -> Query:
    kept = _inside(query, start, end)
    places = {id(entity): number for number, entity in enumerate(kept)}
    entities = tuple(
        replace(
            entity,
            start=entity.start - start,
            end=entity.end - start,
            about=None if entity.about is None else places[id(query.entities[entity.about])],
        )
        for entity in kept
    )
    parts = tuple(
        Part(max(part.start, start) - start, min(part.end, end) - start, part.intent)
        for part in query.parts
        if part.start < end and part.end > start
    )
    intent = Intent.REC if any(p.intent is Intent.REC for p in parts) else Intent.NON_REC
    return replace(query, text=query.text[start:end], intent=intent, entities=entities, parts=parts)
