"""Scores of parsed queries: JSON answers as the published metric counts them, and exact spans.

All counting is that of `macro_f1/counts.py`; nothing here needs the `evaluate` library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import reduce
from operator import add
from typing import Any

from ..errors import EvaluationError
from ..schema import ENTITY_TYPES, Entity, ParsedQuery, Query
from .macro_f1.answers import FIELDS, INTENTS, ReferenceFormatError
from .macro_f1.counts import (
    Counts,
    average_f1,
    compare_intents,
    compare_sets,
    ratio,
    score_intents,
    score_rows,
)

_HEADINGS = ("precision", "recall", "f1", "support")


def score_answers(
    predictions: Sequence[str | ParsedQuery | None],
    references: Sequence[str | Query],
    fields: Iterable[str] | None = None,
    lenient: bool = False,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """Return what the `macro_f1` module of `evaluate` returns, without that library.

    A `ParsedQuery` stands for its JSON, or for an answer that cannot be read where it is not valid.

    Raises:
        EvaluationError: lengths differ, a field is unknown or a reference is not gold.

    Example:
        >>> gold = '{"intent":"rec","genres":["heist"]}'
        >>> scores = score_answers([gold, "a heist film, I think"], [gold, gold])
        >>> scores["parse_rate"], scores["genres"]["recall"], scores["intent"]["accuracy"]
        (0.5, 0.5, 0.5)
    """
    answers = [each if isinstance(each, str) else _write_answer(each) for each in predictions]
    gold = [each if isinstance(each, str) else each.to_json() for each in references]
    try:
        return score_rows(answers, gold, fields, lenient, resamples, seed)
    except ReferenceFormatError as error:
        raise EvaluationError(str(error)) from error


def _write_answer(parsed: ParsedQuery | None) -> str | None:
    return parsed.to_json() if parsed is not None and parsed.valid else None


@dataclass(frozen=True, slots=True)
class EntityScores:
    """Counts over exact spans, and the scores that follow; the scores of two corpora add up.

    Attributes:
        rows: how many queries.
        parsed: queries whose answer was valid; the others miss all of their gold.
        types: counts of spans with the right start, end and type, aligned with `ENTITY_TYPES`.
        intents: counts per class of `INTENTS`.
        answered: queries for which the parser gave an intent.
        negation: counts of `negated`, over the spans that were found exactly.
    """

    rows: int = 0
    parsed: int = 0
    types: tuple[Counts, ...] = (Counts(),) * len(ENTITY_TYPES)
    intents: tuple[Counts, ...] = (Counts(),) * len(INTENTS)
    answered: int = 0
    negation: Counts = Counts()

    def __add__(self, other: EntityScores) -> EntityScores:
        """Return the scores of both corpora together."""
        return EntityScores(
            rows=self.rows + other.rows,
            parsed=self.parsed + other.parsed,
            types=tuple(map(add, self.types, other.types)),
            intents=tuple(map(add, self.intents, other.intents)),
            answered=self.answered + other.answered,
            negation=self.negation + other.negation,
        )

    @property
    def total(self) -> Counts:
        """The counts of all types together."""
        return reduce(add, self.types)

    @property
    def micro_f1(self) -> float:
        """F1 of all spans together."""
        return self.total.f1

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the types that have gold; 0.0 where none has."""
        return average_f1(self.types)

    @property
    def parse_rate(self) -> float:
        """Share of valid answers."""
        return ratio(self.parsed, self.rows)

    @property
    def intent(self) -> dict[str, Any] | None:
        """Macro-F1, accuracy and the table of the two classes.

        None where answers are valid but not one has an intent: a parser without that task.
        """
        return None if self.parsed and not self.answered else score_intents(self.intents)

    @property
    def negation_accuracy(self) -> float:
        """Share of exactly found spans with the right `negated`; 0.0 where none was found."""
        found = self.total.tp
        return ratio(found - self.negation.fp - self.negation.fn, found)

    def to_dict(self) -> dict[str, Any]:
        """Return all scores as plain JSON values."""
        return {
            "macro_f1": self.macro_f1,
            "micro_f1": self.micro_f1,
            "parse_rate": self.parse_rate,
            "rows": self.rows,
            "intent": self.intent,
            "negation": {"accuracy": self.negation_accuracy, **self.negation.to_dict()},
            "types": {
                entity_type.value: counts.to_dict()
                for entity_type, counts in zip(ENTITY_TYPES, self.types, strict=True)
            },
        }

    def to_table(self) -> str:
        """Return the scores as text, one line per type that occurs in gold or answers."""
        body = format_counts(
            [(each.value, counts) for each, counts in zip(ENTITY_TYPES, self.types, strict=True)],
            self.macro_f1,
        )
        lines = [body, "", f"queries {self.rows}, parse rate {self.parse_rate:.4f}"]
        if self.intent is not None:
            lines.append(format_intent(self.intent))
        lines.append(
            f"negation accuracy {self.negation_accuracy:.4f} of {self.total.tp} spans found, "
            f"F1 {self.negation.f1:.4f} of {self.negation.support} negated"
        )
        return "\n".join(lines)


