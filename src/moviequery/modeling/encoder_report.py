"""What a training of the fast parser says of itself: numbers, a summary, learning curves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ModelError, require
from .training_log import METRICS_FILE as METRICS_FILE

CURVE_FILE = "curves.png"
# What the trainer logs, and what it is called here.
_LOGGED = {
    "loss": "loss",
    "eval_loss": "validation_loss",
    "eval_span_f1": "validation_span_f1",
    "eval_intent_accuracy": "validation_intent_accuracy",
    "learning_rate": "learning_rate",
}


@dataclass(frozen=True, slots=True)
class EncoderReport:
    """The numbers of a finished training; stored as `metrics.json`.

    Attributes:
        metrics: plain JSON values: what was learnt, how long it took, the curve, and per split
            the scores of the graph in fp32 and in 8 bits.
    """

    metrics: Mapping[str, Any]

    @classmethod
    def read(cls, folder: str | Path) -> EncoderReport:
        """Return the report of a finished training.

        Raises:
            ModelError: the folder holds none.
        """
        path = Path(folder) / METRICS_FILE
        try:
            return cls(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            raise ModelError(f"{path} is not the report of a training: {error}") from error

    def summary(self) -> str:
        """Return the report in a few lines for people."""
        metrics = self.metrics
        resumed = f", resumed from step {metrics['resumed_from']:,}"
        lines = [
            f"{metrics['steps']:,} steps in {metrics['seconds']:.0f} s, "
            f"{metrics['examples_per_second']:.0f} rows a second"
            + (resumed if metrics["resumed_from"] else ""),
            f"  learnt      {metrics['rows']['train']:,} rows, {metrics['passes']} passes",
            f"  parameters  {metrics['trainable_parameters']:,} trained of "
            f"{metrics['total_parameters']:,}",
            f"  graph       {metrics['onnx_bytes'] / 1e6:.1f} MB",
        ]
        for split, scores in metrics["scores"].items():
            for precision, score in scores.items():
                intent = score["intent"]["macro_f1"] if score["intent"] else float("nan")
                lines.append(
                    f"  {split:<11} {precision}: entities {score['micro_f1']:.4f} micro, "
                    f"{score['macro_f1']:.4f} macro; intent {intent:.4f}; "
                    f"negation {score['negation']['accuracy']:.4f}"
                )
        return "\n".join(lines)


def select_curve(log: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the points of a trainer's log that belong to the learning curve."""
    points = []
    for row in log:
        values = {name: row[key] for key, name in _LOGGED.items() if key in row}
        if "loss" in values or "validation_loss" in values:
            points.append({"step": row["step"], **values})
    return points


def draw_curves(curve: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write `curves.png`: losses to the left, scores on validation rows to the right."""
    figures = require("matplotlib.figure", "train")
    figure = figures.Figure(figsize=(10, 4), layout="constrained")  # drawn without a display
    panels = (
        ("loss", ("loss", "validation_loss")),
        ("score", ("validation_span_f1", "validation_intent_accuracy")),
    )
    for number, (title, names) in enumerate(panels, start=1):
        axes = figure.add_subplot(1, 2, number, xlabel="step", ylabel=title)
        for name in names:
            points = [(row["step"], row[name]) for row in curve if name in row]
            if points:
                axes.plot(*zip(*points, strict=True), label=name.replace("_", " "), marker=".")
        axes.grid(alpha=0.3)
        if axes.lines:
            axes.legend()
    # without the default metadata the same numbers give the same bytes
    figure.savefig(folder / CURVE_FILE, dpi=110, metadata={"Software": None})
