"""Any CSV or JSON lines table, read through a map from the fields of a film to its columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ...errors import CatalogueError
from ...schema import Movie
from ..tally import Tally
from .languages import name_language
from .people import read_cast, read_names
from .tables import Row
from .titles import read_title
from .values import (
    read_any_year,
    read_certificate,
    read_countries,
    read_list,
    read_number,
    read_runtime,
    read_text,
)

# The fields that a column or an RDF term may fill.
MAPPABLE: tuple[str, ...] = tuple(
    field.name
    for field in dataclasses.fields(Movie)
    if field.name not in ("records", "sources", "cast_complete")
)
# Column names that speak for themselves, beside the field names themselves.
_ALIASES: dict[str, tuple[str, ...]] = {
    "title": ("name", "movie_title", "film", "movie"),
    "year": ("release_year", "release_date", "released"),
    "kind": ("type",),
    "genres": ("genre",),
    "keywords": ("tags", "keyword"),
    "cast": ("actors", "stars", "starring", "actor"),
    "directors": ("director", "directed_by"),
    "writers": ("writer", "written_by"),
    "certificate": ("content_rating", "certification", "mpaa"),
    "runtime": ("duration", "runtime_minutes", "minutes"),
    "countries": ("country",),
    "languages": ("language", "original_language"),
    "studios": ("studio", "production_companies"),
    "votes": ("vote_count", "num_votes"),
    "rating": ("vote_average", "imdb_rating"),
    "overview": ("description", "synopsis", "summary"),
}
_KINDS = {
    **dict.fromkeys(("", "movie", "film", "feature film", "short", "tvmovie", "tv movie"), "movie"),
    **dict.fromkeys(("show", "tv show", "tv series", "tvseries", "series", "tvminiseries"), "show"),
}
_PLAIN_LISTS = (
    "alternative_titles",
    "genres",
    "keywords",
    "plots",
    "themes",
    "moods",
    "settings",
    "characters",
    "songs",
    "awards",
    "origins",
    "relationships",
    "quotes",
    "studios",
    "same_as",
)


def map_columns(found: Iterable[str], columns: Mapping[str, str] | None) -> dict[str, str]:
    """Return field -> column: what the caller said, then columns whose names speak for themselves.

    Example:
        >>> map_columns(["Name", "Genre", "blurb"], {"overview": "blurb"})
        {'overview': 'blurb', 'title': 'Name', 'genres': 'Genre'}
    """
    mapping = dict(columns or {})
    by_name = {column.casefold(): column for column in found}
    for field_name in MAPPABLE:
        for name in (field_name, *_ALIASES.get(field_name, ())):
            if field_name not in mapping and name in by_name:
                mapping[field_name] = by_name[name]
    return mapping


def check_fields(mapping: Mapping[str, str] | None, what: str) -> None:
    """Refuse keys that are no fields of a film.

    Raises:
        CatalogueError: a key of the map is unknown; the text lists those that exist.
    """
    if unknown := sorted(set(mapping or ()) - set(MAPPABLE)):
        raise CatalogueError(
            f"{what} has keys that are no fields of a film: {', '.join(unknown)}. "
            f"Use: {', '.join(MAPPABLE)}."
        )


def read_mapped(
    rows: Iterable[Row], mapping: Mapping[str, str], source: str, tally: Tally
) -> Iterator[Movie]:
    """Yield a record per readable row; a key such as "details.year" reaches into JSON objects."""
    for line, row in rows:
        cells = {field_name: _look_up(row, column) for field_name, column in mapping.items()}
        if (movie := build_movie(cells, source, line, tally)) is not None:
            yield movie


def build_movie(
    cells: Mapping[str, Any], source: str, line: int | str, tally: Tally
) -> Movie | None:
    """Return the film that the cells by field describe, or None when the row was skipped."""
    kind = _KINDS.get(read_text(cells.get("kind", "")).casefold())
    if kind is None:
        tally.skip("neither film nor show", line, cells["kind"])
        return None
    if (named := read_title(cells.get("title", ""), line, tally)) is None:
        return None
    title, title_year, language = named
    languages = (name_language(name) for name in read_list(cells.get("languages", "")))
    values: dict[str, Any] = {
        name: read_list(cells[name]) for name in _PLAIN_LISTS if name in cells
    }
    values |= {
        name: read(cells[name])
        for name, read in _NUMBERS.items()
        if name in cells and not _is_bad(name, read(cells[name]), cells[name], line, tally)
    }
    certificate, mended = read_certificate(cells.get("certificate", ""))
    if mended:
        tally.repair(mended, line, cells["certificate"])
    values.setdefault("year", title_year)
    return Movie(
        title=title,
        kind=kind,
        iri=read_text(cells.get("iri", "")),
        cast=read_cast(cells.get("cast", ""), line, tally),
        directors=read_names(cells.get("directors", ""), line, tally),
        writers=read_names(cells.get("writers", ""), line, tally),
        certificate=certificate,
        countries=read_countries(cells.get("countries", "")),
        languages=tuple(dict.fromkeys(name for name in languages if name))
        or ((language,) if language else ()),
        overview=read_text(cells.get("overview", "")),
        sources=(source,),
        **values,
    )


def _read_rating(cell: object) -> float | None:
    number = read_number(cell)
    return number if number is not None and number <= 10 else None


def _read_votes(cell: object) -> int | None:
    number = read_number(cell)
    return int(number) if number else None


_NUMBERS: dict[str, Callable[[object], int | float | None]] = {
    "year": read_any_year,
    "runtime": read_runtime,
    "rating": _read_rating,
    "votes": _read_votes,
    "popularity": read_number,
}


def _is_bad(name: str, value: object, cell: object, line: int | str, tally: Tally) -> bool:
    if value is not None:
        return False
    if read_text(cell) not in ("", "0", "0.0"):
        tally.repair(f"{name} not understood, left out", line, cell)
    return True


def _look_up(row: Mapping[str, Any], column: str) -> Any:  # noqa: ANN401 - any JSON value
    if column in row:
        return row[column]
    value: Any = row
    for key in column.split("."):
        if not isinstance(value, Mapping):
            return ""
        value = value.get(key, "")
    return value if value is not None else ""
