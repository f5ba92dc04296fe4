"""What queries are about, counted by hand."""

import math

import pytest
from small_graph import MOVIES, read_vocabulary

from moviequery.knowledge.graph import MovieGraph
from moviequery.schema import Entity, EntityType, Intent, Provenance, Query
from moviequery.synthesis.coverage import measure_coverage, normalised_entropy


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    concepts = read_vocabulary(tmp_path_factory.mktemp("vocabulary"))
    return MovieGraph.from_movies(MOVIES, concepts).index


def make_query(text, frame, films, *spans):
    entities = tuple(
        Entity(kind, word, text.index(word), text.index(word) + len(word)) for kind, word in spans
    )
    iris = tuple(f"urn:moviequery:movie:{film}" for film in films)
    provenance = Provenance(0, 7, "train", frame, films=iris)
    return Query(text, Intent.REC, entities, provenance=provenance)


def test_counts_by_hand(index):
    queries = [
        make_query("like Heat", "like", ["heat-1995"], (EntityType.TITLE, "Heat")),
        make_query("like HEAT", "like", ["heat-1995"], (EntityType.TITLE, "HEAT")),
        make_query(
            "Amélie or Heat",
            "or",
            ["amelie-2001", "heat-1995"],
            (EntityType.TITLE, "Amélie"),
            (EntityType.TITLE, "Heat"),
        ),
        make_query("a noir", "wish", ["nowhere-1940", "once"], (EntityType.GENRE, "noir")),
        Query("hi", Intent.NON_REC),
    ]
    coverage = measure_coverage(queries, index)
    assert coverage.rows == 5
    assert coverage.mentions == 6
    assert coverage.entities[EntityType.TITLE] == 4
    assert coverage.values[EntityType.TITLE] == 2
    assert coverage.entities[EntityType.SONG] == 0
    assert coverage.template_rate == 2 / 5
    assert coverage.film_rate == 3 / 5
    assert coverage.decades == {"1990s": 3, "2000s": 1, "not known": 2}
    assert coverage.countries == {"France": 1, "not known": 5}
    assert coverage.shares(coverage.decades) == {"1990s": 3 / 6, "not known": 2 / 6, "2000s": 1 / 6}
    # four titles and a genre among the 22 types
    expected = (0.8 * math.log(1 / 0.8) + 0.2 * math.log(1 / 0.2)) / math.log(22)
    assert coverage.balance == pytest.approx(expected)


def test_summary_and_json_say_the_same(index):
    queries = [make_query("like Heat", "like", ["heat-1995"], (EntityType.TITLE, "Heat"))]
    coverage = measure_coverage(queries, index)
    values = coverage.to_dict()
    assert values["template_rate"] == values["film_rate"] == 1
    assert values["entities"]["title"] == values["values"]["title"] == 1
    assert values["decades"] == {"1990s": 1}
    assert "1990s 100.0%" in coverage.summary()
    assert "people named: none" in coverage.summary()
    assert "1 title (1)" in coverage.summary()


def test_people_are_counted_by_what_is_known_of_them(index):
    text = "Greta Gerwig or Jo Poe"
    gerwig = Entity(EntityType.ACTOR, "Greta Gerwig", 0, 12, "urn:moviequery:person:greta-gerwig")
    poe = Entity(EntityType.DIRECTOR, "Jo Poe", 16, 22)
    coverage = measure_coverage([Query(text, Intent.REC, (gerwig, poe))], index)
    assert coverage.genders == {"women": 1, "not known": 1}
    assert coverage.shares(coverage.genders) == {"not known": 0.5, "women": 0.5}
    assert coverage.to_dict()["genders"] == {"not known": 0.5, "women": 0.5}


def test_no_queries_count_nothing(index):
    coverage = measure_coverage([], index)
    assert (coverage.rows, coverage.template_rate, coverage.balance) == (0, 0, 0)


def test_entropy_is_highest_when_even():
    assert normalised_entropy([3, 3, 3]) == pytest.approx(1)
    assert 0 < normalised_entropy([8, 1, 1]) < normalised_entropy([4, 3, 3]) < 1
    assert normalised_entropy([7]) == normalised_entropy([0, 0]) == normalised_entropy([]) == 0
