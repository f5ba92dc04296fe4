"""What a recommender returns: hits with their reasons, or an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from ..schema import Movie


@dataclass(frozen=True, slots=True)
class Hit:
    """One film; unpacks into film, score and facts.

    Attributes:
        movie: the film.
        score: from 0 to 1; comparable within one query.
        facts: the triples that justify it, as N-Triples without the final dot.
        parts: what the score is made of; see `ranking`.
        unmet: the mentions of the query that the film does not meet.
    """

    movie: Movie
    score: float
    facts: tuple[str, ...] = ()
    parts: Mapping[str, float] = field(default_factory=dict, hash=False)
    unmet: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Any]:
        """Yield film, score and facts: `for movie, score, facts in films`."""
        yield from (self.movie, self.score, self.facts)

    def to_row(self) -> dict[str, Any]:
        """Return title, year, IRI, score and facts as plain JSON values."""
        return {
            "title": self.movie.title,
            "year": self.movie.year,
            "iri": self.movie.iri,
            "score": round(self.score, 4),
            "facts": list(self.facts),
        }


@dataclass(frozen=True)
class Recommendation(Sequence[Hit]):
    """The hits of one query, best first.

    Attributes:
        hits: at most as many as were asked for; fewer where no more films meet the conditions.
        answer: in words, for a query that asks a question; None for one that asks for films.
        known: False where the graph does not hold what a question asks.
        given_up: conditions that were given up, since no film meets all of them.
        unknown: mentions of which the graph knows nothing.
    """

    hits: tuple[Hit, ...] = ()
    answer: str | None = None
    known: bool = True
    given_up: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What one should know of the hits, in sentences."""
        notes = [f"the graph knows nothing of {mention}" for mention in self.unknown]
        if self.given_up:
            notes.append(f"no film meets all of it; given up: {', '.join(self.given_up)}")
        return tuple(notes)

    def __len__(self) -> int:
        """Return the number of hits."""
        return len(self.hits)

    @overload
    def __getitem__(self, place: int) -> Hit: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Hit, ...]: ...

    def __getitem__(self, place: int | slice) -> Hit | tuple[Hit, ...]:
        """Return the hit at a place, or the hits of a slice."""
        return self.hits[place]
