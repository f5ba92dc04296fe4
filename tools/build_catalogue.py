"""Build the bundled catalogue: the facts of well-known films, from tables that may be passed on.

    python tools/build_catalogue.py --own src/moviequery/knowledge/bundled/own_knowledge.toml \
        --out src/moviequery/knowledge/bundled/catalogue.jsonl.gz \
        netflix_titles.csv amazon_prime_titles.csv wikimovies_kb.txt wikidata_movies.ttl

The tables are those of Netflix and Amazon Prime (Kaggle, CC0), WikiMovies (CC BY 3.0) and Wikidata
(CC0); tables under other terms are refused. Only facts are kept, no sentence. The same input gives
the same bytes.
"""

from __future__ import annotations

import argparse
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from film_choice import choose, is_complete, rank, settle
from film_cleaning import Cleaner, drop_mixtures, drop_strange_languages, find_mixed_titles

from moviequery import Movie, read_catalogue
from moviequery.knowledge.concepts import Concepts
from moviequery.knowledge.merging import merge
from moviequery.knowledge.records import write_movies
from moviequery.knowledge.sources import find_source
from moviequery.schema import Role

OWN = "moviequery"
ALLOWED = frozenset([OWN, "netflix", "amazon-prime", "wikimovies", "wikidata"])
FILMS = 5_600


def main() -> None:
    """Read, merge, choose and write; print what was chosen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="+", help="the tables to take facts from")
    parser.add_argument("--own", type=Path, required=True, help="our own films, as TOML")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument("--films", type=int, default=FILMS, help="how many films to keep")
    options = parser.parse_args()

    catalogue = read_catalogue(*options.tables, kinds=("movie",), plots_from_overview=False)
    if foreign := sorted(set(catalogue.sources) - ALLOWED):
        raise SystemExit(f"{foreign}: these tables may be read, but not passed on")
    print(catalogue.summary())
    records = [record for movie in catalogue for record in movie.records]
    mixed = find_mixed_titles(options.tables)
    films = build(list(read_own(options.own)), records, mixed, options.films)
    sources = {name: find_source(name) for name in sorted(ALLOWED)}
    write_movies(options.out, films, sources)
    print(describe(films))


def read_own(path: Path) -> Iterator[Movie]:
    """Yield our own films; a cast entry is "Actor as Character" or "Actor".

    An entry of `roles` is "Actor as a shy waitress who ...": what the part of one of the cast is.
    """
    for row in tomllib.loads(path.read_text("utf-8"))["film"]:
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
        }
        values["cast"] = read_cast(row.get("cast", []), values.pop("roles", ()))
        yield Movie(**values, sources=(OWN,))


def read_cast(cast: Sequence[str], descriptions: Sequence[str]) -> tuple[Role, ...]:
    """Return the roles that entries of `cast` and `roles` tell of."""
    parts = dict(entry.split(" as ", 1) for entry in descriptions)
    roles = []
    for entry in cast:
        actor, _, character = entry.partition(" as ")
        roles.append(Role(actor, character or None, parts.pop(actor, None)))
    if parts:
        raise SystemExit(f"{sorted(parts)} have a part in `roles`, but are not in {list(cast)}")
    return tuple(roles)


def build(
    own: Sequence[Movie], records: Sequence[Movie], mixed: frozenset[str], wanted: int
) -> list[Movie]:
    """Return the films of the catalogue, each with its records."""
    cleaner = Cleaner([*own, *records], Concepts.bundled())
    cleaned = [cleaner.clean(record) for record in records if not is_mixed(record, mixed)]
    films = merge(drop_mixtures(merge([*own, *cleaned])))
    films = merge(drop_strange_languages(films))
    chosen = choose(rank(filter(is_complete, films)), wanted)
    # merged once more: among fewer films fewer namesakes need a longer IRI
    return list(merge(settle(film) for film in chosen))


def is_mixed(record: Movie, mixed: frozenset[str]) -> bool:
    """Return True if the Wikidata table made one record of several films."""
    return record.sources == ("wikidata",) and record.title in mixed


def describe(films: Sequence[Movie]) -> str:
    """Return how many films were chosen, by decade and source."""
    decades = Counter(f"{(film.year or 0) // 10 * 10}s" for film in films)
    sources = Counter(source for film in films for source in film.sources)
    parts = [f"{name} {count:,}" for name, count in sorted((decades | sources).items())]
    return f"{len(films):,} films: {', '.join(parts)}"


if __name__ == "__main__":
    main()
