"""Does the graph hold what a query says? Claims are judged one by one, queries as a whole.

What is said OF a named film must be true of it; what is WANTED must fit at least one film.
A phrase of several facts that is wanted is true where its film holds all of them. The rules of
truth, by type, are those of `truth`.

The paper's Listing 4 is the example of what must be refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from ..errors import GroundingError
from ..knowledge.index import Film, GraphIndex
from ..knowledge.normalisation import fold
from ..knowledge.years import parse_years
from ..schema import Entity, EntityType, Query
from .template import LEXICAL_TYPES, SONG_KINDS
from .truth import Verdict, judge_fact, list_labels, says_unrated

if TYPE_CHECKING:
    from ..knowledge.graph import MovieGraph

_STOP_WORDS = frozenset(
    ["a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"]
)
_STEM = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """One entity of a query, the graph's verdict on it, and why where it is not true."""

    entity: Entity
    verdict: Verdict
    reason: str = ""


def check(query: Query, graph: MovieGraph) -> Query:
    """Return the query unchanged if the graph holds all that it states, or it is a marked trap.

    Raises:
        GroundingError: a claim is false or unknown to the graph, or no film fits what is wanted.

    Example:
        >>> from moviequery import Movie, MovieGraph
        >>> from moviequery.schema import Intent
        >>> heat = Entity(EntityType.TITLE, "Heat", 13, 17)
        >>> query = Query("who directed Heat?", Intent.NON_REC, (heat,))
        >>> check(query, MovieGraph.from_movies([Movie("Heat", 1995)])) is query
        True
    """
    if query.provenance is not None and query.provenance.trap:
        return query
    refused = [claim for claim in judge(query, graph) if claim.verdict is not Verdict.TRUE]
    if refused:
        reasons = "; ".join(dict.fromkeys(claim.reason for claim in refused))
        raise GroundingError(
            f"not grounded: {reasons}", query, tuple(claim.entity for claim in refused)
        )
    return query


def judge(query: Query, graph: MovieGraph) -> tuple[Claim, ...]:
    """Return a claim for each entity that states something, in the order of the entities.

    Words without a counterpart in a graph (ratings, reviews, trailers, "theme song") state nothing.

    Example:
        >>> from moviequery import Movie, MovieGraph
        >>> from moviequery.schema import Intent
        >>> graph = MovieGraph.from_movies([Movie("Heat", 1995)])
        >>> heat, year = (
        ...     Entity(EntityType.TITLE, "Heat", 0, 4),
        ...     Entity(EntityType.YEAR, "1996", 8, 12, about=0),
        ... )
        >>> claims = judge(Query("Heat of 1996", Intent.NON_REC, (heat, year)), graph)
        >>> [claim.verdict.value for claim in claims]
        ['true', 'false']
    """
    index = graph.index
    entities = query.entities
    claims: dict[int, Claim] = {}
    wanted: dict[int, list[int]] = {}
    told: dict[int, list[int]] = {}
    for position, entity in enumerate(entities):
        if entity.type is EntityType.TITLE:
            told.setdefault(position, [])
        elif states_nothing(entity):
            continue
        elif entity.about is None:
            wanted.setdefault(_find_part(query, entity), []).append(position)
        elif not _names_title(entities, entity.about):
            reason = f"{entity.text!r} is said of entity {entity.about}, which is no title"
            claims[position] = Claim(entity, Verdict.UNKNOWN, reason)
        else:
            told.setdefault(entity.about, []).append(position)
    for title, positions in told.items():
        about = [entities[position] for position in positions]
        judged = _judge_film(index, entities[title], about)
        claims.update(zip([title, *positions], judged, strict=True))
    # one film must meet the wishes of one part; another part may wish for another film
    for positions in wanted.values():
        judged = _judge_wish(query, index, [entities[position] for position in positions])
        claims.update(zip(positions, judged, strict=True))
    return tuple(claims[position] for position in sorted(claims))


def states_nothing(entity: Entity) -> bool:
    """Return True for an entity that no graph holds a fact of: ratings, "theme song"."""
    return entity.type in LEXICAL_TYPES or (
        entity.type is EntityType.SONG and not entity.iri and fold(entity.text) in SONG_KINDS
    )


def _names_title(entities: Sequence[Entity], place: int) -> bool:
    return 0 <= place < len(entities) and entities[place].type is EntityType.TITLE


def _find_part(query: Query, entity: Entity) -> int:
    """Return the number of the part that the entity stands in."""
    return sum(part.end <= entity.start for part in query.parts)


