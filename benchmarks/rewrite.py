"""What rewriting costs beside the language model, and beside distilabel on the same rows.

    python benchmarks/rewrite.py                                     ours alone
    python benchmarks/rewrite.py --peer-python PEER/bin/python       beside distilabel

Both ask a writer that answers at once, so that all the time is the pipeline's own. Ours makes the
prompts, reads and checks each reply (schema, every entity found again) and has each on the disk
(fsync) before it counts. distilabel (1.5.3) gets the finished conversations, hands them to its
`ChatGeneration`, keeps its usual cache, and looks at no reply: less work than ours. It gets an
environment of its own: `python -m venv PEER && PEER/bin/pip install distilabel==1.5.3 requests`.
Time per row is the slope between a small and a large run, so that starting up counts for neither;
times of the processor include all processes. With the bundled parser as second reader, ours does
what distilabel has no like of; that is timed apart.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

GOAL_RATIO = 10
SMALL = 4  # the small run has a fourth of the rows


def main() -> None:
    """Time ours and the peer, and print both with their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=2_000, help="rows")
    parser.add_argument("--peer-python", help="python of an environment with distilabel")
    parser.add_argument("--no-reader", action="store_true", help="leave the second reader out")
    options = parser.parse_args()

    from moviequery import MovieGraph, SyntheticQueryBuilder
    from moviequery.synthesis.rewriting import Rewriter

    graph = MovieGraph.bundled()
    rows = SyntheticQueryBuilder(graph).build(options.n)
    sizes = [options.n // SMALL, options.n]
    ours = measure(sizes, lambda n: run_ours(rows[:n]))
    print(f"ours                      {show(ours)}")
    if options.peer_python:
        rewriter = Rewriter(answer_at_once)
        asked = {
            "rows": [rewriter.ask(query)[0] for query in rows],
            "replies": [write_reply(query.text) for query in rows],
        }
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(asked, file)
            file.flush()
            peer = measure(sizes, lambda n: run_peer(options.peer_python, file.name, n))
        print(f"distilabel                {show(peer)}")
        ratios = [peer[name] / ours[name] for name in ("wall", "processor")]
        print(f"ratio                     {ratios[0]:.1f} x, processor {ratios[1]:.1f} x")
        print(f"goal {GOAL_RATIO} x: {'reached' if min(ratios) >= GOAL_RATIO else 'missed'}")
    if not options.no_reader:
        few = rows[: options.n // 4]
        read = measure([len(few) // SMALL, len(few)], lambda n: run_ours(few[:n], graph))
        print(f"ours with a second reader {show(read)}")


def measure(sizes: Sequence[int], run: Callable[[int], None]) -> dict[str, float]:
    """Return the milliseconds per row, of the clock and of the processor."""
    run(8)  # imports and first uses
    spent = []
    for size in sizes:
        before = (time.perf_counter(), processor_time())
        run(size)
        spent.append((time.perf_counter() - before[0], processor_time() - before[1]))
    rows = sizes[1] - sizes[0]
    (wall, processor), (more_wall, more_processor) = spent
    return {
        "wall": 1e3 * (more_wall - wall) / rows,
        "processor": 1e3 * (more_processor - processor) / rows,
        "whole": 1e3 * more_wall / sizes[1],
    }


def processor_time() -> float:
    """Return the seconds of this process and of all that it has waited for."""
    return sum(
        sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


def show(times: dict[str, float]) -> str:
    """Return the times of one side as a line."""
    return (
        f"{times['wall']:8.3f} ms a row, processor {times['processor']:8.3f}, "
        f"with its start {times['whole']:8.3f}"
    )


def write_reply(text: str) -> str:
    """Return a good reply for a query: the same words with others round them."""
    words = {"thought": "they ask", "text": f"quick one, {text.rstrip('?.! ')} thanks"}
    return json.dumps({**words, "entities": []})


def answer_at_once(messages: Sequence) -> object:
    """Return a good reply without a language model."""
    from moviequery.synthesis.writers import Reply

    query = messages[-1]["content"].split("\n", 1)[0].removeprefix("Query: ")
    return Reply(write_reply(query), 1_000, 50)


def run_ours(rows: Sequence, graph: object = None) -> None:
    """Rewrite the rows on a new journal."""
    from moviequery import QueryParser
    from moviequery.synthesis.claims import check_claims
    from moviequery.synthesis.journal import Journal
    from moviequery.synthesis.rewriting import Rewriter
    from moviequery.synthesis.rewriting_run import rewrite_rows
    from moviequery.synthesis.second_reading import SecondReader

    reader = None
    if graph is not None:
        index = graph.index
        parser = QueryParser.from_pretrained(graph=graph, names=False)
        reader = SecondReader(parser.parse, lambda parsed: check_claims(parsed, index), index)
    rewriter = Rewriter(answer_at_once, model="instant", reader=reader, attempts=1)
    with (
        tempfile.TemporaryDirectory() as folder,
        Journal(folder, rewriter.prompt, "instant") as journal,
    ):
        rewrite_rows(rewriter, rows, journal)
        kept = sum(journal.outcome(query).query is not None for query in rows)
        if reader is None and kept < 0.9 * len(rows):
            raise SystemExit(f"only {kept} of {len(rows)} replies were taken: no fair time")
        if reader is not None and len(rows) > 50:
            print(f"second reader: {kept} of {len(rows)} taken")


def run_peer(python: str, file: str, n: int) -> None:
    """Run distilabel on the first n conversations, in its own environment."""
    script = Path(__file__).with_name("rewrite_peer.py")
    done = subprocess.run([python, script, file, str(n)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2_000:])


if __name__ == "__main__":
    main()
