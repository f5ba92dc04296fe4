"""A small catalogue of real films, for tests that need facts but no files."""

from moviequery.knowledge.graph import MovieGraph
from moviequery.schema import Movie, Role

FILMS = (
    Movie(
        title="Heat",
        year=1995,
        genres=("Crime", "Thriller"),
        themes=("obsession", "loyalty", "professionalism"),
        moods=("tense",),
        settings=("Los Angeles",),
        directors=("Michael Mann",),
        cast=(Role("Al Pacino", "Vincent Hanna"), Role("Robert De Niro", "Neil McCauley")),
        sources=("tests",),
    ),
    Movie(
        title="The Insider",
        year=1999,
        genres=("Drama",),
        themes=("whistleblowing",),
        directors=("Michael Mann",),
        cast=(Role("Al Pacino"), Role("Russell Crowe")),
        sources=("tests",),
    ),
    Movie(
        title="The Notebook",
        year=2004,
        genres=("Romance", "Drama"),
        themes=("enduring love", "memory", "social class"),
        directors=("Nick Cassavetes",),
        cast=(Role("Ryan Gosling"), Role("Rachel McAdams")),
        sources=("tests",),
    ),
    Movie(
        title="Mad Max: Fury Road",
        year=2015,
        genres=("Action", "Science Fiction"),
        themes=("survival", "redemption", "freedom"),
        settings=("desert",),
        directors=("George Miller",),
        cast=(Role("Tom Hardy"), Role("Charlize Theron", "Furiosa")),
        sources=("tests",),
    ),
    Movie(
        title="King Kong",
        year=1933,
        genres=("Adventure", "Horror"),
        directors=("Merian C. Cooper",),
        cast=(Role("Fay Wray", "Ann Darrow"),),
        sources=("tests",),
    ),
    Movie(
        title="King Kong",
        year=2005,
        genres=("Adventure", "Drama"),
        directors=("Peter Jackson",),
        cast=(
            Role("Naomi Watts", "Ann Darrow"),
            Role("Jack Black"),
            Role("Adrien Brody"),
            Role("Andy Serkis"),
            Role("Jamie Bell"),
        ),
        sources=("tests",),
    ),
    Movie(
        title="Up",
        year=2009,
        genres=("Animation", "Comedy"),
        themes=("grief", "friendship"),
        directors=("Pete Docter",),
        cast=(Role("Edward Asner", "Carl"),),
        certificate="PG",
        sources=("tests",),
    ),
    Movie(
        title="Airplane!",
        year=1980,
        genres=("Comedy",),
        moods=("silly",),
        directors=("David Zucker", "Jerry Zucker", "Jim Abrahams"),
        cast=(Role("Leslie Nielsen"), Role("Robert Hays")),
        sources=("tests",),
    ),
)


def small_graph() -> MovieGraph:
    """Return a graph over the eight films."""
    return MovieGraph.from_movies(FILMS)
