"""Candidate rows by index: walked in order, stored for a later run, and filtered."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from ..errors import DatasetError
from ..schema import Query
from ..synthesis.builder import SyntheticQueryBuilder
from .engines import Engine, run_here
from .shards import Shard, ShardStore, Span
from .splits import LeakFilter
from .stages import BuildStage, RowSource, Stage

# So many candidates are stored at a time: what a kill can cost, about 0.2 s of work.
BLOCK = 1_000
# A builder that needs more candidates than this per row has said what it can say.
_CANDIDATES_PER_ROW = 20


def walk(
    builder: RowSource, n: int, folder: Path | None = None, engine: Engine = run_here
) -> Iterator[Query]:
    """Yield candidates in order of index, as many as n rows may need at worst.

    With a folder, shards of candidates that stand there whole are read, and the engine makes and
    stores the others: n candidates at first, since fewer cannot do, then a quarter of n at a time.
    """
    stop = _CANDIDATES_PER_ROW * n
    if folder is None:
        yield from filter(None, map(builder.row, range(stop)))
        return
    store = ShardStore(folder, builder.fingerprint)
    for wave in _cut_waves(n, stop):
        for shard in _restore([BuildStage(builder)], wave, store, engine):
            yield from shard.queries


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


def _cut_waves(n: int, stop: int) -> Iterator[list[Span]]:
    """Yield the spans of each wave."""
    start, length = 0, n
    while start < stop:
        end = min(start + -(-length // BLOCK) * BLOCK, stop)
        yield [(first, min(first + BLOCK, end)) for first in range(start, end, BLOCK)]
        start, length = end, n // 4 or 1


def _restore(
    stages: Sequence[Stage], spans: Sequence[Span], store: ShardStore, engine: Engine
) -> Iterator[Shard]:
    """Yield the shard of each span: that of an earlier run, or one that is made and stored."""
    missing = [span for span in spans if not store.holds(span)]
    # what is left unmade when nobody asks for more must not be waited for
    with closing(engine(stages, missing)) as made:
        for span in spans:
            if span in missing:
                shard = next(made)
                store.keep(shard)
            else:
                shard = _read(stages, span, store)
            yield shard


def _read(stages: Sequence[Stage], span: Span, store: ShardStore) -> Shard:
    """Return a stored shard, made again where its rows are damaged."""
    try:
        return store.read(span)
    except DatasetError as error:
        tqdm.write(str(error), file=sys.stderr)
    (shard,) = run_here(stages, [span])
    store.keep(shard)
    return shard
