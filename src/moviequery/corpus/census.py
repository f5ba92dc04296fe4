"""What a dataset holds, counted as its rows pass by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ..schema import ENTITY_TYPES, EntityType, Intent, Query
from .splits import split_of, split_order

_PEOPLE = (EntityType.ACTOR, EntityType.DIRECTOR)


@dataclass(slots=True)
class Census:
    """Counts of a dataset; shares are derived from them.

    Attributes:
        intents: queries by split and intent.
        types: entities by split and type.
        films: queries by IRI of a film they were written about.
        genres: queries by IRI, or by text where there is none.
        people: the same for actors and directors.
        negated: entities that are not wanted.
        seeds: queries by seed of their builder.
        origins: queries by origin, template or rewritten.
        last_index: the highest index of a query; -1 where there is no provenance.
        dropped: candidates that were refused, by reason (see `LeakFilter`); `empty` counts the
            indices for which the builder found no text.
    """

    intents: Counter[tuple[str, Intent]] = field(default_factory=Counter)
    types: Counter[tuple[str, EntityType]] = field(default_factory=Counter)
    films: Counter[str] = field(default_factory=Counter)
    genres: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    negated: int = 0
    seeds: Counter[int] = field(default_factory=Counter)
    origins: Counter[str] = field(default_factory=Counter)
    last_index: int = -1
    dropped: dict[str, int] = field(default_factory=dict)

    def add(self, query: Query) -> None:
        """Count one query."""
        split = split_of(query)
        self.intents[split, query.intent] += 1
        for entity in query.entities:
            self.types[split, entity.type] += 1
            self.negated += entity.negated
        self.genres.update(_names(query, (EntityType.GENRE,)))
        self.people.update(_names(query, _PEOPLE))
        if query.provenance:
            self.films.update(set(query.provenance.films))
            self.seeds[query.provenance.seed] += 1
            self.origins[query.provenance.origin] += 1
            self.last_index = max(self.last_index, query.provenance.index)

    @property
    def rows(self) -> int:
        """How many queries were counted."""
        return self.intents.total()

    @property
    def splits(self) -> dict[str, int]:
        """Queries by split, in the order of `split_order`."""
        names = split_order(split for split, _ in self.intents)
        return {name: sum(self.intents[name, intent] for intent in Intent) for name in names}

    def top(self, counts: Counter[str], k: int = 5) -> list[tuple[str, float]]:
        """Return the k most frequent names with their shares of the queries, ties by name."""
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [(name, count / self.rows) for name, count in ranked[:k]]

    def summary(self) -> str:
        """Return the counts as a few lines."""
        splits = ", ".join(f"{count:,} {name}" for name, count in self.splits.items())
        intents = ", ".join(
            f"{sum(self.intents[name, intent] for name in self.splits):,} {intent}"
            for intent in Intent
        )
        types = ", ".join(
            f"{count:,} {kind}"
            for kind in ENTITY_TYPES
            if (count := sum(self.types[name, kind] for name in self.splits))
        )
        dropped = ", ".join(f"{count:,} {reason}" for reason, count in sorted(self.dropped.items()))
        return "\n".join(
            (
                f"{self.rows:,} queries: {splits}",
                f"intents: {intents}",
                f"entities: {types or 'none'}",
                *(
                    f"most frequent of {len(counts):,} {kind}: "
                    + ", ".join(f"{short_name(name)} {share:.2%}" for name, share in tops)
                    for kind, counts in self.distributions().items()
                    if (tops := self.top(counts, 3))
                ),
                f"dropped: {dropped or 'none'}",
            )
        )

    def distributions(self) -> dict[str, Counter[str]]:
        """Return the counts of films, genres and people under those names."""
        return {"films": self.films, "genres": self.genres, "people": self.people}


def short_name(iri: str) -> str:
    """Return the last part of an IRI, which names the thing; any other text as it is.

    Example:
        >>> short_name("urn:moviequery:movie:heat-1995"), short_name("Alien: Romulus")
        ('heat-1995', 'Alien: Romulus')
    """
    if not iri.startswith(("urn:", "http://", "https://")):
        return iri
    return iri.rstrip("/").rsplit(":", 1)[-1].rsplit("/", 1)[-1]


def _names(query: Query, types: tuple[EntityType, ...]) -> set[str]:
    """Return the things of these types that a query names."""
    return {entity.iri or entity.text for entity in query.entities if entity.type in types}
