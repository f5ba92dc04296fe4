"""The options of the verb `rewrite`, and the prices that they mean."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Never

from .engine_options import add_engine_options
from .errors import MovieQueryError, WriterError
from .option_values import read_count
from .writer_options import add_writer_options, read_prices

if TYPE_CHECKING:
    from .synthesis.usage import Prices

REWRITE_SUMMARY = "put a dataset's queries in a language model's words, its labels checked"
REWRITE_EXAMPLES = """
moviequery rewrite queries --out spoken --dry-run              what it will take
moviequery rewrite queries --out spoken --price 0.8,0.8 --budget 5
moviequery rewrite queries --out spoken --base-url http://localhost:8000/v1 --model my-model
moviequery rewrite queries --out spoken --local llama-folder   a model in this process
moviequery rewrite queries --out spoken --engine ray --address auto   workers on a Ray cluster
moviequery rewrite --show-prompt > mine.toml                   what is asked; --prompt takes yours
"""


def add_rewrite_options(verb: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    verb.add_argument("dataset", nargs="?", metavar="DATASET", help="what `moviequery build` wrote")
    verb.add_argument("--out", metavar="DIR", help="a new dataset folder")
    add_writer_options(verb, max_tokens=512, concurrency=8)
    add_engine_options(verb)
    verb.add_argument(
        "--graph", default="bundled", metavar="FILE", help="which films are there (default bundled)"
    )
    verb.add_argument(
        "--journal", metavar="DIR", help="keeps every answer (default: OUT.journal, beside OUT)"
    )
    verb.add_argument("--limit", type=read_count, metavar="N", help="rewrite the first N rows only")
    verb.add_argument("--budget", type=float, metavar="MONEY", help="never to be exceeded")
    verb.add_argument(
        "--finish", action="store_true", help="rows without an answer stay as they are"
    )
    verb.add_argument("--attempts", type=read_count, default=3, help="replies looked at a row (3)")
    verb.add_argument("--json", action="store_true", help="the report as JSON")


def refuse_to_write(messages: object) -> Never:
    """Stand in for a writer in a dry run, where a model need not be there."""
    raise WriterError("a dry run asks nothing")


def read_rewrite_prices(options: argparse.Namespace) -> Prices | None:
    """Return what tokens cost, if that is said.

    Raises:
        MovieQueryError: it is said in another form, or a budget is given without it.
    """
    if options.budget is not None and not options.price:
        raise MovieQueryError("--budget needs --price IN,OUT to know what tokens cost")
    return read_prices(options)
