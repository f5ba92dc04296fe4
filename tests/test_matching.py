"""Mentions to nodes: aliases, slips, ambiguity."""

import pytest
from film_shelf import FILMS, make_graph, parse
from hypothesis import given
from hypothesis import strategies as st

from moviequery.recommendation.matching import EntityMatcher
from moviequery.recommendation.names import NameTable, loosen
from moviequery.schema import Entity, EntityType, Movie


@pytest.fixture(scope="module")
def matcher():
    return EntityMatcher(make_graph().index)


def one(matcher, kind, text):
    return matcher.match([Entity(EntityType(kind), text, 0, len(text))])[0]


@pytest.mark.parametrize(
    ("kind", "text", "name"),
    [
        ("title", "Heat", "movie:heat-1995"),
        ("title", "HEAT", "movie:heat-1995"),
        ("title", "oceans eleven", "movie:oceans-eleven-2001"),
        ("title", "ocean s 11", None),
        ("title", "Ocaen's Elevne", "movie:oceans-eleven-2001"),
        ("title", "le fabuleux destin d amelie poulain", "movie:amelie-2001"),
        ("title", "Zorgon Rising", None),
        ("director", "micheal man", "person:michael-mann"),
        ("director", "soderbergh", "person:steven-soderbergh"),
        ("director", "soderberghs", "person:steven-soderbergh"),
        ("actor", "Al Pachino", "person:al-pacino"),
        ("genre", "sci-fi", "genre:science-fiction"),
        ("genre", "heist movies", "genre:heist"),
        ("genre", "comdey", "genre:comedy"),
        ("mood", "funnier", "mood:funny"),
        ("certificate", "pg 13", "certificate:pg-13"),
        ("language", "frensh", "language:french"),
        ("plot", "a safecracker takes one last jop", "plot:a-safecracker-takes-one-last-job"),
        ("plot", "a sharpshooter", "plot:a-sharpshooter-who-guards-a-bank"),
        ("plot", "guards a bank", "plot:a-sharpshooter-who-guards-a-bank"),
        ("review", "must see", None),
    ],
)
def test_names(matcher, kind, text, name):
    match = one(matcher, kind, text)
    assert (match and match.iri.removeprefix("urn:moviequery:")) == name


def test_a_name_that_is_spelt_right_is_sure(matcher):
    assert one(matcher, "actor", "al pacino").score == 1
    assert 0.7 < one(matcher, "actor", "al pachino").score < 1


def test_another_type_where_the_graph_has_none_of_that_name(matcher):
    assert one(matcher, "theme", "heist").type is EntityType.GENRE
    assert one(matcher, "character", "funny").type is EntityType.MOOD
    assert one(matcher, "studio", "heist").type is EntityType.GENRE
    assert one(matcher, "title", "noir") is None
    assert one(matcher, "actor", "michael mann").type is EntityType.DIRECTOR
    assert one(matcher, "country", "french").type in (EntityType.COUNTRY, EntityType.LANGUAGE)


@pytest.mark.parametrize(
    ("query", "year"),
    [
        (parse("the killers", "title the killers"), "1964"),  # better known
        (parse("the killers of 1946", "title the killers", "year 1946"), "1946"),
        (parse("the killers from the 40s", "title the killers", "year 40s"), "1946"),
        (
            parse("robert siodmak, the killers", "director robert siodmak", "title the killers"),
            "1946",
        ),
    ],
    ids=lambda value: getattr(value, "text", None),
)
def test_ambiguous_titles(matcher, query, year):
    matches = matcher.match(query.entities)
    [match] = [m for m in matches if m and m.type is EntityType.TITLE]
    assert match.iri.endswith(year)
    assert len(match.rivals) == 1
    assert (match.score == 1) == (len(query.entities) > 1)


def test_iris_that_the_graph_knows_are_kept(matcher):
    iri = "urn:moviequery:movie:the-killers-1946"
    [match] = matcher.match([Entity(EntityType.TITLE, "the killers", 0, 11, iri=iri)])
    assert match.iri == iri
    guess = Entity(EntityType.TITLE, "the killers", 0, 11, iri=iri, score=0.9)
    [match] = matcher.match([guess])
    assert match.iri.endswith("1964")
    assert match.rivals == (iri,)
    [match] = matcher.match([Entity(EntityType.TITLE, "heat", 0, 4, iri="urn:gone")])
    assert match.iri.endswith("heat-1995")


@given(st.text(max_size=40), st.sampled_from(list(EntityType)))
def test_any_text_matches_or_not(matcher, text, kind):
    match = one(matcher, kind, text) if text else None
    assert match is None or 0 < match.score <= 1


def test_loose_names_meet():
    for first, second in (
        ("rocky part ii", "rocky 2"),
        ("super heroes", "superhero"),
        ("teh thing", "the thing"),
    ):
        assert loosen(first) == loosen(second)
    assert loosen("alien") == loosen("aliens") != loosen("alias")


def test_exact_names_win_over_loose_ones():
    table = NameTable([("alien", "a", 0.0), ("aliens", "b", 0.0)])
    assert table.find("alien") == {"a": 1.0}
    assert set(table.find("alien", loosely=True)) == {"a", "b"}
    assert set(table.find_alike("aliem")) == {"a", "b"}
    assert table.find_alike("zz") == {}


@pytest.mark.parametrize("kind", ["title", "actor", "director", "genre"])
def test_slips_in_names_of_the_bundled_films(bundled_graph, kind):
    """Swapping two letters in the middle of a long name leaves it what it is."""
    index = bundled_graph.index
    matcher = EntityMatcher(index)
    entity_type = EntityType(kind)
    if kind == "title":
        names = [(film.title, {film.iri}) for film in index.films]
    else:
        names = [(index.nodes[iri].label, {iri}) for iri in index.values(entity_type)]
    long = [(name, iris) for name, iris in names if len(name) >= 7][::40]
    right = 0
    for name, iris in long:
        half = len(name) // 2
        slip = name[: half - 1] + name[half] + name[half - 1] + name[half + 1 :]
        match = one(matcher, kind, slip)
        right += match is not None and bool({match.iri, *match.rivals} & iris)
    assert right >= 0.97 * len(long)


def test_a_whole_name_of_another_kind_is_more_than_a_part_of_ones_own(matcher):
    plots = Movie("Fights", 1990, plots=("a boxer who refuses to throw a fight",))
    index = make_graph((*FILMS, plots, Movie("Ring", 1991, themes=("boxing",)))).index
    assert one(EntityMatcher(index), "plot", "boxers").type is EntityType.THEME
    # a plot that no film of the graph has is none
    assert one(matcher, "plot", "heist").iri == "urn:moviequery:genre:heist"


def test_a_quote_is_nothing_else(matcher):
    assert one(matcher, "quote", "heist") is None
