"""The `moviequery` command: reads arguments, calls one function of `commands`, exits.

Data goes to stdout, progress and reports to stderr. A user's mistake ends with exit code 2 and one
line that says what to do. Nothing heavy is imported before a verb runs.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from . import __version__
from .engine_options import add_engine_options
from .errors import MovieQueryError
from .extend_command import EXTEND_EXAMPLES, EXTEND_SUMMARY, add_extend_options
from .ground_command import GROUND_EXAMPLES, GROUND_SUMMARY, add_ground_options
from .publish_command import EXAMPLES, SUMMARY, add_publish_options
from .reading_options import (
    EVALUATE_EXAMPLES,
    EVALUATE_SUMMARY,
    PARSE_EXAMPLES,
    PARSE_SUMMARY,
    RECOMMEND_EXAMPLES,
    RECOMMEND_SUMMARY,
    add_evaluate_options,
    add_parse_options,
    add_recommend_options,
)
from .reproduce_command import EXAMPLES as REPRODUCE_EXAMPLES
from .reproduce_command import SUMMARY as REPRODUCE_SUMMARY
from .reproduce_command import add_reproduce_options
from .rewrite_options import REWRITE_EXAMPLES, REWRITE_SUMMARY, add_rewrite_options
from .train_command import add_train_options

_Verb = argparse.ArgumentParser


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of the command line: 0, 1 for a negative answer, 2 for a mistake.

    Example:
        >>> main(["build", "--n", "0"])
        2
    """
    options = _make_parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # where a system's own encoding lacks letters, the name of a film would end the run
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        code = run(options)
        print(end="", flush=True)  # what is still held must fail here, not at exit
        return code
    except MovieQueryError as error:
        # a library's own words within it may span lines
        print(f"moviequery: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # the reader of our output, `head` say, has seen enough
        _silence_stdout()
        return 0
    except OSError as error:
        print(f"moviequery: {error}; check the file, its folder and the disk", file=sys.stderr)
        _silence_stdout()
        return 2
    except KeyboardInterrupt:
        print("moviequery: stopped; finished rows and checkpoints are kept", file=sys.stderr)
        return 130


def _silence_stdout() -> None:
    """Send what Python still holds for stdout nowhere, since writing it at exit fails again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="moviequery",
        description="Turn a film catalogue into a search box people can talk to.",
        epilog="`moviequery VERB --help` shows the options of a verb, with examples.",
    )
    parser.add_argument("--version", action="version", version=f"moviequery {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _add_graph(verbs)
    _add_build(verbs)
    rewrite = _add_verb(verbs, "rewrite", REWRITE_SUMMARY, REWRITE_EXAMPLES)
    add_rewrite_options(rewrite)
    add_ground_options(_add_verb(verbs, "ground", GROUND_SUMMARY, GROUND_EXAMPLES))
    add_extend_options(_add_verb(verbs, "extend", EXTEND_SUMMARY, EXTEND_EXAMPLES))
    _add_train(verbs)
    add_parse_options(_add_verb(verbs, "parse", PARSE_SUMMARY, PARSE_EXAMPLES))
    add_recommend_options(_add_verb(verbs, "recommend", RECOMMEND_SUMMARY, RECOMMEND_EXAMPLES))
    add_evaluate_options(_add_verb(verbs, "evaluate", EVALUATE_SUMMARY, EVALUATE_EXAMPLES))
    add_reproduce_options(_add_verb(verbs, "reproduce", REPRODUCE_SUMMARY, REPRODUCE_EXAMPLES))
    add_publish_options(_add_verb(verbs, "publish", SUMMARY, EXAMPLES))
    return parser


def _add_verb(
    verbs: argparse._SubParsersAction[_Verb], name: str, summary: str, examples: str
) -> _Verb:
    verb = verbs.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog="examples:\n" + "\n".join(f"  {line}" for line in examples.strip().splitlines()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(run=lambda options: _run(name, options))
    return verb


def _run(name: str, options: argparse.Namespace) -> int:
    from . import commands

    run: Callable[[argparse.Namespace], int] = getattr(commands, f"run_{name}")
    return run(options)


def _add_catalogues(verb: _Verb) -> None:
    """Add the options that say which films: tables, graphs, or the bundled catalogue."""
    verb.add_argument(
        "catalogues",
        nargs="*",
        metavar="CATALOGUE",
        help="tables, RDF files or SPARQL endpoints; none: the bundled catalogue",
    )
    verb.add_argument("--credits", metavar="CSV", help="TMDB credits that belong to a table")
    verb.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="where a field of a film stands in your own CSV or JSONL, such as title=name",
    )
    verb.add_argument(
        "--term",
        action="append",
        default=[],
        metavar="FIELD=IRI",
        help="which predicate of your own RDF holds a field of a film",
    )
    verb.add_argument("--licence", help="licence of your own table, for the graph and the card")
    verb.add_argument("--shows", action="store_true", help="take shows as well as films")
    verb.add_argument(
        "--no-cut-plots",
        action="store_true",
        help="do not cut plots out of the overviews of your tables",
    )


def _add_graph(verbs: argparse._SubParsersAction[_Verb]) -> None:
    verb = _add_verb(
        verbs,
        "graph",
        "build, merge, count, validate, query and export a knowledge graph",
        """
moviequery graph                                    counts of the bundled catalogue
moviequery graph netflix_titles.csv tmdb.csv --out films.nq
moviequery graph films.nq more.ttl --validate       merges graphs and checks their shapes
moviequery graph --query 'SELECT ?film {?film schema:name ?title}' --bind title=Heat
moviequery graph mine.csv --column title=name --column genres=tags --out mine.ttl
""",
    )
    _add_catalogues(verb)
    verb.add_argument("--bundled", action="store_true", help="merge the bundled catalogue in")
    verb.add_argument("--out", metavar="FILE", help="write the graph: .nq keeps sources, .ttl not")
    verb.add_argument("--validate", action="store_true", help="check the graph's SHACL shapes")
    verb.add_argument("--query", metavar="SPARQL", help="a SELECT query, or @FILE")
    verb.add_argument(
        "--bind", action="append", default=[], metavar="NAME=VALUE", help="value of a variable"
    )
    verb.add_argument("--store", choices=("oxigraph", "memory"), default="oxigraph")
    verb.add_argument("--json", action="store_true", help="answer as JSON")


def _add_build(verbs: argparse._SubParsersAction[_Verb]) -> None:
    verb = _add_verb(
        verbs,
        "build",
        "write a dataset of synthetic queries with gold labels",
        """
moviequery build --n 20000 --seed 7 --out queries   from the bundled catalogue
moviequery build netflix_titles.csv --n 5000 --out mine --grammar my_frames.toml
moviequery build --out queries --challenge 500      adds noisy, incomplete ... splits
moviequery build --n 500000 --out many --processes 8       the same bytes, sooner
moviequery build --n 500000 --out many --engine ray --address auto   on a Ray cluster
moviequery build --n 10                             prints rows as JSON lines instead
""",
    )
    _add_catalogues(verb)
    verb.add_argument("--n", type=int, default=20_000, help="rows in all (default 20000)")
    verb.add_argument("--seed", type=int, default=7, help="same seed, same bytes (default 7)")
    verb.add_argument("--out", metavar="DIR", help="a new folder; none: JSON lines to stdout")
    verb.add_argument(
        "--noise",
        type=float,
        default=0.1,
        metavar="SHARE",
        help="share of rows with slips and misspellings (default 0.1)",
    )
    verb.add_argument(
        "--splits",
        action="append",
        default=[],
        metavar="NAME=SHARE",
        help="default train=0.8, validation=0.1, test=0.1; train=1 for a small table",
    )
    verb.add_argument(
        "--grammar",
        action="append",
        default=[],
        metavar="TOML",
        help="instead of the bundled one; give `bundled` too to add to it",
    )
    verb.add_argument(
        "--challenge",
        type=int,
        default=0,
        metavar="N",
        help="rows of each challenge split: noisy, incomplete, multi_intent, adversarial",
    )
    add_engine_options(verb)
    verb.add_argument("--json", action="store_true", help="counts as JSON")


def _add_train(verbs: argparse._SubParsersAction[_Verb]) -> None:
    verb = _add_verb(
        verbs,
        "train",
        "train a parser on a dataset",
        """
moviequery train --recipe encoder queries --out parser        the fast parser, on a CPU
moviequery train queries --model meta-llama/Llama-3.2-3B-Instruct --out adapters
moviequery train queries --model M --out adapters --task intent --no-4bit
accelerate launch -m moviequery train queries --model M --out adapters
moviequery train queries --model M --out grid --rows 1000 --grid qvo all q_proj,up_proj
""",
    )
    add_train_options(verb)
