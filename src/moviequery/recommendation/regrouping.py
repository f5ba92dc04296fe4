"""Spans that a parser cut at the wrong word, cut again by the names that the graph knows.

A name that is known as it stands is kept, unless words right behind it make it a longer one:
"Alien" of "Alien 3". One that is not takes in the words beside it where they make a known name, and
other mentions with them: "The Taking", "of", "Pelham One Two Three". A title that is known in no
spelling gives up words that do not belong to it: "somewhere between Black and White". A kind of
film that is two in one is both: "dark crime"; two that are one in the graph are that one: "erotic",
"thriller".

Only whole names count here, spelt right; slips are the matcher's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..knowledge.normalisation import fold
from ..knowledge.roles import PEOPLE, settle_roles
from ..schema import Entity, EntityType
from .matching import ABOUTNESS, EntityMatcher

_NAMED = (EntityType.TITLE, EntityType.CHARACTER, *PEOPLE)
# What may be said of a film with one word, and never is part of another mention's name.
_SEPARATE = (
    EntityType.YEAR,
    EntityType.GENRE,
    EntityType.MOOD,
    EntityType.CERTIFICATE,
    EntityType.RATING,
    EntityType.COUNTRY,
    EntityType.LANGUAGE,
)
_JOINED = (*ABOUTNESS, EntityType.COUNTRY, EntityType.LANGUAGE)
_KINDS_OF_FILM = (EntityType.GENRE, EntityType.MOOD)
_PARTS_OF_KINDS = (*_KINDS_OF_FILM, EntityType.COUNTRY, EntityType.LANGUAGE)
# What else a parser may have taken for a title.
_BESIDES_TITLES = (
    *_PARTS_OF_KINDS,
    *PEOPLE,
    EntityType.CHARACTER,
    EntityType.SONG,
    EntityType.STUDIO,
)
_MOST_BEFORE, _MOST_BEHIND = 6, 8  # words that a name may have been cut by
# A parser this sure of who directs has read it off the text ("by").
_SURE = 0.9
_WORD = re.compile(r"\w+(?:['’`.-]\w+)*")
_BREAK = re.compile(r"[.?!,;]\s|[\n;]")  # a name that is whole without it does not go on behind it
_AROUND = r"(?:set|takes? place|in|on|at|about|of|with|during|by|from|the|a|an)"
_FRAME = re.compile(
    rf"(?:{_AROUND}\s+)*(?P<inner>\S.*?)(?:\s+{_AROUND})*", re.IGNORECASE | re.DOTALL
)
_BESIDE = re.compile(r"[\s-]+(?:and\s+|&\s*)?")
_SERIES_REACH = 20
_SERIES = re.compile(r"\s+(?:movies|films|flicks|pictures)\b", re.IGNORECASE)

Words = Sequence[re.Match[str]]


def regroup_entities(
    text: str, entities: Sequence[Entity], matcher: EntityMatcher
) -> tuple[Entity, ...]:
    """Return the entities, cut as the names that the graph knows; in order, none overlapping.

    What a parser guessed, and says how sure it is, may also turn out to be of another type: a
    person acts or directs by the credits, "the Sherlock Holmes movies" are about a character.
    """
    words = list(_WORD.finditer(text)) if any(e.type in _NAMED for e in entities) else []
    grouped: list[Entity] = []
    left = list(entities)
    while left:
        entity = left.pop(0)
        if entity.type in _NAMED:
            neighbours = (grouped[-1] if grouped else None, left)
            entity = _widen(text, entity, neighbours, words, matcher)
            while grouped and grouped[-1].end > entity.start:
                entity = _merge(entity, grouped.pop())
            while left and left[0].start < entity.end:
                entity = _merge(entity, left.pop(0))
            entity = _narrow(text, entity, words, matcher)
            entity = _retype(entity, text[entity.end : entity.end + _SERIES_REACH], matcher)
            grouped.append(entity)
        elif grouped and (joined := _join(text, grouped[-1], entity, matcher)):
            grouped[-1] = joined
        else:
            grouped += _split(_strip(entity, matcher), matcher)
    if all(entity.score is not None for entity in grouped):
        return settle_roles(text, grouped, matcher.index, _SURE)
    return tuple(grouped)


def _widen(
    text: str,
    entity: Entity,
    neighbours: tuple[Entity | None, Sequence[Entity]],
    words: Words,
    matcher: EntityMatcher,
) -> Entity:
    """Return the mention with the words beside it that make it the longest known name."""
    own = [at for at, word in enumerate(words) if word.end() > entity.start < word.end()]
    own = [at for at in own if words[at].start() < entity.end]
    if not own:
        return entity
    whole = matcher.names(entity.type, entity.text)
    least, most = _find_bounds(text, entity, neighbours, whole, matcher)
    firsts = range(own[0], max(own[0] - (0 if whole else _MOST_BEFORE), 0) - 1, -1)
    lasts = range(own[-1], min(own[-1] + _MOST_BEHIND, len(words) - 1) + 1)
    spans = sorted(
        ((first, last) for first in firsts for last in lasts if (first, last) != (own[0], own[-1])),
        key=lambda span: (span[0] - span[1], span),
    )
    for first, last in spans:
        start, end = words[first].start(), words[last].end()
        if start < least or end > most or not _is_cased_alike(entity, words[first], words[last]):
            continue
        name = _find_name(text[start:end], entity.type, matcher)
        if name and not (whole and fold(name) == fold(entity.text)):
            return replace(entity, text=name, start=start, end=start + len(name))
    return entity


def _find_bounds(
    text: str,
    entity: Entity,
    neighbours: tuple[Entity | None, Sequence[Entity]],
    whole: bool,
    matcher: EntityMatcher,
) -> tuple[int, int]:
    """Return how far a name may reach: not into another one, nor across a break if it is whole."""
    before, behind = neighbours
    least = before.end if before and _stands_alone(before, matcher) else 0
    most = next((e.start for e in behind if whole or _stands_alone(e, matcher)), len(text))
    if whole and (stop := _BREAK.search(text, entity.end, most)):
        most = stop.start()
    return least, most


def _stands_alone(entity: Entity, matcher: EntityMatcher) -> bool:
    return entity.type in _SEPARATE or matcher.names(entity.type, entity.text)


def _find_name(words: str, kind: EntityType, matcher: EntityMatcher) -> str | None:
    """Return the words if they are a whole name; of people also without a lost apostrophe's s."""
    if matcher.names(kind, words):
        return words
    short = words.removesuffix("s")
    return short if kind in PEOPLE and short != words and matcher.names(kind, short) else None


