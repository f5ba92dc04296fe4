"""Rows of CSV tables and JSON lines, as a stream, with the line each row starts on."""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from ..tally import Tally
from ..vocabulary import has_half_character

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


class _Lines:
    """Lines on their way to the csv module, which can be given those of one row again.

    Attributes:
        number: how many are taken; the number of the last one.
        ended: True once more lines were asked for than there are.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.number = 0
        self.ended = False
        self._lines = iter(lines)
        self._row: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.number += 1
        self._row.append(line)
        return line

    def begin_row(self) -> int:
        """Return the number of the line that comes next; it begins a row."""
        self._row = []
        return self.number + 1

    def return_all_but_first(self) -> str:
        """Return the first line of the row; the others of it come once more."""
        first, *others = self._row
        self._lines = chain(others, self._lines)
        self.number -= len(others)
        self.ended = False
        return first


def csv_rows(lines: Iterable[str], delimiter: str, tally: Tally) -> Iterator[Row]:
    """Yield (line, cells by column); rows whose cells do not fit the header are counted.

    A quote that is never closed costs the line it stands on, and not the rest of the table.
    """
    previous_limit = csv.field_size_limit(CELL_LIMIT)
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter)
    try:
        columns = _read_header(source, reader, tally)
        while columns:
            start = source.begin_row()
            problem: object = ""
            cells: list[str] | None = None
            try:
                cells = next(reader, None)
            except csv.Error as error:
                problem = error
            if cells is None and not problem:
                return
            if cells is not None and not any(cell.strip() for cell in cells):
                continue
            tally.rows += 1
            # the module asks for a line too many only within quotes
            if (problem or source.ended) and source.number > start:
                first = source.return_all_but_first()
                tally.skip("a quote that is never closed", start, first)
            elif cells is None:
                tally.skip("not valid CSV", start, problem)
            elif len(cells) != len(columns):
                what = f"{len(cells)} cells for {len(columns)} columns: {cells[:3]}"
                place = f"lines {start}-{source.number}" if source.number > start else start
                tally.skip("wrong number of cells", place, what)
            else:
                yield start, dict(zip(columns, cells, strict=True))
    finally:
        csv.field_size_limit(previous_limit)


def _read_header(source: _Lines, reader: Iterator[list[str]], tally: Tally) -> list[str]:
    """Return the column names of the first row; the second "year" is called "year (2)"."""
    try:
        columns = [column.strip() for column in next(reader, [])]
    except csv.Error as error:
        tally.skip("the header is not valid CSV", 1, error)
        return []
    if source.ended and source.number > 1:
        tally.skip("a quote in the header is never closed", 1, source.return_all_but_first())
        return []
    names: list[str] = []
    for column in columns:
        if column and column in names:
            tally.repair("two columns of one name, the first was taken", 1, column)
            names.append(f"{column} ({columns[: len(names) + 1].count(column)})")
        else:
            names.append(column)
    return names


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
            yield line_number, _mend_halves(row, line, line_number, tally)


def _mend_halves(row: dict[str, Any], line: str, number: int, tally: Tally) -> dict[str, Any]:
    r"""Return the row with a question mark for each half of a surrogate pair that stands alone.

    JSON can write one, as in "\ud83c"; no file can hold it.
    """
    if "\\ud" not in line.lower():
        return row
    text = json.dumps(row, ensure_ascii=False, default=str)
    if not has_half_character(text):
        return row
    tally.repair("half a character replaced by ?", number, ascii(line))
    mended: dict[str, Any] = json.loads(text.encode("utf-8", errors="replace"))
    return mended


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
    # a plain ValueError: a number of more digits than Python converts
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
