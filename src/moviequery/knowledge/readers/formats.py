"""Knows a table by its content and reads it with the reader that fits; file names do not count."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import CatalogueError
from ...schema import Movie
from ..normalisation import slug
from ..sources import KNOWN_SOURCES
from ..tally import Tally
from . import amazon, movielens, rdf, streaming, tmdb, wikimovies
from .files import read_head, read_lines
from .mapped import map_columns, read_mapped
from .tables import csv_rows, json_rows, parse_object, split_header

# A suffix that says how a file is packed or written, not what it is called.
_SUFFIXES = (".gz", ".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".ttl", ".nt", ".nq")
_JSON_ARRAY = re.compile(r"\s*\[\s*[\[{\"\]]")

Read = Callable[[Tally], Iterator[Movie]]


@dataclass(frozen=True, slots=True)
class Table:
    """A recognised table: what it is, whose it is and how to read it.

    Attributes:
        path: the file.
        format: what it was recognised as, in words.
        source: name of the source its films are attributed to.
        read: yields the records and counts the rest.
    """

    path: Path
    format: str
    source: str
    read: Read


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller said about unknown tables.

    Attributes:
        columns: field of a film -> column of a CSV or key of a JSON object.
        terms: field of a film -> IRI of an RDF term.
    """

    columns: Mapping[str, str] | None = None
    terms: Mapping[str, str] | None = None


def is_credits(path: Path) -> bool:
    """Tell whether the file is a TMDB credits CSV: cast and crew, but no films of its own."""
    columns = _header(read_head(path))[0]
    return set(columns) >= tmdb.CREDIT_COLUMNS and not set(columns) >= tmdb.COLUMNS


def read_credits_file(path: Path, tally: Tally) -> dict[str, tmdb.Credits]:
    """Return the credits by film id.

    Raises:
        CatalogueError: the file is no credits table.
    """
    columns, delimiter = _header(read_head(path))
    if not set(columns) >= tmdb.CREDIT_COLUMNS or not {"movie_id", "id"} & set(columns):
        raise CatalogueError(
            f"{path} is no TMDB credits table; found the columns {columns}. "
            "It needs movie_id (or id), cast and crew."
        )
    return tmdb.read_credits(csv_rows(read_lines(path, tally), delimiter, tally), tally)


def recognise(path: Path, wishes: Wishes, credits_by_film: Mapping[str, tmdb.Credits]) -> Table:
    """Return the table with its reader.

    Raises:
        CatalogueError: no reader fits; the text names the columns found and what to pass.
    """
    head = read_head(path)
    first = next((line for line in head.splitlines() if line.strip()), "")
    if rdf.looks_like_rdf(head):
        return _rdf_table(path, head, wishes)
    if wikimovies.FACT.match(first):
        return Table(
            path,
            "WikiMovies facts",
            "wikimovies",
            lambda tally: wikimovies.read_wikimovies(read_lines(path, tally), tally),
        )
    if first.lstrip().startswith("<"):
        raise CatalogueError(
            f"{path} is a web page or XML, which starts {first[:60]!r}. Pass the table itself."
        )
    if first.lstrip().startswith("{"):
        return _json_table(path, head, wishes)
    if _JSON_ARRAY.match(head):
        raise CatalogueError(
            f"{path} is one JSON array. Write one object per line "
            f"(jq -c '.[]' {path.name} > films.jsonl) and pass that."
        )
    return _csv_table(path, head, wishes, credits_by_film)


def name_after(path: Path) -> str:
    """Return the source name of a user's own table: its file name without packing and format.

    Example:
        >>> name_after(Path("/data/Our Films.csv.gz")), name_after(Path("netflix.csv"))
        ('our-films', 'netflix-file')
    """
    name = path.name
    while name.lower().endswith(_SUFFIXES):
        name = name[: name.rindex(".")]
    own = slug(name)
    # a file that is merely called so is no table of that publisher, nor under its licence
    return f"{own}-file" if own in KNOWN_SOURCES else own


