"""How long checked rows take, beside a slot filler without graph or check.

    python benchmarks/build.py                                       ours alone
    python benchmarks/build.py --peer-python PEER/bin/python         beside Chatette

Chatette (1.6.3) writes labelled queries from templates; it pins other versions, so it gets an
environment of its own: `python -m venv PEER && PEER/bin/pip install chatette==1.6.3`. Its templates
are the paper's three, over the same films. It neither checks rows nor keeps texts unique.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

from moviequery import MovieGraph, SyntheticQueryBuilder
from moviequery.schema import EntityType

GOAL_SECONDS = 5.0  # for 20,000 rows from 5,000 films on one core


def main() -> None:
    """Time our stages, then the peer, and print both with their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--films", type=int, default=5_000)
    parser.add_argument("--peer-python", help="python of an environment with chatette")
    options = parser.parse_args()

    bundled = list(MovieGraph.bundled().movies())[: options.films]
    graph, load = timed(lambda: load_graph(bundled))
    builder, prepare = timed(lambda: SyntheticQueryBuilder(graph, seed=7))
    rows, write = timed(lambda: builder.build(options.n))
    print(f"{'films':<32}{len(graph):>10,}")
    print(f"{'graph and index, seconds':<32}{load:>10.2f}")
    print(f"{'builder ready, seconds':<32}{prepare:>10.2f}")
    print(f"{'checked unique rows':<32}{len(rows):>10,}")
    print(f"{'rows, seconds':<32}{write:>10.2f}  (goal {GOAL_SECONDS})")
    print(f"{'rows per second':<32}{len(rows) / write:>10,.0f}")
    if options.peer_python:
        peer, kept = time_chatette(options.peer_python, graph, options.n)
        print(
            f"{'chatette, seconds':<32}{peer:>10.2f}  ({kept:,} texts, {peer / write:.2f} of ours)"
        )


def load_graph(movies):  # noqa: ANN001, ANN201 - a benchmark's helper
    """Return a graph with its index and store made."""
    graph = MovieGraph.from_movies(movies)
    graph.index  # noqa: B018 - made when first asked for
    graph.dataset  # noqa: B018
    return graph


def timed(call):  # noqa: ANN001, ANN201
    """Return what a call returns, and its seconds."""
    start = time.perf_counter()
    value = call()
    return value, time.perf_counter() - start


def time_chatette(python: str, graph: MovieGraph, n: int) -> tuple[float, int]:
    """Return the seconds that Chatette takes for n texts, start-up included, and its count."""
    labels = {kind: set() for kind in ("genre", "theme", "setting")}
    for film in graph.index.films:
        for kind, names in labels.items():
            values = film.facts.get(EntityType(kind), ())
            names.update(graph.index.nodes[value].label for value in values)
    labels["title"] = {film.title for film in graph.index.films}
    # brackets and marks are Chatette's own syntax; its titles go without them
    bare = {
        kind: sorted(
            {"".join(c for c in name if c.isalnum() or c == " ").strip() for name in names}
        )
        for kind, names in labels.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            f"%[rec]('training':'{n}')",
            "    I loved @[title]. Any recommendations along those lines",
            "    Can you recommend a movie about @[theme]",
            "    Are there any good @[genre] films set in @[setting]",
        ]
        for kind, names in bare.items():
            lines += [f"@[{kind}]", *(f"    {name}" for name in names if name)]
        source = Path(folder) / "queries.chatette"
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [python, "-m", "chatette", str(source), "-o", f"{folder}/out", "-a", "jsonl"]
        _, seconds = timed(
            lambda: subprocess.run([*command, "-s", "7"], check=True, capture_output=True)
        )
        files = sorted((Path(folder) / "out" / "train").glob("*.jsonl"))
        count = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)
    return seconds, count


if __name__ == "__main__":
    main()
