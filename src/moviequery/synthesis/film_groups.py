"""The groups that a query belongs to by its films and people: decade, country, language, fame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from statistics import median

from ..knowledge.genders import read_genders
from ..knowledge.index import Film, GraphIndex
from ..schema import EntityType, Query

UNKNOWN = "not known"
NO_FILM = "no film"
NOBODY = "nobody named"
DECADE, COUNTRY, LANGUAGE, FAME, GENDER = "decade", "country", "language", "fame", "people"
_PEOPLE = (EntityType.ACTOR, EntityType.DIRECTOR)
_MAIN = {EntityType.COUNTRY: "United States", EntityType.LANGUAGE: "English"}


class FilmGroups:
    """Tells what groups queries belong to, for scores by group.

    A query about two films belongs to the groups of both. Fame halves the films of the graph by
    their popularity, which is comparable within it.
    """

    def __init__(self, index: GraphIndex, genders: Mapping[str, str] | None = None) -> None:
        """Take films from the index; genders by IRI of a person, None for those that ship."""
        self._index = index
        self._genders = read_genders() if genders is None else genders
        self._middle = median(film.popularity for film in index.films) if index.films else 0.0

    def of(self, query: Query) -> dict[str, tuple[str, ...]]:
        """Return the groups by what they group by, sorted; `NO_FILM` where there is no film."""
        iris = query.provenance.films if query.provenance else ()
        films = [film for iri in sorted(set(iris)) if (film := self._index.film(iri))]
        found = {
            DECADE: {name_decade(film) for film in films},
            COUNTRY: {self._side(film, EntityType.COUNTRY) for film in films},
            LANGUAGE: {self._side(film, EntityType.LANGUAGE) for film in films},
            FAME: {self._half(film) for film in films},
        }
        groups = {name: tuple(sorted(labels)) or (NO_FILM,) for name, labels in found.items()}
        return groups | {GENDER: tuple(sorted(set(self.genders(query)))) or (NOBODY,)}

    def genders(self, query: Query) -> Iterator[str]:
        """Yield the gender of each actor and director that a query names, or `UNKNOWN`."""
        for entity in query.entities:
            if entity.type in _PEOPLE:
                yield self._genders.get(entity.iri or "", UNKNOWN)

    def _side(self, film: Film, kind: EntityType) -> str:
        """Return the country or language that most films have, "other", or that it is unknown."""
        labels = list_labels(film, kind, self._index)
        if labels == [UNKNOWN]:
            return UNKNOWN
        return _MAIN[kind] if _MAIN[kind] in labels else "other"

    def _half(self, film: Film) -> str:
        if not film.popularity:
            return UNKNOWN
        return "better known half" if film.popularity >= self._middle else "lesser known half"


def name_decade(film: Film | None) -> str:
    """Return the decade of a film, such as "1990s"."""
    return UNKNOWN if film is None or film.year is None else f"{film.year // 10 * 10}s"


def list_labels(film: Film | None, kind: EntityType, index: GraphIndex) -> list[str]:
    """Return what the film's facts of a type are called; `UNKNOWN` alone where it has none."""
    facts: Iterable[str] = film.facts.get(kind, ()) if film else ()
    return [index.nodes[fact].label for fact in facts] or [UNKNOWN]
