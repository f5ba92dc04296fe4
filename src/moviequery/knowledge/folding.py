"""The pure fold that makes one film of its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..schema import Movie, Role
from .identity import name_keys
from .normalisation import fold, title_key

_LISTS = (
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
    "countries",
    "languages",
    "studios",
)
_FIRST_KNOWN = ("certificate", "runtime", "overview")


def fold_records(records: Sequence[Movie]) -> Movie:
    """Return the film that the records describe, with them in `records`.

    `records` are in canonical order, by source. Lists are united in that order, labels and names
    once each; the year is the earliest; rating and votes come from the record with most votes.
    A record alone stays as its source has it.
    """
    if len(records) == 1:
        return replace(records[0], records=tuple(records))
    best_rated = max(
        (record for record in records if record.rating is not None),
        key=lambda record: record.votes or 0,
        default=records[0],
    )
    title = _choose_title(records)
    united: dict[str, Any] = {name: _unite(records, name) for name in _LISTS}
    united |= {name: _first_known(records, name) for name in _FIRST_KNOWN}
    return replace(
        records[0],
        title=title,
        year=min((record.year for record in records if record.year is not None), default=None),
        iri=min((record.iri for record in records if record.iri), default=""),
        alternative_titles=_other_titles(title, records),
        cast=_unite_cast(records),
        directors=_unite_names(name for record in records for name in record.directors),
        writers=_unite_names(name for record in records for name in record.writers),
        rating=best_rated.rating,
        votes=best_rated.votes,
        popularity=max(record.popularity for record in records),
        cast_complete=any(record.cast_complete for record in records),
        same_as=tuple(sorted({iri for record in records for iri in record.same_as})),
        sources=tuple(sorted({source for record in records for source in record.sources})),
        records=tuple(records),
        **united,
    )


def _choose_title(records: Sequence[Movie]) -> str:
    """Return the name that most records use, in the spelling that most use.

    Between equals, a spelling with both cases goes before one without, and accents before none.
    """
    names = Counter(title_key(record.title) for record in records)
    counts = Counter(record.title for record in records)

    def merit(title: str) -> tuple[int, int, bool, int]:
        has_case = not (title.isupper() or title.islower())
        accents = sum(not char.isascii() for char in title)
        return names[title_key(title)], counts[title], has_case, accents

    # max keeps the first of equals, and the order of the records is canonical
    return max(counts, key=merit)


def _other_titles(title: str, records: Sequence[Movie]) -> tuple[str, ...]:
    others = (name for record in records for name in (record.title, *record.alternative_titles))
    by_key = _first_by(title_key, others)
    by_key.pop(title_key(title), None)
    return tuple(by_key.values())


def _unite(records: Sequence[Movie], name: str) -> tuple[str, ...]:
    labels = (label for record in records for label in getattr(record, name))
    return tuple(_first_by(fold, labels).values())


def _first_by(key: Callable[[str], str], labels: Iterable[str]) -> dict[str, str]:
    first: dict[str, str] = {}
    for label in labels:
        # labels of signs alone fold to nothing; they are told apart as they stand
        first.setdefault(key(label) or label, label)
    return first


def _unite_names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(role.actor for role in _unite_roles(Role(name) for name in names))


def _unite_cast(records: Sequence[Movie]) -> tuple[Role, ...]:
    return _unite_roles(role for record in records for role in record.cast)


def _unite_roles(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Return each person once, in the fullest spelling, with what is first known of the part."""
    united: list[Role] = []
    places: dict[str, int] = {}
    for role in roles:
        keys = name_keys(role.actor)
        place = next((places[key] for key in sorted(keys) if key in places), len(united))
        if place == len(united):
            united.append(role)
        else:
            known = united[place]
            fuller = max(
                known.actor, role.actor, key=lambda name: (len(name_keys(name)), len(name))
            )
            united[place] = Role(
                fuller,
                known.character or role.character,
                known.description or role.description,
            )
        for key in keys:
            places.setdefault(key, place)
    return tuple(united)


def _first_known(records: Sequence[Movie], name: str) -> object:
    values = [getattr(record, name) for record in records]
    return next((value for value in values if value), values[0])
