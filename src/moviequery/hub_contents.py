"""What must not leave this machine: tokens, keys, pickles, and paths of this disk inside files."""

from __future__ import annotations

import json
import os
import pickletools
import re
import struct
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_PIECE = 2**20
_OVERLAP = 512  # longer than any token or path that is looked for

# Each begins with a literal, by which `re` finds candidates at the speed of memory.
_SECRETS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("a Hugging Face token", re.compile(rb"hf_[A-Za-z0-9]{30,}")),
    ("a Hugging Face token", re.compile(rb"api_org_[A-Za-z0-9]{30,}")),
    ("a GitHub token", re.compile(rb"gh[pousr]_[A-Za-z0-9]{36}")),
    ("a GitHub token", re.compile(rb"github_pat_[A-Za-z0-9_]{40,}")),
    ("a GitLab token", re.compile(rb"glpat-[A-Za-z0-9_-]{20}")),
    # with a capital and a digit, and no word before it: "ask-the-dust-..." is the slug of a film
    (
        "an OpenAI or Anthropic key",
        re.compile(rb"sk-(?<![A-Za-z0-9]sk-)(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[\w-]{32,}"),
    ),
    ("an AWS key", re.compile(rb"AKIA[0-9A-Z]{16}(?![0-9A-Z])")),
    ("a Google key", re.compile(rb"AIza[0-9A-Za-z_-]{35}")),
    ("a Slack token", re.compile(rb"xox[baprs]-[0-9A-Za-z-]{20,}")),
    ("a PyPI token", re.compile(rb"pypi-AgE[A-Za-z0-9_-]{40,}")),
    ("a Weights & Biases key", re.compile(rb"WANDB_API_KEY\W{1,4}[0-9a-f]{40}")),
    ("a private key", re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
)
# What stands before the slash of a path of its own, as against that of a URL or of "and/or".
_WITHIN = re.compile(rb"[\w.:/~}$-]")
_ROOTS: tuple[str, ...] = (
    "home",
    "root",
    "Users",
    "tmp",
    "var",
    "mnt",
    "media",
    "opt",
    "srv",
    "scratch",
)
_ROOTS += ("workspace", "content", "kaggle", "private", "Volumes", "data", "work")
_PATHS = tuple(re.compile(rf"/{root}/[\w.-]{{2,}}".encode()) for root in _ROOTS)
_SHORT_PATHS = (
    re.compile(rb"[A-Za-z]:\\{1,2}[\w .-]+\\{1,2}[\w.-]+"),
    re.compile(rb"file://[\w./-]+"),
)
# bytes of tensors hit upon a short pattern by chance
_BINARY = (".onnx", ".safetensors", ".parquet", ".png", ".jpg", ".model")
_ARCHIVES = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf",
    b"\x28\xb5\x2f\xfd",
)


def find_faults(name: str, source: Path | bytes, folder: Path, token: str | None) -> list[str]:
    """Return why a file must not be sent, each as `NAME: reason`; never what a secret says.

    Args:
        name: of the file in the repository.
        source: the file, or its bytes.
        folder: the folder it comes from, whose own path must not be in it.
        token: one that is in use; it is looked for as it is.
    """
    reasons: dict[str, None] = {}
    own = _own_paths(folder)
    for piece in _pieces(source):
        for reason in [
            *_find_secrets(piece, token),
            *_find_paths(piece, own, () if name.endswith(_BINARY) else _SHORT_PATHS),
        ]:
            reasons[reason] = None
    for text in _parquet_texts(name, source):
        for reason in [*_find_secrets(text, token), *_find_paths(text, own, _SHORT_PATHS)]:
            reasons[reason] = None
    if fault := _find_format_fault(name, source):
        reasons[fault] = None
    return [f"{name}: {reason}" for reason in reasons]


def _find_secrets(data: bytes, token: str | None) -> Iterator[str]:
    if token and token.encode() in data:
        yield "holds the token that is in use here"
    for what, pattern in _SECRETS:
        if pattern.search(data):
            yield f"holds {what}"


