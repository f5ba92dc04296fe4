"""WikiMovies facts: a numbered line per fact, a blank line between films."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...schema import Movie
from ..tally import Tally
from .people import read_cast, read_names
from .titles import read_title
from .values import read_list, read_text, read_year

_RELATIONS = (
    "directed_by",
    "written_by",
    "starred_actors",
    "release_year",
    "in_language",
    "has_tags",
    "has_genre",
    "has_plot",
    "has_imdb_rating",
    "has_imdb_votes",
)
# Titles may hold any words; a relation is the first that stands between spaces.
FACT = re.compile(rf"^(\d+) (?P<title>.+?) (?P<relation>{'|'.join(_RELATIONS)}) (?P<value>.*)$")


def read_wikimovies(lines: Iterable[str], tally: Tally) -> Iterator[Movie]:
    """Yield a record per film; a line that is no fact is counted.

    The rating and votes relations hold words ("good", "famous") that are no numbers and are left.
    """
    facts: dict[str, str] = {}
    title, start = "", 1
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        if not text.strip():
            yield from _film(title, facts, start, tally)
            title, facts = "", {}
            continue
        match = FACT.match(text)
        if match is None:
            tally.skip("not a WikiMovies fact", number, text)
            continue
        # facts are numbered from 1 in each film: a second guard where the blank line is lost
        if match["title"] != title or match[1] == "1":
            yield from _film(title, facts, start, tally)
            title, facts, start = match["title"], {}, number
        facts[match["relation"]] = match["value"]
    yield from _film(title, facts, start, tally)


def _film(title: str, facts: dict[str, str], line: int, tally: Tally) -> Iterator[Movie]:
    if not facts:
        return
    tally.rows += 1
    if (named := read_title(title, line, tally)) is None:
        return
    year = read_year(facts.get("release_year"))
    yield Movie(
        title=named[0],
        year=year or named[1],
        genres=read_list(facts.get("has_genre", "")),
        keywords=read_list(facts.get("has_tags", "")),
        cast=read_cast(facts.get("starred_actors", ""), line, tally),
        directors=read_names(facts.get("directed_by", ""), line, tally),
        writers=read_names(facts.get("written_by", ""), line, tally),
        languages=read_list(facts.get("in_language", "")),
        overview=read_text(facts.get("has_plot", "")),
        sources=("wikimovies",),
    )
