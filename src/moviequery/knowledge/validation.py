"""SHACL validation of a graph's merged films, in memory and by chunks.

On an Oxigraph store pyshacl is some seventy times slower, and its time grows faster than the graph.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pyoxigraph as ox
from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.namespace import SH
from rdflib.term import Node as Term

from ..errors import require
from .serialisation import graph_of, to_quads
from .statements import FILM_TYPES

_CHUNK = 500  # films; the time is the same from 200 to 1,000, the memory is not
_EXAMPLES = 10

_Subjects = dict[Term, list[tuple[Term, Term]]]


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What the shapes say of a graph.

    Attributes:
        films: how many were checked.
        violations: message of a shape -> how often it is broken.
        examples: the first broken places, with subject and value.
    """

    films: int
    violations: Mapping[str, int]
    examples: tuple[str, ...]

    @property
    def conforms(self) -> bool:
        """Whether nothing is broken."""
        return not self.violations

    def summary(self) -> str:
        """Return the report as lines for a terminal."""
        if self.conforms:
            return f"{self.films:,} films checked: all conform to the shapes"
        broken = sum(self.violations.values())
        return "\n".join(
            [
                f"{self.films:,} films checked: {broken:,} violations",
                *(f"  {count:,} x {message}" for message, count in self.violations.items()),
                *(f"  e.g. {example}" for example in self.examples),
            ]
        )


def validate_lines(lines: Collection[str]) -> ValidationReport:
    """Return what the shapes say of the default graph of N-Quads lines.

    Raises:
        MissingExtraError: pyshacl is not installed.
    """
    pyshacl = require("pyshacl", "shacl")
    shapes = Graph().parse(str(files(__package__) / "shapes.ttl"))
    subjects, films = _read_subjects(_select(lines, shapes))
    found: set[tuple[str, str]] = set()  # what films of two chunks share is found twice
    for chunk in _chunks(subjects, films):
        _, report, _ = pyshacl.validate(chunk, shacl_graph=shapes, inplace=True)
        found.update(_results(report))
    violations = Counter(message for message, _ in found)
    return ValidationReport(
        films=len(films),
        violations=dict(sorted(violations.items(), key=lambda item: (-item[1], item[0]))),
        examples=tuple(sorted(example for _, example in found)[:_EXAMPLES]),
    )


def _select(lines: Iterable[str], shapes: Graph) -> Iterator[str]:
    """Yield the lines of the default graph that can matter to the shapes, sorted.

    That is a third of them. What no shape mentions does not matter. Of the links to one genre or
    person a single one does: shapes look at what is linked to, and count no film's links.
    """
    mentioned = {f"<{term}>" for term in shapes.objects()} | {f"<{RDF.type}>"}
    kept = [line for line in lines if line.split(" ", 2)[1] in mentioned and not graph_of(line)]
    types = tuple(f" <{RDF.type}> <{iri}> ." for iri in FILM_TYPES.values())
    films = {line.split(" ", 1)[0] for line in kept if line.endswith(types)}
    links = {f"<{term}>" for term in shapes.objects(None, SH.targetObjectsOf)}
    linked: set[tuple[str, str]] = set()
    for line in sorted(kept):
        subject, predicate, value = line.split(" ", 2)
        if predicate in links and subject in films:
            if (predicate, value) in linked:
                continue
            linked.add((predicate, value))
        yield line


def _read_subjects(lines: Iterable[str]) -> tuple[_Subjects, list[Term]]:
    """Return the triples of lines by subject, and the films in order."""
    iris: dict[str, URIRef] = {}

    def convert(term: Any) -> Term:  # noqa: ANN401 - any of pyoxigraph's terms
        if not isinstance(term, ox.NamedNode):
            return _to_rdflib(term)
        known = iris.get(term.value)
        if known is None:
            known = iris[term.value] = URIRef(term.value)
        return known

    subjects: _Subjects = defaultdict(list)
    for quad in ox.parse(to_quads(lines), ox.RdfFormat.N_QUADS):
        subjects[convert(quad.subject)].append((convert(quad.predicate), convert(quad.object)))
    types = {URIRef(iri) for iri in FILM_TYPES.values()}
    films = [
        subject
        for subject, facts in subjects.items()
        if any(predicate == RDF.type and value in types for predicate, value in facts)
    ]
    return subjects, films


def _chunks(subjects: _Subjects, films: list[Term]) -> Iterator[Graph]:
    """Yield graphs of some films each, with all that they lead to; then the other subjects."""
    left = set(subjects)
    for start in range(0, len(films), _CHUNK):
        members: dict[Term, None] = {}
        waiting = films[start : start + _CHUNK]
        while waiting:
            subject = waiting.pop()
            if subject not in members and subject in subjects:
                members[subject] = None
                waiting += [value for _, value in subjects[subject]]
        left.difference_update(members)
        yield _copy(subjects, members)
    if left:
        yield _copy(subjects, left)


def _copy(subjects: _Subjects, members: Collection[Term]) -> Graph:
    graph = Graph()
    for subject in members:
        for predicate, value in subjects[subject]:
            graph.add((subject, predicate, value))
    return graph


def _results(report: Graph) -> list[tuple[str, str]]:
    """Return message and place of every result of a SHACL report."""
    found = []
    for result in report.subjects(RDF.type, SH.ValidationResult):
        message = str(report.value(result, SH.resultMessage))
        subject, value = report.value(result, SH.focusNode), report.value(result, SH.value)
        found.append((message, f"{subject}: {message} (found {value})"))
    return found


def _to_rdflib(term: Any) -> Term:  # noqa: ANN401 - a literal or blank node of pyoxigraph
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    return Literal(term.value, datatype=URIRef(term.datatype.value))
