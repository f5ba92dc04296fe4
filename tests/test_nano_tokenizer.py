"""The nano base's tokenizer: any text comes back, names are one token run, Llama 3's layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery.modeling.chat import ChatFormat
from moviequery.modeling.nano.tokenizer import SPECIAL_TOKENS, train_tokenizer
from moviequery.modeling.prompts import ENTITY_PROMPT, INTENT_PROMPT

pytest.importorskip("transformers")

TEXTS = [ENTITY_PROMPT, INTENT_PROMPT, "Have you seen The Thing with Kurt Russell?"] * 3


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(TEXTS, vocabulary=700)


def encode(tokenizer, text):
    return tokenizer(text, add_special_tokens=False)["input_ids"]


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(tokenizer, text):
    assert tokenizer.decode(encode(tokenizer, text)) == text


@pytest.mark.parametrize(
    "text",
    ["🎬👨‍👩‍👧 film", "Amélie", "a  b\n\n\tc ", '{"titles":["8½","Mamma Mia!"]}', "映画を見たい"],
)
def test_what_people_type_comes_back(tokenizer, text):
    assert tokenizer.decode(encode(tokenizer, text)) == text


def test_special_tokens_are_those_of_llama_3_and_end_the_vocabulary(tokenizer):
    assert tokenizer.convert_tokens_to_ids(list(SPECIAL_TOKENS)) == list(
        range(len(tokenizer) - len(SPECIAL_TOKENS), len(tokenizer))
    )
    for token in SPECIAL_TOKENS:
        assert len(encode(tokenizer, token)) == 1
    assert tokenizer.bos_token == "<|begin_of_text|>"
    assert tokenizer.eos_token == "<|eot_id|>"
    assert tokenizer.pad_token == "<|finetune_right_pad_id|>"


def test_a_chat_is_written_as_llama_3_writes_it(tokenizer):
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": " any heist movies? "},
    ]
    assert tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True) == (
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nany heist movies?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )
    chat = ChatFormat(tokenizer, "intent")
    assert chat.stop_ids == [tokenizer.convert_tokens_to_ids("<|eot_id|>")]


@pytest.mark.parametrize("name", ["The Thing", "Zorblax of Mentori", "kurt russell", "2001", "M"])
@pytest.mark.parametrize("around", [('["', '"]'), (" like ", "?"), ("", ", please"), ('"', '","')])
def test_a_name_has_the_same_tokens_wherever_it_stands(tokenizer, name, around):
    alone = encode(tokenizer, name)
    before, after = around
    ids = encode(tokenizer, before + name + after)
    start = len(encode(tokenizer, before))
    assert ids[start : start + len(alone)] == alone
