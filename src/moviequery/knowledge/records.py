"""Films as JSON lines: the form in which the bundled catalogue is stored.

The first line tells the format and the sources; each further line holds one film: its IRI and its
records, without the fields that have their default value. Merged films are folded from the records,
so that nothing is stored twice.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ..errors import GraphError
from ..schema import Movie, Role, canonical_json
from .folding import fold_records
from .sources import Source, find_source

FORMAT = "moviequery-films-1"
_DEFAULTS: Mapping[str, Any] = {
    entry.name: entry.default for entry in fields(Movie) if entry.name != "records"
}


class Films(tuple[Movie, ...]):
    """Films of a file, with who made the tables they come from.

    Attributes:
        sources: by name.
    """

    sources: Mapping[str, Source]

    def __new__(cls, movies: Iterable[Movie], sources: Mapping[str, Source]) -> Films:
        """Hold the films and their sources."""
        films = super().__new__(cls, movies)
        films.sources = sources
        return films


def write_movies(
    path: str | Path, movies: Iterable[Movie], sources: Mapping[str, Source] | None = None
) -> int:
    """Return how many films were written; the same films give the same bytes.

    The file is packed with gzip if its name ends in `.gz`, and appears when it is complete.

    Args:
        path: the file to write.
        movies: merged films; one without records counts as its own.
        sources: who made the tables; those missing here are looked up by name.
    """
    path = Path(path)
    ordered = sorted(movies, key=lambda movie: movie.iri)
    names = sorted({name for movie in ordered for name in movie.sources})
    known = {name: (sources or {}).get(name) or find_source(name) for name in names}
    head = {
        "format": FORMAT,
        "sources": [[one.name, one.title, one.licence, one.url] for one in known.values()],
    }
    lines = [canonical_json(head), *(canonical_json(_to_row(movie)) for movie in ordered)]
    content = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
    if path.suffix == ".gz":
        content = gzip.compress(content, mtime=0)
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
    return len(ordered)


def read_movies(path: str | Path) -> Films:
    """Return the films that `write_movies` wrote, with their sources.

    Raises:
        GraphError: the file cannot be read or is wrong; the text names the line.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise GraphError(f"{path}: cannot be read: {error}") from error
    lines = text.split("\n")  # other line ends may stand within the texts
    number = 1
    try:
        head = json.loads(lines[0])
        if head["format"] != FORMAT:
            raise ValueError(f"the format is {head['format']!r}, not {FORMAT!r}")
        sources = {row[0]: Source(*row) for row in head["sources"]}
        movies = []
        for line in lines[1:]:
            number += 1
            if line:
                movies.append(_from_row(json.loads(line)))
    except (ValueError, KeyError, TypeError) as error:
        raise GraphError(f"{path}, line {number}: this is no file of films: {error!r}") from error
    return Films(movies, sources)


def _to_row(movie: Movie) -> dict[str, Any]:
    return {
        "iri": movie.iri,
        "records": [_record_row(record) for record in movie.records or (movie,)],
    }


def _record_row(record: Movie) -> dict[str, Any]:
    row = {
        name: value
        for name, default in _DEFAULTS.items()
        if (value := getattr(record, name)) != default
    }
    if record.cast:
        row["cast"] = [_role_row(role) for role in record.cast]
    return row


def _role_row(role: Role) -> str | list[str | None]:
    """Return the actor alone, or a list that ends with the last thing known of the role."""
    if role.description:
        return [role.actor, role.character, role.description]
    return [role.actor, role.character] if role.character else role.actor


def _from_row(row: Mapping[str, Any]) -> Movie:
    records = [_read_record(record) for record in row["records"]]
    return replace(fold_records(records), iri=row["iri"])


def _read_record(row: dict[str, Any]) -> Movie:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
    }
    values["cast"] = tuple(
        Role(*role) if isinstance(role, list) else Role(role) for role in row.get("cast", ())
    )
    return Movie(**values)
