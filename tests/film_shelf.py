"""Films and parses for the tests of recommendation: every fact of them counts somewhere."""

from __future__ import annotations

from moviequery import MovieGraph
from moviequery.knowledge.concepts import Concepts
from moviequery.schema import Entity, EntityType, Intent, Movie, ParsedQuery, Role

FILMS = (
    Movie(
        "Heat",
        1995,
        genres=("crime", "heist"),
        themes=("loyalty",),
        moods=("dark",),
        settings=("Los Angeles",),
        cast=(Role("Al Pacino", "Vincent Hanna"), Role("Robert De Niro", "Neil McCauley")),
        directors=("Michael Mann",),
        certificate="R",
        countries=("United States",),
        languages=("English",),
        rating=8.3,
        popularity=90.0,
    ),
    Movie(
        "Thief",
        1981,
        genres=("crime", "heist"),
        plots=("a safecracker takes one last job",),
        directors=("Michael Mann",),
        cast=(Role("James Caan", "Frank"),),
        certificate="R",
        languages=("English",),
        rating=7.4,
        popularity=40.0,
    ),
    Movie(
        "Ocean's Eleven",
        2001,
        genres=("heist", "comedy"),
        moods=("funny",),
        cast=(Role("George Clooney", "Danny Ocean"),),
        directors=("Steven Soderbergh",),
        certificate="PG-13",
        languages=("English",),
        rating=7.7,
        popularity=80.0,
    ),
    Movie(
        "Serpico",
        1973,
        genres=("crime", "drama"),
        themes=("corruption", "loyalty"),
        cast=(Role("Al Pacino", "Frank Serpico"),),
        directors=("Sidney Lumet",),
        languages=("English",),
        popularity=30.0,
    ),
    Movie(
        "Amélie",
        2001,
        alternative_titles=("Le Fabuleux Destin d'Amélie Poulain",),
        genres=("romantic comedy",),
        moods=("funny",),
        settings=("Paris",),
        cast=(Role("Audrey Tautou", "Amélie"),),
        directors=("Jean-Pierre Jeunet",),
        countries=("France",),
        languages=("French",),
        popularity=70.0,
    ),
    Movie(
        "The Killers",
        1946,
        genres=("noir",),
        directors=("Robert Siodmak",),
        languages=("English",),
        popularity=10.0,
    ),
    Movie(
        "The Killers",
        1964,
        genres=("crime",),
        directors=("Don Siegel",),
        cast=(Role("Lee Marvin"),),
        plots=("a sharpshooter who guards a bank",),
        languages=("English",),
        popularity=20.0,
    ),
    Movie("Alphaville", 1965, genres=("science fiction", "noir"), languages=("French",)),
)


def make_graph(films: tuple[Movie, ...] = FILMS) -> MovieGraph:
    """Return the graph of the films under the bundled vocabulary."""
    return MovieGraph.from_movies(films, Concepts.bundled(), store="memory")


def parse(text: str, *mentions: str, intent: Intent = Intent.REC) -> ParsedQuery:
    """Return a parse; a mention is "type text", or "-type text" for what is not wanted."""
    entities = []
    for mention in mentions:
        kind, _, name = mention.lstrip("-").partition(" ")
        start = text.index(name)
        entities.append(
            Entity(
                EntityType(kind), name, start, start + len(name), negated=mention.startswith("-")
            )
        )
    return ParsedQuery(text, intent, entities=tuple(sorted(entities, key=lambda e: e.start)))
