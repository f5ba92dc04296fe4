"""Batches of whole documents, for the closing rounds of a pre-training.

Rows of one length cut a document in two at each of their ends, and let a reply look at other
people's questions. Whole documents beside others of about their length have neither, and attention
costs a quarter of that over rows of 512 tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .configuration import NanoConfig
from .packing import Tokens

Numbers = np.ndarray[Any, np.dtype[np.int64]]
# Batches' worth of documents that are sorted by length together.
_SORTED = 50


@dataclass(slots=True)
class DocumentBatches:
    """The batches of one closing round, each document once before any comes again.

    Attributes:
        tokens: of documents one after another.
        config: of the run.
        number: of the round, from 0 on.
        bounds: (documents, 2), where each begins and ends.
    """

    tokens: Tokens
    config: NanoConfig
    number: int
    bounds: Numbers
    _plans: dict[int, list[Numbers]] = field(default_factory=dict)

    @classmethod
    def of(cls, tokens: Tokens, config: NanoConfig, number: int, mark: int) -> DocumentBatches:
        """Return those of documents that begin with the token `mark`."""
        return cls(tokens, config, number, find_documents(tokens, mark, config.length + 1))

    def draw(self, place: int, pad: int) -> tuple[Numbers, Numbers]:
        """Return the batch of a step of the round, counted from 0; see `pad_documents`."""
        first = self._plan(0)
        # batches of a later pass are about as many; a few more or less do not matter
        count, place = divmod(place, len(first))
        plan = self._plan(count)
        return pad_documents(self.tokens, self.bounds[plan[place % len(plan)]], pad)

    def _plan(self, count: int) -> list[Numbers]:
        if count not in self._plans:
            config = self.config
            lengths = self.bounds[:, 1] - self.bounds[:, 0]
            seed = [config.seed, self.number, count]
            self._plans[count] = plan_batches(lengths, config.batch_size * config.length, seed)
        return self._plans[count]


def find_documents(tokens: Any, mark: int, longest: int) -> Numbers:  # noqa: ANN401
    """Return where documents begin and end: (documents, 2), half-open, in tokens.

    Args:
        tokens: of documents one after another.
        mark: the token that each of them begins with.
        longest: what a document has beyond so many tokens is left out.

    Example:
        >>> find_documents(np.array([9, 1, 2, 9, 3]), 9, longest=2).tolist()
        [[0, 2], [3, 5]]
    """
    starts = np.flatnonzero(np.asarray(tokens) == mark)
    ends = np.append(starts[1:], len(tokens))
    return np.stack([starts, np.minimum(ends, starts + longest)], axis=1)


def plan_batches(lengths: Numbers, budget: int, seed: list[int]) -> list[Numbers]:
    """Return the numbers of the documents of each batch, every one once, in any order.

    A batch holds as many documents as have room in `budget` tokens when all are padded to the
    longest of them, and one at least.

    Example:
        >>> batches = plan_batches(np.array([5, 2, 2, 5]), budget=10, seed=[7])
        >>> sorted(sorted(one.tolist()) for one in batches)
        [[0, 3], [1, 2]]
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(lengths))
    at_once = max(1, _SORTED * budget // max(1, int(lengths.mean())))
    batches: list[Numbers] = []
    for start in range(0, len(order), at_once):
        part = order[start : start + at_once]
        batches += _fill(part[np.argsort(lengths[part], kind="stable")], lengths, budget)
    return [batches[number] for number in rng.permutation(len(batches))]


def _fill(documents: Numbers, lengths: Numbers, budget: int) -> list[Numbers]:
    """Return documents, which come from the shortest to the longest, in batches."""
    batches, start = [], 0
    for end in range(1, len(documents) + 1):
        if end < len(documents) and (end - start + 1) * lengths[documents[end]] <= budget:
            continue
        batches.append(documents[start:end])
        start = end
    return batches


def pad_documents(tokens: Any, bounds: Numbers, pad: int) -> tuple[Numbers, Numbers]:  # noqa: ANN401
    """Return documents side by side, and 1 where they are and 0 where they are padded.

    Args:
        tokens: of all documents.
        bounds: (rows, 2), where the documents of the batch begin and end.
        pad: the token behind the end of those that are shorter.

    Example:
        >>> pad_documents(np.array([9, 1, 2, 9, 3]), np.array([[0, 3], [3, 5]]), 0)[0].tolist()
        [[9, 1, 2], [9, 3, 0]]
    """
    longest = int((bounds[:, 1] - bounds[:, 0]).max())
    ids = np.full((len(bounds), longest), pad, dtype=np.int64)
    held = np.zeros_like(ids)
    for row, (start, end) in enumerate(bounds):
        ids[row, : end - start] = tokens[start:end]
        held[row, : end - start] = 1
    return ids, held
