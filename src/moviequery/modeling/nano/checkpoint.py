"""What a killed pre-training goes on from: weights and optimisers in one safetensors file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...errors import ModelError, require
from .configuration import NanoConfig

# Settings that a run may be taken up with other values of: the first three as long as the rate is
# still constant and the rows are short.
_FREE = (
    *("steps", "decay", "short_steps"),
    *("save_steps", "probe_steps", "closing_rounds", "processes"),
)
# What may be given or changed until the closing steps begin.
_CLOSING = ("closing_steps", "closing_documents", "closing_rate", "prompt_weight", "substituted")
_KEPT = 2


@dataclass(slots=True)
class Progress:
    """How far a pre-training is.

    Attributes:
        step: steps done.
        tokens: read in them.
        seconds: that they took.
    """

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0

    @classmethod
    def of(cls, notes: Mapping[str, Any]) -> Progress:
        """Return that of a base's notes or a checkpoint's settings."""
        return cls(int(notes["step"]), int(notes["tokens"]), float(notes["seconds"]))


def save_checkpoint(
    folder: Path,
    model: Any,  # noqa: ANN401
    optimizers: Sequence[Any],
    config: NanoConfig,
    progress: Progress,
) -> None:
    """Write the state after a step, and remove all but the newest checkpoints."""
    torch = require("safetensors.torch", "train")
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"model.{name}": weight for name, weight in model.state_dict().items()}
    # the head is the embedding
    tensors.pop("model.lm_head.weight", None)
    for number, optimizer in enumerate(optimizers):
        for place, state in optimizer.state_dict()["state"].items():
            for name, value in state.items():
                tensors[f"optimizer.{number}.{place}.{name}"] = value
    notes = {name: str(value) for name, value in asdict(progress).items()}
    notes["config"] = json.dumps(config.to_dict())
    temporary = folder / "writing.tmp"
    torch.save_file({name: one.contiguous() for name, one in tensors.items()}, temporary, notes)
    temporary.replace(folder / f"step-{progress.step:06d}.safetensors")
    for old in list_checkpoints(folder)[:-_KEPT]:
        old.unlink()


def list_checkpoints(folder: Path) -> list[Path]:
    """Return the checkpoints of a folder, the newest last."""
    return sorted(folder.glob("step-*.safetensors"))


def load_checkpoint(
    path: Path,
    model: Any,  # noqa: ANN401
    optimizers: Sequence[Any],
    config: NanoConfig,
) -> Progress:
    """Set the model and optimisers as they were, and return how far they are.

    Raises:
        ModelError: the checkpoint is of a run with other settings.
    """
    safetensors = require("safetensors", "train")
    with safetensors.safe_open(path, "pt") as file:
        notes = file.metadata()
        progress = Progress.of(notes)
        _check_settings(path, progress.step, NanoConfig(**json.loads(notes["config"])), config)
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    weights = {
        name.removeprefix("model."): one for name, one in tensors.items() if name[:6] == "model."
    }
    model.load_state_dict(weights, strict=False)
    states: list[dict[int, dict[str, Any]]] = [{} for _ in optimizers]
    for key, value in tensors.items():
        if key.startswith("optimizer."):
            _, number, place, name = key.split(".")
            states[int(number)].setdefault(int(place), {})[name] = value
    for optimizer, state in zip(optimizers, states, strict=True):
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": state, "param_groups": groups})
    return progress


def _check_settings(path: Path, step: int, then: NanoConfig, now: NanoConfig) -> None:
    old, new = then.to_dict(), now.to_dict()
    free = (*_FREE, *_CLOSING) if step <= then.steps else _FREE
    differing = sorted(name for name in new if name not in free and old[name] != new[name])
    if differing:
        raise ModelError(
            f"{path} is of a pre-training with other settings: "
            f"{ {name: old[name] for name in differing} }. Take these, or another folder."
        )
    if step > min(then.steady_steps, now.steady_steps) and then.schedule != now.schedule:
        raise ModelError(
            f"At {path} the learning rate falls already or the rows are long, so that the schedule "
            f"{then.schedule} (steps, decay, short_steps) can no longer be changed. Take the same, "
            "or another folder."
        )
