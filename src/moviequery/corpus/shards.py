"""Candidate rows of a run of indices as one Parquet file, which is read back whole or not at all.

A row lies in its file as the canonical JSON that `queries.jsonl` has too: nested columns take ten
times as long to read back (0.2 ms a row against 0.02), and whoever merges shards reads every row.
"""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..errors import DatasetError
from ..schema import Query, canonical_json

Span: TypeAlias = tuple[int, int]  # indices, half-open

_COLUMN = "query"
_KEY = b"moviequery"


@dataclass(frozen=True, slots=True)
class Shard:
    """The candidates of the indices in `[start, stop)`, in order."""

    start: int
    stop: int
    queries: tuple[Query, ...] = ()

    def to_bytes(self, fingerprint: str) -> bytes:
        """Return the shard as a Parquet file that says whose rows it holds, with checksums."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        about = canonical_json({"fingerprint": fingerprint, "start": self.start, "stop": self.stop})
        schema = pa.schema([(_COLUMN, pa.string())], {_KEY: about})
        lines = [canonical_json(query.to_row()) for query in self.queries]
        file = io.BytesIO()
        options = {"compression": "zstd", "use_dictionary": False, "write_page_checksum": True}
        pq.write_table(pa.table([lines], schema=schema), file, **options)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes, fingerprint: str) -> Shard:
        """Return the shard that `to_bytes` wrote.

        Raises:
            DatasetError: the content is damaged, or rows of another fingerprint.

        Example:
            >>> Shard.from_bytes(Shard(0, 10).to_bytes("mine"), "mine")
            Shard(start=0, stop=10, queries=())
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(
                io.BytesIO(content), use_threads=False, page_checksum_verification=True
            )
            start, stop = _read_span(table.schema.metadata, fingerprint)
            lines = table.column(_COLUMN).to_pylist()
            return cls(start, stop, tuple(Query.from_row(json.loads(line)) for line in lines))
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise DatasetError(f"not a whole shard ({error}); build it again") from error


class ShardStore:
    """A folder of shards of one fingerprint, each of which appears when it is whole."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        """Look at nothing yet; the folder must be there when a shard is kept."""
        self.folder = folder
        self.fingerprint = fingerprint

    def holds(self, span: Span) -> bool:
        """Return True if the file of a span is there and its end says that it is ours."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            metadata = pq.read_schema(self._place(span)).metadata
            return _read_span(metadata, self.fingerprint) == span
        except (OSError, pa.ArrowException, DatasetError, KeyError, TypeError, ValueError):
            return False

    def read(self, span: Span) -> Shard:
        """Return the shard of a span.

        Raises:
            DatasetError: it is missing, damaged or another's; names the file.
        """
        path = self._place(span)
        try:
            return Shard.from_bytes(path.read_bytes(), self.fingerprint)
        except (OSError, DatasetError) as error:
            raise DatasetError(f"{path}: {error}") from error

    def keep(self, shard: Shard) -> None:
        """Write a shard under a temporary name, then give it its own."""
        path = self._place((shard.start, shard.stop))
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_bytes(shard.to_bytes(self.fingerprint))
        temporary.replace(path)

    def _place(self, span: Span) -> Path:
        return self.folder / f"candidates-{span[0]:09d}-{span[1]:09d}.parquet"


def _read_span(metadata: dict[bytes, bytes] | None, fingerprint: str) -> Span:
    """Return the indices of a shard.

    Raises:
        DatasetError: it holds rows of another fingerprint.
    """
    about = json.loads((metadata or {})[_KEY])
    if about["fingerprint"] != fingerprint:
        raise DatasetError(f"holds rows of {about['fingerprint']!r}, not of {fingerprint!r}")
    return about["start"], about["stop"]
