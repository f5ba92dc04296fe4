"""Item metadata of the Amazon Reviews collections of 2014, 2018 and 2023.

The rows are products: several discs and streams of one film become one when records are merged.
The release date of a disc is not the year of a film, so it is never taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...errors import CatalogueError
from ...schema import Movie, Role
from ..tally import Tally
from .languages import name_language
from .people import read_cast, read_names
from .tables import Row
from .titles import read_title
from .values import read_certificate, read_list, read_number, read_runtime, read_text, read_year

_DEPARTMENTS = frozenset({"movies & tv", "prime video", "movies", "tv", "amazon video"})
_SHELVES = frozenset({
    "movies & tv", "movies", "tv", "tv shows", "television", "prime video", "amazon video",
    "dvd", "blu-ray", "vhs", "4k", "all", "featured categories",
    "genre for featured categories", "boxed sets", "independently distributed",
    "studio specials", "general", "by country", "art house & international", "more to explore",
    "fully loaded dvds", "special editions", "criterion collection",
})  # fmt: skip
_SHOP_WORDS = re.compile(
    r"home (?:video|entertainment)|titles?$|store|deals|^all |studio|best of|see more|"
    r"\bdvds?\b|blu-?ray|ultra hd",
    re.IGNORECASE,
)
_SHOW_SHELVES = frozenset({"tv", "tv shows", "television", "tv series"})
_SEASON = re.compile(
    r"[\s:,\-]*\b(?:the )?(?:complete )?(?:"
    r"(?:\w+ )?seasons?(?: ?\d+)?(?: ?[-&] ?\d+)?|series(?: \d+)?|(?:\w+ )?series collection)"
    r"(?:,? (?:vol(?:ume|\.)|part|disc) ?\d+)?$",
    re.IGNORECASE,
)
_SEASON_SIGNS = re.compile(
    r"\bseasons? \w+|\b\w+ season\b|\bcomplete (?:\w+ )?series\b", re.IGNORECASE
)
_IMDB = re.compile(r"^IMDb (\d+(?:\.\d)?)$")
_CREDIT = re.compile(r"\s*([^,()]+?)\s*\((Actor|Director|Writer)[^)]*\)")
_CERTIFICATE = re.compile(r"^(?:G|PG|PG-13|R|NC-17|TV-\w+|\d{1,2}\+|ALL)$")


def recognise_form(row: Mapping[str, Any]) -> str | None:
    """Return "2014", "2018" or "2023", or None for a table that is not Amazon's.

    Raises:
        CatalogueError: the rows are the reviews, not the items.
    """
    keys = set(row)
    if {"asin", "reviewerID"} <= keys or {"asin", "user_id", "text"} <= keys:
        raise CatalogueError(
            "these are reviews, not films: pass the metadata file of the collection "
            "(meta_Movies_and_TV), whose rows hold title and categories."
        )
    if "main_category" in keys and {"parent_asin", "average_rating"} & keys:
        return "2023"
    if "asin" not in keys:
        return None
    return "2014" if "categories" in keys else "2018"


def read_amazon(rows: Iterable[Row], tally: Tally) -> Iterator[Movie]:
    """Yield a record per item of the film department."""
    for line, row in rows:
        shelves = read_list(row.get("categories") or row.get("category") or ())
        department = str(row.get("main_category") or row.get("main_cat") or "")
        if not _is_film(department, shelves):
            tally.skip("not of the Movies & TV department", line, department or shelves)
            continue
        if (named := read_title(row.get("title"), line, tally)) is None:
            continue
        title, year, _ = named
        features = read_list(row.get("features") or ())
        is_show = _is_show(title, shelves, features)
        if is_show and (shorter := _SEASON.sub("", title)):
            if shorter != title:
                tally.repair("season removed from the title", line, title)
            title = shorter
        yield _build(row, title, year, shelves, features, is_show, line, tally)


def _build(
    row: Mapping[str, Any],
    title: str,
    year: int | None,
    shelves: tuple[str, ...],
    features: tuple[str, ...],
    is_show: bool,
    line: int,
    tally: Tally,
) -> Movie:
    given = row.get("details")
    details: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    credited = _CREDIT.findall(str(row.get("store") or ""))
    cast = read_cast(details.get("Actors") or details.get("Starring") or "", line, tally)
    directors = read_names(details.get("Director") or details.get("Directors") or "", line, tally)
    rating, votes = _rating(row, features)
    return Movie(
        title=title,
        # a stream's year is the film's, but for a show it is the season's
        year=year or (None if is_show else _stream_year(features)),
        kind="show" if is_show else "movie",
        genres=_genres(shelves) + read_list(details.get("Genre") or ()),
        cast=cast or tuple(Role(name) for name, part in credited if part == "Actor"),
        directors=directors or tuple(name for name, part in credited if part == "Director"),
        writers=tuple(name for name, part in credited if part == "Writer"),
        certificate=_certificate(details, features),
        rating=rating,
        votes=votes,
        popularity=read_number(row.get("rating_number")) or 0.0,
        runtime=read_runtime(details.get("Run time") or details.get("Runtime")),
        languages=_languages(details),
        studios=read_list(details.get("Studio") or ()),
        overview=read_text(row.get("description") or ""),
        sources=("amazon-reviews",),
    )


def _is_film(department: str, shelves: tuple[str, ...]) -> bool:
    first = shelves[0].casefold() if shelves else ""
    if department.casefold() in _DEPARTMENTS or first in _DEPARTMENTS:
        return True
    return not department and not first


def _is_show(title: str, shelves: tuple[str, ...], features: tuple[str, ...]) -> bool:
    on_shelf = any(shelf.casefold() in _SHOW_SHELVES for shelf in shelves)
    in_episodes = any(feature.endswith(("episode", "episodes")) for feature in features)
    return on_shelf or in_episodes or bool(_SEASON_SIGNS.search(title))


def _genres(shelves: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        shelf
        for shelf in shelves
        if shelf.casefold() not in _SHELVES and not _SHOP_WORDS.search(shelf)
    )


def _stream_year(features: tuple[str, ...]) -> int | None:
    years = (read_year(feature) for feature in features if feature.isdecimal())
    return next((year for year in years if year), None)


def _rating(row: Mapping[str, Any], features: tuple[str, ...]) -> tuple[float | None, int | None]:
    """Return the IMDb rating where a stream shows it, else the shop's five stars doubled."""
    for feature in features:
        if match := _IMDB.match(feature):
            return float(match[1]), None
    stars, votes = read_number(row.get("average_rating")), read_number(row.get("rating_number"))
    return (2 * stars, int(votes)) if stars and votes and stars <= 5 else (None, None)


def _certificate(details: Mapping[str, Any], features: tuple[str, ...]) -> str | None:
    # "PG-13 (Parents Strongly Cautioned)", "s_medNotRated NR (Not Rated)"
    text = read_text(details.get("MPAA rating") or details.get("Rated") or "").partition("(")[0]
    words = [*text.split()[-1:], *features]
    found = next((word for word in words if _CERTIFICATE.match(word)), "")
    return read_certificate(found)[0]


def _languages(details: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the language where there is one; several are the sound tracks of a disc."""
    names = (name.partition("(")[0] for name in read_list(details.get("Language") or ()))
    languages = dict.fromkeys(name_language(name) for name in names)
    return tuple(languages) if len(languages) == 1 and "" not in languages else ()
