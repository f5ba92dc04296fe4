"""Candidate rows by index: walked, cut into shards, stored for a later run, and merged again."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol, runtime_checkable

from tqdm import tqdm

from ..errors import DatasetError
from ..schema import Query, canonical_json
from ..synthesis.builder import SyntheticQueryBuilder
from .splits import LeakFilter

# So many candidates are stored at a time: what a kill can cost, about 0.2 s of work.
BLOCK = 1_000
# A builder that needs more candidates than this per row has said what it can say.
_CANDIDATES_PER_ROW = 20


@runtime_checkable
class RowSource(Protocol):
    """What a dataset is made from: `SyntheticQueryBuilder`, or anything that writes rows by index.

    `row` is a pure function of the source and the index; None means that the index has no row.
    Two sources with one fingerprint write the same rows.
    """

    seed: int

    @property
    def fingerprint(self) -> str:
        """Return what the rows depend on, in short."""
        ...

    def row(self, index: int) -> Query | None:
        """Return the row of an index."""
        ...


@dataclass(frozen=True, slots=True)
class Shard:
    """The candidates of the indices in `[start, stop)`, in order."""

    start: int
    stop: int
    queries: tuple[Query, ...]

    def write(self, path: str | os.PathLike[str], fingerprint: str) -> None:
        """Write the shard as JSON lines, the last of which says that it is whole."""
        path = Path(path)
        footer = {"fingerprint": fingerprint, "start": self.start, "stop": self.stop}
        lines = [canonical_json(query.to_row()) for query in self.queries]
        text = "\n".join([*lines, canonical_json({**footer, "rows": len(lines)}), ""])
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)

    @classmethod
    def read(cls, path: str | os.PathLike[str], fingerprint: str) -> Shard:
        """Return the shard that `write` wrote.

        Raises:
            DatasetError: the file is not whole, or a builder of another fingerprint wrote it.
        """
        try:
            # not splitlines: a title may hold a U+2028, which JSON leaves as it is
            *lines, last = Path(path).read_text(encoding="utf-8").rstrip("\n").split("\n")
            footer = json.loads(last)
            queries = tuple(Query.from_row(json.loads(line)) for line in lines)
            whole = footer["rows"] == len(lines) and footer["fingerprint"] == fingerprint
            shard = cls(footer["start"], footer["stop"], queries)
        except (KeyError, TypeError, ValueError) as error:
            raise DatasetError(f"{path}: not a whole shard ({error}); build it again") from error
        if not whole:
            raise DatasetError(
                f"{path}: {len(lines)} rows of fingerprint {footer['fingerprint']!r}, where "
                f"{footer['rows']} of {fingerprint!r} are wanted; build it again"
            )
        return shard


def build_shard(builder: RowSource, n: int, shard: int, num_shards: int) -> Shard:
    """Return the candidates of one part of the indices `[0, n)`, for `merge_shards`.

    Raises:
        DatasetError: `shard` is not within `[0, num_shards)`.
    """
    if not 0 <= shard < num_shards:
        raise DatasetError(f"shard {shard} of {num_shards}: give a number from 0 on, below it")
    return _build(builder, n * shard // num_shards, n * (shard + 1) // num_shards)


def merge_shards(builder: RowSource, shards: Iterable[Shard], n: int) -> list[Query]:
    """Return the first n leak-free queries, the same as a build in one piece gives.

    Duplicates and leaks go here, the lowest index wins; what is missing to n is then built.

    Raises:
        DatasetError: the shards leave a gap or overlap, or the builder cannot give n rows.
    """
    ordered = sorted(shards, key=lambda shard: (shard.start, shard.stop))
    end = 0
    for shard in ordered:
        if shard.start != end:
            raise DatasetError(
                f"the shards {'leave out' if shard.start > end else 'repeat'} the indices from "
                f"{min(end, shard.start)} to {max(end, shard.start) - 1}: give each shard once"
            )
        end = shard.stop
    stored = chain.from_iterable(shard.queries for shard in ordered)
    return list(select(chain(stored, walk(builder, n, start=end)), n, make_filter(builder, n)))


def walk(
    builder: RowSource, n: int, *, start: int = 0, folder: Path | None = None
) -> Iterator[Query]:
    """Yield candidates in order of index, as many as n rows may need at worst.

    With a folder, blocks of candidates that stand there whole are read, others built and stored.
    """
    stop = max(start, _CANDIDATES_PER_ROW * n)
    if folder is None:
        for index in range(start, stop):
            if (query := builder.row(index)) is not None:
                yield query
        return
    fingerprint = builder.fingerprint
    for first in range(start, stop, BLOCK):
        block = _restore(builder, first, min(first + BLOCK, stop), folder, fingerprint)
        yield from block.queries


def make_filter(source: object, n: int) -> LeakFilter:
    """Return the filter of n rows, in which no film takes more than its share.

    That is a thousandth of the rows, or five times what each film of a smaller catalogue gets.

    Example:
        >>> make_filter(None, 20_000).most_per_film is None
        True
    """
    if not isinstance(source, SyntheticQueryBuilder):
        return LeakFilter()
    return LeakFilter(max(n // 1_000, 5 * -(-n // len(source.graph.index.films))))


def select(candidates: Iterable[Query], n: int, leak_filter: LeakFilter) -> Iterator[Query]:
    """Yield the first n candidates that the filter accepts, with progress on stderr.

    Raises:
        DatasetError: n is below 1, or the candidates run out first.
    """
    if n < 1:
        raise DatasetError(f"n is {n}: ask for at least one query")
    accepted = 0
    with tqdm(total=n, unit=" queries", desc="build", disable=None) as progress:
        for query in candidates:
            if leak_filter.accept(query):
                accepted += 1
                yield query
                progress.update()
                if accepted == n:
                    return
    dropped = ", ".join(f"{count} {reason}" for reason, count in leak_filter.dropped.items())
    raise DatasetError(
        f"only {accepted} of {n} queries could be made (dropped: {dropped or 'none'}): ask for "
        "fewer, or add films, frames or word choices"
    )


def _build(builder: RowSource, start: int, stop: int) -> Shard:
    rows = (builder.row(index) for index in range(start, stop))
    return Shard(start, stop, tuple(query for query in rows if query is not None))


def _restore(builder: RowSource, start: int, stop: int, folder: Path, fingerprint: str) -> Shard:
    """Return the block that an earlier run stored, or build and store it."""
    path = folder / f"candidates-{start:09d}-{stop:09d}.jsonl"
    if path.exists():
        try:
            return Shard.read(path, fingerprint)
        except DatasetError as error:
            tqdm.write(str(error), file=sys.stderr)
    shard = _build(builder, start, stop)
    shard.write(path, fingerprint)
    return shard
