"""A few films in two sources and a small vocabulary, for the tests of graph, index and concepts."""

from __future__ import annotations

from pathlib import Path

from moviequery.knowledge.concepts import Concepts
from moviequery.knowledge.graph import MovieGraph
from moviequery.schema import Movie, Role

STORES = ("oxigraph", "memory")
MATRIX = "urn:moviequery:movie:the-matrix-1999"

VOCABULARY = """
[genre.comedy]
label = "comedy"
alt = ["funny film"]
plural = ["comedies"]
sources = ["Comedies", "Stand-Up Comedy"]

[genre.romantic-comedy]
label = "romantic comedy"
alt = ["rom-com", "romcom"]
plural = ["romantic comedies", "rom-coms"]
broader = ["comedy"]

[genre.science-fiction]
label = "science fiction"
alt = ["sci-fi", "SF"]
sources = ["Sci-Fi & Fantasy"]
related = ["fantasy"]

[genre.fantasy]
label = "fantasy"
sources = ["Sci-Fi & Fantasy"]

[genre.crime]
label = "crime"

[genre.noir]
label = "noir"
broader = ["crime"]

[genre.neo-noir]
label = "neo-noir"
broader = ["noir"]

[mood.dark]
label = "dark"
sources = ["Dark Comedies"]

[theme.artificial-intelligence]
label = "artificial intelligence"
alt = ["AI"]
sources = ["artificial intelligence (a.i.)"]

[plot.heist]
label = "heist"
alt = ["bank robbery"]

[setting.new-york-city]
label = "New York City"
alt = ["New York"]

[origin.novel]
label = "novel"
sources = ["based on novel or book"]

[country.france]
label = "France"
alt = ["French"]

[certificate.r]
label = "R"
sources = ["rated r"]

[certificate.u]
label = "U"
sources = ["universal"]

[ignored]
keywords = ["dvd", "bd-r"]
genres = ["TV Shows"]
"""

NETFLIX_MATRIX = Movie(
    "The Matrix",
    1999,
    genres=("Sci-Fi & Fantasy", "Action"),
    cast=(Role("Keanu Reeves", "Neo"), Role("Carrie-Anne Moss")),
    directors=("Lana Wachowski", "Lilly Wachowski"),
    certificate="R",
    runtime=136,
    overview='A hacker learns "the truth".\nThen he fights.',
    sources=("netflix",),
)
TMDB_MATRIX = Movie(
    "Matrix, The",
    1999,
    alternative_titles=("Matrix", "Die Matrix"),
    genres=("Science Fiction",),
    keywords=("artificial intelligence (a.i.)", "Keanu Reeves", "dvd", "dystopia", "rated r"),
    cast=(Role("Carrie-Anne Moss", "Trinity"), Role("Keanu Reeves", "Thomas Anderson")),
    directors=("Lana Wachowski",),
    rating=8.2,
    votes=25_000,
    popularity=80.25,
    cast_complete=True,
    same_as=("http://www.wikidata.org/entity/Q83495",),
    sources=("tmdb",),
)
MOVIES = (
    NETFLIX_MATRIX,
    TMDB_MATRIX,
    Movie(
        "Heat",
        1995,
        genres=("Crime", "Neo-Noir"),
        keywords=("bank robbery", "loyalty"),
        cast=(Role("Al Pacino", "Vincent Hanna"), Role("Robert De Niro", "Neil McCauley")),
        directors=("Michael Mann",),
        rating=8.0,
        sources=("tmdb",),
    ),
    Movie(
        "Amélie",
        2001,
        alternative_titles=("Le Fabuleux Destin d'Amélie Poulain",),
        genres=("Rom-Com",),
        cast=(Role("Audrey Tautou", "Amélie"),),
        countries=("France",),
        languages=("French",),
        sources=("netflix",),
    ),
    Movie("Dark", 2017, kind="show", genres=("TV Shows", "Crime"), sources=("netflix",)),
    Movie("Once", keywords=("loyalty", "based on novel or book"), plots=("Loyalty",)),
)


def read_vocabulary(folder: Path, text: str = VOCABULARY) -> Concepts:
    """Return the vocabulary of a TOML text."""
    path = folder / "concepts.toml"
    path.write_text(text, encoding="utf-8")
    return Concepts.read(path)


def write_and_read(graph: MovieGraph, path: Path, store: str = "oxigraph") -> MovieGraph:
    """Return what is read from the file that the graph was written to."""
    graph.write(path)
    return MovieGraph.read(path, store=store)
