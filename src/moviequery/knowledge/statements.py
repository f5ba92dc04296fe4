"""Films as triples: what is known of them once merged, and what each source states.

The merged film links to nodes. A record links to the same nodes and keeps the source's own words
wherever they differ from the node's label, so that the record can be read back as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..schema import EntityType, Movie, Role
from .concepts import PRECEDENCE, Concepts
from .index import GraphIndex
from .linking import (
    Linker,
    Performance,
    content_of,
    listed_words,
    number_text,
    performance_of,
    performance_words,
    performances,
    words,
)
from .normalisation import slug
from .terms import literal, typed
from .vocabulary import (
    AUTHOR,
    DESCRIPTION,
    FIELDS,
    ORDER,
    PERFORMANCE,
    PERSON,
    PREDICATES,
    PROV,
    RDF,
    SCHEMA,
    STATED,
    STATED_IRI,
    TERM,
    XSD,
    kind_of,
    mint,
    part_of,
    safe_iri,
    source_iri,
)

FILM_TYPES: Mapping[str, str] = {"movie": f"{SCHEMA}Movie", "show": f"{SCHEMA}TVSeries"}
# Fields whose order a record keeps; the merged film's facts are a set.
SEQUENCES = (
    "alternative_titles",
    "same_as",
    *(field for field in FIELDS if field != "certificate"),
)
_TYPE = f"<{RDF}type>"


class Coverage:
    """Tells which links a source's word accounts for, so that none is read back twice."""

    def __init__(self, concepts: Concepts) -> None:
        """Look words up in this vocabulary."""
        self._concepts = concepts
        self._found: dict[tuple[str, str], frozenset[tuple[str, str]]] = {}

    def of(self, field: str, raw: str) -> frozenset[tuple[str, str]]:
        """Return predicate and IRI of every link that a value can lead to."""
        key = (field, raw)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = frozenset(self._links(field, raw))
        return found

    def _links(self, field: str, raw: str) -> Iterator[tuple[str, str]]:
        if field == DESCRIPTION:
            yield PREDICATES[EntityType.PLOT], mint(EntityType.PLOT.value, raw)
            return
        kind = FIELDS[field]
        if kind in (EntityType.ACTOR, EntityType.DIRECTOR):
            yield link_of(field), mint(PERSON, raw)
            return
        iris = [mint(kind.value, raw), *self._concepts.find(kind, raw)]
        if field == "genres":
            iris += self._concepts.find_genre(raw)
        elif field == "keywords":
            iris += [iri for _, iri in self._concepts.known_keyword(raw)]
        if kind in PRECEDENCE:
            # which of them an unknown word is depends on the other films
            for overlapping in PRECEDENCE:
                iris += [mint(overlapping.value, raw), *self._concepts.find(overlapping, raw)]
        for iri in iris:
            yield PREDICATES[EntityType(kind_of(iri))], iri


class FilmWriter:
    """Writes films as triples, each a text without the final dot."""

    def __init__(self, index: GraphIndex, linker: Linker) -> None:
        """Take labels from the index, and what words denote from the linker."""
        self._nodes = index.nodes
        self._linker = linker
        self._coverage = Coverage(linker.concepts)
        self._links: dict[tuple[str, str], tuple[str, ...]] = {}
        self._last: tuple[object, list[str]] = (None, [])

    def merged(self, movie: Movie) -> list[str]:
        """Return what is known of the film, with the sources that say so."""
        derived = [
            f"<{movie.iri}> <{PROV}wasDerivedFrom> <{source_iri(source)}>"
            for source in movie.sources
        ]
        return self._facts(movie.iri, movie) + derived

    def stated(self, iri: str, record: Movie) -> list[str]:
        """Return what a record states of the film that has the IRI, with its own words."""
        return [*self._facts(iri, record), *self._words(iri, record)]

    def _words(self, iri: str, record: Movie) -> Iterator[str]:
        subject = f"<{iri}>"
        if record.iri:
            yield f"{subject} <{STATED_IRI}> {literal(record.iri)}"
        for field, raw in self._own_words(record):
            yield f"{subject} <{STATED[field]}> {literal(raw)}"
        if order := describe_order(record):
            yield f"{subject} <{ORDER}> {literal(order)}"
        for role in performances(record):
            if not self._plain_link("cast", role.actor):
                node = _role_iri(iri, role)
                yield f"<{node}> <{STATED['cast']}> {literal(role.actor)}"

    def _facts(self, iri: str, movie: Movie) -> list[str]:
        # most films have one record, which says just what the merged film says
        content = (iri, content_of(movie))
        if content != self._last[0]:
            self._last = (content, list(self._write_facts(iri, movie)))
        return self._last[1]

    def _write_facts(self, iri: str, movie: Movie) -> Iterator[str]:
        yield from _attributes(iri, movie)
        subject = f"<{iri}>"
        for field, raw in words(movie):
            for link in self._find_links(field, raw):
                yield f"{subject} {link}"
        if certificate := self._linker.tagged_certificate(movie):
            yield f"{subject} <{PREDICATES[EntityType.CERTIFICATE]}> <{certificate}>"
        for role in performances(movie):
            node = _role_iri(iri, role)
            yield f"{subject} <{PERFORMANCE}> <{node}>"
            yield f"<{node}> {_TYPE} <{SCHEMA}PerformanceRole>"
            for field, raw in (("cast", role.actor), *performance_words(role)):
                yield from (f"<{node}> {link}" for link in self._find_links(field, raw))
            if role.character:
                yield f"<{node}> <{SCHEMA}characterName> {literal(role.character)}"
            if role.description:
                yield f"<{node}> <{SCHEMA}description> {literal(role.description)}"

    def _find_links(self, field: str, raw: str) -> tuple[str, ...]:
        """Return predicate and object of each link that a value leads to; made once per value."""
        key = (field, raw)
        links = self._links.get(key)
        if links is None:
            found = self._linker.find(field, raw)
            links = self._links[key] = tuple(
                f"<{AUTHOR if field == 'writers' else PREDICATES[kind]}> <{iri}>"
                for kind, iri in found
            )
        return links

    def _own_words(self, record: Movie) -> Iterator[tuple[str, str]]:
        """Yield the values that the links alone do not give back."""
        covered: set[tuple[str, str]] = set()
        plain = []
        for role in performances(record):
            covered |= self._coverage.of("cast", role.actor)
            for field, raw in performance_words(role):
                covered |= self._coverage.of(field, raw)
        for field, raw in _unperformed(record):
            if iri := self._plain_link(field, raw):
                plain.append((field, raw, iri))
            else:
                yield field, raw
                covered |= self._coverage.of(field, raw)
        if covered:
            for field, raw, iri in plain:
                if (link_of(field), iri) in covered:
                    yield field, raw

    def _plain_link(self, field: str, raw: str) -> str | None:
        """Return the one node that the field's own predicate links to, if `raw` is its label."""
        found = self._linker.find(field, raw)
        if field == "keywords" or len(found) != 1:
            return None
        entity_type, iri = found[0]
        # a name that only a record has, and the merged film in a fuller spelling, is no node
        node = self._nodes.get(iri)
        plain = node is not None and node.label == raw and entity_type is FIELDS[field]
        return iri if plain else None


