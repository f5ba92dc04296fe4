"""What a pre-training reads: its text in tokens, and the base that it goes on from, if any."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ModelError, require
from .configuration import NanoConfig
from .documents import tokenizer_texts
from .folder import FRAMES_FILE
from .marks import Tokens
from .material import Material
from .packing import encode_documents, save_tokens
from .tokenizer import train_tokenizer

if TYPE_CHECKING:
    from ...knowledge.graph import MovieGraph

NOTES_FILE = "pretraining.json"
_ORIGIN_FILE = "origin.json"
_START = "start"
# What must be as it was in the base that a run goes on from.
_KEPT = ("vocabulary", "hidden", "intermediate", "layers", "heads", "kv_heads", "steps")
# Of the notes on a base, what is of its text.
_ORIGIN = ("graph", "grammar", "closing")


@dataclass(frozen=True, slots=True)
class Start:
    """The base that a run goes on from.

    Attributes:
        folder: its weights, tokenizer and notes.
        notes: what its `pretraining.json` says.
    """

    folder: Path
    notes: Mapping[str, Any]

    @property
    def step(self) -> int:
        """The steps that made it."""
        step: int = self.notes["step"]
        return step


@dataclass(frozen=True, slots=True)
class Text:
    """The tokens that a run reads.

    Attributes:
        tokenizer: whose tokens they are.
        tokens: of the steps before the closing rounds; none where a run begins behind them.
        rounds: of each closing round that is still to come, by its number from 0 on.
    """

    tokenizer: Any
    tokens: Tokens | None
    rounds: Mapping[int, Tokens]


def prepare(graph: MovieGraph, output: Path, config: NanoConfig, start: Path | None) -> None:
    """Write what a run reads into its folder, as far as it is not there yet.

    Raises:
        ModelError: `start` cannot be gone on from with these settings, or is another base than the
            one that the folder's run began with.
    """
    output.mkdir(parents=True, exist_ok=True)
    if start is not None:
        _copy_start(start, output, config)
    begun = read_start(output)
    if begun is None and not (output / "tokens.npy").exists():
        material = Material(graph)
        texts = tokenizer_texts(material, config.seed, config.tokenizer_documents)
        tokenizer = train_tokenizer(texts, config.vocabulary)
        tokenizer.save_pretrained(output / "tokenizer")
        write_notes(output / _ORIGIN_FILE, material.origin)
        _add_frames(output / FRAMES_FILE, material)
        save_tokens(encode_documents(material, tokenizer, config), output / "tokens.npy")
    for number in _rounds_to_come(config, begun):
        _prepare_round(graph, output, config, number)


def read_start(output: Path) -> Start | None:
    """Return the base that a run's folder began with; None if it began with random weights."""
    folder = output / _START
    if not folder.exists():
        return None
    return Start(folder, json.loads((folder / NOTES_FILE).read_text("utf-8")))


def read_text(output: Path, config: NanoConfig) -> Text:
    """Return the tokens that `prepare` wrote."""
    path = output / "tokens.npy"
    return Text(
        _read_tokenizer(output),
        np.load(path, mmap_mode="r") if path.exists() else None,
        {
            number: np.load(_name_round(output, number), mmap_mode="r")
            for number in _rounds_to_come(config, read_start(output))
        },
    )


def read_origin(output: Path) -> dict[str, Any]:
    """Return the fingerprints of the graph and grammars that a run's text comes from."""
    origin: dict[str, Any] = json.loads((output / _ORIGIN_FILE).read_text("utf-8"))
    return origin


def write_notes(path: Path, notes: Mapping[str, Any]) -> None:
    """Write notes as JSON."""
    path.write_text(json.dumps(notes, indent=1) + "\n", "utf-8")


def _copy_start(start: Path, output: Path, config: NanoConfig) -> None:
    """Copy a base into the run's folder, with what is known of its text."""
    path = start / NOTES_FILE
    if not path.is_file():
        raise ModelError(
            f"{start} is no base that pre-training made: it has no {NOTES_FILE}. Give the folder "
            "`final` of a run, or that of the bundled base."
        )
    folder = output / _START
    if folder.exists():
        if (folder / "model.safetensors").read_bytes() != (
            start / "model.safetensors"
        ).read_bytes():
            raise ModelError(f"{output} holds a run that began with another base than {start}.")
        return
    notes = json.loads(path.read_text("utf-8"))
    _check_start(start, notes, config)
    temporary = output / f"{_START}.writing"
    shutil.rmtree(temporary, ignore_errors=True)
    shutil.copytree(start, temporary)
    origin = {name: value for name, value in notes.items() if name.startswith(_ORIGIN)}
    write_notes(output / _ORIGIN_FILE, origin)
    shutil.copy(start / FRAMES_FILE, output)
    temporary.replace(folder)


def _check_start(start: Path, notes: Mapping[str, Any], config: NanoConfig) -> None:
    then, now = notes["config"], config.to_dict()
    # rounds are counted by their steps, once there are any
    kept = (*_KEPT, "closing_steps") if notes["step"] > then["steps"] else _KEPT
    if differing := {name: then[name] for name in kept if then[name] != now[name]}:
        raise ModelError(f"{start} was made with other settings: {differing}. Take these.")
    number, place = config.find_round(notes["step"])
    if place or number < 0:
        raise ModelError(f"{start} is of step {notes['step']}, in the middle of a round.")
    if number >= config.closing_rounds:
        raise ModelError(
            f"{start} has {number} closing rounds behind it; give a higher number than "
            f"closing_rounds={config.closing_rounds}."
        )


def _rounds_to_come(config: NanoConfig, start: Start | None) -> range:
    first = config.find_round(start.step)[0] if start else 0
    return range(first, config.closing_rounds if config.closing_steps else 0)


def _prepare_round(graph: MovieGraph, output: Path, config: NanoConfig, number: int) -> None:
    path = _name_round(output, number)
    if not path.exists():
        material = Material(graph)
        origin = read_origin(output)
        write_notes(output / _ORIGIN_FILE, {**origin, path.stem: material.origin})
        _add_frames(output / FRAMES_FILE, material)
        save_tokens(encode_documents(material, _read_tokenizer(output), config, number), path)


def _name_round(output: Path, number: int) -> Path:
    return output / f"closing-{number}.npy"


def _read_tokenizer(output: Path) -> Any:  # noqa: ANN401 - of transformers
    folder = output / _START
    if not folder.exists():
        folder = output / "tokenizer"
    return require("transformers", "train").AutoTokenizer.from_pretrained(folder)


def _add_frames(path: Path, material: Material) -> None:
    """Add the frames that are read to the file's; a run may end on a later grammar."""
    known = path.read_text("utf-8").split() if path.exists() else []
    path.write_text("\n".join(sorted({*known, *material.frames})) + "\n", "utf-8")
