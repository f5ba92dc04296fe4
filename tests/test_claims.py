"""What texts claim of films: the rules of truth one by one, and that wishes claim nothing."""

import pytest
from catalogue_fixtures import small_graph
from hypothesis import given
from hypothesis import strategies as st

from moviequery.schema import Entity, EntityType, Intent, ParsedQuery, Query
from moviequery.synthesis.claims import check_claims


@pytest.fixture(scope="module")
def graph():
    return small_graph()


@pytest.fixture(scope="module")
def check(graph):
    """Return a function from a text to its facts: what was found by no parser, names alone."""

    def run(text):
        return [
            (claim.type.value, claim.text, claim.verdict.value)
            for claim in check_claims(ParsedQuery(text, None), graph.index)
            if claim.type is not EntityType.TITLE
        ]

    return run


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("the 1995 film Heat", [("year", "1995", "true")]),
        ("the 1996 film Heat", [("year", "1996", "false")]),
        ("I watched Heat (1995) twice", [("year", "1995", "true")]),
        ("Heat came out in the early 80s", [("year", "80s", "false")]),
        ("Heat takes place in 1950", [("setting", "1950", "false")]),
        ("Heat was directed by Michael Mann.", [("director", "Michael Mann", "true")]),
        ("Heat, directed by George Miller", [("director", "George Miller", "false")]),
        ("Heat is directed by Nobody Known", [("director", "Nobody Known", "false")]),
        ("Peter Jackson directed Heat", [("director", "Peter Jackson", "false")]),
        ("Al Pacino directed Heat", [("director", "Al Pacino", "false")]),
        ("Heat stars Michael Mann", [("actor", "Michael Mann", "false")]),
        ("Heat stars Al Pacino", [("actor", "Al Pacino", "true")]),
        ("Heat stars Tom Hardy", [("actor", "Tom Hardy", "unknown")]),
        (
            "King Kong (2005) with Tom Hardy",
            [("year", "2005", "true"), ("actor", "Tom Hardy", "false")],
        ),
        ("Michael Mann's Heat", [("director", "Michael Mann", "true")]),
        ("Al Pacino's Heat", [("actor", "Al Pacino", "true")]),
        ("Mann's Heat", [("director", "Mann", "true")]),
        ("Heat is a thriller", [("genre", "thriller", "true")]),
        (
            "the animated comedy Heat",
            [("genre", "animated comedy", "false")],
        ),
        ("Heat is a film about loyalty", [("plot", "loyalty", "true")]),
        ("Heat explores loyalty among thieves", [("plot", "loyalty among thieves", "unknown")]),
        ("Heat tells the story of talking animals", [("plot", "talking animals", "false")]),
        ("Up explores talking animals", [("plot", "talking animals", "unknown")]),
        ("Heat is set in Los Angeles", [("setting", "Los Angeles", "true")]),
        ("Heat is set in Paris", [("setting", "Paris", "false")]),
        ("Up, rated R, made me cry", []),
        ("My favourite thriller is Heat", [("genre", "thriller", "true")]),
        ("comedies such as Heat", [("genre", "comedies", "false")]),
        ("Directed by George Miller, Heat is great", [("director", "George Miller", "false")]),
        (
            "I love Heat. It was directed by Peter Jackson.",
            [("director", "Peter Jackson", "false")],
        ),
        ("the director of Heat is Peter Jackson", [("director", "Peter Jackson", "false")]),
    ],
)
def test_claims_of_a_named_film(check, text, claims):
    assert check(text) == claims


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Heat, which has no Al Pacino in it", [("actor", "Al Pacino", "false")]),
        ("Heat, which has no Jamie Bell in it", [("actor", "Jamie Bell", "unknown")]),
        (
            "There is no Naomi Watts in King Kong (2005)",
            [("actor", "Naomi Watts", "false"), ("year", "2005", "true")],
        ),
        ("Heat isn't a comedy", [("genre", "comedy", "true")]),
        ("Heat is not a thriller", [("genre", "thriller", "false")]),
        ("Heat wasn't directed by Peter Jackson", [("director", "Peter Jackson", "true")]),
        (
            "Heat isn't a comedy but a thriller",
            [("genre", "comedy", "true"), ("genre", "thriller", "true")],
        ),
        ("Heat is not only a thriller", [("genre", "thriller", "true")]),
    ],
)
def test_denials_turn_the_verdict_round(check, text, claims):
    assert check(text) == claims


