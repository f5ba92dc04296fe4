"""The options of the command line that say which language model writes, and what it may cost."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .errors import MovieQueryError
from .option_values import read_count

if TYPE_CHECKING:
    from .synthesis.usage import Prices
    from .synthesis.writers import Writer

# `synthesis.writers` has it too; importing that here would weigh on every start
_MODEL = "meta-llama/Llama-3.1-405B-Instruct"


def add_writer_options(verb: argparse.ArgumentParser, max_tokens: int, concurrency: int) -> None:
    """Add the options that `make_writer` and `read_prices` read."""
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
    verb.add_argument("--dry-run", action="store_true", help="say what it will take, ask nothing")
    verb.add_argument("--price", metavar="IN,OUT", help="of a million tokens, in any currency")
    verb.add_argument(
        "--concurrency",
        type=read_count,
        default=concurrency,
        help=f"requests at once ({concurrency})",
    )
    verb.add_argument(
        "--max-tokens", type=read_count, default=max_tokens, help=f"of a reply ({max_tokens})"
    )
    verb.add_argument("--temperature", type=float, default=0.8, help="of the words (0.8)")
    verb.add_argument("--timeout", type=float, default=120.0, help="seconds for an answer (120)")


def make_writer(options: argparse.Namespace, schema: Mapping[str, Any]) -> Writer:
    """Return the writer that the options name.

    Raises:
        MovieQueryError: the environment lacks the key, or an option is out of its range.
    """
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
        schema=schema,
        max_tokens=options.max_tokens,
        temperature=options.temperature,
        concurrency=options.concurrency,
        timeout=options.timeout,
    )


def read_prices(options: argparse.Namespace) -> Prices | None:
    """Return what tokens cost; None where that was not said.

    Raises:
        MovieQueryError: it was said in another form.
    """
    from .synthesis.usage import Prices

    if not options.price:
        return None
    try:
        prompt, completion = map(float, options.price.split(","))
    except ValueError as error:
        raise MovieQueryError(f"--price {options.price!r} is not of the form IN,OUT") from error
    return Prices(prompt, completion)
