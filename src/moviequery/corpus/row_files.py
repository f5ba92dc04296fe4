"""Rows to files: a Parquet file per split, and JSON lines of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DatasetError
from ..schema import Query, canonical_json
from .census import Census
from .features import features, to_example
from .splits import split_of

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_ROW_GROUP = 1_000


def write_rows(
    rows: Iterator[Query], folder: Path, lines: Path | None = None
) -> tuple[Census, dict[str, int]]:
    """Return the counts, and bytes in memory by split, of the rows that now stand in the files.

    Args:
        rows: in the order that they are written in.
        folder: gets a `SPLIT-00000-of-00001.parquet` for each split.
        lines: also gets all rows, as canonical JSON.

    Raises:
        DatasetError: there are no rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = features().arrow_schema
    census = Census()
    sizes: dict[str, int] = {}
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        text = (
            stack.enter_context(lines.open("w", encoding="utf-8", newline="\n")) if lines else None
        )
        writers: dict[str, pq.ParquetWriter] = {}
        while batch := list(islice(rows, _ROW_GROUP)):
            by_split: dict[str, list[dict[str, Any]]] = {}
            for query in batch:
                if text:
                    text.write(canonical_json(query.to_row()) + "\n")
                census.add(query)
                by_split.setdefault(split_of(query), []).append(to_example(query))
            for split, examples in by_split.items():
                if split not in writers:
                    path = folder / f"{split}-00000-of-00001.parquet"
                    writers[split] = stack.enter_context(pq.ParquetWriter(path, schema))
                table = pa.Table.from_pylist(examples, schema=schema)
                writers[split].write_table(table)
                sizes[split] = sizes.get(split, 0) + table.nbytes
    if not census.rows:
        raise DatasetError("there are no queries to write")
    return census, sizes
