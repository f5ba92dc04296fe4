"""Which records speak of one film: candidates share a title, years and people decide.

Records meet in blocks of equal titles, so the work grows with the number of records and the
square of the number of namesakes, which is small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from urllib.parse import urlsplit

from ..schema import Movie
from .normalisation import fold, title_key

# How sure a link is; stronger links are made first. 0 means: not one film.
_NONE, _ONLY_CHOICE, _WEAK, _FAIR, _GOOD, _STRONG, _SURE = range(7)
# A name of which only so few letters are ASCII says nothing once the others are gone.
_SHORTEST_BARE_NAME = 4


@lru_cache(maxsize=200_000)
def name_keys(name: str) -> frozenset[str]:
    """Return the forms under which two spellings of a person's name are equal.

    The order of the words does not count ("Kim Ki-duk", "Ki-duk Kim"), nor do the spaces between
    them ("Yoon Sunghyun"), and some tables have lost their letters outside ASCII ("Elina Knihtil").

    Example:
        >>> bool(name_keys("Elina Knihtilä") & name_keys("Elina Knihtil"))
        True
    """
    words = fold(name).split()
    keys = {" ".join(sorted(words)), "".join(words)}
    if not name.isascii():
        bare = fold(name.encode("ascii", errors="ignore").decode())
        if len(bare) >= _SHORTEST_BARE_NAME:
            keys.add(" ".join(sorted(bare.split())))
    return frozenset(keys - {""}) or frozenset({name.casefold()})


def order_key(movie: Movie) -> tuple[object, ...]:
    """Return a key that puts records into one order, wherever they came from."""
    return (*_short_key(movie), repr(movie))


def group_records(records: Iterable[Movie]) -> Iterator[list[Movie]]:
    """Yield the records of each film, sorted by source; no record is lost or doubled."""
    for block in _blocks(records):
        if len(block) == 1:
            yield block
        else:
            # writing out whole records is slow: only where the short key leaves a tie
            has_ties = len(set(map(_short_key, block))) < len(block)
            yield from _Block(sorted(block, key=order_key if has_ties else _short_key)).films()


@dataclass(frozen=True, slots=True)
class _Profile:
    """What decides whether records are one film; joins by union.

    Attributes:
        titles: keys of the titles themselves.
        names: keys of titles and alternative titles.
        years: (source, year) pairs.
        directors: name keys of all directors.
        actors: name keys per actor.
        sources: who vouches for it.
        links: (host, IRI) of the same film elsewhere.
    """

    titles: frozenset[str]
    names: frozenset[str]
    years: frozenset[tuple[str, int]]
    directors: frozenset[str]
    actors: frozenset[frozenset[str]]
    sources: frozenset[str]
    links: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, record: Movie) -> _Profile:
        source = "".join(record.sources)
        return cls(
            titles=frozenset({title_key(record.title)}),
            names=frozenset(_keys_of(record)),
            years=frozenset({(source, record.year)} if record.year is not None else ()),
            directors=frozenset(key for name in record.directors for key in name_keys(name)),
            actors=frozenset(name_keys(role.actor) for role in record.cast),
            sources=frozenset({source}),
            links=frozenset((_host(iri), iri) for iri in record.same_as),
        )

    def join(self, other: _Profile) -> _Profile:
        return _Profile(
            self.titles | other.titles,
            self.names | other.names,
            self.years | other.years,
            self.directors | other.directors,
            self.actors | other.actors,
            self.sources | other.sources,
            self.links | other.links,
        )

    def signs(self) -> set[object]:
        """Return what two records must have in common to be worth comparing."""
        # under y and y + 1 a year meets itself and the next one, and no other
        years = {number for _, year in self.years for number in (year, year + 1)}
        signs: set[object] = {*self.directors.union(*self.actors), *self.links, *years}
        return signs if years else signs | {None}

    @property
    def knows_people(self) -> bool:
        return bool(self.directors or self.actors)


def _affinity(one: _Profile, two: _Profile) -> int:
    """Return how surely the two are one film; 0 where they are not, or nothing speaks for it."""
    if not one.names & two.names or _listed_apart(one, two):
        return _NONE
    gaps = [abs(a - b) for _, a in one.years for _, b in two.years]
    gap = min(gaps) if gaps else None
    known_directors = bool(one.directors and two.directors)
    # one number at IMDb or TMDB is as good as one director
    shared_director = bool(one.directors & two.directors or one.links & two.links)
    actors = _shared_actors(one, two)
    near = gap is not None and gap <= 1
    # two common actors outweigh two spellings of one director
    if known_directors and not shared_director and not (actors >= 2 and near):
        return _NONE
    if not one.titles & two.titles:
        # the second name of one film is often the first of another, above all within one source
        known = shared_director or actors >= 2
        return _FAIR if near and known and not one.sources & two.sources else _NONE
    strangers = not actors and min(len(one.actors), len(two.actors)) >= 2
    if gap is None:
        return _undated(one, two, shared_director or bool(actors), strangers)
    if near:
        return _near(one, two, gap, shared_director, actors, strangers)
    if (shared_director and not strangers) or actors >= 2:
        return _WEAK
    return _NONE


def _near(
    one: _Profile, two: _Profile, gap: int, shared_director: bool, actors: int, strangers: bool
) -> int:
    if shared_director:
        return _SURE - gap
    if strangers:
        return _NONE
    if actors:
        return _STRONG - gap
    if gap == 0:
        return _GOOD
    # one source knows its own films: it would not list one film under two years
    return _NONE if one.sources & two.sources else _FAIR


def _undated(one: _Profile, two: _Profile, shared_people: bool, strangers: bool) -> int:
    if shared_people:
        return _WEAK
    if strangers:
        return _NONE
    if not (one.years or two.years or one.knows_people or two.knows_people):
        return _WEAK
    # a source that lists the film with its year lists another one without
    return _NONE if one.sources & two.sources else _ONLY_CHOICE


def _listed_apart(one: _Profile, two: _Profile) -> bool:
    """Tell whether somebody keeps them apart: by two IRIs at one host, or by two far years."""
    if not one.links & two.links and {h for h, _ in one.links} & {h for h, _ in two.links}:
        return True
    if not one.sources & two.sources:
        return False
    return any(
        source == other and abs(year - other_year) > 1
        for source, year in one.years
        for other, other_year in two.years
    )


def _shared_actors(one: _Profile, two: _Profile) -> int:
    if not one.actors or not two.actors:
        return 0
    keys = frozenset().union(*two.actors)
    return sum(not keys.isdisjoint(actor) for actor in one.actors)


class _Block:
    """Records that share titles, on their way into groups, one per film."""

    def __init__(self, records: Sequence[Movie]) -> None:
        """Start with every record alone; `records` are in their canonical order."""
        self._records = records
        self._members = {place: [place] for place in range(len(records))}
        self._profiles = {place: _Profile.of(record) for place, record in enumerate(records)}
        self._home = list(range(len(records)))

    def films(self) -> Iterator[list[Movie]]:
        self._link_dated()
        self._place_undated()
        for places in self._members.values():
            yield [self._records[place] for place in sorted(places)]

    def _link_dated(self) -> None:
        """Join pairs that both have a year, or both have none, the surest first."""
        links = []
        for one, two in self._pairs():
            a, b = self._profiles[one], self._profiles[two]
            if bool(a.years) == bool(b.years) and (strength := _affinity(a, b)) > _ONLY_CHOICE:
                links.append((-strength, one, two))
        for _, one, two in sorted(links):
            here, there = self._home[one], self._home[two]
            # what the groups know by now may speak against it
            if here != there and _affinity(self._profiles[here], self._profiles[there]):
                self._join(here, there)

    def _place_undated(self) -> None:
        """Join each group without a year to the film it means, if only one comes into question."""
        for place in [place for place, profile in self._profiles.items() if not profile.years]:
            if place not in self._members:
                continue
            choices: dict[int, list[int]] = defaultdict(list)
            for other, profile in self._profiles.items():
                if other != place:
                    choices[_affinity(self._profiles[place], profile)].append(other)
            choices.pop(_NONE, None)
            if choices and len(best := choices[max(choices)]) == 1:
                self._join(best[0], place)

    def _pairs(self) -> Iterator[tuple[int, int]]:
        """Yield the pairs that share a title and a year, the next year or a name."""
        meetings: dict[tuple[str, object], list[int]] = defaultdict(list)
        for place, profile in self._profiles.items():
            for name in profile.names:
                for sign in profile.signs():
                    meetings[name, sign].append(place)
        pairs = {pair for places in meetings.values() for pair in combinations(places, 2)}
        yield from sorted(pairs)

    def _join(self, here: int, there: int) -> None:
        for place in self._members[there]:
            self._home[place] = here
        self._members[here] += self._members.pop(there)
        self._profiles[here] = self._profiles[here].join(self._profiles.pop(there))


def _host(iri: str) -> str:
    return urlsplit(iri).netloc or iri.partition(":")[0]


def _short_key(movie: Movie) -> tuple[object, ...]:
    return movie.sources, movie.title, movie.year or 0, movie.directors


def _keys_of(record: Movie) -> list[str]:
    return [title_key(title) for title in (record.title, *record.alternative_titles)]


def _blocks(records: Iterable[Movie]) -> Iterator[list[Movie]]:
    """Yield the records that hang together by titles, films and shows apart."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(key: tuple[str, str]) -> tuple[str, str]:
        while (above := parent.setdefault(key, key)) != key:
            parent[key] = parent[above]
            key = parent[key]
        return key

    kept = list(records)
    for record in kept:
        first, *others = ((record.kind, key) for key in _keys_of(record))
        home = root(first)
        for other in others:
            parent[root(other)] = home
    blocks: dict[tuple[str, str], list[Movie]] = defaultdict(list)
    for record in kept:
        blocks[root((record.kind, title_key(record.title)))].append(record)
    yield from blocks.values()
