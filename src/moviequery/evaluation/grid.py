"""The paper's search over target layers (section III-D, Table I): which projections to adapt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ..errors import ModelError
from ..modeling.configuration import LAYERS, QLoRAConfig
from ..modeling.encoder_rows import fingerprint
from ..modeling.model_files import describe_model
from ..modeling.prompts import select_tasks
from ..modeling.qlora import train_qlora
from ..modeling.training_folder import write_json
from ..schema import Query
from .answer_files import answer_all
from .baselines import open_baseline
from .figures import GRID_MAP, draw_heat_map
from .report_training import render_grid_table
from .scoring import PAPER_FIELDS, score_split
from .stages import Stage

GRID = "grid"
_RESULTS, _TABLE = "grid.json", "grid.md"
# Table I.
# The paper names its best, Listing 3, and none of the others.
COMBINATIONS: Mapping[str, tuple[str, ...]] = {
    "q": ("q_proj",),
    "qv": ("q_proj", "v_proj"),
    "kv": ("k_proj", "v_proj"),
    "qvo": ("q_proj", "v_proj", "o_proj"),
    "qkvo": ("q_proj", "k_proj", "v_proj", "o_proj"),
    "mlp": ("up_proj", "down_proj", "gate_proj"),
    "all": LAYERS,
}
_BATCH = 16


def read_combinations(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the layers of each combination: a name of `COMBINATIONS`, or layers with commas.

    Without any text, all that have a name.

    Raises:
        ModelError: a text is no name, and a layer in it is not one of `LAYERS`.

    Example:
        >>> read_combinations(["qvo", "q_proj,up_proj"])
        {'qvo': ('q_proj', 'v_proj', 'o_proj'), 'q+up': ('q_proj', 'up_proj')}
    """
    chosen: dict[str, tuple[str, ...]] = {}
    for text in texts:
        if text in COMBINATIONS:
            chosen[text] = COMBINATIONS[text]
            continue
        named = [layer.strip() for layer in text.split(",")]
        if unknown := [layer for layer in named if layer not in LAYERS]:
            raise ModelError(
                f"{text!r} is no combination: {unknown} are not among the layers {list(LAYERS)}. "
                f"Combinations with a name are {', '.join(COMBINATIONS)}."
            )
        layers = tuple(layer for layer in LAYERS if layer in named)
        chosen["+".join(layer.removesuffix("_proj") for layer in layers)] = layers
    return chosen or dict(COMBINATIONS)


def search_grid(
    splits: Mapping[str, Sequence[Query]],
    config: QLoRAConfig,
    model: str,
    output: Path,
    combinations: Mapping[str, tuple[str, ...]] = COMBINATIONS,
    *,
    split: str = "validation",
    overwrite: bool = False,
) -> dict[str, Any]:
    """Return the scores of each combination; `output` gets `grid.json`, a table and a heat map.

    Each combination is trained and scored once, in a folder of its own, and a search that was
    killed goes on where it was. More combinations may be added to a search later on.

    Args:
        splits: queries; `train` is learnt.
        config: of every training, but for its layers.
        model: folder or Hub id of the base.
        output: folder of the search.
        combinations: target layers by name.
        split: whose queries are scored; the test is kept for the winner.
        overwrite: make anew what was made with other settings.

    Raises:
        ModelError: there is nothing to score, or a training fails; says why.
        EvaluationError: `output` holds a combination with other settings.
    """
    scored = list(splits.get(split, ()))
    if not scored:
        raise ModelError(f"the split {split!r} has no rows to score; splits are {sorted(splits)}")
    learnt = {"train": list(splits["train"])}
    runs: dict[str, Any] = {}
    for name, layers in tqdm(combinations.items(), desc="combinations", disable=None):
        chosen = replace(config, target_modules=layers)
        folder = output / name
        made_of = {
            "base": describe_model(model),
            "config": chosen.to_dict(),
            "learnt": fingerprint(learnt["train"]),
            "scored": fingerprint(scored),
        }
        stage = Stage(output, name, made_of, folder)
        if not stage.begin(overwrite):
            stage.finish(run=_run(learnt, chosen, model, folder, scored))
        runs[name] = stage.facts["run"]
    best = max(runs, key=lambda name: runs[name]["mean"])
    grid = {
        "rows": len(learnt["train"]),
        "scored": len(scored),
        "split": split,
        # a field without gold is scored only where a run answers it
        "measures": [
            name
            for name in runs[best]["scores"]
            if all(name in run["scores"] for run in runs.values())
        ],
        "best": best,
        "runs": runs,
    }
    write_json(output / _RESULTS, grid)
    (output / _TABLE).write_text(render_grid_table(grid) + "\n", "utf-8")
    draw_heat_map(grid, output / GRID_MAP)
    return grid


def read_grid(folder: Path) -> dict[str, Any] | None:
    """Return what `search_grid` found in a folder; None where nothing was searched."""
    path = folder / _RESULTS
    if not path.exists():
        return None
    grid: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return grid


def _run(
    learnt: Mapping[str, Sequence[Query]],
    config: QLoRAConfig,
    model: str,
    folder: Path,
    queries: Sequence[Query],
) -> dict[str, Any]:
    """Return the numbers of one combination, trained and scored."""
    reports = train_qlora(learnt, config, model, folder)
    tasks = select_tasks(config.task)
    tuned = open_baseline(
        f"prompted:{folder}", base=model, batch_size=_BATCH, load_in_4bit=config.load_in_4bit
    )
    texts = [query.text for query in queries]
    replies = answer_all(
        folder / "answers.jsonl", texts, tuned.answer, _BATCH, f"answers of {folder.name}"
    )
    found = score_split(replies.by_task, queries)
    scores = {"parse rate": found["parse_rate"]}
    if "entities" in tasks:
        scores |= {name: found[name]["f1"] for name in PAPER_FIELDS if name in found}
        scores["all types"] = found["macro_f1"]
    if "intent" in tasks:
        scores["intent"] = found["intent"]["macro_f1"]
    judged = [scores[name] for name in ("all types", "intent") if name in scores]
    return {
        "target_modules": list(config.target_modules),
        "trainable_parameters": sum(one.trainable_parameters for one in reports.values()),
        "seconds": round(sum(one.seconds for one in reports.values()), 1),
        "last_loss": {task: one.last_loss for task, one in reports.items()},
        "scores": scores,
        "mean": sum(judged) / len(judged),
    }
