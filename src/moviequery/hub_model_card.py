"""The card of a model: filled from what its training wrote, never by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files as resources
from string import Template
from typing import TYPE_CHECKING

from . import __version__
from .errors import HubError
from .hub_cards import TAG
from .hub_origin import DatasetOrigin
from .hub_results import (
    ADAPTER,
    HUB_TASKS,
    METRICS,
    Files,
    Result,
    find_results,
    find_tasks,
    read_json,
    results_table,
    writes_text,
)
from .hub_sections import (
    EXAMPLES,
    list_commands,
    risks_table,
    say_usage,
    say_what,
    training_table,
)

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

_LICENCES = (
    ("sentence-transformers/all-MiniLM", "apache-2.0"),
    ("meta-llama/Llama-3.1", "llama3.1"),
    ("meta-llama/Meta-Llama-3.1", "llama3.1"),
    ("meta-llama/Llama-3.2", "llama3.2"),
    ("meta-llama/Llama-3.3", "llama3.3"),
    ("mistralai/Mistral-7B", "apache-2.0"),
)
# What is said anew: with the Hub's names, and for every kind of model alike.
_REPLACED = ("## Use it", "## Training", "## Limits", "## Licence")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a card says beside the training's own files.

    Attributes:
        repo_id: where the model will be.
        dataset: what it was trained on.
        licence: a Hub licence identifier; None knows those of common bases.
        training_card: the card that the training wrote; its scores and the like are taken over.
    """

    repo_id: str
    dataset: DatasetOrigin
    licence: str | None = None
    training_card: str = ""


def render_model_card(files: Files, facts: ModelFacts) -> str:
    """Return the text of the card.

    Raises:
        HubError: the licence of the base is not known here, or the base is not named.
    """
    from huggingface_hub import ModelCard, ModelCardData

    base = _find_base(files)
    results = find_results(files)
    tasks = find_tasks(files)
    text = writes_text(files)
    task = HUB_TASKS["text"] if text else HUB_TASKS[tasks[0] if tasks else "entities"]
    licence = facts.licence or _find_licence(base)
    dataset = facts.dataset
    data = ModelCardData(
        language=["en"],
        license=licence,
        base_model=[base],
        base_model_relation="adapter" if _has(files, ADAPTER) else "finetune",
        library_name=_find_library(files),
        pipeline_tag=task,
        datasets=[dataset.repo_id] if dataset.repo_id else ["moviequery/queries"],
        metrics=["f1"],
        tags=[TAG, "movies", "conversational-search", "intent-classification", *tasks],
        widget=[{"text": example} for example in EXAMPLES],
        model_name=facts.repo_id.partition("/")[2],
        eval_results=[_to_hub(result, value, dataset) for result, value in results.items()],
        moviequery={
            "version": __version__,
            "dataset_revision": dataset.revision,
            "dataset_fingerprint": dataset.fingerprint,
        },
    )
    template = Template((resources(__package__) / "hub_model_card.md").read_text("utf-8"))
    body = template.substitute(
        name=facts.repo_id,
        what=say_what(files, tasks, text, base),
        usage=say_usage(files, tasks, text, facts.repo_id, base),
        training=training_table(files, dataset),
        results=results_table(results) or "None were measured.",
        commands=list_commands(files),
        more=_take_sections(facts.training_card),
        risks=risks_table(results),
        licence=licence,
        base=base,
    )
    return str(ModelCard(f"---\n{data.to_yaml()}\n---\n\n{body}"))


def _take_sections(card: str) -> str:
    """Return the sections of a training's card that this one has no place for."""
    sections = re.split(r"^(?=## )", card, flags=re.MULTILINE)[1:]
    own = [section for section in sections if not section.startswith(_REPLACED)]
    return "".join(f"{section.strip()}\n\n" for section in own)


def _has(files: Files, name: str) -> bool:
    return any(path.rpartition("/")[2] == name for path in files)


def _find_base(files: Files) -> str:
    keys = {ADAPTER: "base_model_name_or_path", "parser.json": "base", METRICS: "base"}
    for name, key in keys.items():
        for path, source in files.items():
            if path.rpartition("/")[2] == name and (base := read_json(source).get(key)):
                return str(base)
    raise HubError("no file says which base the model comes from (adapter_config.json)")


def _find_licence(base: str) -> str:
    for prefix, licence in _LICENCES:
        if base.startswith(prefix):
            return licence
    raise HubError(f"the licence of {base} is not known here; name the model's with --licence")


def _find_library(files: Files) -> str:
    if _has(files, ADAPTER):
        return "peft"
    return "transformers" if _has(files, "config.json") else "onnx"


def _to_hub(result: Result, value: float, dataset: DatasetOrigin) -> EvalResult:
    from huggingface_hub import EvalResult

    ours = result.dataset.startswith("moviequery")
    return EvalResult(
        task_type=result.task,
        dataset_type=(dataset.repo_id or "moviequery/queries") if ours else result.dataset,
        dataset_name=result.dataset,
        # by which the library tells results of the same split apart
        dataset_config=result.dataset.partition("(")[2].rstrip(")") or None,
        dataset_split=result.split,
        dataset_revision=dataset.revision if ours else None,
        metric_type="loss"
        if result.metric == "loss"
        else "f1"
        if "F1" in result.metric
        else "accuracy",
        metric_name=result.metric,
        metric_value=value,
    )
