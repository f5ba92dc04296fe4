"""The parts of the report about training: what was learnt, how long it took, which layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .markdown import render_table, show_score


def render_training(
    results: Mapping[str, Any], curves: Mapping[str, str], pictures: Sequence[str]
) -> Iterator[str]:
    """Yield the section on the training of both adapters, with their loss curves."""
    config = results["preset"]["config"]
    yield "## Training"
    bits = "a base in 4 bits" if config["load_in_4bit"] else "a base in full precision"
    yield (
        f"LoRA of rank {config['r']} on {', '.join(config['target_modules'])} over {bits}, "
        f"{config['optimizer']}."
    )
    settings = {task: {**config, **results["preset"]["own"].get(task, {})} for task in curves}
    header = ["adapter", "rows", "epochs", "rate", "steps", "trained", "of", "first loss"]
    yield render_table(
        [*header, "last loss", "validation loss", "seconds", "peak MiB"],
        [
            [
                task,
                f"{one['rows']:,}",
                *(f"{settings[task][name]:g}" for name in ("epochs", "learning_rate")),
                f"{one['steps']:,}",
                f"{one['trainable_parameters']:,}",
                f"{one['total_parameters']:,}",
                *(show_score(one[name]) for name in ("first_loss", "last_loss", "validation_loss")),
                f"{one['seconds']:,.0f}",
                f"{one['peak_memory'] / 2**20:,.0f}",
            ]
            for task, one in results["training"].items()
        ],
    )
    for task, name in curves.items():
        if name in pictures:
            yield f"![Loss of the adapter for {task}]({name})"
    spent = [f"{stage} {seconds:,.0f}" for stage, seconds in results["seconds"].items()]
    processes = results.get("processes", 1)
    whole = f"{sum(results['seconds'].values()):,.0f} in all"
    if processes > 1:
        whole = f"training and answers in {processes} processes side by side"
    yield f"Seconds by stage: {', '.join(spent)}; {whole}."


def render_grid(
    grid: Mapping[str, Any] | None, picture: str, pictures: Sequence[str]
) -> Iterator[str]:
    """Yield the section on the search over target layers, if there was one."""
    if not grid:
        return
    yield "## Which layers to adapt"
    yield (
        f"The search of the paper's Table I: {len(grid['runs'])} combinations, each trained on "
        f"{grid['rows']:,} queries and scored on {grid['scored']:,} of the split "
        f"{grid['split']}. Best mean: {grid['best']}."
    )
    yield render_grid_table(grid)
    if picture in pictures:
        yield f"![Scores by combination of layers]({picture})"


def render_grid_table(grid: Mapping[str, Any]) -> str:
    """Return one line per combination of layers, the best mean score first."""
    runs = sorted(grid["runs"].items(), key=lambda run: (-run[1]["mean"], run[0]))
    return render_table(
        ["combination", "layers", "trained", "seconds", "mean", *grid["measures"]],
        [
            [
                name,
                ", ".join(module.removesuffix("_proj") for module in run["target_modules"]),
                f"{run['trainable_parameters']:,}",
                f"{run['seconds']:,.0f}",
                show_score(run["mean"]),
                *(show_score(run["scores"][measure]) for measure in grid["measures"]),
            ]
            for name, run in runs
        ],
        words=2,
    )
