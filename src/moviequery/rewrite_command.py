"""The verb `rewrite`: a dataset in a language model's words, with labels that still hold."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .engine_options import choose_engine
from .errors import MovieQueryError, WriterError
from .parse_command import load_graph
from .rewrite_options import read_rewrite_prices, refuse_to_write
from .schema import Query, canonical_json
from .writer_options import make_writer

if TYPE_CHECKING:
    from .knowledge.graph import MovieGraph
    from .synthesis.journal import Journal
    from .synthesis.rewriting import Rewriter
    from .synthesis.rewriting_report import RewritingReport
    from .synthesis.usage import Prices


def run_rewrite(options: argparse.Namespace) -> int:
    """Rewrite a dataset; return 1 where rows are left without an answer."""
    if options.show_prompt:
        from .synthesis.prompt import bundled_text

        print(bundled_text(), end="")
        return 0
    from .corpus.dataset import read_queries, refuse_occupied
    from .corpus.rewritten import flatten

    if not options.dataset or not options.out:
        raise MovieQueryError("give a dataset folder, and --out DIR for the new one")
    target = Path(options.out).resolve()
    refuse_occupied(target)
    prices = read_rewrite_prices(options)
    rows = flatten(read_queries(options.dataset).values())
    asked = rows[: options.limit]
    # nothing is read or asked in a dry run, and neither films nor model need be there for it
    graph = None if options.dry_run else load_graph(options.graph)
    rewriter = _make_rewriter(options, graph, prices)
    with _open_journal(options, target, rewriter) as journal:
        if graph is None:
            return _show_estimate(options, rewriter, asked, journal, prices)
        try:
            _rewrite(options, rewriter, asked, journal)
        except WriterError as error:
            raise WriterError(
                f"{error}; {len(journal):,} rows are kept in {journal.path}, and the same command "
                "goes on from there"
            ) from error
        return _finish(options, graph, rows, asked, journal, prices)


def _rewrite(
    options: argparse.Namespace, rewriter: Rewriter, rows: list[Query], journal: Journal
) -> None:
    """Have the rows rewritten, here or by the workers of an engine."""
    from .corpus.engines import run_here
    from .corpus.rewriting_stage import gather_shards, rewrite_in_shards
    from .synthesis.rewriting_run import rewrite_rows

    engine = choose_engine(options)
    if engine is run_here:
        gather_shards(rows, journal, rewriter)
        rewrite_rows(rewriter, rows, journal, concurrency=options.concurrency)
        return
    if options.budget is not None:
        raise MovieQueryError("--budget is kept by one process: leave out --engine and --processes")
    # what runs the verb is no part of the options, and cannot travel
    plain = {name: value for name, value in vars(options).items() if name != "run"}
    make = partial(_make_workers_rewriter, argparse.Namespace(**plain))
    concurrency = options.concurrency
    rewrite_in_shards(engine, make, rows, journal, rewriter, concurrency=concurrency)


def _make_workers_rewriter(options: argparse.Namespace) -> Rewriter:
    return _make_rewriter(options, load_graph(options.graph), None)


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
    options: argparse.Namespace, graph: MovieGraph | None, prices: Prices | None
) -> Rewriter:
    """Return the rewriter; without a graph, one that asks nothing."""
    from .modeling.parser import QueryParser
    from .synthesis.claims import check_claims
    from .synthesis.prompt import Prompt
    from .synthesis.rewriting import Rewriter
    from .synthesis.second_reading import SecondReader
    from .synthesis.usage import Budget

    prompt = Prompt.read(options.prompt) if options.prompt else Prompt.bundled()
    reader = None
    if graph is not None:
        parser = QueryParser.from_pretrained(graph=graph)
        reader = SecondReader(parser.parse, partial(check_claims, index=graph.index), graph.index)
    return Rewriter(
        refuse_to_write if graph is None else make_writer(options, prompt.schema),
        prompt,
        model=options.local or options.model,
        reader=reader,
        link=graph.index.link if graph is not None else None,
        attempts=options.attempts,
        budget=Budget(options.budget, prices),
        max_tokens=options.max_tokens,
    )


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
