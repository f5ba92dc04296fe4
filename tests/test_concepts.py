"""The concept vocabulary: what a word denotes, and what a wrong file says."""

from __future__ import annotations

import pytest
from small_graph import VOCABULARY, read_vocabulary

from moviequery.errors import GraphError
from moviequery.knowledge.concepts import KINDS, PRECEDENCE, Concepts
from moviequery.knowledge.normalisation import fold
from moviequery.schema import EntityType

GENRE = "urn:moviequery:genre:"


@pytest.fixture
def concepts(tmp_path):
    return read_vocabulary(tmp_path)


@pytest.mark.parametrize(
    ("raw", "iris"),
    [
        ("Science Fiction", [f"{GENRE}science-fiction"]),
        ("SCI-FI", [f"{GENRE}science-fiction"]),
        ("rom-coms", [f"{GENRE}romantic-comedy"]),
        ("Sci-Fi & Fantasy", [f"{GENRE}fantasy", f"{GENRE}science-fiction"]),
        ("Dark Comedies", ["urn:moviequery:mood:dark"]),
        ("heist", ["urn:moviequery:plot:heist"]),
        ("TV Shows", []),
        ("Kaiju", [f"{GENRE}kaiju"]),
        # a genre column says nothing about where a film was made
        ("French", [f"{GENRE}french"]),
    ],
)
def test_a_genre_label_denotes(concepts, raw, iris):
    assert list(concepts.find_genre(raw)) == iris


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("A.I.", [("theme", "urn:moviequery:theme:artificial-intelligence")]),
        (
            "artificial intelligence (a.i.)",
            [("theme", "urn:moviequery:theme:artificial-intelligence")],
        ),
        ("bank robbery", [("plot", "urn:moviequery:plot:heist")]),
        ("romcom", [("genre", f"{GENRE}romantic-comedy")]),
        ("new york", [("setting", "urn:moviequery:setting:new-york-city")]),
        ("based on novel or book", [("origin", "urn:moviequery:origin:novel")]),
        ("DVD", []),
        ("loyalty", [("theme", "urn:moviequery:theme:loyalty")]),
        ("France", [("theme", "urn:moviequery:theme:france")]),
    ],
)
def test_a_tag_denotes(concepts, raw, found):
    assert [(kind.value, iri) for kind, iri in concepts.find_keyword(raw)] == found


def test_find_looks_within_one_kind(concepts):
    assert concepts.find(EntityType.COUNTRY, "french") == ("urn:moviequery:country:france",)
    assert concepts.find(EntityType.GENRE, "french") == ()


def test_related_holds_both_ways(concepts):
    fantasy = concepts.concepts[f"{GENRE}fantasy"]
    assert fantasy.related == (f"{GENRE}science-fiction",)


def test_every_label_denotes_its_own_concept_alone(concepts):
    for iri, concept in concepts.concepts.items():
        assert concepts.find(concept.kind, concept.label) == (iri,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[genre.comedy\n", "line 1"),
        ("[genres.comedy]\nlabel = 'comedy'\n", r"\[genres\] is no kind"),
        ("[genre.comedy]\nname = 'comedy'\n", r"\[genre.comedy\] has no label"),
        ("[genre.comedy]\nlabel = 'comedy'\nalts = []\n", r"unknown keys \['alts'\]"),
        ("[genre.comedy]\nlabel = 'comedy'\nalt = 'funny'\n", "must be a list of strings"),
        ("[genre.funny]\nlabel = 'comedy'\n", "the slug of 'comedy' is 'comedy'"),
        ("[genre.noir]\nlabel = 'noir'\nbroader = ['crime']\n", "genre:crime, which is no concept"),
        (
            "[genre.a]\nlabel = 'a'\nbroader = ['b']\n[genre.b]\nlabel = 'b'\nbroader = ['a']\n",
            "genre:a is broader than itself",
        ),
        (
            "[genre.war]\nlabel = 'war'\n[theme.combat]\nlabel = 'combat'\nalt = ['War']\n",
            "'war': urn:moviequery:genre:war and urn:moviequery:theme:combat",
        ),
    ],
)
def test_a_wrong_file_says_where(tmp_path, text, message):
    with pytest.raises(GraphError, match=message) as error:
        read_vocabulary(tmp_path, text)
    assert "concepts.toml" in str(error.value)


def test_one_word_may_stand_in_kinds_that_do_not_overlap(tmp_path):
    text = "[country.france]\nlabel = 'France'\n[setting.france]\nlabel = 'France'\n"
    assert len(read_vocabulary(tmp_path, text).concepts) == 2


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(GraphError, match=r"nowhere\.toml"):
        Concepts.read(tmp_path / "nowhere.toml")


def test_a_union_keeps_the_words_of_the_left(tmp_path, concepts):
    (tmp_path / "other").mkdir()
    other = read_vocabulary(
        tmp_path / "other",
        "[genre.fantasy]\nlabel = 'Fantasy'\n[genre.western]\nlabel = 'western'\n",
    )
    both = concepts | other
    assert both.concepts[f"{GENRE}fantasy"].label == "fantasy"
    assert both.concepts[f"{GENRE}western"].label == "western"
    assert both.ignores("dvd")
    assert concepts | concepts == concepts


def test_the_order_of_the_file_does_not_matter(tmp_path, concepts):
    tables = VOCABULARY.strip().split("\n\n")
    (tmp_path / "turned").mkdir()
    assert read_vocabulary(tmp_path / "turned", "\n\n".join(reversed(tables))) == concepts


def test_the_bundled_vocabulary_is_whole():
    concepts = Concepts.bundled()
    assert {concept.kind for concept in concepts.concepts.values()} == set(KINDS)
    for iri, concept in concepts.concepts.items():
        if concept.kind in PRECEDENCE:
            assert concepts.find_keyword(concept.label) == ((concept.kind, iri),)
        assert concepts.find(concept.kind, concept.label) == (iri,)
        assert fold(concept.label)
