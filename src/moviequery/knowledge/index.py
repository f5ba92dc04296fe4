"""The graph as plain dictionaries, for everything that asks it thousands of questions a second.

Sampling, grounding and retrieval use this instead of SPARQL. It can be pickled (the Oxigraph store
cannot), so that worker processes get a copy.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from ..errors import GraphError
from ..schema import EntityType, canonical_json
from .normalisation import fold, title_key
from .plural_forms import list_other_numbers
from .terms import literal, typed
from .vocabulary import PERSON, PREDICATES, SCHEMA, XSD, part_of

_Made = TypeVar("_Made")
# The MPA's ratings began in November 1968.
FIRST_RATED_YEAR = 1968
_PEOPLE = (EntityType.ACTOR, EntityType.DIRECTOR)
_LITERALS = (EntityType.YEAR, EntityType.RATING)
# Types of common nouns: one or many of them is the same thing.
_COUNTED = (
    EntityType.GENRE,
    EntityType.PLOT,
    EntityType.THEME,
    EntityType.SETTING,
    EntityType.ORIGIN,
    EntityType.RELATIONSHIP,
    EntityType.AWARD,
)
_TRIPLE = re.compile(
    r'<(?P<film>[^>]*)> <(?P<predicate>[^>]*)> (?:<(?P<iri>[^>]*)>|"(?P<text>.*)"(?:\^\^.*)?)'
)
_TYPES = {iri: kind for kind, iri in PREDICATES.items()}


@dataclass(frozen=True, slots=True)
class Node:
    """A person or concept that facts point to; every tuple is sorted.

    Attributes:
        iri: stable.
        kind: "person" or the value of an `EntityType`.
        label: what it is called.
        alternatives: what else it is called.
        plurals: forms that name films of it by themselves ("westerns").
        broader: IRIs of the concepts that include it.
        related: IRIs of neighbours.
    """

    iri: str
    kind: str
    label: str
    alternatives: tuple[str, ...] = ()
    plurals: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credit:
    """Who plays whom in a film, as IRIs of nodes; "" where it is not known.

    Attributes:
        actor: the person.
        character: the part by its name.
        description: the part by what it is; one of the film's plots.
    """

    actor: str
    character: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Film:
    """A film or show with its facts.

    Attributes:
        iri: stable.
        title: as a person writes it.
        year: of first release, if known.
        kind: "movie" or "show".
        alternative_titles: sorted.
        facts: per type the sorted IRIs of nodes; for year and rating the values as text,
            ("1995",) and ("8.2",). There is no entry for the title or where nothing is known.
        popularity: comparable within one graph; 0 when unknown.
        cast_complete: True where a source says that nobody is missing from the cast.
        credits: actors of whom the part is known as well, sorted.
    """

    iri: str
    title: str
    year: int | None = None
    kind: str = "movie"
    alternative_titles: tuple[str, ...] = ()
    facts: Mapping[EntityType, tuple[str, ...]] = field(default_factory=dict, hash=False)
    popularity: float = 0.0
    cast_complete: bool = False
    credits: tuple[Credit, ...] = ()

    @property
    def is_unrated(self) -> bool:
        """True if it came out before the MPA rated films and nobody is known to have rated it."""
        held = EntityType.CERTIFICATE in self.facts
        return not held and self.year is not None and self.year < FIRST_RATED_YEAR


class GraphIndex:
    """Films and nodes with look-ups from either side.

    Attributes:
        films: sorted by IRI; positions in it are what `films_with` returns.
        nodes: by IRI, in sorted order.
        unrated: positions of the films that nobody has rated; see `Film.is_unrated`.
        newest_year: of any film, None where no year is known; "the past ten years" end with it.
    """

    __slots__ = (
        "_above",
        "_holders",
        "_links",
        "_memory",
        "_positions",
        "films",
        "newest_year",
        "nodes",
        "unrated",
    )

    def __init__(self, films: Iterable[Film], nodes: Iterable[Node]) -> None:
        """Sort both; look-ups are filled in when first asked for."""
        self.films = tuple(sorted(films, key=lambda film: film.iri))
        self.nodes: Mapping[str, Node] = {
            node.iri: node for node in sorted(nodes, key=lambda node: node.iri)
        }
        self.newest_year = max((f.year for f in self.films if f.year is not None), default=None)
        self.unrated = frozenset(n for n, film in enumerate(self.films) if film.is_unrated)
        self._positions = {film.iri: position for position, film in enumerate(self.films)}
        self._above: dict[str, frozenset[str]] = {}
        self._holders: dict[EntityType, dict[str, frozenset[int]]] = {}
        self._links: dict[str, dict[str, tuple[str, ...]]] = {}
        self._memory: dict[Callable[[GraphIndex], object], object] = {}

    def __reduce__(self) -> tuple[Callable[..., GraphIndex], tuple[object, ...]]:
        """Pickle the films and nodes; the look-ups are made again where they are needed."""
        return GraphIndex, (self.films, tuple(self.nodes.values()))

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the same films and nodes."""
        if not isinstance(other, GraphIndex):
            return NotImplemented
        return self.films == other.films and self.nodes == other.nodes

    __hash__ = None  # type: ignore[assignment] # films hold dictionaries; `fingerprint` is the key

    def __repr__(self) -> str:
        """Return the sizes; a graph of a million films is no thing to print."""
        return f"GraphIndex({len(self.films)} films, {len(self.nodes)} nodes)"

    def remember(self, make: Callable[[GraphIndex], _Made]) -> _Made:
        """Return what a function makes of this index; made once, and not pickled."""
        if make not in self._memory:
            self._memory[make] = make(self)
        return cast("_Made", self._memory[make])

    def film(self, iri: str) -> Film | None:
        """Return the film of that IRI, if the graph has it."""
        position = self._positions.get(iri)
        return None if position is None else self.films[position]

    def holds(self, film: Film, entity_type: EntityType, value: str) -> bool:
        """Return whether the fact is true of the film.

        A concept holds through what is narrower as well: a romantic comedy is a comedy. For a title
        the value is the film's IRI.
        """
        if entity_type is EntityType.TITLE:
            return film.iri == value
        facts = film.facts.get(entity_type, ())
        return value in facts or any(value in self.above(fact) for fact in facts)

    def films_with(self, entity_type: EntityType, value: str) -> frozenset[int]:
        """Return the positions in `films` of all that hold the fact; see `holds`."""
        if entity_type is EntityType.TITLE:
            return frozenset({self._positions[value]} if value in self._positions else ())
        holders = self._holders.get(entity_type)
        if holders is None:
            holders = self._holders[entity_type] = self._find_holders(entity_type)
        return holders.get(value, frozenset())

    def values(self, entity_type: EntityType) -> tuple[str, ...]:
        """Return all values of a type that at least one film holds, sorted."""
        if entity_type is EntityType.TITLE:
            return tuple(self._positions)
        self.films_with(entity_type, "")
        return tuple(sorted(self._holders[entity_type]))

    def link(self, entity_type: EntityType, text: str) -> tuple[str, ...]:
        """Return the IRIs that `text` may denote, sorted; empty when the graph knows no such name.

        Case, accents and punctuation do not count. Titles are compared by `title_key`, people are
        found by either role, years and ratings by their value. Where a theme or the like has no
        such name, one that differs in number alone will do: "car" for "cars".
        """
        if entity_type is EntityType.TITLE:
            return self._names("title").get(title_key(text), ())
        if entity_type in _LITERALS:
            value = text.strip()
            return (value,) if self.films_with(entity_type, value) else ()
        names = self._names(PERSON if entity_type in _PEOPLE else entity_type.value)
        key = _name_key(text)
        found = names.get(key, ())
        if found or entity_type not in _COUNTED:
            return found
        return next((names[form] for form in list_other_numbers(key) if form in names), ())

    def triple(self, film: Film, entity_type: EntityType, value: str) -> str:
        """Return the triple of the graph that states the fact, as N-Triples without the final dot.

        Where the film holds a concept through a narrower one, the narrower fact is what is stated.
        A rating is stated of the film's rating node. For a title the value is the film's IRI or one
        of its titles.

        Raises:
            GraphError: the film does not hold the fact.
        """
        predicate = PREDICATES.get(entity_type)
        facts = film.facts.get(entity_type, ())
        if entity_type is EntityType.TITLE and value in (film.iri, film.title):
            return f"<{film.iri}> <{predicate}> {literal(film.title)}"
        if entity_type is EntityType.TITLE and value in film.alternative_titles:
            return f"<{film.iri}> <{SCHEMA}alternateName> {literal(value)}"
        if predicate is None or not self.holds(film, entity_type, value):
            raise GraphError(
                f"the graph does not state {entity_type.value} {value!r} of {film.iri}"
            )
        if value not in facts:
            value = next(fact for fact in facts if value in self.above(fact))
        return write_fact(film, entity_type, value)

    def find_fact(self, triple: str) -> tuple[int, str] | None:
        """Return the film's position and the value of a triple that `triple` writes, if it is held.

        Example:
            >>> index = GraphIndex([Film("urn:a", "Heat", facts={EntityType.YEAR: ("1995",)})], [])
            >>> index.find_fact(index.triple(index.films[0], EntityType.YEAR, "1995"))
            (0, '1995')
        """
        match = _TRIPLE.fullmatch(triple)
        position = self._positions.get(match["film"]) if match else None
        if match is None or position is None:
            return None
        film, value = self.films[position], match["iri"] or match["text"]
        kind = _TYPES.get(match["predicate"])
        if kind is EntityType.TITLE:
            return (position, film.iri) if triple == self.triple(film, kind, film.iri) else None
        return (position, value) if kind and self.holds(film, kind, value) else None

    def above(self, iri: str) -> frozenset[str]:
        """Return the IRIs of every concept that includes this one, at any distance."""
        found = self._above.get(iri)
        if found is None:
            reached: set[str] = set()
            waiting = [iri]
            while waiting:
                node = self.nodes.get(waiting.pop())
                waiting += [one for one in (node.broader if node else ()) if one not in reached]
                reached.update(node.broader if node else ())
            found = self._above[iri] = frozenset(reached - {iri})
        return found

    def fingerprint(self) -> str:
        """Return the sha256 of all films and nodes; equal indexes have equal fingerprints."""
        digest = hashlib.sha256()
        for line in self._lines():
            digest.update(line.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def _lines(self) -> Iterator[str]:
        for film in self.films:
            facts = {kind.value: film.facts[kind] for kind in sorted(film.facts)}
            head = (film.iri, film.title, film.year, film.kind, film.alternative_titles)
            credits = [(one.actor, one.character, one.description) for one in film.credits]
            yield canonical_json((*head, facts, film.popularity, film.cast_complete, credits))
        for node in self.nodes.values():
            words = (node.iri, node.kind, node.label, node.alternatives, node.plurals)
            yield canonical_json((*words, node.broader, node.related))

    def _find_holders(self, entity_type: EntityType) -> dict[str, frozenset[int]]:
        holders: dict[str, set[int]] = {}
        for position, film in enumerate(self.films):
            for fact in film.facts.get(entity_type, ()):
                holders.setdefault(fact, set()).add(position)
                for broader in self.above(fact):
                    holders.setdefault(broader, set()).add(position)
        return {value: frozenset(positions) for value, positions in holders.items()}

    def _names(self, kind: str) -> Mapping[str, tuple[str, ...]]:
        """Return every folded name of a kind with what it denotes; made once per kind."""
        if kind not in self._links:
            if kind == "title":
                pairs = (
                    (title_key(title), film.iri)
                    for film in self.films
                    for title in (film.title, *film.alternative_titles)
                )
            else:
                pairs = (
                    (_name_key(name), node.iri)
                    for node in self.nodes.values()
                    if node.kind == kind
                    for name in (node.label, *node.alternatives, *node.plurals)
                )
            names: dict[str, set[str]] = {}
            for name, iri in pairs:
                names.setdefault(name, set()).add(iri)
            self._links[kind] = {name: tuple(sorted(iris)) for name, iris in names.items()}
        return self._links[kind]


def write_fact(film: Film, entity_type: EntityType, value: str) -> str:
    """Return the triple that states a fact of a film, whether the graph holds it or not.

    `GraphIndex.triple` writes only what is held.

    Example:
        >>> write_fact(Film("urn:a", "Heat"), EntityType.YEAR, "1996")
        '<urn:a> <https://schema.org/datePublished> "1996"^^<http://www.w3.org/2001/XMLSchema#gYear>'
    """
    predicate = PREDICATES[entity_type]
    if entity_type is EntityType.YEAR:
        return f"<{film.iri}> <{predicate}> {typed(value.zfill(4), XSD + 'gYear')}"
    if entity_type is EntityType.RATING:
        node = part_of(film.iri, "rating")
        return f"<{node}> <{SCHEMA}ratingValue> {typed(value, XSD + 'decimal')}"
    return f"<{film.iri}> <{predicate}> <{value}>"


def _name_key(text: str) -> str:
    # a name of punctuation alone folds to nothing, and must not meet the other such names
    return fold(text) or " ".join(text.split())
