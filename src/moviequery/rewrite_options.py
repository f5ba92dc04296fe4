"""The options of the verb `rewrite`, and the writer and the prices that they mean."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Never

from .errors import MovieQueryError, WriterError
from .option_values import read_count

if TYPE_CHECKING:
    from .synthesis.prompt import Prompt
    from .synthesis.usage import Prices
    from .synthesis.writers import Writer

REWRITE_SUMMARY = "put a dataset's queries in a language model's words, its labels checked"
REWRITE_EXAMPLES = """
moviequery rewrite queries --out spoken --dry-run              what it will take
moviequery rewrite queries --out spoken --price 0.8,0.8 --budget 5
moviequery rewrite queries --out spoken --base-url http://localhost:8000/v1 --model my-model
moviequery rewrite queries --out spoken --local llama-folder   a model in this process
moviequery rewrite --show-prompt > mine.toml                   what is asked; --prompt takes yours
"""
# `synthesis.writers` has it too; importing that here would weigh on every start
_MODEL = "meta-llama/Llama-3.1-405B-Instruct"


def add_rewrite_options(verb: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    verb.add_argument("dataset", nargs="?", metavar="DATASET", help="what `moviequery build` wrote")
    verb.add_argument("--out", metavar="DIR", help="a new dataset folder")
    verb.add_argument("--model", default=_MODEL, metavar="ID", help=f"default {_MODEL}")
    verb.add_argument("--base-url", metavar="URL", help="a server that speaks OpenAI's protocol")
    verb.add_argument("--provider", metavar="P", help="of the Hub, such as together")
    verb.add_argument("--local", metavar="DIR", help="a folder or id for transformers instead")
    verb.add_argument(
        "--token-variable",
        metavar="NAME",
        help="environment variable with the server's key (default: your Hub token, for the Hub's "
        "own hosts only)",
    )
    verb.add_argument("--prompt", metavar="TOML", help="what is asked, instead of the bundled one")
    verb.add_argument("--show-prompt", action="store_true", help="print the bundled prompt")
    verb.add_argument(
        "--graph", default="bundled", metavar="FILE", help="which films are there (default bundled)"
    )
    verb.add_argument(
        "--journal", metavar="DIR", help="keeps every answer (default: OUT.journal, beside OUT)"
    )
    verb.add_argument("--limit", type=read_count, metavar="N", help="rewrite the first N rows only")
    verb.add_argument("--dry-run", action="store_true", help="say what it will take, ask nothing")
    verb.add_argument("--price", metavar="IN,OUT", help="of a million tokens, in any currency")
    verb.add_argument("--budget", type=float, metavar="MONEY", help="never to be exceeded")
    verb.add_argument(
        "--finish", action="store_true", help="rows without an answer stay as they are"
    )
    verb.add_argument("--concurrency", type=read_count, default=8, help="requests at once (8)")
    verb.add_argument("--attempts", type=read_count, default=3, help="replies looked at a row (3)")
    verb.add_argument("--max-tokens", type=read_count, default=512, help="of a reply (512)")
    verb.add_argument("--temperature", type=float, default=0.8, help="of the words (0.8)")
    verb.add_argument("--timeout", type=float, default=120.0, help="seconds for an answer (120)")
    verb.add_argument("--json", action="store_true", help="the report as JSON")


def make_writer(options: argparse.Namespace, prompt: Prompt) -> Writer:
    """Return what answers: a server, or a model in this process."""
    if options.local:
        from .synthesis.local_writer import LocalWriter

        return LocalWriter(
            options.local, max_tokens=options.max_tokens, temperature=options.temperature
        )
    from .synthesis.writers import HubWriter

    token = None
    if options.token_variable:
        token = os.environ.get(options.token_variable)
        if not token:
            raise MovieQueryError(f"the environment has no {options.token_variable}: set it")
    return HubWriter(
        options.model,
        options.base_url,
        provider=options.provider,
        token=token,
        schema=prompt.schema,
        max_tokens=options.max_tokens,
        temperature=options.temperature,
        concurrency=options.concurrency,
        timeout=options.timeout,
    )


def refuse_to_write(messages: object) -> Never:
    """Stand in for a writer in a dry run, where a model need not be there."""
    raise WriterError("a dry run asks nothing")


def read_prices(options: argparse.Namespace) -> Prices | None:
    """Return what tokens cost, if that is said.

    Raises:
        MovieQueryError: it is said in another form, or a budget is given without it.
    """
    from .synthesis.usage import Prices

    if options.budget is not None and not options.price:
        raise MovieQueryError("--budget needs --price IN,OUT to know what tokens cost")
    if not options.price:
        return None
    try:
        prompt, completion = map(float, options.price.split(","))
    except ValueError as error:
        raise MovieQueryError(f"--price {options.price!r} is not of the form IN,OUT") from error
    return Prices(prompt, completion)
