"""The folder of one training: unfinished work beside it, whole results in it, written last.

`OUT/entities.unfinished/` holds checkpoints and what the run was told; `OUT/entities/` appears by
one rename when everything is in it. A run that is killed is taken up again from its last whole
checkpoint.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..schema import canonical_json

CONFIG_FILE = "training_config.json"


class TrainingFolder:
    """Where one task of one training is kept.

    Args:
        output: the folder of the whole training.
        task: names the folder of this task in it.
    """

    def __init__(self, output: Path, task: str) -> None:
        """Name the folders; nothing is written yet."""
        self.final = output / task
        self.work = output / f"{task}.unfinished"
        self.checkpoints = self.work / "checkpoints"
        self._result = self.work / "result"

    def open(self, settings: Mapping[str, Any], overwrite: bool) -> bool:
        """Return True if exactly this training is finished already; else make ready to train.

        Raises:
            ModelError: the folder holds something else, or it cannot be written.
        """
        if overwrite:
            self._refuse_foreign()
            shutil.rmtree(self.final, ignore_errors=True)
            shutil.rmtree(self.work, ignore_errors=True)
        if self.final.exists():
            self._refuse_foreign()
            self._refuse_other(self.final / CONFIG_FILE, settings, "finished")
            return True
        if (self.work / CONFIG_FILE).exists():
            self._refuse_other(self.work / CONFIG_FILE, settings, "unfinished")
            return False
        try:
            self.checkpoints.mkdir(parents=True, exist_ok=True)
            write_json(self.work / CONFIG_FILE, settings)
        except OSError as error:
            raise ModelError(f"{self.work} cannot be written: {error}. Choose another.") from error
        return False

    def last_checkpoint(self) -> Path | None:
        """Return the latest checkpoint that was written to its end, and remove those that were not.

        The trainer writes `trainer_state.json` last.
        """
        whole: dict[int, Path] = {}
        for folder in self.checkpoints.glob("checkpoint-*"):
            try:
                state = json.loads((folder / "trainer_state.json").read_text("utf-8"))
                whole[int(state["global_step"])] = folder
            except (OSError, ValueError, KeyError):
                shutil.rmtree(folder)  # the run was killed while it wrote this one
        return whole[max(whole)] if whole else None

    def begin_result(self) -> Path:
        """Return an empty folder for the result."""
        shutil.rmtree(self._result, ignore_errors=True)
        self._result.mkdir(parents=True)
        return self._result

    def finish(self) -> None:
        """Put the result in its place at once, and remove what was only needed to resume."""
        self._result.replace(self.final)
        shutil.rmtree(self.work)

    def _refuse_foreign(self) -> None:
        if self.final.exists() and not (self.final / CONFIG_FILE).exists():
            raise ModelError(
                f"{self.final} exists and is no training of ours ({CONFIG_FILE} is missing). "
                "Choose another output folder."
            )

    def _refuse_other(self, path: Path, settings: Mapping[str, Any], state: str) -> None:
        before = json.loads(path.read_text("utf-8"))
        if changed := list_changes(before, settings):
            raise ModelError(
                f"{path.parent} holds a {state} training with other settings ("
                f"{'; '.join(changed)}). Train with the same ones, choose another output folder, "
                "or start anew with overwrite=True (--overwrite)."
            )


def write_json(path: Path, value: object) -> None:
    """Write a JSON file for people to read, whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")
    temporary.replace(path)


def list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return each setting that differs with its old and new value, in short, sorted by name.

    Example:
        >>> list_changes({"config": {"r": 8}}, {"config": {"r": 16}})
        ['config.r: 8 -> 16']
    """
    return [
        f"{name}: {_short(old)} -> {_short(new)}" for name, old, new in _differences(before, after)
    ]


def _differences(
    before: Mapping[str, Any], after: Mapping[str, Any], prefix: str = ""
) -> list[tuple[str, Any, Any]]:
    found: list[tuple[str, Any, Any]] = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += _differences(old, new, f"{prefix}{name}.")
        elif old != new:
            found.append((prefix + name, old, new))
    return found


def _short(value: object) -> str:
    return canonical_json(value)[:40]
