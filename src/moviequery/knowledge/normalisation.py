"""One way of comparing names and titles, used by readers, graph, grounding and look-ups alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = re.compile(r"['’‘`´]")
_NON_WORDS = re.compile(r"[\W_]+")
# "J. K." and "J.K." are one name, and "A.I." is no article.
_INITIALS = re.compile(r"(?<!\w)(?:[^\W\d_]\.\s?){2,}")
_FRACTION = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])")
# Letters that Unicode does not take for an accented one, though people type them so.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_YEAR_SUFFIX = re.compile(r"\s*[(\[]\s*((?:18|19|20)\d\d)\s*[)\]]\s*$")
# "Matrix, The": MovieLens, Netflix and IMDb lists put the article of many languages last.
_TRAILING_ARTICLE = re.compile(
    r"^(?P<rest>.+),\s+(?P<article>The|An?|L[ae]s?|L'|Les|El|Los|Il|Lo|Gli|Der|Die|Das|Den|Det|Une?)$",
    re.IGNORECASE,
)
_LEADING_ARTICLE = re.compile(r"^(?:the|an?) (?=.)")


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """Return text without case, accents and punctuation, words parted by single spaces.

    Example:
        >>> fold("Amélie & the Gnome's “Trip”")
        'amelie and the gnomes trip'
    """
    text = text.replace("&", " and ")
    if "." in text:
        text = _INITIALS.sub(_join_initials, text)
    # most names are ASCII, which has nothing to decompose
    if text.isascii():
        return _NON_WORDS.sub(" ", _APOSTROPHES.sub("", text).lower()).strip()
    return " ".join(_plain_words(text).split())


def split_title(title: str) -> tuple[str, int | None]:
    """Return the title as a person writes it, and the year that stood behind it, if one did.

    Example:
        >>> split_title("Matrix, The (1999)")
        ('The Matrix', 1999)
    """
    title = " ".join(title.split())
    year = None
    # the whole text may be a year in brackets; a film needs a name
    if (match := _YEAR_SUFFIX.search(title)) and match.start() > 0:
        title, year = title[: match.start()], int(match[1])
    if match := _TRAILING_ARTICLE.match(title):
        article = match["article"]
        title = f"{article}{'' if article.endswith(chr(39)) else ' '}{match['rest']}"
    return title, year


@lru_cache(maxsize=200_000)
def title_key(title: str) -> str:
    """Return the form under which two spellings of one title are equal.

    Example:
        >>> title_key("Matrix, The (1999)") == title_key("the  MATRIX")
        True
    """
    folded = fold(split_title(title)[0])
    return _LEADING_ARTICLE.sub("", folded) or folded or " ".join(title.split()).casefold()


def slug(text: str) -> str:
    """Return the part of an IRI that names `text`: folded words joined by hyphens.

    Letters of any script stay, since IRIs may hold them; a text of punctuation alone becomes its
    UTF-8 bytes in hexadecimal, so that no two such names meet.

    Example:
        >>> slug("Spider-Man: No Way Home"), slug("!!!")
        ('spider-man-no-way-home', 'x212121')
    """
    return fold(text).replace(" ", "-") or f"x{text.encode().hex()}"


def _join_initials(match: re.Match[str]) -> str:
    return f"{''.join(char for char in match[0] if char.isalpha())} "


def _plain_words(text: str) -> str:
    """Return text in plain letters, with spaces for all that is no letter, digit or mark.

    The accents of Latin, Greek and Cyrillic, and the points of Hebrew and Arabic, may be left out;
    the vowel signs of Indic scripts, Thai and Lao and the voicing marks of kana may not.
    """
    decomposed = unicodedata.normalize("NFKD", _FRACTION.sub(" ", text))
    kept = (char for char in decomposed if not _is_accent(char))
    composed = unicodedata.normalize("NFC", "".join(kept)).casefold().translate(_LETTERS)
    # the word class of `re` leaves vowel signs out, and would tear words apart there
    return "".join(
        char if char.isalnum() or unicodedata.category(char)[0] == "M" else " "
        for char in _APOSTROPHES.sub("", composed)
    )


def _is_accent(char: str) -> bool:
    # canonical combining classes: 1 strikes through, 10 to 35 are Hebrew and Arabic points, 200 up
    # sit round a letter; those between belong to scripts where they change the word
    order = unicodedata.combining(char)
    return order == 1 or 10 <= order <= 35 or order >= 200
