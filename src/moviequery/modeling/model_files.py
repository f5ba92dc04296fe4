"""Which files a model is, so that work done with another is not taken for work with this one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .name_lexicon import NAMES_FILE
from .name_listing import PLAIN_WORDS_FILE
from .nano.folder import resolve_base

_WEIGHTS = (".safetensors", ".onnx")
_OTHERS = ("tokenizer.json", NAMES_FILE, PLAIN_WORDS_FILE)


def describe_model(name: str) -> dict[str, str]:
    """Return the files that decide what a model's folder answers, with a digest of each.

    A Hub id stands for itself.
    """
    folder = Path(resolve_base(name))
    if not folder.is_dir():
        return {"id": name}
    files = sorted(folder.rglob("*"))
    paths = [path for path in files if path.suffix in _WEIGHTS or path.name in _OTHERS]
    return {path.relative_to(folder).as_posix(): digest_file(path) for path in paths}


def digest_file(path: Path) -> str:
    """Return a short digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
