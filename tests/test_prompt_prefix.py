"""The system prompt read once: the same replies and scores as when it is read every time."""

from __future__ import annotations

import pytest
from movie_queries import QUERIES
from tiny_llama import make_model, make_tokenizer

from moviequery.modeling.chat import ChatFormat, set_pad_token
from moviequery.modeling.decoding import AnswerGrammar
from moviequery.modeling.generation import generate_replies, score_intents
from moviequery.modeling.prompt_prefix import PromptPrefix
from moviequery.modeling.prompts import ENTITY_PROMPT, INTENT_PROMPT
from moviequery.schema import Intent

torch = pytest.importorskip("torch")
pytest.importorskip("llguidance")

TEXTS = [*(query.text for query in QUERIES), "", "\n\nany", "any", "🎬 " * 40]


@pytest.fixture(scope="module")
def tokenizer():
    texts = [query.text for query in QUERIES] + [ENTITY_PROMPT, INTENT_PROMPT]
    made = make_tokenizer(texts)
    set_pad_token(made)
    return made


@pytest.fixture(scope="module", params=["llama", "mistral"])
def model(request, tokenizer):
    if request.param == "llama":
        return make_model(tokenizer, hidden=32).eval()
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(3)
    configuration = MistralConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        sliding_window=2048,
        initializer_range=0.3,
    )
    return MistralForCausalLM(configuration).eval()


@pytest.mark.parametrize("size", [1, 5])
def test_replies_are_those_of_the_whole_prompt(tokenizer, model, size):
    chat = ChatFormat(tokenizer, "entities")
    grammar = AnswerGrammar(tokenizer, "entities", chat.stop_ids)
    prefix = PromptPrefix(model, chat)
    for grammar_or_none in (grammar, None):
        for start in range(0, len(TEXTS), size):
            texts = TEXTS[start : start + size]
            whole = generate_replies(model, chat, grammar_or_none, texts, 24)
            assert generate_replies(model, chat, grammar_or_none, texts, 24, prefix) == whole


@pytest.mark.parametrize("size", [1, 5])
def test_intents_are_those_of_the_whole_prompt(tokenizer, model, size):
    chat = ChatFormat(tokenizer, "intent")
    prefix = PromptPrefix(model, chat)
    for start in range(0, len(TEXTS), size):
        texts = TEXTS[start : start + size]
        whole = score_intents(model, chat, texts)
        for one, other in zip(score_intents(model, chat, texts, prefix), whole, strict=True):
            assert one[Intent.REC] == pytest.approx(other[Intent.REC], abs=1e-5)


def test_most_of_a_prompt_is_shared_and_some_is_left(tokenizer, model):
    chat = ChatFormat(tokenizer, "entities")
    prefix = PromptPrefix(model, chat)
    row = chat.encode_prompt("any heist films?")
    cache, shared = prefix.begin([row, chat.encode_prompt("who directed Heat?")])
    assert 0.8 * len(row) < shared < len(row)
    assert cache.get_seq_length() == shared
    assert prefix.begin([row[:5]])[1] == 4
    assert prefix.begin([[row[1], *row]]) == (None, 0)


def test_what_is_kept_is_not_written_to(tokenizer, model):
    chat = ChatFormat(tokenizer, "entities")
    prefix = PromptPrefix(model, chat)
    first = generate_replies(model, chat, None, TEXTS[:3], 10, prefix)
    generate_replies(model, chat, None, TEXTS[3:], 10, prefix)
    assert generate_replies(model, chat, None, TEXTS[:3], 10, prefix) == first


def test_a_window_shorter_than_the_prompt_is_not_shared(tokenizer):
    from transformers import MistralConfig, MistralForCausalLM

    configuration = MistralConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        sliding_window=16,
    )
    prefix = PromptPrefix(
        MistralForCausalLM(configuration).eval(), ChatFormat(tokenizer, "entities")
    )
    assert prefix.begin([[1, 2, 3]]) == (None, 0)
