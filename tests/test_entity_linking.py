"""Entities of a parse linked to a graph, and the roles of people by its credits."""

import pytest
from toy_parser import save_toy_parser

from moviequery import MovieGraph, QueryParser
from moviequery.modeling.entity_linking import link_entities
from moviequery.schema import Entity, EntityType, Movie, Role

ACTOR, DIRECTOR, TITLE = EntityType.ACTOR, EntityType.DIRECTOR, EntityType.TITLE
FILMS = [
    Movie(
        "Heat",
        1995,
        genres=("Heist",),
        popularity=9.0,
        cast=(Role("Al Pacino"), Role("Val Kilmer")),
        directors=("Michael Mann",),
    ),
    Movie("Heat", 1986, genres=("Crime",), popularity=1.0, cast=(Role("Burt Reynolds"),)),
    Movie("Unforgiven", 1992, cast=(Role("Clint Eastwood"),), directors=("Clint Eastwood",)),
    Movie("The Good Shepherd", 2006, cast=(Role("Joe Pesci"),), directors=("Robert De Niro",)),
    *(Movie(f"De Niro {n}", 1990 + n, cast=(Role("Robert De Niro"),)) for n in range(3)),
]


@pytest.fixture(scope="module")
def index():
    return MovieGraph.from_movies(FILMS).index


def link(index, text, *found):
    entities = []
    for entity_type, name in found:
        start = text.index(name)
        entities.append(Entity(entity_type, name, start, start + len(name)))
    return link_entities(text, entities, index)


def test_of_films_with_one_title_the_best_known_is_meant(index):
    (heat,) = link(index, "like HEAT", (TITLE, "HEAT"))
    assert heat.iri.endswith("heat-1995")
    (genre, unknown) = link(index, "heist or Heatt", (EntityType.GENRE, "heist"), (TITLE, "Heatt"))
    assert genre.iri is not None
    assert unknown.iri is None


@pytest.mark.parametrize(
    ("text", "name", "said", "expected"),
    [
        ("michael mann films", "michael mann", ACTOR, DIRECTOR),
        ("al pacino films", "al pacino", DIRECTOR, ACTOR),
        ("films with michael mann", "michael mann", ACTOR, DIRECTOR),
        # what the text says is not corrected
        ("films starring michael mann", "michael mann", ACTOR, ACTOR),
        ("films directed by al pacino", "al pacino", DIRECTOR, DIRECTOR),
        ("the director, al pacino", "al pacino", DIRECTOR, DIRECTOR),
        ("robert de niro films", "robert de niro", DIRECTOR, ACTOR),
        ("robert de niro films", "robert de niro", ACTOR, ACTOR),
        # credits of both kinds, and of none, decide nothing
        ("clint eastwood films", "clint eastwood", ACTOR, ACTOR),
        ("clint eastwood films", "clint eastwood", DIRECTOR, DIRECTOR),
        ("jane nobody films", "jane nobody", ACTOR, ACTOR),
    ],
)
def test_credits_choose_the_role_where_no_word_does(index, text, name, said, expected):
    (person,) = link(index, text, (said, name))
    assert person.type is expected
    assert (person.start, person.text) == (text.index(name), name)
    assert (person.iri is None) == ("nobody" in name)


def test_a_word_holds_for_all_names_of_a_list(index):
    text = "starring michael mann, val kilmer and michael mann or al pacino"
    people = link(index, text, (ACTOR, "michael mann"), (ACTOR, "val kilmer"))
    assert [person.type for person in people] == [ACTOR, ACTOR]
    listed = "starring val kilmer and michael mann"
    assert [
        p.type for p in link(index, listed, (ACTOR, "val kilmer"), (ACTOR, "michael mann"))
    ] == [
        ACTOR,
        ACTOR,
    ]
    parted = "starring val kilmer but no michael mann"
    assert [
        p.type for p in link(index, parted, (ACTOR, "val kilmer"), (ACTOR, "michael mann"))
    ] == [
        ACTOR,
        DIRECTOR,
    ]


def test_a_parser_with_a_graph_links_what_it_finds(tmp_path):
    folder = save_toy_parser(tmp_path / "parser")
    graph = MovieGraph.from_movies(FILMS)
    text = "heist films by michael mann like heat"
    plain = QueryParser.from_pretrained(folder).parse(text)
    linked = QueryParser.from_pretrained(folder, graph=graph).parse(text)
    assert [entity.iri for entity in plain.entities] == [None] * 3
    assert all(entity.iri for entity in linked.entities)
    assert [entity.type.value for entity in plain.entities] == ["genre", "actor", "title"]
    assert [entity.type.value for entity in linked.entities] == ["genre", "director", "title"]
