"""Literals as N-Triples text, written as Oxigraph writes them so that both stores agree."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite

_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f\ud800-\udfff]')
_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}


def literal(text: str) -> str:
    r"""Return a string literal; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD.

    Example:
        >>> literal('say "no"')
        '"say \\"no\\""'
    """
    if not _SPECIAL.search(text):
        return f'"{text}"'
    return f'"{_SPECIAL.sub(_escape, text)}"'


def typed(lexical: str, datatype: str) -> str:
    """Return a literal of a datatype; `lexical` must be in its canonical form.

    Example:
        >>> typed("8.2", "http://www.w3.org/2001/XMLSchema#decimal")
        '"8.2"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    """
    return f'"{lexical}"^^<{datatype}>'


def decimal(number: float) -> str:
    """Return the shortest decimal that reads back as the same number, as xsd:decimal writes it.

    Raises:
        ValueError: the number is infinite or not a number.

    Example:
        >>> decimal(8.0), decimal(7.25), decimal(1e-7)
        ('8', '7.25', '0.0000001')
    """
    if not isfinite(number):
        raise ValueError(f"{number} is not a finite number")
    text = format(Decimal(repr(number)), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    return _ESCAPES.get(character) or f"\\u{ord(character):04X}"
