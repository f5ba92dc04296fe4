"""What was written for each row, line by line on disk, so that a kill costs no answer in it.

A journal is a file of JSON lines that only grows. The first says which prompt and which model the
rest were written with; every other is one `Outcome`, under the key of its row. Lines are on the
disk (fsync) before they count. A line that a crash cut off is cut away when the file is opened.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from ..errors import DatasetError
from ..schema import Entity, Part, Query, canonical_json
from .prompt import Prompt
from .rewriting import REWRITTEN, Outcome, row_key
from .usage import Usage

_FORM = 1


@dataclass(slots=True)
class Opening:
    """What was found when a journal was opened.

    Attributes:
        settled: rows with an outcome.
        healed: bytes of a line that a crash cut off.
        damaged: lines that cannot be read; their rows are asked again.
        others: prompt and model of the folder's other journals.
    """

    settled: int = 0
    healed: int = 0
    damaged: int = 0
    others: list[tuple[str, str]] = field(default_factory=list)


class Journal:
    """The journal of one prompt and one model in a folder; a context manager.

    Attributes:
        path: of the file.
        opening: what was found in it.
        usage: all that was ever asked, the failed requests included.
    """

    def __init__(self, folder: str | os.PathLike[str], prompt: Prompt, model: str) -> None:
        """Open the journal, or begin it; one process at a time.

        Raises:
            DatasetError: another run holds the folder, or the file is none of ours.
        """
        from filelock import FileLock, Timeout

        self._prompt, self._model = prompt, model
        self._head = {"journal": _FORM, "prompt": prompt.fingerprint, "model": model}
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{_name(self._head)}.jsonl"
        self.opening = Opening()
        self.usage = Usage()
        self._lines: dict[str, dict[str, Any]] = {}
        self._lock = FileLock(folder / ".lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise DatasetError(
                f"{folder}: another run is at work on this journal; wait for it, or stop it"
            ) from error
        try:
            self._file = self._open()
            self.opening.others = list(_list_others(folder, self.path))
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Journal:
        """Return the journal."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file and let others in."""
        self._file.close()
        self._lock.release()

    def __contains__(self, query: Query) -> bool:
        """Return True if the row has an outcome."""
        return self._key(query) in self._lines

    def __len__(self) -> int:
        """Return how many rows have an outcome."""
        return len(self._lines)

    def outcome(self, query: Query) -> Outcome | None:
        """Return what became of a row; None where that is not settled."""
        line = self._lines.get(self._key(query))
        return None if line is None else _from_line(line, query)

    def append(self, outcomes: Iterable[tuple[Query, Outcome]]) -> None:
        """Write outcomes down; they are on the disk when this returns.

        A row that is settled already is left as it is; a failed outcome settles nothing, but what
        it took is kept.
        """
        text = ""
        for query, outcome in outcomes:
            key = self._key(query)
            if key in self._lines or (outcome.failure and outcome.usage == Usage()):
                continue
            line = _to_line(key, outcome)
            self.usage += outcome.usage
            if not outcome.failure:
                self._lines[key] = line
            text += canonical_json(line) + "\n"
        if text:
            self._file.write(text.encode("utf-8", "backslashreplace"))
            self._file.flush()
            os.fsync(self._file.fileno())

    def _key(self, query: Query) -> str:
        return row_key(query, self._prompt, self._model)

    def _open(self) -> BinaryIO:
        """Return the file, ready to be written to, after a look at what it holds."""
        new = not self.path.exists() or not self.path.stat().st_size
        file = self.path.open("ab+")
        if new:
            file.write((canonical_json(self._head) + "\n").encode())
            file.flush()
            os.fsync(file.fileno())
            _sync_folder(self.path.parent)
            return file
        file.seek(0)
        whole = 0
        for number, content in enumerate(file):
            if not content.endswith(b"\n"):
                self.opening.healed = len(content)
                break
            whole += len(content)
            if number == 0:
                self._check_head(content)
            else:
                self._take(content)
        file.truncate(whole)
        if whole == 0:
            file.close()
            self.path.unlink()
            return self._open()
        self.opening.settled = len(self._lines)
        return file

    def _check_head(self, content: bytes) -> None:
        try:
            head = json.loads(content)
        except ValueError:
            head = None
        if head != self._head:
            raise DatasetError(
                f"{self.path}: does not begin like a journal of this prompt and model; move it away"
            )

    def _take(self, content: bytes) -> None:
        try:
            line = json.loads(content)
            self.usage += Usage(**line["usage"])
            if not line["failure"]:
                self._lines[line["key"]] = line
        except (ValueError, TypeError, KeyError):
            self.opening.damaged += 1


def _name(head: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(head).encode()).hexdigest()[:16]


def _to_line(key: str, outcome: Outcome) -> dict[str, Any]:
    line: dict[str, Any] = {"key": key}
    if (query := outcome.query) is not None:
        line["text"] = query.text
        line["style"] = query.provenance.style if query.provenance else ""
        line["entities"] = [entity.to_row() for entity in query.entities]
    line["refusals"] = [list(refusal) for refusal in outcome.refusals]
    line |= {"usage": outcome.usage.to_row(), "failure": outcome.failure}
    return line | ({"reply": outcome.reply} if outcome.reply else {})


def _from_line(line: Mapping[str, Any], query: Query) -> Outcome:
    rewritten = None
    if "text" in line:
        provenance = query.provenance and replace(
            query.provenance, style=line["style"], origin=REWRITTEN
        )
        entities = tuple(Entity.from_row(entity) for entity in line["entities"])
        part = Part(0, len(line["text"]), query.intent)
        rewritten = Query(line["text"], query.intent, entities, (part,), provenance)
    refusals = tuple((kind, detail) for kind, detail in line["refusals"])
    return Outcome(
        rewritten, refusals, Usage(**line["usage"]), line["failure"], line.get("reply", "")
    )


def _list_others(folder: Path, own: Path) -> Iterator[tuple[str, str]]:
    """Yield prompt and model of the folder's other journals, by name of the file."""
    for path in sorted(folder.glob("*.jsonl")):
        if path != own:
            with path.open("rb") as file:
                first = file.readline()
            try:
                head = json.loads(first)
                yield str(head["prompt"]), str(head["model"])
            except (ValueError, TypeError, KeyError):
                continue  # none of ours


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file last; Windows does so by itself, and opens no folders."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
