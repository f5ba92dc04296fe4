"""The index: look-ups from films to facts and back."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_graph import MOVIES, VOCABULARY, read_vocabulary

from moviequery.errors import GraphError
from moviequery.knowledge.graph import MovieGraph
from moviequery.knowledge.index import Credit, Film, GraphIndex, Node
from moviequery.schema import EntityType, Movie, Role

MATRIX = "urn:moviequery:movie:the-matrix-1999"
HEAT = "urn:moviequery:movie:heat-1995"
AMELIE = "urn:moviequery:movie:amelie-2001"
COMEDY = "urn:moviequery:genre:comedy"
CRIME = "urn:moviequery:genre:crime"


@pytest.fixture(scope="module")
def concepts(tmp_path_factory):
    return read_vocabulary(tmp_path_factory.mktemp("vocabulary"), VOCABULARY)


@pytest.fixture(scope="module")
def graph(concepts):
    return MovieGraph.from_movies(MOVIES, concepts)


@pytest.fixture(scope="module")
def index(graph):
    return graph.index


def test_films_are_merged_and_sorted(index):
    assert [film.iri for film in index.films] == [
        AMELIE,
        HEAT,
        "urn:moviequery:movie:once",
        MATRIX,
        "urn:moviequery:show:dark-2017",
    ]
    assert index.film(MATRIX).title == "The Matrix"
    assert index.film(MATRIX).cast_complete
    assert index.film("urn:moviequery:movie:none") is None


def test_facts_of_a_film_in_two_sources(index):
    facts = index.film(MATRIX).facts
    assert {kind.value: values for kind, values in facts.items()} == {
        "genre": (
            "urn:moviequery:genre:action",
            "urn:moviequery:genre:fantasy",
            "urn:moviequery:genre:science-fiction",
        ),
        # "Keanu Reeves" among the tags is a person and "dvd" says nothing
        "theme": (
            "urn:moviequery:theme:artificial-intelligence",
            "urn:moviequery:theme:dystopia",
        ),
        "actor": (
            "urn:moviequery:person:carrie-anne-moss",
            "urn:moviequery:person:keanu-reeves",
        ),
        "director": (
            "urn:moviequery:person:lana-wachowski",
            "urn:moviequery:person:lilly-wachowski",
        ),
        "character": ("urn:moviequery:character:neo", "urn:moviequery:character:trinity"),
        "year": ("1999",),
        "certificate": ("urn:moviequery:certificate:r",),
        "rating": ("8.2",),
    }


def test_a_whole_rating_has_no_decimals(index):
    assert index.film(HEAT).facts[EntityType.RATING] == ("8",)


@pytest.mark.parametrize(
    ("certificate", "tags", "expected"),
    [
        (None, ("rated r",), ("urn:moviequery:certificate:r",)),
        ("PG", ("rated r",), ("urn:moviequery:certificate:pg",)),
        (None, ("rated r", "universal"), None),
    ],
)
def test_a_film_has_one_certificate(concepts, certificate, tags, expected):
    film = Movie("Heat", 1995, certificate=certificate, keywords=tags)
    facts = MovieGraph.from_movies([film], concepts).index.films[0].facts
    assert facts.get(EntityType.CERTIFICATE) == expected


def test_a_plot_that_is_a_theme_elsewhere_is_a_theme(index):
    once = index.film("urn:moviequery:movie:once")
    assert once.facts[EntityType.THEME] == ("urn:moviequery:theme:loyalty",)
    assert EntityType.PLOT not in once.facts
    assert once.facts[EntityType.ORIGIN] == ("urn:moviequery:origin:novel",)


def test_a_genre_label_may_denote_nothing(index):
    assert index.film("urn:moviequery:show:dark-2017").facts[EntityType.GENRE] == (CRIME,)


def test_a_narrower_concept_holds_the_broader(index):
    heat, amelie = index.film(HEAT), index.film(AMELIE)
    assert index.holds(amelie, EntityType.GENRE, "urn:moviequery:genre:romantic-comedy")
    assert index.holds(amelie, EntityType.GENRE, COMEDY)
    assert not index.holds(heat, EntityType.GENRE, COMEDY)
    assert index.above("urn:moviequery:genre:neo-noir") == {"urn:moviequery:genre:noir", CRIME}
    assert index.films_with(EntityType.GENRE, "urn:moviequery:genre:noir") == {1}
    assert index.films_with(EntityType.GENRE, CRIME) == {1, 4}


def test_holds_and_films_with_agree(index):
    for entity_type in EntityType:
        values = {value for film in index.films for value in film.facts.get(entity_type, ())}
        values |= set(index.nodes)
        if entity_type is EntityType.TITLE:
            values = {film.iri for film in index.films}
        for value in values:
            holders = {
                position
                for position, film in enumerate(index.films)
                if index.holds(film, entity_type, value)
            }
            assert index.films_with(entity_type, value) == holders
            assert (value in index.values(entity_type)) == bool(holders)


@pytest.mark.parametrize(
    ("entity_type", "text", "iris"),
    [
        ("title", "matrix", [MATRIX]),
        ("title", "Matrix, The (1999)", [MATRIX]),
        ("title", "die matrix", [MATRIX]),
        ("title", "AMELIE", [AMELIE]),
        ("title", "Heat 2", []),
        ("genre", "Sci-Fi", ["urn:moviequery:genre:science-fiction"]),
        ("genre", "comedies", [COMEDY]),
        ("genre", "action", ["urn:moviequery:genre:action"]),
        ("genre", "Keanu Reeves", []),
        ("actor", "keanu reeves", ["urn:moviequery:person:keanu-reeves"]),
        ("director", "Keanu Reeves", ["urn:moviequery:person:keanu-reeves"]),
        ("country", "french", ["urn:moviequery:country:france"]),
        ("language", "french", ["urn:moviequery:language:french"]),
        ("year", "1995", ["1995"]),
        ("year", "1994", []),
        ("rating", "8.2", ["8.2"]),
        ("review", "must see", []),
    ],
)
def test_link(index, entity_type, text, iris):
    assert list(index.link(EntityType(entity_type), text)) == iris


def test_link_finds_every_form_of_every_node(index):
    for node in index.nodes.values():
        kind = EntityType.ACTOR if node.kind == "person" else EntityType(node.kind)
        for form in (node.label, *node.alternatives, *node.plurals):
            assert node.iri in index.link(kind, form.upper())


def test_every_stated_triple_stands_in_the_default_graph(graph, index):
    for film in index.films:
        stated = [index.triple(film, EntityType.TITLE, film.iri)]
        stated += [index.triple(film, EntityType.TITLE, title) for title in film.alternative_titles]
        stated += [
            index.triple(film, kind, value) for kind in film.facts for value in film.facts[kind]
        ]
        for triple in stated:
            assert graph.dataset.query(f"ASK {{ {triple} }}").askAnswer, triple


def test_a_broader_concept_is_stated_by_the_narrower(index):
    amelie = index.film(AMELIE)
    assert index.triple(amelie, EntityType.GENRE, COMEDY) == (
        f"<{AMELIE}> <https://schema.org/genre> <urn:moviequery:genre:romantic-comedy>"
    )


@pytest.mark.parametrize(
    ("entity_type", "value"), [("genre", CRIME), ("year", "1999"), ("review", "x"), ("title", "x")]
)
def test_what_is_not_held_has_no_triple(index, entity_type, value):
    with pytest.raises(GraphError, match=AMELIE):
        index.triple(index.film(AMELIE), EntityType(entity_type), value)


def test_a_pickled_index_is_the_same(index):
    index.link(EntityType.GENRE, "crime")
    copy = pickle.loads(pickle.dumps(index))
    assert copy == index
    assert copy.fingerprint() == index.fingerprint()
    assert copy.link(EntityType.GENRE, "comedies") == (COMEDY,)


def test_the_form_most_films_use_is_the_label(concepts):
    films = [
        Movie("A", 2001, cast=(Role("Lea Seydoux"),)),
        Movie("B", 2002, cast=(Role("Léa Seydoux"),)),
        Movie("C", 2003, directors=("Léa Seydoux",)),
        Movie("D", 2004, cast=(Role("LÉA SEYDOUX"),)),
    ]
    (person,) = (
        node
        for node in MovieGraph.from_movies(films, concepts).index.nodes.values()
        if node.kind == "person"
    )
    assert (person.label, person.alternatives) == ("Léa Seydoux", ("Lea Seydoux",))


def test_a_film_knows_who_plays_what(concepts):
    cast = (
        Role("Audrey Tautou", "Amélie", "a shy waitress who mends lives"),
        Role("Jamel Debbouze", None, "a greengrocer's boy"),
        Role("Rufus"),
    )
    film = MovieGraph.from_movies([Movie("Amélie", 2001, cast=cast)], concepts).index.films[0]
    tautou, debbouze = film.credits
    assert tautou == Credit(
        "urn:moviequery:person:audrey-tautou",
        "urn:moviequery:character:amelie",
        "urn:moviequery:plot:a-shy-waitress-who-mends-lives",
    )
    assert (debbouze.actor, debbouze.character) == ("urn:moviequery:person:jamel-debbouze", "")
    assert film.facts[EntityType.PLOT] == tuple(sorted([tautou.description, debbouze.description]))


def test_the_fingerprint_tells_every_change(concepts):
    heat = Movie("Heat", 1995, genres=("Crime",), cast=(Role("Al Pacino"),))
    changed = [
        Movie("Heat", 1996, genres=("Crime",), cast=(Role("Al Pacino"),)),
        Movie("Heat", 1995, genres=("Comedy",), cast=(Role("Al Pacino"),)),
        Movie("Heat", 1995, genres=("Crime",), cast=(Role("Al Pacino", "Hanna"),)),
        Movie("Heat", 1995, genres=("Crime",), cast=(Role("Al Pacino", None, "a cop"),)),
        Movie("Heat", 1995, genres=("Crime",), cast=(Role("Al Pacino"),), popularity=0.5),
        Movie("Heat", 1995, genres=("Crime",), cast=(Role("Al Pacino"),), cast_complete=True),
    ]
    prints = {MovieGraph.from_movies([film], concepts).fingerprint for film in [heat, *changed]}
    assert len(prints) == 1 + len(changed)


def test_the_order_of_films_does_not_matter(concepts, index):
    assert MovieGraph.from_movies(reversed(MOVIES), concepts).index == index


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_the_fingerprint_is_the_same_under_every_hash_seed(graph, tmp_path, seed):
    script = (
        "from pathlib import Path\n"
        "from small_graph import MOVIES, read_vocabulary\n"
        "from moviequery import MovieGraph\n"
        f"concepts = read_vocabulary(Path({str(tmp_path)!r}))\n"
        "print(MovieGraph.from_movies(MOVIES, concepts).fingerprint)\n"
    )
    from pathlib import Path

    result = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == graph.fingerprint


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
def test_above_is_the_transitive_closure(edges):
    broader: dict[int, set[int]] = {number: set() for number in range(10)}
    for low, high in edges:
        if low < high:
            broader[low].add(high)
    nodes = [
        Node(f"n{number}", "genre", f"n{number}", broader=tuple(f"n{one}" for one in sorted(above)))
        for number, above in broader.items()
    ]
    index = GraphIndex([Film("f", "F")], nodes)
    for number in range(9, -1, -1):
        expected = {f"n{one}" for one in broader[number]}
        expected |= {iri for one in broader[number] for iri in index.above(f"n{one}")}
        assert index.above(f"n{number}") == expected
