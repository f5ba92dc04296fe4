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
import math
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from moviequery import Movie, read_catalogue
from moviequery.knowledge.concepts import Concepts
from moviequery.knowledge.merging import merge
from moviequery.knowledge.normalisation import fold
from moviequery.knowledge.records import write_movies
from moviequery.knowledge.sources import find_source
from moviequery.schema import Role

OWN = "moviequery"
ALLOWED = {OWN, "netflix", "amazon-prime", "wikimovies", "wikidata"}
FILMS = 6_500
LAST_YEAR = 2025
# A person with this many films in all tables is someone people know and ask for.
KNOWN_CREDITS = 4


def main() -> None:
    """Read, merge, choose and write; print what was chosen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="+")
    parser.add_argument("--own", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--films", type=int, default=FILMS)
    options = parser.parse_args()

    catalogue = read_catalogue(*options.tables, kinds=("movie",))
    if foreign := sorted(set(catalogue.sources) - ALLOWED):
        raise SystemExit(f"{foreign}: these tables may be read, but not passed on")
    print(catalogue.summary())
    concepts = Concepts.bundled()
    trusted = set(people(m for m in catalogue if m.sources != ("wikidata",)))
    own = list(read_own(options.own))
    trusted |= set(people(own))
    records = [clean(record, concepts, trusted) for movie in catalogue for record in movie.records]
    films = merge([*own, *records])
    credits = Counter(people(films))
    ranked = sorted(
        (film for film in films if is_complete(film)),
        key=lambda film: (-score(film, credits), film.iri),
    )
    chosen = ranked[: options.films]
    sources = {name: find_source(name) for name in sorted(ALLOWED)}
    count = write_movies(options.out, chosen, sources)
    print(f"{len(films):,} films, {len(ranked):,} complete, {count:,} written to {options.out}")


def read_own(path: Path) -> Iterator[Movie]:
    """Yield our own films; a cast entry is "Actor as Character" or "Actor"."""
    for row in tomllib.loads(path.read_text("utf-8"))["film"]:
        values = {key: tuple(v) if isinstance(v, list) else v for key, v in row.items()}
        cast = [entry.partition(" as ") for entry in row.get("cast", [])]
        values["cast"] = tuple(Role(actor, character or None) for actor, _, character in cast)
        yield Movie(**values, sources=(OWN,))


def clean(record: Movie, concepts: Concepts, trusted: set[str]) -> Movie:
    """Return the record without sentences, tags that name no concept, and damaged names.

    The IRIs of the Wikidata table lost every letter that is not ASCII ("Elmer_Bck"), so a name
    from there counts only if another source has it too.
    """
    keywords = tuple(
        word
        for word in record.keywords
        if concepts.known_keyword(word) and fold(word) not in trusted
    )
    record = replace(record, overview="", keywords=keywords)
    if record.sources != ("wikidata",):
        return record
    return replace(
        record,
        cast=tuple(role for role in record.cast if fold(role.actor) in trusted),
        directors=tuple(name for name in record.directors if fold(name) in trusted),
        writers=tuple(name for name in record.writers if fold(name) in trusted),
    )


def people(movies: Iterable[Movie]) -> Iterator[str]:
    """Yield the folded name of every director and actor, once a film."""
    for movie in movies:
        names = {*movie.directors, *(role.actor for role in movie.cast)}
        yield from sorted(map(fold, names))


def is_complete(film: Movie) -> bool:
    """Return True if the film has what a query can be made of."""
    has_people = bool(film.directors) or len(film.cast) >= 2
    return bool(film.genres) and has_people and film.year is not None and film.year <= LAST_YEAR


def score(film: Movie, credits: Counter[str]) -> float:
    """Return how well known a film is, by honest signs: sources, tags, and the fame of its people.

    Own knowledge comes first. Another source is worth as much as six tags; fame is the logarithm
    of the credits of the four best known of its people.
    """
    fame = sorted((credits[fold(role.actor)] for role in film.cast), reverse=True)[:3]
    fame += [max((credits[fold(name)] for name in film.directors), default=0)]
    known = sum(math.log2(count / KNOWN_CREDITS) for count in fame if count >= KNOWN_CREDITS)
    tags = len(set(film.keywords))
    return (
        (1000 if OWN in film.sources else 0)
        + 6 * (len(film.sources) - 1)
        + min(tags, 12)
        + round(known, 6)
        + (1 if film.directors and len(film.cast) >= 2 else 0)
    )


if __name__ == "__main__":
    main()
