"""Mentions of a query to nodes of the graph: misspelt, shortened and ambiguous ones too."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..knowledge.index import Film, GraphIndex
from ..knowledge.normalisation import fold
from ..knowledge.roles import PEOPLE
from ..knowledge.vocabulary import PERSON
from ..knowledge.years import parse_years
from ..schema import Entity, EntityType
from .names import LOOSE_COST, TITLE, NameTable, fold_name, make_table

ABOUTNESS = (
    EntityType.GENRE,
    EntityType.MOOD,
    EntityType.THEME,
    EntityType.PLOT,
    EntityType.SETTING,
)
# Types that a mention may turn out to be of, where the graph knows none such of its own type; then
# come all the others. A title stays a title, a quote a quote.
_KIN: dict[EntityType, tuple[EntityType, ...]] = {
    **{kind: tuple(k for k in ABOUTNESS if k is not kind) for kind in ABOUTNESS},
    EntityType.COUNTRY: (EntityType.LANGUAGE,),
    EntityType.LANGUAGE: (EntityType.COUNTRY,),
    EntityType.CHARACTER: (EntityType.ACTOR,),
    EntityType.ACTOR: (EntityType.CHARACTER,),
    EntityType.ORIGIN: (EntityType.RELATIONSHIP, EntityType.THEME),
    EntityType.RELATIONSHIP: (EntityType.ORIGIN,),
}
_WORDLESS = (EntityType.YEAR, EntityType.RATING, EntityType.REVIEW, EntityType.TRAILER)
# A name of another type must be spelt almost right to be what is meant.
_LEAST_KIN = 0.85
# What speaks for one of several things of like names: together less than a letter in ten.
_SUPPORT_WEIGHT = 0.06
_YEAR_WEIGHT = 0.08
_FAME_WEIGHT = 0.04
# "Spielbergs films" is what is left of a lost apostrophe; "funnier" asks for what is funny.
_ENDINGS = {
    False: ((re.compile(r"s$"), ""),),
    True: (
        (re.compile(r"i(er|est)$"), "y"),
        (re.compile(r"(er|est)$"), ""),
        (re.compile(r"(?<=e)(r|st)$"), ""),
    ),
}
_TINY = 1e-9  # two sums of the same costs may differ by this much
_UNSURE = 0.9  # the score of a choice among equals that fame alone decides


@dataclass(frozen=True, slots=True)
class Match:
    """What a mention denotes.

    Attributes:
        type: as what the graph knows it, which may be another type than the mention's.
        iri: of the node or film.
        score: 1 for a name that is spelt right and is one thing's alone, less for others.
        rivals: other things that bear the same name; for concepts, one in the plural too.
    """

    type: EntityType
    iri: str
    score: float
    rivals: tuple[str, ...] = ()


class EntityMatcher:
    """Finds what the mentions of a query denote in a graph.

    Candidates come from names (exact, loose, then alike); among them the years, people and
    concepts that are mentioned beside them decide, and then how well known they are.
    """

    def __init__(self, index: GraphIndex) -> None:
        """Keep the graph's index; tables of names are made when first asked for."""
        self.index = index
        self._tables: dict[str, NameTable] = {}
        self._fame = _measure_fame(index)
        self._candidates = lru_cache(maxsize=20_000)(self._find_candidates)

    def match(self, entities: Sequence[Entity]) -> tuple[Match | None, ...]:
        """Return what each mention denotes; None where the graph knows nothing of that name.

        Years, ratings, reviews and trailers denote no node. An IRI that the graph knows is kept
        where the entity is not a parser's guess, which has a score: more is known here.

        Example:
            >>> from moviequery import Movie, MovieGraph
            >>> matcher = EntityMatcher(MovieGraph.from_movies([Movie("Casablanca", 1942)]).index)
            >>> [match] = matcher.match([Entity(EntityType.TITLE, "casablanka", 0, 10)])
            >>> match.iri, match.score < 1
            ('urn:moviequery:movie:casablanca-1942', True)
        """
        found = [self._candidates_of(entity) for entity in entities]
        sure = [self._one(options) for options in found]
        years = [
            span
            for entity in entities
            if entity.type is EntityType.YEAR
            and (span := parse_years(entity.text, self.index.newest_year))
        ]
        return tuple(
            self._choose(options, [other for at, other in enumerate(sure) if at != place], years)
            for place, options in enumerate(found)
        )

    def names(self, kind: EntityType, text: str) -> bool:
        """Return whether the text is the whole name of something of a kind, spelt right."""
        return self._table(kind).names(fold_name(_table_name(kind), text))

    def is_named(self, entity: Entity) -> bool:
        """Return whether a mention is a name that the graph has for anything, spelt right."""
        kinds = (entity.type, *_list_kin(entity.type))
        return any(self._find_named(kind, entity.text) for kind in kinds)

    def forget(self) -> None:
        """Look names up anew from here on; only timings need that."""
        self._candidates.cache_clear()

    def _one(self, options: Sequence[Match]) -> Match | None:
        return options[0] if len(options) == 1 else None

    def _candidates_of(self, entity: Entity) -> tuple[Match, ...]:
        iri = entity.iri
        given: tuple[Match, ...] = ()
        if iri and (iri in self.index.nodes or self.index.film(iri) is not None):
            given = (Match(entity.type, iri, 1.0),)
        if entity.type in _WORDLESS or (given and entity.score is None):
            return given
        return self._candidates(entity.type, entity.text) or given

    def _find_candidates(self, entity_type: EntityType, text: str) -> tuple[Match, ...]:
        if entity_type in ABOUTNESS and (kind := self._find_kind(entity_type, text)):
            return self._make_matches(kind, self._find_named(kind, text))
        for find in (self._find_named, self._find_alike):
            for kind, least in (
                (entity_type, 0.0),
                *((kin, _LEAST_KIN) for kin in _list_kin(entity_type)),
            ):
                found = {iri: score for iri, score in find(kind, text).items() if score >= least}
                if found:
                    return self._make_matches(kind, found)
        return ()

    def _find_kind(self, entity_type: EntityType, text: str) -> EntityType | None:
        """Return as which kind of content some film has what is named so, if any has.

        The mention's own kind comes first, unless the name is only part of a longer one there.
        """
        best, most = None, 0.0
        for kind in (entity_type, *_KIN[entity_type]):
            held = [
                score
                for iri, score in self._find_named(kind, text).items()
                if self.index.films_with(kind, iri)
            ]
            if max(held, default=0.0) > most + LOOSE_COST + _TINY:
                best, most = kind, max(held)
        return best

    def _find_named(self, kind: EntityType, text: str) -> dict[str, float]:
        name = fold_name(_table_name(kind), text)
        table = self._table(kind)
        # "rabbit" and "rabbits" are two plots that are wished for alike
        found = table.find(name, loosely=kind in ABOUTNESS)
        for pattern, ending in _ENDINGS[kind in ABOUTNESS]:
            found = found or table.find(pattern.sub(ending, name))
        # "Up, ten points to you": a name may end where the text goes on
        head = text.partition(",")[0]
        return found or (self._find_named(kind, head) if head != text else {})

    def _find_alike(self, kind: EntityType, text: str) -> dict[str, float]:
        return self._table(kind).find_alike(fold_name(_table_name(kind), text))

    def _make_matches(self, kind: EntityType, found: dict[str, float]) -> tuple[Match, ...]:
        top = max(found.values())
        near = sorted(
            (iri for iri, score in found.items() if score > top - _YEAR_WEIGHT - _SUPPORT_WEIGHT),
            key=lambda iri: (-found[iri], iri),
        )
        return tuple(Match(self._role(kind, iri), iri, found[iri]) for iri in near)

    def _role(self, kind: EntityType, iri: str) -> EntityType:
        """Return the role that a person has in this graph, if it is not the one asked for."""
        if kind not in PEOPLE or self.index.films_with(kind, iri):
            return kind
        other = PEOPLE[1 - PEOPLE.index(kind)]
        return other if self.index.films_with(other, iri) else kind

    def _choose(
        self,
        options: Sequence[Match],
        others: Sequence[Match | None],
        years: Collection[tuple[int, int]],
    ) -> Match | None:
        if len(options) < 2:
            return options[0] if options else None
        weighed = {one.iri: one.score + self._support(one, others, years) for one in options}
        fame = {one.iri: _FAME_WEIGHT * self._fame.get(one.iri, 0.0) for one in options}
        best = max(options, key=lambda one: (weighed[one.iri] + fame[one.iri], one.iri))
        slack = LOOSE_COST if best.type in ABOUTNESS else 0.0
        rivals = tuple(
            one.iri
            for one in options
            if one.score >= best.score - slack - _TINY and one.iri != best.iri
        )
        decided = all(weighed[best.iri] > weighed[iri] for iri in rivals)
        score = best.score if decided else best.score * _UNSURE
        return Match(best.type, best.iri, score, rivals)

    def _support(
        self,
        option: Match,
        others: Sequence[Match | None],
        years: Collection[tuple[int, int]],
    ) -> float:
        """Return what the rest of the query says for a film, or for a person or concept."""
        film = self.index.film(option.iri)
        if film is None:
            films = [self.index.film(other.iri) for other in others if other]
            held = any(self._held(film, option) for film in films if film)
            return _SUPPORT_WEIGHT * held
        agreed = any(self._held(film, other) for other in others if other)
        dated = film.year is not None and any(first <= film.year <= last for first, last in years)
        return _SUPPORT_WEIGHT * agreed + _YEAR_WEIGHT * dated

    def _held(self, film: Film, match: Match) -> bool:
        return match.iri in film.facts.get(match.type, ())

    def _table(self, kind: EntityType) -> NameTable:
        name = _table_name(kind)
        if name not in self._tables:
            self._tables[name] = make_table(self.index, name)
        return self._tables[name]


