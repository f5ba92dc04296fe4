"""The IRIs of the knowledge graph: namespaces, predicates, and how names become parts of IRIs.

Films, people and concepts live under `urn:moviequery:`; facts use schema.org terms where schema.org
has one, and `urn:moviequery:term:` where it has none. Concepts are SKOS, sources are PROV-O.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

from ..schema import EntityType
from .normalisation import slug

BASE = "urn:moviequery:"
SCHEMA = "https://schema.org/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
PROV = "http://www.w3.org/ns/prov#"
DCTERMS = "http://purl.org/dc/terms/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
TERM = f"{BASE}term:"
SOURCE = f"{BASE}source:"
SCHEME = f"{BASE}scheme:"

PERSON = "person"
CONCEPT_GRAPH = f"{BASE}concepts"  # the named graph of the vocabulary
UNSOURCED = f"{BASE}unsourced"  # the named graph of records that name no source

# Declared for every SPARQL query and written at the head of every Turtle file.
PREFIXES: Mapping[str, str] = {
    "schema": SCHEMA,
    "skos": SKOS,
    "prov": PROV,
    "dcterms": DCTERMS,
    "rdf": RDF,
    "xsd": XSD,
    "term": TERM,
    "source": SOURCE,
    "movie": f"{BASE}movie:",
    "show": f"{BASE}show:",
    "person": f"{BASE}person:",
    **{
        kind.value: f"{BASE}{kind.value}:"
        for kind in EntityType
        if kind
        not in {
            EntityType.TITLE,
            EntityType.ACTOR,
            EntityType.DIRECTOR,
            EntityType.YEAR,
            EntityType.RATING,
            EntityType.REVIEW,
            EntityType.TRAILER,
        }
    },
}

# `review` has no predicate: what critics say is a matter of words, not of facts.
PREDICATES: Mapping[EntityType, str] = {
    EntityType.TITLE: f"{SCHEMA}name",
    EntityType.GENRE: f"{SCHEMA}genre",
    EntityType.PLOT: f"{TERM}plot",
    EntityType.THEME: f"{SCHEMA}about",
    EntityType.MOOD: f"{TERM}mood",
    EntityType.SETTING: f"{TERM}setting",
    EntityType.ACTOR: f"{SCHEMA}actor",
    EntityType.DIRECTOR: f"{SCHEMA}director",
    EntityType.CHARACTER: f"{SCHEMA}character",
    EntityType.YEAR: f"{SCHEMA}datePublished",
    EntityType.CERTIFICATE: f"{SCHEMA}contentRating",
    EntityType.RATING: f"{SCHEMA}aggregateRating",
    EntityType.SONG: f"{TERM}song",
    EntityType.TRAILER: f"{SCHEMA}trailer",
    EntityType.AWARD: f"{SCHEMA}award",
    EntityType.ORIGIN: f"{SCHEMA}isBasedOn",
    EntityType.RELATIONSHIP: f"{TERM}relationship",
    EntityType.QUOTE: f"{TERM}quote",
    EntityType.COUNTRY: f"{SCHEMA}countryOfOrigin",
    EntityType.LANGUAGE: f"{SCHEMA}inLanguage",
    EntityType.STUDIO: f"{SCHEMA}productionCompany",
}

# A field of Movie, and the type of fact that its values become; tags and genres may become others.
FIELDS: Mapping[str, EntityType] = {
    "genres": EntityType.GENRE,
    "keywords": EntityType.THEME,
    "plots": EntityType.PLOT,
    "themes": EntityType.THEME,
    "moods": EntityType.MOOD,
    "settings": EntityType.SETTING,
    "origins": EntityType.ORIGIN,
    "relationships": EntityType.RELATIONSHIP,
    "cast": EntityType.ACTOR,
    "directors": EntityType.DIRECTOR,
    "writers": EntityType.DIRECTOR,  # found as a person; writing is no type of fact
    "characters": EntityType.CHARACTER,
    "certificate": EntityType.CERTIFICATE,
    "songs": EntityType.SONG,
    "awards": EntityType.AWARD,
    "quotes": EntityType.QUOTE,
    "countries": EntityType.COUNTRY,
    "languages": EntityType.LANGUAGE,
    "studios": EntityType.STUDIO,
}
# A field of Movie, and the predicate of the words a source uses for it.
STATED: Mapping[str, str] = {
    **{field: f"{TERM}stated{kind.value.capitalize()}" for field, kind in FIELDS.items()},
    "writers": f"{TERM}statedWriter",
    "keywords": f"{SCHEMA}keywords",
}
# What a role of the cast is in words: always a plot, whatever else the words may name.
DESCRIPTION = "description"
AUTHOR = f"{SCHEMA}author"
PERFORMANCE = f"{TERM}performance"
STATED_IRI = f"{TERM}statedIri"
ORDER = f"{TERM}order"
IGNORED = f"{TERM}ignored"

# RFC 3987 forbids these in an IRI; controls and lone surrogates as well.
_SCHEME_PART = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ILLEGAL = re.compile(r'[\x00-\x20<>"{}|\\^`\x7f-\x9f\ud800-\udfff]')


@lru_cache(maxsize=1_000_000)
def mint(kind: str, label: str) -> str:
    """Return the IRI of the thing of a kind that is called `label`.

    Labels that fold to the same words share an IRI.

    Example:
        >>> mint("person", "Léa Seydoux"), mint("genre", "Science Fiction")
        ('urn:moviequery:person:lea-seydoux', 'urn:moviequery:genre:science-fiction')
    """
    return safe_iri(f"{BASE}{kind}:{slug(label)}")


def kind_of(iri: str) -> str:
    """Return the kind within an IRI of ours ("person", "genre", ...), or "" for a foreign IRI.

    Example:
        >>> kind_of("urn:moviequery:genre:western"), kind_of("http://example.org/x")
        ('genre', '')
    """
    return iri[len(BASE) :].partition(":")[0] if iri.startswith(BASE) else ""


def source_iri(name: str) -> str:
    """Return the IRI of the named graph that holds what the source `name` states.

    Example:
        >>> source_iri("netflix"), source_iri("my films")
        ('urn:moviequery:source:netflix', 'urn:moviequery:source:my%20films')
    """
    return SOURCE + quote(name, safe="-._~", errors="replace")


def part_of(film: str, part: str) -> str:
    """Return the IRI of something that only exists within a film, such as its rating.

    Example:
        >>> part_of("urn:moviequery:movie:heat-1995", "rating")
        'urn:moviequery:movie:heat-1995#rating'
    """
    return f"{film}{'-' if '#' in film else '#'}{part}"


def has_half_character(text: str) -> bool:
    """Return True for text with a lone surrogate, which no file and no store can hold.

    Example:
        >>> has_half_character("\N{CLAPPER BOARD}"), has_half_character(chr(0xD83C))
        (False, True)
    """
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)


def safe_iri(iri: str) -> str:
    """Return the IRI with the characters that RFC 3987 forbids percent-encoded.

    An identifier without a scheme, such as IMDb's, gets one of ours.

    Example:
        >>> safe_iri("http://example.org/a b<c>"), safe_iri("tt0133093")
        ('http://example.org/a%20b%3Cc%3E', 'urn:moviequery:id:tt0133093')
    """
    if not _SCHEME_PART.match(iri):
        iri = f"{BASE}id:{iri}"
    if not _ILLEGAL.search(iri):
        return iri
    return _ILLEGAL.sub(lambda match: quote(match[0], safe="", errors="replace"), iri)
