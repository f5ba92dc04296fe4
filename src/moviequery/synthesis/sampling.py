"""Which film a query is written about, and which of its facts: seed facts that rotate.

A value is drawn with a weight of its number of films to the power of 0.75 (people, genres and
certificates have powers of their own), then one of its films uniformly. That keeps the common from
dominating (drama is a genre of 43 % of films, but far less of queries) and the rare from being
worn out: the power 1 would repeat the catalogue's bias, the power 0 would ask for a one-film genre
as often as for drama.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import accumulate
from operator import attrgetter
from random import Random

from ..knowledge.index import Credit, Film, GraphIndex
from ..knowledge.normalisation import title_key
from ..schema import EntityType
from .surface import UNRATED, supports_form
from .template import Slot

_POWER = 0.75
# Genres are few and known by name: nobody asks for drama, the label of every second film, more
# often than for horror or a western. So their counts are capped, and rise faster up to there.
_GENRE_POWER = 0.9
_MOST_OF_GENRE = 200
# Certificates are fewer still, and people name a G as easily as an R.
_CERTIFICATE_POWER = 0.4
# Themes are few too, and love is one of every tenth film that has any.
_THEME_POWER = 0.5
# People ask for stars: of the actors named in 300 real searches, two thirds have five films or
# more in the catalogue, of all actors in it one in ten.
_PEOPLE_POWER = 1.1
# "The past nine years" is said as often as "the past nine decades", of far fewer films.
_RECENT_YEARS = 10
_RECENT_WEIGHT = 8
# A slot that this share of the films can fill is common.
_COMMON = 0.8
# Some films are known by many types of facts, most by five: what few films hold is asked of those
# alone, so what any film holds is asked of them this much more seldom.
_WELL_KNOWN = 10
_WELL_KNOWN_SHARE = 0.3
_FILM_TRIES = 64
_VALUE_TRIES = 32

Key = tuple[EntityType, str]  # a type and the form it is said in


def hash_share(text: str) -> float:
    """Return a number in [0, 1) that depends on the text alone, the same on every machine."""
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest(), "big") / (1 << 56)


def _weigh(count: int, power: float) -> int:
    """Return a weight as a whole number, so that no platform's last bit of a float matters."""
    weight: float = 1_000_000 * count**power
    return round(weight)


def _weigh_value(slot: Slot, value: str, films: int, newest: int) -> int:
    """Return how often a value that so many films hold is drawn."""
    if slot.type is EntityType.GENRE:
        return _weigh(min(films, _MOST_OF_GENRE), _GENRE_POWER)
    if slot.type is EntityType.CERTIFICATE:
        return _weigh(films, _CERTIFICATE_POWER)
    if slot.type is EntityType.THEME:
        return _weigh(films, _THEME_POWER)
    if slot.type in (EntityType.ACTOR, EntityType.DIRECTOR):
        return _weigh(films, _PEOPLE_POWER)
    if slot.form == "span" and int(value) >= newest - _RECENT_YEARS:
        return _weigh(films, _POWER) * _RECENT_WEIGHT
    return _weigh(films, _POWER)


@dataclass(frozen=True, slots=True)
class _Table:
    """The values of a key in one split: cumulative weights, and the films that hold each."""

    values: tuple[str, ...]
    cumulative: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]
    counts: dict[str, int]
    films: int
    mean: float

    def draw(self, rng: Random) -> int:
        return bisect_right(self.cumulative, rng.random() * self.cumulative[-1])


