"""TMDB movies CSV in its known forms, with the credits CSV beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...schema import Movie, Role
from ..normalisation import fold
from ..tally import Tally
from .languages import name_language
from .people import read_cast, read_names
from .tables import Row, parse_literal
from .titles import read_title
from .values import (
    read_countries,
    read_list,
    read_number,
    read_runtime,
    read_text,
    read_year,
    tidy,
)

COLUMNS = frozenset({"id", "title", "original_title", "vote_average", "vote_count", "genres"})
CREDIT_COLUMNS = frozenset({"cast", "crew"})
# TMDB lists films that were only talked about; nobody can watch them.
_NEVER_MADE = frozenset({"rumored", "planned", "canceled"})


@dataclass(frozen=True, slots=True)
class Credits:
    """The people of one film as the credits table lists them, cast in billing order."""

    cast: tuple[Role, ...]
    directors: tuple[str, ...]
    writers: tuple[str, ...]


NO_CREDITS = Credits((), (), ())


def read_credits(rows: Iterable[Row], tally: Tally) -> dict[str, Credits]:
    """Return the credits by TMDB id; rows whose cells are no JSON are counted."""
    by_film: dict[str, Credits] = {}
    for line, row in rows:
        cast, crew = parse_literal(row["cast"]), parse_literal(row["crew"])
        film = str(row.get("movie_id") or row.get("id") or "").strip()
        if not film or not isinstance(cast, list) or not isinstance(crew, list):
            tally.skip("credits without an id, or not JSON", line, row)
            continue
        by_film[film] = Credits(
            cast=_cast_of(cast),
            directors=_with_job(crew, "job", ("Director",)),
            writers=_with_job(crew, "department", ("Writing",)),
        )
    return by_film


def read_tmdb(
    rows: Iterable[Row], credits_by_film: Mapping[str, Credits], tally: Tally
) -> Iterator[Movie]:
    """Yield a record per released film; lists may be JSON, Python literals or comma lists."""
    for line, row in rows:
        if reason := _refusal(row):
            tally.skip(reason, line, row["title"])
            continue
        if (named := read_title(row["title"], line, tally)) is None:
            continue
        title, title_year, _ = named
        votes = read_number(row["vote_count"])
        rating = read_number(row["vote_average"])
        people = _people(row, credits_by_film, line, tally)
        original = tidy(row["original_title"])
        yield Movie(
            title=title,
            year=read_year(row.get("release_date")) or title_year,
            alternative_titles=(original,) if original and fold(original) != fold(title) else (),
            genres=read_list(row["genres"]),
            keywords=read_list(row.get("keywords", "")),
            cast=people.cast,
            directors=people.directors,
            writers=people.writers,
            # a mean over no votes is written as 0.0
            rating=rating if votes and rating else None,
            votes=int(votes) if votes else None,
            popularity=read_number(row.get("popularity")) or 0.0,
            runtime=read_runtime(row.get("runtime")),
            countries=read_countries(row.get("production_countries", "")),
            languages=_languages(row),
            studios=read_list(row.get("production_companies", "")),
            overview=read_text(row.get("overview", "")),
            same_as=_same_as(row),
            sources=("tmdb",),
        )


def _refusal(row: Mapping[str, str]) -> str:
    if row.get("adult", "").strip().casefold() == "true":
        return "marked as adult by TMDB"
    status = row.get("status", "").strip().casefold()
    return f"never made: {status}" if status in _NEVER_MADE else ""


def _people(
    row: Mapping[str, str], credits_by_film: Mapping[str, Credits], line: int, tally: Tally
) -> Credits:
    if found := credits_by_film.get(row["id"].strip()):
        return found
    # some dumps carry the names as comma lists in columns of their own
    if not any(row.get(column) for column in ("cast", "director", "writers")):
        return NO_CREDITS
    return Credits(
        cast=read_cast(row.get("cast", ""), line, tally),
        directors=read_names(row.get("director", ""), line, tally),
        writers=read_names(row.get("writers", ""), line, tally),
    )


def _languages(row: Mapping[str, str]) -> tuple[str, ...]:
    """Return the original language; a scene in Spanish does not make a film a Spanish one."""
    if original := name_language(row.get("original_language", "")):
        return (original,)
    spoken = (name_language(name) for name in read_list(row.get("spoken_languages", "")))
    return tuple(name for name in spoken if name)


def _same_as(row: Mapping[str, str]) -> tuple[str, ...]:
    imdb, tmdb = row.get("imdb_id", "").strip(), row["id"].strip()
    links = []
    if imdb.startswith("tt"):
        links.append(f"https://www.imdb.com/title/{imdb}/")
    if tmdb.isdecimal():
        links.append(f"https://www.themoviedb.org/movie/{tmdb}")
    return tuple(links)


def _cast_of(cast: list[Any]) -> tuple[Role, ...]:
    members = [member for member in cast if isinstance(member, dict) and member.get("name")]
    members.sort(key=lambda member: read_number(member.get("order")) or 0.0)
    roles: dict[str, Role] = {}
    for member in members:
        name = tidy(str(member["name"]))
        roles.setdefault(name, Role(name, _character(str(member.get("character") or ""))))
    return tuple(roles.values())


def _character(text: str) -> str | None:
    """Return the first part: "Bruce Wayne / Batman" is two, "(uncredited)" is a note.

    Example:
        >>> _character("Neo / Thomas Anderson"), _character("Agent (voice)"), _character("Himself")
        ('Neo', 'Agent', None)
    """
    name = tidy(text.partition("/")[0].partition("(")[0]).strip("\"'")
    return None if name.casefold() in ("", "himself", "herself", "self", "themselves") else name


def _with_job(crew: list[Any], key: str, values: tuple[str, ...]) -> tuple[str, ...]:
    names = (
        tidy(str(member["name"]))
        for member in crew
        if isinstance(member, dict) and member.get(key) in values and member.get("name")
    )
    return tuple(dict.fromkeys(names))
