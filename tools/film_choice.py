"""Which films are well known: ranking them, and leaving out those that stand there twice."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from moviequery import Movie
from moviequery.knowledge.normalisation import fold, title_key

OWN = "moviequery"
YEARS = range(1915, 2026)
MPAA = frozenset(["G", "PG", "PG-13", "R", "NC-17"])
# Who worked with this many others in all tables is someone people know and ask for.
KNOWN_PARTNERS = 4
# What sellers list beside a film.
_EXTRA = re.compile(
    r"\b(?:RiffTrax|Bonus|Making a Scene|World Premiere|Remastered|Collector's|Making of"
    r"|Uncut (?:Classic|Cut|Edition|Version)|Behind the Scenes|Holiday Special|Double Feature"
    r"|Commentary|Fan Event)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"\d|^(?:[ivx]+|part|vol|volume|chapter|one|two|three|too)$")


def is_complete(film: Movie) -> bool:
    """Return True if the film has what a query can be made of."""
    has_people = bool(film.directors) or len(film.cast) >= 2
    is_extra = _EXTRA.search(film.title) is not None
    return bool(film.genres) and has_people and film.year in YEARS and not is_extra


def rank(films: Iterable[Movie]) -> list[Movie]:
    """Return the films, our own first, then the best known; `popularity` becomes the score."""
    films = list(films)
    partners = _count_partners(films)
    scored = [replace(film, popularity=_score(film, partners)) for film in films]
    return sorted(scored, key=lambda film: (OWN not in film.sources, -film.popularity, film.iri))


def _count_partners(films: Iterable[Movie]) -> Mapping[str, int]:
    """Return with how many directors each actor, and with how many leads each director, worked.

    The voices of a long series have many credits with one director, and are known to few.
    """
    partners: dict[str, set[str]] = defaultdict(set)
    for film in films:
        directors = [fold(name) for name in film.directors]
        actors = [fold(role.actor) for role in film.cast]
        for actor in actors:
            partners[actor].update(directors)
        for director in directors:
            partners[director].update(actors[:1])
    return {name: len(others) for name, others in partners.items()}


def _score(film: Movie, partners: Mapping[str, int]) -> float:
    """Return how well known a film is, by honest signs: sources, tags, and the fame of its people.

    Fame is the logarithm of how many others the three best known actors and the director worked
    with. Until now `popularity` holds the number of tags.
    """
    fame = sorted((partners.get(fold(role.actor), 0) for role in film.cast), reverse=True)[:3]
    fame += [max((partners.get(fold(name), 0) for name in film.directors), default=0)]
    known = sum(math.log2(count / KNOWN_PARTNERS) for count in fame if count >= KNOWN_PARTNERS)
    points = (
        (10 if OWN in film.sources else 0)
        + 6 * (len(film.sources) - 1)
        + 1.5 * min(film.popularity, 20)
        # what a film is about is what people ask for, and only tags tell: 4 points each
        + 4 * min(len(film.keywords), 3)
        + known
        + (1 if film.directors and len(film.cast) >= 2 else -3)
        + min(len(film.genres), 3)
    )
    return round(points, 2)


def choose(ranked: Sequence[Movie], wanted: int) -> list[Movie]:
    """Return the first films, without those that look like one of them under another name.

    Sources that share nobody are kept apart by the merge; if they agree in title and year they
    mostly speak of one film. Sellers list a film again as its "Final Cut".
    """
    chosen: list[Movie] = []
    by_title: dict[str, list[Movie]] = defaultdict(list)
    by_director: dict[str, list[Movie]] = defaultdict(list)
    for film in ranked:
        directors = [fold(name) for name in film.directors]
        names = {title_key(name) for name in (film.title, *film.alternative_titles)}
        rivals = [other for name in names for other in by_title[name]]
        rivals += [
            other for name in directors for other in by_director[name] if _is_edition(film, other)
        ]
        if any(abs((film.year or 0) - (other.year or 0)) <= 1 for other in rivals):
            continue
        for name in names:
            by_title[name].append(film)
        for name in directors:
            by_director[name].append(film)
        chosen.append(film)
        if len(chosen) == wanted:
            break
    return chosen


def _is_edition(film: Movie, other: Movie) -> bool:
    """Return True if two films of one director share the cast and all but some words of a title."""
    one, two = set(title_key(film.title).split()), set(title_key(other.title).split())
    if not (one <= two or two <= one) or any(map(_PART.search, one ^ two)):
        return False
    actors = [{fold(role.actor) for role in movie.cast} for movie in (film, other)]
    fewer = min(map(len, actors))
    return fewer >= 2 and len(actors[0] & actors[1]) >= max(2, fewer - 1)


def settle(film: Movie) -> Movie:
    """Return the film with records that hold its popularity and one certificate of those it has.

    Our own counts before one of the MPAA, and that before any other. Sellers abroad rate by age
    ("16+"); beside an R that would be a second answer to one question.
    """
    best = min(
        (record for record in film.records if record.certificate),
        key=lambda one: (OWN not in one.sources, one.certificate not in MPAA, one.sources),
        default=None,
    )
    records = tuple(
        replace(
            record,
            certificate=record.certificate if record is best else None,
            keywords=tuple(tag for tag in record.keywords if not (best and tag.upper() in MPAA)),
            popularity=film.popularity if record is film.records[0] else 0.0,
        )
        for record in film.records
    )
    return replace(film, records=records)