def _is_cased_alike(entity: Entity, *edges: re.Match[str]) -> bool:
    """Return False where a name in capitals would begin or end with a word that has none."""
    if not entity.text[0].isupper():
        return True
    return all(not edge[0][0].islower() for edge in edges)


def _merge(entity: Entity, part: Entity) -> Entity:
    return replace(entity, negated=entity.negated and part.negated)


def _narrow(text: str, entity: Entity, words: Words, matcher: EntityMatcher) -> Entity:
    """Return a title that is unknown in any spelling without the words that hide a known one."""
    if entity.type is not EntityType.TITLE or matcher.match([entity])[0] is not None:
        return entity
    own = [w for w in words if w.start() >= entity.start and w.end() <= entity.end]
    for count in range(len(own) - 1, 0, -1):
        for first in (len(own) - count, 0):
            part = own[first : first + count]
            start, end = part[0].start(), part[-1].end()
            named = count > 1 or part[0][0][0].isupper() > entity.text[0].isupper()
            if named and matcher.names(entity.type, text[start:end]):
                return replace(entity, text=text[start:end], start=start, end=end)
    return entity


def _retype(entity: Entity, following: str, matcher: EntityMatcher) -> Entity:
    """Return a guessed title or person as what else is called so, where none of its type is.

    "American" is no title where no film is called so, and Andrei Rublev no actor, but a film; "the
    Sherlock Holmes movies" are about him.
    """
    if entity.score is None:
        return entity
    kinds: Sequence[EntityType] = ()
    if not matcher.names(entity.type, entity.text):
        if entity.type is EntityType.TITLE:
            kinds = _BESIDES_TITLES
        elif " " in entity.text and not matcher.is_named(entity):
            kinds = (EntityType.TITLE,)
    elif entity.type is EntityType.TITLE and " " in entity.text and _SERIES.match(following):
        kinds = (EntityType.CHARACTER,)
    kind = next((kind for kind in kinds if matcher.names(kind, entity.text)), entity.type)
    return replace(entity, type=kind)


def _join(text: str, first: Entity, second: Entity, matcher: EntityMatcher) -> Entity | None:
    """Return two mentions side by side as the one thing that both together name, if any is."""
    if {first.type, second.type} - set(_JOINED) or first.negated is not second.negated:
        return None
    if not _BESIDE.fullmatch(text, first.end, second.start):
        return None
    name = text[first.start : second.end]
    kinds = dict.fromkeys((first.type, second.type, *ABOUTNESS))
    kind = next((kind for kind in kinds if matcher.names(kind, name)), None)
    return None if kind is None else replace(first, type=kind, text=name, end=second.end)


def _strip(entity: Entity, matcher: EntityMatcher) -> Entity:
    """Return "set in New York in the" without the words that stand round what is known."""
    if entity.type not in ABOUTNESS or matcher.is_named(entity):
        return entity
    inner = _FRAME.fullmatch(entity.text)
    if inner is None or inner[0] == inner["inner"]:
        return entity
    start = entity.start + inner.start("inner")
    end = entity.start + inner.end("inner")
    bare = replace(entity, text=inner["inner"], start=start, end=end)
    return bare if matcher.is_named(bare) else entity


def _split(entity: Entity, matcher: EntityMatcher) -> Iterator[Entity]:
    """Yield a kind of film that no film is of as the two that it is made of, if it is."""
    gaps = [gap.span() for gap in re.finditer(r"[\s-]+", entity.text)]
    if entity.type not in _KINDS_OF_FILM or not gaps or matcher.is_named(entity):
        yield entity
        return
    for first, last in gaps:
        heads = (entity.text[:first], entity.text[last:])
        kinds = [
            next((kind for kind in _PARTS_OF_KINDS if matcher.names(kind, part)), None)
            for part in heads
        ]
        if kinds[0] and kinds[1]:
            middle = entity.start + last
            yield replace(entity, type=kinds[0], text=heads[0], end=entity.start + first)
            yield replace(entity, type=kinds[1], text=heads[1], start=middle)
            return
    yield entity
