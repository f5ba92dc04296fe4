"""Words that change places in pre-training documents, so that any token at all can be copied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .marks import ReplyMarks, Tokens, weigh_tokens

# Ids below are those of single bytes and of the merges that come most often.
_RARE_FROM = 400
# Of the rare tokens that a reply takes from what was asked.
_SHARE = 0.7
# How the bytes of a space and of a line's end are written in a byte-level vocabulary.
_BLANKS = frozenset("ĠĊ")


@dataclass(frozen=True, slots=True)
class Substitution:
    """Puts other tokens in the place of some that stand in a question and in its reply.

    Two of three tokens of the vocabulary came fewer than 300 times in the six million of the
    sixth closing round, the names of the fields some 2,000 times. A model that had read such
    rounds, fine-tuned, wrote "Inland directors" for "Inland Empire": seldom read, tokens were
    taken for one another.

    Attributes:
        words: ids of the tokens that are part of a word.
        marks: what tells a reply from what it answers.
    """

    words: Tokens
    marks: ReplyMarks

    @classmethod
    def of(cls, tokenizer: Any) -> Substitution:  # noqa: ANN401
        """Return that of a byte-level tokenizer."""
        special = {*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder}
        tokens = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
        words = [
            number
            for number, token in enumerate(tokens)
            if number not in special and token.isalnum() and not _BLANKS & set(token)
        ]
        return cls(np.array(words, dtype=np.uint16), ReplyMarks.of(tokenizer))

    def apply(self, ids: Tokens, rng: np.random.Generator) -> Tokens:
        """Return a document in which tokens are others, each the same one wherever it stands.

        Roles stay what they are, and so do common tokens and those that are no part of a word.
        """
        is_reply = weigh_tokens(ids[None], self.marks, 0.0)[0] > 0
        shared = np.intersect1d(ids[is_reply], ids[~is_reply])
        shared = np.intersect1d(shared[shared >= _RARE_FROM], self.words)
        shared = np.setdiff1d(shared, ids[self._find_roles(ids)])
        chosen = shared[rng.random(len(shared)) < _SHARE]
        table = np.arange(np.iinfo(np.uint16).max + 1, dtype=np.uint16)
        table[chosen] = rng.choice(self.words, len(chosen))
        return table[ids]

    def _find_roles(self, ids: Tokens) -> Any:  # noqa: ANN401
        """Return for each token whether it is part of a role's name."""
        opened = np.cumsum(ids == self.marks.header)
        closed = np.cumsum(ids == self.marks.header_end)
        return opened > closed
