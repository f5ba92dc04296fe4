"""RDF files into triples by graph and subject."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from ..errors import GraphError

# graph -> subject -> predicate -> objects; the default graph is ""
Properties = dict[str, list[Any]]
Subjects = dict[str, Properties]
Graphs = dict[str, Subjects]

_LINES = {".nt", ".nq"}
_BLOCKS = {".ttl", ".trig", ".n3"}


def parse_files(paths: Iterable[str | Path]) -> tuple[Graphs, set[str]]:
    """Return the triples of all files, and the same as N-Quads lines.

    The suffix tells N-Triples and N-Quads from Turtle and TriG; without one of theirs the content
    does. Files may be packed with gzip.

    Raises:
        GraphError: a file cannot be read or is wrong; the text names file and line.
    """
    graphs: Graphs = {}
    lines: set[str] = set()
    for path in map(Path, paths):
        for quad in _parse(path):
            line = f"{quad} ."
            if line not in lines:
                lines.add(line)
                graph = "" if quad.graph_name == ox.DefaultGraph() else quad.graph_name.value
                facts = graphs.setdefault(graph, {}).setdefault(_name(quad.subject), {})
                facts.setdefault(quad.predicate.value, []).append(quad.object)
    return graphs, lines


def _parse(path: Path) -> Iterable[Any]:
    content = _read_bytes(path)
    suffix = next((end for end in reversed(path.suffixes) if end in _LINES | _BLOCKS), "")
    by_line = suffix in _LINES or (not suffix and _is_line_based(content))
    form = ox.RdfFormat.N_QUADS if by_line else ox.RdfFormat.TRIG
    try:
        # blank nodes of two files are never the same, even under one name
        yield from ox.parse(content, form, rename_blank_nodes=True)
    except SyntaxError as error:
        line = f"line {error.lineno}: " if error.lineno else ""
        name = "N-Quads" if by_line else "Turtle"
        raise GraphError(f"{path}: {line}this is no {name}: {error.msg}") from error


def _read_bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        raise GraphError(f"{path}: cannot be read: {error}") from error


def _is_line_based(content: bytes) -> bool:
    """Return whether the first statement stands complete on its line, as N-Quads have it."""
    for line in content.splitlines():
        if line.strip() and not line.lstrip().startswith(b"#"):
            try:
                return len(list(ox.parse(line, ox.RdfFormat.N_QUADS))) == 1
            except SyntaxError:
                return False
    return False


def _name(subject: Any) -> str:  # noqa: ANN401 - pyoxigraph has no types
    return str(subject.value) if isinstance(subject, ox.NamedNode) else str(subject)
