"""Repetition in words: counts by hand, nltk's values, and laws."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery.synthesis.lexical_variety import (
    distinct_share,
    gzip_ratio,
    self_bleu,
    tokenize,
)

TEXTS = [
    "any good heist movies?",
    "who directed Heat",
    "a sad film about a dog",
    "any good heist movies with a dog?",
    "who directed the film about a good dog",
    "sad",
    "a a a dog",
]
WORDS = ["a", "good", "sad", "film", "about", "dog", "heist", "any", "who"]


def make_texts(count):
    rng = random.Random(1)
    return [" ".join(rng.choices(WORDS, k=rng.randint(1, 9))) for _ in range(count)]


def test_tokens_are_lower_cased_words_and_marks():
    assert tokenize("Sci-fi, 90s: AMÉLIE!") == ("sci", "-", "fi", ",", "90s", ":", "amélie", "!")
    assert tokenize("  ") == ()


def test_distinct_shares_by_hand():
    texts = ["a a b", "A a"]
    # a a b a a; (a a) (a b) (a a); (a a b)
    assert distinct_share(texts, 1) == 2 / 5
    assert distinct_share(texts, 2) == 2 / 3
    assert distinct_share(texts, 3) == 1
    assert distinct_share(texts, 4) == 0
    # n-grams do not reach from one text into the next
    assert distinct_share(["a b", "b c"], 2) == 1


@given(st.lists(st.text(alphabet="ab ", max_size=8), max_size=8), st.integers(1, 4))
def test_more_of_the_same_is_less_distinct(texts, n):
    once = distinct_share(texts, n)
    assert 0 <= once <= 1
    assert distinct_share(texts * 2, n) == once / 2


def test_gzip_ratio_grows_with_repeats():
    text = "is there a film about a lighthouse keeper and his dog?"
    ratios = [gzip_ratio([text] * count) for count in (1, 10, 100, 1_000)]
    assert ratios == sorted(ratios)
    assert ratios[0] < 1 < 100 < ratios[-1]
    # 36 letters that nothing predicts carry 5 bits and more each
    rng = random.Random(0)
    noise = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=40)) for _ in range(100)]
    assert 1 < gzip_ratio(noise) < 8 / math.log2(36)


def test_self_bleu_is_that_of_nltk():
    # nltk 3.10.4: sentence_bleu(references, text, smoothing_function=
    # SmoothingFunction(epsilon=0.1).method1) over the same tokens and parts, then the mean
    assert self_bleu(TEXTS) == pytest.approx((0.7071067811865476 + 0.17216896116316355) / 2)
    assert self_bleu(make_texts(70)) == pytest.approx(0.24252595247272218)
    assert self_bleu(make_texts(1_000)) == pytest.approx(0.4954042307004074)


def test_self_bleu_at_its_ends():
    assert self_bleu(["any good heist movies?"] * 700) == 1
    assert self_bleu([f"one{i} two{i} three{i} four{i}" for i in range(700)]) == 0
    assert self_bleu(TEXTS[:3]) == 0
    assert self_bleu([]) == 0


def test_self_bleu_reads_700_texts():
    texts = make_texts(700)
    assert self_bleu([*texts, "nothing of the kind"]) == self_bleu(texts)
