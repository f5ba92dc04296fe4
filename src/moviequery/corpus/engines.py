"""Who runs the stages: this process, several of this machine, or (`ray_engine`) a Ray cluster.

An engine takes stages and spans, and yields the finished shards in the order of the spans. What it
yields does not depend on which engine it is.
"""

from __future__ import annotations

import pickle
import signal
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from os import _exit
from typing import Protocol, TypeAlias

from ..errors import DatasetError
from .shards import Shard, Span
from .stages import Stage, run_stages

Shards: TypeAlias = Generator[Shard, None, None]


class Engine(Protocol):
    """Runs stages over spans."""

    def __call__(self, stages: Sequence[Stage], spans: Sequence[Span]) -> Shards:
        """Yield the shard of each span, in their order."""
        ...


def run_here(stages: Sequence[Stage], spans: Sequence[Span]) -> Shards:
    """Yield the shard of each span, made when it is asked for."""
    for span in spans:
        yield run_stages(stages, span)


@dataclass(frozen=True, slots=True)
class Processes:
    """An engine of several processes, which start anew and end with this one.

    A script that uses it does its work under `if __name__ == "__main__":`, since each process
    imports it.

    Attributes:
        count: how many, from 1 on.
    """

    count: int

    def __post_init__(self) -> None:
        """Refuse a count below 1."""
        if self.count < 1:
            raise DatasetError(f"{self.count} processes: take 1 or more")

    def __call__(self, stages: Sequence[Stage], spans: Sequence[Span]) -> Shards:
        """Yield the shard of each span, in their order.

        Raises:
            DatasetError: a process ended before its time.
        """
        if not spans:
            return
        # a fork would copy locks that other threads hold; the stages travel once per process
        pool = ProcessPoolExecutor(
            min(self.count, len(spans)),
            mp_context=get_context("spawn"),
            initializer=_start_worker,
            initargs=(pickle.dumps(tuple(stages)),),
        )
        try:
            yield from pool.map(_run_in_worker, spans)
        except BrokenProcessPool as error:
            raise DatasetError(
                "a worker process ended before its time: killed, out of memory (take fewer "
                "--processes), or started by a script without `if __name__ == '__main__':`; "
                "finished shards are kept, so run it again"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


# The stages of a worker process, which it is given when it starts.
_stages: tuple[Stage, ...] = ()


def _start_worker(stages: bytes) -> None:
    global _stages
    bind_to_parent()
    _stages = pickle.loads(stages)


def bind_to_parent() -> None:
    """Let this worker process end when its parent does, and not before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends us
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    """End this process as soon as its parent is gone: a killed pool leaves its workers waiting."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        _exit(1)


def _run_in_worker(span: Span) -> Shard:
    return run_stages(_stages, span)
