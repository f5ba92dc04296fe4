"""Where a span begins and ends: no quotes round it, no comma behind it, no accent cut off."""

from __future__ import annotations

import string
import unicodedata

from ..schema import EntityType

_SURROUNDING = string.whitespace + ",;:" + '"“”„«»‹›「」『』`'
_SINGLE_QUOTES = {"'": "'", "‘": "’", "‚": "’"}
_BRACKETS = {"(": ")", "[": "]", "{": "}", "（": "）", "【": "】"}
_ABBREVIATED = ("bros.", "corp.", "hrs.", "inc.", "jr.", "ltd.", "sr.")
# Types whose values may end in a mark of their own: "Who's Afraid of Virginia Woolf?".
_MARKED = (EntityType.TITLE, EntityType.SONG, EntityType.QUOTE, EntityType.CHARACTER)
_OPENING = ("¡", "¿")


def trim_span(text: str, start: int, end: int, entity_type: EntityType) -> tuple[int, int]:
    """Return the span without what only surrounds it; as it was, where nothing would be left.

    Quotes, commas and unmatched brackets at its edges are left out, brackets round the whole as
    well unless it is a title ("[REC]"). A question or exclamation mark at the end stays with
    titles, songs, quotes and characters alone, a full stop behind quotes and short words ("Jr.").
    What a name cannot be without is taken in where it was cut off: the bracket that closes one
    within it, the mark that opens "¡Three Amigos!", the full stop of "Another 48 Hrs.".

    Example:
        >>> trim_span('like "Heat", ok', 5, 12, EntityType.TITLE)
        (6, 10)
    """
    inner = text[start:end]
    lead = 0
    while inner:
        size = len(inner)
        dropped, inner = _trim_ends(inner, entity_type)
        lead += dropped
        if len(inner) == size:
            start, end = start + lead, start + lead + size
            break
    if entity_type in _MARKED and text[start - 1 : start] in _OPENING:
        start -= 1
    return start, _complete(text, start, _take_marks(text, end), entity_type)


def _trim_ends(inner: str, entity_type: EntityType) -> tuple[int, str]:
    """Return how many characters at the front were dropped, and what is left."""
    opened = "".join(mark for mark, closing in _BRACKETS.items() if closing not in inner)
    closed = "".join(closing for mark, closing in _BRACKETS.items() if mark not in inner)
    rest = inner.lstrip(_SURROUNDING + opened)
    dropped = len(inner) - len(rest)
    rest = rest.rstrip(_SURROUNDING + closed)
    if entity_type not in _MARKED:
        rest = rest.rstrip("?!")
    if entity_type is not EntityType.QUOTE and rest.endswith(".") and not _ends_short(rest):
        rest = rest[:-1]
    if len(rest) > 2 and _is_wrapped(rest, entity_type):
        dropped, rest = dropped + 1, rest[1:-1]
    return dropped, rest


def _is_wrapped(inner: str, entity_type: EntityType) -> bool:
    head, tail = inner[0], inner[-1]
    if _SINGLE_QUOTES.get(head) == tail:
        return True
    closing = _BRACKETS.get(head)
    return (
        entity_type is not EntityType.TITLE
        and closing == tail
        and inner.index(tail) == len(inner) - 1
    )


def _ends_short(inner: str) -> bool:
    """Return whether the last full stop belongs to its word, as in "Jr.", "E.T." and "wait..."."""
    word = inner[-20:].split()[-1]
    return word.count(".") > 1 or len(word) <= 3 or word.casefold() in _ABBREVIATED


def _complete(text: str, start: int, end: int, entity_type: EntityType) -> int:
    """Return the end behind the bracket or the full stop that belongs to what stands before it."""
    inner, behind = text[start:end], text[end : end + 1]
    if any(
        behind == closing and inner.count(mark) == inner.count(closing) + 1
        for mark, closing in _BRACKETS.items()
    ):
        return end + 1
    word = f"{inner[-20:].split()[-1]}." if inner.strip() else ""
    is_short = word.casefold() in _ABBREVIATED or word.count(".") > 1
    if behind == "." and is_short and entity_type is not EntityType.QUOTE:
        return end + 1
    return end


def _take_marks(text: str, end: int) -> int:
    """Return the end behind the combining marks of the last letter, which tokenizers leave out."""
    while end < len(text) and unicodedata.category(text[end]) in ("Mn", "Me"):
        end += 1
    return end
