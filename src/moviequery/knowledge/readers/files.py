"""Opens a user's file whatever its packing and encoding, and says what is wrong if it cannot."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ...errors import CatalogueError
from ..tally import Tally

# Enough for the widest known header and a first row with a long overview.
HEAD_BYTES = 1 << 16
_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
_PACKINGS = {
    b"\xff\xfe\x00\x00": "text in UTF-32: save it as UTF-8",
    b"\x00\x00\xfe\xff": "text in UTF-32: save it as UTF-8",
    b"PK\x03\x04": "a zip archive: unpack it and pass the table inside",
    b"PAR1": "a Parquet file: write it as CSV or JSON lines first",
    b"SQLite format 3": "an SQLite database: export its film table as CSV first",
    b"%PDF": "a PDF: pass the table itself, as CSV or JSON lines",
    b"BZh": "packed with bzip2: unpack it, or pack it with gzip",
    b"\xfd7zXZ": "packed with xz: unpack it, or pack it with gzip",
    b"(\xb5/\xfd": "packed with zstandard: unpack it, or pack it with gzip",
    b"7z\xbc\xaf": "a 7z archive: unpack it and pass the table inside",
}
_BROKEN_GZIP = (EOFError, zlib.error, gzip.BadGzipFile)


def read_head(path: Path) -> str:
    """Return the first characters of the file, unpacked and decoded; never the middle of a line.

    Raises:
        CatalogueError: the file is missing, a folder, empty or not text.
    """
    head = _head_bytes(path)
    for magic, advice in _PACKINGS.items():
        if head.startswith(magic):
            raise CatalogueError(f"{path} is {advice}.")
    if not head.strip(b"\x00 \t\r\n" + _UTF8_MARK):
        raise CatalogueError(f"{path} is empty: there is no film in it.")
    if head.startswith(_UTF16):
        return head.decode("utf-16", errors="ignore")
    if len(head) == HEAD_BYTES and b"\n" in head:
        head = head[: head.rindex(b"\n") + 1]
    control = sum(byte < 9 or 13 < byte < 32 for byte in head)
    # a few stray NUL bytes are mended line by line; a tenth of the file is another kind of file
    if control > len(head) / 10:
        raise CatalogueError(
            f"{path} is not text: {control:,} of its first {len(head):,} bytes are control "
            "characters. Pass CSV, JSON lines, WikiMovies facts, Turtle, N-Triples or N-Quads, "
            "best saved as UTF-8."
        )
    return _decode(head.removeprefix(_UTF8_MARK)).replace("\x00", "")


def read_lines(path: Path, tally: Tally) -> Iterator[str]:
    """Yield the decoded lines with their line ends; what had to be mended is counted.

    UTF-8 with or without mark, UTF-16 with mark; a line that is not UTF-8 is taken as cp1252.
    A damaged gzip file gives the lines before the damage.
    """
    line_number = 0
    with open_unpacked(path) as stream:
        try:
            for raw in _raw_lines(stream):
                line_number += 1
                yield raw if isinstance(raw, str) else _clean(raw, line_number, tally)
        except _BROKEN_GZIP as error:
            tally.skip("the gzip file is cut off or damaged here", line_number + 1, error)


def open_unpacked(path: Path) -> BinaryIO:
    """Return the file opened for reading bytes, through gzip where it is packed."""
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    # gzip.open is typed as GzipFile, which is a BinaryIO in all that is used here
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _head_bytes(path: Path) -> bytes:
    if not path.exists():
        raise CatalogueError(f"{path} does not exist.")
    if path.is_dir():
        raise CatalogueError(f"{path} is a folder: pass the tables in it one by one.")
    head = b""
    try:
        with open_unpacked(path) as stream:
            while len(head) < HEAD_BYTES and (chunk := stream.read(HEAD_BYTES - len(head))):
                head += chunk
    except _BROKEN_GZIP as error:
        head = head or _salvage(path)
        if not head:
            raise CatalogueError(
                f"{path} is a gzip file that is damaged from its beginning: fetch or pack it again."
            ) from error
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error}") from error
    return head


def _salvage(path: Path) -> bytes:
    """Return what a damaged gzip file still gives, read in small steps."""
    unpacker = zlib.decompressobj(wbits=31)
    with path.open("rb") as file:
        try:
            return unpacker.decompress(file.read(HEAD_BYTES), HEAD_BYTES)
        except zlib.error:
            return b""


def _raw_lines(stream: BinaryIO) -> Iterator[bytes] | Iterator[str]:
    first = stream.readline()
    if first.startswith(_UTF16):
        stream.seek(0)
        yield from io.TextIOWrapper(stream, encoding="utf-16", errors="replace", newline="")
        return
    first = first.removeprefix(_UTF8_MARK)
    # no line feed in the whole file: an old Mac ended its lines with carriage returns
    yield from first.splitlines(keepends=True) if b"\r" in first[:-2] else [first]
    yield from stream


def _clean(raw: bytes, line_number: int, tally: Tally) -> str:
    if b"\x00" in raw:
        raw = raw.replace(b"\x00", b"")
        tally.repair("NUL bytes removed", line_number, raw[:80])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        text = _decode(raw)
        tally.repair("decoded as cp1252", line_number, text)
        return text


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # five bytes mean nothing in cp1252 either; they become the replacement character
        return raw.decode("cp1252", errors="replace")
