"""The same film in several sources becomes one; different films stay apart."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from moviequery.knowledge.merging import merge, mint_iri
from moviequery.schema import Movie, Role


def film(title, year=None, source="a", directors=(), cast=(), **others):
    roles = tuple(Role(name) for name in cast)
    return Movie(title, year, directors=tuple(directors), cast=roles, sources=(source,), **others)


def iris(*movies):
    return [movie.iri.removeprefix("urn:moviequery:movie:") for movie in merge(movies)]


# -- one film ------------------------------------------------------------------------------------


def test_title_forms_meet():
    merged = merge(
        [
            film("The Matrix", 1999, "a"),
            film("Matrix, The", 1999, "b"),
            film("THE MATRIX", 1999, "c"),
        ]
    )
    assert [(movie.title, movie.sources) for movie in merged] == [("The Matrix", ("a", "b", "c"))]
    assert [record.title for record in merged[0].records] == [
        "The Matrix",
        "Matrix, The",
        "THE MATRIX",
    ]


def test_the_spelling_with_accents_wins_a_tie():
    merged = merge([film("Amelie", 2001, "a"), film("Amélie", 2001, "b")])
    assert [movie.title for movie in merged] == ["Amélie"]
    assert merged[0].alternative_titles == ()


def test_year_off_by_one_takes_the_earlier():
    merged = merge([film("Ran", 1986, "a"), film("Ran", 1985, "b")])
    assert [movie.year for movie in merged] == [1985]


def test_rerelease_keeps_the_first_year():
    merged = merge(
        [
            film("Apocalypse Now", 1979, "a", ["Francis Ford Coppola"], ["Martin Sheen"]),
            film("Apocalypse Now", 2019, "b", ["Francis Ford Coppola"]),
        ]
    )
    assert [movie.iri for movie in merged] == ["urn:moviequery:movie:apocalypse-now-1979"]


def test_no_year_on_one_side():
    assert iris(film("Heat", 1995, "a", ["Michael Mann"]), film("Heat", None, "b")) == ["heat-1995"]


def test_no_year_with_two_films_it_can_mean_stays_alone():
    assert iris(
        film("Godzilla", 1998, "a"), film("Godzilla", 2014, "a"), film("Godzilla", None, "b")
    ) == ["godzilla", "godzilla-1998", "godzilla-2014"]


def test_no_year_goes_to_the_film_with_its_people():
    merged = merge(
        [
            film("Cape Fear", 1962, "a", ["J. Lee Thompson"]),
            film("Cape Fear", 1991, "a", ["Martin Scorsese"]),
            film("Cape Fear", None, "b", ["Martin Scorsese"]),
        ]
    )
    assert [len(movie.records) for movie in merged] == [1, 2]


def test_lost_letters_word_order_and_spaces_of_names_do_not_part_films():
    for one, two in [
        ("Agnès Varda", "Agns Varda"),
        ("Kim Ki-duk", "Ki-duk Kim"),
        ("Yoon Sung-hyun", "Yoon Sunghyun"),
    ]:
        merged = merge([film("Run", 2004, "a", [one]), film("Run", 2004, "b", [two])])
        assert len(merged) == 1
        assert len(merged[0].directors) == 1
    assert merge([film("R", 1, "a", ["Agns Varda"]), film("R", 1, "b", ["Agnès Varda"])])[
        0
    ].directors == ("Agnès Varda",)


def test_two_spellings_of_a_director_are_outweighed_by_two_actors():
    cast = ["Linda Manz", "Sam Shepard"]
    found = iris(
        film("Troll", 1986, "a", ["J. Beuchler"], cast),
        film("Troll", 1986, "b", ["J. Buechler"], cast),
    )
    assert found == ["troll-1986"]


def test_second_titles_join_across_sources():
    merged = merge(
        [
            film(
                "Hate",
                1995,
                "a",
                cast=["Vincent Cassel", "Hubert Koundé"],
                alternative_titles=("La Haine",),
            ),
            film("La haine", 1995, "b", cast=["Vincent Cassel", "Hubert Koundé"]),
            film("La Haine", 1995, "c", directors=["Mathieu Kassovitz"]),
        ]
    )
    assert [(len(movie.records), movie.alternative_titles) for movie in merged] == [(3, ("Hate",))]


# -- different films -----------------------------------------------------------------------------


def test_remakes_stay_apart():
    kongs = [
        film("King Kong", 1933, "a", ["Merian C. Cooper"]),
        film("King Kong", 1976, "a", ["John Guillermin"]),
        film("King Kong", 2005, "b", ["Peter Jackson"]),
        film("King Kong", 2005, "c"),
    ]
    assert iris(*kongs) == ["king-kong-1933", "king-kong-1976", "king-kong-2005"]


def test_a_directors_own_remake_stays_apart():
    found = iris(
        film(
            "The Man Who Knew Too Much",
            1934,
            "a",
            ["Alfred Hitchcock"],
            ["Leslie Banks", "Edna Best"],
        ),
        film(
            "The Man Who Knew Too Much",
            1956,
            "b",
            ["Alfred Hitchcock"],
            ["James Stewart", "Doris Day"],
        ),
    )
    assert len(found) == 2
    games = (film("Funny Games", year, "a", ["Michael Haneke"]) for year in (1997, 2007))
    assert len(iris(*games)) == 2


def test_namesakes_of_one_year_get_the_director():
    found = iris(
        film("Mimi", 2021, "a", ["Laxman Utekar"]), film("Mimi", 2021, "b", ["Samuel Olatunji"])
    )
    assert found == ["mimi-2021-laxman-utekar", "mimi-2021-samuel-olatunji"]


def test_strangers_of_one_year_stay_apart_and_are_numbered():
    casts = (["Ann One", "Ann Two"], ["Bob One", "Bob Two"], ["Cid One", "Cid Two"])
    found = iris(*(film("Lost", 2021, "abc"[i], cast=cast) for i, cast in enumerate(casts)))
    assert found == ["lost-2021", "lost-2021-2", "lost-2021-3"]


def test_films_and_shows_stay_apart():
    merged = merge([film("Fargo", 1996, "a"), film("Fargo", 1996, "b", kind="show")])
    assert [movie.iri for movie in merged] == [
        "urn:moviequery:movie:fargo-1996",
        "urn:moviequery:show:fargo-1996",
    ]


def test_a_second_title_alone_joins_nothing():
    found = iris(
        film(
            "Squeeze",
            1996,
            "a",
            cast=["Lara Flynn Boyle", "Danny Nucci"],
            alternative_titles=("The Big Squeeze",),
        ),
        film("The Big Squeeze", 1996, "a", cast=["Lara Flynn Boyle", "Danny Nucci"]),
        film("The Big Squeeze", 1996, "b"),
    )
    assert found == ["squeeze-1996", "the-big-squeeze-1996"]


def test_two_numbers_at_one_host_are_two_films():
    first = film("Home", 2015, "a", same_as=("https://tmdb.example/1", "https://imdb.example/7"))
    second = film("Home", 2015, "a", same_as=("https://tmdb.example/2",))
    third = film("Home", 2013, "b", same_as=("https://imdb.example/7",))
    merged = merge([first, second, third])
    assert [len(movie.records) for movie in merged] == [2, 1]
    assert iris(first, second) == ["home-2015", "home-2015-2"]


def test_an_undated_namesake_of_one_source_stays_alone():
    found = iris(film("Journey", 2008, "a"), film("Journey", None, "a", ["Rusty Lemorande"]))
    assert found == ["journey", "journey-2008"]


# -- the fold ------------------------------------------------------------------------------------


def test_lists_are_united_in_the_order_of_sources():
    merged = merge(
        [
            film(
                "Heat",
                1995,
                "b",
                ["Michael Mann"],
                ["Val Kilmer", "Al Pacino"],
                genres=("crime", "Thriller"),
            ),
            film("Heat", 1995, "a", ["Michael Mann"], ["Al Pacino"], genres=("Crime", "Drama")),
        ]
    )
    assert merged[0].genres == ("Crime", "Drama", "Thriller")
    assert [role.actor for role in merged[0].cast] == ["Al Pacino", "Val Kilmer"]


def test_single_values_come_from_who_knows_them():
    first = film("Heat", 1995, "a", certificate=None, rating=7.0, votes=10, same_as=("http://b/1",))
    second = replace(
        film("Heat", 1995, "b", certificate="R", runtime=170, rating=8.0, votes=900),
        cast=(Role("Al Pacino", "Vincent Hanna"),),
        same_as=("http://a/1",),
        popularity=3.5,
    )
    heat = merge([first, second])[0]
    assert (heat.certificate, heat.runtime, heat.rating, heat.votes) == ("R", 170, 8.0, 900)
    assert (heat.popularity, heat.same_as) == (3.5, ("http://a/1", "http://b/1"))


def test_a_character_known_to_one_source_is_kept():
    plain = film("Heat", 1995, "a", cast=["Al Pacino"])
    told = replace(plain, sources=("b",), cast=(Role("AL PACINO", "Vincent Hanna"),))
    assert merge([plain, told])[0].cast == (Role("Al Pacino", "Vincent Hanna"),)


def test_what_a_part_is_comes_from_the_source_that_tells():
    told = film("Heat", 1995, "a")
    told = replace(told, cast=(Role("Al Pacino", None, "a driven detective"),))
    named = film("Heat", 1995, "b")
    named = replace(named, cast=(Role("Al Pacino", "Vincent Hanna", "a tired cop"),))
    role = merge([told, named])[0].cast[0]
    assert role == Role("Al Pacino", "Vincent Hanna", "a driven detective")


def test_a_given_iri_is_kept():
    given_iri = "http://films.example/heat"
    merged = merge([film("Heat", 1995, "a", iri=given_iri), film("Heat", 1995, "b")])
    assert [movie.iri for movie in merged] == [given_iri]


def test_a_hand_made_film_of_two_sources_counts_as_a_record_of_each():
    merged = merge([Movie("Heat", 1995, sources=("a", "b"))])
    assert [record.sources for record in merged[0].records] == [("a",), ("b",)]


def test_minted_iris():
    assert mint_iri(Movie("Amélie", 2001)) == "urn:moviequery:movie:amelie-2001"
    assert mint_iri(Movie("!!!", kind="show")) == "urn:moviequery:show:x212121"


def test_a_number_that_is_taken_is_passed_over():
    found = iris(
        film("X", None, "a", cast=["Ann One", "Ann Two"]),
        film("X", None, "b", cast=["Bob One", "Bob Two"]),
        film("X 2", None, "c"),
    )
    assert found == ["x", "x-2", "x-3"]


# -- laws ----------------------------------------------------------------------------------------

PEOPLE = st.lists(st.sampled_from(["Ann Lee", "Ann Leé", "Bo Ek", "Cy Fox", "Di Gil"]), max_size=3)
RECORDS = st.builds(
    film,
    st.sampled_from(["Heat", "The Heat", "HEAT", "Heat, The", "Run", "Rûn", "!!!"]),
    st.sampled_from([None, 1994, 1995, 1996, 2010]),
    st.sampled_from(["a", "b", "c"]),
    PEOPLE,
    PEOPLE,
    kind=st.sampled_from(["movie", "movie", "show"]),
    genres=st.lists(st.sampled_from(["Crime", "crime", "Drama"]), max_size=2).map(tuple),
    alternative_titles=st.lists(st.sampled_from(["Run", "Hitze"]), max_size=1).map(tuple),
    rating=st.sampled_from([None, 6.5, 8.0]),
    votes=st.sampled_from([None, 10, 20]),
    iri=st.sampled_from(["", "", "", "http://films.example/1"]),
    same_as=st.sampled_from([(), (), ("http://tmdb.example/1",), ("http://tmdb.example/2",)]),
)
CATALOGUES = st.lists(RECORDS, max_size=14)


@given(CATALOGUES)
def test_merging_again_changes_nothing(records):
    merged = merge(records)
    assert merge(merged) == merged
    assert merge(merged + merged) == merged
    assert merge([*merged, *records]) == merged


@given(CATALOGUES, st.randoms(use_true_random=False))
def test_order_does_not_count(records, random):
    shuffled = list(records)
    random.shuffle(shuffled)
    assert merge(shuffled) == merge(records)


@given(CATALOGUES, st.integers(0, 14))
def test_pieces_may_be_merged_first(records, cut):
    assert merge(merge(records[:cut]) + merge(records[cut:])) == merge(records)


@given(CATALOGUES)
def test_every_record_is_in_one_film_and_iris_are_unique(records):
    merged = merge(records)
    kept = [record for movie in merged for record in movie.records]
    assert sorted(map(repr, kept)) == sorted(map(repr, set(records)))
    assert len({movie.iri for movie in merged}) == len(merged)
    assert [movie.iri for movie in merged] == sorted(movie.iri for movie in merged)


@given(CATALOGUES)
def test_sources_are_those_of_the_records(records):
    for movie in merge(records):
        assert movie.sources == tuple(
            sorted({source for r in movie.records for source in r.sources})
        )
        assert {movie.kind} == {record.kind for record in movie.records}


def test_no_films():
    assert merge([]) == ()


def test_many_records_are_grouped_by_title():
    records = [
        film(f"Film {number}", 1950 + number % 70, source)
        for number in range(5_000)
        for source in ("a", "b")
    ]
    merged = merge(records)
    assert len(merged) == 5_000
    assert all(movie.sources == ("a", "b") for movie in merged)
