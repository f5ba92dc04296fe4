"""One and many: there and back, and what it finds in a graph."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery.knowledge.graph import MovieGraph
from moviequery.knowledge.plural_forms import list_other_numbers
from moviequery.schema import EntityType, Movie

PAIRS = {
    "car": "cars",
    "talking dog": "talking dogs",
    "witch": "witches",
    "boss": "bosses",
    "box": "boxes",
    "city": "cities",
    "monkey": "monkeys",
    "horse": "horses",
    "movie": "movies",
    "virus": "viruses",
    "hit man": "hit men",
    "child": "children",
    "werewolf": "werewolfs",
}


@pytest.mark.parametrize(("one", "many"), PAIRS.items())
def test_there_and_back(one, many):
    assert many in list_other_numbers(one)
    assert one in list_other_numbers(many)


@given(st.text(max_size=20))
def test_no_text_is_its_own_other_number(text):
    for other in list_other_numbers(text):
        assert other != text
        assert other.split()


def test_a_graph_finds_either_number_of_common_nouns_only():
    movie = Movie("Heat", 1995, themes=("cars", "heist"), directors=("Jo Steven",))
    index = MovieGraph.from_movies([movie]).index
    cars, heist = (index.link(EntityType.THEME, name) for name in ("cars", "heist"))
    assert cars == index.link(EntityType.THEME, "Car") != ()
    kind = EntityType.PLOT if not heist else EntityType.THEME
    assert index.link(kind, "heists") == index.link(kind, "heist") != ()
    assert index.link(EntityType.DIRECTOR, "Jo Steven") != ()
    assert index.link(EntityType.DIRECTOR, "Jo Stevens") == ()
    assert index.link(EntityType.TITLE, "Heats") == ()
    assert index.link(EntityType.THEME, "planes") == ()


def test_an_exact_name_goes_first():
    index = MovieGraph.from_movies([Movie("A", 1990, themes=("arm", "arms"))]).index
    arm, arms = (index.link(EntityType.THEME, name) for name in ("arm", "arms"))
    assert arm != arms
