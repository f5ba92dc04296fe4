"""The text that the nano base is pre-trained on, one document after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from ...schema import FIELDS
from .copying import (
    write_listing,
    write_recitation,
    write_record,
    write_repetition,
    write_sorting,
)
from .material import Material
from .prose import write_json, write_prose, write_words
from .talk import write_restatement, write_talk

Messages = list[dict[str, str]]
Writer = Callable[[Material, Random], Messages]
# A trial without copying rows never learnt to repeat an unseen title; a sixth was enough.
SHARES: Mapping[Writer, float] = {
    write_prose: 0.10,
    write_json: 0.28,
    write_talk: 0.32,
    write_recitation: 0.03,
    write_repetition: 0.06,
    write_listing: 0.04,
    write_record: 0.07,
    write_sorting: 0.10,
}
# The first documents are mostly names said again: 2M tokens of the mixture above taught words but
# no copying, which everything else in it builds on.
FIRST_SHARES: Mapping[Writer, float] = {
    write_recitation: 0.6,
    write_repetition: 0.15,
    write_listing: 0.15,
    write_prose: 0.1,
}
# The last documents bring words that none of the others has (see `write_words`), and tell again
# what people say, which asks for more than copying: for what each name is.
LAST_SHARES: Mapping[Writer, float] = {
    write_words: 0.1,
    write_json: 0.15,
    write_restatement: 0.6,
    write_repetition: 0.05,
    write_sorting: 0.1,
}
# A document that is text alone, and no conversation, has this role.
TEXT = "text"


def write_document(
    material: Material, seed: int, index: int, shares: Mapping[Writer, float] = SHARES
) -> Messages:
    """Return the document of an index; it depends on the arguments alone.

    Args:
        material: what may be written about.
        seed: another one gives other documents.
        index: from 0 on.
        shares: of the kinds of documents.
    """
    rng = Random(f"{seed}:nano:{index}")
    write = rng.choices(list(shares), list(shares.values()))[0]
    return write(material, rng)


def render_document(messages: Messages, tokenizer: Any) -> str:  # noqa: ANN401
    """Return a document as the text that is tokenised, with its special tokens."""
    if messages[0]["role"] == TEXT:
        return f"{tokenizer.bos_token}{messages[0]['content']}<|end_of_text|>"
    rendered: str = tokenizer.apply_chat_template(messages, tokenize=False)
    return rendered


def tokenizer_texts(material: Material, seed: int, count: int) -> Iterator[str]:
    """Yield what the tokenizer learns its merges from: documents, and the names of all fields."""
    for index in range(count):
        for message in write_document(material, seed, index):
            yield message["content"]
    for _ in range(max(1, count // 50)):
        yield f"Your task is to extract: {', '.join(FIELDS)}."
