"""A graph as N-Quads lines and Turtle text, the same bytes on every machine.

The default graph holds the merged films, each fact once, with the nodes and concepts they point to
and the sources with their licences: that is what SPARQL asks and what Turtle holds. One named graph
per source holds what that source states, and one the concept vocabulary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

import pyoxigraph as ox

from ..schema import Movie
from .concepts import Concepts
from .index import GraphIndex, Node
from .linking import Linker
from .sources import Source, find_source
from .statements import FilmWriter
from .terms import literal
from .vocabulary import (
    CONCEPT_GRAPH,
    DCTERMS,
    IGNORED,
    PERSON,
    PREFIXES,
    PROV,
    RDF,
    SCHEMA,
    SCHEME,
    SKOS,
    TERM,
    UNSOURCED,
    safe_iri,
    source_iri,
)

Block = tuple[str, list[str]]  # a named graph, and triples of it

_TYPE = f"<{RDF}type>"
# "8.20" is our "8.2": read and written again, it must not stand twice
_NUMBERS = {
    f"<{SCHEMA}datePublished>",
    f"<{SCHEMA}duration>",
    f"<{SCHEMA}ratingValue>",
    f"<{SCHEMA}bestRating>",
    f"<{SCHEMA}ratingCount>",
    f"<{TERM}popularity>",
    f"<{TERM}castComplete>",
}


def write_blocks(
    movies: Iterable[Movie], index: GraphIndex, linker: Linker, sources: Mapping[str, Source]
) -> Iterator[Block]:
    """Yield the triples of a graph in blocks, each with the IRI of its named graph or "".

    Triples are N-Triples without the final dot, unsorted; a fact may come twice.

    Args:
        movies: merged, each with its records.
        index: made of the same films.
        linker: made of the same films.
        sources: who made the tables; those that are missing here are looked up by name.
    """
    writer = FilmWriter(index, linker)
    graphs: set[tuple[str, int]] = set()
    for movie in movies:
        yield "", writer.merged(movie)
        for name, number, record in number_records(movie):
            graphs.add((name, number))
            yield record_graph(name, number), writer.stated(movie.iri, record)
    for name, number in graphs:
        yield "", list(_source_triples(name, number, sources))
    concepts = linker.concepts
    for node in index.nodes.values():
        if node.iri not in concepts.concepts:
            yield "", list(_node_triples(node))
    vocabulary = list(_concept_triples(concepts))
    yield "", vocabulary
    yield CONCEPT_GRAPH, vocabulary


def to_lines(blocks: Iterable[Block]) -> frozenset[str]:
    """Return blocks as N-Quads lines without line ends."""
    return frozenset(
        f"{triple}{end}"
        for graph, triples in blocks
        for end in (f" <{graph}> ." if graph else " .",)
        for triple in triples
    )


def to_text(blocks: Iterable[Block]) -> str:
    """Return blocks as N-Quads text: what `to_lines` gives in a third of the time, unsorted."""
    parts = []
    for graph, triples in blocks:
        end = f" <{graph}> .\n" if graph else " .\n"
        parts += [end.join(triples), end]
    return "".join(parts)


def number_records(movie: Movie) -> Iterator[tuple[str, int, Movie]]:
    """Yield each record with its source and its number among that source's records of the film.

    The source is "" for a record that names none.
    """
    counts: Counter[str] = Counter()
    for record in movie.records:
        name = record.sources[0] if record.sources else ""
        counts[name] += 1
        yield name, counts[name], record


def record_graph(name: str, number: int) -> str:
    """Return the IRI of the named graph that holds a source's n-th records of films.

    Nearly all are the first. A second one is kept apart, since two rows of a table that speak of
    one film may differ.

    Example:
        >>> record_graph("netflix", 1), record_graph("netflix", 2)
        ('urn:moviequery:source:netflix', 'urn:moviequery:source:netflix#2')
    """
    iri = source_iri(name) if name else UNSOURCED
    return iri if number == 1 else f"{iri}#{number}"


def to_quads(lines: Iterable[str]) -> bytes:
    """Return lines as the text of an N-Quads file."""
    return "".join(f"{line}\n" for line in lines).encode()


def to_turtle(lines: Iterable[str]) -> bytes:
    """Return the default graph of sorted N-Quads lines as Turtle."""
    merged = to_quads(line for line in lines if not graph_of(line))
    triples = (quad.triple for quad in ox.parse(merged, ox.RdfFormat.N_QUADS))
    prefixes = dict(sorted(PREFIXES.items()))
    return ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""


def graph_of(line: str) -> str:
    """Return the IRI of the named graph of an N-Quads line, or "" for the default graph.

    Example:
        >>> graph_of('<urn:a> <urn:b> "c <d>" <urn:e> .'), graph_of("<urn:a> <urn:b> <urn:c> .")
        ('urn:e', '')
    """
    rest = line.split(" ", 3)[2:]
    if not rest[0].startswith('"'):
        return "" if rest[1] == "." else rest[1][1:-3]
    last = line[:-2].rpartition(" ")[2]
    # only a literal has a quotation mark; an IRI cannot
    return last[1:-1] if last.startswith("<") and '"' not in last else ""


def drop_restated(lines: Iterable[str], own: Collection[str]) -> Iterator[str]:
    """Yield the lines that are not among our own and state no number of ours in another form."""
    foreign = [line for line in lines if line not in own]
    stated = {tuple(line.split(" ", 2)[:2]) for line in own} if foreign else set()
    for line in foreign:
        subject, predicate, _ = line.split(" ", 2)
        if predicate not in _NUMBERS or (subject, predicate) not in stated:
            yield line


def _source_triples(name: str, number: int, sources: Mapping[str, Source]) -> Iterator[str]:
    subject = f"<{record_graph(name, number)}>"
    yield f"{subject} {_TYPE} <{PROV}Entity>"
    if number > 1:
        yield f"{subject} <{PROV}specializationOf> <{record_graph(name, 1)}>"
        return
    if not name:
        return
    source = sources.get(name) or find_source(name)
    yield f"{subject} <{DCTERMS}identifier> {literal(name)}"
    yield f"{subject} <{DCTERMS}title> {literal(source.title)}"
    yield f"{subject} <{DCTERMS}license> {literal(source.licence)}"
    if source.url:
        yield f"{subject} <{SCHEMA}url> <{safe_iri(source.url)}>"


def _node_triples(node: Node) -> Iterator[str]:
    subject = f"<{node.iri}>"
    person = node.kind == PERSON
    name, other = (
        (f"{SCHEMA}name", f"{SCHEMA}alternateName")
        if person
        else (f"{SKOS}prefLabel", f"{SKOS}altLabel")
    )
    yield f"{subject} {_TYPE} <{f'{SCHEMA}Person' if person else f'{SKOS}Concept'}>"
    yield f"{subject} <{name}> {literal(node.label)}"
    for alternative in node.alternatives:
        yield f"{subject} <{other}> {literal(alternative)}"


def _concept_triples(concepts: Concepts) -> Iterator[str]:
    yield f"<{CONCEPT_GRAPH}> {_TYPE} <{SKOS}ConceptScheme>"
    for concept in concepts.concepts.values():
        subject = f"<{concept.iri}>"
        yield f"{subject} {_TYPE} <{SKOS}Concept>"
        yield f"{subject} <{SKOS}inScheme> <{SCHEME}{concept.kind.value}>"
        yield f"{subject} <{SKOS}prefLabel> {literal(concept.label)}"
        for predicate, texts in (
            (f"{SKOS}altLabel", concept.alternatives),
            (f"{SKOS}hiddenLabel", concept.sources),
            (f"{TERM}pluralLabel", concept.plurals),
        ):
            yield from (f"{subject} <{predicate}> {literal(text)}" for text in texts)
        for predicate, iris in (
            (f"{SKOS}broader", concept.broader),
            (f"{SKOS}related", concept.related),
        ):
            yield from (f"{subject} <{predicate}> <{iri}>" for iri in iris)
    for kind, forms in (
        ("genre", concepts.ignored_genres),
        ("keyword", concepts.ignored_keywords),
    ):
        yield from (f"<{SCHEME}{kind}> <{IGNORED}> {literal(form)}" for form in sorted(forms))
