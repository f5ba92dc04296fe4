"""Spans that a parser cut a word short or long, read as the text has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..knowledge.years import parse_years
from ..schema import Entity, EntityType

# What belongs to a year before and behind it: "since 2002", "past ten years", "1930's".
_BEFORE_YEAR = re.compile(
    r"\b(?:since|after|before|until|prior to|past|last|previous)\s+(?:the\s+)?$", re.IGNORECASE
)
_AFTER_YEAR = re.compile(
    r"\s?['’`]?\s?s\b|\s+(?:years?|decades?|century|centuries)\b", re.IGNORECASE
)
_REACH = 16
_NO = re.compile(r"(?:no|not|without|minus|except|never)\s+(?=\S)", re.IGNORECASE)
_ANY_YEAR = 2025  # stands for the newest film where only the form of a span matters


def mend_entities(text: str, entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """Return the entities with years as wide as they are said, and "no" taken for what it is.

    A year that means nothing by itself and lies within the one before is that one's.

    Example:
        >>> year = Entity(EntityType.YEAR, "2017", 12, 16)
        >>> mend_entities("films after 2017", [year])[0].text
        'after 2017'
    """
    return tuple(_mend(text, entities))


def _mend(text: str, entities: Sequence[Entity]) -> Iterator[Entity]:
    end = 0
    for entity in entities:
        if entity.type is EntityType.YEAR:
            if entity.end <= end:
                continue
            entity = _widen_year(text, entity, end)
        elif entity.type is not EntityType.TITLE and (match := _NO.match(entity.text)):
            start = entity.start + match.end()
            rest = entity.text[match.end() :]
            entity = replace(entity, text=rest, start=start, negated=True)
        end = entity.end
        yield entity


def _widen_year(text: str, entity: Entity, least: int) -> Entity:
    before = _BEFORE_YEAR.search(text[max(least, entity.start - _REACH) : entity.start])
    after = _AFTER_YEAR.match(text, entity.end)
    start = entity.start - len(before[0]) if before else entity.start
    end = after.end() if after else entity.end
    wide = text[start:end]
    if parse_years(wide, _ANY_YEAR) is None:
        return entity
    return replace(entity, text=wide, start=start, end=end)
