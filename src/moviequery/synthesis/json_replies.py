"""A model's reply as JSON that fits a schema, whatever the server has promised of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from .refusals import Refusal

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}
_MOST_OBJECTS = 20
# a schema may say this much and no more, so that nothing in it goes unchecked
KEYWORDS = frozenset(
    ["type", "required", "properties", "additionalProperties", "items", "enum", "description"]
    + ["minLength", "maxLength", "minItems", "maxItems"]
)


def read_reply(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    r"""Return the JSON object of a reply, also from within a code fence or between words.

    Raises:
        Refusal: there is none, it breaks off, or it does not fit the schema.

    Example:
        >>> read_reply('Sure! ```json\n{"text": "hi"}\n```', {"type": "object"})
        {'text': 'hi'}
    """
    first: Refusal | None = None
    # some models think aloud, in braces too, before they answer
    for match in islice(re.finditer(r"\{", text), _MOST_OBJECTS):
        try:
            value, _ = json.JSONDecoder().raw_decode(text, match.start())
        except (ValueError, RecursionError) as error:
            first = first or Refusal("no JSON", f"the object cannot be read ({error})")
            continue
        fault = find_fault(value, schema)
        if not fault:
            found: dict[str, Any] = value
            return found
        first = first or Refusal("wrong schema", fault)
    nothing = "no object in it" if text.strip() else "the reply is empty"
    raise first or Refusal("no JSON", nothing)


def find_fault(value: object, schema: Mapping[str, Any], where: str = "the reply") -> str:
    """Return what does not fit the schema, an empty text if all does.

    Example:
        >>> find_fault({"text": 7}, {"properties": {"text": {"type": "string"}}})
        'text is no string'
    """
    kind = schema.get("type")
    if kind and (
        not isinstance(value, _TYPES[kind])
        # True is an int to Python, and none to JSON
        or (isinstance(value, bool) and kind != "boolean")
    ):
        return f"{where} is no {kind}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where} is none of {schema['enum']}"
    if isinstance(value, (str, list)):
        unit = "Length" if isinstance(value, str) else "Items"
        if not schema.get(f"min{unit}", 0) <= len(value) <= schema.get(f"max{unit}", len(value)):
            return f"{where} is too long or too short ({len(value)})"
    if isinstance(value, list):
        items = schema.get("items", {})
        faults = (find_fault(one, items, f"item {i} of {where}") for i, one in enumerate(value))
        return next(filter(None, faults), "")
    return _find_fault_of_object(value, schema, where) if isinstance(value, dict) else ""


def _find_fault_of_object(value: Mapping[str, Any], schema: Mapping[str, Any], where: str) -> str:
    properties = schema.get("properties", {})
    if missing := [name for name in schema.get("required", ()) if name not in value]:
        return f"{where} lacks {', '.join(missing)}"
    if schema.get("additionalProperties") is False and (more := sorted({*value} - {*properties})):
        return f"{where} holds {', '.join(more)}, which nobody asked for"
    faults = (
        find_fault(value[name], properties[name], name) for name in value if name in properties
    )
    return next(filter(None, faults), "")


def find_unknown_keyword(schema: object) -> str:
    """Return a keyword of a schema, or a type, that replies cannot be checked for; or nothing.

    Example:
        >>> find_unknown_keyword({"type": "object", "properties": {"a": {"oneOf": []}}})
        'oneOf'
    """
    if not isinstance(schema, Mapping):
        return str(schema)
    for keyword, value in schema.items():
        if keyword not in KEYWORDS or (keyword == "type" and value not in _TYPES):
            return str(keyword if keyword not in KEYWORDS else value)
        inner = [value] if keyword == "items" else []
        if keyword == "properties":
            inner = list(value.values()) if isinstance(value, Mapping) else [value]
        if found := next(filter(None, map(find_unknown_keyword, inner)), ""):
            return found
    return ""
