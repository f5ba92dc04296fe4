"""What a cell of a film table says: lists, years, running times, numbers, certificates."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .tables import parse_literal

# One label of Prime that holds commas of its own; a plain split makes three genres of it.
_LABELS_WITH_COMMAS = ("Arts, Entertainment, and Culture",)
# "Sammy Davis, Jr." and "Castle Rock, Inc." are one name each.
_SUFFIXES = frozenset({
    "jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "md", "m.d.", "phd", "ph.d.", "inc", "inc.",
    "llc", "llc.", "ltd", "ltd.", "co.", "corp.", "s.a.", "gmbh", "esq.", "obe",
})  # fmt: skip
# The first public film is of 1895; Muybridge and Le Prince are listed from 1874 on.
_YEAR = re.compile(r"(?<!\d)(18[7-9]\d|19\d\d|20\d\d)(?!\d)")
_PRINTED_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_HOURS = re.compile(r"(\d+)\s*(?:h\b|hr|hour)", re.IGNORECASE)
_MINUTES = re.compile(r"(\d+)\s*m(?:in|\b)", re.IGNORECASE)
_ISO_DURATION = re.compile(r"^PT(?:(\d+)H)?(?:(\d+)M)?(?:[\d.]+S)?$")
_NUMBER = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*$")
_LONGEST_FILM = 60 * 24 * 4
_COUNTRIES = {
    "united states of america": "United States",
    "usa": "United States",
    "u.s.a.": "United States",
    "us": "United States",
    "uk": "United Kingdom",
    "u.k.": "United Kingdom",
    "great britain": "United Kingdom",
    "republic of korea": "South Korea",
    "korea, republic of": "South Korea",
    "russian federation": "Russia",
    "czechia": "Czech Republic",
    "people's republic of china": "China",
}
# Marks that say "nobody has classified this", which is no certificate.
_UNRATED = frozenset({
    "nr", "ur", "unrated", "not_rate", "not_rated", "not rated", "tv-nr", "n/a", "none",
})  # fmt: skip
_CERTIFICATES = {"ages_16_": "16+", "ages_18_": "18+", "16": "16+", "all_ages": "ALL"}


def read_list(cell: object) -> tuple[str, ...]:
    """Return the labels in a list cell, tidied, each once, in the order they stand.

    A cell is a list, a JSON array or Python literal, `[{"name": ...}]` as TMDB writes, or text
    parted by `|`, `;` or commas, whichever comes first in this order.

    Example:
        >>> read_list('[{"id": 28, "name": "Action"}]'), read_list("Drama, Arts, , Drama")
        (('Action',), ('Drama', 'Arts'))
    """
    if isinstance(cell, str):
        text = cell.strip()
        if text[:1] in ("[", "{"):
            parsed = parse_literal(text)
            cell = parsed if parsed is not None else _split(text.strip("[]{}"))
        else:
            cell = _split(text)
    return tuple(dict.fromkeys(label for item in _flatten(cell) if (label := tidy(item))))


def tidy(text: str) -> str:
    """Return the text with single spaces, and without them at its ends."""
    return " ".join(text.split())


def read_text(cell: object) -> str:
    """Return the cell as tidied text; lists are joined, missing values are empty."""
    if isinstance(cell, str):
        return tidy(cell)
    return tidy(" ".join(_flatten(cell)))


def read_year(cell: object) -> int | None:
    """Return the first year from 1870 to 2099 in the cell, such as "1999-03-31" or 1999.0.

    Example:
        >>> read_year("March 31, 1999"), read_year(1999.0), read_year("n/a")
        (1999, 1999, None)
    """
    match = _YEAR.search(str(cell)) if cell is not None else None
    return int(match[1]) if match else None


def read_any_year(cell: object) -> int | None:
    """Return what `read_year` returns, but from 1400 on: there are works older than films.

    Example:
        >>> read_any_year("first printed in 1813"), read_year("1813")
        (1813, None)
    """
    match = _PRINTED_YEAR.search(str(cell)) if cell is not None else None
    return int(match[1]) if match else None


def read_runtime(cell: object) -> int | None:
    """Return minutes; seasons, zero and impossible lengths give None.

    Example:
        >>> read_runtime("90 min"), read_runtime("4 hours and 18 minutes"), read_runtime("PT1H30M")
        (90, 258, 90)
    """
    text = str(cell).strip() if cell is not None else ""
    if iso := _ISO_DURATION.match(text):
        minutes = 60 * int(iso[1] or 0) + int(iso[2] or 0)
    elif number := _NUMBER.match(text):
        minutes = round(float(number[1]))
    else:
        hours, rest = _HOURS.search(text), _MINUTES.search(text)
        minutes = 60 * int(hours[1] if hours else 0) + int(rest[1] if rest else 0)
    return minutes if 0 < minutes <= _LONGEST_FILM else None


def read_number(cell: object) -> float | None:
    """Return a finite number that is not negative; "1,234" is one thousand and more."""
    if isinstance(cell, bool) or cell is None:
        return None
    try:
        number = float(str(cell).replace(",", "").strip())
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def read_certificate(cell: object) -> tuple[str | None, str]:
    """Return the certificate, and what was mended in it, if anything.

    Example:
        >>> read_certificate("PG-13"), read_certificate("UNRATED")
        (('PG-13', ''), (None, ''))
        >>> read_certificate("74 min")
        (None, 'a running time stood in the certificate column')
    """
    text = read_text(cell)
    lowered = text.casefold()
    if not text or lowered in _UNRATED:
        return None, ""
    if _MINUTES.search(text):
        return None, "a running time stood in the certificate column"
    if lowered in _CERTIFICATES:
        return _CERTIFICATES[lowered], "certificate spelled in a code of the provider"
    if len(text) > 20:
        return None, "too long for a certificate"
    return text, ""


def read_countries(cell: object) -> tuple[str, ...]:
    """Return country names, the long official ones in their everyday form.

    Example:
        >>> read_countries(", South Korea, United States of America,")
        ('South Korea', 'United States')
    """
    names = (_COUNTRIES.get(name.casefold(), name) for name in read_list(cell))
    return tuple(dict.fromkeys(names))


def _split(text: str) -> Sequence[str]:
    for mark in "|;":
        if mark in text:
            return text.split(mark)
    for place, label in enumerate(_LABELS_WITH_COMMAS):
        text = text.replace(label, f"\x00{place}\x00")
    pieces: list[str] = []
    for piece in text.split(","):
        if pieces and piece.strip().casefold() in _SUFFIXES:
            pieces[-1] = f"{pieces[-1].rstrip()} {piece.strip()}"
        else:
            pieces.append(piece)
    for place, label in enumerate(_LABELS_WITH_COMMAS):
        pieces = [piece.replace(f"\x00{place}\x00", label) for piece in pieces]
    return pieces


def _flatten(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _flatten(_name_of(value))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _flatten(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _name_of(value: Mapping[Any, Any]) -> object:
    return next((value[key] for key in ("name", "label", "title", "value") if key in value), None)
