"""What people say for years and decades, as ranges of years."""

from __future__ import annotations

import re

from .normalisation import fold

SPOKEN_DECADES = {
    "twenties": 1920,
    "thirties": 1930,
    "forties": 1940,
    "fifties": 1950,
    "sixties": 1960,
    "seventies": 1970,
    "eighties": 1980,
    "nineties": 1990,
}
SPOKEN_NUMBERS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
# Words for a number that nobody counts: "the past couple of years", "the last few decades".
_VAGUE_NUMBERS = {"couple": 2, "couple of": 2, "few": 4, "several": 7}
_FARTHEST = 9_999
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b(?!s)")
# "1990 s" and "90 s" are what is left of "1990's" without its apostrophe.
_DECADE = re.compile(r"\b((?:1[89]|20)\d0|[2-9]0) ?s\b")
_SPAN = re.compile(
    r"\b(?:past|last|previous) (?:(\d+|couple of|[a-z]+) )?(year|decade|century)(?:s|ies)?\b"
)
_LENGTHS = {"year": 1, "decade": 10, "century": 100}
_DECADE_LENGTH = 10
_SPANS_OF_YEARS = (
    ("year", 1),
    *((f"{word} years", count) for word, count in SPOKEN_NUMBERS.items()),
    *((f"{count} years", count) for count in (2, 3, 4, 5, 10)),
    ("couple of years", 2),
    ("couple years", 2),
    ("few years", 4),
    ("several years", 7),
    ("decade", 10),
    ("decade", 10),
)
_SPANS_OF_DECADES = (
    *((f"{word} decades", 10 * count) for word, count in SPOKEN_NUMBERS.items()),
    *((f"{count} years", count) for count in (20, 25, 30, 40, 50)),
    *((f"{count} decades", 10 * count) for count in (2, 3, 5)),
    ("couple of decades", 20),
    ("couple decades", 20),
    ("few decades", 40),
    ("several decades", 70),
)
_BOUND = re.compile(r"\b(since|after|before|until|prior to)\b")


def parse_years(text: str, newest: int | None = None) -> tuple[int, int] | None:
    """Return the first and the last year that the text means, both included, or None.

    Two-digit decades from the twenties on are of the 1900s; "2000s" and later need four digits.
    "The past ten years" end with the year `newest`, and mean nothing without one.

    Example:
        >>> parse_years("the 90s"), parse_years("1995"), parse_years("eighties"), parse_years("new")
        ((1990, 1999), (1995, 1995), (1980, 1989), None)
        >>> parse_years("past ten years", newest=2025), parse_years("before 1980")
        ((2015, 2025), (0, 1979))
    """
    folded = fold(text)
    if (span := _SPAN.search(folded)) and (length := _count_years(*span.groups())):
        return None if newest is None else (newest - length, newest)
    years = _find_years(folded)
    bound = _BOUND.search(folded)
    if years is None or bound is None:
        return years
    if bound[1] == "since":
        return years[0], _FARTHEST
    return (years[1] + 1, _FARTHEST) if bound[1] == "after" else (0, years[0] - 1)


def _count_years(number: str | None, unit: str) -> int | None:
    """Return how many years a span holds: ("ten", "decade") are a hundred."""
    if number is None:
        count: int | None = 1
    elif number.isdecimal():
        count = int(number)
    else:
        count = SPOKEN_NUMBERS.get(number) or _VAGUE_NUMBERS.get(number)
    return None if count is None else count * _LENGTHS[unit]


def _find_years(folded: str) -> tuple[int, int] | None:
    if match := _DECADE.search(folded):
        start = int(match[1]) if len(match[1]) == 4 else 1900 + int(match[1])
        return start, start + 9
    if years := sorted(int(year) for year in _YEAR.findall(folded)):
        return years[0], years[-1]
    for word in folded.split():
        if word in SPOKEN_DECADES:
            return SPOKEN_DECADES[word], SPOKEN_DECADES[word] + 9
    return None


def list_spans(year: int, newest: int) -> tuple[str, ...]:
    """Return what people say for a stretch of time up to `newest` that holds the year.

    Years of the last ten are said in years, older ones in decades.

    Example:
        >>> list_spans(2024, 2025)[:3]
        ('past year', 'past two years', 'past three years')
        >>> list_spans(1930, 2025)
        ('past ten decades', 'last ten decades')
    """
    age = newest - year
    return tuple(
        f"{word} {phrase}"
        for word in ("past", "last")
        for phrase, length in (_SPANS_OF_YEARS if age <= _DECADE_LENGTH else _SPANS_OF_DECADES)
        if length >= age
    )
