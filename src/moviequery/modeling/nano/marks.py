"""What tells a reply from what it answers, in rows of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Tokens = np.ndarray[Any, np.dtype[np.uint16]]


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
