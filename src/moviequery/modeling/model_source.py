"""What a folder or Hub id holds that a parser can use: adapters, or a base model alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ModelError
from .nano.folder import resolve_base
from .prompts import TASKS
from .training_folder import CONFIG_FILE

_ADAPTER_CONFIG = "adapter_config.json"
_ADAPTER_WEIGHTS = "adapter_model.safetensors"
# All of an adapter repository that is ours, and nothing of a base model's weights.
_PATTERNS = ["*.json", "*.jinja", "*.model", _ADAPTER_WEIGHTS]
_PATTERNS += ["model.onnx", "onnx/model.onnx", *(f"{task}/*" for task in TASKS)]
# How adapters and whole models say that they classify, and write nothing.
_ENCODERS = ("TOKEN_CLS", "SEQ_CLS", "ForTokenClassification", "ForSequenceClassification")
_NEVER = ["*.bin", "*.pt", "*.pth", "*.pkl"]


@dataclass(frozen=True, slots=True)
class ModelSource:
    """The parts of a parser and where they are.

    Attributes:
        base: folder or Hub id of the base model.
        tasks: what it answers, in the order of `TASKS`.
        adapters: folder of the adapter per task; empty for a base alone.
        settings: how the adapters were trained, where they say so.
    """

    base: str
    tasks: tuple[str, ...]
    adapters: Mapping[str, Path] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


def find_source(
    source: str | Path, base: str | None = None, tasks: Sequence[str] | None = None
) -> ModelSource:
    """Return what `source` holds.

    Args:
        source: an output folder of `train_qlora`; one adapter's folder; the folder of a causal
            language model; or a Hub id of any of them.
        base: the base model, where the adapter's own note of it does not lead there.
        tasks: what it shall answer; by default all that it can.

    Raises:
        ModelError: there is nothing of the kind, or a task is asked for that is not there.
    """
    check_tasks(tasks)
    folder = fetch_folder(source)
    _refuse_encoder(folder)
    adapters = _find_adapters(folder, tasks)
    if adapters:
        return _describe_adapters(folder, adapters, base, tasks)
    if not (folder / "config.json").exists():
        _refuse_empty(folder)
    name = str(source)
    return ModelSource(name, tuple(t for t in TASKS if tasks is None or t in tasks))


def check_tasks(tasks: Sequence[str] | None) -> None:
    """Refuse tasks that there are not.

    Raises:
        ModelError: names them.
    """
    if unknown := sorted(set(tasks or ()) - set(TASKS)):
        raise ModelError(f"There are no tasks {unknown}. Choose among {list(TASKS)}.")


def fetch_folder(source: str | Path) -> Path:
    """Return the folder that is meant, or the local copy of a Hub repository.

    The weights of a whole model are not fetched; those of adapters and fast parsers are.

    Raises:
        ModelError: it is neither a folder nor a repository that can be had.
    """
    name = resolve_base(str(source))
    if Path(name).is_dir():
        return Path(name)
    import huggingface_hub as hub
    from huggingface_hub import errors

    try:
        return Path(hub.snapshot_download(name, allow_patterns=_PATTERNS, ignore_patterns=_NEVER))
    except (errors.HfHubHTTPError, errors.HFValidationError, OSError) as error:
        raise ModelError(
            f"{name!r} is neither a folder here nor a repository that the Hub gives: {error}"
        ) from error


def _refuse_encoder(folder: Path) -> None:
    """Refuse a part of a trained encoder, which is for peft and transformers alone."""
    for path in (folder, *(folder / task for task in TASKS)):
        adapter, config = path / _ADAPTER_CONFIG, path / "config.json"
        kinds = [read_json(adapter).get("task_type")] if adapter.exists() else []
        kinds += read_json(config).get("architectures") or [] if config.exists() else []
        if any(str(kind).endswith(_ENCODERS) for kind in kinds):
            raise ModelError(
                f"{path} is a part of a trained encoder, for peft or transformers.pipeline. Pass "
                "the training's output folder with its `onnx`, which a parser runs from."
            )


def _find_adapters(folder: Path, tasks: Sequence[str] | None) -> dict[str, Path]:
    found = {task: folder / task for task in TASKS if (folder / task / _ADAPTER_CONFIG).exists()}
    if not found and (folder / _ADAPTER_CONFIG).exists():
        task = _read_settings(folder).get("task") or (tasks[0] if tasks and len(tasks) == 1 else "")
        if task not in TASKS:
            raise ModelError(
                f"{folder} does not say what its adapter answers; pass tasks=['entities'] or "
                "tasks=['intent']."
            )
        found = {task: folder}
    return found


def _describe_adapters(
    folder: Path, adapters: Mapping[str, Path], base: str | None, tasks: Sequence[str] | None
) -> ModelSource:
    if missing := [task for task in tasks or () if task not in adapters]:
        raise ModelError(f"{folder} has no adapter for {missing}; it has {list(adapters)}.")
    chosen = {task: path for task, path in adapters.items() if not tasks or task in tasks}
    for path in chosen.values():
        if not (path / _ADAPTER_WEIGHTS).exists():
            raise ModelError(f"{path} has no {_ADAPTER_WEIGHTS}; other formats are not read.")
    bases = {task: _read_base(path) for task, path in chosen.items()}
    if base is None and len(set(bases.values())) > 1:
        raise ModelError(f"The adapters of {folder} have different bases: {bases}. Pass base=.")
    if not (base or all(bases.values())):
        raise ModelError(f"The adapter of {folder} does not name its base. Pass base=.")
    settings = _read_settings(next(iter(chosen.values())))
    return ModelSource(base or next(iter(bases.values())), tuple(chosen), chosen, settings)


def _read_base(folder: Path) -> str:
    name = read_json(folder / _ADAPTER_CONFIG).get("base_model_name_or_path")
    return str(name or "")


def _read_settings(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG_FILE
    return read_json(path) if path.exists() else {}


def read_json(path: Path) -> dict[str, Any]:
    """Return the object of a JSON file.

    Raises:
        ModelError: the file cannot be read, or holds no object.
    """
    try:
        values = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    if not isinstance(values, dict):
        raise ModelError(f"{path} is not a JSON object.")
    return values


def _refuse_empty(folder: Path) -> None:
    unfinished = [task for task in TASKS if (folder / f"{task}.unfinished").exists()]
    if unfinished:
        raise ModelError(
            f"The training of {unfinished} in {folder} is not finished; start it again with the "
            "same arguments and it goes on."
        )
    raise ModelError(
        f"{folder} holds neither an adapter ({_ADAPTER_CONFIG}) nor a model (config.json)."
    )
