"""Why a film is recommended: the triples that justify it, and what of the wish it does not meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..knowledge.index import Film, GraphIndex
from ..schema import EntityType
from .conditions import Selection, meet
from .ranking import Ranker
from .wishes import Condition, Wish

_MOST_SHARED = 3  # facts that a film has in common with liked ones


def find_facts(position: int, wish: Wish, selection: Selection, ranker: Ranker) -> tuple[str, ...]:
    """Return the facts of a film that the wish asked for, as N-Triples without the final dot.

    Where it asked for none that the film holds, the fact that comes closest in meaning, and the
    film's name if it is about nothing.
    """
    graph = ranker.graph
    film = graph.films[position]
    found = [
        triple
        for condition in selection.kept + selection.given_up
        for triple in _condition_facts(graph, film, condition)
    ]
    for taste in wish.tastes:
        found += _held(graph, film, taste.type, taste.iris)
    if wish.liked:
        for iri in ranker.shared_concepts(position, wish.liked)[:_MOST_SHARED]:
            found.append(graph.triple(film, EntityType(graph.nodes[iri].kind), iri))
    if not found or wish.phrases:
        phrases = wish.phrases or [one.mention for one in wish.tastes]
        nearest = ranker.nearest_concept(position, phrases)
        if nearest is not None:
            found.append(graph.triple(film, EntityType(graph.nodes[nearest].kind), nearest))
    if not found:
        found.append(graph.triple(film, EntityType.TITLE, film.iri))
    return tuple(dict.fromkeys(found))


def find_unmet(
    film: Film, position: int, wish: Wish, selection: Selection, ranker: Ranker
) -> tuple[str, ...]:
    """Return the mentions of a wish that a film does not meet."""
    facts = ranker.films.facts
    unmet = [one.mention for one in selection.given_up if not meet(one, facts)[position]]
    unmet += [
        taste.mention
        for taste in wish.tastes
        if not any(ranker.graph.holds(film, taste.type, iri) for iri in taste.iris)
    ]
    return tuple(unmet)


def _condition_facts(index: GraphIndex, film: Film, condition: Condition) -> Iterator[str]:
    if condition.unrated or (condition.negated and condition.span is None):
        return  # what a film does not hold is no triple
    if condition.span is None:
        yield from _held(index, film, condition.type, condition.iris)
        return
    first, last = condition.span
    for value in film.facts.get(condition.type, ()):
        if (first <= float(value) <= last) is not condition.negated:
            yield index.triple(film, condition.type, value)


def _held(index: GraphIndex, film: Film, kind: EntityType, iris: Sequence[str]) -> Iterator[str]:
    for iri in iris:
        if index.holds(film, kind, iri):
            yield index.triple(film, kind, iri)
