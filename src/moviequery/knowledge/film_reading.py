"""One film or record out of the triples of a graph; the counterpart of `statements`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import unquote

import pyoxigraph as ox

from ..errors import GraphError
from ..schema import EntityType, Movie, Role
from .concepts import Concepts
from .linking import performance_of, performance_words
from .parsing import Properties, Subjects
from .statements import FILM_TYPES, SEQUENCES, Coverage, link_of, sort_key
from .vocabulary import (
    ORDER,
    PERFORMANCE,
    PREDICATES,
    RDF,
    SCHEMA,
    STATED,
    STATED_IRI,
    TERM,
)

KINDS_BY_TYPE = {iri: kind for kind, iri in FILM_TYPES.items()}
_YEAR = re.compile(r"(-?\d{4})(?!\d)")
_DECIMAL = re.compile(r"(-?\d+(?:\.\d+)?)$")
_INTEGER = re.compile(r"(\d+)$")
_RUNTIME = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?$")


class FilmReader:
    """Reads films and records from the triples of a graph."""

    def __init__(self, labels: Mapping[str, str], concepts: Concepts) -> None:
        """Use what every node is called, by IRI, and the vocabulary that words are looked up in."""
        self._labels = labels
        self._coverage = Coverage(concepts)

    def read(self, film: str, subjects: Subjects) -> Movie:
        """Return what a graph says of a film, without sources and records.

        Raises:
            GraphError: it has no name, or a number is none.
        """
        facts = subjects[film]
        rating = subjects.get(next(iter(texts(facts, PREDICATES[EntityType.RATING])), ""), {})
        titles = sorted(texts(facts, f"{SCHEMA}name"))
        if not titles:
            raise GraphError(f"{film} has no {SCHEMA}name: state its title, or leave it out")
        types = texts(facts, f"{RDF}type")
        read = partial(_read_number, film)
        movie = Movie(
            title=titles[0],
            kind=next(KINDS_BY_TYPE[iri] for iri in types if iri in KINDS_BY_TYPE),
            year=read(facts, f"{SCHEMA}datePublished", _YEAR, int),
            iri=next(iter(texts(facts, STATED_IRI)), ""),
            alternative_titles=tuple(texts(facts, f"{SCHEMA}alternateName")),
            same_as=tuple(texts(facts, f"{SCHEMA}sameAs")),
            rating=read(rating, f"{SCHEMA}ratingValue", _DECIMAL, float),
            votes=read(rating, f"{SCHEMA}ratingCount", _INTEGER, int),
            popularity=read(facts, f"{TERM}popularity", _DECIMAL, float) or 0.0,
            runtime=read(facts, f"{SCHEMA}duration", _RUNTIME, _minutes),
            overview=next(iter(texts(facts, f"{SCHEMA}abstract")), ""),
            cast_complete="true" in texts(facts, f"{TERM}castComplete"),
            **self._read_words(facts, subjects),
        )
        return _in_order(movie, next(iter(texts(facts, ORDER)), ""))

    def _read_words(self, facts: Properties, subjects: Subjects) -> dict[str, Any]:
        """Return the values of all fields that denote something."""
        roles = [
            role
            for node in texts(facts, PERFORMANCE)
            for role in self._read_roles(subjects.get(node, {}))
        ]
        covered: set[tuple[str, str]] = set()
        for role in roles:
            covered |= self._coverage.of("cast", role.actor)
            for performance in filter(None, [performance_of(role)]):
                for field, raw in performance_words(performance):
                    covered |= self._coverage.of(field, raw)
        words = {field: texts(facts, predicate) for field, predicate in STATED.items()}
        for field, values in words.items():
            for raw in values:
                covered |= self._coverage.of(field, raw)
        for field, values in words.items():
            if field != "keywords":  # what tags denote is read as genres, themes and so on
                predicate = link_of(field)
                values += [
                    self._label(term)
                    for term in facts.get(predicate, ())
                    if (predicate, term.value) not in covered
                ]
        cast = tuple(roles) + tuple(map(Role, words.pop("cast")))
        certificate = next(iter(sorted(words.pop("certificate"))), None)
        return {
            "cast": cast,
            "certificate": certificate,
            **{field: tuple(values) for field, values in words.items()},
        }

    def _read_roles(self, node: Properties) -> Iterator[Role]:
        actors = texts(node, STATED["cast"]) or [
            self._label(term) for term in node.get(PREDICATES[EntityType.ACTOR], ())
        ]
        characters = texts(node, f"{SCHEMA}characterName")
        descriptions = texts(node, f"{SCHEMA}description")
        if characters or descriptions:
            for actor, character, words in product(
                actors, characters or [""], descriptions or [""]
            ):
                yield Role(actor, character or None, words or None)

    def _label(self, term: Any) -> str:  # noqa: ANN401 - pyoxigraph has no types
        """Return what a node is called; failing that, the words of its IRI."""
        if label := self._labels.get(term.value):
            return label
        if not isinstance(term, ox.NamedNode):
            return str(term.value)
        return unquote(re.split("[:/#]", term.value)[-1]).replace("-", " ").replace("_", " ")


def _in_order(movie: Movie, order: str) -> Movie:
    """Return the film with its lists sorted, or in the order that `describe_order` wrote."""
    places = {field: numbers for field, *numbers in map(str.split, filter(None, order.split(";")))}
    lists: dict[str, Any] = {}
    for field in SEQUENCES:
        values = sorted(set(getattr(movie, field)), key=sort_key)
        numbers = [int(place) for place in places.get(field, ()) if place.isdecimal()]
        if numbers and set(numbers) == set(range(len(values))):
            values = [values[number] for number in numbers]
        lists[field] = tuple(values)
    return replace(movie, **lists)


def texts(facts: Properties, predicate: str) -> list[str]:
    """Return the values of a predicate, IRIs and literals alike."""
    return [term.value for term in facts.get(predicate, ())]


def _read_number(
    film: str,
    facts: Properties,
    predicate: str,
    pattern: re.Pattern[str],
    convert: Callable[..., Any],
) -> Any:  # noqa: ANN401 - an int or a float, as `convert` has it
    """Return the number that a predicate states, or None.

    Raises:
        GraphError: what it states is no such number.
    """
    values = sorted(texts(facts, predicate))
    if not values:
        return None
    match = pattern.match(values[0])
    if not match:
        raise GraphError(
            f"{film}: {predicate} is {values[0]!r}, which is no number of its kind: mend that "
            "statement or leave it out"
        )
    return convert(*match.groups())


def _minutes(hours: str | None, minutes: str | None) -> int:
    return 60 * int(hours or 0) + int(minutes or 0)
