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
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b(?!s)")
_DECADE = re.compile(r"\b((?:1[89]|20)\d0|[2-9]0)s\b")


def parse_years(text: str) -> tuple[int, int] | None:
    """Return the first and the last year that the text means, both included, or None.

    Two-digit decades from the twenties on are of the 1900s; "2000s" and later need four digits.

    Example:
        >>> parse_years("the 90s"), parse_years("1995"), parse_years("eighties"), parse_years("new")
        ((1990, 1999), (1995, 1995), (1980, 1989), None)
    """
    folded = fold(text)
    if match := _DECADE.search(folded):
        start = int(match[1]) if len(match[1]) == 4 else 1900 + int(match[1])
        return start, start + 9
    if years := sorted(int(year) for year in _YEAR.findall(folded)):
        return years[0], years[-1]
    for word in folded.split():
        if word in SPOKEN_DECADES:
            return SPOKEN_DECADES[word], SPOKEN_DECADES[word] + 9
    return None
