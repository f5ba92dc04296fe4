"""Queries as pieces and tags for the fast parser, and the batches they are learnt in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import require
from ..schema import Intent, Query
from .tagging import tag_words

if TYPE_CHECKING:
    import torch

    from .encoder_configuration import EncoderConfig

IGNORED = -100
# Batches of rows of like length are cut from so many batches' worth of shuffled rows.
_POOL = 50
_INTENTS = tuple(Intent)


@dataclass(frozen=True, slots=True)
class EncodedRow:
    """One query in pieces, the two special ones included.

    Attributes:
        ids: of the pieces.
        tags: of each word's first piece; `IGNORED` elsewhere.
        negated: 1 or 0 on the first pieces of entities, `IGNORED` elsewhere.
        intent: position in `Intent`.
        words: characters `[start, end)` of each word, in order.
    """

    ids: npt.NDArray[np.int64]
    tags: npt.NDArray[np.int64]
    negated: npt.NDArray[np.int64]
    intent: int
    words: tuple[tuple[int, int], ...]


def load_pieces(folder: Path, max_tokens: int | None = None) -> Any:  # noqa: ANN401
    """Return the `tokenizers.Tokenizer` of the base, which neither pads nor, by default, cuts."""
    tokenizer = require("tokenizers", "train").Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if max_tokens is not None:
        tokenizer.enable_truncation(max_tokens)
    return tokenizer


def encode_queries(tokenizer: Any, queries: Sequence[Query]) -> list[EncodedRow]:  # noqa: ANN401
    """Return the queries in pieces and tags."""
    encodings = tokenizer.encode_batch([query.text for query in queries])
    return [_encode(*pair) for pair in zip(encodings, queries, strict=True)]


def _encode(encoding: Any, query: Query) -> EncodedRow:  # noqa: ANN401 - a tokenizers.Encoding
    words: list[tuple[int, int]] = []
    firsts: list[int] = []
    last = None
    for piece, (word, (start, end)) in enumerate(
        zip(encoding.word_ids, encoding.offsets, strict=True)
    ):
        if word is None:
            continue
        if word == last:
            words[-1] = (words[-1][0], end)
        else:
            words.append((start, end))
            firsts.append(piece)
            last = word
    tags = np.full(len(encoding.ids), IGNORED, dtype=np.int64)
    negated = tags.copy()
    tags[firsts] = tag_words(words, query.entities)
    unwanted = [entity for entity in query.entities if entity.negated]
    for piece, (start, end) in zip(firsts, words, strict=True):
        if tags[piece]:
            negated[piece] = any(one.start < end and start < one.end for one in unwanted)
    ids = np.array(encoding.ids, dtype=np.int64)
    return EncodedRow(ids, tags, negated, _INTENTS.index(query.intent), tuple(words))


def fingerprint(rows: Sequence[EncodedRow]) -> str:
    """Return a digest of every piece and label."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(np.concatenate([row.ids, row.tags, row.negated, [row.intent]]).tobytes())
    return digest.hexdigest()


def collate(rows: Sequence[EncodedRow]) -> dict[str, torch.Tensor]:
    """Return the rows as one batch, padded to the longest of them."""
    torch = require("torch", "train")
    shape = (len(rows), max(len(row.ids) for row in rows))
    batch = {
        "input_ids": np.zeros(shape, dtype=np.int64),
        "attention_mask": np.zeros(shape, dtype=np.int64),
        "tags": np.full(shape, IGNORED, dtype=np.int64),
        "negated": np.full(shape, IGNORED, dtype=np.int64),
    }
    for number, row in enumerate(rows):
        size = len(row.ids)
        batch["input_ids"][number, :size] = row.ids
        batch["attention_mask"][number, :size] = 1
        batch["tags"][number, :size] = row.tags
        batch["negated"][number, :size] = row.negated
    batch["intents"] = np.array([row.intent for row in rows], dtype=np.int64)
    return {name: torch.from_numpy(array) for name, array in batch.items()}


class Batches:
    """All batches of a training in order, each a pure function of the seed and its number.

    So a run that is taken up again sees what it would have seen. A pass shuffles the rows, cuts
    them into pools, and sorts a pool by length: neighbours need little padding.
    """

    def __init__(self, rows: Sequence[EncodedRow], config: EncoderConfig, unknown: int) -> None:
        """Lay the batches out; `unknown` is the id of the piece that hides a word."""
        self._rows = rows
        self._config = config
        self._unknown = unknown
        self._order = [each for number in range(config.passes) for each in self._lay_out(number)]

    def __len__(self) -> int:
        """Return how many batches there are, over all passes."""
        return len(self._order)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """Return one batch; see `collate`."""
        rows = [self._rows[number] for number in self._order[index]]
        if self._config.word_dropout or self._config.entity_dropout:
            generator = np.random.default_rng([self._config.seed, 1, index])
            rows = [self._hide(row, generator) for row in rows]
        return collate(rows)

    def _lay_out(self, number: int) -> Iterator[npt.NDArray[np.int64]]:
        generator = np.random.default_rng([self._config.seed, 0, number])
        order = generator.permutation(len(self._rows))
        lengths = np.array([len(row.ids) for row in self._rows])
        size = self._config.batch_size
        batches = []
        for start in range(0, len(order), size * _POOL):
            pool = order[start : start + size * _POOL]
            pool = pool[np.argsort(lengths[pool], kind="stable")]
            batches += [pool[first : first + size] for first in range(0, len(pool), size)]
        return (batches[position] for position in generator.permutation(len(batches)))

    def _hide(self, row: EncodedRow, generator: np.random.Generator) -> EncodedRow:
        """Return the row with some words, or whole entities, turned into the unknown piece."""
        inner = np.arange(1, len(row.ids) - 1)
        hidden = np.zeros(len(row.ids), dtype=bool)
        hidden[inner] = generator.random(len(inner)) < self._config.word_dropout
        if self._config.entity_dropout:
            # an entity is what lies between two B- tags or O; its inner pieces go with it
            chance = False
            for piece in inner:
                if row.tags[piece] != IGNORED:
                    begins, outside = row.tags[piece] % 2 == 1, row.tags[piece] == 0
                    if begins:
                        chance = generator.random() < self._config.entity_dropout
                    elif outside:
                        chance = False
                hidden[piece] |= chance
        ids = np.where(hidden, self._unknown, row.ids)
        return EncodedRow(ids, row.tags, row.negated, row.intent, row.words)