def _rdf_table(path: Path, head: str, wishes: Wishes) -> Table:
    known, name = rdf.recognise_terms(head, wishes.terms, path)
    # example.org is anybody's namespace: the shape alone proves no publisher and no licence
    is_wikidata = name == rdf.WIKIDATA_SHAPE and "wikidata" in path.name.casefold()
    source = "wikidata" if is_wikidata else name_after(path)
    return Table(
        path,
        f"{rdf.name_format(head)}, {name}",
        source,
        lambda tally: rdf.read_rdf(path, known, source, tally),
    )


def _json_table(path: Path, head: str, wishes: Wishes) -> Table:
    rows = [row for line in head.splitlines() if (row := parse_object(line)) is not None]
    if not rows:
        raise CatalogueError(
            f"{path} starts like JSON lines, but no line of its beginning is a whole object. "
            "Write one object per line."
        )
    keys = sorted(set().union(*rows[:50]))
    form = None if _map_fits(wishes.columns, keys) else amazon.recognise_form(rows[0])
    if form is not None:
        return Table(
            path,
            f"Amazon reviews metadata, form of {form}",
            "amazon-reviews",
            lambda tally: amazon.read_amazon(json_rows(read_lines(path, tally), tally), tally),
        )
    mapping = _checked_map(path, keys, wishes.columns)
    source = name_after(path)
    return Table(
        path,
        "JSON lines",
        source,
        lambda tally: read_mapped(
            json_rows(read_lines(path, tally), tally), mapping, source, tally
        ),
    )


def _csv_table(
    path: Path, head: str, wishes: Wishes, credits_by_film: Mapping[str, tmdb.Credits]
) -> Table:
    columns, delimiter = _header(head)
    found = set(columns)

    def rows(tally: Tally) -> Iterator[tuple[int, Mapping[str, str]]]:
        return csv_rows(read_lines(path, tally), delimiter, tally)

    source = name_after(path)
    if not _map_fits(wishes.columns, columns):
        if found >= streaming.COLUMNS:
            known, _ = streaming.name_source(rows(Tally()))
            title = {"netflix": "Netflix", "amazon-prime": "Amazon Prime"}.get(
                known or "", "streaming"
            )
            source = known or source
            return Table(
                path,
                f"{title} titles CSV",
                source,
                lambda tally: streaming.read_streaming(rows(tally), source, tally),
            )
        if found >= tmdb.COLUMNS:
            form = "JSON cells" if '"[{""' in head or "\"[{'" in head else "comma lists"
            return Table(
                path,
                f"TMDB movies CSV, {form}",
                "tmdb",
                lambda tally: tmdb.read_tmdb(rows(tally), credits_by_film, tally),
            )
        if found >= movielens.COLUMNS:
            return Table(
                path,
                "MovieLens CSV",
                "movielens",
                lambda tally: movielens.read_movielens(rows(tally), tally),
            )
    mapping = _checked_map(path, columns, wishes.columns)
    return Table(
        path, "CSV", source, lambda tally: read_mapped(rows(tally), mapping, source, tally)
    )


def _header(head: str) -> tuple[list[str], str]:
    return split_header(next((line for line in head.splitlines() if line.strip()), ""))


def _map_fits(columns: Mapping[str, str] | None, found: list[str]) -> bool:
    """Tell whether a map was written for this table: all its columns stand in it."""
    return bool(columns) and {name.split(".")[0] for name in (columns or {}).values()} <= set(found)


def _checked_map(path: Path, found: list[str], columns: Mapping[str, str] | None) -> dict[str, str]:
    mapping = map_columns(found, columns)
    missing = sorted({name for name in mapping.values() if name.split(".")[0] not in found})
    if "title" in mapping and not missing:
        return mapping
    problem = (
        f"has no column {', '.join(missing)}" if missing else "is no film table that is known here"
    )
    shown = ", ".join(column[:40] for column in found[:40])
    raise CatalogueError(
        f"{path} {problem}; found the columns: {shown}. Say which column holds what, such as "
        'columns={"title": "name", "year": "released", "genres": "tags"}.'
    )
