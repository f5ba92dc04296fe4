"""A fast parser on disk: `model.onnx`, `tokenizer.json` and `parser.json` in one folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..schema import Intent
from .model_source import read_json
from .tags import TAGS

BUNDLED = Path(__file__).parent / "bundled"
MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
SETTINGS_FILE = "parser.json"
FORMAT = 1
# Between [CLS] and [SEP] a window must have room for more than the words it shares.
_LEAST_TOKENS = 16


@dataclass(frozen=True, slots=True)
class ParserBundle:
    """What `parser.json` says of a fast parser, and where its files are.

    Attributes:
        folder: that holds the files.
        span_temperature: divides the logits of tags, so that their probabilities are calibrated.
        intent_temperature: divides the logits of intents.
        threshold: a parse is sure if no score lies below it.
        max_tokens: the longest window, with [CLS] and [SEP].
        notes: the other entries: dataset, base, licence.
    """

    folder: Path
    span_temperature: float = 1.0
    intent_temperature: float = 1.0
    threshold: float = 0.5
    max_tokens: int = 256
    notes: Mapping[str, Any] | None = None


def find_bundle(folder: Path) -> Path | None:
    """Return the folder of the bundle that a folder is or, as `onnx`, holds; None without one."""
    for candidate in (folder, folder / "onnx"):
        if (candidate / SETTINGS_FILE).is_file() or (candidate / MODEL_FILE).is_file():
            return candidate
    return None


def read_bundle(folder: Path) -> ParserBundle:
    """Return the bundle of a folder, after checking that it is one this version can run.

    Raises:
        ModelError: a file is missing, or `parser.json` is not of this format.
    """
    if missing := [
        name
        for name in (MODEL_FILE, TOKENIZER_FILE, SETTINGS_FILE)
        if not (folder / name).is_file()
    ]:
        raise ModelError(
            f"{folder} is no complete fast parser: {', '.join(missing)} is missing. Export it "
            "again with `moviequery train --recipe encoder`."
        )
    path = folder / SETTINGS_FILE
    values = read_json(path)
    if values.get("format") != FORMAT:
        raise ModelError(
            f"{path}: format {values.get('format')!r} is not {FORMAT}, which this version of "
            "moviequery reads. Install the version that wrote it, or export it again."
        )
    _check_names(path, "labels", values.get("labels"), TAGS)
    _check_names(path, "intents", values.get("intents"), tuple(one.value for one in Intent))
    return _read_settings(path, values)


def _check_names(path: Path, key: str, found: object, expected: tuple[str, ...]) -> None:
    names = found if isinstance(found, list) else []
    if names == list(expected):
        return
    differences = [
        f"{name!r} where {ours!r} belongs"
        for name, ours in zip(names, expected, strict=False)
        if name != ours
    ]
    fault = differences[0] if differences else f"{len(names)} names instead of {len(expected)}"
    raise ModelError(
        f"{path}: {key} are not those of this version: {fault}. Train and export the parser "
        "again with this version."
    )


def _read_settings(path: Path, values: Mapping[str, Any]) -> ParserBundle:
    known = ("format", "labels", "intents", "temperature", "threshold", "max_tokens")
    temperature = values.get("temperature")
    temperature = temperature if isinstance(temperature, dict) else {}
    return ParserBundle(
        folder=path.parent,
        span_temperature=_number(path, "temperature spans", temperature.get("spans"), 0.01, 100),
        intent_temperature=_number(
            path, "temperature intent", temperature.get("intent"), 0.01, 100
        ),
        threshold=_number(path, "threshold", values.get("threshold"), 0, 1),
        max_tokens=int(
            _number(path, "max_tokens", values.get("max_tokens"), _LEAST_TOKENS, 1_000_000)
        ),
        notes={key: value for key, value in values.items() if key not in known},
    )


def _number(path: Path, name: str, value: object, least: float, most: float) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
        return value
    raise ModelError(f"{path}: {name} is {value!r}; it must be a number from {least} to {most}.")
