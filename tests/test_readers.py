"""Each known table is read as what it says, with its traps."""

import gzip
import json

import pytest
from film_tables import MOVIELENS, STREAMING, TMDB, streaming_row, table, tmdb_row

from moviequery.errors import CatalogueError
from moviequery.knowledge.catalogue import read_catalogue
from moviequery.schema import Role

# -- Netflix and Prime ---------------------------------------------------------------------------


def test_netflix_and_prime_are_told_apart_by_their_words(write):
    netflix = table(
        STREAMING,
        streaming_row(
            "Heat",
            "Dramas, Thrillers",
            director="Michael Mann",
            cast="Al Pacino, Robert De Niro",
            country=", United States,",
            rating="R",
        ),
        streaming_row("Dark", "TV Dramas", type="TV Show", duration="3 Seasons", rating="TV-MA"),
    )
    prime = table(
        STREAMING, streaming_row("Ran", "Drama, Arts, Entertainment, and Culture", rating="13+")
    )
    catalogue = read_catalogue(write(prime, "one"), write(netflix, "two"))
    reports = {report.source: report for report in catalogue.report}
    assert (reports["netflix"].movies, reports["netflix"].shows) == (1, 1)
    assert reports["amazon-prime"].format == "Amazon Prime titles CSV"
    dark, heat, ran = sorted(catalogue, key=lambda movie: movie.title)
    assert (dark.kind, dark.runtime) == ("show", None)
    assert heat.cast == (Role("Al Pacino"), Role("Robert De Niro"))
    assert (heat.directors, heat.countries) == (("Michael Mann",), ("United States",))
    assert (heat.certificate, heat.runtime, heat.year) == ("R", 90, 1995)
    assert ran.genres == ("Drama", "Arts, Entertainment, and Culture")
    assert ran.certificate == "13+"
    assert catalogue.sources["netflix"].licence == "CC0 1.0"


def test_another_service_with_the_same_columns_is_named_after_its_file(write):
    rows = table(STREAMING, streaming_row("Heat", "Action-Adventure, Buddy, Family"))
    catalogue = read_catalogue(write(rows, "My Service.csv"), licence="our own")
    assert catalogue[0].sources == ("my-service",)
    assert catalogue.sources["my-service"].licence == "our own"


def test_a_running_time_in_the_certificate_column_is_moved(write):
    rows = table(STREAMING, streaming_row("Live", "Dramas", rating="74 min", duration=""))
    catalogue = read_catalogue(write(rows))
    assert (catalogue[0].certificate, catalogue[0].runtime) == (None, 74)
    assert catalogue.report[0].repaired == {"a running time stood in the certificate column": 1}


def test_what_is_no_name_is_left_out_of_the_cast(write):
    cast = 'Interviews with: Pink, Adele, more!, 1, Sammy Davis, Jr., Guinn "Big Boy" Williams'
    rows = table(STREAMING, streaming_row("Pink", "Dramas", cast=cast))
    catalogue = read_catalogue(write(rows))
    names = [role.actor for role in catalogue[0].cast]
    assert names == ["Pink", "Adele", "Sammy Davis Jr.", 'Guinn "Big Boy" Williams']
    assert catalogue.report[0].repaired == {"not a person's name, left out": 2}


def test_characters_and_brackets_in_a_cast(write):
    cast = "Ash Lynx: Yuma Uchida, Arata Shindo:Yuki Kaji, Tom Kane (narrator), A | B C"
    rows = table(STREAMING, streaming_row("Fish", "Drama", cast=cast, rating="18+"))
    piped = streaming_row("Sea", "Drama", cast="Ann Lee | Bo Ek", director="Cy Fox and Di Gil")
    catalogue = read_catalogue(write(rows), write(table(STREAMING, piped), "b"))
    sea = next(movie for movie in catalogue if movie.title == "Sea")
    assert [role.actor for role in sea.cast] == ["Ann Lee", "Bo Ek"]
    assert sea.directors == ("Cy Fox", "Di Gil")
    colons = streaming_row("Fish", "Drama", cast="Ash Lynx: Yuma Uchida, Tom Kane (narrator)")
    fish = read_catalogue(write(table(STREAMING, colons)))[0]
    assert fish.cast == (Role("Yuma Uchida", "Ash Lynx"), Role("Tom Kane"))


