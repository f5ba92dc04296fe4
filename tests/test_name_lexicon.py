"""Known names found in texts."""

from __future__ import annotations

import numpy as np
import pytest

from moviequery import MovieGraph, QueryParser
from moviequery.errors import ModelError
from moviequery.modeling.name_lexicon import BARE_TITLE, NameLexicon
from moviequery.schema import EntityType, Movie, Role

FILMS = (
    Movie("The Informant!", 2009, cast=(Role("Matt Damon", "Mark Whitacre"),)),
    Movie("Heat", 1995, cast=(Role("Al Pacino"),), directors=("Michael Mann",)),
    Movie("Summer's Day", 1960, directors=("Bert Stern",)),
    Movie("Scent of a Woman", 1992, cast=(Role("Al Pacino"),)),
    Movie("Chinese Coffee", 2000, cast=(Role("Al Pacino"),), directors=("Al Pacino",)),
)


@pytest.fixture(scope="module")
def lexicon():
    return NameLexicon.from_index(MovieGraph.from_movies(FILMS).index)


def say(lexicon, text):
    return [(text[one.start : one.end], one.sense.kind) for one in lexicon.find(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("was heat good", [("heat", "title")]),
        ("the informant, ok", [("the informant", "title"), ("informant", BARE_TITLE)]),
        (
            "The Informant! yes",
            [("The Informant", "title"), ("The Informant!", "title")]
            + [("Informant", BARE_TITLE), ("Informant!", BARE_TITLE)],
        ),
        ("is heat? on", [("heat", "title")]),
        ("al pacinos best", [("al pacinos", "actor"), ("al pacinos", "director")]),
        ("Al Pacino's best", [("Al Pacino", "actor"), ("Al Pacino", "director")]),
        ("TWO FOR SUMMER’S DAY", [("SUMMER’S DAY", "title")]),
        ("mark whitacre", [("mark whitacre", "character")]),
        ("is summer s day long", [("summer s day", "title"), ("summer", "setting")]),
        ("", []),
    ],
)
def test_every_sense_of_every_name_is_found(lexicon, text, found):
    assert say(lexicon, text) == found


def test_credits_say_what_somebody_does(lexicon):
    acted, directed = lexicon.find("al pacino")
    # three films and one, of four; 0.3 more for each role
    assert acted.sense.role == pytest.approx(np.log(3.3 / 4.6), abs=1e-3)
    assert directed.sense.role == pytest.approx(np.log(1.3 / 4.6), abs=1e-3)
    (mann,) = lexicon.find("michael mann")
    assert mann.type is EntityType.DIRECTOR


@pytest.mark.parametrize(
    ("text", "capitals"),
    [("scent of a woman", False), ("Scent of a Woman", True), ("SCENT OF A WOMAN", False)],
)
def test_capitals_are_seen_where_the_text_has_others(lexicon, text, capitals):
    (title,) = lexicon.find(text)
    assert title.capitals == capitals


def test_a_lexicon_is_read_as_it_was_written(lexicon, tmp_path):
    lexicon.write(tmp_path / "one.json")
    again = NameLexicon.read(tmp_path / "one.json")
    again.write(tmp_path / "two.json")
    text = "The Informant! by michael mann with Al Pacino in HEAT"
    assert list(again.find(text)) == list(lexicon.find(text))
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"senses": {}}', '{"lengths": {}, "marks": {}, "senses": {"heat": [["smell"]]}}'],
)
def test_a_damaged_lexicon_is_refused(tmp_path, content):
    (tmp_path / "names.json").write_text(content)
    with pytest.raises(ModelError, match="is no list of names"):
        NameLexicon.read(tmp_path / "names.json")


def test_the_bundled_parser_knows_names_unless_told_not_to():
    text = "anything like in the name of the father"
    knowing, plain = (QueryParser.from_pretrained(names=names) for names in (True, False))
    assert [one.text for one in knowing.parse(text).entities] == ["in the name of the father"]
    assert knowing.parse(text).entities[0].score > 0.9
    assert [one.text for one in plain.parse(text).entities] != ["in the name of the father"]
    for parser in (knowing, plain):  # a name that nobody knows is read from the words around it
        assert [one.text for one in parser.parse("movies like zorblax").entities] == ["zorblax"]


def test_a_graph_takes_the_place_of_the_bundled_names():
    own = Movie("Zorblax of the Nine Ponds", 2031)
    text = "is zorblax of the nine ponds any good"
    parser = QueryParser.from_pretrained(graph=MovieGraph.from_movies([own]))
    (title,) = parser.parse(text).entities
    assert (title.text, title.type) == ("zorblax of the nine ponds", EntityType.TITLE)
    assert title.iri


def test_common_nouns_leave_their_article_and_are_said_of_one():
    film = Movie("Hunt", 1999, plots=("mad scientists",), themes=("the meaning of life",))
    lexicon = NameLexicon.from_index(MovieGraph.from_movies([film]).index)
    text = "a mad scientist and the meaning of life"
    found = {(text[one.start : one.end], one.type.value) for one in lexicon.find(text)}
    assert {("mad scientist", "plot"), ("meaning of life", "theme")} <= found
    assert ("the meaning of life", "theme") not in found
