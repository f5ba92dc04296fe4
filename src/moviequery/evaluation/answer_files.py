"""Answers on disk: one line per query, written as they come, so that a kill costs one batch."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ..schema import canonical_json

# Texts to one JSON answer each, by task; see `Baseline.answer`.
Answer = Callable[[Sequence[str]], Mapping[str, Sequence[str | None]]]


@dataclass(frozen=True, slots=True)
class Replies:
    """What a system answered to the queries of a split, in their order.

    Attributes:
        by_task: the answers as they came; None for what is no answer at all.
        seconds: that each query took; of a batch, its share.
    """

    by_task: Mapping[str, Sequence[str | None]]
    seconds: Sequence[float]


def answer_all(
    path: Path, texts: Sequence[str], answer: Answer, batch_size: int, label: str
) -> Replies:
    """Return the replies to the texts; those that are in the file already are not made again.

    Args:
        path: JSON lines, one query each, in an order of their own.
        texts: all that are to be answered.
        answer: gets `batch_size` texts at a time; not called if nothing is left to answer.
        batch_size: of texts that are answered together.
        label: of the progress on stderr.
    """
    found = _read(path)
    # neighbours of like length need little padding; the order is the same in every run
    order = sorted(range(len(texts)), key=lambda row: (len(texts[row]), row))
    left = [row for row in order if row not in found]
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        path.open("a", encoding="utf-8", newline="\n") as file,
        tqdm(total=len(texts), initial=len(found), desc=label, disable=None) as progress,
    ):
        for start in range(0, len(left), batch_size):
            rows = left[start : start + batch_size]
            for row in _answer_batch(rows, texts, answer):
                found[row["row"]] = row
                file.write(canonical_json(row) + "\n")
            file.flush()
            progress.update(len(rows))
    ordered = [found[row] for row in range(len(texts))]
    tasks = ordered[0]["replies"] if ordered else ()
    return Replies(
        {task: [row["replies"][task] for row in ordered] for task in tasks},
        [row["seconds"] for row in ordered],
    )


def _answer_batch(
    rows: Sequence[int], texts: Sequence[str], answer: Answer
) -> list[dict[str, Any]]:
    began = time.perf_counter()
    replies = answer([texts[row] for row in rows])
    seconds = round((time.perf_counter() - began) / len(rows), 6)
    return [
        {
            "row": row,
            "replies": {task: replies[task][number] for task in replies},
            "seconds": seconds,
        }
        for number, row in enumerate(rows)
    ]


def _read(path: Path) -> dict[int, dict[str, Any]]:
    """Return the lines of a file by row, and cut off a last one that was not written whole."""
    if not path.exists():
        return {}
    whole, _, rest = path.read_bytes().rpartition(b"\n")
    if rest:
        path.write_bytes(whole + b"\n" if whole else b"")
    lines = [json.loads(line) for line in whole.decode("utf-8").split("\n") if line]
    return {line["row"]: line for line in lines}