@pytest.mark.parametrize(
    ("raw", "title", "languages"),
    [
        ("Master (Telugu) [4K UHD]", "Master", ("Telugu",)),
        ("Trapped [English Subtitled]", "Trapped", ()),
        ("19(1)", "19(1)", ()),
        ("The Wicker Man (1973)", "The Wicker Man", ()),
        ('{Brackets} & "quotes" <3', '{Brackets} & "quotes" <3', ()),
    ],
)
def test_titles_lose_their_editions_only(write, raw, title, languages):
    catalogue = read_catalogue(write(table(STREAMING, streaming_row(raw, "Drama"))))
    assert (catalogue[0].title, catalogue[0].languages) == (title, languages)


def test_the_year_behind_a_title_wins_over_the_year_of_listing(write):
    rows = table(STREAMING, streaming_row("Thunder Alley (1967)", "Drama", release_year="2016"))
    assert read_catalogue(write(rows))[0].year == 1967


# -- TMDB ----------------------------------------------------------------------------------------


def test_tmdb_with_json_cells_and_credits(write):
    movie = tmdb_row(
        genres=json.dumps([{"id": 28, "name": "Action"}]),
        keywords=json.dumps([{"id": 1, "name": "bank robbery"}, {"id": 2, "name": "heist"}]),
        production_countries=json.dumps([{"name": "United States of America"}]),
        production_companies="[{'name': 'Regency, Inc.', 'id': 4}]",
    )
    cast = [
        {"name": "Robert De Niro", "character": "Neil McCauley", "order": 1},
        {"name": "Al Pacino", "character": "Vincent Hanna / Cop", "order": 0},
    ]
    crew = [
        {"name": "Michael Mann", "job": "Director", "department": "Directing"},
        {"name": "Michael Mann", "job": "Screenplay", "department": "Writing"},
        {"name": "Art Linson", "job": "Producer", "department": "Production"},
    ]
    names = {"movie_id": "949", "title": "Heat", "cast": json.dumps(cast), "crew": json.dumps(crew)}
    movies = write(table(TMDB, movie), "movies")
    people = write(table(list(names), names, {**names, "movie_id": "1", "cast": "[{"}), "credits")
    for catalogue in (read_catalogue(people, movies), read_catalogue(movies, credits=people)):
        heat = catalogue[0]
        assert heat.cast == (
            Role("Al Pacino", "Vincent Hanna"),
            Role("Robert De Niro", "Neil McCauley"),
        )
        assert (heat.directors, heat.writers) == (("Michael Mann",), ("Michael Mann",))
        assert heat.keywords == ("bank robbery", "heist")
        assert (heat.countries, heat.languages) == (("United States",), ("English",))
        assert heat.studios == ("Regency, Inc.",)
        assert (heat.rating, heat.votes, heat.year) == (7.9, 1886, 1995)
        assert heat.same_as == ("https://www.themoviedb.org/movie/949",)
        credits_report = catalogue.report[0]
        assert credits_report.skipped == {"credits without an id, or not JSON": 1}


def test_tmdb_with_comma_lists(write):
    rows = table(
        TMDB,
        tmdb_row(
            keywords="heist, bank robbery",
            spoken_languages="English, Español",
            imdb_id="tt0113277",
            original_title="Heat - Hitze",
            production_companies="Regency Enterprises, Castle Rock, Inc.",
        ),
        tmdb_row(id="2", title="Never", status="Planned"),
        tmdb_row(id="3", title="Blue", adult="True"),
        tmdb_row(id="4", title="Unseen", vote_average="0.0", vote_count="0", runtime="0"),
    )
    catalogue = read_catalogue(write(rows))
    heat, unseen = catalogue
    assert catalogue.report[0].format == "TMDB movies CSV, comma lists"
    assert heat.genres == ("Action", "Crime")
    assert heat.languages == ("English",)
    assert heat.alternative_titles == ("Heat - Hitze",)
    assert heat.studios == ("Regency Enterprises", "Castle Rock Inc.")
    assert heat.same_as[0] == "https://www.imdb.com/title/tt0113277/"
    assert (unseen.rating, unseen.votes, unseen.runtime) == (None, None, None)
    assert catalogue.report[0].skipped == {"marked as adult by TMDB": 1, "never made: planned": 1}


