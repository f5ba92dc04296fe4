"""The SHA-256 sums that tell a whole folder from a damaged one."""

from __future__ import annotations

import hashlib
from pathlib import Path

CHECKSUMS = "SHA256SUMS"


def write_checksums(folder: Path) -> None:
    """Write the sums of all files of the folder, in the form that `sha256sum -c` reads."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    temporary = folder / f".{CHECKSUMS}"
    temporary.write_text("".join(lines), encoding="utf-8", newline="\n")
    temporary.replace(folder / CHECKSUMS)


def matches_checksums(folder: Path) -> bool:
    """Return True when the folder has sums, and every file they name is there unchanged."""
    sums = folder / CHECKSUMS
    if not sums.is_file():
        return False
    for line in sums.read_text(encoding="utf-8").splitlines():
        expected, _, name = line.partition("  ")
        path = folder / name
        if not path.is_file() or _sha256(path) != expected:
            return False
    return True


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