def _judge_film(index: GraphIndex, title: Entity, about: Sequence[Entity]) -> list[Claim]:
    """Return the claim of the title itself, then those of what is told about it."""
    candidates = [film for iri in _values(index, title) if (film := index.film(iri))]
    if not candidates:
        reason = f"no film called {title.text!r} is in the graph"
        return [Claim(entity, Verdict.UNKNOWN, reason) for entity in (title, *about)]
    # several films may bear the title: the one that most of the claims are true of is meant
    judged = max(
        ([_judge_fact(index, film, entity) for entity in about] for film in candidates),
        key=lambda claims: sum(claim.verdict is Verdict.TRUE for claim in claims),
    )
    return [Claim(title, Verdict.TRUE), *judged]


def _judge_fact(index: GraphIndex, film: Film, entity: Entity) -> Claim:
    """Return the verdict on one thing that is said of a film.

    A negated entity of a named film is one that was disliked; it is claimed of the film all the
    same ("I loved Heat, but not Val Kilmer").
    """
    verdict = judge_fact(index, film, entity.type, entity.text, entity.iri).verdict
    if verdict is Verdict.TRUE:
        return Claim(entity, verdict)
    held = ", ".join(list_labels(index, film, entity.type)[:6]) or "nothing"
    return Claim(
        entity,
        verdict,
        f"{verdict.value}: {entity.type} {entity.text!r} of {film.title!r} ({film.year}); "
        f"the graph holds {held}",
    )


def _judge_wish(query: Query, index: GraphIndex, entities: Sequence[Entity]) -> list[Claim]:
    """Return one claim per entity: all are true together if one film meets them all."""
    fitting: Iterable[int] | None = None
    unwanted: list[frozenset[int]] = []
    ranges: list[tuple[Entity, tuple[int, int]]] = []
    for entity in entities:
        if entity.type is EntityType.YEAR and (
            years := parse_years(entity.text, index.newest_year)
        ):
            ranges.append((entity, years))
            continue
        if says_unrated(entity.type, entity.text):
            fitting = index.unrated if fitting is None else index.unrated & frozenset(fitting)
            continue
        values = _values(index, entity)
        if not values and (holders := _find_composed(query, index, entity)):
            fitting = holders if fitting is None else holders & frozenset(fitting)
            continue
        if not values:
            reason = f"no {entity.type} called {entity.text!r} is in the graph"
            return [Claim(each, Verdict.UNKNOWN, reason) for each in entities]
        films = frozenset().union(*(index.films_with(entity.type, value) for value in values))
        if entity.negated:
            unwanted.append(films)
        else:
            fitting = films if fitting is None else films & frozenset(fitting)
    candidates = range(len(index.films)) if fitting is None else fitting
    for position in candidates:
        # who asks for films is not served by a show
        if index.films[position].kind != "movie" or any(position in films for films in unwanted):
            continue
        year = index.films[position].year
        if all(_meets_years(year, years, entity.negated) for entity, years in ranges):
            return [Claim(entity, Verdict.TRUE) for entity in entities]
    wish = ", ".join(("not " if e.negated else "") + repr(e.text) for e in entities)
    return [Claim(each, Verdict.FALSE, f"no film of the graph is {wish}") for each in entities]


def _find_composed(query: Query, index: GraphIndex, entity: Entity) -> frozenset[int]:
    """Return the film that the facts of a phrase speak of, if it holds every one of them.

    A phrase such as "a hitman haunted by guilt in Rome" is no name of the graph. It rests on the
    facts in the query's provenance: all must be held, and the phrase must name one of them.
    """
    said = _name_words(entity.text)
    films: set[int] = set()
    for triple in query.provenance.triples if query.provenance else ():
        fact = index.find_fact(triple)
        if fact is None:
            return frozenset()
        position, value = fact
        node = index.nodes.get(value)
        forms = (node.label, *node.alternatives, *node.plurals) if node else ()
        if any(_is_said(word, said) for form in forms for word in _name_words(form)):
            films.add(position)
    return frozenset(films)


def _name_words(text: str) -> set[str]:
    return {word for word in fold(text).split() if word not in _STOP_WORDS}


def _is_said(word: str, said: Iterable[str]) -> bool:
    """Tell whether a word is among those said, in another form or with slips: boxer, novvel."""
    # heavy noise strikes a word with a wrong key and with a slip: "osxra" for "oscar"
    slips = 2 if len(word) > _STEM else 1
    return any(
        word[:_STEM] == other[:_STEM]
        or (len(word) >= _STEM and OSA.distance(word, other, score_cutoff=slips) <= slips)
        for other in said
    )


def _meets_years(year: int | None, years: tuple[int, int], negated: bool) -> bool:
    return year is not None and (years[0] <= year <= years[1]) is not negated


def _values(index: GraphIndex, entity: Entity) -> tuple[str, ...]:
    """Return what the entity may denote: its own IRI, or all that its text links to."""
    return (entity.iri,) if entity.iri else index.link(entity.type, entity.text)