def test_credits_alone_ask_for_the_films(write):
    path = write(table(["movie_id", "title", "cast", "crew"], {"movie_id": "1"}))
    with pytest.raises(CatalogueError, match="credits only: pass the TMDB movies table"):
        read_catalogue(path)


def test_credits_must_be_credits(write):
    movies = write(table(TMDB, tmdb_row()), "movies")
    with pytest.raises(CatalogueError, match="no TMDB credits table; found the columns"):
        read_catalogue(movies, credits=movies)


# -- MovieLens, WikiMovies -----------------------------------------------------------------------


def test_movielens_titles_and_joined_columns(write):
    rows = table(
        MOVIELENS,
        {
            "movieId": "29",
            "title": "City of Lost Children, The (Lost City) (Cité des enfants perdus, La) (1995)",
            "genres": "Adventure|Sci-Fi",
            "tmdb_id": "902",
            "tmdb_title": "The City of Lost Children",
            "tmdb_release_date": "1995-05-17",
            "tmdb_genres": "Fantasy, Adventure",
            "tmdb_top_cast": "Ron Perlman",
            "tmdb_keywords": "dream, clone",
        },
        {
            "movieId": "543",
            "title": "Harlem (1993)",
            "genres": "(no genres listed)",
            "tmdb_title": "Shaft's Big Score!",
            "tmdb_release_date": "1972-06-08",
            "tmdb_top_cast": "Richard Roundtree",
        },
    )
    catalogue = read_catalogue(write(rows))
    harlem, lost = sorted(catalogue, key=lambda movie: movie.year or 0)
    assert (harlem.title, harlem.cast, harlem.genres) == ("Harlem", (), ())
    assert catalogue.report[0].repaired == {"TMDB columns of another film, left out": 1}
    assert lost.title == "The City of Lost Children"
    assert lost.alternative_titles == ("Lost City", "La Cité des enfants perdus")
    assert lost.genres == ("Adventure", "Sci-Fi", "Fantasy")
    assert (lost.keywords, lost.year) == (("dream", "clone"), 1995)


def test_movielens_of_three_columns(write):
    rows = table(["movieId", "title", "genres"], {"movieId": "1", "title": "Heat (1995)"})
    assert read_catalogue(write(rows))[0].year == 1995


def test_wikimovies_facts(write):
    facts = """1 Kismet directed_by William Dieterle
2 Kismet starred_actors Marlene Dietrich, Ronald Colman
3 Kismet release_year 1944
4 Kismet in_language English
5 Kismet has_tags bd-r, bagdad
6 Kismet has_imdb_votes famous

1 Directed by John Ford directed_by Peter Bogdanovich
2 Directed by John Ford written_by Peter Bogdanovich
this is no fact
1 House release_year 1977
1 House release_year 1986
"""
    catalogue = read_catalogue(write(facts))
    by_year = {(movie.title, movie.year): movie for movie in catalogue}
    assert sorted(by_year, key=str) == [
        ("Directed by John Ford", None),
        ("House", 1977),
        ("House", 1986),
        ("Kismet", 1944),
    ]
    kismet = by_year["Kismet", 1944]
    assert (kismet.keywords, kismet.languages) == (("bd-r", "bagdad"), ("English",))
    assert [role.actor for role in kismet.cast] == ["Marlene Dietrich", "Ronald Colman"]
    assert by_year["Directed by John Ford", None].writers == ("Peter Bogdanovich",)
    assert catalogue.report[0].rows == 4
    assert catalogue.report[0].skipped == {"not a WikiMovies fact": 1}
    assert catalogue.report[0].examples["not a WikiMovies fact"] == "line 10: this is no fact"


# -- Amazon reviews ------------------------------------------------------------------------------


