"""The fast parser's training in several processes: a part of each batch in each, one gradient."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..corpus.engines import bind_to_parent
from ..errors import ModelError, require
from .training_folder import write_json

if TYPE_CHECKING:
    from .encoder_network import JointEncoder
    from .encoder_training import EncoderTraining

_WEIGHTS, _LOG = "trained.safetensors", "trained.json"


def train_network(training: EncoderTraining) -> tuple[JointEncoder, list[dict[str, Any]]]:
    """Return the trained network and the trainer's log.

    Raises:
        ModelError: one of several processes ended before its time.
    """
    count = training.config.processes
    if count == 1:
        return training.run()
    multiprocessing = require("torch.multiprocessing", "train")
    try:
        multiprocessing.start_processes(
            _run_one, (training, _find_port()), nprocs=count, start_method="spawn"
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
    return _read_result(training)


def _find_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _run_one(rank: int, training: EncoderTraining, port: int) -> None:
    """Train in one of the processes; the first of them writes what comes out."""
    bind_to_parent()
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": training.config.processes}
    os.environ |= {name: str(value) for name, value in place.items()}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    network, log = training.run()
    if rank == 0:
        _write_result(network, log, training.checkpoints)
    require("torch.distributed", "train").destroy_process_group()


def _write_result(network: JointEncoder, log: list[dict[str, Any]], folder: Path) -> None:
    weights = {name: each.detach() for name, each in network.named_trained_weights().items()}
    require("safetensors.torch", "train").save_file(weights, folder / _WEIGHTS)
    write_json(folder / _LOG, log)


def _read_result(training: EncoderTraining) -> tuple[JointEncoder, list[dict[str, Any]]]:
    network, folder = training.build(), training.checkpoints
    weights = require("safetensors.torch", "train").load_file(folder / _WEIGHTS)
    with require("torch", "train").no_grad():
        for name, each in network.named_trained_weights().items():
            each.copy_(weights[name])
    return network, json.loads((folder / _LOG).read_text("utf-8"))
