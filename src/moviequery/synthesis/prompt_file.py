"""Prompts as TOML files that people can read and replace, checked before anything is asked."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import WriterError
from .json_replies import find_fault

TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}
TEXTS: Mapping[str, Any] = {"type": "array", "minItems": 1, "items": TEXT}


def read_prompt_file(path: str | os.PathLike[str]) -> bytes:
    """Return the bytes of a prompt file.

    Raises:
        WriterError: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise WriterError(f"{path}: cannot be read: {error.strerror}") from error


def parse_prompt_file(
    content: bytes,
    name: str,
    form: Mapping[str, Any],
    find_fault_of_parts: Callable[[Mapping[str, Any]], str],
    verb: str,
) -> dict[str, Any]:
    """Return the parts of a prompt file.

    Args:
        content: of the file.
        name: of the file, for people.
        form: JSON schema of what it must hold.
        find_fault_of_parts: says what is wrong between the parts, or nothing.
        verb: whose `--show-prompt` prints a file that works.

    Raises:
        WriterError: it is no TOML, or a part is missing or of another kind.
    """
    try:
        table = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WriterError(f"{name}: no TOML ({error})") from error
    if fault := find_fault(table, form, "the file") or find_fault_of_parts(table):
        hint = f"`moviequery {verb} --show-prompt` prints one that works"
        raise WriterError(f"{name}: {fault}; {hint}")
    return table