def test_amazon_metadata_of_2014_holds_python_literals(write):
    rows = [
        {
            "asin": "A1",
            "title": "Heat [VHS]",
            "categories": [["Movies & TV", "Movies"], ["Movies & TV", "Action"]],
            "price": 1.5,
        },
        {"asin": "A2", "title": "It's a 'Quote'", "categories": [["Movies & TV", "TV"]]},
        {"asin": "A3", "title": "A Novel", "categories": [["Books"]]},
    ]
    text = "\n".join(map(repr, rows)) + "\n__import__('os').system('false')\n"
    catalogue = read_catalogue(write(gzip.compress(text.encode()), "meta"))
    heat, quote = catalogue
    assert catalogue.report[0].format == "Amazon reviews metadata, form of 2014"
    assert (heat.title, heat.genres, heat.kind) == ("Heat", ("Action",), "movie")
    assert (quote.title, quote.kind) == ("It's a 'Quote'", "show")
    assert catalogue.report[0].skipped == {
        "not a JSON object": 1,
        "not of the Movies & TV department": 1,
    }


def test_amazon_metadata_of_2018_and_editions_become_one_film(write):
    shelves = ["Movies & TV", "Genre for Featured Categories", "Comedy", "All Fox Titles"]
    rows = [
        {"asin": "A1", "title": "Big Fish", "category": shelves, "description": ["x"]},
        {"asin": "A2", "title": "Big Fish (Widescreen Edition)", "category": shelves},
        {"asin": "A3", "title": "<span>getTime()</span>", "category": shelves},
    ]
    catalogue = read_catalogue(write("\n".join(map(json.dumps, rows))))
    assert [(movie.title, movie.genres) for movie in catalogue] == [("Big Fish", ("Comedy",))]
    assert catalogue.merged == 1
    assert catalogue.report[0].skipped == {"markup or script in place of a title": 1}


def test_amazon_metadata_of_2023(write):
    stream = {
        "main_category": "Prime Video",
        "title": "Far Cry Home",
        "average_rating": 4.0,
        "rating_number": 12,
        "features": ["IMDb 6.8", "2013", "X-Ray", "PG-13"],
        "categories": ["Comedy", "Drama"],
        "details": {"Directors": ["Gary Yates"], "Audio languages": ["English"]},
        "parent_asin": "B1",
    }
    disc = {
        "main_category": "Movies & TV",
        "title": "Star Crew: Season 2 [DVD]",
        "average_rating": 4.5,
        "rating_number": 10,
        "features": [],
        "categories": ["Movies & TV", "TV", "Science Fiction"],
        "details": {"Run time": "4 hours and 18 minutes", "Release date": "August 19, 2012"},
        "store": "Ann Lee  (Actor),     Bo Ek  (Director)    Format: DVD",
        "parent_asin": "B2",
    }
    catalogue = read_catalogue(write("\n".join(map(json.dumps, [stream, disc]))))
    film, show = catalogue
    assert (film.year, film.certificate, film.rating) == (2013, "PG-13", 6.8)
    assert (film.directors, film.genres) == (("Gary Yates",), ("Comedy", "Drama"))
    assert (show.title, show.kind, show.year) == ("Star Crew", "show", None)
    assert (show.rating, show.votes, show.runtime) == (9.0, 10, 258)
    assert (show.cast, show.directors) == ((Role("Ann Lee"),), ("Bo Ek",))


def test_amazon_reviews_are_no_films(write):
    review = {"reviewerID": "A", "asin": "B", "reviewText": "good", "overall": 5}
    with pytest.raises(CatalogueError, match="reviews, not films: pass the metadata"):
        read_catalogue(write(json.dumps(review)))


def test_a_bracket_that_goes_on_a_sentence_is_part_of_the_title(write):
    title = "Birdman or (The Unexpected Virtue of Ignorance)"
    rows = table(["movieId", "title", "genres"], {"movieId": "1", "title": f"{title} (2014)"})
    movie = read_catalogue(write(rows))[0]
    assert (movie.title, movie.year, movie.alternative_titles) == (title, 2014, ())
