"""Baselines scored on the same rows, side by side."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from ..metrics.labels import LabelMap
from ..metrics.scores import score_answers
from ..metrics.sentences import Sentence
from ..schema import Query, canonical_json
from .baselines import Answers, Baseline

# What the paper's tasks name; the other types count in the mean.
_SHOWN = ("titles", "genres", "plots", "themes")
_CHUNK = 16
_NOT_SCORED = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One baseline under one reading of its answers.

    Attributes:
        name: of the baseline.
        reading: `strict`, or `lenient` where a language model's JSON was mended.
        entities: what `score_answers` or `score_bio` says; None without the task.
        intent: the scores of the two classes; None without the task or without gold.
        seconds: per query.
    """

    name: str
    reading: str
    entities: dict[str, Any] | None
    intent: dict[str, Any] | None
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain JSON values."""
        return {
            "name": self.name,
            "reading": self.reading,
            "entities": self.entities,
            "intent": self.intent,
            "seconds_per_query": self.seconds,
        }


def score_baseline(
    baseline: Baseline, queries: Sequence[Query], resamples: int = 1000
) -> tuple[Row, ...]:
    """Return how a baseline answers queries: one row, or a strict and a lenient one.

    There are two rows where mending changes what can be read, as it did for the paper's base.

    Args:
        baseline: any.
        queries: with gold.
        resamples: of the bootstrap intervals.
    """
    started = time.perf_counter()
    answers = _answer_all(baseline, [query.text for query in queries])
    seconds = (time.perf_counter() - started) / max(1, len(queries))
    rows = []
    for reading in ("strict", "lenient"):
        scores = {
            task: score_answers(
                answers[task], queries, lenient=reading == "lenient", resamples=resamples
            )
            for task in baseline.tasks
        }
        entities, intent = scores.get("entities"), scores.get("intent")
        said = intent and {**intent["intent"], "parse_rate": intent["parse_rate"]}
        rows.append(Row(baseline.name, reading, entities, said, seconds))
    same = (rows[0].entities, rows[0].intent) == (rows[1].entities, rows[1].intent)
    return (rows[0],) if same else tuple(rows)


def score_tags(
    baseline: Baseline, sentences: Sequence[Sentence], labels: LabelMap
) -> tuple[Row, ...]:
    """Return how a baseline tags the sentences of a BIO file, by seqeval's definition."""
    from ..metrics.bio import score_bio

    texts = [sentence.text for sentence in sentences]
    rows = []
    for reading in ("strict", "lenient"):
        started = time.perf_counter()
        parsed = [
            query
            for chunk in _cut(baseline.name, texts)
            for query in baseline.parse(chunk, lenient=reading == "lenient")
        ]
        seconds = (time.perf_counter() - started) / max(1, len(texts))
        scores = score_bio(sentences, parsed, labels).to_dict()
        rows.append(Row(baseline.name, reading, scores, None, seconds))
        if all(query.valid for query in parsed):
            break
    return tuple(rows)


def _answer_all(baseline: Baseline, texts: Sequence[str]) -> Answers:
    answers: Answers = {task: [] for task in baseline.tasks}
    for chunk in _cut(baseline.name, texts):
        for task, written in baseline.answer(chunk).items():
            answers[task] += written
    return answers


def _cut(name: str, texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in tqdm(range(0, len(texts), _CHUNK), desc=name, unit="batch", disable=None):
        yield texts[start : start + _CHUNK]


def format_rows(rows: Iterable[Row]) -> str:
    """Return the rows as one text table; F1 by field where answers were scored."""
    lines = [
        ("", "reading", "parse rate", *_SHOWN, "macro-F1", "micro-F1", "intent", "ms/query"),
        *map(_format_row, rows),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if number < 2 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _format_row(row: Row) -> tuple[str, ...]:
    entities, intent = row.entities or {}, row.intent or {}
    scores = [
        entities.get("parse_rate", intent.get("parse_rate")),
        *(entities.get(field, {}).get("f1") for field in _SHOWN),
        entities.get("macro_f1"),
        entities.get("micro_f1"),
        intent.get("macro_f1"),
    ]
    cells = (_NOT_SCORED if score is None else f"{score:.4f}" for score in scores)
    return (row.name, row.reading, *cells, f"{1_000 * row.seconds:.1f}")


def write_rows(rows: Iterable[Row]) -> str:
    """Return the rows as one line of JSON."""
    return canonical_json([row.to_dict() for row in rows])
