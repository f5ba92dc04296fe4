"""What a parsed query wishes for: what must hold, what is liked, and what it should be about.

| mention | becomes |
| --- | --- |
| people, character, year, certificate, language, country, award, studio, song, quote, origin, \
relationship, a number of stars | a condition: films must meet it |
| anything that is not wanted | a condition not to be met |
| genre, theme, plot, mood, setting | a taste: the nearer a film comes to it the better |
| a title | a film to be like, or unlike where it was disliked; never recommended itself |
| what is said of a liked title | a taste, not a condition: "like Heat with Al Pacino" |
| "best", "highly rated", "worst" | an order by rating, or by how well known films are |
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..knowledge.index import Film, GraphIndex
from ..knowledge.normalisation import fold
from ..knowledge.years import SPOKEN_NUMBERS, parse_years
from ..schema import Entity, EntityType, ParsedQuery, Query
from .belonging import PEOPLE, find_title
from .matching import ABOUTNESS, Match, says_unrated

# The first is the last to be given up when no film meets all conditions. What is not wanted comes
# before all of them.
IMPORTANCE = (
    EntityType.ACTOR,
    EntityType.DIRECTOR,
    EntityType.CHARACTER,
    EntityType.QUOTE,
    EntityType.SONG,
    EntityType.YEAR,
    EntityType.LANGUAGE,
    EntityType.CERTIFICATE,
    EntityType.COUNTRY,
    EntityType.AWARD,
    EntityType.ORIGIN,
    EntityType.RELATIONSHIP,
    EntityType.STUDIO,
    EntityType.RATING,
)
_OPINIONS = (EntityType.RATING, EntityType.REVIEW)
_MUSIC = (
    "theme song soundtrack title track music main score musical opening closing love end credits"
)
_POOR = "worst bad lowest poor poorly terrible awful horrible rotten hated flop"
_MIDDLING = "average mediocre okay ok decent fair middling"
# Words of which no graph holds a fact: "theme song" names none.
_MUSIC_WORDS = frozenset(_MUSIC.split())
_POOR_WORDS = frozenset(_POOR.split())
_MIDDLING_WORDS = frozenset(_MIDDLING.split())
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_FIVE_STARS = 5  # a number up to this is of five, as stars are given
_SAID_WEIGHT = 0.5
_LONGEST_PHRASE = 1_000  # characters; what stands behind them says little that is new


@dataclass(frozen=True, slots=True)
class Condition:
    """What a film must hold, or must not.

    Attributes:
        mention: for people: "director 'michael mann'".
        type: of the fact.
        iris: of which a film must hold one.
        span: first and last year, both included, or least and highest rating.
        negated: True where films must not meet it.
        unrated: True where a film must have no certificate.
    """

    mention: str
    type: EntityType
    iris: tuple[str, ...] = ()
    span: tuple[float, float] | None = None
    negated: bool = False
    unrated: bool = False


@dataclass(frozen=True, slots=True)
class Taste:
    """What a film should be about or, where it is said of a liked film, have in common with it.

    What is said of a film weighs less than what is wished for.
    """

    mention: str
    type: EntityType
    iris: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Wish:
    """All that a query wishes for.

    Attributes:
        conditions: the most important first.
        tastes: what the graph has a node for.
        phrases: words for a plot or mood that the graph has no node for; meaning decides.
        unwanted: such words for what is not wanted.
        liked: films to be like.
        disliked: films to be unlike.
        excluded: IRIs of all films that bear a title of the query.
        quality: 1 for the best, -1 for the worst, 0 where it is not asked.
        unknown: mentions of which the graph knows nothing.
    """

    conditions: tuple[Condition, ...] = ()
    tastes: tuple[Taste, ...] = ()
    phrases: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    liked: tuple[Film, ...] = ()
    disliked: tuple[Film, ...] = ()
    excluded: frozenset[str] = frozenset()
    quality: int = 0
    unknown: tuple[str, ...] = ()


@dataclass
class _Draft:
    conditions: list[Condition] = field(default_factory=list)
    tastes: list[Taste] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    quality: int = 0


def read_wish(
    query: ParsedQuery | Query, matches: Sequence[Match | None], index: GraphIndex
) -> Wish:
    """Return what a query wishes for, given what its entities denote."""
    entities = query.entities
    films = {
        place: film
        for place, (entity, match) in enumerate(zip(entities, matches, strict=True))
        if entity.type is EntityType.TITLE and match and (film := index.film(match.iri))
    }
    liked = {place: film for place, film in films.items() if not entities[place].negated}
    draft = _Draft()
    for entity, match in zip(entities, matches, strict=True):
        if entity.type is EntityType.TITLE:
            if match is None:
                draft.unknown.append(describe(entity))
            continue
        title = find_title(query.text, entity, match, entities, liked)
        if title is not None and not entity.negated:
            if title in liked and entity.type in (*ABOUTNESS, *PEOPLE):
                _add_taste(draft, entity, match)
        else:
            _add_wish(draft, entity, match, index)
    named = [match for match in matches if match and match.type is EntityType.TITLE]
    if not (draft.conditions or draft.tastes or draft.phrases or films or draft.quality):
        draft.phrases.append(query.text[:_LONGEST_PHRASE])
    return Wish(
        conditions=_settle(draft.conditions),
        tastes=tuple(dict.fromkeys(draft.tastes)),
        phrases=tuple(dict.fromkeys(draft.phrases)),
        unwanted=tuple(dict.fromkeys(draft.unwanted)),
        liked=tuple(liked.values()),
        disliked=tuple(film for place, film in films.items() if place not in liked),
        excluded=frozenset(iri for match in named for iri in (match.iri, *match.rivals)),
        quality=draft.quality,
        unknown=tuple(dict.fromkeys(draft.unknown)),
    )


def describe(entity: Entity) -> str:
    """Return a mention in words.

    Example:
        >>> describe(Entity(EntityType.GENRE, "horror", 3, 9, negated=True))
        "not genre 'horror'"
    """
    return f"{'not ' if entity.negated else ''}{entity.type.value} {entity.text!r}"


def _add_taste(draft: _Draft, entity: Entity, match: Match | None) -> None:
    if match is not None:
        iris = (match.iri, *match.rivals)
        draft.tastes.append(Taste(describe(entity), match.type, iris, _SAID_WEIGHT))
    elif entity.type in ABOUTNESS:
        draft.phrases.append(entity.text[:_LONGEST_PHRASE])


def _add_wish(draft: _Draft, entity: Entity, match: Match | None, index: GraphIndex) -> None:
    mention = describe(entity)
    if entity.type in _OPINIONS:
        _add_opinion(draft, entity, index)
    elif entity.type is EntityType.YEAR:
        span = parse_years(entity.text, index.newest_year)
        if span is None:
            draft.unknown.append(mention)
        else:
            draft.conditions.append(
                Condition(mention, entity.type, span=span, negated=entity.negated)
            )
    elif says_unrated(entity):
        draft.conditions.append(
            Condition(mention, entity.type, negated=entity.negated, unrated=True)
        )
    elif match is None:
        _add_unknown(draft, entity, mention)
    elif match.type in ABOUTNESS and not entity.negated:
        draft.tastes.append(Taste(mention, match.type, (match.iri, *match.rivals)))
    else:
        iris = (match.iri, *match.rivals)
        draft.conditions.append(Condition(mention, match.type, iris, negated=entity.negated))


def _add_unknown(draft: _Draft, entity: Entity, mention: str) -> None:
    if entity.type is EntityType.SONG and set(fold(entity.text).split()) <= _MUSIC_WORDS:
        return
    if entity.type in ABOUTNESS:
        (draft.unwanted if entity.negated else draft.phrases).append(entity.text[:_LONGEST_PHRASE])
    elif not entity.negated:
        draft.unknown.append(mention)


def _add_opinion(draft: _Draft, entity: Entity, index: GraphIndex) -> None:
    """Take a number as the least rating, where the graph has ratings, and other words as an order.

    "Funniest" and "must see" ask for the best of what is wished for.
    """
    words = fold(entity.text).split()
    number = _read_number(words)
    rated = bool(index.values(EntityType.RATING))
    if number is not None and rated:
        least = 2 * number if number <= _FIVE_STARS else number
        draft.conditions.append(
            Condition(describe(entity), EntityType.RATING, span=(least, 10), negated=entity.negated)
        )
    elif entity.type is EntityType.RATING and not rated:
        draft.unknown.append(f"{describe(entity)} (this graph holds no ratings)")
    if not set(words) & _MIDDLING_WORDS:
        poor = bool(set(words) & _POOR_WORDS) is not entity.negated
        draft.quality = -1 if poor else 1


def _read_number(words: Sequence[str]) -> float | None:
    for word in words:
        if _NUMBER.fullmatch(word):
            return float(word)
        if word in SPOKEN_NUMBERS:
            return float(SPOKEN_NUMBERS[word])
    return None


def _settle(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """Return conditions each once, the most important first.

    A film has one year and one certificate: of several, any will do.
    """
    settled: list[Condition] = []
    for condition in dict.fromkeys(conditions):
        alike = next(
            (
                place
                for place, other in enumerate(settled)
                if not (condition.negated or other.negated)
                and condition.type is other.type is EntityType.CERTIFICATE
                and not (condition.unrated or other.unrated)
            ),
            None,
        )
        if alike is None:
            settled.append(condition)
        else:
            other = settled[alike]
            mention = f"{other.mention} or {condition.mention}"
            settled[alike] = Condition(mention, other.type, (*other.iris, *condition.iris))
    return tuple(sorted(settled, key=lambda one: (not one.negated, _rank(one.type))))


def _rank(kind: EntityType) -> int:
    return IMPORTANCE.index(kind) if kind in IMPORTANCE else len(IMPORTANCE)
