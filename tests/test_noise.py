"""Noise changes what is written, never what is asked; spans stay exact."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_queries import check_spans, labels, queries

from moviequery import SyntheticQueryBuilder
from moviequery.errors import GroundingError
from moviequery.schema import Entity, EntityType, Intent, Provenance, Query
from moviequery.synthesis import noise as noises
from moviequery.synthesis.challenge import HEAVY_NOISE
from moviequery.synthesis.grounding import check
from moviequery.synthesis.misspelling import match_case, press_wrong_key, spell_by_ear
from moviequery.synthesis.noise import KINDS, Noise, add_noise

ALL = Noise(**dict.fromkeys(Noise.__dataclass_fields__, 1.0))
NONE = Noise(**dict.fromkeys(Noise.__dataclass_fields__, 0.0))


def texts(change, text, tries=200):
    query = Query(text, Intent.REC)
    return {change(query, Random(f"{number}"), 1.0).text for number in range(tries)}


@given(queries(), st.integers(0, 10**6), st.sampled_from(sorted(KINDS)))
def test_each_kind_keeps_spans_and_labels(query, seed, kind):
    changed = KINDS[kind](query, Random(f"{seed}"), 1.0)
    check_spans(changed)
    assert labels(changed) == labels(query)
    assert KINDS[kind](query, Random(f"{seed}"), 1.0) == changed
    assert KINDS[kind](query, Random(f"{seed}"), 0.0) == query


@given(queries(), st.integers(0, 10**6))
def test_all_kinds_together_keep_spans_and_labels(query, seed):
    changed = add_noise(query, ALL, Random(f"{seed}"))
    check_spans(changed)
    assert labels(changed) == labels(query)
    assert add_noise(query, ALL, Random(f"{seed}")) == changed
    assert add_noise(query, NONE, Random(f"{seed}")) == query
    assert Query.from_row(changed.to_row()) == changed


@pytest.mark.parametrize("text", ["1995", "nineties", "the 2000s", "late 1980s"])
def test_years_keep_their_meaning(text):
    query = Query(
        f"films of {text}", Intent.REC, (Entity(EntityType.YEAR, text, 9, 9 + len(text)),)
    )
    for number in range(200):
        changed = add_noise(query, ALL, Random(f"{number}"))
        assert changed.entities[0].text.casefold() == text


def test_noisy_rows_are_as_true_as_before(bundled_graph):
    builder = SyntheticQueryBuilder(bundled_graph)
    for number, query in enumerate(builder.iter(400)):
        noisy = add_noise(query, HEAVY_NOISE, Random(f"{number}"))
        try:
            check(noisy, bundled_graph)
        except GroundingError as error:
            pytest.fail(f"{query.text!r} became {noisy.text!r}: {error}")


def test_the_kinds_that_struck_are_recorded():
    provenance = Provenance(0, 7, "test", "f", clauses=("about/1",))
    query = Query("Find me scary films", Intent.REC, provenance=provenance)
    only_case = Noise(**{**dict.fromkeys(Noise.__dataclass_fields__, 0.0), "case": 1.0})
    changed = add_noise(query, only_case, Random("1"))
    assert changed.text.casefold() == query.text.casefold()
    assert changed.text != query.text
    assert changed.provenance.clauses == ("about/1", "noise/case")
    assert add_noise(query, NONE, Random("1")) is query


def test_each_kind_by_hand():
    assert "I recomend it" in texts(noises.misspell, "I recommend it")
    assert texts(noises.change_variants, "a Theatre in color") == {"a Theater in colour"}
    assert texts(noises.lose_word, "show me a film") == {"show a film", "show me film"}
    assert texts(noises.contract, "Do not mind") == {"Don't mind", "Dont mind"}
    assert texts(noises.change_apostrophe, "what's on") == {"whats on"}
    assert "um, any films" in texts(noises.add_filler, "any films")
    assert "any like films" in texts(noises.add_filler, "any films")
    assert "any films lol" in texts(noises.add_filler, "any films")
    assert "soooo far" in texts(noises.stretch, "so far")
    assert texts(noises.change_case, "Big Films") >= {"big films", "BIG FILMS"}
    assert texts(noises.change_punctuation, "Hi, any films?") >= {
        "Hi any films",
        "Hi any films?",
        "Hi, any films!",
    }
    assert texts(noises.slip_letters, "film") == {
        *("flm", "fim"),
        *("fiilm", "fillm"),
        *("flim", "fiml"),
    }
    assert texts(noises.slip_letters, "an old cat") == {"an old cat"}


def test_wrong_keys_are_beside_the_right_ones():
    assert texts(noises.hit_wrong_keys, "quip") <= {
        *("qyip", "qiip", "qjip"),
        *("quup", "quop", "qukp"),
        *("quio", "quil"),
    }
    assert press_wrong_key("日本", Random("1")) == "日本"


def test_an_edit_inside_a_span_changes_its_text_and_keeps_its_iri():
    title = Entity(EntityType.TITLE, "Thief", 11, 16, "urn:thief", negated=True)
    query = Query("films like Thief", Intent.REC, (title,))
    changed = noises.misspell(query, Random("4"), 1.0)
    found = changed.entities[0]
    assert (found.text, found.iri, found.negated) == ("Theif", "urn:thief", True)
    assert changed.text.endswith("Theif")


def test_words_that_are_not_wanted_or_asked_are_never_lost():
    text = "who made no film but not without like never except"
    assert texts(noises.lose_word, text) == {text}


def test_capitals_may_be_longer():
    mark = Entity(EntityType.SETTING, "Straße", 4, 10, "urn:x")
    query = Query("die Straße ist", Intent.REC, (mark,))
    found = {noises.change_case(query, Random(f"{n}"), 1.0).entities[0].text for n in range(99)}
    assert {"straße", "STRASSE"} <= found


def test_spelling_by_ear():
    assert spell_by_ear("THIEF", Random("1")) == ("THEIF", True)
    assert spell_by_ear("xyz", Random("1")) == ("xyz", False)
    assert {spell_by_ear("Phillips", Random(f"{n}"))[0] for n in range(60)} == {"Philips"}
    assert spell_by_ear("İstanbul", Random("1")) == ("İstanbul", False)
    assert match_case("i'm", "I am") == "I'm"


def test_rates_that_are_no_chances_are_refused():
    with pytest.raises(ValueError, match="case=1.5"):
        Noise(case=1.5)
