"""What of a query is said of a film that it names, and not wished for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..knowledge.index import Film
from ..knowledge.normalisation import fold
from ..schema import Entity, EntityType
from .matching import ABOUTNESS, Match

PEOPLE = (EntityType.ACTOR, EntityType.DIRECTOR, EntityType.CHARACTER)
_TITLE_GAP = 3  # characters between a title and the year that says which film it is
_REACH = 60  # characters between a title and what is said of it
# "Heat was so", "Heat, which turned out", "Heat and thought it was pretty"; then what it was.
_SAID_BEHIND = re.compile(
    r"['’\")\s]*(?:,?\s+(?:which|and(?: i| we)?(?: thought| found| felt)? it))?"
    r"\s+(?:is|was|are|were|felt|seemed|looked|proved|turned out)(?:\s+[\w'’-]+){0,2}\s+",
    re.IGNORECASE,
)
_SAID_BEFORE = re.compile(r"\b(?:is|was|are|found|thought|find)\s+$", re.IGNORECASE)
_DEGREE = re.compile(
    r"['’\"\s]*\s(?:(?:still|that|as|so|too|all|very|really|quite|pretty|rather|just|such|actually|"
    r"truly|to be)\s+){0,2}(?:an?\s+)?",
    re.IGNORECASE,
)


def find_title(
    text: str,
    entity: Entity,
    match: Match | None,
    entities: Sequence[Entity],
    liked: Mapping[int, Film],
) -> int | None:
    """Return the place of the title that an entity is claimed of; None where it is wished for.

    A parser does not say so. A year right behind a title, people of a liked film, and what a film
    "was" or "is" by the words of the text, are of it.
    """
    if entity.about is not None and 0 <= entity.about < len(entities):
        return entity.about
    for place, film in liked.items():
        title = entities[place]
        if entity.type is EntityType.YEAR:
            near = 0 <= entity.start - title.end <= _TITLE_GAP
            if near and fold(entity.text) == str(film.year):
                return place
        elif entity.type in ABOUTNESS:
            if _is_said_of(text, entity, title):
                return place
        elif match and entity.type in PEOPLE and match.iri in film.facts.get(match.type, ()):
            return place
    return None


def _is_said_of(text: str, entity: Entity, title: Entity) -> bool:
    """Return whether the words between and before say that the film is so."""
    if not 0 < entity.start - title.end <= _REACH:
        return False
    if _SAID_BEHIND.fullmatch(text, title.end, entity.start):
        return True
    before = text[max(0, title.start - _REACH) : title.start]
    cued = _SAID_BEFORE.search(before) is not None
    return cued and _DEGREE.fullmatch(text, title.end, entity.start) is not None
