"""Makes one film of the records that several sources hold of it, and gives it its IRI.

A record is a `Movie` of one source. A merged film is a pure fold over its records, so merging is
idempotent, and neither the order of the input nor how it was cut into pieces matters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, count

from ..schema import Movie
from .folding import fold_records
from .identity import group_records, order_key
from .normalisation import slug

_PREFIX = "urn:moviequery"


def merge(movies: Iterable[Movie]) -> tuple[Movie, ...]:
    """Return one film for all the records that speak of it, sorted by IRI.

    Films that were merged before fall back into their records first, so that
    `merge(merge(a) + merge(b)) == merge(a + b)`. The records of a film are in its `records`.

    Two records are one film if their titles agree (article, accents, case and a year in brackets
    do not count) and their years and people do: the same year or the next one, with a shared
    director or actor or with nothing known against it; a later year with a shared director, which
    is a re-release; no year on one side and only one film it can mean. Known directors without a
    common name keep films apart, and so does one source that lists both in different years, or
    two IRIs at one host, such as two numbers of TMDB.

    Example:
        >>> first = Movie("The Matrix", 1999, directors=("Lana Wachowski",), sources=("netflix",))
        >>> second = Movie("Matrix, The", 1999, genres=("Sci-Fi",), sources=("tmdb",))
        >>> [(film.iri, film.sources) for film in merge([first, second])]
        [('urn:moviequery:movie:the-matrix-1999', ('netflix', 'tmdb'))]
    """
    records = tuple(dict.fromkeys(chain.from_iterable(map(_records_of, movies))))
    films = [fold_records(members) for members in group_records(records)]
    return tuple(sorted(_with_iris(films), key=lambda film: film.iri))


def mint_iri(movie: Movie, with_director: bool = False) -> str:
    """Return the IRI that title and year give; `with_director` tells namesakes of a year apart.

    Example:
        >>> mint_iri(Movie("Heat", 1995))
        'urn:moviequery:movie:heat-1995'
        >>> mint_iri(Movie("Heat", 1995, directors=("Michael Mann",)), with_director=True)
        'urn:moviequery:movie:heat-1995-michael-mann'
    """
    parts = [slug(movie.title)]
    if movie.year is not None:
        parts.append(str(movie.year))
    if with_director and movie.directors:
        parts.append(slug(movie.directors[0]))
    return f"{_PREFIX}:{movie.kind}:{'-'.join(parts)}"


def _records_of(movie: Movie) -> Iterator[Movie]:
    if movie.records:
        yield from movie.records
    elif len(movie.sources) < 2:
        yield movie
    else:
        # made by hand: each source it names vouches for it alone
        yield from (replace(movie, sources=(source,)) for source in movie.sources)


def _with_iris(films: Iterable[Movie]) -> Iterator[Movie]:
    """Give each film an IRI of its own, whatever order they come in."""
    namesakes: dict[str, list[Movie]] = defaultdict(list)
    for film in films:
        namesakes[film.iri or mint_iri(film)].append(film)
    taken = {iri for iri, group in namesakes.items() if len(group) == 1}
    colliding: list[tuple[str, Movie]] = []
    for iri, group in namesakes.items():
        if len(group) == 1:
            yield replace(group[0], iri=iri)
        else:
            colliding += [(film.iri or mint_iri(film, with_director=True), film) for film in group]
    for iri, film in sorted(colliding, key=lambda pair: (pair[0], order_key(pair[1]))):
        numbered = (f"{iri}-{number}" for number in count(2))
        free = next(name for name in chain((iri,), numbered) if name not in taken)
        taken.add(free)
        yield replace(film, iri=free)
