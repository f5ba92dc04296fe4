"""The card of a trained fast parser: the README.md of its folder, every number from its report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from ..schema import ENTITY_TYPES

CARD_FILE = "README.md"


def render_card(
    metrics: Mapping[str, Any],
    settings: Mapping[str, Any],
    location: str,
    real: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """Return the card's text.

    Args:
        metrics: what `metrics.json` holds.
        settings: what `training_config.json` holds.
        location: folder or Hub id that the examples load.
        real: what `moviequery evaluate --json` printed, by the name of the corpus.
    """
    template = Template((files(__package__) / "encoder_card.md").read_text("utf-8"))
    config, temperature = settings["config"], metrics["temperature"]
    cores = config["threads"] * config.get("processes", 1)
    return template.substitute(
        base=metrics["base"],
        location=location,
        types_count=len(ENTITY_TYPES),
        onnx_size=f"{metrics['onnx_bytes'] / 1e6:.0f}",
        trained=f"{metrics['trainable_parameters']:,}",
        total=f"{metrics['total_parameters']:,}",
        learnt=metrics["learnt"],
        rows_train=f"{metrics['rows']['train']:,}",
        passes=metrics["passes"],
        steps=f"{metrics['steps']:,}",
        batch_size=config["batch_size"],
        learning_rate=config["learning_rate"],
        seed=config["seed"],
        seconds=f"{metrics['seconds']:,.0f}",
        cores="one core" if cores == 1 else f"{cores} cores",
        speed=f"{metrics['examples_per_second']:.0f}",
        dataset=metrics["dataset"],
        scores=_list_scores(metrics["scores"]),
        types=_list_types(metrics["scores"]),
        real=_list_real(real or {}),
        span_temperature=temperature["spans"],
        intent_temperature=temperature["intent"],
        threshold=metrics["threshold"],
    )


def _list_scores(scores: Mapping[str, Mapping[str, Any]]) -> str:
    if not scores:
        return "None were given."
    rows = [
        (
            split,
            weights,
            f"{score['rows']:,}",
            *(f"{score[name]:.4f}" for name in ("micro_f1", "macro_f1")),
            f"{score['intent']['macro_f1']:.4f}" if score["intent"] else "-",
            f"{score['negation']['accuracy']:.4f}",
        )
        for split, by_weights in scores.items()
        for weights, score in by_weights.items()
    ]
    heads = ("split", "weights", "rows", "micro", "macro", "intent macro", "negation accuracy")
    return _draw_table(heads, rows)


def _list_types(scores: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a table of the types that occur in the last split, in 8 bits."""
    if not scores:
        return ""
    split, by_weights = list(scores.items())[-1]
    rows = [
        (
            name,
            *(f"{counts[each]:.4f}" for each in ("precision", "recall", "f1")),
            counts["support"],
        )
        for name, counts in by_weights["int8"]["types"].items()
        if counts["support"]
    ]
    return _draw_table((f"{split}, int8", "precision", "recall", "F1", "entities"), rows)


def _list_real(real: Mapping[str, Mapping[str, Any]]) -> str:
    if not real:
        return ""
    rows = [
        (name, f"{score['sentences']:,}", f"{score['micro_f1']:.4f}", f"{score['macro_f1']:.4f}")
        for name, score in real.items()
    ]
    table = _draw_table(("corpus", "queries", "micro", "macro"), rows)
    return (
        "## Scores on real people's queries\n\nNone of them was learnt. F1 of exact spans as "
        f"seqeval counts it, types mapped to the corpus's labels.\n\n{table}\n\n"
    )


def _draw_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
