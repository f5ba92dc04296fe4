"""What a finished training folder says of itself: its tasks, its base, its results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

METRICS, EVALUATIONS, SETTINGS = "metrics.json", "evaluations.json", "training_config.json"
ADAPTER = "adapter_config.json"
TASKS = ("entities", "intent")
# What transformers and peft call the two tasks, and what the Hub calls them.
_CLASSES = {
    "TokenClassification": "entities",
    "SequenceClassification": "intent",
    "TOKEN_CLS": "entities",
    "SEQ_CLS": "intent",
}
HUB_TASKS = {
    "entities": "token-classification",
    "intent": "text-classification",
    "text": "text-generation",
}
_DIGITS = 4

Files = Mapping[str, Path | bytes]


class Result(NamedTuple):
    """What a number of a card is about: the Hub's task, the dataset, its split, the measure."""

    task: str
    dataset: str
    split: str
    metric: str


def read_json(source: Path | bytes) -> dict[str, Any]:
    """Return a JSON object; an empty one where the file holds none."""
    try:
        value = json.loads(source if isinstance(source, bytes) else source.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def find_tasks(files: Files) -> tuple[str, ...]:
    """Return which of `TASKS` the models of the files answer."""
    found = set()
    for path, source in files.items():
        name = PurePosixPath(path).name
        if name == "parser.json":
            return TASKS
        if name in ("config.json", ADAPTER):
            values = read_json(source)
            for word in (*values.get("architectures", ()), values.get("task_type") or ""):
                found |= {task for part, task in _CLASSES.items() if part in str(word)}
        if name in (METRICS, SETTINGS):
            found.add(str(read_json(source).get("task")))
    return tuple(task for task in TASKS if task in found)


def writes_text(files: Files) -> bool:
    """Return True for adapters of a causal language model."""
    adapters = [read_json(files[path]) for path in files if path.endswith(ADAPTER)]
    return any(values.get("task_type") == "CAUSAL_LM" for values in adapters)


def find_results(files: Files) -> dict[Result, float]:
    """Return every number that a card of these files must give, rounded.

    `metrics.json` of a training gives its own; `evaluations.json`, where there is one, gives those
    of `moviequery evaluate --json` on other data: a list of `dataset`, `split`, `command` and
    `scores`.
    """
    found: dict[Result, float] = {}
    tasks = find_tasks(files)
    for path, source in files.items():
        if PurePosixPath(path).name == METRICS:
            found |= dict(_read_metrics(read_json(source), tasks, files))
    for each in read_evaluations(files):
        for task, metric, value in _read_scores(each["scores"], tasks):
            found[Result(HUB_TASKS[task], each["dataset"], each["split"], metric)] = value
    return found


def read_evaluations(files: Files) -> list[dict[str, Any]]:
    """Return the entries of `evaluations.json`."""
    if EVALUATIONS not in files:
        return []
    source = files[EVALUATIONS]
    try:
        value = json.loads(source if isinstance(source, bytes) else source.read_bytes())
    except ValueError:
        return []
    keys = {"dataset", "split", "scores"}
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, dict) and keys <= row.keys()]


def _read_metrics(
    metrics: Mapping[str, Any], tasks: tuple[str, ...], files: Files
) -> Iterator[tuple[Result, float]]:
    has_graph = any(path.endswith("model.onnx") for path in files)
    has_weights = any(path.endswith(".safetensors") for path in files)
    wanted = {"int8": has_graph, "fp32": has_weights or not has_graph}
    for split, by_precision in (metrics.get("scores") or {}).items():
        for precision, scores in by_precision.items():
            if wanted.get(precision, True):
                for task, metric, value in _read_scores(scores, tasks):
                    dataset = f"moviequery queries ({precision})"
                    yield Result(HUB_TASKS[task], dataset, split, metric), value
    for name, split in (("last_loss", "train"), ("validation_loss", "validation")):
        if isinstance(loss := metrics.get(name), float):
            dataset = f"moviequery queries ({metrics.get('task')})"
            yield Result(HUB_TASKS["text"], dataset, split, "loss"), round(loss, _DIGITS)


def _read_scores(
    scores: Mapping[str, Any], tasks: tuple[str, ...]
) -> Iterator[tuple[str, str, float]]:
    """Yield task, measure and value of what `score_entities` or `score_bio` gives."""
    intent, types = scores.get("intent") or {}, scores.get("types")
    # rows with intents alone say nothing of spans
    has_spans = not types or any(one.get("support", 1) for one in types.values())
    spans = scores if has_spans else {}
    places = (
        ("entities", "span micro F1", spans.get("micro_f1")),
        ("entities", "span macro F1", spans.get("macro_f1")),
        ("entities", "negation F1", (spans.get("negation") or {}).get("f1")),
        ("intent", "Macro-F1", intent.get("macro_f1")),
        ("intent", "accuracy", intent.get("accuracy")),
    )
    for task, metric, value in places:
        if task in tasks and isinstance(value, int | float):
            yield task, metric, round(float(value), _DIGITS)


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def results_table(results: Mapping[Result, float]) -> str:
    """Return every result, a row each; nothing where there is none."""
    if not results:
        return ""
    rows = [
        (result.dataset, result.split, result.task, result.metric, f"{value:.4f}")
        for result, value in results.items()
    ]
    return table(("dataset", "split", "task", "measure", "value"), rows)
