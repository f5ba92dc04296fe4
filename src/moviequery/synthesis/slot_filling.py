"""Queries by slot filling alone: three templates and a graph's names, the way to be better than."""

from __future__ import annotations

import re
from random import Random

from ..errors import EvaluationError
from ..knowledge.index import GraphIndex
from ..schema import Entity, EntityType, Intent, Query

TEMPLATES = (
    "I loved {title}. Any recommendations along those lines?",
    "Can you recommend a movie about {theme}?",
    "Are there any good {genre} films set in {setting}?",
)
_SLOT = re.compile(r"\{(\w+)\}")
_MAX_REPEATS = 1_000


def fill_slots(index: GraphIndex, n: int, seed: int = 0) -> list[Query]:
    """Return n queries with distinct texts, each a template with names of the graph pasted in.

    Names are drawn evenly, and nothing sees to it that they fit together.

    Raises:
        EvaluationError: the graph has too few names for n texts.
    """
    kinds = {EntityType(name) for template in TEMPLATES for name in _SLOT.findall(template)}
    names = {kind: _list_names(index, kind) for kind in sorted(kinds - {EntityType.TITLE})}
    names[EntityType.TITLE] = sorted({film.title for film in index.films})
    usable = [one for one in TEMPLATES if all(names[EntityType(s)] for s in _SLOT.findall(one))]
    rng = Random(seed)
    queries: dict[str, Query] = {}
    repeats = 0
    while len(queries) < n:
        query = _fill(rng.choice(usable), names, rng) if usable else None
        repeats += query is None or query.text in queries
        if query:
            queries.setdefault(query.text, query)
        if query is None or repeats > _MAX_REPEATS:
            raise EvaluationError(
                f"slot filling has only {len(queries)} texts over {len(index.films)} films; "
                "ask for fewer with --n"
            )
    return list(queries.values())


def _list_names(index: GraphIndex, kind: EntityType) -> list[str]:
    values = {value for film in index.films for value in film.facts.get(kind, ())}
    return sorted({index.nodes[value].label for value in values})


def _fill(template: str, names: dict[EntityType, list[str]], rng: Random) -> Query:
    text, entities = "", []
    for position, piece in enumerate(_SLOT.split(template)):
        if position % 2:
            kind = EntityType(piece)
            name = rng.choice(names[kind])
            entities.append(Entity(kind, name, len(text), len(text) + len(name)))
            piece = name
        text += piece
    return Query(text, Intent.REC, tuple(entities))
