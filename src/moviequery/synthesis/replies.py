"""Replies that were paid for, in a file that only grows: a second run asks for none of them again.

Each line is a reply under the key of its request and is on the disk (fsync) before it counts. A
line that a crash cut off is cut away when the file is opened.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from types import TracebackType

from ..errors import WriterError
from ..schema import canonical_json
from .writers import Message, Reply


class ReplyLog:
    """Replies by request, for one process at a time; a context manager.

    Attributes:
        path: of the file.
        healed: bytes of a line that a crash had cut off.
        damaged: lines that cannot be read; their requests are made again.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open the file, or begin it.

        Raises:
            WriterError: another run holds it.
        """
        from filelock import FileLock, Timeout

        self.path = Path(path)
        self.healed = self.damaged = 0
        self._replies: dict[str, Reply] = {}
        self._writing = Lock()
        self._lock = FileLock(self.path.with_name(f".{self.path.name}.lock"))
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise WriterError(
                f"{self.path}: another run is at work on it; wait, or stop it"
            ) from error
        self._file = self.path.open("ab+")
        self._file.seek(0)
        whole = 0
        for content in self._file:
            if not content.endswith(b"\n"):
                self.healed = len(content)
                break
            whole += len(content)
            self._take(content)
        self._file.truncate(whole)

    def __enter__(self) -> ReplyLog:
        """Return the log."""
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

    def __len__(self) -> int:
        """Return how many replies there are."""
        return len(self._replies)

    def find(self, model: str, messages: Sequence[Message]) -> Reply | None:
        """Return the reply that a model gave to a conversation; None where there is none."""
        return self._replies.get(_key(model, messages))

    def keep(self, model: str, messages: Sequence[Message], reply: Reply) -> None:
        """Write a reply down, from any thread; it is on the disk when this returns."""
        key = _key(model, messages)
        line = canonical_json({"key": key, **asdict(reply)}) + "\n"
        with self._writing:
            self._file.write(line.encode("utf-8", "backslashreplace"))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._replies[key] = reply

    def _take(self, content: bytes) -> None:
        try:
            line = json.loads(content)
            key = line.pop("key")
            self._replies[key] = Reply(**line)
        except (ValueError, TypeError, KeyError, AttributeError):
            self.damaged += 1


def _key(model: str, messages: Sequence[Message]) -> str:
    content = canonical_json({"model": model, "messages": [dict(one) for one in messages]})
    return hashlib.sha256(content.encode("utf-8", "backslashreplace")).hexdigest()[:32]
