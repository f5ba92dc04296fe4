"""The numbers of a training: what was counted, the loss step by step, and its curve."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import ModelError, require
from ..schema import canonical_json

METRICS_FILE = "metrics.json"
LOSS_FILE = "loss.jsonl"
CURVE_FILE = "loss.png"
_LOGGED = ("step", "epoch", "loss", "eval_loss", "learning_rate", "grad_norm")
_MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a finished training says of itself; stored as `metrics.json`.

    Attributes:
        task: `entities` or `intent`.
        rows: rows that were trained on, per epoch.
        dropped_rows: rows left out because they are longer than `max_length`.
        tokens: tokens of those rows.
        supervised_tokens: those of them that the loss is taken on.
        trainable_parameters: of the adapter.
        total_parameters: of base and adapter, 4-bit weights counted as weights.
        steps: optimiser steps in all.
        resumed_from: the step at which this process took over; 0 when it started the training.
        first_loss: training loss at the first log.
        last_loss: training loss at the last log.
        validation_loss: on the validation split at the end; None without one.
        seconds: that this process trained.
        load_memory: peak bytes once the base was loaded.
        peak_memory: peak bytes at the end: of the GPU, or of the process on a CPU.
        device: where it was trained.
    """

    task: str
    rows: int
    dropped_rows: int
    tokens: int
    supervised_tokens: int
    trainable_parameters: int
    total_parameters: int
    steps: int
    resumed_from: int
    first_loss: float | None
    last_loss: float | None
    validation_loss: float | None
    seconds: float
    load_memory: int
    peak_memory: int
    device: str

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainingReport:
        """Return the report that `to_dict` wrote."""
        return cls(**values)

    def summary(self) -> str:
        """Return the report in a few lines for people."""
        share = self.trainable_parameters / max(1, self.total_parameters)
        lines = [
            f"{self.task}: {self.steps:,} steps on {self.device} in {self.seconds:.0f} s"
            + (f", resumed from step {self.resumed_from:,}" if self.resumed_from else ""),
            f"  rows                  {self.rows:,}"
            + (f" ({self.dropped_rows:,} dropped as too long)" if self.dropped_rows else ""),
            f"  supervised tokens     {self.supervised_tokens:,} of {self.tokens:,}",
            f"  trainable parameters  {self.trainable_parameters:,} of {self.total_parameters:,}"
            f" ({share:.2%})",
            f"  peak memory           {self.peak_memory / _MEBIBYTE:,.0f} MiB"
            f" ({self.load_memory / _MEBIBYTE:,.0f} after loading)",
        ]
        if self.first_loss is not None and self.last_loss is not None:
            lines.append(f"  loss                  {self.first_loss:.4f} -> {self.last_loss:.4f}")
        if self.validation_loss is not None:
            lines.append(f"  validation loss       {self.validation_loss:.4f}")
        return "\n".join(lines)


def read_report(folder: str | Path) -> TrainingReport:
    """Return the report of a finished training.

    Raises:
        ModelError: the folder holds none.
    """
    path = Path(folder) / METRICS_FILE
    try:
        return TrainingReport.from_dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path} is not the report of a training: {error}") from error


def select_losses(history: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a trainer's history that hold a loss, with the columns worth keeping."""
    return [
        {name: row[name] for name in _LOGGED if name in row}
        for row in history
        if "loss" in row or "eval_loss" in row
    ]


def write_losses(folder: Path, losses: Sequence[Mapping[str, Any]]) -> None:
    """Write `loss.jsonl`, one log a line, and `loss.png`, the paper's loss graph (III-E)."""
    lines = "".join(canonical_json(row) + "\n" for row in losses)
    (folder / LOSS_FILE).write_text(lines, "utf-8")
    figures = require("matplotlib.figure", "train")
    figure = figures.Figure(figsize=(6.4, 4.0), layout="constrained")  # drawn without a display
    axes = figure.add_subplot(xlabel="step", ylabel="loss")
    for name, label in (("loss", "training"), ("eval_loss", "validation")):
        points = [(row["step"], row[name]) for row in losses if name in row]
        if points:
            axes.plot(
                *zip(*points, strict=True), label=label, marker="." if len(points) < 30 else ""
            )
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    # without the default metadata the same numbers give the same bytes
    figure.savefig(folder / CURVE_FILE, dpi=120, metadata={"Software": None})
