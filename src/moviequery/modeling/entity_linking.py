"""Entities of a parse linked to the graph, which also tells actors from directors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..schema import Entity, EntityType

if TYPE_CHECKING:
    from ..knowledge.index import GraphIndex

_PEOPLE = (EntityType.ACTOR, EntityType.DIRECTOR)
# What stands before a name and says what its bearer does. "with" and "by" are left to the parser:
# a film is by its director, a song by its singer.
_CUE = re.compile(
    r"\b(direct(ed|or|ors|s|ing)?|helmed|made|film(ed)?maker|star(s|red|ring)?|featur(es|ing)|"
    r"act(s|ed|or|ors|ress|resses|ing)?|cast|played|plays|role)\b(\s+\S+){0,2}\W*$",
    re.IGNORECASE,
)
_CUE_REACH = 40
# How many credits in one role outweigh one in the other.
_BY_FAR = 3
# "starring A, B and C": what stands before A holds for all of them.
_LISTING = re.compile(r"\s*(,|&|/|\+|;)?\s*(and|or|nor|with)?\s*", re.IGNORECASE)


def link_entities(text: str, entities: Sequence[Entity], index: GraphIndex) -> tuple[Entity, ...]:
    """Return the entities with their IRIs, where the graph leaves one choice.

    Of several films of a title the best known one is meant; other names that mean several things
    are left open. A person whose credits in the graph are for the other role, at least three times
    as many, takes that role, unless a word before the name says what they do: "directed by".
    """
    linked: list[Entity] = []
    cued = False
    end = 0
    for entity in entities:
        if entity.type in _PEOPLE:
            listed = bool(linked) and linked[-1].type in _PEOPLE
            between = text[end : entity.start]
            if not (listed and _LISTING.fullmatch(between)):
                cued = (
                    _CUE.search(text[max(end, entity.start - _CUE_REACH) : entity.start])
                    is not None
                )
            entity = entity if cued else _choose_role(entity, index)
        linked.append(_link(entity, index))
        end = entity.end
    return tuple(linked)


def _choose_role(person: Entity, index: GraphIndex) -> Entity:
    """Return the person in the other role, if the graph's credits are for that one by far."""
    other = _PEOPLE[1 - _PEOPLE.index(person.type)]
    iris = index.link(person.type, person.text)
    credits = {
        role: sum(len(index.films_with(role, iri)) for iri in iris) for role in (person.type, other)
    }
    if credits[other] > 0 and credits[other] >= _BY_FAR * credits[person.type]:
        return replace(person, type=other)
    return person


def _link(entity: Entity, index: GraphIndex) -> Entity:
    iris = index.link(entity.type, entity.text)
    if len(iris) > 1 and entity.type is EntityType.TITLE:
        films = [film for film in map(index.film, iris) if film is not None]
        iris = (max(films, key=lambda film: film.popularity).iri,) if films else ()
    return replace(entity, iri=iris[0]) if len(iris) == 1 else entity
