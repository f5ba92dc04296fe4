"""Replies to scores: by split, for strict and lenient reading, with intervals and the gap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from ..metrics.macro_f1.answers import FIELDS, Answer, read_answer, read_reference
from ..metrics.macro_f1.counts import Counts, Tally, average_f1, bootstrap_macro, count_row
from ..metrics.paired import bootstrap_difference, bootstrap_rate
from ..metrics.scores import score_answers
from ..schema import Query, answer_json

ENTITIES, INTENT = "entities", "intent"
# What the gap table shows beside the means: the paper's four kinds of entity (section III-B).
PAPER_FIELDS = ("titles", "genres", "plots", "themes")
# Lines of the gap table; the fields' are named after them.
PARSE_RATE, INTENT_F1 = "parse rate", "intent Macro-F1"
_RESAMPLES = 1000

# The replies to the rows of a split by measure; None in a list is a row without an answer.
Replies = Mapping[str, Sequence[str | None]]
_Rows = Sequence[Sequence[Counts]]


def score_split(replies: Replies, queries: Sequence[Query]) -> dict[str, Any]:
    """Return all scores of a system on a split, as plain JSON values.

    A field stands under its name if it has gold or was answered; scores of lenient reading stand
    under `lenient`. A system that does not answer a measure has no key for it.
    """
    scores: dict[str, Any] = {"rows": len(queries), "parse_rate": _parse_rate(replies, False)}
    lenient: dict[str, Any] = {"parse_rate": _parse_rate(replies, True)}
    if ENTITIES in replies:
        gold = _references(queries, ENTITIES)
        strict = score_answers(replies[ENTITIES], gold, resamples=_RESAMPLES)
        loose = score_answers(replies[ENTITIES], gold, lenient=True, resamples=0)
        rows = count_rows(replies, queries, ENTITIES)
        for name in ("macro_f1", "micro_f1", "exact_match", "interval", "unknown_fields"):
            scores[name] = strict[name]
        for name in ("macro_f1", "micro_f1", "exact_match"):
            lenient[name] = loose[name]
        for column, name in enumerate(FIELDS):
            if strict[name]["support"] or strict[name]["fp"] or loose[name]["fp"]:
                interval = bootstrap_macro([[row.fields[column]] for row in rows], _RESAMPLES)
                scores[name] = {**strict[name], "interval": interval}
                lenient[name] = {"f1": loose[name]["f1"]}
    if INTENT in replies:
        gold = _references(queries, INTENT)
        strict = score_answers(replies[INTENT], gold, resamples=_RESAMPLES)["intent"]
        loose = score_answers(replies[INTENT], gold, lenient=True, resamples=0)["intent"]
        scores[INTENT] = strict
        lenient[INTENT] = {"macro_f1": loose["macro_f1"]}
    return {**scores, "lenient": lenient}


def _references(queries: Sequence[Query], measure: str) -> list[str]:
    if measure == INTENT:
        return [answer_json(query.intent, ()) for query in queries]
    return [answer_json(None, query.entities) for query in queries]


def _read_all(replies: Sequence[str | None], lenient: bool) -> list[Answer | None]:
    return [read_answer(reply, lenient) for reply in replies]


def _list_readable(replies: Replies, lenient: bool) -> list[bool]:
    """Return of each row whether all replies to it can be read."""
    columns = [_read_all(column, lenient) for column in replies.values()]
    return [None not in row for row in zip(*columns, strict=True)]


def _parse_rate(replies: Replies, lenient: bool) -> float:
    readable = _list_readable(replies, lenient)
    return sum(readable) / len(readable) if readable else 0.0


def count_rows(replies: Replies, queries: Sequence[Query], measure: str) -> list[Tally]:
    """Return the tally of each row on a measure, strictly read."""
    gold = _references(queries, measure)
    said = _read_all(replies[measure], lenient=False)
    return [
        count_row(answer, read_reference(text, row))
        for row, (answer, text) in enumerate(zip(said, gold, strict=True))
    ]


@dataclass(frozen=True, slots=True)
class Gain:
    """One line of the gap table.

    Attributes:
        measure: such as `titles F1`.
        base: the first system's score.
        tuned: the second's.
        interval: 95 % of the difference, over resampled rows.
    """

    measure: str
    base: float
    tuned: float
    interval: Sequence[float]

    def to_dict(self) -> dict[str, Any]:
        """Return the line as plain JSON values, with the difference."""
        return {
            "measure": self.measure,
            "base": self.base,
            "fine_tuned": self.tuned,
            "difference": self.tuned - self.base,
            "interval": list(self.interval),
        }


def measure_gap(base: Replies, tuned: Replies, queries: Sequence[Query]) -> list[dict[str, Any]]:
    """Return the gap table: each score of both systems, their difference and its interval."""
    return [gain.to_dict() for gain in _list_gains(base, tuned, queries)]


def _list_gains(base: Replies, tuned: Replies, queries: Sequence[Query]) -> Iterator[Gain]:
    readable = _list_readable(base, False), _list_readable(tuned, False)
    before, after = (sum(each) / len(queries) for each in readable)
    yield Gain(PARSE_RATE, before, after, bootstrap_rate(*readable, _RESAMPLES))
    both = [count_rows(each, queries, ENTITIES) for each in (base, tuned)]
    for name in PAPER_FIELDS:
        column = FIELDS.index(name)
        yield _compare(f"{name} F1", *([[row.fields[column]] for row in side] for side in both))
    yield _compare("all entities, macro F1", *([row.fields for row in side] for side in both))
    intents = [count_rows(each, queries, INTENT) for each in (base, tuned)]
    yield _compare(INTENT_F1, *([row.intents for row in side] for side in intents))


def _compare(measure: str, base: _Rows, tuned: _Rows) -> Gain:
    interval = bootstrap_difference(base, tuned, _RESAMPLES)
    return Gain(measure, _average(base), _average(tuned), interval)


def _average(rows: _Rows) -> float:
    return average_f1(reduce(add, column) for column in zip(*rows, strict=True))
