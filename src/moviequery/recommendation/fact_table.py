"""Which films hold which facts, as arrays that a query can be answered from in a millisecond."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from ..knowledge.index import Film, GraphIndex
from ..schema import ENTITY_TYPES, EntityType
from .matching import ABOUTNESS

Positions = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

_UNKNOWN_YEAR = -1
# Facts that are values of a scale and not nodes that films share.
_SCALES = (EntityType.YEAR, EntityType.RATING)


@dataclass(frozen=True)
class ConceptLists:
    """What some films are about: `places[starts[n] : starts[n + 1]]` are the concepts of the n-th.

    Attributes:
        places: of concepts in `FactTable.concepts`.
        starts: one more than films.
    """

    places: Positions
    starts: npt.NDArray[np.int64]

    def best(self, scores: Floats) -> Floats:
        """Return for every film the highest score among its concepts; 0 for one without any.

        Args:
            scores: one per concept of the table, not below 0.
        """
        return self._reduce(np.maximum, scores)

    def total(self, scores: Floats) -> Floats:
        """Return for every film the sum of its concepts' scores."""
        return self._reduce(np.add, scores)

    def _reduce(self, operation: np.ufunc, scores: Floats) -> Floats:
        result = np.zeros(len(self.starts) - 1, np.float32)
        some = np.flatnonzero(np.diff(self.starts))
        if len(some):
            result[some] = operation.reduceat(scores[self.places], self.starts[some])
        return result


@dataclass(frozen=True)
class FactTable:
    """The facts of all films; positions are those of `GraphIndex.films`.

    Attributes:
        keys: "type iri" of every fact that a film holds, sorted; broader concepts too.
        starts: where the films of each key begin in `holders`; one more than keys.
        holders: positions of films, key after key, sorted within each.
        concepts: IRIs of what films are about (genre, mood, theme, plot, setting), sorted.
        concept_starts: where the concepts of each film begin in `film_concepts`.
        film_concepts: places in `concepts`, film after film; a film without any has none.
        years: -1 where it is not known.
        ratings: from 0 to 10, not a number where it is not known.
        standing: rank by popularity, from 0 to 1; 0 where nothing is known.
        is_film: False for shows.
        is_unrated: see `Film.is_unrated`.
    """

    keys: tuple[str, ...]
    starts: npt.NDArray[np.int64]
    holders: Positions
    concepts: tuple[str, ...]
    concept_starts: npt.NDArray[np.int64]
    film_concepts: Positions
    years: npt.NDArray[np.int16]
    ratings: Floats
    standing: Floats
    is_film: Flags
    is_unrated: Flags

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {key: place for place, key in enumerate(self.keys)}

    @cached_property
    def concept_places(self) -> Mapping[str, int]:
        """Place in `concepts` by IRI."""
        return {iri: place for place, iri in enumerate(self.concepts)}

    def __len__(self) -> int:
        """Return the number of films and shows."""
        return len(self.years)

    def find(self, kind: EntityType, iri: str) -> Positions:
        """Return the positions of the films that hold a fact; see `GraphIndex.holds`."""
        place = self._places.get(_key(kind, iri))
        if place is None:
            return np.zeros(0, np.int32)
        return self.holders[self.starts[place] : self.starts[place + 1]]

    def flags(self, kind: EntityType, iris: Iterable[str]) -> Flags:
        """Return for every film whether it holds any of the facts."""
        held = np.zeros(len(self), np.bool_)
        for iri in iris:
            held[self.find(kind, iri)] = True
        return held

    def concepts_of(self, position: int) -> Positions:
        """Return the places of a film's own concepts in `concepts`."""
        return self.film_concepts[self.concept_starts[position] : self.concept_starts[position + 1]]

    def gather(self, positions: Positions) -> ConceptLists:
        """Return the concepts of some films, sorted by position, as lists one after the other."""
        if len(positions) == len(self):
            return ConceptLists(self.film_concepts, self.concept_starts)
        lengths = np.diff(self.concept_starts)[positions]
        starts = _borders(lengths.tolist())
        # a film's list begins at its own start; within it, places count on
        shifts = np.repeat(self.concept_starts[positions] - starts[:-1], lengths)
        return ConceptLists(self.film_concepts[shifts + np.arange(starts[-1])], starts)


def make_table(index: GraphIndex) -> FactTable:
    """Return the facts of a graph's films as arrays; shows its progress where it takes long."""
    films = index.films
    pairs: dict[str, list[int]] = {}
    concepts = sorted(
        {iri for film in films for kind in ABOUTNESS for iri in film.facts.get(kind, ())}
    )
    places = {iri: place for place, iri in enumerate(concepts)}
    own: list[list[int]] = []
    for position, film in enumerate(
        tqdm(films, "facts", unit=" films", disable=None, delay=2, leave=False)
    ):
        own.append([places[iri] for kind in ABOUTNESS for iri in film.facts.get(kind, ())])
        for key in dict.fromkeys(_keys_of(index, film)):
            pairs.setdefault(key, []).append(position)
    keys = tuple(sorted(pairs))
    return FactTable(
        keys=keys,
        starts=_borders(len(pairs[key]) for key in keys),
        holders=np.fromiter((at for key in keys for at in pairs[key]), np.int32),
        concepts=tuple(concepts),
        concept_starts=_borders(map(len, own)),
        film_concepts=np.fromiter((place for some in own for place in some), np.int32),
        years=np.array([_UNKNOWN_YEAR if f.year is None else f.year for f in films], np.int16),
        ratings=np.array(
            [float(f.facts.get(EntityType.RATING, ("nan",))[0]) for f in films], np.float32
        ),
        standing=_rank([film.popularity for film in films]),
        is_film=np.array([film.kind == "movie" for film in films], np.bool_),
        is_unrated=np.array([film.is_unrated for film in films], np.bool_),
    )


def _keys_of(index: GraphIndex, film: Film) -> Iterator[str]:
    for kind in ENTITY_TYPES:
        if kind not in _SCALES:
            for iri in film.facts.get(kind, ()):
                yield _key(kind, iri)
                for broader in index.above(iri):
                    yield _key(kind, broader)


def _key(kind: EntityType, iri: str) -> str:
    return f"{kind.value} {iri}"


def _borders(lengths: Iterable[int]) -> npt.NDArray[np.int64]:
    return np.cumsum([0, *lengths], dtype=np.int64)


def _rank(values: list[float]) -> Floats:
    """Return the share of known values that are not higher; equal values are equal."""
    known = np.sort(np.array([value for value in values if value > 0]))
    if not len(known):
        return np.zeros(len(values), np.float32)
    ranks = np.searchsorted(known, np.array(values), side="right") / len(known)
    return ranks.astype(np.float32)
