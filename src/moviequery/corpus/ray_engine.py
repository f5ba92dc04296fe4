"""The stages of a dataset as Ray Data stages, on this machine or on a cluster (extra `ray`)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .. import __version__
from ..errors import DatasetError, MovieQueryError, require
from .engines import Shards
from .shards import Shard, Span
from .stages import Stage

# Shards between two stages bear the name of their maker, so that versions are not mixed.
_WAYPOINT = f"moviequery {__version__}"


@dataclass(frozen=True, slots=True)
class RayEngine:
    """An engine of Ray Data: each stage is a pool of actors, and shards stream through them.

    A shard goes from stage to stage as a Parquet file in Ray's object store, so the machines need
    no folder in common. A shard whose worker or machine is lost is made again elsewhere.

    Attributes:
        workers: actors of each stage; None for as many as the cluster has CPUs.
        address: of a running cluster, such as "ray://head:10001" or "auto"; None for the one that
            this process or RAY_ADDRESS names, else a new one on this machine.
    """

    workers: int | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        """Refuse a count of workers below 1, and an installation without Ray."""
        if self.workers is not None and self.workers < 1:
            raise DatasetError(f"{self.workers} workers: take 1 or more")
        require("ray.data", "ray")

    def __call__(self, stages: Sequence[Stage], spans: Sequence[Span]) -> Shards:
        """Yield the shard of each span, in their order.

        Raises:
            DatasetError: there is no such cluster, or a stage failed.
        """
        if not spans:
            return
        import ray

        with self._join():
            rows = [_to_row(Shard(*span)) for span in spans]
            workers = min(len(spans), self.workers or int(ray.cluster_resources()["CPU"]))
            dataset = ray.data.from_items(rows, override_num_blocks=len(rows))
            for number, stage in enumerate(stages):
                dataset = dataset.map(
                    _RayStage,
                    fn_constructor_args=(ray.put(stage),),
                    compute=ray.data.ActorPoolStrategy(size=workers),
                    # the first stage makes the rows and keeps a core busy; the others wait for it
                    num_cpus=0 if number else 1,
                )
            try:
                for row in dataset.iter_rows():
                    if row["fault"]:
                        raise DatasetError(row["fault"])
                    yield Shard.from_bytes(row["shard"], _WAYPOINT)
            except ray.exceptions.RayError as error:
                told = str(error).strip().splitlines()
                raise DatasetError(f"Ray could not make a shard: {' '.join(told)[:500]}") from error

    @contextmanager
    def _join(self) -> Iterator[None]:
        """Connect, and leave again what this process was not connected to before."""
        import ray

        # nobody is told of a run unless the user has said so
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        ours = not ray.is_initialized()
        if ours:
            try:
                ray.init(self.address, log_to_driver=False, logging_level="WARNING")
            except (ConnectionError, ValueError) as error:
                raise DatasetError(f"no Ray cluster at {self.address!r}: {error}") from error
        context = ray.data.DataContext.get_current()
        before = context.execution_options.preserve_order, context.enable_progress_bars
        context.execution_options.preserve_order, context.enable_progress_bars = True, False
        try:
            yield
        finally:
            context.execution_options.preserve_order, context.enable_progress_bars = before
            if ours:
                ray.shutdown()


class _RayStage:
    """A stage as Ray Data calls it, in an actor that holds it for all its shards."""

    def __init__(self, stage: Any) -> None:  # noqa: ANN401 - Ray hands the object of a reference
        import ray

        self._stage: Stage = ray.get(stage) if isinstance(stage, ray.ObjectRef) else stage

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        if row["fault"]:
            return row
        try:
            return _to_row(self._stage(Shard.from_bytes(row["shard"], _WAYPOINT)))
        except MovieQueryError as error:
            # a user's mistake is the same at every try, which Ray cannot know
            return {**row, "fault": str(error)}


def _to_row(shard: Shard) -> dict[str, Any]:
    return {"shard": shard.to_bytes(_WAYPOINT), "fault": ""}
