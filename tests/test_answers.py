"""Questions: answered from the graph, or honestly not."""

import pytest
from film_shelf import make_graph, parse

from moviequery.recommendation.recommender import Recommender
from moviequery.schema import Intent


@pytest.fixture(scope="module")
def recommender():
    return Recommender(make_graph(), encoder=None)


def ask(recommender, text, *mentions):
    return recommender.recommend(parse(text, *mentions, intent=Intent.NON_REC))


@pytest.mark.parametrize(
    ("text", "mentions", "answer"),
    [
        ("who directed Heat", ["title Heat"], "Heat (1995): directed by Michael Mann"),
        ("who starred in Serpico?", ["title Serpico"], "Serpico (1973): with Al Pacino"),
        (
            "who played Neil McCauley in Heat",
            ["character Neil McCauley", "title Heat"],
            "Heat (1995): with Robert De Niro",
        ),
        (
            "whom does Al Pacino play in Heat",
            ["actor Al Pacino", "title Heat"],
            "yes: actor 'Al Pacino' of Heat (1995)",
        ),
        ("when did Thief come out", ["title Thief"], "Thief (1981): from 1981"),
        ("what is Heat rated", ["title Heat"], "Heat (1995): rated R"),
        ("is Heat rated R", ["title Heat", "certificate R"], "yes: certificate 'R' of Heat (1995)"),
        ("what language is amelie in", ["title amelie"], "Amélie (2001): in French"),
        ("where is Heat set", ["title Heat"], "Heat (1995): set in Los Angeles"),
        (
            "which movie did michael mann make in 1981",
            ["director michael mann", "year 1981"],
            "Thief (1981)",
        ),
    ],
)
def test_answers(recommender, text, mentions, answer):
    found = ask(recommender, text, *mentions)
    assert found.answer == answer
    assert found.known
    assert all(hit.facts for hit in found)
    assert found.hits


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("who directed Alphaville", ["title Alphaville"]),
        ("who directed Zorgon Rising", ["title Zorgon Rising"]),
        ("is Heat rated PG", ["title Heat", "certificate PG"]),
        ("where can I park", []),
        ("is there popcorn at Heat tonight", ["title Heat"]),
        (
            "which film has George Clooney and Lee Marvin",
            ["actor George Clooney", "actor Lee Marvin"],
        ),
        ("which film has Zorgon", ["actor Zorgon"]),
        ("", []),
    ],
)
def test_what_the_graph_does_not_hold_is_not_here(recommender, text, mentions):
    found = ask(recommender, text, *mentions)
    assert found.answer.startswith("not here")
    assert not found.known
    assert not found.hits


def test_a_false_claim_is_answered_by_what_is_held(recommender):
    found = ask(recommender, "did Sidney Lumet direct Heat", "director Sidney Lumet", "title Heat")
    assert found.answer.endswith("it holds director Michael Mann")
    assert not found.known


def test_films_before_the_ratings_are_unrated(recommender):
    query = ("what is alphaville rated", "title alphaville")
    assert "unrated" in ask(recommender, *query).answer


@pytest.mark.parametrize(
    ("text", "mentions", "titles"),
    [
        ("which al pacino film is no heist", ["actor al pacino", "-genre heist"], ["Serpico"]),
        (
            "what unrated noir is there",
            ["certificate unrated", "genre noir"],
            ["The Killers", "Alphaville"],
        ),
        ("which stellar film has al pacino", ["mood stellar", "actor al pacino"], None),
    ],
)
def test_films_with_all_the_facts_of_a_question(recommender, text, mentions, titles):
    found = ask(recommender, text, *mentions)
    assert [hit.movie.title for hit in found] == (titles or ["Heat", "Serpico"])
    assert all(hit.facts for hit in found)
    assert ("knows nothing of mood 'stellar'" in found.answer) is (titles is None)
