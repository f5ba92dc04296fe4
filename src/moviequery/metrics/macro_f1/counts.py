"""Answers to counts, and counts to scores: all that the Macro-F1 metric computes.

Like `answers.py` this stands on its own; numpy for the bootstrap is all it needs. Counts are data
and add up; scores are derived from them.

The rules, in one place:
- Values are compared as sets, case-folded and with runs of white space as one space.
- Nothing divided by nothing is 0.0; a row where gold and answer are both empty adds no count.
- Every macro mean is taken over the fixed fields (or intents) that have gold support, and is 0.0
  where none has. A field without gold costs precision in `micro_f1` only.
- An answer that cannot be read misses all of its gold, the intent too; it is never a class.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from .answers import (
    FIELDS,
    INTENTS,
    Answer,
    ReferenceFormatError,
    choose_fields,
    read_answer,
    read_reference,
)

_DRAWS = 100  # resamples held at once: 100 x 20,000 distinct rows of 8 bytes are 16 MB


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives and false negatives; precision, recall and F1 follow.

    Example:
        >>> (Counts(tp=1, fn=1) + Counts(tp=1)).recall
        0.6666666666666666
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Return the counts of both."""
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def support(self) -> int:
        """How many there are in gold."""
        return self.tp + self.fn

    @property
    def precision(self) -> float:
        """Share of the predicted that is right; 0.0 where nothing was predicted."""
        return ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of gold that was found; 0.0 where there is no gold."""
        return ratio(self.tp, self.support)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0.0 where there is nothing to count."""
        return ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    def to_dict(self) -> dict[str, float | int]:
        """Return the scores and the integers they come from."""
        return {
            "f1": self.f1,
            "precision": self.precision,
            "recall": self.recall,
            "tp": self.tp,
            "fp": self.fp,
            "fn": self.fn,
            "support": self.support,
        }


def ratio(part: float, whole: int) -> float:
    """Return `part / whole`, and 0.0 for nothing divided by nothing."""
    return part / whole if whole else 0.0


def average_f1(counts: Iterable[Counts]) -> float:
    """Return the mean F1 of those that have gold support; 0.0 where none has."""
    scores = [each.f1 for each in counts if each.support]
    return sum(scores) / len(scores) if scores else 0.0


def compare_sets(predicted: frozenset[Any], gold: frozenset[Any]) -> Counts:
    """Return how a predicted set meets the gold one."""
    hits = len(predicted & gold)
    return Counts(hits, len(predicted) - hits, len(gold) - hits)


def compare_intents(predicted: str | None, gold: str | None) -> tuple[Counts, ...]:
    """Return the counts per class of `INTENTS` for one row; none where gold has no intent.

    A prediction outside the fixed classes is a miss of the gold class and no class of its own.
    """
    return tuple(
        Counts(
            tp=int(predicted == label == gold),
            fp=int(predicted == label and gold not in (label, None)),
            fn=int(gold == label != predicted),
        )
        for label in INTENTS
    )


