"""Writing pieces down: spans stay exact whatever the style does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery.synthesis.styles import write_pieces

words = st.text(max_size=12)
labels = words.map(str.strip).filter(bool)  # no label of a graph has outer spaces
pieces = st.lists(st.tuples(words, st.just(False)) | st.tuples(labels, st.just(True)), max_size=8)


@given(pieces, st.sampled_from(["chat", "search", "trivia"]))
def test_spans_hold_the_slots_own_words(items, style):
    numbered, count = [], 0
    for text, is_slot in items:
        numbered.append((text, count if is_slot else None))
        count += is_slot
    text, spans = write_pieces(numbered, style)
    said = [piece for piece, slot in numbered if slot is not None]
    expected = [word if style == "chat" else word.lower() for word in said]
    assert [text[start:end] for start, end in spans] == expected


@pytest.mark.parametrize(
    ("words", "slot", "expected"),
    [
        ("is it a ", "horror", "Is it a horror film"),
        ("is it a ", "action", "Is it an action film"),
        ("is it an ", "R", "Is it an R film"),
        ("is it an ", "PG-13", "Is it a PG-13 film"),
        ("is it a ", "NC-17", "Is it an NC-17 film"),
        ("is it an ", "European", "Is it a European film"),
        ("is it a ", "unusual", "Is it an unusual film"),
        ("is it a ", "one-man", "Is it a one-man film"),
        ("is it a ", "uplifting", "Is it an uplifting film"),
        ("is it a ", "universal", "Is it a universal film"),
        ("vitamin A ", "rich", "Vitamin A rich film"),
    ],
)
def test_articles_agree(words, slot, expected):
    assert write_pieces([(words, None), (slot, 0), (" film", None)], "chat")[0] == expected


def test_sentences_begin_with_capitals_but_slots_stay_as_they_are():
    pieces = [("any idea? i liked ", None), ("eXistenZ", 0), (" . thanks", None)]
    assert write_pieces(pieces, "chat")[0] == "Any idea? I liked eXistenZ. Thanks"


def test_searches_are_lower_case_without_a_final_mark():
    pieces = [("Films by ", None), ("Ang Lee", 0), ("?", None)]
    assert write_pieces(pieces, "search") == ("films by ang lee", [(9, 16)])
    assert write_pieces(pieces, "trivia")[0] == "films by ang lee?"


def test_spaces_are_single_and_none_stands_before_a_mark():
    pieces = [("  any ", None), ("heist", 0), ("  films , please  ?", None)]
    assert write_pieces(pieces, "chat")[0] == "Any heist films, please?"
