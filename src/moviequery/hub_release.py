"""A finished folder as a release: what is sent, under which version, and why it may not be."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from . import __version__
from .errors import HubError
from .hub_contents import find_faults

CARD, SUMS = "README.md", "SHA256SUMS"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_TEXTS = (".md", ".txt", ".json")
_PICTURES = (".png", ".svg", ".jpg")
# What Python, tools and editors leave behind; it is named in the report, and not sent.
_LEFT_OUT = re.compile(r"(^|/)(__pycache__|\.cache|\.ipynb_checkpoints)/|\.pyc$|(^|/)\.DS_Store$")
# The Hub takes no larger file, and asks for fewer.
_MOST_BYTES = 50 * 10**9
_MOST_FILES = 10_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What a sort of repository may and must hold.

    Attributes:
        repo_type: the Hub's own word for it.
        suffixes: of the files that may be sent; all others are refused by name.
    """

    repo_type: str
    suffixes: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    "dataset": Kind("dataset", (*_TEXTS, *_PICTURES, ".parquet", ".jsonl")),
    "adapter": Kind(
        "model",
        (*_TEXTS, *_PICTURES, ".safetensors", ".onnx", ".jinja", ".model", ".jsonl"),
    ),
    "metric": Kind("space", (*_TEXTS, ".py")),
    "space": Kind("space", (*_TEXTS, *_PICTURES, ".py", ".css", ".toml")),
}
_SUFFIXLESS = ("LICENSE", "NOTICE", SUMS, ".gitattributes")


@dataclass(frozen=True)
class Release:
    """What is sent.

    Attributes:
        kind: a key of `KINDS`.
        repo_id: `NAMESPACE/NAME`.
        files: what stands under each path of the repository: a file, or its bytes.
        header: the card's metadata.
        left_out: files of the folder that are not sent.
    """

    kind: str
    repo_id: str
    files: Mapping[str, Path | bytes]
    header: Mapping[str, object]
    left_out: tuple[str, ...] = ()

    @property
    def repo_type(self) -> str:
        """The Hub's word for the kind."""
        return KINDS[self.kind].repo_type

    @property
    def card(self) -> str:
        """The text of the card."""
        return read_bytes(self.files[CARD]).decode()

    @cached_property
    def sums(self) -> dict[str, str]:
        """The SHA-256 of each file."""
        return {name: hash_file(source) for name, source in self.files.items()}

    def git_hash(self, name: str) -> str:
        """Return the hash that git gives the file."""
        data = read_bytes(self.files[name])
        return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()

    @property
    def origin(self) -> Mapping[str, object]:
        """What the card says of the version, and of what the content was made from."""
        found = self.header.get("moviequery")
        return found if isinstance(found, dict) else {}

    @property
    def version(self) -> str:
        """The version of moviequery that made the content."""
        return str(self.origin.get("version") or __version__)

    @cached_property
    def fingerprint(self) -> str:
        """What the content was made from, where the card knows it; else a hash of the content."""
        if known := self.origin.get("fingerprint"):
            return str(known)
        lines = [f"{sum_}  {name}\n" for name, sum_ in self.sums.items() if name != CARD]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def tag(self) -> str:
        """The name of the release: version, fingerprint and, of a dataset, how many rows."""
        counts = [str(self.origin[key]) for key in ("rows", "challenge") if self.origin.get(key)]
        return "-".join([f"v{self.version}", re.sub(r"\W", "", self.fingerprint)[:12], *counts])

    @property
    def message(self) -> str:
        """The commit's message."""
        return f"moviequery {self.kind} {self.version}, fingerprint {self.fingerprint}"

    @property
    def sizes(self) -> dict[str, int]:
        """The bytes of each file."""
        return {
            name: len(source) if isinstance(source, bytes) else source.stat().st_size
            for name, source in self.files.items()
        }


def read_bytes(source: Path | bytes) -> bytes:
    """Return what a file of a release holds."""
    return source if isinstance(source, bytes) else source.read_bytes()


def hash_file(source: Path | bytes) -> str:
    """Return the SHA-256 of a file of a release."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_name(repo_id: str) -> None:
    """Refuse what is no name of a repository.

    Raises:
        HubError: says which form it has.

    Example:
        >>> check_name("films/queries")
    """
    if not _NAME.fullmatch(repo_id) or ".." in repo_id or "--" in repo_id:
        raise HubError(
            f"{repo_id!r} is no name of a repository; give NAMESPACE/NAME, of letters, digits, "
            "and single '-', '_' or '.' between them"
        )


def list_files(folder: Path) -> tuple[dict[str, Path], tuple[str, ...]]:
    """Return the files of a folder by their path in it, sorted, and what is left out.

    Raises:
        HubError: there is no such folder, or it is empty.
    """
    if not folder.is_dir():
        raise HubError(f"{folder}: there is no such folder")
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    )
    left_out = tuple(name for name in names if _LEFT_OUT.search(name))
    files = {name: folder / name for name in names if name not in left_out}
    if not files:
        raise HubError(f"{folder}: there is nothing in it to publish")
    return files, left_out


def find_file_faults(
    kind: str, files: Mapping[str, Path | bytes], folder: Path, token: str | None
) -> list[str]:
    """Return what must not be sent, each as `NAME: reason`."""
    faults = [f"{len(files):,} files; the Hub takes {_MOST_FILES:,}"] * (len(files) > _MOST_FILES)
    for name, source in files.items():
        if fault := _find_name_fault(kind, name, source):
            faults.append(f"{name}: {fault}")
        if isinstance(source, bytes) or (source.is_file() and not source.is_symlink()):
            faults += find_faults(name, source, folder, token)
    return [*faults, *_find_sum_faults(files)]


def _find_name_fault(kind: str, name: str, source: Path | bytes) -> str | None:
    path = Path(name)
    if isinstance(source, Path):
        if source.is_symlink():
            return "is a link; what it leads to is not part of the folder"
        if not source.is_file():
            return "is no plain file"
        if source.stat().st_size > _MOST_BYTES:
            return f"has {source.stat().st_size:,} bytes; the Hub takes {_MOST_BYTES:,}"
    if name in _SUFFIXLESS or path.name in ("LICENSE", "NOTICE"):
        return None
    if any(part.startswith(".") for part in path.parts):
        return "is hidden, as secrets and settings are; move it out of the folder"
    if path.suffix not in KINDS[kind].suffixes:
        known = ", ".join(KINDS[kind].suffixes)
        return f"is not a kind of file that belongs to {_article(kind)} ({known})"
    return None


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _find_sum_faults(files: Mapping[str, Path | bytes]) -> Iterator[str]:
    """Yield the files that are not what the folder's own list of sums says."""
    if SUMS not in files:
        return
    for line in read_bytes(files[SUMS]).decode(errors="replace").splitlines():
        expected, _, name = line.partition("  ")
        if name not in files:
            yield f"{name}: is missing, but stands in {SUMS}"
        elif hash_file(files[name]) != expected:
            yield f"{name}: has changed since it was written ({SUMS}); build the folder again"
