"""Reads film tables of many forms into one catalogue: each film once, with all its sources.

catalogue = read_catalogue("netflix_titles.csv", "tmdb_movies.csv")
print(catalogue.summary())
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import overload
from urllib.parse import urlsplit

from tqdm import tqdm

from ..errors import CatalogueError
from ..schema import Movie
from .merging import merge
from .normalisation import slug
from .plot_cutting import add_plots
from .readers.endpoint import is_endpoint, read_endpoint
from .readers.formats import Table, Wishes, is_credits, read_credits_file, recognise
from .readers.mapped import check_fields
from .readers.tmdb import Credits
from .sources import Source, find_source
from .tally import FileReport, Tally

__all__ = ["Catalogue", "FileReport", "Source", "read_catalogue"]

KINDS = ("movie", "show")


@dataclass(frozen=True, slots=True)
class Catalogue(Sequence[Movie]):
    """The films of one or more tables, merged and sorted by IRI.

    Attributes:
        movies: the films; each holds its source rows in `records`.
        report: what became of every table, in the order given.
        sources: who the facts come from, by the names in `Movie.sources`.
        merged: how many records joined another one of the same film.
    """

    movies: tuple[Movie, ...]
    report: tuple[FileReport, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    merged: int = 0

    @overload
    def __getitem__(self, index: int) -> Movie: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Movie, ...]: ...

    def __getitem__(self, index: int | slice) -> Movie | tuple[Movie, ...]:
        """Return the film at a place, or the films of a slice."""
        return self.movies[index]

    def __len__(self) -> int:
        """Return the number of films and shows."""
        return len(self.movies)

    def summary(self) -> str:
        """Return what was read, skipped, repaired and merged, as lines for a terminal."""
        kinds = Counter(movie.kind for movie in self.movies)
        shared = sum(len(movie.sources) > 1 for movie in self.movies)
        lines = [report.summary() for report in self.report]
        lines.append(
            f"{kinds['movie']:,} films and {kinds['show']:,} shows; {self.merged:,} records "
            f"joined another of the same film; {shared:,} stand in more than one source; "
            f"{sum(bool(movie.plots) for movie in self.movies):,} tell a plot"
        )
        lines += [
            f"  {source.name}: {source.title}, {source.licence}"
            for _, source in sorted(self.sources.items())
        ]
        return "\n".join(lines)


def read_catalogue(
    *paths: str | PathLike[str],
    columns: Mapping[str, str] | None = None,
    terms: Mapping[str, str] | None = None,
    credits: str | PathLike[str] | None = None,
    licence: str | None = None,
    kinds: Collection[str] = KINDS,
    plots_from_overview: bool = True,
) -> Catalogue:
    r"""Return the films of all the tables, each once, with a report of every row left out.

    Tables are known by their content: Netflix and Amazon Prime titles, TMDB movies (JSON cells or
    comma lists), MovieLens, WikiMovies, Amazon reviews metadata, other CSV and JSON lines, Turtle,
    N-Triples and N-Quads; all of them also packed with gzip. An http address is asked as a SPARQL
    endpoint.

    Args:
        paths: files or SPARQL endpoints.
        columns: for other CSV and JSON lines: field of `Movie` -> column, such as
            {"title": "name", "genres": "tags"}; it wins wherever all its columns stand in a table.
        terms: for RDF: field of `Movie` -> property IRI; schema.org needs none.
        credits: TMDB's credits CSV; it may stand among the paths as well.
        licence: of tables that are not known here.
        kinds: "movie", "show" or both; the report counts what was read before this choice.
        plots_from_overview: cut short plots out of overviews; they are facts of the table's source.

    Raises:
        CatalogueError: a file is missing, is no film table, or no film in it could be read.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     table = Path(folder, "films.csv")
        ...     _ = table.write_text("name,released\nHeat,1995\n,1996\n")
        ...     catalogue = read_catalogue(table)
        >>> catalogue[0].iri, dict(catalogue.report[0].examples)
        ('urn:moviequery:movie:heat-1995', {'no title': 'line 3'})
    """
    check_fields(columns, "columns")
    check_fields(terms, "terms")
    if not kinds or isinstance(kinds, str) or not set(kinds) <= set(KINDS):
        raise CatalogueError(f"kinds is {kinds!r}; choose some of {KINDS}.")
    names = [fspath(path) for path in paths]
    if not names:
        raise CatalogueError("no table was given: pass one or more files or SPARQL endpoints.")
    reports: list[FileReport] = []
    names, credits_by_film = _take_credits(names, credits, reports)
    records: list[Movie] = []
    for name in names:
        read, format_name, source = _open(name, Wishes(columns, terms), credits_by_film)
        records += _read_table(name, format_name, source, read, reports)
    wanted = [record for record in records if record.kind in kinds]
    if plots_from_overview:
        wanted = [add_plots(record) for record in wanted]
    if not wanted:
        found = ", ".join(sorted({record.kind for record in records}))
        raise CatalogueError(
            f"{', '.join(names)}: no {' or '.join(kinds)} in it, only of the kind {found}. Ask for "
            "those with kinds=... (--shows), or pass tables of films."
        )
    movies = merge(wanted)
    sources = sorted({source for movie in movies for source in movie.sources})
    return Catalogue(
        movies=movies,
        report=tuple(reports),
        sources={name: find_source(name, licence) for name in sources},
        merged=len(wanted) - len(movies),
    )


def _take_credits(
    names: Sequence[str], credits: str | PathLike[str] | None, reports: list[FileReport]
) -> tuple[list[str], dict[str, Credits]]:
    """Return the tables that are no credits, and the credits of those that are."""
    given = [] if credits is None else [fspath(credits)]
    among = [name for name in names if not is_endpoint(name) and is_credits(Path(name))]
    by_film: dict[str, Credits] = {}
    for name in dict.fromkeys(given + among):
        tally = Tally()
        by_film |= read_credits_file(Path(name), tally)
        reports.append(tally.report(name, "TMDB credits CSV", "tmdb", {}))
    rest = [name for name in names if name not in among]
    if not rest:
        raise CatalogueError(
            f"{', '.join(among)} holds credits only: pass the TMDB movies table as well."
        )
    return rest, by_film


def _open(
    name: str, wishes: Wishes, credits_by_film: Mapping[str, Credits]
) -> tuple[Callable[[Tally], Iterator[Movie]], str, str]:
    """Return how to read a table or endpoint, what it is and whose."""
    if is_endpoint(name):
        host = urlsplit(name).hostname or name
        source = "wikidata" if host.endswith("wikidata.org") else slug(host)
        read = partial(read_endpoint, name, wishes.terms, source)
        return (lambda tally: read(tally)), "SPARQL endpoint", source
    table: Table = recognise(Path(name), wishes, credits_by_film)
    return table.read, table.format, table.source


def _read_table(
    name: str,
    format_name: str,
    source: str,
    read: Callable[[Tally], Iterator[Movie]],
    reports: list[FileReport],
) -> list[Movie]:
    tally = Tally()
    # the bar shows on a terminal only, and only when a table takes its time
    rows = tqdm(
        read(tally), desc=Path(name).name, unit=" films", disable=None, delay=2, leave=False
    )
    records = list(rows)
    if not records:
        reason = tally.reasons() or "it has a header but no rows"
        raise CatalogueError(f"{name} was read as {format_name}, but gave no film: {reason}.")
    kinds = Counter(record.kind for record in records)
    reports.append(tally.report(name, format_name, source, kinds))
    return records
