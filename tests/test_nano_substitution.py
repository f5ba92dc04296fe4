"""Tokens that change places in pre-training documents."""

import numpy as np
import pytest

from moviequery.modeling.nano import find_nano
from moviequery.modeling.nano.configuration import NanoConfig
from moviequery.modeling.nano.documents import LAST_SHARES, render_document, write_document
from moviequery.modeling.nano.marks import weigh_tokens
from moviequery.modeling.nano.material import Material
from moviequery.modeling.nano.packing import encode_documents
from moviequery.modeling.nano.substitution import Substitution


@pytest.fixture(scope="module")
def tokenizer():
    transformers = pytest.importorskip("transformers")
    return transformers.AutoTokenizer.from_pretrained(find_nano())


@pytest.fixture(scope="module")
def substitution(tokenizer):
    return Substitution.of(tokenizer)


@pytest.fixture(scope="module")
def material(bundled_graph):
    return Material(bundled_graph)


@pytest.fixture(scope="module")
def documents(material, tokenizer):
    texts = [
        render_document(write_document(material, 5, number, LAST_SHARES), tokenizer)
        for number in range(300)
    ]
    return [
        np.asarray(ids, dtype=np.uint16)
        for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]
    ]


def test_a_token_is_the_same_other_one_wherever_it_stands(documents, substitution):
    changed = 0
    for number, ids in enumerate(documents):
        other = substitution.apply(ids, np.random.default_rng(number))
        assert other.dtype == ids.dtype
        pairs = set(zip(ids.tolist(), other.tolist(), strict=True))
        assert len(pairs) == len(set(ids.tolist()))
        changed += any(before != after for before, after in pairs)
    assert changed > len(documents) / 2


def test_only_rare_tokens_of_question_and_reply_change(documents, substitution):
    for number, ids in enumerate(documents):
        other = substitution.apply(ids, np.random.default_rng(number))
        is_reply = weigh_tokens(ids[None], substitution.marks, 0.0)[0] > 0
        shared = set(ids[is_reply].tolist()) & set(ids[~is_reply].tolist())
        changed = ids != other
        assert {int(one) for one in ids[changed]} <= shared
        assert not changed.any() or ids[changed].min() >= 400


def test_roles_and_marks_stay_where_they_are(documents, substitution, tokenizer):
    for number, ids in enumerate(documents):
        other = substitution.apply(ids, np.random.default_rng(number))
        weights = [weigh_tokens(one[None], substitution.marks, 0.1) for one in (ids, other)]
        assert np.array_equal(*weights)
        text, changed = tokenizer.decode(ids), tokenizer.decode(other)
        for mark in ("<|start_header_id|>", "user<|end_header_id|>", "assistant<|end_header_id|>"):
            assert text.count(mark) == changed.count(mark)


def test_what_was_a_copy_still_is_one(substitution, tokenizer):
    asked = {"role": "user", "content": "Write Inland Empire as a JSON list."}
    answer = {"role": "assistant", "content": '["Inland Empire"]'}
    text = render_document([asked, answer], tokenizer)
    ids = np.asarray(tokenizer(text, add_special_tokens=False)["input_ids"], dtype=np.uint16)
    seen = set()
    for number in range(20):
        changed = tokenizer.decode(substitution.apply(ids, np.random.default_rng(number)))
        _, question, reply = changed.split("<|start_header_id|>")
        name = question.partition("Write ")[2].partition(" as a")[0]
        assert f'["{name}"]' in reply
        seen.add(name)
    assert len(seen) > 10


def test_the_closing_rounds_alone_are_substituted(material, tokenizer):
    plain = NanoConfig(documents=500, closing_documents=500, substituted=0.0)
    half = NanoConfig(documents=500, closing_documents=500, substituted=0.5)
    first = [encode_documents(material, tokenizer, config) for config in (plain, half)]
    assert np.array_equal(*first)
    before, after = (encode_documents(material, tokenizer, config, 0) for config in (plain, half))
    assert before.shape == after.shape
    assert 0.01 < np.mean(before != after) < 0.5
