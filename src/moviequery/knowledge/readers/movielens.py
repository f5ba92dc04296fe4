"""MovieLens films, with the TMDB columns that are often joined to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...schema import Movie
from ..normalisation import fold, title_key
from ..tally import Tally
from .people import read_cast, read_names
from .tables import Row
from .titles import read_title, split_second_name
from .values import read_list, read_runtime, read_text, read_year

COLUMNS = frozenset({"movieId", "title", "genres"})
_NO_GENRES = "(no genres listed)"
_FOREIGN_PREFIX = "tmdb_"


def read_movielens(rows: Iterable[Row], tally: Tally) -> Iterator[Movie]:
    """Yield a record per film; TMDB columns of another film (a failed join) are left out."""
    for line, row in rows:
        if (named := read_title(row["title"], line, tally)) is None:
            continue
        title, second_names = split_second_name(named[0])
        year = named[1] or read_year(row.get("year"))
        joined: Mapping[str, str] = row
        tmdb_title, tmdb_year = _joined_name(row)
        if tmdb_title and not _is_same_film((title, *second_names), year, tmdb_title, tmdb_year):
            tally.repair("TMDB columns of another film, left out", line, f"{title} / {tmdb_title}")
            joined = {
                column: cell
                for column, cell in row.items()
                if not column.startswith(_FOREIGN_PREFIX)
            }
            tmdb_title, tmdb_year = "", None
        names = {fold(name): name for name in (tmdb_title, *second_names) if name}
        names.pop(fold(title), None)
        genres = read_list(row["genres"]) + read_list(joined.get("tmdb_genres", ""))
        yield Movie(
            title=title,
            year=min((y for y in (year, tmdb_year) if y), default=None),
            alternative_titles=tuple(names.values()),
            genres=tuple(label for label in dict.fromkeys(genres) if label != _NO_GENRES),
            keywords=read_list(joined.get("tmdb_keywords", "")),
            cast=read_cast(joined.get("tmdb_top_cast", ""), line, tally),
            directors=read_names(joined.get("tmdb_directors", ""), line, tally),
            runtime=read_runtime(joined.get("tmdb_runtime")),
            overview=read_text(joined.get("tmdb_overview", "")),
            same_as=_same_as(joined),
            sources=("movielens",),
        )


def _joined_name(row: Mapping[str, str]) -> tuple[str, int | None]:
    return read_text(row.get("tmdb_title", "")), read_year(row.get("tmdb_release_date"))


def _is_same_film(
    names: tuple[str, ...], year: int | None, tmdb_title: str, tmdb_year: int | None
) -> bool:
    """Tell whether the joined columns speak of this film: by its name, or by its year."""
    same_name = title_key(tmdb_title) in {title_key(name) for name in names}
    return same_name or year is None or tmdb_year is None or abs(year - tmdb_year) <= 1


def _same_as(row: Mapping[str, str]) -> tuple[str, ...]:
    tmdb = row.get("tmdb_id", "").strip()
    return (f"https://www.themoviedb.org/movie/{tmdb}",) if tmdb.isdecimal() else ()