def score_intents(counts: Sequence[Counts]) -> dict[str, Any]:
    """Return Macro-F1, accuracy and the table of the fixed classes."""
    support = sum(each.support for each in counts)
    return {
        "macro_f1": average_f1(counts),
        "accuracy": ratio(sum(each.tp for each in counts), support),
        "support": support,
        **{label: each.to_dict() for label, each in zip(INTENTS, counts, strict=True)},
    }


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of some rows, over a fixed choice of fields; tallies add up.

    Attributes:
        names: the fields that are scored.
        fields: counts, aligned with `names`.
        intents: counts, aligned with `INTENTS`.
        rows: how many rows.
        parsed: rows whose answer could be read.
        exact: rows whose scored fields, and intent where gold gives one, are all right.
        unknown: keys of answers that are no field of ours; otherwise ignored.
        unclassed: rows with a gold intent whose answer gives neither of the two classes.
    """

    names: tuple[str, ...]
    fields: tuple[Counts, ...]
    intents: tuple[Counts, ...] = (Counts(),) * len(INTENTS)
    rows: int = 0
    parsed: int = 0
    exact: int = 0
    unknown: int = 0
    unclassed: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return the tally of both sets of rows, which must score the same fields."""
        if self.names != other.names:
            raise ValueError(f"tallies of {self.names} and of {other.names} do not add up")
        return Tally(
            names=self.names,
            fields=tuple(map(add, self.fields, other.fields)),
            intents=tuple(map(add, self.intents, other.intents)),
            rows=self.rows + other.rows,
            parsed=self.parsed + other.parsed,
            exact=self.exact + other.exact,
            unknown=self.unknown + other.unknown,
            unclassed=self.unclassed + other.unclassed,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return every score but the intervals, which need the single rows."""
        return {
            "macro_f1": average_f1(self.fields),
            "micro_f1": reduce(add, self.fields, Counts()).f1,
            "exact_match": ratio(self.exact, self.rows),
            "parse_rate": ratio(self.parsed, self.rows),
            "rows": self.rows,
            "support": sum(each.support for each in self.fields),
            "unknown_fields": self.unknown,
            "intent": {**score_intents(self.intents), "unclassed": self.unclassed},
            **{name: each.to_dict() for name, each in zip(self.names, self.fields, strict=True)},
        }


def count_row(predicted: Answer | None, gold: Answer, names: tuple[str, ...] = FIELDS) -> Tally:
    """Return the tally of one row; None is an answer that could not be read."""
    said = predicted or Answer()
    nothing: frozenset[str] = frozenset()
    counts = tuple(
        compare_sets(said.values.get(name, nothing), gold.values.get(name, nothing))
        for name in names
    )
    right = not any(each.fp or each.fn for each in counts)
    return Tally(
        names=names,
        fields=counts,
        intents=compare_intents(said.intent, gold.intent),
        rows=1,
        parsed=int(predicted is not None),
        exact=int(predicted is not None and right and gold.intent in (None, said.intent)),
        unknown=len(said.unknown),
        unclassed=int(gold.intent is not None and said.intent not in INTENTS),
    )


def bootstrap_macro(
    rows: Sequence[Sequence[Counts]], resamples: int = 1000, seed: int = 0
) -> list[float] | None:
    """Return the 95% percentile interval of `average_f1` over resampled rows.

    Each resample draws as many rows as there are, with replacement, and takes the same mean over
    what has gold support in it. None for no resamples, [0.0, 0.0] where there is no gold at all.
    """
    if not resamples:
        return None
    gold = [i for i, each in enumerate(zip(*rows, strict=True)) if any(c.support for c in each)]
    if not gold:
        return [0.0, 0.0]
    import numpy as np

    table = np.array([[n for i in gold for n in (r[i].tp, r[i].fp, r[i].fn)] for r in rows])
    # rows of equal counts are drawn together; sorted by unique, so that row order is irrelevant
    kinds, sizes = np.unique(table, axis=0, return_counts=True)
    # RandomState's stream is frozen for good, default_rng's may change between numpy versions
    generator = np.random.RandomState(seed)
    means: list[float] = []
    for start in range(0, resamples, _DRAWS):
        size = min(_DRAWS, resamples - start)
        drawn = generator.multinomial(len(rows), sizes / len(rows), size=size)
        tp, fp, fn = np.moveaxis((drawn @ kinds).reshape(size, len(gold), 3), 2, 0)
        f1 = 2 * tp / np.maximum(2 * tp + fp + fn, 1)
        held = tp + fn > 0
        means.extend((f1 * held).sum(axis=1) / np.maximum(held.sum(axis=1), 1))
    return [float(edge) for edge in np.percentile(means, [2.5, 97.5])]


def score_rows(
    predictions: Sequence[str | None],
    references: Sequence[str],
    fields: Iterable[str] | None = None,
    lenient: bool = False,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """Return every score of JSON answers against gold JSON; no rows at all score 0.0 throughout.

    Args:
        predictions: answers as the model wrote them.
        references: gold answers, strict JSON.
        fields: the fields to score, all of `FIELDS` by default; `intent` is always scored.
        lenient: forgive the slips that `read_answer` lists.
        resamples: of the bootstrap intervals; 0 leaves them out (None).
        seed: of the bootstrap.

    Raises:
        ReferenceFormatError: lengths differ, a field is unknown or a reference is not gold.

    Example:
        >>> scores = score_rows(['{"titles": ["heat"]}', "oops"], ['{"titles": ["Heat"]}'] * 2)
        >>> scores["titles"]["tp"], scores["titles"]["fn"], scores["parse_rate"]
        (1, 1, 0.5)
    """
    if len(predictions) != len(references):
        raise ReferenceFormatError(
            f"{len(predictions)} predictions and {len(references)} references: one each per query"
        )
    names = choose_fields(fields)
    tallies = [
        count_row(read_answer(predicted, lenient), read_reference(gold, row), names)
        for row, (predicted, gold) in enumerate(zip(predictions, references, strict=True))
    ]
    start = Tally(names=names, fields=(Counts(),) * len(names))
    scores = reduce(add, tallies, start).to_dict()
    scores["interval"] = bootstrap_macro([tally.fields for tally in tallies], resamples, seed)
    scores["intent"]["interval"] = bootstrap_macro(
        [tally.intents for tally in tallies], resamples, seed
    )
    return scores
