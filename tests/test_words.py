"""Words of any text with characters of the original, and windows over their pieces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_parser import save_tokenizer

from moviequery.modeling.words import Words, WordTokenizer, cut_pieces


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    save_tokenizer(path)
    return WordTokenizer(path)


def cut(tokenizer, text):
    words = tokenizer.cut(text)
    return [text[start:end] for start, end in zip(words.starts, words.ends, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Heat, or casino?", ["Heat", ",", "or", "casino", "?"]),
        ("pg-13 director's", ["pg", "-", "13", "director", "'", "s"]),
        ("Ame\u0301lie", ["Ame\u0301lie"]),
        ("\U0001f600heat \U0001d525eat", ["\U0001f600heat", "\U0001d525eat"]),
        ("he\u200bat", ["he\u200bat"]),
        ("映画heat", ["映", "画", "heat"]),
        ("İstanbul", ["İstanbul"]),
        ("[SEP]", ["[", "SEP", "]"]),
        ("\ud800heat\udfff x", ["heat", "x"]),
        ("heat\u2028casino\x85heat", ["heat", "casino", "heat"]),
        ("q" * 150 + " b", ["q" * 150, "b"]),
        ("", []),
        (" \u200b\x00\n", []),
    ],
)
def test_words_and_their_characters(tokenizer, text, expected):
    assert cut(tokenizer, text) == expected


@given(text=st.text(st.characters(exclude_categories=()), max_size=60))
def test_words_of_any_text_are_in_order_and_apart(tokenizer, text):
    words = tokenizer.cut(text)
    assert len(words.firsts) == len(words.starts) == len(words.ends)
    assert (words.starts < words.ends).all()
    assert (words.ends[:-1] <= words.starts[1:]).all()
    assert not {tokenizer.head, tokenizer.tail} & set(words.pieces.tolist())
    if len(words.firsts):
        assert words.firsts[0] == 0
        assert words.firsts[-1] < len(words.pieces)


@given(st.lists(st.integers(1, 30), max_size=40), st.integers(8, 20), st.integers(0, 4))
def test_every_piece_is_owned_by_one_window_that_holds_it(sizes, size, overlap):
    pieces = np.zeros(sum(sizes), np.int64)
    firsts = np.cumsum([0, *sizes])[:-1].astype(np.int64)
    windows = list(cut_pieces(Words(pieces, firsts, firsts, firsts + 1), size, overlap))
    end = 0
    for first, last, owned, until in windows:
        assert first <= owned <= until <= last <= first + size
        assert owned == end
        end = until
    assert end == len(pieces)
    assert len(windows) <= 1 + len(pieces)
    # a short word on the border of two windows has text on both sides in the one that owns it
    for first, last, owned, until in windows[1:-1]:
        if max(sizes) < overlap // 2:
            assert owned > first and until < last
