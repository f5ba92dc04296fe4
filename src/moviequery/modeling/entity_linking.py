"""Entities of a parse linked to the graph, which also tells actors from directors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..knowledge.roles import settle_roles
from ..schema import Entity, EntityType

if TYPE_CHECKING:
    from ..knowledge.index import GraphIndex


def link_entities(text: str, entities: Sequence[Entity], index: GraphIndex) -> tuple[Entity, ...]:
    """Return the entities with their IRIs, where the graph leaves one choice.

    Of several films of a title the best known one is meant; other names that mean several things
    are left open. People take the role that they are known for; see `settle_roles`.
    """
    return tuple(_link(entity, index) for entity in settle_roles(text, entities, index))


def _link(entity: Entity, index: GraphIndex) -> Entity:
    iris = index.link(entity.type, entity.text)
    if len(iris) > 1 and entity.type is EntityType.TITLE:
        films = [film for film in map(index.film, iris) if film is not None]
        iris = (max(films, key=lambda film: film.popularity).iri,) if films else ()
    return replace(entity, iri=iris[0]) if len(iris) == 1 else entity
