"""Who made a table, and under which licence: the attribution that travels with every fact."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A catalogue that films come from.

    Attributes:
        name: the short name that `Movie.sources` uses.
        title: how to name it in an attribution.
        licence: as its publisher states it; "unknown" for a user's own table.
        url: the page of the publisher, where one is known.
    """

    name: str
    title: str
    licence: str
    url: str = ""


KNOWN_SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source(
            "amazon-prime", "Amazon Prime Movies and TV Shows (Shivam Bansal, Kaggle)", "CC0 1.0"
        ),
        Source(
            "amazon-reviews",
            "Amazon Reviews item metadata (McAuley Lab, UC San Diego)",
            "research use; see the terms of the publisher",
        ),
        Source(
            "movielens",
            "MovieLens (GroupLens Research, University of Minnesota)",
            "MovieLens terms: no redistribution without permission",
        ),
        Source("moviequery", "The moviequery authors' own knowledge of films", "CC0 1.0"),
        Source("netflix", "Netflix Movies and TV Shows (Shivam Bansal, Kaggle)", "CC0 1.0"),
        Source(
            "tmdb",
            "The Movie Database (TMDB); not endorsed or certified by TMDB",
            "TMDB terms of use: attribution",
        ),
        Source("wikidata", "Wikidata", "CC0 1.0"),
        Source("wikimovies", "WikiMovies knowledge base (Facebook AI Research)", "CC BY 3.0"),
    )
}


def find_source(name: str, licence: str | None = None) -> Source:
    """Return the known source of that name, or a user's own with the licence that was given.

    Example:
        >>> find_source("netflix").licence, find_source("our-films").licence
        ('CC0 1.0', 'unknown')
    """
    return KNOWN_SOURCES.get(name) or Source(name, name, licence or "unknown")