def score_entities(gold: Sequence[Query], parsed: Sequence[ParsedQuery]) -> EntityScores:
    """Return span-exact scores: an entity is right if its start, end and type are gold's.

    An answer that is not valid misses all of its gold, the intent too. A repeated span counts
    once.

    Raises:
        EvaluationError: lengths differ, or a parsed text is not the gold text of its row.

    Example:
        >>> from moviequery.schema import EntityType, Intent
        >>> query = Query("a heist film", Intent.REC, (Entity(EntityType.GENRE, "heist", 2, 7),))
        >>> found = ParsedQuery(query.text, Intent.REC, entities=query.entities)
        >>> score_entities([query], [found]).macro_f1
        1.0
    """
    check_texts([query.text for query in gold], parsed)
    return reduce(add, map(_score_row, gold, parsed), EntityScores())


def check_texts(texts: Sequence[str], parsed: Sequence[ParsedQuery]) -> None:
    """Refuse to score the answers to other texts than these.

    Raises:
        EvaluationError: lengths differ, or a row's texts do.
    """
    if len(texts) != len(parsed):
        raise EvaluationError(f"{len(texts)} gold texts and {len(parsed)} parsed: one each")
    for row, (text, answer) in enumerate(zip(texts, parsed, strict=True)):
        if text != answer.text:
            raise EvaluationError(
                f"row {row}: parsed {answer.text!r}, but gold is {text!r}; "
                "parse the gold texts, in their order"
            )


def _score_row(query: Query, answer: ParsedQuery) -> EntityScores:
    gold = _negations(query.entities)
    said = _negations(answer.entities if answer.valid else ())
    types = tuple(
        compare_sets(
            frozenset(span for span in said if span[2] == entity_type),
            frozenset(span for span in gold if span[2] == entity_type),
        )
        for entity_type in ENTITY_TYPES
    )
    found = said.keys() & gold.keys()
    intent = answer.intent if answer.valid else None
    return EntityScores(
        rows=1,
        parsed=int(answer.valid),
        types=types,
        intents=compare_intents(intent, query.intent),
        answered=int(intent is not None),
        negation=compare_sets(
            frozenset(span for span in found if said[span]),
            frozenset(span for span in found if gold[span]),
        ),
    )


def _negations(entities: Iterable[Entity]) -> dict[tuple[int, int, str], bool]:
    spans: dict[tuple[int, int, str], bool] = {}
    for entity in entities:
        key = (entity.start, entity.end, entity.type)
        spans[key] = spans.get(key, False) or entity.negated
    return spans


def format_counts(rows: Iterable[tuple[str, Counts]], macro_f1: float) -> str:
    """Return a text table of the rows that count anything, then micro and macro."""
    shown = [(name, counts) for name, counts in rows if counts.tp or counts.fp or counts.fn]
    total = reduce(add, (counts for _, counts in shown), Counts())
    width = max(len(name) for name, _ in [*shown, ("micro", total)])
    lines = ["  ".join([" " * width, *(f"{heading:>9}" for heading in _HEADINGS)])]
    for name, counts in [*shown, ("micro", total)]:
        scores = (f"{getattr(counts, heading):9.4f}" for heading in _HEADINGS[:3])
        lines.append("  ".join([f"{name:<{width}}", *scores, f"{counts.support:9d}"]))
    lines.append(f"{'macro':<{width}}  {'':9}  {'':9}  {macro_f1:9.4f}")
    return "\n".join(lines)


def format_intent(scores: Mapping[str, Any]) -> str:
    """Return one line for what `score_intents` says."""
    classes = ", ".join(f"{label} {scores[label]['f1']:.4f}" for label in INTENTS)
    return (
        f"intent macro-F1 {scores['macro_f1']:.4f} ({classes}), "
        f"accuracy {scores['accuracy']:.4f} of {scores['support']}"
    )


def format_answers(scores: Mapping[str, Any]) -> str:
    """Return the result of `score_answers` as text, with the 95% interval of the macro mean."""
    names = {field.name for field in fields(Counts)}
    rows = [
        (name, Counts(**{key: scores[name][key] for key in names}))
        for name in FIELDS
        if name in scores
    ]
    lines = [format_counts(rows, scores["macro_f1"])]
    if scores["interval"]:
        lines[0] += "  [{:.4f}, {:.4f}]".format(*scores["interval"])
    lines += [
        "",
        f"queries {scores['rows']}, parse rate {scores['parse_rate']:.4f}, "
        f"exact match {scores['exact_match']:.4f}, unknown fields {scores['unknown_fields']}",
        format_intent(scores["intent"]),
    ]
    return "\n".join(lines)
