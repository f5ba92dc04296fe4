"""The concepts of film talk (genres, themes, moods, ...) and the words people use for them.

They come from `concepts.toml`, or from a graph that was read back. A concept has a label, the other
words people say, plural forms that name films by themselves ("westerns"), and the labels by which
source tables mean it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import GraphError
from ..schema import EntityType
from .normalisation import fold, slug
from .vocabulary import mint

# Where one form fits several of these, the first one has it.
PRECEDENCE = (EntityType.GENRE, EntityType.MOOD, EntityType.THEME, EntityType.PLOT)
# What a tag or genre label can mean by itself. A tag "france" does not say where a film was made:
# countries, languages and studios have columns of their own.
_TAGGED = (
    *PRECEDENCE,
    EntityType.SETTING,
    EntityType.ORIGIN,
    EntityType.RELATIONSHIP,
    EntityType.AWARD,
)
KINDS = (
    *_TAGGED,
    EntityType.COUNTRY,
    EntityType.LANGUAGE,
    EntityType.CERTIFICATE,
    EntityType.STUDIO,
)
_LISTS = ("alt", "plural", "sources", "broader", "related")


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept; tuples are sorted, `broader` and `related` hold IRIs of the same kind."""

    iri: str
    kind: EntityType
    label: str
    alternatives: tuple[str, ...] = ()
    plurals: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


@dataclass(frozen=True)
class Concepts:
    """A vocabulary of concepts, looked up by any of their words, however those are spelt.

    Attributes:
        concepts: by IRI, sorted.
        ignored_keywords: tags that say nothing about a film, folded.
        ignored_genres: genre labels that name no genre ("TV Shows"), folded.
    """

    concepts: Mapping[str, Concept]
    ignored_keywords: frozenset[str] = field(default=frozenset())
    ignored_genres: frozenset[str] = field(default=frozenset())

    @classmethod
    def bundled(cls) -> Concepts:
        """Return the vocabulary that comes with the library."""
        return cls.read(Path(str(files(__package__) / "concepts.toml")))

    @classmethod
    def read(cls, path: str | Path) -> Concepts:
        """Return the vocabulary of a TOML file of `[kind.slug]` tables; see `concepts.toml`.

        Raises:
            GraphError: the file cannot be read, or a table is wrong; the text names it.
        """
        try:
            tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise GraphError(f"{path}: cannot be read as a concept vocabulary: {error}") from error
        ignored = tables.pop("ignored", {})
        found = list(_concepts(str(path), tables))
        return cls.of(found, ignored.get("keywords", ()), ignored.get("genres", ()), str(path))

    @classmethod
    def of(
        cls,
        concepts: Iterable[Concept],
        ignored_keywords: Iterable[str] = (),
        ignored_genres: Iterable[str] = (),
        name: str = "concepts",
    ) -> Concepts:
        """Return a vocabulary of concepts made elsewhere; `name` stands in errors.

        Raises:
            GraphError: a word names two concepts between which nothing could choose, `broader`
                names no concept of the vocabulary or runs in a circle.
        """
        table = {concept.iri: concept for concept in sorted(concepts, key=lambda one: one.iri)}
        _check_links(name, table)
        _check_words(name, table)
        return cls(
            _with_symmetric_relations(table),
            frozenset(map(fold, ignored_keywords)),
            frozenset(map(fold, ignored_genres)),
        )

    def __or__(self, other: Concepts) -> Concepts:
        """Return both vocabularies in one; where both have a concept, the left one's words hold."""
        if other == self:
            return self
        return Concepts.of(
            ({**other.concepts, **self.concepts}).values(),
            self.ignored_keywords | other.ignored_keywords,
            self.ignored_genres | other.ignored_genres,
        )

    def find(self, kind: EntityType, raw: str) -> tuple[str, ...]:
        """Return the IRIs of the concepts of one kind that `raw` names; empty when unknown.

        What people say comes first; only then what source tables mean.
        """
        form = fold(raw)
        if spoken := self._spoken.get((kind, form)):
            return (spoken,)
        return tuple(iri for found, iri in self._meant.get(form, ()) if found is kind)

    def find_genre(self, raw: str) -> tuple[str, ...]:
        """Return the IRIs that a genre label of a source stands for.

        A label may stand for several concepts, also of other kinds ("Dark Comedies"); an unknown
        one becomes a genre of its own, an ignored one is nothing.

        Example:
            >>> Concepts({}).find_genre("Kaiju")
            ('urn:moviequery:genre:kaiju',)
        """
        form = fold(raw)
        if genre := self._spoken.get((EntityType.GENRE, form)):
            return (genre,)
        if meant := self._meant.get(form):
            return tuple(iri for _, iri in meant)
        if form in self.ignored_genres:
            return ()
        known = next(filter(None, (self._spoken.get((kind, form)) for kind in _TAGGED)), None)
        return (known or mint(EntityType.GENRE, raw),)

    def find_keyword(self, raw: str) -> tuple[tuple[EntityType, str], ...]:
        """Return type and IRI of all that a tag stands for; an unknown tag becomes a theme.

        Example:
            >>> Concepts({}).find_keyword("loyalty")
            ((<EntityType.THEME: 'theme'>, 'urn:moviequery:theme:loyalty'),)
        """
        return self.known_keyword(raw) or (
            () if self.ignores(raw) else ((EntityType.THEME, mint(EntityType.THEME, raw)),)
        )

    def known_keyword(self, raw: str) -> tuple[tuple[EntityType, str], ...]:
        """Return what `find_keyword` returns, but nothing for a tag the vocabulary lacks."""
        form = fold(raw)
        for kind in _TAGGED:
            if spoken := self._spoken.get((kind, form)):
                return ((kind, spoken),)
        return self._meant.get(form, ())

    def ignores(self, raw: str) -> bool:
        """Return whether a tag is known to say nothing about a film."""
        return fold(raw) in self.ignored_keywords

    @cached_property
    def _spoken(self) -> Mapping[tuple[EntityType, str], str]:
        return {
            (concept.kind, fold(word)): iri
            for iri, concept in self.concepts.items()
            for word in (*concept.alternatives, *concept.plurals, concept.label)
        }

    @cached_property
    def _meant(self) -> Mapping[str, tuple[tuple[EntityType, str], ...]]:
        meant: dict[str, list[tuple[EntityType, str]]] = {}
        for iri, concept in self.concepts.items():
            for form in sorted({fold(label) for label in concept.sources}):
                meant.setdefault(form, []).append((concept.kind, iri))
        return {form: tuple(found) for form, found in meant.items()}


