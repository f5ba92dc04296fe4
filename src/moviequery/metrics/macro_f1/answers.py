"""Answers in JSON to what they say; the fields and intents that the metric knows.

This file stands on its own, since the Hub serves it beside `macro_f1.py` without our package.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

FIELDS: tuple[str, ...] = (
    "titles",
    "genres",
    "plots",
    "themes",
    "moods",
    "settings",
    "actors",
    "directors",
    "characters",
    "years",
    "certificates",
    "ratings",
    "reviews",
    "songs",
    "trailers",
    "awards",
    "origins",
    "relationships",
    "quotes",
    "countries",
    "languages",
    "studios",
)
INTENTS: tuple[str, ...] = ("rec", "non_rec")


class ReferenceFormatError(ValueError):
    """A gold answer, or the question put to the metric, is wrong; answers never raise."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says: normalised values per known field.

    Attributes:
        intent: normalised; None where the answer gives none.
        values: only the fields that the answer has.
        unknown: the keys that are neither `intent` nor one of `FIELDS`.
    """

    intent: str | None = None
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def normalise(text: str) -> str:
    """Return the form under which two values are equal.

    Example:
        >>> normalise("  The  MATRIX ")
        'the matrix'
    """
    return " ".join(text.casefold().split())


def read_answer(text: str | None, lenient: bool = False) -> Answer | None:
    """Return what an answer says, or None where it cannot be read.

    Strict: the whole text is one JSON object, `intent` a string, each known field a list of
    strings. Lenient: what follows the object that the first `{` opens, and what stands before it,
    is cut off; a lone string or number stands for a list of one, null for no value.

    Example:
        >>> read_answer('Sure! {"titles": "Heat"}') is None
        True
        >>> read_answer('Sure! {"titles": "Heat"}', lenient=True).values
        {'titles': frozenset({'heat'})}
    """
    try:
        return _read_record(_decode(text or "", lenient), lenient)
    except (ValueError, RecursionError):  # RecursionError: thousands of nested brackets
        return None


def _decode(text: str, lenient: bool) -> object:
    if not lenient:
        return json.loads(text)
    return json.JSONDecoder().raw_decode(text, max(text.find("{"), 0))[0]


def _read_record(record: object, lenient: bool) -> Answer:
    if not isinstance(record, dict):
        raise ValueError(f"not a JSON object: {record!r}")
    known = [name for name in FIELDS if name in record]
    return Answer(
        intent=_read_intent(record, lenient),
        values={name: _read_values(record[name], lenient) for name in known},
        unknown=tuple(key for key in record if key != "intent" and key not in FIELDS),
    )


def _read_intent(record: Mapping[str, object], lenient: bool) -> str | None:
    intent = record.get("intent")
    if isinstance(intent, str):
        return normalise(intent) or None
    if "intent" not in record or (lenient and intent is None):
        return None
    raise ValueError(f"intent is not a string: {intent!r}")


def _read_values(value: object, lenient: bool) -> frozenset[str]:
    if lenient and not isinstance(value, list):
        value = [] if value is None else [value]
    if not isinstance(value, list):
        raise ValueError(f"not a list of strings: {value!r}")
    return frozenset(_read_value(each, lenient) for each in value)


def _read_value(value: object, lenient: bool) -> str:
    if isinstance(value, str):
        return normalise(value)
    if lenient and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"not a string: {value!r}")


def read_reference(text: str, row: int = 0) -> Answer:
    """Return what a gold answer says.

    Raises:
        ReferenceFormatError: it is not strict JSON of the answer form, names a field that nobody
            knows, or an intent outside the fixed two. Dropping such gold would flatter the score.
    """
    try:
        answer = _read_record(_decode(text, lenient=False), lenient=False)
    except (ValueError, RecursionError) as error:
        fault = str(error)
    else:
        if not answer.unknown and answer.intent in (None, *INTENTS):
            return answer
        fault = f"fields {list(answer.unknown)}" if answer.unknown else f"intent {answer.intent!r}"
    raise ReferenceFormatError(
        f"reference {row} is not a gold answer ({fault}): {text[:200]!r}. It must be a JSON object "
        f"with an intent of {list(INTENTS)}, or none, and lists of strings under {list(FIELDS)}."
    )


def choose_fields(fields: Iterable[str] | None) -> tuple[str, ...]:
    """Return the fields to score: all of `FIELDS` for None, else those given, in their order.

    Raises:
        ReferenceFormatError: a name is not one of `FIELDS`.
    """
    chosen = FIELDS if fields is None else tuple(dict.fromkeys(fields))
    if unknown := [name for name in chosen if name not in FIELDS]:
        raise ReferenceFormatError(f"no such fields: {unknown}; choose among {list(FIELDS)}")
    return chosen
