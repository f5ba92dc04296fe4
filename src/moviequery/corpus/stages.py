"""What is done to a shard on its way to a dataset: one stage after the other, wherever it runs.

A stage is a pure function of its settings and the shard, so one process, several and a cluster
give the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ..schema import Query
from .shards import Shard, Span


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


class Stage(Protocol):
    """Makes a shard of a shard: of the same indices, the same every time."""

    def __call__(self, shard: Shard) -> Shard:
        """Return the shard with its rows made, rewritten or checked."""
        ...


@dataclass(frozen=True, slots=True)
class BuildStage:
    """Fills an empty shard with the candidates of its indices."""

    source: RowSource

    def __call__(self, shard: Shard) -> Shard:
        """Return the shard with its rows; indices that have none are left out."""
        rows = (self.source.row(index) for index in range(shard.start, shard.stop))
        return Shard(shard.start, shard.stop, tuple(query for query in rows if query is not None))


def run_stages(stages: Sequence[Stage], span: Span) -> Shard:
    """Return the shard of a span after all stages."""
    shard = Shard(*span)
    for stage in stages:
        shard = stage(shard)
    return shard
