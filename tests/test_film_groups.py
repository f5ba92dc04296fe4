"""Groups of queries by their films and people, by hand."""

import tomllib
from pathlib import Path

import pytest

from moviequery.knowledge import genders
from moviequery.knowledge.genders import MEN, WOMEN, read_genders
from moviequery.knowledge.graph import MovieGraph
from moviequery.schema import Entity, EntityType, Intent, Movie, Provenance, Query, Role
from moviequery.synthesis.film_groups import FilmGroups

FILMS = [
    Movie("Heat", 1995, countries=("United States",), languages=("English",), popularity=9),
    Movie("Ran", 1985, countries=("Japan", "France"), languages=("Japanese",), popularity=3),
    Movie("Lost", cast=(Role("Jo Poe"),)),
]
HEAT, RAN, LOST = (f"urn:moviequery:movie:{name}" for name in ("heat-1995", "ran-1985", "lost"))
JO, ANN = "urn:moviequery:person:jo-poe", "urn:moviequery:person:ann-poe"


@pytest.fixture(scope="module")
def groups():
    return FilmGroups(MovieGraph.from_movies(FILMS).index, {ANN: WOMEN})


def make_query(*films, people=()):
    text = " ".join(people) or "hi"
    starts = [text.index(name) for name in people]
    entities = tuple(
        Entity(
            EntityType.ACTOR,
            name,
            start,
            start + len(name),
            iri=f"urn:moviequery:person:{name}-poe",
        )
        for name, start in zip(people, starts, strict=True)
    )
    provenance = Provenance(0, 7, "train", "f", films=films)
    return Query(text, Intent.REC, entities, provenance=provenance)


def test_a_film_has_a_decade_a_country_a_language_and_a_half(groups):
    assert groups.of(make_query(HEAT)) == {
        "decade": ("1990s",),
        "country": ("United States",),
        "language": ("English",),
        "fame": ("better known half",),
        "people": ("nobody named",),
    }
    ran = groups.of(make_query(RAN))
    assert (ran["country"], ran["language"]) == (("other",), ("other",))
    assert ran["fame"] == ("better known half",)  # it is the one in the middle


def test_what_is_not_known_is_said_so(groups):
    found = groups.of(make_query(LOST))
    assert {found[name] for name in ("decade", "country", "language", "fame")} == {("not known",)}


def test_a_query_about_two_films_is_in_the_groups_of_both(groups):
    assert groups.of(make_query(HEAT, RAN))["decade"] == ("1980s", "1990s")
    assert groups.of(make_query())["decade"] == ("no film",)
    assert groups.of(Query("hi", Intent.NON_REC))["fame"] == ("no film",)


def test_people_are_counted_each_and_grouped_once(groups):
    query = make_query(HEAT, people=("ann", "jo"))
    assert list(groups.genders(query)) == ["women", "not known"]
    assert groups.of(query)["people"] == ("not known", "women")


def test_an_empty_graph_groups_nothing():
    empty = FilmGroups(MovieGraph.from_movies([]).index)
    assert empty.of(make_query(HEAT))["decade"] == ("no film",)


def test_nobody_is_listed_twice():
    path = Path(genders.__file__).with_name("genders.toml")
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    names = [name for gender in (WOMEN, MEN) for name in tables[gender]]
    assert len(names) == len(set(names)) == len(read_genders())
    assert names == [*sorted(tables[WOMEN]), *sorted(tables[MEN])]


def test_those_listed_are_people_of_the_bundled_films():
    index = MovieGraph.bundled().index
    known = read_genders()
    assert sum(iri in index.nodes for iri in known) > 0.98 * len(known)
    credits = [
        person
        for film in index.films
        for kind in (EntityType.ACTOR, EntityType.DIRECTOR)
        for person in film.facts.get(kind, ())
    ]
    assert sum(person in known for person in credits) > 0.35 * len(credits)