def describe_order(record: Movie) -> str:
    """Return how the lists of a record differ from sorted ones; empty if they do not.

    Example:
        >>> describe_order(Movie("Heat", genres=("Drama", "Action"), directors=("Michael Mann",)))
        'genres 1 0'
    """
    orders = []
    for field in SEQUENCES:
        values = getattr(record, field)
        if len(values) < 2 or (field != "cast" and list(values) == sorted(set(values))):
            continue
        values = [value for value in values if any(sort_key(value))]
        ordered = sorted(set(values), key=sort_key)
        if values != ordered:
            places = {value: str(place) for place, value in enumerate(ordered)}
            orders.append(" ".join([field, *(places[value] for value in values)]))
    return ";".join(orders)


def sort_key(value: str | Role) -> tuple[str, str, str]:
    """Return what the values of a list are sorted by; empty texts for a blank one."""
    if not isinstance(value, Role):
        return (_unless_blank(value), "", "")
    # what is said of nobody is not kept either
    return performance_of(value) or (_unless_blank(value.actor), "", "")


def link_of(field: str) -> str:
    """Return the predicate that links a film to what a value of the field denotes."""
    return AUTHOR if field == "writers" else PREDICATES[FIELDS[field]]


def _attributes(iri: str, movie: Movie) -> Iterator[str]:
    """Yield what is said of a film in numbers and free text."""
    subject = f"<{iri}>"
    yield f"{subject} {_TYPE} <{FILM_TYPES[movie.kind]}>"
    yield f"{subject} <{SCHEMA}name> {literal(movie.title)}"
    for title in movie.alternative_titles:
        yield f"{subject} <{SCHEMA}alternateName> {literal(title)}"
    for other in movie.same_as:
        yield f"{subject} <{SCHEMA}sameAs> <{safe_iri(other)}>"
    if movie.year is not None:
        yield f"{subject} <{SCHEMA}datePublished> {typed(f'{movie.year:04d}', f'{XSD}gYear')}"
    if movie.runtime is not None:
        # plain text as schema.org has it: stores rewrite the value of an xsd:duration
        yield f"{subject} <{SCHEMA}duration> {literal(f'PT{movie.runtime}M')}"
    if movie.overview:
        yield f"{subject} <{SCHEMA}abstract> {literal(movie.overview)}"
    if movie.popularity:
        popularity = typed(number_text(movie, "popularity"), f"{XSD}decimal")
        yield f"{subject} <{TERM}popularity> {popularity}"
    if movie.cast_complete:
        yield f"{subject} <{TERM}castComplete> {typed('true', f'{XSD}boolean')}"
    if movie.rating is not None or movie.votes is not None:
        yield from _rating(iri, movie)


def _rating(iri: str, movie: Movie) -> Iterator[str]:
    node = part_of(iri, "rating")
    yield f"<{iri}> <{PREDICATES[EntityType.RATING]}> <{node}>"
    yield f"<{node}> {_TYPE} <{SCHEMA}AggregateRating>"
    if movie.rating is not None:
        rating = typed(number_text(movie, "rating"), f"{XSD}decimal")
        yield f"<{node}> <{SCHEMA}ratingValue> {rating}"
        yield f"<{node}> <{SCHEMA}bestRating> {typed('10', f'{XSD}integer')}"
    if movie.votes is not None:
        yield f"<{node}> <{SCHEMA}ratingCount> {typed(str(movie.votes), f'{XSD}integer')}"


def _unperformed(record: Movie) -> Iterator[tuple[str, str]]:
    """Yield what `words` yields, without the actors and characters of performances."""
    for role in record.cast:
        if role.actor.strip() and performance_of(role) is None:
            yield "cast", role.actor
    yield from listed_words(record)


def _unless_blank(text: str) -> str:
    return text if text.strip() else ""


def _role_iri(film: str, role: Performance) -> str:
    # "/" tells what a part is from what it is called
    words = f"/{slug(role.description)}" if role.description else ""
    return part_of(film, f"role-{slug(role.actor)}-{slug(role.character)}{words}")
