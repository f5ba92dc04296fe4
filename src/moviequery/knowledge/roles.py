"""Whether a person of a query acts or directs: by the words around the name, else by credits."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..schema import Entity, EntityType

if TYPE_CHECKING:
    from .index import GraphIndex

PEOPLE = (EntityType.ACTOR, EntityType.DIRECTOR)
# What stands before a name and says what its bearer does. "with" and "by" are left to the parser:
# a film is by its director, a song by its singer.
_CUE_BEFORE = re.compile(
    r"\b(direct(ed|or|ors|s|ing)?|helmed|made|film(ed)?maker|star(s|red|ring)?|featur(es|ing)|"
    r"act(s|ed|or|ors|ress|resses|ing)?|cast|played|plays|role)\b(\s+\S+){0,2}\W*$",
    re.IGNORECASE,
)
_CUE_BEHIND = re.compile(
    r"\W*(has |have |had )?(direct(ed|s|ing)|helm(ed|ing)|made|shot|star(s|red|ring)|act(s|ed|ing)|"
    r"play(s|ed|ing))\b",
    re.IGNORECASE,
)
_CUE_REACH = 40
# How many credits in one role outweigh one in the other.
_BY_FAR = 3
# "starring A, B and C": what stands before A holds for all of them.
_LISTING = re.compile(r"\s*(,|&|/|\+|;)?\s*(and|or|nor|with)?\s*", re.IGNORECASE)


def settle_roles(
    text: str, entities: Sequence[Entity], index: GraphIndex, sure: float = math.inf
) -> tuple[Entity, ...]:
    """Return the entities, people in the role that they are known for.

    A person whose credits in the graph are for the other role, at least three times as many, takes
    that role, unless a word beside the name says what they do ("directed by"), or the parser's
    score is at least `sure`.
    """
    settled: list[Entity] = []
    cued = False
    end = 0
    for entity in entities:
        if entity.type in PEOPLE:
            listed = bool(settled) and settled[-1].type in PEOPLE
            between = text[end : entity.start]
            if not (listed and _LISTING.fullmatch(between)):
                before = text[max(end, entity.start - _CUE_REACH) : entity.start]
                cued = _CUE_BEFORE.search(before) is not None
            known = entity.score is not None and entity.score >= sure
            if not (cued or known or _CUE_BEHIND.match(text, entity.end)):
                entity = _choose_role(entity, index)
        settled.append(entity)
        end = entity.end
    return tuple(settled)


def _choose_role(person: Entity, index: GraphIndex) -> Entity:
    """Return the person in the other role, if the graph's credits are for that one by far."""
    other = PEOPLE[1 - PEOPLE.index(person.type)]
    iris = index.link(person.type, person.text) or index.link(
        person.type, person.text.removesuffix("s")
    )
    credits = {
        role: sum(len(index.films_with(role, iri)) for iri in iris) for role in (person.type, other)
    }
    if credits[other] > 0 and credits[other] >= _BY_FAR * credits[person.type]:
        return replace(person, type=other)
    return person
