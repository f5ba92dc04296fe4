"""The typed columns of the dataset, and the way between a `Query` and a row of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import index
from typing import TYPE_CHECKING, Any

from ..errors import DatasetError
from ..schema import ENTITY_TYPES, Intent, Query

if TYPE_CHECKING:
    import datasets

INTENT_NAMES: tuple[str, ...] = tuple(intent.value for intent in Intent)
TYPE_NAMES: tuple[str, ...] = tuple(entity_type.value for entity_type in ENTITY_TYPES)

# What a row written by hand may leave out.
_ENTITY_DEFAULTS: Mapping[str, Any] = {"iri": None, "negated": False, "about": None}


def features() -> datasets.Features:
    """Return the columns `text`, `intent`, `entities`, `parts` and `provenance`.

    Intents and entity types are class labels, in the order of `Intent` and `ENTITY_TYPES`.
    Offsets are characters, half-open. `provenance` is null for a query annotated by hand.
    """
    from datasets import ClassLabel, Features, List, Value

    def string() -> Value:
        return Value("string")

    intent = ClassLabel(names=list(INTENT_NAMES))
    return Features(
        {
            "text": string(),
            "intent": intent,
            "entities": List(
                {
                    "type": ClassLabel(names=list(TYPE_NAMES)),
                    "text": string(),
                    "start": Value("int32"),
                    "end": Value("int32"),
                    "iri": string(),
                    "negated": Value("bool"),
                    "about": Value("int32"),
                }
            ),
            "parts": List({"start": Value("int32"), "end": Value("int32"), "intent": intent}),
            "provenance": {
                "index": Value("int64"),
                "seed": Value("int64"),
                "split": string(),
                "frame": string(),
                "clauses": List(string()),
                "films": List(string()),
                "triples": List(string()),
                "style": string(),
                "origin": string(),
                "trap": Value("bool"),
            },
        }
    )


def to_example(query: Query) -> dict[str, Any]:
    """Return the query as a dataset row, its class labels as numbers.

    Example:
        >>> to_example(Query("who directed it?", Intent.NON_REC))["intent"]
        1
    """
    row = query.to_row()
    row["intent"] = INTENT_NAMES.index(row["intent"])
    for entity in row["entities"]:
        entity["type"] = TYPE_NAMES.index(entity["type"])
    for part in row["parts"]:
        part["intent"] = INTENT_NAMES.index(part["intent"])
    return row


def from_example(row: Mapping[str, Any]) -> Query:
    """Return the query of a dataset row; class labels may be numbers or names.

    A row written by hand may leave out everything but `text`, `intent` and, per entity, `type`,
    `text`, `start` and `end`.

    Raises:
        DatasetError: a column is missing, a label is unknown, or a span does not hold its text.

    Example:
        >>> from_example({"text": "any heist movies?", "intent": 0}).intent.value
        'rec'
    """
    if not isinstance(row, Mapping):
        raise DatasetError(f"the row cannot be read: it is no object but {str(row)[:60]!r}")
    if not isinstance(row.get("text", ""), str):
        raise DatasetError(f"the row cannot be read: its text is {row['text']!r}")
    try:
        return Query.from_row(
            {
                "text": row["text"],
                "intent": _name(INTENT_NAMES, row["intent"]),
                "entities": [
                    {**_ENTITY_DEFAULTS, **entity, "type": _name(TYPE_NAMES, entity["type"])}
                    for entity in row.get("entities") or ()
                ],
                "parts": [
                    {**part, "intent": _name(INTENT_NAMES, part["intent"])}
                    for part in row.get("parts") or ()
                ],
                "provenance": row.get("provenance"),
            }
        )
    except KeyError as error:
        raise DatasetError(f"the row has no {error} (columns: {sorted(row)})") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise DatasetError(f"the row cannot be read: {error}") from error


def _name(names: Sequence[str], label: object) -> str:
    """Return the name of a class label given as a number or a name."""
    if isinstance(label, str):
        if label in names:
            return label
    elif 0 <= (number := index(label)) < len(names):  # type: ignore[arg-type]
        return names[number]
    raise ValueError(f"unknown label {label!r}; known are {', '.join(names)}")
