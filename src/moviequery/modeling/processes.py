"""A training in several processes of one machine, which add their gradients up (gloo)."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

from ..corpus.engines import bind_to_parent
from ..errors import ModelError, require


def run_in_processes(run: Callable[..., None], arguments: tuple[Any, ...], count: int) -> None:
    """Call `run(rank, *arguments)` in so many new processes, ranks from 0 on, and wait for all.

    Each finds the others by the environment that `torch.distributed` reads; a group that `run`
    opens there is closed behind it.

    Args:
        run: a function of a module, not a local one.
        arguments: what pickle can send.
        count: of processes.

    Raises:
        ModelError: one of the processes ended before its time.
    """
    multiprocessing = require("torch.multiprocessing", "train")
    try:
        multiprocessing.start_processes(
            _run_one, (run, arguments, count, _find_port()), nprocs=count, start_method="spawn"
        )
    except (
        multiprocessing.ProcessRaisedException,
        multiprocessing.ProcessExitedException,
    ) as error:
        raise ModelError(
            f"One of the {count} processes ended before its time: killed, out of memory (take "
            "fewer processes), or started by a script without `if __name__ == '__main__':`. "
            f"Checkpoints are kept, so run it again. It said: {error}"
        ) from error


def _run_one(
    rank: int, run: Callable[..., None], arguments: tuple[Any, ...], count: int, port: int
) -> None:
    bind_to_parent()
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count}
    os.environ |= {name: str(value) for name, value in place.items()}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    run(rank, *arguments)
    distributed = require("torch.distributed", "train")
    if distributed.is_initialized():
        distributed.destroy_process_group()


def _find_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
