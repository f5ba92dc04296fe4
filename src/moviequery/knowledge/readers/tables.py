"""Rows of CSV tables and JSON lines, as a stream, with the line each row starts on."""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..tally import Tally

# One cell of 16 million characters is still read; the csv module's own limit is 131,072.
CELL_LIMIT = 1 << 24
_DELIMITERS = ",;\t|"

Row = tuple[int, Mapping[str, Any]]


def split_header(line: str) -> tuple[list[str], str]:
    """Return the column names of a CSV header and the delimiter that parts them.

    Example:
        >>> split_header("title;year;genres")
        (['title', 'year', 'genres'], ';')
    """
    readings = [(next(csv.reader([line], delimiter=mark), []), mark) for mark in _DELIMITERS]
    columns, mark = max(readings, key=lambda reading: len(reading[0]))
    return [column.strip() for column in columns], mark


def csv_rows(lines: Iterable[str], delimiter: str, tally: Tally) -> Iterator[Row]:
    """Yield (line, cells by column); rows whose cells do not fit the header are counted."""
    previous_limit = csv.field_size_limit(CELL_LIMIT)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        columns = [column.strip() for column in next(reader, [])]
        while True:
            start = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                tally.rows += 1
                tally.skip("not valid CSV", start, error)
                continue
            if cells is None:
                return
            if not any(cell.strip() for cell in cells):
                continue
            tally.rows += 1
            if len(cells) != len(columns):
                what = f"{len(cells)} cells for {len(columns)} columns: {cells[:3]}"
                place = f"lines {start}-{reader.line_num}" if reader.line_num > start else start
                tally.skip("wrong number of cells", place, what)
                continue
            yield start, dict(zip(columns, cells, strict=True))
    finally:
        csv.field_size_limit(previous_limit)


def json_rows(lines: Iterable[str], tally: Tally) -> Iterator[Row]:
    """Yield (line, object) of JSON lines; Python literals, as Amazon had in 2014, too."""
    for line_number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        tally.rows += 1
        row = parse_object(line)
        if row is None:
            tally.skip("not a JSON object", line_number, line)
        else:
            yield line_number, row


def parse_object(line: str) -> dict[str, Any] | None:
    """Return the JSON object or Python dictionary that the line holds, or None.

    Example:
        >>> parse_object('{"title": "Heat"}') == parse_object("{'title': 'Heat'}")
        True
    """
    value = parse_literal(line)
    return value if isinstance(value, dict) else None


def parse_literal(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value of a JSON text or Python literal, or None; nothing is ever evaluated."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        pass
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
