"""`MovieGraph`: films as RDF, with the index that everything else samples and checks against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from ..errors import GraphError
from ..schema import Movie
from .concepts import Concepts
from .index import GraphIndex
from .linking import Linker, build_index
from .vocabulary import mint, safe_iri


class MovieGraph:
    """A knowledge graph of films."""

    def __init__(self, movies: Iterable[Movie], concepts: Concepts | None = None) -> None:
        """Hold the films; the index and the dataset are made when first asked for."""
        self.concepts = Concepts.bundled() if concepts is None else concepts
        self._movies = _identified(movies)

    @classmethod
    def from_movies(
        cls, movies: Iterable[Movie], concepts: Concepts | None = None, store: str = "oxigraph"
    ) -> MovieGraph:
        """Return the graph of films."""
        return cls(movies, concepts)

    @cached_property
    def index(self) -> GraphIndex:
        """The films and their facts as plain dictionaries."""
        return build_index(self._movies, Linker(self._movies, self.concepts))

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of all films and facts."""
        return self.index.fingerprint()

    def movies(self) -> Iterator[Movie]:
        """Yield the films, sorted by IRI."""
        yield from self._movies

    def __len__(self) -> int:
        """Return the number of films."""
        return len(self._movies)


def _identified(movies: Iterable[Movie]) -> tuple[Movie, ...]:
    """Return the films sorted by IRI, with an IRI minted for those that have none."""
    table: dict[str, Movie] = {}
    for movie in movies:
        suffix = "" if movie.year is None else f" {movie.year}"
        iri = safe_iri(movie.iri or mint(movie.kind, movie.title + suffix))
        if iri in table:
            raise GraphError(f"two films have the IRI {iri}: {table[iri].title!r}, {movie.title!r}")
        table[iri] = replace(movie, iri=iri)
    return tuple(table[iri] for iri in sorted(table))
