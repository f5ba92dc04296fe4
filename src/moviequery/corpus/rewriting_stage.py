"""Rewriting as a stage: every shard has a journal of its own, so that many workers ask at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ..errors import WriterError
from ..schema import Query
from ..synthesis.journal import Journal
from ..synthesis.rewriting import Rewriter
from ..synthesis.rewriting_run import rewrite_rows
from .engines import Engine
from .shards import Shard, Span
from .stages import BuildStage

# So many rows at a time are one worker's: some minutes of a hosted model.
_SHARD = 200


class RewriteStage:
    """Puts the rows of a shard in other words, as `rewrite_rows` does in one process.

    Attributes:
        make: makes the rewriter, once in each process: clients and parsers cannot travel.
        folder: of the shards' journals; machines of a cluster must share it.
        concurrency: requests at once of each worker.
    """

    def __init__(self, make: Callable[[], Rewriter], folder: Path, concurrency: int = 8) -> None:
        """Make nothing yet."""
        self.make = make
        self.folder = folder
        self.concurrency = concurrency
        self._rewriter: Rewriter | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what makes a rewriter, and none."""
        return {**self.__dict__, "_rewriter": None}

    def __call__(self, shard: Shard) -> Shard:
        """Return the shard in new words; rows whose replies were refused stay as they are.

        Raises:
            WriterError: rows are left without an answer; those that have one are in the journal.
        """
        rewriter = self._rewriter = self._rewriter or self.make()
        place = place_journal(self.folder, (shard.start, shard.stop))
        with Journal(place, rewriter.prompt, rewriter.model) as journal:
            rewrite_rows(rewriter, shard.queries, journal, concurrency=self.concurrency)
            outcomes = [(query, journal.outcome(query)) for query in shard.queries]
        if left := sum(outcome is None for _, outcome in outcomes):
            raise WriterError(f"{left} rows from {shard.start} on have no answer yet")
        rows = [outcome and outcome.query or query for query, outcome in outcomes]
        return replace(shard, queries=tuple(rows))


@dataclass(slots=True)
class _Pending:
    """Rows by position, as a builder gives them; None for one that has an outcome."""

    rows: tuple[Query | None, ...]
    seed: int = 0
    fingerprint: str = ""

    def row(self, index: int) -> Query | None:
        return self.rows[index]


def rewrite_in_shards(
    engine: Engine,
    make: Callable[[], Rewriter],
    rows: Sequence[Query],
    journal: Journal,
    rewriter: Rewriter,
    *,
    concurrency: int = 8,
) -> None:
    """Have an engine's workers rewrite the rows that the journal lacks, and gather what they did.

    Args:
        engine: runs the shards.
        make: makes each worker's rewriter, of the same prompt and model as this process's.
        rows: whose outcomes are wanted.
        journal: gets them.
        rewriter: this process's, which asks nothing.
        concurrency: requests at once of each worker.

    Raises:
        WriterError: rows are left without an answer, or the workers' journals are nowhere here.
    """
    folder = journal.path.parent / "shards"
    gather_shards(rows, journal, rewriter)
    pending = _Pending(tuple(None if query in journal else query for query in rows))
    spans = [span for span in _list_spans(len(rows)) if any(pending.rows[slice(*span)])]
    stages = (BuildStage(pending), RewriteStage(make, folder, concurrency))
    with tqdm(total=len(rows), unit=" rows", desc="rewrite", disable=None) as progress:
        progress.update(pending.rows.count(None))
        for shard in engine(stages, spans):
            progress.update(len(shard.queries))
    gather_shards(rows, journal, rewriter)
    if left := sum(query not in journal for query in rows):
        raise WriterError(
            f"{left} rows were rewritten where {folder} is another folder: give --journal a "
            "folder that all machines share"
        )


def gather_shards(rows: Sequence[Query], journal: Journal, rewriter: Rewriter) -> None:
    """Take into a journal what those of its shards hold, also after a run that broke off."""
    for span in _list_spans(len(rows)):
        place = place_journal(journal.path.parent / "shards", span)
        if not place.is_dir():
            continue
        with Journal(place, rewriter.prompt, rewriter.model) as part:
            pairs = ((query, part.outcome(query)) for query in rows[slice(*span)])
            journal.append((query, outcome) for query, outcome in pairs if outcome)


def place_journal(folder: Path, span: Span) -> Path:
    """Return the folder of a shard's journal."""
    return folder / f"{span[0]:09d}"


def _list_spans(rows: int) -> list[Span]:
    return [(start, min(start + _SHARD, rows)) for start in range(0, rows, _SHARD)]
