"""The pictures of a reproduction, drawn from `results.json`: bars, loss curves, a heat map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import require

ENTITY_BARS, INTENT_BARS, GRID_MAP = "entities.png", "intent.png", "grid.png"
_EXTRA = "train"
# Label, score, 95 % interval where known, colour.
_Bar = tuple[str, float, Sequence[float] | None, str]
_TUNED, _BASE, _OTHER, _PAPER = "#1f6fb4", "#c8553d", "#8a8a8a", "#d8c27a"


def loss_file(task: str) -> str:
    """Return the name of the loss curve of a task."""
    return f"loss-{task}.png"


def draw_figures(results: Mapping[str, Any], folder: Path) -> list[str]:
    """Return the names of the pictures that now stand in the folder.

    The same results give the same bytes.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    written = [ENTITY_BARS, INTENT_BARS]
    _draw_bars(_entity_bars(results), "Entity extraction, F1", folder / ENTITY_BARS)
    _draw_bars(_intent_bars(results), "Intent, Macro-F1", folder / INTENT_BARS)
    for task, training in results["training"].items():
        _draw_losses(training["losses"], task, folder / loss_file(task))
        written.append(loss_file(task))
    if results.get("grid"):
        draw_heat_map(results["grid"], folder / GRID_MAP)
        written.append(GRID_MAP)
    return written


def list_systems(results: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the systems of the results by name, ours first."""
    own = ("fine_tuned", "fine_tuned_constrained", "base")
    return {**{name: results[name] for name in own if name in results}, **results["baselines"]}


def _entity_bars(results: Mapping[str, Any]) -> list[_Bar]:
    bars = []
    for name, system in list_systems(results).items():
        if "macro_f1" not in system:
            continue
        titles = system.get("titles", {"f1": 0.0, "interval": [0.0, 0.0]})
        for label, score, interval in (
            ("titles", titles["f1"], titles["interval"]),
            ("all types", system["macro_f1"], system["interval"]),
        ):
            bars.append((f"{system['title']}: {label}", score, interval, _colour(name)))
    for name, scores in results["paper"].items():
        bars.append((f"paper, {name}: titles", scores["titles"], None, _PAPER))
    return bars


def _intent_bars(results: Mapping[str, Any]) -> list[_Bar]:
    bars = [
        (system["title"], system["intent"]["macro_f1"], system["intent"]["interval"], _colour(name))
        for name, system in list_systems(results).items()
        if "intent" in system
    ]
    for name, scores in results["paper"].items():
        if scores["intent"] is not None:
            bars.append((f"paper, {name}", scores["intent"], None, _PAPER))
    return bars


def _colour(name: str) -> str:
    return {"base": _BASE, "fine_tuned": _TUNED, "fine_tuned_constrained": _TUNED}.get(name, _OTHER)


def _draw_bars(bars: Sequence[_Bar], title: str, path: Path) -> None:
    """Draw one bar a line, the best known at the top, with its 95 % interval."""
    figure = _make_figure(8.0, 0.8 + 0.32 * len(bars))
    axes = figure.add_subplot(xlabel=title, xlim=(0, 1.12))
    labels, scores, intervals, colours = zip(*bars, strict=True)
    places = range(len(bars))
    spans = [interval or (score, score) for score, interval in zip(scores, intervals, strict=True)]
    reach = [
        # an interval of resampled rows may lie beside the score itself by a hair
        [max(0.0, score - span[0]) for score, span in zip(scores, spans, strict=True)],
        [max(0.0, span[1] - score) for score, span in zip(scores, spans, strict=True)],
    ]
    axes.barh(places, scores, xerr=reach, color=colours, error_kw={"lw": 1, "capsize": 2})
    for place, score, span in zip(places, scores, spans, strict=True):
        axes.text(max(score, span[1]) + 0.01, place, f"{score:.3f}", va="center", fontsize=8)
    axes.set_yticks(places, labels, fontsize=8)
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    _save(figure, path)


def _draw_losses(losses: Sequence[Mapping[str, Any]], task: str, path: Path) -> None:
    figure = _make_figure(6.4, 4.0)
    axes = figure.add_subplot(xlabel="step", ylabel="loss", title=task)
    for name, label in (("loss", "training"), ("eval_loss", "validation")):
        points = [(row["step"], row[name]) for row in losses if name in row]
        if points:
            marker = "o" if name == "eval_loss" else ""
            axes.plot(*zip(*points, strict=True), label=label, marker=marker)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    if axes.lines:
        axes.legend()
    _save(figure, path)


def draw_heat_map(grid: Mapping[str, Any], path: Path) -> None:
    """Draw what each combination of layers scores; the same grid gives the same bytes."""
    names, columns = list(grid["runs"]), grid["measures"]
    table = [[grid["runs"][name]["scores"][column] for column in columns] for name in names]
    figure = _make_figure(2.5 + 1.0 * len(columns), 1.0 + 0.4 * len(names))
    axes = figure.add_subplot()
    image = axes.imshow(table, cmap="viridis", aspect="auto", vmin=0, vmax=1)
    for row, scores in enumerate(table):
        for column, score in enumerate(scores):
            ink = "black" if score > 0.6 else "white"
            axes.text(column, row, f"{score:.3f}", ha="center", va="center", color=ink, fontsize=8)
    axes.set_xticks(range(len(columns)), columns, fontsize=8, rotation=20, ha="right")
    axes.set_yticks(range(len(names)), names, fontsize=8)
    figure.colorbar(image, ax=axes)
    _save(figure, path)


def _make_figure(width: float, height: float) -> Any:  # noqa: ANN401
    figures = require("matplotlib.figure", _EXTRA)
    return figures.Figure(figsize=(width, height), layout="constrained")  # drawn without a display


def _save(figure: Any, path: Path) -> None:  # noqa: ANN401
    partial = path.with_name(f".{path.name}.partial")
    # without the default metadata the same numbers give the same bytes
    figure.savefig(partial, format="png", dpi=100, metadata={"Software": None})
    partial.replace(path)