def _find_paths(
    data: bytes, own: Iterable[bytes], more: Iterable[re.Pattern[bytes]]
) -> Iterator[str]:
    for path in own:
        if path in data:
            yield f"holds the local path {path.decode()}"
    for pattern in _PATHS:
        for found in pattern.finditer(data):
            if not _WITHIN.match(data[max(0, found.start() - 1) : found.start()]):
                yield f"holds the local path {found[0].decode(errors='replace')}"
                break
    for pattern in more:
        if first := pattern.search(data):
            yield f"holds the local path {first[0].decode(errors='replace')}"


def _own_paths(folder: Path) -> list[bytes]:
    """Return the paths of this machine that are long enough to be told from ordinary words."""
    places = (folder.resolve(), Path.cwd(), Path.home(), Path(tempfile.gettempdir()))
    names = {os.fspath(path) + os.sep for path in places if len(path.parts) > 2}
    return [name.encode() for name in sorted(names)]


def _pieces(source: Path | bytes) -> Iterator[bytes]:
    """Yield a file's bytes in overlapping pieces."""
    if isinstance(source, bytes):
        yield source
        return
    rest = b""
    with source.open("rb") as file:
        while data := file.read(_PIECE):
            yield rest + data
            rest = data[-_OVERLAP:]


def _parquet_texts(name: str, source: Path | bytes) -> Iterator[bytes]:
    """Yield the strings of a Parquet file, whose columns are compressed."""
    if not name.endswith(".parquet") or isinstance(source, bytes):
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        for batch in pq.ParquetFile(source).iter_batches():
            arrays = list(batch.columns)
            while arrays:
                array = arrays.pop()
                if pa.types.is_struct(array.type) or pa.types.is_list(array.type):
                    arrays += array.flatten() if pa.types.is_struct(array.type) else [array.values]
                elif pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
                    values = array.unique().to_pylist()
                    yield "\n".join(value for value in values if value).encode()
    except (OSError, pa.ArrowException):
        return  # `_find_format_fault` says so


def _find_format_fault(name: str, source: Path | bytes) -> str | None:
    """Return what is wrong with a file of this name, as far as its own format shows it."""
    data = source if isinstance(source, bytes) else _peek(source)
    if data.startswith(_ARCHIVES):
        return "is an archive; what is in it cannot be checked"
    if _is_pickle(source):
        return "is a pickle, which runs code when it is loaded"
    if name.endswith(".json"):
        return _find_json_fault(source)
    if name.endswith(".parquet"):
        return None if data.startswith(b"PAR1") else "is no Parquet file"
    if name.endswith(".safetensors") and isinstance(source, Path):
        return _find_tensor_fault(source)
    return None


def _peek(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _is_pickle(source: Path | bytes) -> bool:
    """Return True when the whole file is a pickle of any protocol, whatever its name."""
    data = source if isinstance(source, bytes) else _peek(source)
    # protocols 2 to 5 begin so; of 0 and 1 the first byte is one of few
    if not (data[:1] == b"\x80" or data[:1] in b"(]})lcIVSFKMGNU"):
        return False
    whole = source if isinstance(source, bytes) else source.read_bytes()
    if not whole.endswith(b"."):
        return whole[:1] == b"\x80" and whole[1:2] in b"\x02\x03\x04\x05"
    try:
        operations = [operation.name for operation, _, _ in pickletools.genops(whole)]
    except (ValueError, IndexError, UnicodeDecodeError):
        return False
    return operations[-1:] == ["STOP"]


def _find_json_fault(source: Path | bytes) -> str | None:
    try:
        json.loads(source if isinstance(source, bytes) else source.read_bytes())
    except ValueError as error:
        return f"is no JSON ({error})"
    return None


def _find_tensor_fault(path: Path) -> str | None:
    """Return what is wrong with a safetensors file: its header must account for every byte."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else size
        try:
            header = json.loads(file.read(length) if length < size else b"0")
            ends = [value["data_offsets"][1] for key, value in header.items() if key[0] != "_"]
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            return "is no safetensors file"
    if 8 + length + max(ends, default=0) != size:
        return "is a safetensors file with bytes that no tensor accounts for, or cut short"
    return None
