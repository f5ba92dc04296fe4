"""The rules by which the graph calls a fact of a film true, false or unknown.

| type | true | false | else |
| --- | --- | --- | --- |
| year, director | the graph has this value | it has another | unknown |
| actor | in the cast | the cast is complete, or five are known without them, or they are known \
as its director only | unknown |
| genre | held, also through a narrower genre | nothing broader, narrower or related is held | \
unknown |
| plot, theme | held | three or more are known, and none comes near (`likeness`) | unknown |
| setting | held, also through a narrower place | as a theme; for a place, where others are held | \
unknown |
| country, language, certificate | held | others are held | unknown |
| character | held | the graph names another player of the part | unknown |
| any other | held | never | unknown |

A word that the graph holds of the film as another type is true as well: "heist" is a genre to one
reader and a plot to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import OSA

from ..knowledge.index import Film, GraphIndex
from ..knowledge.normalisation import fold
from ..knowledge.vocabulary import PERSON, mint
from ..knowledge.years import parse_years
from ..schema import EntityType
from .likeness import ABOUTNESS, is_near

PEOPLE = (EntityType.ACTOR, EntityType.DIRECTOR)
_SUBJECTS = (EntityType.PLOT, EntityType.THEME)
_CLOSED = (EntityType.COUNTRY, EntityType.LANGUAGE, EntityType.CERTIFICATE)
# "French" is a country's film or a film's language; "heist" a genre or a plot.
_KIN = {
    **{
        kind: (EntityType.GENRE, *ABOUTNESS, EntityType.ORIGIN, EntityType.RELATIONSHIP)
        for kind in (EntityType.GENRE, *ABOUTNESS)
    },
    EntityType.COUNTRY: (EntityType.COUNTRY, EntityType.LANGUAGE),
    EntityType.LANGUAGE: (EntityType.LANGUAGE, EntityType.COUNTRY),
}
# credits of this many people name the leads; a lead who is missing is not in the film
_COMPLETE_CAST = 5
_COMPLETE_THEMES = 3
# Genres that are a matter of opinion: who calls a film a classic states no fact.
OPINIONS = frozenset(
    mint(EntityType.GENRE.value, name)
    for name in ("classic", "cult", "epic", "foreign", "independent", "arthouse", "B-movie")
)
# What settings are called that are times, in capitals though they are.
_TIMES = re.compile(
    r"\b(?:war|depression|ages|prohibition|christmas|halloween|holocaust|west|century|era|age|"
    r"revolution|renaissance|victorian|\d+s?)\b"
)
# Of two spellings of one name this share of the letters agrees.
_SAME_NAME = 0.85


class Verdict(StrEnum):
    """What the graph says to a claim."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict on one fact of a film.

    Attributes:
        verdict: what the graph says.
        type: of the fact that decides; another than was asked where the graph knows it as that.
        value: IRI or literal: what the film holds if the fact is true, else what it would need.
    """

    verdict: Verdict
    type: EntityType
    value: str


def judge_fact(
    index: GraphIndex, film: Film, entity_type: EntityType, text: str, iri: str | None = None
) -> Judgement:
    """Return the verdict on one fact of a film, by the table at the head of this module.

    Args:
        index: of the graph.
        film: what it is said of.
        entity_type: as what it is said.
        text: the words that say it.
        iri: what the words denote, where that is known.
    """
    if entity_type is EntityType.YEAR:
        return _judge_year(index, film, text)
    values = _find_values(index, film, entity_type, text, iri)
    for value in values:
        if index.holds(film, entity_type, value):
            return Judgement(Verdict.TRUE, entity_type, value)
    if says_unrated(entity_type, text) and film.is_unrated:
        return Judgement(Verdict.TRUE, entity_type, values[0])
    for kin in _KIN.get(entity_type, ()):
        for value in index.link(kin, text):
            if index.holds(film, kin, value):
                return Judgement(Verdict.TRUE, kin, value)
    verdict = Verdict.FALSE if _is_excluded(index, film, entity_type, text, values) else None
    return Judgement(verdict or Verdict.UNKNOWN, entity_type, values[0])


def says_unrated(entity_type: EntityType, text: str) -> bool:
    """Return True for the certificate of a film that has none."""
    return entity_type is EntityType.CERTIFICATE and fold(text) in ("unrated", "not rated")


def list_labels(index: GraphIndex, film: Film, *entity_types: EntityType) -> list[str]:
    """Return how the film's values of some types are called."""
    values = [value for kind in entity_types for value in film.facts.get(kind, ())]
    return [index.nodes[value].label if value in index.nodes else value for value in values]


