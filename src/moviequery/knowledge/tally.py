"""Counts what happened to the rows of one table, so that nothing is dropped in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

# Long enough to find the row again, short enough for one line of a terminal.
_EXAMPLE_LENGTH = 90


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one table.

    Attributes:
        path: the file or endpoint.
        format: what it was recognised as, in words.
        source: name of the source its films are attributed to.
        rows: data rows seen, readable or not; films for WikiMovies and RDF, whose films span lines.
        movies: films read.
        shows: series read.
        skipped: reason -> rows that gave no film.
        examples: reason -> "line 12: ...", the first such row; repairs are shown here too.
        repaired: reason -> rows that were read after a small repair, or without one bad value.
    """

    path: str
    format: str
    source: str
    rows: int
    movies: int
    shows: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)
    repaired: Mapping[str, int] = field(default_factory=dict)

    def summary(self) -> str:
        """Return the report as lines for a terminal."""
        lines = [
            f"{self.path}: {self.format}, source {self.source}",
            f"  {self.rows:,} rows, {self.movies:,} films, {self.shows:,} shows",
        ]
        for word, counts in (("skipped", self.skipped), ("repaired", self.repaired)):
            lines += [
                f"  {word} {count:,}: {reason} ({self.examples[reason]})"
                for reason, count in counts.items()
            ]
        return "\n".join(lines)


class Tally:
    """Counts rows, skips and repairs while a table is read."""

    def __init__(self) -> None:
        """Start at zero."""
        self.rows = 0
        self._skipped: Counter[str] = Counter()
        self._repaired: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    def skip(self, reason: str, line: int | str, what: object = "") -> None:
        """Count a row that gives no film."""
        self._skipped[reason] += 1
        self._keep_example(reason, line, what)

    def repair(self, reason: str, line: int | str, what: object = "") -> None:
        """Count a row that was read after a repair."""
        self._repaired[reason] += 1
        self._keep_example(reason, line, what)

    def reasons(self) -> str:
        """Return the skips with an example each, as one line for an error."""
        return "; ".join(
            f"{count:,} x {reason} ({self._examples[reason]})"
            for reason, count in self._skipped.most_common()
        )

    def report(
        self, path: str, format_name: str, source: str, kinds: Mapping[str, int]
    ) -> FileReport:
        """Return the counts; reasons come sorted by count, then by text."""
        return FileReport(
            path=path,
            format=format_name,
            source=source,
            rows=self.rows,
            movies=kinds.get("movie", 0),
            shows=kinds.get("show", 0),
            skipped=_ordered(self._skipped),
            examples=dict(sorted(self._examples.items())),
            repaired=_ordered(self._repaired),
        )

    def _keep_example(self, reason: str, line: int | str, what: object) -> None:
        if reason in self._examples:
            return
        # a cell may be a megabyte long: cut before the whitespace is tidied
        text = " ".join(str(what)[: 4 * _EXAMPLE_LENGTH].split())
        if len(text) > _EXAMPLE_LENGTH:
            text = f"{text[:_EXAMPLE_LENGTH]}..."
        place = f"line {line}" if isinstance(line, int) else line
        self._examples[reason] = f"{place}: {text}" if text else place


def _ordered(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
