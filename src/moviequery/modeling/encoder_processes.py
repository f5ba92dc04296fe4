"""The fast parser's training in several processes: a part of each batch in each, one gradient."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import require
from .processes import run_in_processes
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
    run_in_processes(_run_one, (training,), count)
    return _read_result(training)


def _run_one(rank: int, training: EncoderTraining) -> None:
    """Train in one of the processes; the first of them writes what comes out."""
    network, log = training.run()
    if rank == 0:
        _write_result(network, log, training.checkpoints)


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
