"""The verb `rewrite`: a dataset in a language model's words, with labels that still hold."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Never

from .errors import MovieQueryError, WriterError
from .option_values import read_count
from .parse_command import load_graph
from .schema import ParsedQuery, Query, canonical_json

if TYPE_CHECKING:
    from .knowledge.graph import MovieGraph
    from .synthesis.claims import Claim
    from .synthesis.journal import Journal
    from .synthesis.prompt import Prompt
    from .synthesis.rewriting import Rewriter
    from .synthesis.rewriting_report import RewritingReport
    from .synthesis.usage import Budget, Prices
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


def run_rewrite(options: argparse.Namespace) -> int:
    """Rewrite a dataset; return 1 where rows are left without an answer."""
    if options.show_prompt:
        from .synthesis.prompt import bundled_text

        print(bundled_text(), end="")
        return 0
    from .corpus.dataset import read_queries, refuse_occupied
    from .corpus.rewritten import flatten
    from .synthesis.rewriting_run import rewrite_rows

    if not options.dataset or not options.out:
        raise MovieQueryError("give a dataset folder, and --out DIR for the new one")
    target = Path(options.out).resolve()
    refuse_occupied(target)
    prices = _read_prices(options)
    rows = flatten(read_queries(options.dataset).values())
    asked = rows[: options.limit]
    graph = load_graph(options.graph)
    rewriter = _make_rewriter(options, graph, prices)
    with _open_journal(options, target, rewriter) as journal:
        if options.dry_run:
            return _show_estimate(options, rewriter, asked, journal, prices)
        try:
            rewrite_rows(rewriter, asked, journal, concurrency=options.concurrency)
        except WriterError as error:
            raise WriterError(
                f"{error}; {len(journal):,} rows are kept in {journal.path}, and the same command "
                "goes on from there"
            ) from error
        return _finish(options, graph, rows, asked, journal, prices)


def _finish(
    options: argparse.Namespace,
    graph: MovieGraph,
    rows: list[Query],
    asked: list[Query],
    journal: Journal,
    prices: Prices | None,
) -> int:
    """Write the dataset and the report; without the dataset while rows lack an answer."""
    from .corpus.dataset import write_dataset
    from .corpus.rewritten import choose_texts
    from .synthesis.rewriting_report import RewritingReport

    report = RewritingReport.count(asked, journal)
    if report.unsettled and not options.finish:
        _print_report(options, report, prices)
        raise_budget = "with a higher --budget, or " if options.budget is not None else ""
        _tell(
            f"{report.unsettled:,} rows have no answer yet, so {options.out} is not written: run "
            f"the same command again, {raise_budget}with --finish to leave them as they are"
        )
        return 1
    wanted = set(asked)
    pairs = [
        (query, outcome.query if query in wanted and (outcome := journal.outcome(query)) else None)
        for query in rows
    ]
    chosen = list(choose_texts(pairs, report.fallbacks))
    report.compare(rows, chosen)
    sources = [source for _, source in sorted(graph.sources.items())]
    census = write_dataset(chosen, options.out, licence=_read_licence(options), sources=sources)
    if census.rows != len(rows):
        raise MovieQueryError(
            f"{options.dataset}: {len(rows) - census.rows} rows leak between its splits "
            f"({census.dropped}) and were left out of {options.out}; build the dataset again"
        )
    path = journal.path.with_suffix(".report.json")
    path.write_text(canonical_json(report.to_dict(prices)) + "\n", encoding="utf-8")
    _print_report(options, report, prices)
    _tell(f"wrote {options.out}; every answer stays in {journal.path}")
    return 0


def _make_rewriter(
    options: argparse.Namespace, graph: MovieGraph, prices: Prices | None
) -> Rewriter:
    from .modeling.parser import QueryParser
    from .synthesis.claims import check_claims
    from .synthesis.prompt import Prompt
    from .synthesis.rewriting import Rewriter
    from .synthesis.second_reading import SecondReader
    from .synthesis.usage import Budget

    def check(parsed: ParsedQuery) -> tuple[Claim, ...]:
        return check_claims(parsed, graph.index)

    prompt = Prompt.read(options.prompt) if options.prompt else Prompt.bundled()
    parser = QueryParser.from_pretrained(graph=graph)
    budget: Budget = Budget(options.budget, prices)
    return Rewriter(
        # nothing is asked in a dry run, and a model need not be there for it
        _no_writer if options.dry_run else _make_writer(options, prompt),
        prompt,
        model=options.local or options.model,
        reader=SecondReader(parser.parse, check, graph.index),
        link=graph.index.link,
        attempts=options.attempts,
        budget=budget,
        max_tokens=options.max_tokens,
    )


def _make_writer(options: argparse.Namespace, prompt: Prompt) -> Writer:
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


def _no_writer(messages: object) -> Never:
    raise WriterError("a dry run asks nothing")


@contextmanager
def _open_journal(
    options: argparse.Namespace, target: Path, rewriter: Rewriter
) -> Iterator[Journal]:
    """Give the journal, and say what was found in it; a dry run leaves no new folder behind."""
    from .synthesis.journal import Journal

    folder = Path(options.journal or target.with_name(f"{target.name}.journal"))
    with TemporaryDirectory() as nowhere:
        place = Path(nowhere) if options.dry_run and not folder.exists() else folder
        with Journal(place, rewriter.prompt, rewriter.model) as journal:
            _tell_opening(journal, rewriter)
            rewriter.budget.spend(journal.usage)
            yield journal


def _tell_opening(journal: Journal, rewriter: Rewriter) -> None:
    opening = journal.opening
    if opening.settled:
        _tell(f"{opening.settled:,} rows have an answer in {journal.path}")
    elif opening.others:
        changed = [
            name
            for place, (name, now) in enumerate(
                {"prompt": rewriter.prompt.fingerprint, "model": rewriter.model}.items()
            )
            if all(other[place] != now for other in opening.others)
        ]
        _tell(
            f"a new journal is begun, since {' and '.join(changed) or 'prompt or model'} changed; "
            f"{len(opening.others)} older in {journal.path.parent} stay as they are"
        )
    if opening.healed:
        _tell(f"a line that a crash had cut off ({opening.healed} bytes) was removed")
    if opening.damaged:
        _tell(f"{opening.damaged:,} lines of {journal.path} cannot be read; their rows are asked")


def _show_estimate(
    options: argparse.Namespace,
    rewriter: Rewriter,
    rows: list[Query],
    journal: Journal,
    prices: Prices | None,
) -> int:
    from .synthesis.rewriting_run import estimate_run

    estimate = estimate_run(rewriter, rows, journal, options.max_tokens)
    if options.json:
        costs = {
            name: prices.cost(getattr(estimate, name)) if prices else None
            for name in ("likely", "most")
        }
        print(canonical_json(asdict(estimate) | {"cost": costs}))
        return 0
    print(f"{estimate.rows:,} rows to ask, {estimate.settled:,} are answered")
    print(f"likely: {estimate.likely.summary(prices)}")
    print(f"at most: {estimate.most.summary(prices)}")
    return 0


def _read_prices(options: argparse.Namespace) -> Prices | None:
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


def _read_licence(options: argparse.Namespace) -> str | None:
    """Return the licence that the dataset's card names, if it has a card."""
    from huggingface_hub import DatasetCard

    card = Path(options.dataset) / "README.md"
    licence = DatasetCard.load(card).data.get("license") if card.is_file() else None
    return licence if isinstance(licence, str) else None


def _print_report(
    options: argparse.Namespace, report: RewritingReport, prices: Prices | None
) -> None:
    print(canonical_json(report.to_dict(prices)) if options.json else report.summary(prices))


def _tell(line: str) -> None:
    print(f"moviequery: {line}", file=sys.stderr)