def find_player(index: GraphIndex, film: Film, character: str) -> tuple[str, ...]:
    """Return the labels of those who play the character of that IRI, as far as is known."""
    players = {credit.actor for credit in film.credits if credit.character == character}
    return tuple(index.nodes[player].label for player in sorted(players) if player in index.nodes)


def _judge_year(index: GraphIndex, film: Film, text: str) -> Judgement:
    years = parse_years(text, index.newest_year)
    if years is None or film.year is None:
        return Judgement(Verdict.UNKNOWN, EntityType.YEAR, str(years[0]) if years else "")
    holds = years[0] <= film.year <= years[1]
    nearest = min(max(film.year, years[0]), years[1])
    return Judgement(Verdict.TRUE if holds else Verdict.FALSE, EntityType.YEAR, str(nearest))


def _find_values(
    index: GraphIndex, film: Film, entity_type: EntityType, text: str, iri: str | None
) -> tuple[str, ...]:
    """Return what the words may denote; one new IRI of their own where the graph knows nothing."""
    if iri:
        return (iri,)
    known = index.link(entity_type, text)
    if entity_type in PEOPLE or entity_type is EntityType.CHARACTER:
        known = (*known, *_find_bearers(index, film, entity_type, text, bool(known)))
    kind = PERSON if entity_type in PEOPLE else entity_type.value
    return known or (mint(kind, text),)


def _find_bearers(
    index: GraphIndex, film: Film, entity_type: EntityType, text: str, known: bool
) -> Iterable[str]:
    """Yield the film's own people whose name is part of the words, or is spelt nearly as they are.

    "De Niro" in a film of Robert De Niro is he.
    """
    name = fold(text)
    for value in film.facts.get(entity_type, ()):
        node = index.nodes.get(value)
        for label in (node.label, *node.alternatives) if node else ():
            own = fold(label)
            is_part = own.endswith(f" {name}") or own.startswith(f"{name} ")
            if is_part or (not known and OSA.normalized_similarity(own, name) >= _SAME_NAME):
                yield value


def _is_excluded(
    index: GraphIndex, film: Film, entity_type: EntityType, text: str, values: tuple[str, ...]
) -> bool:
    """Return True where what the graph holds of the film leaves no room for the fact."""
    held = film.facts.get(entity_type, ())
    if entity_type is EntityType.DIRECTOR or entity_type in _CLOSED:
        known = entity_type is EntityType.DIRECTOR or any(value in index.nodes for value in values)
        return bool(held) and known
    if entity_type is EntityType.ACTOR:
        # who directed a film of which the leads are known, and is none of them, did not play in it
        directs = any(value in film.facts.get(EntityType.DIRECTOR, ()) for value in values)
        return film.cast_complete or len(held) >= _COMPLETE_CAST or (directs and bool(held))
    if entity_type is EntityType.GENRE:
        named = [value for value in values if value in index.nodes and value not in OPINIONS]
        near = any(_is_neighbour(index, value, other) for value in named for other in held)
        return bool(held) and bool(named) and not near
    if entity_type in _SUBJECTS:
        return _is_far(index, film, text)
    if entity_type is EntityType.SETTING:
        return _is_elsewhere(index, film, values) or _is_far(index, film, text)
    return False


def _is_far(index: GraphIndex, film: Film, text: str) -> bool:
    """Return True where enough is known of what a film is about, and the words are far from it."""
    known = sum(len(film.facts.get(kind, ())) for kind in ABOUTNESS)
    return known >= _COMPLETE_THEMES and not is_near(index, film, text)


def _is_elsewhere(index: GraphIndex, film: Film, values: tuple[str, ...]) -> bool:
    """Return True for a place that neither holds nor lies in one of the film's places."""
    claimed = [value for value in values if _is_place(index, value)]
    held = [value for value in film.facts.get(EntityType.SETTING, ()) if _is_place(index, value)]
    near = any(_is_neighbour(index, value, other) for value in claimed for other in held)
    return bool(claimed) and bool(held) and not near


def _is_place(index: GraphIndex, value: str) -> bool:
    node = index.nodes.get(value)
    # "Los Angeles" is a place on the map, "insane asylum" and "the 1950s" are none
    named = node is not None and node.label.removeprefix("the ")[:1].isupper()
    return named and _TIMES.search(fold(node.label if node else "")) is None


def _is_neighbour(index: GraphIndex, value: str, other: str) -> bool:
    """Return True if one concept includes the other, or they are related."""
    first, second = index.nodes[value], index.nodes.get(other)
    return second is not None and (
        value == other
        or value in second.related
        or other in first.related
        or value in index.above(other)
        or other in index.above(value)
    )
