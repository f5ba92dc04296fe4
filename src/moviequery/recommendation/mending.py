"""Spans that a parser cut a word short or long, read as the text has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..knowledge.years import parse_years
from ..schema import Entity, EntityType
from .matching import says_unrated

# What belongs to a year before and behind it: "since 2002", "past ten years", "1930's".
_BEFORE_YEAR = re.compile(
    r"\b(?:since|after|before|until|prior to|past|last|previous)\s+(?:the\s+)?$", re.IGNORECASE
)
_AFTER_YEAR = re.compile(
    r"\s?['’`]?\s?s\b|\s+(?:years?|decades?|century|centuries)\b", re.IGNORECASE
)
_REACH = 16
_NO = re.compile(r"(?:no|not|without|minus|except|never)\s+(?=\S)", re.IGNORECASE)
# What stands right before a thing that is not wanted; "why not" and "not without" want it.
_UNWANTED = re.compile(
    r"(?:(?<!why )(?<!if )(?<!say )\b(?:no|not)|"
    r"(?<!not )(?<!never )(?<!nothing )(?<!live )(?<!do )\bwithout|"
    r"\b(?:minus|except(?: for)?|nothing|(?:any|every)thing (?:but|except)|other than|"
    r"(?:avoid|exclud|omitt?|skipp?)(?:e|ing)?|leave out|leaving out|"
    r"(?:i|we) (?:hate|loathe|detest)|"
    r"(?:sick|tired|bored|weary) of|fed up with|done with|enough of|no more|"
    r"(?:don['’]?t|do not|cannot|can['’]?t) (?:like|want|need|stand|bear)))\s+"
    r"(?:(?:(?:any|every)thing|(?:all |any )?(?:stuff|movies?|films?|flicks?))\s+)?"
    r"(?:(?:that['’]?s |which is )?(?:from|by|with|starring|about|set in|rated)\s+)?"
    r"(?:(?:a|an|any|the|all|those|these|that)\s+)?$",
    re.IGNORECASE,
)
_UNWANTED_REACH = 48
_OR = re.compile(r"\s*(?:,\s*)?(?:or|nor)\s+(?:any\s+|a\s+|an\s+)?", re.IGNORECASE)
# Words that may hold a "no" of their own, or of which "not" makes no wish: "not bad", "not rated".
_OWN_NO = (
    EntityType.TITLE,
    EntityType.QUOTE,
    EntityType.SONG,
    EntityType.RATING,
    EntityType.REVIEW,
    EntityType.TRAILER,
)
_HALF_WORD = re.compile(r"(?<=\w[-‐‑])\w+")
_ANY_YEAR = 2025  # stands for the newest film where only the form of a span matters


def mend_entities(text: str, entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """Return the entities with years and compounds as wide as they are said, and "no" heard.

    "No" counts within a mention and right before it, and holds for what "or" adds. A year that
    means nothing by itself and lies within the one before is that one's.

    Example:
        >>> year = Entity(EntityType.YEAR, "2017", 12, 16)
        >>> mend_entities("films after 2017", [year])[0].text
        'after 2017'
    """
    return tuple(_mend(text, entities))


def _mend(text: str, entities: Sequence[Entity]) -> Iterator[Entity]:
    end, heard = 0, False
    for place, entity in enumerate(entities):
        if entity.type is EntityType.YEAR:
            if entity.end <= end:
                continue
            entity = _widen_year(text, entity, end)
        else:
            most = entities[place + 1].start if place + 1 < len(entities) else len(text)
            entity = _complete_word(text, entity, most)
        if entity.type not in _OWN_NO and not says_unrated(entity):
            entity, heard = _hear_no(text, entity, end, heard)
        else:
            heard = False
        end = entity.end
        yield entity


def _complete_word(text: str, entity: Entity, most: int) -> Entity:
    """Return "gross-" as "gross-out", where that is what the text has."""
    rest = _HALF_WORD.match(text, entity.end, most) if entity.end else None
    if rest is None:
        return entity
    return replace(entity, text=text[entity.start : rest.end()], end=rest.end())


def _hear_no(text: str, entity: Entity, end: int, heard: bool) -> tuple[Entity, bool]:
    """Return the entity as it is wanted or not, and whether a word of the text says it is not.

    Args:
        text: what the entity stands in.
        entity: as it was found.
        end: of the mention before it.
        heard: whether a word says that the mention before it is not wanted.
    """
    if match := _NO.match(entity.text):
        start = entity.start + match.end()
        return replace(entity, text=entity.text[match.end() :], start=start, negated=True), True
    before = text[max(end, entity.start - _UNWANTED_REACH) : entity.start]
    goes_on = heard and _OR.fullmatch(text, end, entity.start) is not None
    if goes_on or _UNWANTED.search(before):
        return replace(entity, negated=True), True
    return entity, False


def _widen_year(text: str, entity: Entity, least: int) -> Entity:
    before = _BEFORE_YEAR.search(text[max(least, entity.start - _REACH) : entity.start])
    after = _AFTER_YEAR.match(text, entity.end)
    start = entity.start - len(before[0]) if before else entity.start
    end = after.end() if after else entity.end
    wide = text[start:end]
    if parse_years(wide, _ANY_YEAR) is None:
        return entity
    return replace(entity, text=wide, start=start, end=end)