def _list_kin(kind: EntityType) -> tuple[EntityType, ...]:
    if kind in (EntityType.TITLE, EntityType.QUOTE):
        return ()
    near = _KIN.get(kind, ())
    others = (one for one in EntityType if one not in (kind, EntityType.TITLE, *near, *_WORDLESS))
    return (*near, *others)


def says_unrated(entity: Entity) -> bool:
    """Return True for the certificate of a film that has none."""
    return entity.type is EntityType.CERTIFICATE and fold(entity.text) in ("unrated", "not rated")


def _table_name(kind: EntityType) -> str:
    if kind is EntityType.TITLE:
        return TITLE
    return PERSON if kind in PEOPLE else kind.value


def _measure_fame(index: GraphIndex) -> dict[str, float]:
    """Return how well known films, people and concepts are, from 0 to 1 within their like.

    A film's fame is its rank by popularity; that of a node the summed fame of its films.
    """
    ranked = sorted(range(len(index.films)), key=lambda at: index.films[at].popularity)
    fame: dict[str, float] = {}
    weight: dict[str, float] = {}
    for rank, position in enumerate(ranked):
        film = index.films[position]
        share = (rank + 1) / len(ranked) if film.popularity else 0.0
        fame[film.iri] = share
        for values in film.facts.values():
            for value in values:
                weight[value] = weight.get(value, 0.0) + 0.1 + share
    for iri, sum_of_films in weight.items():
        fame[iri] = sum_of_films / (sum_of_films + 3)
    return fame
