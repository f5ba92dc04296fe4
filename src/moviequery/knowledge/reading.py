"""Triples back into films with their records, concepts, nodes and sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from ..errors import GraphError
from ..schema import EntityType, Movie
from .concepts import KINDS, Concept, Concepts
from .film_reading import KINDS_BY_TYPE, FilmReader, texts
from .folding import fold_records
from .identity import order_key
from .index import Node
from .parsing import Properties, Subjects, parse_files
from .sources import Source
from .statements import FILM_TYPES
from .vocabulary import (
    CONCEPT_GRAPH,
    DCTERMS,
    IGNORED,
    PERSON,
    PROV,
    RDF,
    SCHEMA,
    SCHEME,
    SKOS,
    SOURCE,
    TERM,
    UNSOURCED,
    kind_of,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What RDF files hold.

    Attributes:
        movies: with their records, sorted by IRI.
        concepts: the vocabulary.
        nodes: people and concepts outside the vocabulary, by IRI.
        sources: by name.
        lines: every triple of the files, as N-Quads.
    """

    movies: tuple[Movie, ...]
    concepts: Concepts
    nodes: Mapping[str, Node]
    sources: Mapping[str, Source]
    lines: frozenset[str]


def read_films(paths: Iterable[str | Path]) -> Reading:
    """Return the films of RDF files with all they stand on.

    Where named graphs tell what each source states, films are folded from that again. Otherwise a
    film is what the files say of it, in one record of no source.

    Raises:
        GraphError: a file is wrong, or there is no film in any.
    """
    names = [str(path) for path in paths]
    graphs, lines = parse_files(names)
    stated = {name: graphs[name] for name in sorted(graphs) if name.startswith((SOURCE, UNSOURCED))}
    merged = _unite([graph for name, graph in graphs.items() if name not in stated])
    concepts = _read_concepts(merged)
    nodes = {node.iri: node for node in _read_nodes(merged, concepts)}
    sources = dict(_read_sources(merged))
    labels = {iri: concept.label for iri, concept in concepts.concepts.items()}
    labels |= {iri: node.label for iri, node in nodes.items()}
    reader = FilmReader(labels, concepts)
    records = _read_records(stated, reader, sources)
    movies = []
    for film in sorted({*records, *_films_of(merged)}):
        if film in records:
            movie = fold_records(sorted(records[film], key=order_key))
        else:
            movie = reader.read(film, merged)
            # the IRI of the record keeps the film's IRI as it is when more films are added
            movie = replace(movie, records=(replace(movie, iri=film),))
        derived = texts(merged.get(film, {}), f"{PROV}wasDerivedFrom")
        vouching = {*movie.sources, *(_name(iri, sources) for iri in derived)}
        movies.append(replace(movie, iri=film, sources=tuple(sorted(vouching))))
    if not movies:
        raise GraphError(
            f"no film in {', '.join(names) or 'no file'}: no subject is a "
            f"{' or '.join(KINDS_BY_TYPE)}. For RDF of other forms use read_catalogue with terms."
        )
    by_name = {source.name: source for source in sources.values()}
    return Reading(tuple(movies), concepts, nodes, by_name, frozenset(lines))


def _read_records(
    graphs: Mapping[str, Subjects], reader: FilmReader, sources: Mapping[str, Source]
) -> dict[str, list[Movie]]:
    """Return the records of each film, one for each graph that speaks of it."""
    records: dict[str, list[Movie]] = defaultdict(list)
    for graph, subjects in graphs.items():
        iri = graph.partition("#")[0]
        names = () if iri == UNSOURCED else (_name(iri, sources),)
        for film in _films_of(subjects):
            records[film].append(replace(reader.read(film, subjects), sources=names))
    return records


def _name(iri: str, sources: Mapping[str, Source]) -> str:
    return sources[iri].name if iri in sources else unquote(iri.removeprefix(SOURCE))


def _unite(graphs: Iterable[Subjects]) -> Subjects:
    """Return all triples of the graphs, each once."""
    first, *others = graphs or [{}]
    for graph in others:
        for subject, facts in graph.items():
            known = first.setdefault(subject, {})
            for predicate, terms in facts.items():
                objects = known.setdefault(predicate, [])
                objects += [term for term in terms if term not in objects]
    return first


def _films_of(subjects: Subjects) -> list[str]:
    return [
        subject
        for subject, facts in subjects.items()
        if any(iri in KINDS_BY_TYPE for iri in texts(facts, f"{RDF}type"))
    ]


def _read_sources(subjects: Subjects) -> Iterator[tuple[str, Source]]:
    for iri, facts in subjects.items():
        if f"{PROV}Entity" in texts(facts, f"{RDF}type"):
            for name in texts(facts, f"{DCTERMS}identifier"):
                title, licence, url = (
                    next(iter(sorted(texts(facts, predicate))), default)
                    for predicate, default in (
                        (f"{DCTERMS}title", name),
                        (f"{DCTERMS}license", "unknown"),
                        (f"{SCHEMA}url", ""),
                    )
                )
                yield iri, Source(name, title, licence, url)


def _read_concepts(subjects: Subjects) -> Concepts:
    """Return the vocabulary of a graph; one of a graph that brings none is the bundled one."""
    if f"{SKOS}ConceptScheme" not in texts(subjects.get(CONCEPT_GRAPH, {}), f"{RDF}type"):
        return Concepts.bundled()
    kinds = {f"{SCHEME}{kind.value}": kind for kind in KINDS}
    concepts = []
    for iri, facts in subjects.items():
        for scheme in texts(facts, f"{SKOS}inScheme"):
            if scheme in kinds:
                concepts.append(_read_concept(iri, kinds[scheme], facts))
    ignored_genres, ignored_keywords = (
        texts(subjects.get(f"{SCHEME}{name}", {}), IGNORED) for name in ("genre", "keyword")
    )
    return Concepts.of(concepts, ignored_keywords, ignored_genres, "the graph's vocabulary")


def _read_concept(iri: str, kind: EntityType, facts: Properties) -> Concept:
    def words(predicate: str) -> tuple[str, ...]:
        return tuple(sorted(texts(facts, predicate)))

    labels = words(f"{SKOS}prefLabel")
    if not labels:
        raise GraphError(f"{iri} has no {SKOS}prefLabel")
    return Concept(
        iri=iri,
        kind=kind,
        label=labels[0],
        alternatives=words(f"{SKOS}altLabel"),
        plurals=words(f"{TERM}pluralLabel"),
        sources=words(f"{SKOS}hiddenLabel"),
        broader=words(f"{SKOS}broader"),
        related=words(f"{SKOS}related"),
    )


def _read_nodes(subjects: Subjects, concepts: Concepts) -> Iterator[Node]:
    """Yield the people and concepts that stand outside the vocabulary."""
    for iri, facts in subjects.items():
        kind = kind_of(iri)
        person = kind == PERSON
        name = f"{SCHEMA}name" if person else f"{SKOS}prefLabel"
        other = f"{SCHEMA}alternateName" if person else f"{SKOS}altLabel"
        labels = sorted(texts(facts, name))
        if labels and iri not in concepts.concepts and kind not in FILM_TYPES:
            yield Node(iri, kind, labels[0], tuple(sorted(texts(facts, other))))
