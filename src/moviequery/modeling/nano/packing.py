"""The pre-training text as rows of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from ...errors import ModelError
from .configuration import NanoConfig
from .documents import (
    FIRST_SHARES,
    LAST_SHARES,
    SHARES,
    Writer,
    render_document,
    write_document,
)
from .material import Material

Tokens = np.ndarray[Any, np.dtype[np.uint16]]
_BATCH = 500


@dataclass(frozen=True, slots=True)
class ReplyMarks:
    """Ids of the tokens that tell where a document, a role and a reply begin.

    Attributes:
        document: begins a document.
        header: stands before a role.
        header_end: stands behind a role.
        reply: the last of the role of replies.
    """

    document: int
    header: int
    header_end: int
    reply: int

    @classmethod
    def of(cls, tokenizer: Any) -> ReplyMarks:  # noqa: ANN401
        """Return those of a tokenizer with Llama 3's special tokens."""
        names = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>"]
        document, header, header_end = tokenizer.convert_tokens_to_ids(names)
        # roles end in letters of their own, so their last tokens differ in any vocabulary
        reply = tokenizer.encode("assistant", add_special_tokens=False)[-1]
        return cls(document, header, header_end, reply)


def encode_documents(
    material: Material,
    tokenizer: Any,  # noqa: ANN401
    config: NanoConfig,
    closing_round: int | None = None,
) -> Tokens:
    """Return the tokens of all documents one after another, or of those of a closing round."""
    parts = []
    numbers = range(config.documents)
    if closing_round is not None:
        start = config.documents + closing_round * config.closing_documents
        numbers = range(start, start + config.closing_documents)

    def choose(number: int) -> Mapping[Writer, float]:
        if closing_round is not None:
            return LAST_SHARES
        return FIRST_SHARES if number < config.first_documents else SHARES

    for start in tqdm(range(0, len(numbers), _BATCH), desc="writing the text", unit_scale=_BATCH):
        texts = [
            render_document(
                write_document(material, config.seed, number, choose(number)), tokenizer
            )
            for number in numbers[start : start + _BATCH]
        ]
        for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]:
            parts.append(np.asarray(ids, dtype=np.uint16))
    return np.concatenate(parts) if parts else np.zeros(0, np.uint16)


def save_tokens(tokens: Tokens, path: Path) -> None:
    """Write the tokens under a temporary name first."""
    temporary = path.with_suffix(".writing.npy")
    np.save(temporary, tokens)
    temporary.replace(path)


def cut_batch(tokens: Tokens, config: NanoConfig, step: int) -> Any:  # noqa: ANN401
    """Return the batch of a step: (batch_size, length + 1).

    The first pass takes the text as it was written, each later one takes its rows in another
    order and cut at another offset.

    Raises:
        ModelError: the text is shorter than two rows.
    """
    rows = (len(tokens) - 1) // config.length - 1
    if rows < 1:
        raise ModelError(f"{len(tokens)} tokens are too few for rows of {config.length}.")
    batch = np.empty((config.batch_size, config.length + 1), dtype=np.int64)
    for place in range(config.batch_size):
        count, number = divmod(step * config.batch_size + place, rows)
        start = number * config.length
        if count:
            rng = np.random.default_rng([config.seed, count])
            start = int(rng.integers(config.length))
            start += int(rng.permutation(rows)[number]) * config.length
        batch[place] = tokens[start : start + config.length + 1]
    return batch


def weigh_tokens(ids: Any, marks: ReplyMarks, prompt_weight: float) -> Any:  # noqa: ANN401
    """Return the weight of each token's loss: 1 in replies and plain texts, else a lower one.

    Rows may begin in the middle of a document; until its next mark that counts as a reply.

    Args:
        ids: (rows, tokens).
        marks: what tells where a reply begins.
        prompt_weight: of what a user or a system says, and of the marks around it.

    Example:
        >>> marks = ReplyMarks(document=9, header=8, header_end=7, reply=5)
        >>> weigh_tokens(np.array([[3, 9, 8, 4, 7, 3, 8, 5, 7, 3]]), marks, 0.0).tolist()
        [[1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]]
    """
    ended = ids == marks.header_end
    before = np.concatenate([np.zeros_like(ids[:, :1]), ids[:, :-1]], axis=1)
    begins = (ids == marks.document) | (ended & (before == marks.reply))
    is_mark = begins | ended | (ids == marks.header)
    last = np.maximum.accumulate(np.where(is_mark, np.arange(ids.shape[1]), -1), axis=1)
    is_reply = np.take_along_axis(begins, last.clip(0), axis=1) | (last < 0)
    return np.where(is_reply, 1.0, prompt_weight).astype(np.float32)
