"""Answers to questions about films, from the graph alone: who directed Heat, is it rated R.

What is asked is told by words of the question. Where the graph does not hold the fact, the answer
says that it is not here; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..knowledge.index import Film, GraphIndex
from ..knowledge.normalisation import fold
from ..knowledge.years import parse_years
from ..schema import Entity, EntityType, ParsedQuery, Query
from .matching import ABOUTNESS, Match, says_unrated

# The first pattern that fits says what is asked; "who stars in" before "who".
_ASKED: tuple[tuple[EntityType, str, re.Pattern[str]], ...] = tuple(
    (kind, words, re.compile(pattern))
    for kind, words, pattern in (
        (EntityType.DIRECTOR, "directed by", r"\b(direct(ed|or|ors|s|ing)?|helmed|film ?maker)\b"),
        (
            EntityType.CERTIFICATE,
            "rated",
            r"\b(certificate|certification|pg|mpaa|age rating|rated|for (kids|children)|"
            r"how old do)\b",
        ),
        (EntityType.RATING, "scored", r"\b(rating|ratings|score|scored|stars did|imdb)\b"),
        (
            EntityType.ACTOR,
            "with",
            r"\b(star(s|red|ring)?|cast|act(s|ed|or|ors|ress|resses|ing)?|play(s|ed|ing)?|"
            r"who (was|is|are|were) in|leads?|lead role)\b",
        ),
        (EntityType.SONG, "with the music", r"\b(song|songs|soundtrack|track|music|sang|sings)\b"),
        (
            EntityType.YEAR,
            "from",
            r"\b(when|what year|which year|year|come out|came out|released?|how old is)\b",
        ),
        (EntityType.SETTING, "set in", r"\b(set|take place|takes place|location)\b"),
        (EntityType.LANGUAGE, "in", r"\b(languages?|spoken|speak)\b"),
        (EntityType.COUNTRY, "made in", r"\b(country|countries|made in|from where)\b"),
        (EntityType.STUDIO, "made by", r"\b(studio|studios|company|produced|distributor)\b"),
        (EntityType.AWARD, "winner of", r"\b(awards?|oscars?|win|won|prizes?|nominated)\b"),
        (EntityType.ORIGIN, "based on", r"\b(based on|adapted|adaptation|inspired by|source)\b"),
        (EntityType.CHARACTER, "with the characters", r"\b(characters?|villain|hero|heroine)\b"),
        (EntityType.QUOTE, "with the line", r"\b(quotes?|line|says?|said)\b"),
        (EntityType.GENRE, "a film of the kind", r"\b(genre|genres|kind of|type of|sort of)\b"),
        (EntityType.PLOT, "about", r"\b(plot|about|story|happens|synopsis|summary)\b"),
    )
)
_QUESTION = re.compile(
    r"\?|\b(who|whom|whose|what|whats|which|when|where|why|how|tell me)\b|"
    r"^\W*(\w+\W+){0,2}(is|isnt|are|arent|was|were|do|does|did|has|have|had|can|could|will|would|"
    r"should)\b",
    re.IGNORECASE,
)
_MOST_NAMED = 8
_CHECKED = frozenset(EntityType) - {
    EntityType.TITLE,
    EntityType.REVIEW,
    EntityType.RATING,
    EntityType.TRAILER,
}
Claim = tuple[Entity, Match | None]
_NOT_HERE = "not here: the graph does not hold that"


@dataclass(frozen=True)
class Answer:
    """What the graph says to a question.

    Attributes:
        text: one or two sentences.
        known: False where the graph does not hold it.
        films: those that the answer is about, each with the triples it rests on.
    """

    text: str
    known: bool = False
    films: tuple[tuple[Film, tuple[str, ...]], ...] = ()


def asks(text: str) -> bool:
    """Return whether a text has the form of a question.

    Example:
        >>> asks("so did al pacino direct"), asks("documentary about the sea")
        (True, False)
    """
    return _QUESTION.search(text) is not None


def answer_question(
    query: ParsedQuery | Query, matches: Sequence[Match | None], index: GraphIndex
) -> Answer:
    """Return the graph's answer to a question about films.

    A question that names a film asks a fact of it, or whether a fact is true of it; one that names
    none asks which films have all the facts it names.
    """
    pairs = list(zip(query.entities, matches, strict=True))
    titles = [
        (entity, film)
        for entity, match in pairs
        if entity.type is EntityType.TITLE and match and (film := index.film(match.iri))
    ]
    if not titles:
        missing = [entity.text for entity, _ in pairs if entity.type is EntityType.TITLE]
        if missing:
            return Answer(f"not here: the graph knows no film called {missing[0]!r}")
        return _find_films(pairs, index)
    claims = [(entity, match) for entity, match in pairs if entity.type in _CHECKED]
    asked = _find_asked(query, claims)
    film = titles[0][1]
    if asked is not None and asked not in {match.type for _, match in claims if match}:
        return _tell_fact(film, asked, claims, index)
    if claims:
        return _judge_claims(film, claims, index)
    return Answer(f"{_NOT_HERE} of {_name(film)}", films=())


def _find_asked(query: ParsedQuery | Query, claims: Sequence[Claim]) -> EntityType | None:
    """Return the type of fact that the words around the entities ask for."""
    text = query.text
    for entity in sorted(query.entities, key=lambda one: -one.start):
        text = f"{text[: entity.start]} {text[entity.end :]}"
    words = fold(text)
    for kind, _, pattern in _ASKED:
        if pattern.search(words):
            return kind
    return None


def _tell_fact(
    film: Film,
    asked: EntityType,
    claims: Sequence[Claim],
    index: GraphIndex,
) -> Answer:
    if asked is EntityType.ACTOR:
        played = [m.iri for _, m in claims if m and m.type is EntityType.CHARACTER]
        actors = tuple(one.actor for one in film.credits if one.character in played)
        if actors:
            return _list_values(film, asked, actors, index)
    if asked is EntityType.CHARACTER:
        actors = tuple(m.iri for _, m in claims if m and m.type is EntityType.ACTOR)
        parts = tuple(one.character for one in film.credits if one.actor in actors)
        if any(parts):
            return _list_values(film, asked, tuple(filter(None, parts)), index)
    values = film.facts.get(asked, ())
    if asked is EntityType.CERTIFICATE and film.is_unrated:
        return Answer(f"{_name(film)} is unrated: it came out before films were rated", True)
    if not values:
        return Answer(f"{_NOT_HERE}: no {asked.value} of {_name(film)}")
    return _list_values(film, asked, values, index)


def _list_values(film: Film, asked: EntityType, values: Sequence[str], index: GraphIndex) -> Answer:
    words = next(words for kind, words, _ in _ASKED if kind is asked)
    names = [_label(index, value) for value in values[:_MOST_NAMED]]
    triples = tuple(index.triple(film, asked, value) for value in values[:_MOST_NAMED])
    more = f" and {len(values) - _MOST_NAMED} more" if len(values) > _MOST_NAMED else ""
    return Answer(f"{_name(film)}: {words} {', '.join(names)}{more}", True, ((film, triples),))


def _judge_claims(film: Film, claims: Sequence[Claim], index: GraphIndex) -> Answer:
    """Return whether the graph holds what a question says of a film."""
    held: list[str] = []
    triples: list[str] = []
    missing: list[str] = []
    for entity, match in claims:
        triple = _find_triple(film, entity, match, index)
        if triple:
            held.append(f"{entity.type.value} {entity.text!r}")
            triples.append(triple)
        else:
            missing.append(f"{entity.type.value} {entity.text!r}")
    if not missing:
        text = f"yes: {', '.join(held)} of {_name(film)}"
        return Answer(text, True, ((film, tuple(triples)),))
    text = f"not here: the graph does not hold {', '.join(missing)} of {_name(film)}"
    known = [
        f"{kind.value} {', '.join(_label(index, value) for value in film.facts[kind][:3])}"
        for kind in dict.fromkeys(entity.type for entity, _ in claims)
        if film.facts.get(kind)
    ]
    return Answer(f"{text}; it holds {'; '.join(known)}" if known else text)


def _find_triple(film: Film, entity: Entity, match: Match | None, index: GraphIndex) -> str | None:
    if entity.type is EntityType.YEAR:
        span = parse_years(entity.text, index.newest_year)
        if span and film.year is not None and span[0] <= film.year <= span[1]:
            return index.triple(film, EntityType.YEAR, str(film.year))
        return None
    if match is None:
        return None
    for iri in (match.iri, *match.rivals):
        if index.holds(film, match.type, iri):
            return index.triple(film, match.type, iri)
    return None


def _find_films(pairs: Sequence[Claim], index: GraphIndex) -> Answer:
    """Return the films that have all the facts a question names; best known first.

    What a film should be about and the graph has no word for is left out, and said.
    """
    claims = [pair for pair in pairs if pair[0].type in _CHECKED]
    unknown = [entity for entity, match in claims if match is None and _is_unlinked(entity)]
    claims = [pair for pair in claims if pair[0] not in unknown]
    if not claims or any(entity.type not in ABOUTNESS for entity in unknown):
        return Answer(_NOT_HERE)
    held = [
        frozenset().union(*(index.films_with(m.type, iri) for iri in (m.iri, *m.rivals)))
        for entity, m in claims
        if m and not entity.negated and not says_unrated(entity)
    ]
    positions = frozenset.intersection(frozenset(range(len(index.films))), *held)
    found: list[tuple[Film, tuple[str, ...]]] = []
    for film in sorted(
        (index.films[position] for position in positions),
        key=lambda film: (-film.popularity, film.iri),
    ):
        triples = _prove(film, claims, index)
        if triples is not None:
            found.append((film, triples))
    if not found:
        return Answer("not here: the graph holds no such film")
    names = ", ".join(_name(film) for film, _ in found[:_MOST_NAMED])
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    words = ", ".join(f"{entity.type.value} {entity.text!r}" for entity in unknown)
    but = f" (the graph knows nothing of {words})" if words else ""
    return Answer(f"{names}{more}{but}", True, tuple(found))


def _is_unlinked(entity: Entity) -> bool:
    return entity.type is not EntityType.YEAR and not says_unrated(entity)


def _prove(film: Film, claims: Sequence[Claim], index: GraphIndex) -> tuple[str, ...] | None:
    """Return the triples by which a film has all that is claimed, None if it has not."""
    triples: list[str] = []
    for entity, match in claims:
        triple = _find_triple(film, entity, match, index)
        true = film.is_unrated if says_unrated(entity) else triple is not None
        if true is entity.negated:
            return None
        if triple and true:
            triples.append(triple)
    return tuple(triples) or (index.triple(film, EntityType.TITLE, film.iri),)


def _label(index: GraphIndex, value: str) -> str:
    node = index.nodes.get(value)
    return node.label if node else value


def _name(film: Film) -> str:
    return f"{film.title} ({film.year})" if film.year else film.title
