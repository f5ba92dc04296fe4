"""What a text states of films, read from its words."""

from __future__ import annotations

from ..knowledge.index import GraphIndex
from ..schema import Entity, EntityType, ParsedQuery
from .grounding import states_nothing
from .statements import Statement


def read_statements(
    query: ParsedQuery, index: GraphIndex
) -> tuple[tuple[Entity, ...], tuple[Statement, ...]]:
    """Return the titles that a text names, and what it states of each."""
    titles = tuple(entity for entity in query.entities if entity.type is EntityType.TITLE)
    statements = []
    for entity in query.entities:
        if entity.type is EntityType.TITLE or states_nothing(entity):
            continue
        before = [at for at, title in enumerate(titles) if title.end <= entity.start]
        place = before[-1] if before else (0 if titles else None)
        if place is not None:
            statements.append(
                Statement(entity.type, entity.text, entity.start, entity.end, place, entity.iri)
            )
    return titles, tuple(statements)
