"""The parts of a model's card: how to use it, how it was trained, what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .hub_origin import DatasetOrigin
from .hub_results import (
    ADAPTER,
    HUB_TASKS,
    METRICS,
    SETTINGS,
    TASKS,
    Files,
    Result,
    read_evaluations,
    read_json,
    table,
)

EXAMPLES = (
    "any good 90s heist movies like Heat but funnier?",
    "who directed the film about cars that talk",
)
_NAMES_LISTED = (
    "Its prompts for entities end in a line with the names that a catalogue knows in the query, "
    "without those of `plain_words.json`; `QueryParser` writes it."
)
_HELD_OUT = ("validation", "test")


def say_what(files: Files, tasks: tuple[str, ...], text: bool, base: str) -> str:
    """Return what the model is, in two sentences or three."""
    does = {
        "entities": "finds what a film query names or asks for (titles, genres, people, moods, "
        "plots and so on; 22 types, as exact spans)",
        "intent": "tells whether a query asks for films to watch (`rec`) or for anything else "
        "about films (`non_rec`)",
    }
    said = " and ".join(does[task] for task in tasks)
    how = "writes its answer as JSON" if text else "classifies words and texts in one pass"
    listed = " " + _NAMES_LISTED if "entities" in tasks and _lists_names(files) else ""
    return f"Fine-tuned from [{base}](https://huggingface.co/{base}), it {said}. It {how}.{listed}"


def _lists_names(files: Files) -> bool:
    settings = (read_json(file) for path, file in files.items() if path.endswith(SETTINGS))
    return any(one.get("config", {}).get("list_names") for one in settings)


def say_usage(files: Files, tasks: tuple[str, ...], text: bool, repo_id: str, base: str) -> str:
    """Return the lines of Python that use the model, as far as its files allow."""
    blocks = []
    plain = {task: path for task in TASKS for path in files if path == f"merged-{task}/config.json"}
    if "config.json" in files and ADAPTER not in files:
        blocks.append(
            f'from transformers import pipeline\n\nfind = pipeline("{HUB_TASKS[tasks[0]]}", '
            f'model="{repo_id}")\nprint(find("{EXAMPLES[0]}"))'
        )
    for path in sorted(files):
        if path.rpartition("/")[2] == ADAPTER:
            blocks.append(_adapter_usage(files, path, repo_id, base))
    if not blocks or text or plain or "onnx/parser.json" in files:
        blocks.append(
            "from moviequery import QueryParser\n\n"
            f'parsed = QueryParser.from_pretrained("{repo_id}").parse("{EXAMPLES[0]}")\n'
            "print(parsed.intent, parsed.to_json())"
        )
    return "\n\n".join(f"```python\n{block}\n```" for block in blocks)


def _adapter_usage(files: Files, path: str, repo_id: str, base: str) -> str:
    folder = path.rpartition("/")[0]
    where = f', subfolder="{folder}"' if folder else ""
    kind = {
        "TOKEN_CLS": "AutoModelForTokenClassification",
        "SEQ_CLS": "AutoModelForSequenceClassification",
    }.get(str(read_json(files[path]).get("task_type")), "AutoModelForCausalLM")
    lines = ["from peft import PeftModel"]
    if kind == "AutoModelForCausalLM":
        lines += [f"from transformers import {kind}", ""]
        lines.append(f'base = {kind}.from_pretrained("{base}")')
    else:
        lines += [f"from transformers import AutoConfig, {kind}", ""]
        lines.append(f'config = AutoConfig.from_pretrained("{repo_id}"{where})')
        lines.append(f'base = {kind}.from_pretrained("{base}", config=config)')
    lines.append(f'model = PeftModel.from_pretrained(base, "{repo_id}"{where})')
    return "\n".join(lines)


def training_table(files: Files, dataset: DatasetOrigin) -> str:
    """Return the dataset, the settings and the counts of the training."""
    rows: list[tuple[str, Any]] = [
        ("dataset", dataset.repo_id or "a folder that `moviequery build` wrote"),
        ("dataset revision", f"`{dataset.revision}`"),
        ("dataset fingerprint", f"`{dataset.fingerprint or 'unknown'}`"),
    ]
    for path, source in sorted(files.items()):
        prefix = path.rpartition("/")[0]
        label = f"{prefix} " if prefix else ""
        if path.rpartition("/")[2] == METRICS:
            rows += [
                (f"{label}{key}".replace("_", " "), value)
                for key, value in _plain(read_json(source))
            ]
        if path.rpartition("/")[2] == SETTINGS:
            config = read_json(source).get("config") or {}
            rows += [(f"{label}{key}".replace("_", " "), value) for key, value in _plain(config)]
    return table(("what", "value"), [(key, _show(value)) for key, value in rows])


def _plain(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (key, value)
        for key, value in values.items()
        if isinstance(value, str | int | float) and key not in ("dataset", "learnt")
    ]


def _show(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"


def list_commands(files: Files) -> str:
    """Return the command behind each result."""
    lines = [
        f"- {row['dataset']} ({row['split']}): `{row['command']}`"
        for row in read_evaluations(files)
        if row.get("command")
    ]
    recipe = next(
        (read_json(files[path]).get("recipe") for path in files if path.endswith(SETTINGS)), None
    )
    does = "scores the held-out splits as it ends" if recipe == "encoder" else "logs both losses"
    lines.insert(
        0, f"- moviequery queries: `moviequery train --recipe {recipe or 'qlora'}`, which {does}"
    )
    return "\n".join(lines)


def risks_table(results: Mapping[Result, float]) -> str:
    """Return the risks that such a model brings, and what was measured of each."""
    elsewhere = [
        f"{result.metric} {value:.4f} on {result.dataset} ({result.split})"
        for result, value in results.items()
        if not result.dataset.startswith("moviequery")
    ]
    held_out = [
        f"{result.metric} {value:.4f} ({result.split})"
        for result, value in results.items()
        if result.dataset.startswith("moviequery")
        and result.split in _HELD_OUT
        and result.metric != "loss"
    ]
    hard = [line for line in elsewhere if "challenge" in line or "adversarial" in line]
    people = [line for line in elsewhere if line not in hard]
    rows = [
        (
            "unrepresentative data: people do not talk like the grammar",
            "; ".join(people) or "not measured on people's queries",
        ),
        (
            "bias: films, people and words of the catalogue come easier",
            "; ".join(held_out[:4]) + " on films and frames that were not trained on"
            if held_out
            else "not measured",
        ),
        ("evasion: texts written to mislead it", "; ".join(hard) or "not measured"),
    ]
    return table(("risk", "what was measured"), rows)
