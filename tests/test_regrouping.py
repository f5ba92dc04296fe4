"""Spans that a parser cut at the wrong word, cut again by the names that the graph knows."""

from dataclasses import replace

import pytest
from film_shelf import FILMS, make_graph, parse
from hypothesis import given
from hypothesis import strategies as st

from moviequery.recommendation.matching import EntityMatcher
from moviequery.recommendation.recommender import Recommender
from moviequery.recommendation.regrouping import regroup_entities
from moviequery.schema import Entity, EntityType, Movie, Role

SHELF = (
    *FILMS,
    Movie("Alien", 1979, genres=("science fiction",), settings=("space",)),
    Movie("Alien 3", 1992, genres=("science fiction",)),
    Movie("The Taking of Pelham One Two Three", 1974, genres=("crime",)),
    Movie("Judy Moody and the Not Bummer Summer", 2011, genres=("comedy",)),
    Movie("The Mangler", 1995, genres=("horror",)),
    Movie("His House", 2020, genres=("horror",), settings=("British India",)),
    Movie("Fatal Attraction", 1987, genres=("erotic thriller",), cast=(Role("Glenn Close"),)),
    Movie("Sherlock Holmes", 1922, cast=(Role("John Barrymore", "Sherlock Holmes"),)),
    Movie("A Study in Terror", 1965, cast=(Role("John Neville", "Sherlock Holmes"),)),
    Movie("Chinatown", 1974, genres=("mystery",), directors=("Roman Polanski",)),
)


@pytest.fixture(scope="module")
def recommender():
    return Recommender(make_graph(SHELF), encoder=None)


@pytest.fixture(scope="module")
def matcher():
    return EntityMatcher(make_graph(SHELF).index)


def regroup(matcher, query, score=None):
    entities = [replace(entity, score=score) for entity in query.entities]
    found = regroup_entities(query.text, entities, matcher)
    assert all(query.text[e.start : e.end] == e.text for e in found)
    return [f"{'-' if e.negated else ''}{e.type.value} {e.text}" for e in found]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (parse("I loved Alien 3 a lot", "title Alien"), ["title Alien 3"]),
        (parse("like alien 3", "title alien"), ["title alien 3"]),
        (parse("as in His House", "title His"), ["title His House"]),
        (
            parse("The Taking of Pelham One Two Three, hm", "title The Taking", "-title Pelham"),
            ["title The Taking of Pelham One Two Three"],
        ),
        (
            parse(
                "judy moody and the not bummer summer",
                "title judy moody",
                "title not bummer summer",
            ),
            ["title judy moody and the not bummer summer"],
        ),
        (parse("some glenn closes films", "actor glenn", "review closes"), ["actor glenn close"]),
        (
            parse("in the league of The Mangler", "title the league of The Mangler"),
            ["title The Mangler"],
        ),
    ],
    ids=lambda value: getattr(value, "text", None),
)
def test_names_are_as_long_as_the_graph_knows_them(matcher, query, expected):
    assert regroup(matcher, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        parse("I saw Alien. 3 times", "title Alien"),
        parse("Heat and Thief", "title Heat", "title Thief"),
        parse("like Zorgon Rising now", "title Zorgon Rising"),
        parse("al pacino and robert de niro", "actor al pacino", "actor robert de niro"),
        parse("funny noir", "mood funny", "genre noir"),
        parse("drama, thriller", "genre drama", "genre thriller"),
        parse("funny but no noir", "mood funny", "-genre noir"),
    ],
    ids=lambda query: query.text,
)
def test_what_is_known_or_unknown_as_it_stands_is_kept(matcher, query):
    kept = [f"{'-' if e.negated else ''}{e.type.value} {e.text}" for e in query.entities]
    assert regroup(matcher, query) == kept


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            parse("an erotic thriller", "genre erotic", "genre thriller"),
            ["genre erotic thriller"],
        ),
        (
            parse("about british india", "country british", "country india"),
            ["setting british india"],
        ),
        (parse("a dark crime film", "genre dark crime"), ["mood dark", "genre crime"]),
        (
            parse("set in los angeles in the", "plot set in los angeles in the"),
            ["plot los angeles"],
        ),
        (parse("set in a strange town", "plot set in a strange town"), None),
    ],
    ids=lambda value: getattr(value, "text", None),
)
def test_kinds_of_film_are_cut_as_the_graph_knows_them(matcher, query, expected):
    kept = [f"{e.type.value} {e.text}" for e in query.entities]
    assert regroup(matcher, query) == (expected or kept)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            parse("the Sherlock Holmes movies", "title Sherlock Holmes"),
            ["character Sherlock Holmes"],
        ),
        (parse("like Sherlock Holmes", "title Sherlock Holmes"), ["title Sherlock Holmes"]),
        (parse("something french", "title french"), ["country french"]),
        (parse("a fan of fatal attraction", "actor fatal attraction"), ["title fatal attraction"]),
        (parse("a roman polanski film", "actor roman polanski"), ["director roman polanski"]),
        (parse("starring roman polanski", "actor roman polanski"), ["actor roman polanski"]),
    ],
    ids=lambda value: getattr(value, "text", None),
)
def test_a_guess_may_be_of_another_type(matcher, query, expected):
    assert regroup(matcher, query, score=0.6) == expected
    # what is given for certain is not
    assert regroup(matcher, query) == [f"{e.type.value} {e.text}" for e in query.entities]


def test_a_sure_role_is_kept(matcher):
    query = parse("what by al pacino is there", "director al pacino")
    assert regroup(matcher, query, score=0.97) == ["director al pacino"]
    assert regroup(matcher, query, score=0.6) == ["actor al pacino"]


def test_films_for_a_title_that_was_cut(recommender):
    found = recommender.recommend(parse("like alien 3", "title alien"))
    titles = [hit.movie.title for hit in found]
    assert "Alien" in titles
    assert "Alien 3" not in titles


@given(st.text(alphabet="alien 3.,HoThe-sgx\u0301", max_size=40), st.data())
def test_regrouped_spans_hold_what_they_claim(matcher, text, data):
    ends = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    kinds = st.sampled_from(list(EntityType))
    entities = [
        Entity(data.draw(kinds), text[start:end], start, end, score=0.5)
        for start, end in zip(ends[::2], ends[1::2], strict=False)
    ]
    end = 0
    for entity in regroup_entities(text, entities, matcher):
        assert end <= entity.start < entity.end
        assert text[entity.start : entity.end] == entity.text
        end = entity.end
