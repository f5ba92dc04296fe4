"""How long a graph of films takes to load, beside plain rdflib with the same triples.

    python benchmarks/graph.py --films 5000
    python benchmarks/graph.py --bundled

Both sides end with a dataset that SPARQL can ask; ours has the index as well. Ratios are of one run
on one machine; seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import gc
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from rdflib import Dataset, Literal, URIRef

from moviequery.knowledge.concepts import Concepts
from moviequery.knowledge.graph import MovieGraph
from moviequery.knowledge.merging import merge
from moviequery.schema import Movie, Role

GENRES = ["action", "comedy", "crime", "drama", "fantasy", "horror", "romance", "war", "western"]


def main() -> None:
    """Print a table of seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=int, default=5_000, help="how many made-up films")
    parser.add_argument("--bundled", action="store_true", help="the bundled catalogue instead")
    options = parser.parse_args()
    if options.bundled:
        bundled, opening = open_bundled()
        movies, concepts = tuple(bundled.movies()), bundled.concepts
    else:
        movies, concepts, opening = merge(make_movies(options.films)), Concepts({}), {}

    graph = MovieGraph.from_movies(movies, concepts)
    seconds = {**opening, "index": measure(lambda: graph.index)}
    seconds["index + Oxigraph store"] = seconds["index"] + measure(lambda: graph.dataset)
    quads = [tuple(map(describe, quad)) for quad in graph.dataset.quads()]
    plain = measure(lambda: add_one_by_one(quads))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "films.nq")
        seconds["write N-Quads"] = measure(lambda: graph.write(path))
        parsed = measure(lambda: Dataset().parse(path, format="nquads"))
        seconds["read N-Quads, with index"] = measure(lambda: MovieGraph.read(path).index)
    seconds["validate (SHACL)"] = measure(graph.validate)

    print(f"{len(graph):,} films, {len(quads):,} quads")
    print(f"{'step':<28}{'seconds':>9}{'plain rdflib':>14}{'ratio':>8}")
    peers = {"index + Oxigraph store": plain, "read N-Quads, with index": parsed}
    for step, own in seconds.items():
        peer = peers.get(step)
        beside = f"{peer:>14.2f}{peer / own:>7.1f}x" if peer else ""
        print(f"{step:<28}{own:>9.2f}{beside}")
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30
    print(f"peak memory of all steps together: {peak:.2f} GiB")


def make_movies(count: int, seed: int = 7) -> Iterator[Movie]:
    """Yield made-up films of about the size of real ones; some stand in two sources."""
    rng = Random(seed)
    for number in range(count):
        movie = Movie(
            title=f"Film {number}",
            year=1930 + rng.randrange(95),
            genres=tuple(rng.sample(GENRES, 2)),
            keywords=tuple(f"tag {int(rng.paretovariate(0.6))}" for _ in range(6)),
            cast=tuple(
                Role(f"Actor {rng.randrange(count)}", f"Character {rng.randrange(count)}")
                for _ in range(4)
            ),
            directors=(f"Director {rng.randrange(1 + count // 3)}",),
            countries=(f"Country {rng.randrange(40)}",),
            languages=(f"Language {rng.randrange(30)}",),
            rating=round(rng.uniform(1, 10), 1),
            votes=rng.randrange(100_000),
            popularity=rng.random(),
            sources=("netflix",),
        )
        yield movie
        if rng.random() < 0.4:
            yield Movie(
                movie.title,
                movie.year,
                genres=movie.genres,
                cast=movie.cast[:2],
                directors=movie.directors,
                sources=("wikidata",),
            )


def describe(term: object) -> tuple[type | None, str, Any]:
    """Return the class, the text and the datatype of a term, as a script would have them."""
    if term is None:
        return None, "", None
    return type(term), str(term), getattr(term, "datatype", None)


def add_one_by_one(quads: list[tuple[Any, ...]]) -> None:
    """Fill a plain rdflib dataset as a script does: make the terms and add each quad."""
    plain = Dataset()
    for (_, subject, _), (_, predicate, _), (kind, value, datatype), (_, name, _) in quads:
        graph = plain.get_context(URIRef(name)) if name else plain.default_graph
        term = Literal(value, datatype=datatype) if kind is Literal else URIRef(value)
        graph.add((URIRef(subject), URIRef(predicate), term))


def open_bundled() -> tuple[MovieGraph, dict[str, float]]:
    """Return the bundled graph, and the seconds from its file to index, and on to the store."""
    opened: list[MovieGraph] = []
    to_index = measure(lambda: opened.append(MovieGraph.bundled()) or opened[0].index)
    to_store = to_index + measure(lambda: opened[0].dataset)
    return opened[0], {"file to index": to_index, "file to index and store": to_store}


def measure(step: Callable[[], object]) -> float:
    """Return the seconds that a step takes."""
    gc.collect()
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
