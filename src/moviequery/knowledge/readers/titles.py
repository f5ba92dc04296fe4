"""Titles as a person writes them: without years, editions and bracketed second names."""

from __future__ import annotations

import re

from ..normalisation import fold, split_title
from ..tally import Tally
from .languages import ENGLISH_NAMES
from .values import read_text

# No film is named with so many characters; an unclosed quote in a CSV makes such "titles".
LONGEST_TITLE = 250
_TAIL = re.compile(r"\s*(?:-\s*)?[(\[{]([^()\[\]{}]*)[)\]}]\s*$")
# "Birdman or (The Unexpected Virtue of Ignorance)" is one name.
_SECOND_NAME = re.compile(
    r"^(?P<first>.*?\S)(?<! or)\s*\((?:a\.?k\.?a\.?\s+)?(?P<second>[^()]+)\)$"
)
# Words that tell one copy of a film from another; a bracket that holds nothing else is dropped.
_EDITION_WORDS = frozenset({
    "subtitled", "subbed", "dubbed", "subtitles", "subs", "4k", "uhd", "hd", "sd", "dvd", "bluray",
    "blu", "vhs", "pal", "ntsc", "widescreen", "fullscreen", "edition", "remastered", "restored",
    "uncut", "unrated", "extended", "theatrical", "amazon", "digital", "import", "bd",
})  # fmt: skip
# Words that may stand beside them, and mean something else where they stand alone.
_BESIDE_EDITIONS = frozenset({
    "english", "with", "no", "dialog", "in", "ver", "version", "ultra", "ray", "region", "free",
    "1", "2", "copy", "code", "combo", "pack", "disc", "discs", "two", "single", "double", "3d",
    "full", "screen", "special", "collector", "collectors", "limited", "deluxe", "anniversary",
    "original", "exclusive", "prime", "cut", "and", "the",
})  # fmt: skip
_MARKUP = re.compile(
    r"</?(?:span|div|script|style|br|img|table|font|a href)\b[^>]*>|var aPageStart|getTime\(\)",
    re.IGNORECASE,
)


def read_title(cell: object, line: int | str, tally: Tally) -> tuple[str, int | None, str] | None:
    """Return title, the year that stood behind it and its language bracket; None if there is none.

    A row without a usable title is counted as skipped; removed edition words as a repair.
    """
    text = read_text(cell)
    if not text:
        tally.skip("no title", line)
        return None
    if len(text) > LONGEST_TITLE:
        tally.skip(f"title longer than {LONGEST_TITLE} characters", line, text)
        return None
    if _MARKUP.search(text):
        tally.skip("markup or script in place of a title", line, text)
        return None
    title, language = _strip_editions(text)
    if title != text:
        tally.repair("edition words removed from the title", line, text)
    title, year = split_title(title)
    if not fold(title) and not any(char.isprintable() and not char.isspace() for char in title):
        tally.skip("no title", line, text)
        return None
    return title, year, language


def split_second_name(title: str) -> tuple[str, tuple[str, ...]]:
    """Return the title, and the other names that MovieLens writes behind it in brackets.

    Example:
        >>> split_second_name("Postino, Il (The Postman)")
        ('Il Postino', ('The Postman',))
    """
    others: dict[str, str] = {}
    while match := _SECOND_NAME.match(title):
        title, other = match["first"], split_title(match["second"])[0]
        others[fold(other)] = other
    title = split_title(title)[0]
    others.pop(fold(title), None)
    return title, tuple(reversed(others.values()))


def _strip_editions(text: str) -> tuple[str, str]:
    language = ""
    while (match := _TAIL.search(text)) and match.start() > 0:
        name = match[1].strip().title()
        if name in ENGLISH_NAMES:
            language = name
        elif not _names_edition(fold(match[1]).split()):
            break
        text = text[: match.start()]
    return text, language


def _names_edition(words: list[str]) -> bool:
    known = _EDITION_WORDS | _BESIDE_EDITIONS
    return known.issuperset(words) and not _EDITION_WORDS.isdisjoint(words)
