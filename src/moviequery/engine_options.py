"""The options of the command line that say who makes the rows: --engine, --processes, --address."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .errors import MovieQueryError
from .option_values import read_count

if TYPE_CHECKING:
    from .corpus.engines import Engine


def add_engine_options(verb: argparse.ArgumentParser) -> None:
    """Add the options that `choose_engine` reads."""
    verb.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="where rows are made: here, or on a Ray cluster (extra ray); the files are the same",
    )
    verb.add_argument(
        "--processes",
        type=read_count,
        metavar="N",
        help="at once (default 1; with --engine ray as many as the cluster has CPUs)",
    )
    verb.add_argument(
        "--address",
        metavar="RAY",
        help="of a running Ray cluster, such as auto or ray://head:10001 (default: a new one here)",
    )


def choose_engine(options: argparse.Namespace) -> Engine:
    """Return the engine that the options name.

    Raises:
        MovieQueryError: options do not go together, or Ray is not installed.
    """
    if options.engine == "ray":
        from .corpus.ray_engine import RayEngine

        return RayEngine(options.processes, options.address)
    if options.address:
        raise MovieQueryError("--address goes with --engine ray")
    from .corpus.engines import Processes, run_here

    return run_here if options.processes in (None, 1) else Processes(options.processes)
