"""From the words of a film's record to the nodes they denote, and from there to the index.

Records name genres, tags, people and places as text. A word that the vocabulary knows denotes its
concept; any other becomes a node of its own, whose label is the form that most films use.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, fields
from operator import attrgetter
from typing import NamedTuple

from ..errors import GraphError
from ..schema import ENTITY_TYPES, EntityType, Movie, Role
from .concepts import PRECEDENCE, Concepts
from .index import Credit, Film, GraphIndex, Node
from .normalisation import fold
from .terms import decimal
from .vocabulary import DESCRIPTION, FIELDS, PERSON, kind_of, mint

# All that a film says; what is left out tells who says it.
content_of = attrgetter(
    *(field.name for field in fields(Movie) if field.name not in ("iri", "sources", "records"))
)
_LISTS = tuple(field for field in FIELDS if field not in ("cast", "certificate"))
_OVERLAPPING = ("genres", "moods", "themes", "keywords", "plots")


class Performance(NamedTuple):
    """A role of which more than the actor is known; empty where the character or the words are not.

    The description is what the part is: one of the things that happen in the film.
    """

    actor: str
    character: str
    description: str


class Linker:
    """Knows what every word of a set of films denotes.

    A word that is unknown to the vocabulary has one kind throughout the graph: the first of genre,
    mood, theme and plot as which any film has it. Unknown tags that are a person's name are
    nothing: "tom hanks" among the tags is no theme.
    """

    def __init__(self, movies: Sequence[Movie], concepts: Concepts) -> None:
        """Look at all films once, since names of people in one film settle tags of another."""
        self.concepts = concepts
        self._people = {
            fold(name)
            for movie in movies
            for name in (*(role.actor for role in movie.cast), *movie.directors, *movie.writers)
        }
        forms: dict[str, set[str]] = {field: set() for field in _OVERLAPPING}
        for movie in movies:
            for field in _OVERLAPPING:
                forms[field].update(getattr(movie, field))
        self._kinds: dict[str, EntityType] = {}
        for field in _OVERLAPPING:
            for raw in forms[field]:
                if self._is_new(field, raw):
                    self._kinds.setdefault(fold(raw), FIELDS[field])
        self._certificates: dict[str, tuple[str, ...]] = {}
        self._found: dict[tuple[str, str], tuple[tuple[EntityType, str], ...]] = {}

    def find(self, field: str, raw: str) -> tuple[tuple[EntityType, str], ...]:
        """Return type and IRI of all that a value of a field denotes."""
        key = (field, raw)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find(field, raw)
        return found

    def tagged_certificate(self, movie: Movie) -> str | None:
        """Return the certificate that the tags of a film name, if its own field names none.

        A film has one certificate; tags that name two name none.
        """
        if movie.certificate:
            return None
        found = {iri for raw in (*movie.genres, *movie.keywords) for iri in self._tagged(raw)}
        return found.pop() if len(found) == 1 else None

    def facts(self, movie: Movie) -> dict[EntityType, tuple[str, ...]]:
        """Return the facts of a film as `Film.facts` has them.

        Raises:
            GraphError: the rating is not a number.
        """
        facts: dict[EntityType, set[str]] = defaultdict(set)
        for field, raw in words(movie):
            if field != "writers":
                for entity_type, iri in self.find(field, raw):
                    facts[entity_type].add(iri)
        if certificate := self.tagged_certificate(movie):
            facts[EntityType.CERTIFICATE].add(certificate)
        if movie.year is not None:
            facts[EntityType.YEAR].add(str(movie.year))
        if movie.rating is not None:
            facts[EntityType.RATING].add(number_text(movie, "rating"))
        return {kind: tuple(sorted(facts[kind])) for kind in ENTITY_TYPES if kind in facts}

    def credits(self, movie: Movie) -> tuple[Credit, ...]:
        """Return who plays whom, as `Film.credits` has it."""
        found = {
            Credit(
                self._one(EntityType.ACTOR, "cast", performance.actor),
                self._one(EntityType.CHARACTER, "characters", performance.character),
                self._one(EntityType.PLOT, DESCRIPTION, performance.description),
            )
            for performance in performances(movie)
        }
        return tuple(sorted(found, key=astuple))

    def _one(self, kind: EntityType, field: str, raw: str) -> str:
        """Return the IRI of the given type that a value denotes, or "" for none."""
        found = self.find(field, raw) if raw else ()
        return next((iri for found_kind, iri in found if found_kind is kind), "")

    def _tagged(self, raw: str) -> tuple[str, ...]:
        found = self._certificates.get(raw)
        if found is None:
            known = self.concepts.known_keyword(raw)
            found = tuple(iri for kind, iri in known if kind is EntityType.CERTIFICATE)
            self._certificates[raw] = found
        return found

    def _is_new(self, field: str, raw: str) -> bool:
        """Return whether a genre, mood, theme, tag or plot is none that the vocabulary knows."""
        if field == "genres":
            return self.concepts.find_genre(raw) == (mint(EntityType.GENRE, raw),)
        if field == "keywords":
            known = self.concepts.known_keyword(raw) or self.concepts.ignores(raw)
            return not known and fold(raw) not in self._people
        return not self._find_concept(FIELDS[field], raw)

    def _find(self, field: str, raw: str) -> tuple[tuple[EntityType, str], ...]:
        kind = EntityType.PLOT if field == DESCRIPTION else FIELDS[field]
        if kind in (EntityType.ACTOR, EntityType.DIRECTOR):
            return ((kind, mint(PERSON, raw)),)
        if field == DESCRIPTION:
            return ((kind, mint(kind.value, raw)),)
        if field == "genres":
            iris = self.concepts.find_genre(raw)
            return _without_certificates((EntityType(kind_of(iri)), iri) for iri in iris)
        if field == "keywords":
            known = self.concepts.known_keyword(raw)
            if known or self.concepts.ignores(raw) or fold(raw) not in self._kinds:
                # what is left out of `_kinds` is a person's name
                return _without_certificates(known)
        elif known := self._find_concept(kind, raw):
            return known
        if kind in PRECEDENCE:
            kind = self._kinds.get(fold(raw), kind)
        return ((kind, mint(kind.value, raw)),)

    def _find_concept(self, kind: EntityType, raw: str) -> tuple[tuple[EntityType, str], ...]:
        kinds = (kind, *PRECEDENCE) if kind in PRECEDENCE else (kind,)
        for candidate in kinds:
            if iris := self.concepts.find(candidate, raw):
                return tuple((candidate, iri) for iri in iris)
        return ()


def _without_certificates(
    found: Iterable[tuple[EntityType, str]],
) -> tuple[tuple[EntityType, str], ...]:
    """Return what a tag denotes besides a certificate; see `Linker.tagged_certificate`."""
    return tuple(one for one in found if one[0] is not EntityType.CERTIFICATE)


def words(movie: Movie) -> Iterator[tuple[str, str]]:
    """Yield each field and value of a film that denotes something.

    Roles come as cast, characters and descriptions.
    """
    for role in movie.cast:
        if role.actor.strip():
            yield "cast", role.actor
    for performance in performances(movie):
        yield from performance_words(performance)
    yield from listed_words(movie)


def listed_words(movie: Movie) -> Iterator[tuple[str, str]]:
    """Yield what `words` yields of the fields besides the cast."""
    for field in _LISTS:
        for raw in getattr(movie, field):
            if raw.strip():
                yield field, raw
    if movie.certificate and movie.certificate.strip():
        yield "certificate", movie.certificate


def performances(movie: Movie) -> Iterator[Performance]:
    """Yield the roles of which the actor is known, and the character or what the part is."""
    for role in movie.cast:
        if performance := performance_of(role):
            yield performance


def performance_of(role: Role) -> Performance | None:
    """Return the role as a performance, if it is one; blank texts are unknown ones."""
    character, description = (
        text if text and text.strip() else "" for text in (role.character, role.description)
    )
    known = role.actor.strip() and (character or description)
    return Performance(role.actor, character, description) if known else None


def performance_words(performance: Performance) -> Iterator[tuple[str, str]]:
    """Yield the fields and values that a performance adds to those of its actor."""
    if performance.character:
        yield "characters", performance.character
    if performance.description:
        yield DESCRIPTION, performance.description


def number_text(movie: Movie, field: str) -> str:
    """Return a number of a film as a decimal text.

    Raises:
        GraphError: it is infinite or not a number.
    """
    try:
        return decimal(getattr(movie, field))
    except ValueError as error:
        raise GraphError(f"{movie.iri}: {field} {error}; leave it out where unknown") from error


def build_index(
    movies: Sequence[Movie], linker: Linker, known: Mapping[str, Node] | None = None
) -> GraphIndex:
    """Return the index of films with their merged fields.

    Args:
        movies: with distinct IRIs.
        linker: made from the same films.
        known: nodes whose labels stay, since they were published before.
    """
    films = [
        Film(
            iri=movie.iri,
            title=movie.title,
            year=movie.year,
            kind=movie.kind,
            alternative_titles=tuple(sorted(set(movie.alternative_titles))),
            facts=linker.facts(movie),
            popularity=movie.popularity,
            cast_complete=movie.cast_complete,
            credits=linker.credits(movie),
        )
        for movie in movies
    ]
    return GraphIndex(films, _nodes(movies, linker, known or {}))


def _nodes(movies: Sequence[Movie], linker: Linker, known: Mapping[str, Node]) -> Iterator[Node]:
    concepts = linker.concepts.concepts
    for concept in concepts.values():
        yield Node(
            concept.iri,
            concept.kind.value,
            concept.label,
            concept.alternatives,
            concept.plurals,
            concept.broader,
            concept.related,
        )
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for movie in movies:
        named = _named(movie, linker)
        kept = {iri for iri, _ in named}
        content = content_of(movie)
        # records spell the same names in other ways; a form counts once per film
        for record in movie.records:
            if content_of(record) != content:
                named |= {(iri, raw) for iri, raw in _named(record, linker) if iri in kept}
        for iri, form in named:
            if iri not in concepts:
                forms[iri][form] += 1
    for iri in sorted(forms):
        yield _choose_label(iri, forms[iri], known.get(iri))


def _named(movie: Movie, linker: Linker) -> set[tuple[str, str]]:
    return {(iri, raw) for field, raw in words(movie) for _, iri in linker.find(field, raw)}


def _choose_label(iri: str, forms: Counter[str], known: Node | None) -> Node:
    if known is None and len(forms) == 1:
        return Node(iri, kind_of(iri), next(iter(forms)))
    label = known.label if known else min(forms, key=lambda form: (-forms[form], form))
    # capitals alone are no other name
    others = {form.casefold(): form for form in sorted(forms, reverse=True)}
    if known:
        others |= {form.casefold(): form for form in known.alternatives}
    others.pop(label.casefold(), None)
    return Node(iri, kind_of(iri), label, tuple(sorted(others.values())))
