"""Telling texts apart: at the two ends, and on too few texts."""

import random

import pytest

from moviequery.errors import EvaluationError
from moviequery.synthesis.naturalness import measure_separability

pytest.importorskip("sklearn")

WORDS = [
    "good",
    "sad",
    "film",
    "about",
    "dog",
    "heist",
    "any",
    "who",
    "made",
    "with",
    "funny",
    "old",
]


def make_texts(count, seed, words=WORDS):
    rng = random.Random(seed)
    return [" ".join(rng.choices(words, k=8)) for _ in range(count)]


def test_texts_of_one_source_cannot_be_told_apart():
    assert 0.4 < measure_separability(make_texts(300, 1), make_texts(300, 2)) < 0.6


def test_texts_with_words_of_their_own_can_be():
    ours = [f"please {text}" for text in make_texts(100, 1)]
    assert measure_separability(ours, make_texts(100, 2)) > 0.95


def test_case_does_not_tell_them_apart():
    ours = [text.upper() for text in make_texts(300, 1)]
    assert measure_separability(ours, make_texts(300, 2)) < 0.6


def test_sides_are_of_one_size_and_the_answer_is_repeatable():
    many, few = make_texts(500, 1), make_texts(60, 2)
    assert measure_separability(many, few) == measure_separability(many, few)


def test_too_few_texts_are_refused():
    with pytest.raises(EvaluationError, match="3 synthetic and 100 real"):
        measure_separability(make_texts(3, 1), make_texts(100, 2))
