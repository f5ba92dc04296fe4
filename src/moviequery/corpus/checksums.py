"""The SHA-256 sums that tell a whole folder from a damaged one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..errors import DatasetError

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
    return (folder / CHECKSUMS).is_file() and not _damaged(folder, folder)


def refuse_damage(folder: Path, only: Path) -> None:
    """Refuse a folder in which a file differs from its sum; one without sums is taken as it is.

    Args:
        folder: what may hold the sums.
        only: the one file that is looked at, or the folder itself for all.

    Raises:
        DatasetError: naming the files.
    """
    if damaged := _damaged(folder, only):
        raise DatasetError(
            f"{folder}: {', '.join(damaged)} missing or changed since it was written; build it "
            f"again, or remove {CHECKSUMS} if the change was meant"
        )


def _damaged(folder: Path, only: Path) -> list[str]:
    """Return the names of files that differ from their sums or are gone."""
    sums = folder / CHECKSUMS
    if not sums.is_file():
        return []
    damaged = []
    for line in sums.read_text(encoding="utf-8", errors="replace").splitlines():
        expected, _, name = line.partition("  ")
        path = folder / name
        if only in (folder, path) and (not path.is_file() or _sha256(path) != expected):
            damaged.append(name)
    return damaged


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
