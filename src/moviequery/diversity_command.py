"""What `evaluate --diversity` does: the card of queries, on the terminal and as files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import EvaluationError, MissingExtraError
from .parse_command import load_graph, load_parser
from .schema import ParsedQuery, Query, canonical_json

if TYPE_CHECKING:
    from .evaluation.diversity_card import DiversityCard

_BUNDLED = "bundled"
_CARD = "README.md"


def measure_diversity(path: Path, options: argparse.Namespace) -> int:
    """Print the diversity card of queries, and write it where that is asked for."""
    from .evaluation.diversity_card import add_scores, describe_queries
    from .metrics.sentences import read_bio
    from .synthesis.embeddings import load_minilm

    if options.card and not (path / _CARD).is_file():
        raise EvaluationError(f"--card: {path} is no dataset folder with a {_CARD}")
    queries = read_split(path, options.split or "train")[: options.limit]
    real = [sentence.text for sentence in read_bio(options.against)] if options.against else []
    graph = load_graph(options.graph or _BUNDLED)
    scored, parsed = _parse(path, queries, options) if options.model else ([], [])
    try:
        encode = load_minilm()
    except MissingExtraError as error:
        encode = None
        _tell(f"without Vendi, chamfer and cosine: {error}")
    extras: dict[str, Any] = {"slot_filling": options.slot_filling, "real": real}
    card = describe_queries(queries, graph.index, options.n, encode, **extras)
    if options.model:
        name = f"the parser {Path(options.model).name!r}"
        card = add_scores(card, scored, parsed, graph.index, name)
    _write(card, path, options)
    print(canonical_json(card.to_dict()) if options.json else card.render())
    return 0


def _parse(
    path: Path, queries: list[Query], options: argparse.Namespace
) -> tuple[list[Query], list[ParsedQuery]]:
    """Return the test queries of a folder, or the queries themselves, and what they are read as."""
    if path.is_dir() and not options.split:
        # of the other splits a parser may have seen every row
        queries = read_split(path, "test")[: options.limit]
    wanted = argparse.Namespace(**vars(options))
    wanted.model = None if options.model == _BUNDLED else options.model
    return queries, parse_all(wanted, [query.text for query in queries])


def _write(card: DiversityCard, path: Path, options: argparse.Namespace) -> None:
    from .evaluation.diversity_report import PICTURE, add_section, write_report

    folders = [Path(options.out)] if options.out else []
    folders += [path] if options.card and path not in folders else []
    written: list[str] = []
    for folder in folders:
        written = write_report(card, folder)
        _tell(f"wrote {', '.join(written)} in {folder}")
    if folders and PICTURE not in written:
        _tell("without a picture: pip install 'moviequery[diversity]'")
    if options.card:
        add_section(card, path / _CARD, PICTURE in written)
        _tell(f"wrote the section Diversity of {path / _CARD}")


def read_split(path: Path, split: str) -> list[Query]:
    """Return the queries of a split of a folder, or all queries of a file."""
    from .corpus.dataset import read_queries

    splits = read_queries(path)
    if path.is_file():
        return [query for rows in splits.values() for query in rows]
    if not splits.get(split):
        raise EvaluationError(f"{path}: no queries in split {split!r}; splits are {sorted(splits)}")
    return splits[split]


def parse_all(options: argparse.Namespace, texts: list[str]) -> list[ParsedQuery]:
    """Return what the parser of the options makes of the texts."""
    from tqdm import tqdm

    parser = load_parser(options)
    size = options.batch_size or 16
    starts = tqdm(range(0, len(texts), size), desc="parse", unit="batch", disable=None)
    return [parsed for start in starts for parsed in parser.parse(texts[start : start + size])]


def _tell(text: str) -> None:
    print(text, file=sys.stderr)
