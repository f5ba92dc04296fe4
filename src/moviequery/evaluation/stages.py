"""Stages of a long run, each of which notes what it was made of: a killed run goes on."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ..errors import EvaluationError
from ..modeling.training_folder import list_changes, write_json

_NOTES = "stages"


class Stage:
    """One stage of the run in a folder: a note in `FOLDER/stages/NAME.json`, and what it makes.

    Args:
        folder: of the whole run.
        name: of the stage.
        made_of: all that decides what the stage makes, as plain JSON values.
        outputs: files and folders that it makes; removed when they must be made anew.
    """

    def __init__(self, folder: Path, name: str, made_of: Mapping[str, Any], *outputs: Path) -> None:
        """Name the note; nothing is read or written yet."""
        self.name = name
        self.made_of: dict[str, Any] = json.loads(json.dumps(made_of))
        self.outputs = outputs
        self._note = folder / _NOTES / f"{name}.json"
        self._started = 0.0

    def begin(self, overwrite: bool = False) -> bool:
        """Return True if the stage is done already; else note what it will be made of.

        Of a stage that was killed the outputs stay, for the stage to go on with.

        Args:
            overwrite: make it anew if it was made of something else.

        Raises:
            EvaluationError: it was made of something else, and `overwrite` is False.
        """
        self._started = time.perf_counter()
        note = self._read()
        if note is not None and note["made_of"] != self.made_of:
            self._refuse_changes(note["made_of"], overwrite)
            self._clear()
            note = None
        if note is None:
            try:
                self._note.parent.mkdir(parents=True, exist_ok=True)
                write_json(self._note, {"made_of": self.made_of, "done": False})
            except OSError as error:
                raise EvaluationError(
                    f"{self._note.parent} cannot be written ({error}); choose another folder"
                ) from error
        return bool(note and note["done"])

    def finish(self, **facts: Any) -> None:  # noqa: ANN401 - plain JSON values
        """Note that the stage is done, with the seconds that this process spent on it."""
        seconds = round(time.perf_counter() - self._started, 2)
        facts = {"seconds": seconds, **facts}
        write_json(self._note, {"made_of": self.made_of, "done": True, "facts": facts})

    @property
    def facts(self) -> dict[str, Any]:
        """What was noted when the stage was finished; nothing before."""
        note = self._read() or {}
        facts: dict[str, Any] = note.get("facts", {})
        return facts

    def _read(self) -> dict[str, Any] | None:
        try:
            note: dict[str, Any] = json.loads(self._note.read_text("utf-8"))
            note["made_of"], note["done"]  # noqa: B018 - a note without them is none of ours
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EvaluationError(
                f"{self._note} is no note of a stage ({error}); remove it, and what it stands for"
            ) from error
        return note

    def _refuse_changes(self, before: Mapping[str, Any], overwrite: bool) -> None:
        changes = "; ".join(list_changes(before, self.made_of))
        if not overwrite:
            raise EvaluationError(
                f"the stage {self.name} in {self._note.parents[1]} was made of something else "
                f"({changes}): give what it was made of, choose another folder, or make it anew "
                "with --overwrite"
            )
        tqdm.write(f"{self.name}: made anew ({changes})", file=sys.stderr)

    def _clear(self) -> None:
        for path in self.outputs:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self._note.unlink()
