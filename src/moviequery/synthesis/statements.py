"""What a text states of the films it names, before anyone asks whether it is true."""

from __future__ import annotations

from dataclasses import dataclass

from ..schema import Entity, EntityType, Query
from .grounding import states_nothing


@dataclass(frozen=True, slots=True)
class Statement:
    """Some words of a text that are said of a film.

    Attributes:
        type: as what they are said.
        text: the words.
        start: offset of the first character.
        end: offset after the last character.
        title: place, among the text's titles, of the film they are said of.
        iri: what they denote, where the text's labels say so.
        negated: True where the text denies it ("no De Niro in it").
        doubtful: True where they may be a wish instead: "a film like Heat with Tom Hanks".
        either_role: True for a person who may be director or actor: "Tom Hanks's Big".
        player: for a character, who is said to play it.
    """

    type: EntityType
    text: str
    start: int
    end: int
    title: int
    iri: str | None = None
    negated: bool = False
    doubtful: bool = False
    either_role: bool = False
    player: str = ""


def read_labels(query: Query) -> tuple[tuple[Entity, ...], tuple[Statement, ...]]:
    """Return the titles of a labelled query, and what its labels say of them.

    A negated label is a thing disliked in the film, which is said to be there all the same.

    Example:
        >>> from moviequery.schema import Intent
        >>> heat = Entity(EntityType.TITLE, "Heat", 0, 4)
        >>> year = Entity(EntityType.YEAR, "1995", 9, 13, about=0)
        >>> titles, [statement] = read_labels(Query("Heat from1995", Intent.REC, (heat, year)))
        >>> titles[statement.title].text, statement.text
        ('Heat', '1995')
    """
    entities = query.entities
    places = [at for at, entity in enumerate(entities) if entity.type is EntityType.TITLE]
    statements = tuple(
        Statement(
            entity.type, entity.text, entity.start, entity.end, places.index(about), entity.iri
        )
        for entity in entities
        if (about := entity.about) is not None and about in places and not states_nothing(entity)
    )
    return tuple(entities[place] for place in places), statements
