"""What the verbs of the command line do: parse options, call one function, print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .diversity_command import measure_diversity, parse_all, read_split
from .engine_options import choose_engine
from .errors import EvaluationError, GraphError, MovieQueryError
from .extend_command import run_extend as run_extend
from .ground_command import run_ground as run_ground
from .option_values import read_pairs
from .parse_command import run_parse as run_parse
from .publish_command import run_publish as run_publish
from .recommend_command import run_recommend as run_recommend
from .reproduce_command import run_reproduce as run_reproduce
from .rewrite_command import run_rewrite as run_rewrite
from .schema import canonical_json
from .train_command import run_train as run_train

if TYPE_CHECKING:
    from .knowledge.graph import MovieGraph

_RDF = (".nq", ".nt", ".ttl", ".trig")


def run_graph(options: argparse.Namespace) -> int:
    """Build, merge, count, validate, query and export a graph."""
    graph = _load_graph(options)
    if options.out:
        graph.write(options.out)
        _tell(f"wrote {options.out}")
    if options.query:
        text = options.query
        if text.startswith("@"):
            text = _read_text(text[1:])
        rows = graph.sparql(text, read_pairs(options.bind, "--bind"))
        _print_rows(rows, options.json)
        return 0
    if options.validate:
        report = graph.validate()
        verdict = {
            "conforms": report.conforms,
            "films": report.films,
            "violations": dict(report.violations),
            "examples": list(report.examples),
        }
        print(canonical_json(verdict) if options.json else report.summary())
        return 0 if report.conforms else 1
    counts = graph.counts()
    if options.json:
        print(canonical_json(counts))
    else:
        for name, count in _flatten(counts):
            print(f"{name:<32} {count:>10,}")
    return 0


def run_build(options: argparse.Namespace) -> int:
    """Write a dataset folder, or print rows."""
    from .corpus.engines import run_here
    from .synthesis.builder import DEFAULT_SPLITS, SyntheticQueryBuilder
    from .synthesis.grammar import Grammar

    if options.n < 1:
        raise MovieQueryError(f"--n is {options.n}; ask for at least 1 row")
    if options.challenge and not options.out:
        raise MovieQueryError("--challenge writes files: give --out DIR too")
    engine = choose_engine(options)
    if not options.out and engine is not run_here:
        raise MovieQueryError("--engine and --processes write files: give --out DIR too")
    grammar = Grammar.read(*options.grammar) if options.grammar else Grammar.bundled()
    graph = _load_graph(options)
    splits = _read_shares(options.splits) or DEFAULT_SPLITS
    builder = SyntheticQueryBuilder(graph, grammar, options.seed, splits, options.noise)
    if not options.out:
        for query in builder.iter(options.n):
            print(canonical_json(query.to_row()))
        return 0
    from .corpus.dataset import write_dataset

    census = write_dataset(
        builder,
        options.out,
        options.n,
        sources=graph.sources.values(),
        challenge=options.challenge,
        engine=engine,
    )
    if options.json:
        print(canonical_json({"rows": census.rows, "splits": census.splits}))
    else:
        print(census.summary())
        print(f"\nwrote {options.out}: load_dataset({options.out!r})")
    return 0


def run_evaluate(options: argparse.Namespace) -> int:
    """Score a parser on labelled queries, or measure how diverse queries are."""
    path = Path(options.file)
    if options.diversity:
        return measure_diversity(path, options)
    if options.against or options.slot_filling or options.out or options.card:
        raise EvaluationError("--against, --slot-filling, --out and --card go with --diversity")
    if options.baseline:
        from .baseline_command import compare_baselines

        return compare_baselines(path, options)
    if options.labels:
        return _evaluate_bio(path, options)
    from .metrics.scores import score_entities

    queries = read_split(path, options.split or "test")[: options.limit]
    scores = score_entities(queries, parse_all(options, [query.text for query in queries]))
    print(canonical_json(scores.to_dict()) if options.json else scores.to_table())
    return 0


def _evaluate_bio(path: Path, options: argparse.Namespace) -> int:
    from .metrics.bio import score_bio
    from .metrics.labels import LabelMap
    from .metrics.sentences import read_bio

    labels = LabelMap.read(options.labels)
    sentences = read_bio(path)[: options.limit]
    parsed = parse_all(options, [sentence.text for sentence in sentences])
    scores = score_bio(sentences, parsed, labels)
    print(canonical_json(scores.to_dict()) if options.json else scores.to_table())
    return 0


def _load_graph(options: argparse.Namespace) -> MovieGraph:
    """Return the graph of the tables and RDF files named, or of the bundled catalogue."""
    from .knowledge.catalogue import read_catalogue
    from .knowledge.graph import MovieGraph

    store = getattr(options, "store", "oxigraph")
    columns = read_pairs(options.column, "--column")
    terms = read_pairs(options.term, "--term")
    ours = [path for path in options.catalogues if not terms and _is_our_graph(path)]
    tables = [path for path in options.catalogues if path not in ours]
    graphs = []
    if ours:
        graphs.append(MovieGraph.read(*ours, store=store))
    if tables:
        catalogue = read_catalogue(
            *tables,
            columns=columns or None,
            terms=terms or None,
            credits=options.credits,
            licence=options.licence,
            kinds=("movie", "show") if options.shows else ("movie",),
            plots_from_overview=not options.no_cut_plots,
        )
        _tell(catalogue.summary())
        graphs.append(MovieGraph.from_movies(catalogue, store=store))
    if not graphs or getattr(options, "bundled", False):
        graphs.append(MovieGraph.bundled(store=store))
    graph = graphs[0]
    for other in graphs[1:]:
        graph.merge(other)
    return graph


def _is_our_graph(path: str) -> bool:
    """Return True for an RDF file that a `MovieGraph` wrote."""
    if Path(path).suffix not in _RDF:
        return False
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            return "urn:moviequery:" in file.read(65_536)
    except OSError as error:
        raise GraphError(f"{path}: cannot be read: {error.strerror}") from error


def _read_shares(texts: Iterable[str]) -> dict[str, float]:
    shares = {}
    for name, value in read_pairs(texts, "--splits").items():
        try:
            shares[name] = float(value)
        except ValueError as error:
            raise MovieQueryError(f"--splits {name}={value}: the share is no number") from error
    return shares


def _read_text(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GraphError(f"{path}: cannot be read: {error}") from error


def _print_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(canonical_json(rows))
        return
    for number, row in enumerate(rows):
        if number == 0:
            print("\t".join(row))
        print("\t".join("" if value is None else str(value) for value in row.values()))
    _tell(f"{len(rows)} rows")


def _flatten(counts: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, int]]:
    for name, value in counts.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", value


def _tell(text: str) -> None:
    print(text, file=sys.stderr)
