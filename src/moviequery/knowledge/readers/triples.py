"""Film facts out of RDF statements, whether they come from a file or an endpoint."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from ...errors import CatalogueError
from ...schema import Movie
from ..tally import Tally
from .mapped import build_movie
from .values import read_year

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LABELS = (
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "https://schema.org/name",
    "http://schema.org/name",
)
# Property of schema.org -> field of a film.
_SCHEMA_TERMS = {
    "name": "title",
    "alternateName": "alternative_titles",
    "datePublished": "year",
    "genre": "genres",
    "keywords": "keywords",
    "actor": "cast",
    "director": "directors",
    "author": "writers",
    "character": "characters",
    "contentRating": "certificate",
    "aggregateRating": "rating",
    "duration": "runtime",
    "countryOfOrigin": "countries",
    "inLanguage": "languages",
    "productionCompany": "studios",
    "award": "awards",
    "isBasedOn": "origins",
    "abstract": "overview",
    "description": "overview",
    "sameAs": "same_as",
}
# Local name -> field, in the shape of small film graphs such as the Wikidata extract.
_SHAPE_TERMS = {
    "title": "title",
    "year": "year",
    "genre": "genres",
    "actor": "cast",
    "director": "directors",
    "writer": "writers",
    "runtime": "runtime",
    "country": "countries",
    "language": "languages",
    "keyword": "keywords",
    "certificate": "certificate",
    "rating": "rating",
    "studio": "studios",
    "type": "kind",
}
_SCHEMA_PREFIXES = ("https://schema.org/", "http://schema.org/")
SCHEMA: dict[str, str] = {
    prefix + name: field_name
    for prefix in _SCHEMA_PREFIXES
    for name, field_name in _SCHEMA_TERMS.items()
}
_RATING_VALUES = tuple(prefix + "ratingValue" for prefix in _SCHEMA_PREFIXES)
_FILM_TYPES = frozenset({"Movie", "Film", "Q11424", "ShortFilm"})
_SHOW_TYPES = frozenset({"TVSeries", "TVShow", "TelevisionShow", "Q5398426"})
_SINGLE = frozenset({"certificate", "rating", "runtime", "votes", "popularity", "overview", "iri"})
_IRI = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|^`\\]*$")
# RFC 2606: these hosts are for examples and name nothing on the web.
_EXAMPLE_HOSTS = frozenset({"example.org", "example.com", "example.net"})


@dataclass(frozen=True, slots=True, order=True)
class Value:
    """The object of a statement: a literal's text and language, or an IRI or blank node.

    Attributes:
        text: the characters of the literal, or the identifier.
        language: tag of the literal, if any.
        is_node: True for IRIs and blank nodes.
    """

    text: str
    language: str = ""
    is_node: bool = False


def check_terms(terms: Mapping[str, str]) -> dict[str, str]:
    """Return property IRI -> field of a film.

    Raises:
        CatalogueError: a term is no IRI, or none stands for the title.
    """
    for field_name, iri in terms.items():
        if not _IRI.match(iri):
            raise CatalogueError(
                f"the term of {field_name} is no IRI: {iri!r}. "
                'Write it in full, such as "https://schema.org/name".'
            )
    if "title" not in terms:
        raise CatalogueError(
            f"the term map names {sorted(terms)} but no title. "
            'Add terms={"title": "https://schema.org/name", ...}.'
        )
    return {iri: field_name for field_name, iri in terms.items()}


def find_shape(predicates: set[str]) -> dict[str, str] | None:
    """Return property IRI -> field where title and another known name share a namespace."""
    for title in sorted(iri for iri in predicates if local_name(iri) == "title"):
        space = title[: -len("title")]
        found = {space + name: field_name for name, field_name in _SHAPE_TERMS.items()}
        if len(found.keys() & predicates) > 1:
            return found
    return None


def local_name(iri: str) -> str:
    """Return what stands behind the last slash, hash or colon, as it is written.

    Example:
        >>> local_name("http://example.org/movie/Patrick_Shi")
        'Patrick_Shi'
    """
    return re.split(r"[/#:]", iri.rstrip("/#"))[-1]


@dataclass(slots=True)
class Facts:
    """Collects statements and makes films of them; the order of statements does not matter.

    Attributes:
        fields: property IRI -> field of a film.
    """

    fields: Mapping[str, str]
    _films: dict[str, dict[str, set[Value]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    _labels: dict[str, list[Value]] = field(default_factory=lambda: defaultdict(list))
    _kinds: dict[str, str] = field(default_factory=dict)
    _ratings: dict[str, str] = field(default_factory=dict)
    _values: set[str] = field(default_factory=set)

    def add(self, subject: str, predicate: str, value: Value) -> None:
        """Take in one statement; those that say nothing about films are left."""
        if predicate == RDF_TYPE and value.is_node:
            name = local_name(value.text)
            if name in _FILM_TYPES or name in _SHOW_TYPES:
                self._kinds[subject] = "movie" if name in _FILM_TYPES else "show"
        if predicate in _RATING_VALUES:
            self._ratings[subject] = value.text
        if predicate in LABELS and not value.is_node:
            self._labels[subject].append(value)
        if (field_name := self.fields.get(predicate)) is not None:
            self._films[subject][field_name].add(value)
            if value.is_node and field_name != "same_as":
                self._values.add(value.text)

    def movies(self, source: str, tally: Tally) -> Iterator[Movie]:
        """Yield the films sorted by their IRIs, and count what has no usable title."""
        for subject in sorted(self._films):
            if not self._is_film(subject):
                continue
            tally.rows += 1
            facts = self._films[subject]
            movie = build_movie(self._cells(subject, facts), source, f"<{subject}>", tally)
            if movie is not None:
                yield movie

    def _is_film(self, subject: str) -> bool:
        """Tell films from people and genres, which have names too."""
        if self._kinds:
            return subject in self._kinds
        # a person or genre has a name alone, and stands at the other end of a statement
        known = self._films[subject]
        return "title" in known and (len(known) > 1 or subject not in self._values)

    def _cells(self, subject: str, facts: Mapping[str, set[Value]]) -> dict[str, object]:
        cells: dict[str, object] = {
            name: [text for value in sorted(values) if (text := self._text(name, value))]
            for name, values in facts.items()
        }
        titles = sorted(facts.get("title", ()), key=_title_rank)
        cells["title"] = titles[0].text.removeprefix("''").removesuffix("''") if titles else ""
        cells["alternative_titles"] = [
            *(value.text for value in titles[1:] if value.text != cells["title"]),
            *_texts(cells.get("alternative_titles")),
        ]
        # a re-release beside the first: the earlier year is the film's
        years = [year for text in _texts(cells.get("year")) if (year := read_year(text))]
        cells["year"] = min(years, default=None)
        for name in _SINGLE & cells.keys():
            cells[name] = next(iter(_texts(cells[name])), "")
        if subject in self._kinds:
            cells["kind"] = self._kinds[subject]
        if urlsplit(subject).hostname not in _EXAMPLE_HOSTS and not subject.startswith("_:"):
            cells["same_as"] = [*_texts(cells.get("same_as")), subject]
        return cells

    def _text(self, name: str, value: Value) -> str:
        if not value.is_node or name == "same_as":
            return value.text
        if name == "rating":
            return self._ratings.get(value.text, "")
        if labels := self._labels.get(value.text):
            return min(labels, key=_title_rank).text
        if value.text.startswith("_:"):
            return ""
        return unquote(local_name(value.text)).replace("_", " ")


def _texts(cell: object) -> list[str]:
    return [str(item) for item in cell] if isinstance(cell, list) else []


def _title_rank(value: Value) -> tuple[int, Value]:
    """Order English before untagged before other languages."""
    primary = value.language.partition("-")[0].casefold()
    return {"en": 0, "": 1}.get(primary, 2), value