def _concepts(name: str, tables: Mapping[str, Any]) -> Iterator[Concept]:
    kinds = {kind.value: kind for kind in KINDS}
    for kind_name, entries in tables.items():
        if kind_name not in kinds or not isinstance(entries, dict):
            raise GraphError(
                f"{name}: [{kind_name}] is no kind of concept; use one of {sorted(kinds)} "
                "or [ignored]"
            )
        for key, entry in entries.items():
            yield _concept(f"{name}: [{kind_name}.{key}]", kinds[kind_name], key, entry)


def _concept(place: str, kind: EntityType, key: str, entry: object) -> Concept:
    if not isinstance(entry, dict) or not isinstance(entry.get("label"), str):
        raise GraphError(f'{place} has no label; write label = "..." as people say it')
    if unknown := sorted(set(entry) - {"label", *_LISTS}):
        raise GraphError(
            f"{place} has unknown keys {unknown}; known are label, {', '.join(_LISTS)}"
        )
    for name in _LISTS:
        words = entry.get(name, [])
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise GraphError(f"{place}: {name} is {words!r}; it must be a list of strings")
    if key != slug(entry["label"]):
        raise GraphError(f"{place}: the slug of {entry['label']!r} is {slug(entry['label'])!r}")
    linked = {
        name: tuple(sorted({mint(kind, one) for one in entry.get(name, [])}))
        for name in ("broader", "related")
    }
    return Concept(
        iri=mint(kind, entry["label"]),
        kind=kind,
        label=entry["label"],
        alternatives=tuple(sorted(set(entry.get("alt", ())))),
        plurals=tuple(sorted(set(entry.get("plural", ())))),
        sources=tuple(sorted(set(entry.get("sources", ())))),
        **linked,
    )


def _check_links(name: str, table: Mapping[str, Concept]) -> None:
    for concept in table.values():
        for iri in (*concept.broader, *concept.related):
            if iri not in table:
                raise GraphError(f"{name}: {concept.iri} names {iri}, which is no concept of it")
    for iri in table:
        above, reached = [iri], {iri}
        while above:
            for parent in table[above.pop()].broader:
                if parent == iri:
                    raise GraphError(f"{name}: {iri} is broader than itself; break the circle")
                if parent not in reached:
                    reached.add(parent)
                    above.append(parent)


def _check_words(name: str, table: Mapping[str, Concept]) -> None:
    """Refuse a word that names two concepts of one kind, or of two kinds that overlap."""
    owners: dict[tuple[str, str], str] = {}
    clashes = []
    for iri, concept in table.items():
        group = "" if concept.kind in PRECEDENCE else concept.kind.value
        for form in sorted({fold(word) for word in (concept.label, *concept.alternatives)}):
            first = owners.setdefault((group, form), iri)
            if first != iri:
                clashes.append(f"{form!r}: {first} and {iri}")
    if clashes:
        raise GraphError(
            f"{name}: a word must name one concept; keep each under the first of genre, mood, "
            f"theme, plot that it fits ({'; '.join(clashes)})"
        )


def _with_symmetric_relations(table: Mapping[str, Concept]) -> Mapping[str, Concept]:
    related: dict[str, set[str]] = {iri: set(concept.related) for iri, concept in table.items()}
    for iri, concept in table.items():
        for other in concept.related:
            related[other].add(iri)
    return {
        iri: Concept(
            iri,
            concept.kind,
            concept.label,
            concept.alternatives,
            concept.plurals,
            concept.sources,
            concept.broader,
            tuple(sorted(related[iri])),
        )
        for iri, concept in table.items()
    }