@pytest.mark.parametrize(
    "text",
    [
        "a film without Al Pacino like Heat",
        "a comedy like Heat",
        "something like Heat but with Tom Hardy",
        "something like Heat, only directed by Peter Jackson",
        "I loved Heat. Now I want a comedy directed by Peter Jackson.",
        "I liked Heat, can you recommend a comedy from the 80s?",
        "Was Heat directed by Peter Jackson?",
        "is heat a comedy",
        "I wonder whether Heat was directed by Peter Jackson",
        "a remake of Heat directed by Peter Jackson",
        "Heat would be better as a comedy by Peter Jackson",
        "any comedy by Peter Jackson",
        "",
    ],
)
def test_wishes_and_questions_claim_nothing(check, text):
    assert [claim for claim in check(text) if claim[2] != "true"] == []


def test_what_may_be_a_wish_is_never_false(check):
    assert check("a film like Heat with Jamie Bell") == [("actor", "Jamie Bell", "unknown")]
    assert check("a film like Heat, which was directed by Peter Jackson") == [
        ("director", "Peter Jackson", "false")
    ]


def test_each_title_has_its_own_claims(check):
    text = "I loved Heat by Michael Mann and Up, a 2009 film by George Miller"
    assert check(text) == [
        ("director", "Michael Mann", "true"),
        ("year", "2009", "true"),
        ("director", "George Miller", "false"),
    ]


def test_of_two_films_with_one_title_the_one_that_fits_is_meant(check):
    for text in ("King Kong of 1933 by Merian C. Cooper", "King Kong (2005) by Peter Jackson"):
        assert {verdict for _, _, verdict in check(text)} == {"true"}
    assert "false" in {verdict for _, _, verdict in check("King Kong (1933) by Peter Jackson")}


def test_unknown_titles_stay_unknown(graph):
    title = Entity(EntityType.TITLE, "Zyzzyx Road", 0, 11)
    year = Entity(EntityType.YEAR, "2006", 13, 17)
    claims = check_claims(ParsedQuery("Zyzzyx Road (2006)", None, {}, (title, year)), graph.index)
    assert [(claim.verdict.value, claim.film) for claim in claims] == [("unknown", None)] * 2
    assert all("no film called 'Zyzzyx Road'" in claim.reason for claim in claims)


def test_a_refusal_has_its_reason_and_the_triple_that_is_needed(graph):
    [said, title] = check_claims(ParsedQuery("the 1996 film Heat", None), graph.index)
    assert said.reason == "year '1996' of 'Heat' (1995): the graph holds 1995"
    assert said.triple == (
        "<urn:moviequery:movie:heat-1995> <https://schema.org/datePublished> "
        '"1996"^^<http://www.w3.org/2001/XMLSchema#gYear>'
    )
    assert graph.index.find_fact(said.triple) is None
    assert graph.index.find_fact(title.triple) is not None


def test_the_players_of_a_part(graph):
    people = [
        Entity(EntityType.ACTOR, "Al Pacino", 0, 9),
        Entity(EntityType.CHARACTER, "Neil McCauley", 16, 29),
        Entity(EntityType.TITLE, "Heat", 33, 37),
    ]
    text = "Al Pacino plays Neil McCauley in Heat"
    claims = check_claims(ParsedQuery(text, None, {}, tuple(people)), graph.index)
    part = next(claim for claim in claims if claim.type is EntityType.CHARACTER)
    assert part.verdict == "false"
    assert "Robert De Niro" in part.reason


def test_labels_say_what_is_claimed(graph):
    heat, wanted, said = (
        Entity(EntityType.TITLE, "Heat", 5, 9),
        Entity(EntityType.GENRE, "comedy", 13, 19),
        Entity(EntityType.DIRECTOR, "Peter Jackson", 23, 36, about=0),
    )
    query = Query("like Heat as comedy by Peter Jackson", Intent.REC, (heat, wanted, said))
    claims = check_claims(query, graph.index)
    assert [(claim.text, claim.verdict.value) for claim in claims] == [
        ("Heat", "true"),
        ("Peter Jackson", "false"),
    ]


SCRAPS = """
    Heat Up King Kong (1933) 1995 the a film by like but not no with directed Peter Jackson Al
    Pacino starring , . ? ! ; 's " “ ” İ ß ꙮ 🎬 is set in about which it and comedy
"""


@given(st.one_of(st.lists(st.sampled_from(SCRAPS.split())).map(" ".join), st.text()))
def test_any_text_survives_and_spans_are_exact(graph, text):
    for claim in check_claims(ParsedQuery(text, None), graph.index):
        assert text[claim.start : claim.end] == claim.text
        assert claim.text
        assert claim.verdict in ("true", "false", "unknown")
        assert claim.reason
