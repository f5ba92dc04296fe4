"""A tokenizer with the special tokens and the chat template of Llama 3, trained on our own text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...errors import require

VOCABULARY = 4096
# Their order is that of Llama 3.1, where they follow the vocabulary too.
SPECIAL_TOKENS: tuple[str, ...] = (
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|reserved_special_token_0|>",
    "<|reserved_special_token_1|>",
    "<|finetune_right_pad_id|>",
    "<|reserved_special_token_2|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eom_id|>",
    "<|eot_id|>",
    "<|python_tag|>",
)
# The template of Llama 3 Instruct, word for word.
CHAT_TEMPLATE = (
    "{% set loop_messages = messages %}{% for message in loop_messages %}"
    "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
    "+ message['content'] | trim + '<|eot_id|>' %}"
    "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}"
    "{{ content }}{% endfor %}"
    "{% if add_generation_prompt %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
# Words that names rarely begin with keep the space before them, as in Llama's tokenizer. Any other
# word is parted from it, so that ` Heat` in a question and `"Heat` in JSON are the same token: a
# model this small copies names by their tokens, and had to learn each first token twice.
_SPACED = (
    "about",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "but",
    "by",
    "can",
    "film",
    "for",
    "from",
    "have",
    "in",
    "is",
    "it",
    "like",
    "me",
    "movie",
    "movies",
    "not",
    "of",
    "on",
    "or",
    "some",
    "that",
    "to",
    "was",
    "what",
    "where",
    "which",
    "with",
    "you",
)
_PATTERN = "|".join(
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)(?!\p{L})",
        rf" (?:{'|'.join(_SPACED)})(?![\p{{L}}\p{{N}}])",
        r"\p{L}+",
        r"\p{N}{1,4}",  # a year is one token
        r'[\[\]{}",:]+',  # the marks of JSON by themselves: `!"]` ends in the same token as `"]`
        r'[^\s\p{L}\p{N}\[\]{}",:]+',
        r"\s*[\r\n]+",
        r"\s+",
    )
)


def train_tokenizer(texts: Iterable[str], vocabulary: int = VOCABULARY) -> Any:  # noqa: ANN401
    """Return the byte-level BPE tokenizer of a text; it can write any text, seen or not.

    Args:
        texts: what the merges are learnt from.
        vocabulary: tokens, special ones included.
    """
    tokenizers = require("tokenizers", "train")
    transformers = require("transformers", "train")
    parts = tokenizers.pre_tokenizers
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = parts.Sequence(
        [
            parts.Split(tokenizers.Regex(_PATTERN), behavior="isolated"),
            parts.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=vocabulary - len(SPECIAL_TOKENS),
        initial_alphabet=sorted(parts.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|begin_of_text|>",
        eos_token="<|eot_id|>",
        pad_token="<|finetune_right_pad_id|>",
        clean_up_tokenization_spaces=False,
        model_max_length=2048,
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast
