"""Turtle, TriG, N-Triples, N-Quads and RDF/XML files, read as a stream of statements."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph

from ...errors import CatalogueError
from ...schema import Movie
from ..tally import Tally
from .files import open_unpacked
from .triples import SCHEMA, Facts, Value, check_terms, find_shape

WIKIDATA_SHAPE = "Wikidata extract"
# The namespace in which the public extract of Wikidata films is published.
_WIKIDATA_TITLE = "http://example.org/movie/title"
_DIRECTIVE = re.compile(r"^\s*(?:@prefix|@base|PREFIX|BASE)\b", re.IGNORECASE)
_STATEMENT = re.compile(r"^\s*(?:<[^>\s]+>|_:\S+)\s+<[^>\s]+>\s+\S")
# Past so many errors the file is something else, and the rest would be noise.
_MOST_ERRORS = 10_000


def looks_like_rdf(head: str) -> bool:
    """Tell whether the first line that is no comment is RDF."""
    lines = (line for line in head.splitlines() if line.strip() and not line.startswith("#"))
    first = next(lines, "")
    return bool(_DIRECTIVE.match(first) or _STATEMENT.match(first)) or "<rdf:RDF" in head[:2000]


def name_format(head: str) -> str:
    """Return the name of the syntax, for the report."""
    if "<rdf:RDF" in head[:2000]:
        return "RDF/XML"
    if any(_DIRECTIVE.match(line) for line in head.splitlines()):
        return "Turtle"
    return "N-Triples or N-Quads"


def recognise_terms(
    head: str, terms: Mapping[str, str] | None, path: Path
) -> tuple[dict[str, str], str]:
    """Return property IRI -> field of a film, and what the terms are called.

    Raises:
        CatalogueError: the properties are unknown; the text lists them.
    """
    if terms:
        return check_terms(terms), "terms as given"
    tally = Tally()
    found = {
        predicate for _, predicate, _ in _statements(head.encode(), _syntax(head), tally, path)
    }
    if any(SCHEMA.get(predicate) == "title" for predicate in found):
        return SCHEMA, "schema.org terms"
    if shape := find_shape(found):
        return shape, WIKIDATA_SHAPE if _WIKIDATA_TITLE in shape else "terms known by their names"
    if not found:
        reason = tally.reasons() or "it states nothing"
        raise CatalogueError(f"{path} looks like {name_format(head)}, but holds no film: {reason}.")
    raise CatalogueError(
        f"{path}: no film terms are known among the properties {sorted(found)[:30]}. "
        'Say which means what: terms={"title": "http://...", "year": "http://..."}.'
    )


def read_rdf(path: Path, fields: Mapping[str, str], source: str, tally: Tally) -> Iterator[Movie]:
    """Yield a record per film; statements that are no RDF are counted with their line."""
    facts = Facts(fields)
    with open_unpacked(path) as stream:
        head = stream.read(1 << 16).decode("utf-8", errors="ignore")
    with open_unpacked(path) as stream:
        for subject, predicate, value in _statements(stream, _syntax(head), tally, path):
            facts.add(subject, predicate, value)
    yield from facts.movies(source, tally)


def _syntax(head: str) -> pyoxigraph.RdfFormat:
    # TriG holds Turtle, N-Quads holds N-Triples
    return {
        "RDF/XML": pyoxigraph.RdfFormat.RDF_XML,
        "Turtle": pyoxigraph.RdfFormat.TRIG,
        "N-Triples or N-Quads": pyoxigraph.RdfFormat.N_QUADS,
    }[name_format(head)]


def _statements(
    data: Any,  # noqa: ANN401 - bytes or a binary stream, as the parser takes both
    syntax: pyoxigraph.RdfFormat,
    tally: Tally,
    path: Path,
) -> Iterator[tuple[str, str, Value]]:
    quads = iter(pyoxigraph.parse(data, format=syntax))
    errors = 0
    while True:
        try:
            quad = next(quads)
        except StopIteration:
            return
        except SyntaxError as error:
            errors += 1
            tally.skip("not valid RDF", error.lineno or "somewhere", error.msg)
            if errors > _MOST_ERRORS:
                raise CatalogueError(
                    f"{path} gives more than {_MOST_ERRORS:,} RDF errors: {tally.reasons()}"
                ) from error
            continue
        except (EOFError, OSError, zlib.error) as error:
            tally.skip("the gzip file is cut off or damaged here", "end", error)
            return
        yield _name(quad.subject), quad.predicate.value, _value(quad.object)


def _name(node: Any) -> str:  # noqa: ANN401 - pyoxigraph terms carry no types here
    return node.value if isinstance(node, pyoxigraph.NamedNode) else str(node)


def _value(term: Any) -> Value:  # noqa: ANN401 - pyoxigraph terms carry no types here
    if isinstance(term, pyoxigraph.Literal):
        return Value(term.value, term.language or "")
    return Value(_name(term), is_node=True)
