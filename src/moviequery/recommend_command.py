"""The verb `recommend`: a text to films with their reasons, as a table or as JSON."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import MovieQueryError
from .knowledge.normalisation import slug
from .parse_command import load_graph, load_parser
from .schema import canonical_json

if TYPE_CHECKING:
    from .knowledge.graph import MovieGraph
    from .recommendation.results import Hit, Recommendation


def run_recommend(options: argparse.Namespace) -> int:
    """Print films for a text, or the answer to it; return 1 where there are none."""
    from .recommendation.encoders import find_encoder
    from .recommendation.recommender import Recommender

    if options.k < 1:
        raise MovieQueryError(f"--k is {options.k}; ask for at least 1 film")
    name = options.graph or "bundled"
    graph = load_graph(name)
    parser = load_parser(options, graph)
    encoder = find_encoder(options.encoder)
    folder = options.index or find_cache(name, encoder.name)
    recommender = Recommender(graph, encoder, folder=folder, parse=parser.parse)
    found = recommender.recommend(options.text, options.k)
    if options.json:
        print(canonical_json([hit.to_row() for hit in found]))
    else:
        print(show_recommendation(found, graph))
    for note in (found.answer,) if options.json and found.answer else ():
        print(f"moviequery: {note}", file=sys.stderr)
    for note in found.notes:
        print(f"moviequery: {note}", file=sys.stderr)
    return 0 if found.hits or (found.answer and found.known) else 1


def find_cache(graph: str, encoder: str) -> Path | None:
    """Return the folder that keeps the index of a graph, None where nothing can be kept.

    It lies in the user's cache, under the graph's file and the encoder.
    """
    place = graph if graph == "bundled" else str(Path(graph).resolve())
    digest = hashlib.sha256(f"{place}\n{encoder}".encode()).hexdigest()[:12]
    home = os.environ.get("XDG_CACHE_HOME")
    try:
        root = Path(home) if home else Path.home() / ".cache"
        folder = root / "moviequery" / f"{slug(Path(graph).stem)[:40]}-{digest}"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # a home that cannot be written, or none
        return None
    return folder if os.access(folder, os.W_OK) else None


def show_recommendation(found: Recommendation, graph: MovieGraph) -> str:
    """Return the answer and a table of films: score, title, year, why, and what is not met."""
    lines = [found.answer] if found.answer else []
    if not found.hits and not found.answer:
        lines.append("no film of the graph fits")
    for number, hit in enumerate(found.hits, 1):
        year = f" ({hit.movie.year})" if hit.movie.year else ""
        lines.append(f"{number:>3}  {hit.score:.2f}  {hit.movie.title}{year}")
        lines += [f"           {line}" for line in _show_reasons(hit, graph)]
    return "\n".join(map(_make_printable, lines))


def _show_reasons(hit: Hit, graph: MovieGraph) -> list[str]:
    lines = ["; ".join(_show_fact(fact, graph) for fact in hit.facts)]
    if hit.unmet:
        lines.append(f"but not: {', '.join(hit.unmet)}")
    return lines


def _show_fact(fact: str, graph: MovieGraph) -> str:
    """Return predicate and value of a triple in words.

    Example:
        >>> from moviequery import MovieGraph
        >>> _show_fact('<urn:x> <https://schema.org/name> "Heat"', MovieGraph())
        'name Heat'
    """
    _, predicate, value = fact.split(" ", 2)
    name = predicate.strip("<>").rpartition(":")[2].rpartition("/")[2]
    node = graph.index.nodes.get(value.strip("<>"))
    if node is not None:
        return f"{name} {node.label}"
    return f"{name} {value.rpartition('^^')[0].strip(chr(34)) or value.strip(chr(34) + '<>')}"


def _make_printable(line: str) -> str:
    # a title must not steer the terminal it is shown on
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
