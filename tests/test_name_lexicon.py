"""Known names found in texts, and decoded beside the scores of the words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery import MovieGraph, QueryParser
from moviequery.modeling.name_decoding import KnownChunk, decode_with_names, place_candidates
from moviequery.modeling.name_lexicon import BARE_TITLE, NameLexicon, NameWeights
from moviequery.modeling.tags import TAGS, decode_tags, find_chunks
from moviequery.modeling.words import Words
from moviequery.schema import ENTITY_TYPES, EntityType, Movie, Role

FILMS = (
    Movie("The Informant!", 2009, cast=(Role("Matt Damon", "Mark Whitacre"),)),
    Movie("Heat", 1995, cast=(Role("Al Pacino"),), directors=("Michael Mann",)),
    Movie("Summer's Day", 1960, directors=("Bert Stern",)),
    Movie("Scent of a Woman", 1992, cast=(Role("Al Pacino"),)),
    Movie("Chinese Coffee", 2000, cast=(Role("Al Pacino"),), directors=("Al Pacino",)),
)
NO_UNKNOWN = np.zeros(len(ENTITY_TYPES), np.float32)


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
        ("al pacinos", []),
        ("Al Pacino's best", [("Al Pacino", "actor"), ("Al Pacino", "director")]),
        ("TWO FOR SUMMER’S DAY", [("SUMMER’S DAY", "title")]),
        ("mark whitacre", [("mark whitacre", "character")]),
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
    assert (title.words, title.capitals) == (4, capitals)


def test_a_lexicon_is_read_as_it_was_written(lexicon, tmp_path):
    lexicon.write(tmp_path / "one.gz")
    again = NameLexicon.read(tmp_path / "one.gz")
    again.write(tmp_path / "two.gz")
    text = "The Informant! by michael mann with Al Pacino in HEAT"
    assert list(again.find(text)) == list(lexicon.find(text))
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()


def make_words(text):
    starts = [number for number in range(len(text)) if text[number - 1 : number] in ("", " ")]
    ends = [start + len(text[start:].split()[0]) for start in starts]
    pieces = np.arange(len(starts))
    return Words(pieces, pieces, np.array(starts), np.array(ends))


def test_candidates_are_placed_on_whole_words(lexicon):
    weights = NameWeights({"title": (1.0, 2.0, 3.0, 4.0)}, {"title": (0.0, 0.5)}, 1.0, {})
    text = "is Scent of a Woman like heat?"
    (chunk,) = place_candidates(lexicon.find(text), make_words(text), weights)
    assert chunk == KnownChunk(1, 5, ENTITY_TYPES.index(EntityType.TITLE), 4.5)


def test_a_name_is_taken_whole_where_its_bonus_outweighs_the_scores():
    title, genre = (ENTITY_TYPES.index(kind) for kind in (EntityType.TITLE, EntityType.GENRE))
    scores = np.zeros((3, len(TAGS)), np.float32)
    scores[0, 0] = scores[2, 0] = 2.0
    scores[1, 2 * genre + 1] = 1.5
    # two words outside and a genre: 5.5; the title: the bonus alone
    for bonus, chunks in ((5.4, [(1, 2, genre)]), (5.6, [(0, 3, title)])):
        tags, gained = decode_with_names(scores, [KnownChunk(0, 3, title, bonus)], NO_UNKNOWN)
        begins, ends = find_chunks(tags)
        assert [(b, e, (tags[b] - 1) // 2) for b, e in zip(begins, ends, strict=True)] == chunks
        assert gained == {chunks[0][0]: bonus if len(chunks[0]) and chunks[0][1] == 3 else 0.0}


def test_what_follows_a_name_is_no_part_of_it():
    title = ENTITY_TYPES.index(EntityType.TITLE)
    scores = np.zeros((3, len(TAGS)), np.float32)
    scores[:, 2 * title + 2] = 1.0
    tags, _ = decode_with_names(scores, [KnownChunk(0, 2, title, 9.0)], NO_UNKNOWN)
    assert tags.tolist()[:2] == [2 * title + 1, 2 * title + 2]
    assert tags[2] != 2 * title + 2


def test_what_no_graph_knows_needs_more():
    title = ENTITY_TYPES.index(EntityType.TITLE)
    scores = np.zeros((1, len(TAGS)), np.float32)
    scores[0, 2 * title + 1] = 1.0
    for unknown, tag in ((-0.9, 2 * title + 1), (-1.1, 0)):
        weights = NO_UNKNOWN.copy()
        weights[title] = unknown
        tags, gained = decode_with_names(scores, [], weights)
        assert tags.tolist() == [tag]
        assert gained == ({0: pytest.approx(unknown)} if tag else {})


SCORES = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).normal(0, 3, (seed % 9 + 1, len(TAGS)))
)


def score_path(scores, tags):
    return float(scores[np.arange(len(tags)), tags].sum())


@given(SCORES)
def test_without_names_it_is_plain_decoding(scores):
    scores = scores.astype(np.float32)
    tags, _ = decode_with_names(scores, [], NO_UNKNOWN)
    plain = decode_tags(scores, [len(scores)])
    assert score_path(scores, tags) == pytest.approx(score_path(scores, plain), abs=1e-3)


@given(SCORES, st.data())
def test_tags_with_names_are_legal_and_no_worse(scores, data):
    scores = scores.astype(np.float32)
    places = st.integers(0, len(scores) - 1)
    chunks = []
    for _ in range(data.draw(st.integers(0, 4))):
        first, last = sorted((data.draw(places), data.draw(places)))
        kind = data.draw(st.integers(0, len(ENTITY_TYPES) - 1))
        chunks.append(KnownChunk(first, last + 1, kind, data.draw(st.floats(0, 12))))
    tags, gained = decode_with_names(scores, chunks, NO_UNKNOWN)
    inside = (tags > 0) & (tags % 2 == 0)
    before = np.concatenate(([0], tags[:-1]))
    assert all(b in (t, t - 1) for b, t in zip(before[inside], tags[inside], strict=True))
    plain, _ = decode_with_names(scores, [], NO_UNKNOWN)
    ours = score_path(scores, tags) + sum(gained.values())
    assert ours >= score_path(scores, plain) - 1e-3


def test_the_bundled_parser_knows_names_unless_told_not_to():
    text = "anything like in the name of the father"
    knowing, plain = (QueryParser.from_pretrained(names=names) for names in (True, False))
    assert [one.text for one in knowing.parse(text).entities] == ["in the name of the father"]
    assert knowing.parse(text).entities[0].score > 0.9
    unheard, same = (each.parse("movies like zorblax").entities[0] for each in (knowing, plain))
    assert (unheard.text, same.text) == ("zorblax", "zorblax")
    assert unheard.score < same.score


def test_a_graph_takes_the_place_of_the_bundled_names():
    own = Movie("Zorblax of the Nine Ponds", 2031)
    text = "is zorblax of the nine ponds any good"
    parser = QueryParser.from_pretrained(graph=MovieGraph.from_movies([own]))
    (title,) = parser.parse(text).entities
    assert (title.text, title.type) == ("zorblax of the nine ponds", EntityType.TITLE)
    assert title.iri


def test_bundled_weights_name_every_type_of_the_bundled_names():
    weights = NameWeights.bundled()
    lexicon = NameLexicon.from_index(MovieGraph.bundled().index)
    kinds = {sense.kind for senses in lexicon.senses.values() for sense in senses}
    assert kinds <= weights.known.keys()
    assert all(len(own) == 4 for own in weights.known.values())


def test_common_nouns_leave_their_article_and_are_said_of_one():
    film = Movie("Hunt", 1999, plots=("mad scientists",), themes=("the meaning of life",))
    lexicon = NameLexicon.from_index(MovieGraph.from_movies([film]).index)
    text = "a mad scientist and the meaning of life"
    found = {(text[one.start : one.end], one.type.value) for one in lexicon.find(text)}
    assert {("mad scientist", "plot"), ("meaning of life", "theme")} <= found
    assert ("the meaning of life", "theme") not in found
