"""`MovieGraph`: films as RDF, with the index that everything else samples and checks against.

graph = MovieGraph.from_movies(read_catalogue("netflix_titles.csv"))
graph.write("films.nq")
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from importlib.resources import files
from numbers import Integral
from pathlib import Path
from typing import Any

from rdflib import Dataset

from ..errors import GraphError
from ..schema import Movie
from .catalogue import Catalogue
from .collector import paused_collector
from .concepts import Concepts
from .index import GraphIndex, Node
from .linking import Linker, build_index
from .merging import merge
from .querying import Bindings, Value, run_query
from .reading import read_films
from .records import Films, read_movies
from .serialisation import (
    Block,
    drop_restated,
    graph_of,
    to_lines,
    to_quads,
    to_text,
    to_turtle,
    write_blocks,
)
from .sources import Source
from .statements import FILM_TYPES
from .store import check_store, edit_lines, open_dataset
from .validation import ValidationReport, validate_lines
from .vocabulary import PERSON, has_half_character, safe_iri, source_iri


class MovieGraph:
    """A knowledge graph of films.

    Films, people and concepts are nodes with stable IRIs. The default graph of `dataset` holds each
    fact of the merged films once; the named graph `urn:moviequery:source:NAME` holds what that
    source states. Make one with `bundled`, `from_movies` or `read`.

    Attributes:
        concepts: the vocabulary that genres and tags are looked up in.
        sources: who made the tables, by name.
        store: "oxigraph" or "memory".
    """

    def __init__(
        self,
        movies: Iterable[Movie] = (),
        concepts: Concepts | None = None,
        store: str = "oxigraph",
        sources: Mapping[str, Source] | None = None,
    ) -> None:
        """Hold the films; index and dataset are made when first asked for."""
        self.concepts = Concepts.bundled() if concepts is None else concepts
        self.store = check_store(store)
        self.sources = dict(sources or {})
        self._movies = _settle(movies)
        self._known: Mapping[str, Node] = {}  # nodes whose labels were published before
        self._extra: frozenset[str] = frozenset()  # triples of others, as N-Quads

    @classmethod
    def bundled(cls, store: str = "oxigraph") -> MovieGraph:
        """Return the graph of the films that come with the library; see its LICENSES.md."""
        path = Path(str(files(__package__) / "bundled" / "catalogue.jsonl.gz"))
        with paused_collector():
            films = read_movies(path)
        return cls.from_movies(films, store=store)

    @classmethod
    def from_movies(
        cls,
        movies: Iterable[Movie],
        concepts: Concepts | None = None,
        store: str = "oxigraph",
    ) -> MovieGraph:
        """Return the graph of films; those that were not merged before are merged now.

        Args:
            movies: a catalogue, or any films. One without records counts as its own record.
            concepts: the vocabulary; None means the bundled one.
            store: "oxigraph", or "memory" for plain rdflib.

        Example:
            >>> graph = MovieGraph.from_movies([Movie("Heat", 1995, genres=("Crime",))])
            >>> graph.index.films[0].iri
            'urn:moviequery:movie:heat-1995'
        """
        sources = movies.sources if isinstance(movies, (Catalogue, Films)) else None
        return cls(movies, concepts, store, sources)

    @classmethod
    def read(cls, *paths: str | Path, store: str = "oxigraph") -> MovieGraph:
        """Return the graph of RDF files: N-Quads, N-Triples, Turtle or TriG, gzip too.

        N-Quads that `write` wrote give the same graph again. Turtle has no named graphs: the facts
        are the same, but what each single source stated is gone. Triples that are none of ours are
        kept in the dataset.

        Raises:
            GraphError: a file is wrong, with its line, or holds no film.
        """
        with paused_collector():
            reading = read_films(paths)
            graph = cls(reading.movies, reading.concepts, store, reading.sources)
            graph._known = reading.nodes
            graph._extra = frozenset(drop_restated(reading.lines, graph._own_lines))
        return graph

    @cached_property
    def index(self) -> GraphIndex:
        """The films and their facts as plain dictionaries, made when first asked for."""
        with paused_collector():
            return build_index(self._movies, self._linker, self._known)

    @cached_property
    def dataset(self) -> Dataset:
        """The RDF itself, made when first asked for; SPARQL sees the merged films by default.

        What you add to it by hand is written and kept, but only `add` and `merge` reach the index.
        """
        with paused_collector():
            text = to_text(self._blocks()) + "\n".join(self._extra)
        return open_dataset(self.store, text)

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of all films and nodes, the same on both stores."""
        return self.index.fingerprint()

    def add(self, movies: Iterable[Movie]) -> MovieGraph:
        """Return this graph with more films in it; those it has already change nothing."""
        if isinstance(movies, (Catalogue, Films)):
            self.sources = {**(movies.sources or {}), **self.sources}
        self._reset(self._foreign_lines(), _settle(merge((*self._movies, *movies))))
        return self

    def merge(self, other: MovieGraph) -> MovieGraph:
        """Return this graph with another's films, concepts and sources in it.

        Where both have a concept or a source of one name, this graph's words for it stay.
        """
        extra = self._foreign_lines() | other._foreign_lines()
        self.concepts = self.concepts | other.concepts
        self.sources = {**other.sources, **self.sources}
        self._known = {**other._known, **self._known}
        self._reset(extra, _settle(merge((*self._movies, *other._movies))))
        return self

    def movies(self) -> Iterator[Movie]:
        """Yield the films with their records, sorted by IRI."""
        yield from self._movies

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: all but the dataset, which no store lets travel.

        Triples that were added to the dataset by hand go along.
        """
        state = dict(self.__dict__, _extra=self._foreign_lines())
        state.pop("dataset", None)
        return state

    def __len__(self) -> int:
        """Return the number of films and shows."""
        return len(self._movies)

    def __repr__(self) -> str:
        """Return the number of films and the store."""
        return f"MovieGraph({len(self):,} films, store={self.store!r})"

    def counts(self) -> dict[str, Any]:
        """Return how many films, shows, people, concepts by kind and triples there are.

        Concepts count where a film has them. `sources` tells films and triples of each; `triples`
        is what the default graph holds.
        """
        kinds = Counter(movie.kind for movie in self._movies)
        held = {iri for film in self.index.films for facts in film.facts.values() for iri in facts}
        nodes = Counter(
            node.kind
            for node in self.index.nodes.values()
            if node.iri in held or node.kind == PERSON
        )
        films = Counter(name for movie in self._movies for name in movie.sources)
        triples = Counter(graph_of(line).partition("#")[0] for line in self._lines())
        return {
            "films": kinds["movie"],
            "shows": kinds["show"],
            "people": nodes.pop(PERSON, 0),
            "concepts": dict(sorted(nodes.items())),
            "triples": triples[""],
            "sources": {
                name: {"films": films[name], "triples": triples[source_iri(name)]}
                for name in sorted(films)
            },
        }

    def sparql(self, query: str, bindings: Bindings | None = None) -> list[dict[str, Value]]:
        """Return the solutions of a SELECT or ASK query, numbers as numbers.

        The default graph is asked: each fact of the merged films once. `GRAPH ?g { ... }` asks what
        single sources state. Prefixes such as schema:, skos:, term:, genre: and person: are
        declared. Variables that a solution leaves unbound are not in its dictionary; ASK gives one
        row with `answer`.

        Args:
            query: the text; put no values of users into it.
            bindings: variable -> value, bound through a VALUES clause at the start of the WHERE
                group. Text that is an http or urn IRI is bound as one; rdflib terms stay as are.

        Raises:
            GraphError: the query is wrong, with its line, or is an update.

        Example:
            >>> graph = MovieGraph.from_movies([Movie("Heat", 1995)])
            >>> graph.sparql("SELECT ?year { ?f schema:name ?n ; schema:datePublished ?year }",
            ...              {"n": "Heat"})
            [{'year': 1995}]
        """
        return run_query(self.dataset, query, bindings)

    def validate(self) -> ValidationReport:
        """Return what the SHACL shapes of the library say of the films (extra `shacl`)."""
        with paused_collector():
            return validate_lines(self._lines())

    def write(self, path: str | Path) -> None:
        """Write the graph as N-Quads (`.nq`) or Turtle (`.ttl`), the same bytes on every machine.

        Turtle leaves out the named graphs, that is what each single source states. The file appears
        when it is complete.

        Raises:
            GraphError: the suffix is another one, or the file cannot be written.
        """
        path = Path(path)
        if path.suffix not in (".nq", ".ttl"):
            raise GraphError(f"{path}: cannot tell the format; use .nq (keeps sources) or .ttl")
        lines = sorted(self._lines())
        content = to_turtle(lines) if path.suffix == ".ttl" else to_quads(lines)
        partial = path.with_name(f".{path.name}.partial")
        try:
            partial.write_bytes(content)
            partial.replace(path)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise GraphError(
                f"{path}: cannot be written ({error.strerror}); choose a file in a folder that can "
                "be, on a disk with room"
            ) from error

    @cached_property
    def _linker(self) -> Linker:
        return Linker(self._movies, self.concepts)

    @cached_property
    def _own_lines(self) -> frozenset[str]:
        with paused_collector():
            return to_lines(self._blocks())

    def _blocks(self) -> Iterator[Block]:
        return write_blocks(self._movies, self.index, self._linker, self.sources)

    def _lines(self) -> frozenset[str]:
        """Return all that the graph holds, with what was added to the dataset by hand."""
        lines = self._own_lines | self._extra
        if "dataset" in self.__dict__:
            return frozenset(edit_lines(self.store, self.dataset, lines))
        return lines

    def _foreign_lines(self) -> frozenset[str]:
        """Return what is in the dataset besides the films, from files or by hand."""
        return self._lines() - self._own_lines if "dataset" in self.__dict__ else self._extra

    def _reset(self, extra: frozenset[str], movies: tuple[Movie, ...]) -> None:
        self._extra, self._movies = extra, movies
        for name in ("index", "dataset", "fingerprint", "_linker", "_own_lines"):
            self.__dict__.pop(name, None)


def _settle(movies: Iterable[Movie]) -> tuple[Movie, ...]:
    """Return merged films with safe and distinct IRIs, sorted by them.

    Raises:
        GraphError: two films have one IRI, or a film is of no known kind or holds what no graph
            can state.
    """
    films = tuple(movies)
    for film in films:
        _check_film(film)
    if not all(film.records and film.iri for film in films):
        films = merge(films)
    table: dict[str, Movie] = {}
    for film in films:
        iri = safe_iri(film.iri)
        if iri in table:
            raise GraphError(f"two films have the IRI {iri}: {table[iri].title!r}, {film.title!r}")
        table[iri] = film if iri == film.iri else replace(film, iri=iri)
    return tuple(table[iri] for iri in sorted(table))


def _check_film(film: Movie) -> None:
    """Refuse a film that could not be written and read again, and so its records."""
    if not film.title.strip() or has_half_character(film.title):
        raise GraphError(f"a film's title is {film.title!r}; it must be a text with a name in it")
    if film.kind not in FILM_TYPES:
        raise GraphError(f"{film.title!r}: kind is {film.kind!r}; it must be movie or show")
    for name in ("year", "runtime"):
        number = getattr(film, name)
        # xsd:gYear has four digits; Integral, since numbers of a data frame are no int
        if number is not None and not (isinstance(number, Integral) and 0 <= int(number) <= 9999):
            raise GraphError(
                f"{film.title!r}: {name} is {number!r}; leave it out where it is not known"
            )
    for record in film.records:
        if record is not film:
            _check_film(record)
