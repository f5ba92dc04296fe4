"""What queries are about: types of entity, frames, films, and the films' decades and countries."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..knowledge.index import GraphIndex
from ..schema import ENTITY_TYPES, EntityType, Query
from .film_groups import FilmGroups, list_labels, name_decade

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts of queries; shares are derived from them.

    Attributes:
        rows: queries counted.
        entities: entities by type, in the order of the types; a type without any counts 0.
        values: distinct entities by type, case aside.
        frames: rows by frame; rows without one are left out.
        films: rows by IRI of a film they were written about.
        mentions: pairs of a row and one of its films.
        decades: mentions by decade ("1990s") of the film, or "not known".
        countries: mentions by country of the film; a film of two countries counts for both.
        languages: the same for languages.
        genders: actors and directors named, by gender, or "not known".
    """

    rows: int
    entities: Mapping[EntityType, int]
    values: Mapping[EntityType, int]
    frames: Counter[str]
    films: Counter[str]
    mentions: int
    decades: Counter[str]
    countries: Counter[str]
    languages: Counter[str]
    genders: Counter[str]

    @property
    def balance(self) -> float:
        """Entropy of the types divided by its maximum: 1 when all are as frequent, 0 for one."""
        return normalised_entropy(self.entities.values())

    @property
    def template_rate(self) -> float:
        """Share of rows that the most frequent frame covers."""
        return max(self.frames.values(), default=0) / max(1, self.rows)

    @property
    def film_rate(self) -> float:
        """Share of rows that are about the most frequent film."""
        return max(self.films.values(), default=0) / max(1, self.rows)

    def shares(self, counts: Counter[str]) -> dict[str, float]:
        """Return each count as a share, most frequent first, then by name.

        The whole is the mentions of films; for genders, the people named.
        """
        whole = self.genders.total() if counts is self.genders else self.mentions
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return {name: count / whole for name, count in ordered}

    def to_dict(self) -> dict[str, Any]:
        """Return counts and shares as plain JSON values."""
        return {
            "rows": self.rows,
            "template_rate": self.template_rate,
            "frames": len(self.frames),
            "film_rate": self.film_rate,
            "films": len(self.films),
            "balance": self.balance,
            "entities": {kind.value: count for kind, count in self.entities.items()},
            "values": {kind.value: count for kind, count in self.values.items()},
            "decades": self.shares(self.decades),
            "countries": self.shares(self.countries),
            "languages": self.shares(self.languages),
            "genders": self.shares(self.genders),
        }

    def summary(self) -> str:
        """Return the counts as readable lines."""
        lines = [
            f"frames: {len(self.frames):,}, the most frequent covers {self.template_rate:.2%} "
            f"of {self.rows:,} rows",
            f"films: {len(self.films):,}, the most frequent in {self.film_rate:.2%} of rows",
            f"entities ({self.balance:.3f} balanced), of them distinct: "
            + ", ".join(
                f"{count:,} {kind.value} ({self.values[kind]:,})"
                for kind, count in self.entities.items()
            ),
        ]
        for name in ("decades", "countries", "languages"):
            shares = self.shares(getattr(self, name))
            shown = list(shares.items())[: None if name == "decades" else _SHOWN]
            lines.append(f"{name} of films: {_list_shares(shown)}")
        lines.append(f"people named: {_list_shares(self.shares(self.genders).items())}")
        return "\n".join(lines)


def measure_coverage(queries: Iterable[Query], index: GraphIndex) -> Coverage:
    """Return what the queries are about; a film that the index lacks is of unknown decade."""
    rows = mentions = 0
    entities: Counter[EntityType] = Counter()
    values: dict[EntityType, set[str]] = {kind: set() for kind in ENTITY_TYPES}
    counts: dict[str, Counter[str]] = {
        name: Counter()
        for name in ("frames", "films", "decades", "countries", "languages", "genders")
    }
    groups = FilmGroups(index)
    for query in queries:
        rows += 1
        for entity in query.entities:
            entities[entity.type] += 1
            values[entity.type].add(entity.text.casefold())
        counts["genders"].update(groups.genders(query))
        if not query.provenance:
            continue
        counts["frames"].update([query.provenance.frame] if query.provenance.frame else ())
        for iri in sorted(set(query.provenance.films)):
            film = index.film(iri)
            mentions += 1
            counts["films"][iri] += 1
            counts["decades"][name_decade(film)] += 1
            counts["countries"].update(list_labels(film, EntityType.COUNTRY, index))
            counts["languages"].update(list_labels(film, EntityType.LANGUAGE, index))
    return Coverage(
        rows=rows,
        entities={kind: entities[kind] for kind in ENTITY_TYPES},
        values={kind: len(values[kind]) for kind in ENTITY_TYPES},
        mentions=mentions,
        **counts,
    )


def normalised_entropy(counts: Iterable[int]) -> float:
    """Return the entropy of the counts over that of even ones; 0 for fewer than two counts.

    Example:
        >>> normalised_entropy([5, 5]), normalised_entropy([5, 0])
        (1.0, 0.0)
    """
    kept = list(counts)
    total = sum(kept)
    if len(kept) < 2 or not total:
        return 0.0
    shares = [count / total for count in kept if count]
    return math.fsum(share * math.log(1 / share) for share in shares) / math.log(len(kept))


def _list_shares(shares: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{label} {share:.1%}" for label, share in shares) or "none"