class FactSampler:
    """Draws films and facts from one split's films of an index.

    Attributes:
        positions: the split's films, as positions in `index.films`.
    """

    def __init__(self, index: GraphIndex, positions: Sequence[int]) -> None:
        """Hold the pool; tables of values are made when a key is first asked for."""
        self.index = index
        self.positions = tuple(positions)
        self._tables: dict[Key, _Table] = {}
        self._values: dict[Key, dict[int, tuple[str, ...]]] = {}

    def coverage(self, slot: Slot) -> float:
        """Return the share of the pool's films that hold a value for the slot."""
        return self._table(slot).films / len(self.positions) if self.positions else 0.0

    def draw_film(
        self, slots: Sequence[Slot], rng: Random, exclude: Collection[int] = ()
    ) -> tuple[int, dict[int, str]] | None:
        """Return a film and a value for each of the slots by their order, or None if none fits.

        Slots of one type get different values. Films whose title equals that of an excluded
        position are left out too.
        """
        if not self.positions:
            return None
        anchor = self._pick_anchor(slots, rng)
        is_common = anchor is None or self.coverage(slots[anchor]) >= _COMMON
        taken = {self._title_keys[position] for position in exclude}
        for _ in range(_FILM_TRIES):
            if anchor is None:
                position, fixed = self.positions[int(rng.random() * len(self.positions))], {}
            else:
                table = self._table(slots[anchor])
                if not table.values:
                    return None
                drawn = table.draw(rng)
                members = table.members[drawn]
                position = members[int(rng.random() * len(members))]
                # a film of seven directors is drawn through seven values: take it less often
                held = len(self._film_values(slots[anchor])[position])
                if held > table.mean and rng.random() * held > table.mean:
                    continue
                fixed = {anchor: table.values[drawn]}
            if is_common and self._is_worn(position, rng):
                continue
            if self._title_keys[position] in taken:
                continue
            if (values := self._fill(position, slots, fixed, rng)) is not None:
                return position, values
        return None

    def _is_worn(self, position: int, rng: Random) -> bool:
        """Return True for most draws of the films that rare facts wear out."""
        types = len(self.index.films[position].facts)
        return types >= _WELL_KNOWN and rng.random() > _WELL_KNOWN_SHARE

    def _pick_anchor(self, slots: Sequence[Slot], rng: Random) -> int | None:
        """Return the slot whose value the film is found by: the rarest, or any of the common."""
        films = [self._table(slot).films for slot in slots]
        if not films:
            return None
        is_rare = min(films) < _COMMON * len(self.positions)
        if is_rare or any(slot.credit_field for slot in slots):
            return films.index(min(films))
        return int(rng.random() * len(films))

    def draw_unheld(self, slot: Slot, film: Film | None, rng: Random) -> str | None:
        """Return a value of the slot's key that the film does not have, or None."""
        table = self._table(slot)
        if not table.values:
            return None
        for _ in range(_VALUE_TRIES):
            value = table.values[table.draw(rng)]
            if film is None or not self._has(film, slot, value):
                return value
        return None

    def _has(self, film: Film, slot: Slot, value: str) -> bool:
        if slot.type is not EntityType.YEAR:
            return self.index.holds(film, slot.type, value)
        span = 10 if slot.form == "decade" else 1
        return film.year is None or film.year // span == int(value) // span

    def _fill(
        self, position: int, slots: Sequence[Slot], fixed: dict[int, str], rng: Random
    ) -> dict[int, str] | None:
        """Return a value per slot, rarer ones more often, or None if the film lacks one."""
        values: dict[int, str] | None = dict(fixed)
        if any(slot.credit_field for slot in slots):
            values = self._draw_credits(position, slots, fixed, rng)
        if values is None:
            return None
        used = {(slots[slot].type, value) for slot, value in values.items()}
        for number, slot in enumerate(slots):
            if number in values:
                continue
            options = [
                value
                for value in self._film_values(slot).get(position, ())
                if (slot.type, value) not in used
            ]
            if not options:
                return None
            if len(options) == 1:
                value = options[0]
            else:
                counts = self._table(slot).counts
                weights = list(
                    accumulate(self._weigh(slot, v, counts[v]) // counts[v] for v in options)
                )
                value = options[bisect_right(weights, rng.random() * weights[-1])]
            values[number] = value
            used.add((slot.type, value))
        return values

    def _draw_credits(
        self, position: int, slots: Sequence[Slot], fixed: dict[int, str], rng: Random
    ) -> dict[int, str] | None:
        """Return `fixed` with the values of slots that take them from credits, or None.

        The n-th actor, the n-th character and the n-th description are those of one credit.
        """
        values = dict(fixed)
        wanted: list[dict[int, str]] = []  # per credit the fields that slots take
        places: Counter[str] = Counter()
        for number, slot in enumerate(slots):
            if name := slot.credit_field:
                if places[slot.key] == len(wanted):
                    wanted.append({})
                wanted[places[slot.key]][number] = name
                places[slot.key] += 1
        credits: Sequence[Credit] = self.index.films[position].credits
        # the credit whose value is fixed already is not for the others
        wanted.sort(key=lambda fields: fields.keys().isdisjoint(fixed))
        for fields in wanted:
            options = [one for one in credits if self._suits(one, fields, slots, fixed)]
            if not options:
                return None
            chosen = options[int(rng.random() * len(options))]
            credits = [one for one in credits if one.actor != chosen.actor]
            values |= {number: getattr(chosen, name) for number, name in fields.items()}
        return values

    def _suits(
        self,
        credit: Credit,
        fields: Mapping[int, str],
        slots: Sequence[Slot],
        fixed: Mapping[int, str],
    ) -> bool:
        """Return True if the credit has all the fields in their forms, and what is fixed."""
        held = ((number, getattr(credit, name)) for number, name in fields.items())
        return all(
            value
            and value == fixed.get(number, value)
            # what is fixed was drawn for its form
            and (number in fixed or supports_form(self.index, slots[number], value))
            for number, value in held
        )

    def _weigh(self, slot: Slot, value: str, films: int) -> int:
        return _weigh_value(slot, value, films, self.index.newest_year or 0)

    def _film_values(self, slot: Slot) -> dict[int, tuple[str, ...]]:
        """Return the values by film that can be said in the slot's form."""
        key = (slot.type, slot.form)
        if key not in self._values:
            found = {}
            for position in self.positions:
                film = self.index.films[position]
                held = film.facts.get(slot.type, ())
                if name := slot.credit_field:
                    held = tuple(dict.fromkeys(filter(None, map(attrgetter(name), film.credits))))
                if slot.type is EntityType.CERTIFICATE and film.is_unrated:
                    held = (UNRATED,)
                if values := tuple(v for v in held if supports_form(self.index, slot, v)):
                    found[position] = values
            self._values[key] = found
        return self._values[key]

    def _table(self, slot: Slot) -> _Table:
        key = (slot.type, slot.form)
        if key not in self._tables:
            by_value: dict[str, list[int]] = {}
            held = self._film_values(slot)
            for position, values in held.items():
                for value in values:
                    by_value.setdefault(value, []).append(position)
            ordered = sorted(by_value)
            self._tables[key] = _Table(
                values=tuple(ordered),
                cumulative=tuple(
                    accumulate(self._weigh(slot, v, len(by_value[v])) for v in ordered)
                ),
                members=tuple(tuple(by_value[value]) for value in ordered),
                counts={value: len(members) for value, members in by_value.items()},
                films=len(held),
                mean=sum(map(len, held.values())) / max(len(held), 1),
            )
        return self._tables[key]

    @cached_property
    def _title_keys(self) -> dict[int, str]:
        return {
            position: title_key(self.index.films[position].title) for position in self.positions
        }
