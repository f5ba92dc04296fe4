"""Long jobs of an experiment side by side: a thread of torch each, on a core each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from ..corpus.engines import bind_to_parent
from ..errors import EvaluationError, require

_Job = TypeVar("_Job")


def run_jobs(work: Callable[[_Job], None], jobs: Sequence[_Job], processes: int) -> None:
    """Do each job once; with one process in this one, in their order.

    A script that asks for several does its work under `if __name__ == "__main__":`, since each
    process imports it.

    Args:
        work: a function of a module, for processes that start anew; must go on where it was killed.
        jobs: what it is called with, one at a time.
        processes: the most at once.

    Raises:
        EvaluationError: a process ended before its time.
    """
    count = min(processes, len(jobs))
    if count < 2:
        for job in jobs:
            work(job)
        return
    threads = max(1, require("torch", "train").get_num_threads() // count)
    pool = ProcessPoolExecutor(
        count, mp_context=get_context("spawn"), initializer=_start_worker, initargs=(threads,)
    )
    try:
        for _ in pool.map(work, jobs):
            pass
    except BrokenProcessPool as error:
        raise EvaluationError(
            "a worker process ended before its time: killed, out of memory (take fewer "
            "--processes), or started by a script without `if __name__ == '__main__':`; what is "
            "done is kept, so run it again"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker(threads: int) -> None:
    bind_to_parent()
    require("torch", "train").set_num_threads(threads)
