"""Queries as pieces and tags for the fast parser, and the batches they are learnt in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import require
from ..schema import ENTITY_TYPES, Entity, Intent, Query, canonical_json
from .name_marks import MARKS, PlacedName, mark_words, place_names
from .words import Ints, Words, WordTokenizer

if TYPE_CHECKING:
    import torch

    from .encoder_configuration import EncoderConfig
    from .name_lexicon import NameLexicon

IGNORED = -100
# Batches of rows of like length are cut from so many batches' worth of shuffled rows.
_POOL = 50
_INTENTS = tuple(Intent)


@dataclass(frozen=True, slots=True)
class EncodedRow:
    """One query in pieces, the two special ones included.

    Attributes:
        ids: of the pieces.
        tags: positions in `TAGS` on each word's first piece; `IGNORED` elsewhere.
        negated: 1 or 0 on the first pieces of entities' words, `IGNORED` elsewhere.
        intent: position in `Intent`.
        words: the number of each piece's word; -1 for the special pieces.
        names: known names among the words.
    """

    ids: Ints
    tags: Ints
    negated: Ints
    intent: int
    words: Ints
    names: tuple[PlacedName, ...] = ()


def encode_query(
    tokenizer: WordTokenizer, query: Query, lexicon: NameLexicon | None = None
) -> EncodedRow:
    """Return a query in pieces and tags, with the names that a lexicon knows."""
    words = tokenizer.cut(query.text)
    ids = np.concatenate(([tokenizer.head], words.pieces, [tokenizer.tail]))
    tags = np.full(len(ids), IGNORED, dtype=np.int64)
    negated = tags.copy()
    firsts = words.firsts + 1  # behind [CLS]
    tags[firsts], negated[firsts] = tag_words(words, query.entities)
    names = () if lexicon is None else tuple(place_names(lexicon.find(query.text), words))
    numbers = np.concatenate(([-1], words.number_pieces(), [-1]))
    return EncodedRow(ids, tags, negated, _INTENTS.index(query.intent), numbers, names)


def tag_words(words: Words, entities: Iterable[Entity]) -> tuple[Ints, Ints]:
    """Return a tag per word, and 1 or 0 on entities' words (negated or not), `IGNORED` elsewhere.

    An entity that begins or ends within a word takes the whole word, unless an entity before it
    has taken it already.

    Example:
        >>> from moviequery.schema import EntityType
        >>> words = Words(*np.array([[0, 1, 2], [0, 1, 2], [0, 5, 9], [4, 8, 13]]))
        >>> tags, _ = tag_words(words, [Entity(EntityType.TITLE, "the heat", 5, 13)])
        >>> tags.tolist()
        [0, 1, 2]
    """
    tags = np.zeros(len(words.starts), dtype=np.int64)
    negated = np.full(len(words.starts), IGNORED, dtype=np.int64)
    free = 0
    for entity in entities:
        first = max(free, int(np.searchsorted(words.ends, entity.start, side="right")))
        last = int(np.searchsorted(words.starts, entity.end, side="left"))
        if first < last:
            begin = 1 + 2 * ENTITY_TYPES.index(entity.type)
            tags[first] = begin
            tags[first + 1 : last] = begin + 1
            negated[first:last] = entity.negated
            free = last
    return tags, negated


def fingerprint(queries: Iterable[Query]) -> str:
    """Return a digest of every row: of their canonical JSON, a line each."""
    digest = hashlib.sha256()
    for query in queries:
        digest.update((canonical_json(query.to_row()) + "\n").encode())
    return digest.hexdigest()


def collate(rows: Sequence[EncodedRow]) -> dict[str, torch.Tensor]:
    """Return the rows as one batch, padded to the longest of them."""
    torch = require("torch", "train")
    shape = (len(rows), max(len(row.ids) for row in rows))
    batch: dict[str, NDArray[Any]] = {
        "input_ids": np.zeros(shape, dtype=np.int64),
        "attention_mask": np.zeros(shape, dtype=np.int64),
        "tags": np.full(shape, IGNORED, dtype=np.int64),
        "negated": np.full(shape, IGNORED, dtype=np.int64),
        "names": np.zeros((*shape, MARKS), dtype=np.float32),
    }
    for number, row in enumerate(rows):
        size = len(row.ids)
        batch["input_ids"][number, :size] = row.ids
        batch["attention_mask"][number, :size] = 1
        batch["tags"][number, :size] = row.tags
        batch["negated"][number, :size] = row.negated
        if row.names:
            marks = mark_words(row.names, int(row.words.max()) + 1)
            batch["names"][number, 1 : size - 1] = marks[row.words[1:-1]]
    batch["intents"] = np.array([row.intent for row in rows], dtype=np.int64)
    return {name: torch.from_numpy(array) for name, array in batch.items()}


class TrainingBatches:
    """All batches of a training in order, each a pure function of the seed and its number.

    So a run that is taken up again sees what it would have seen. A pass shuffles the rows, cuts
    them into pools, and sorts a pool by length: neighbours need little padding (4 %). Of several
    processes each takes its part of every batch, which are items that follow one another.
    """

    def __init__(self, rows: Sequence[EncodedRow], config: EncoderConfig, mask: int) -> None:
        """Lay the batches out; `mask` is the id of the piece that hides another."""
        self._rows = rows
        self._config = config
        self._mask = mask
        self._order = [each for number in range(config.passes) for each in self._lay_out(number)]

    @property
    def steps(self) -> int:
        """How many batches there are, over all passes."""
        return len(self._order)

    def __len__(self) -> int:
        """Return how many parts of batches there are."""
        return self.steps * self._config.processes

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """Return one part of a batch; see `collate`."""
        processes = self._config.processes
        number, part = divmod(index, processes)
        generator = np.random.default_rng([self._config.seed, 1, number])
        rows = [self._rows[each] for each in self._order[number]]
        rows = [self._hide_names(self._hide(row, generator), generator) for row in rows]
        # the last batch of a pass may have fewer rows than there are processes
        return collate(rows[part::processes] if len(rows) >= processes else rows)

    def _lay_out(self, number: int) -> Iterator[Ints]:
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
        """Return the row with some words, and some entities, hidden.

        What a hidden entity is must be read from the words around it, as with a name that the
        base has never met.
        """
        config = self._config
        if not config.word_dropout and not config.entity_dropout:
            return row
        firsts = np.flatnonzero(row.tags != IGNORED)
        hidden = generator.random(len(firsts)) < config.word_dropout
        # the words of an entity share the chance that was drawn at its B-
        chances = generator.random(len(firsts)) < config.entity_dropout
        tags = row.tags[firsts]
        begins = np.maximum.accumulate(np.where(tags % 2 == 1, np.arange(len(tags)), 0))
        hidden |= (tags > 0) & chances[begins]
        # a word's other pieces go with its first
        pieces = np.zeros(len(row.ids), dtype=bool)
        pieces[1:-1] = hidden[row.words[1:-1]]
        return replace(row, ids=np.where(pieces, self._mask, row.ids))

    def _hide_names(self, row: EncodedRow, generator: np.random.Generator) -> EncodedRow:
        """Return the row as a lexicon would show it that knows fewer names, or none."""
        config = self._config
        if generator.random() < config.lexicon_dropout:
            return replace(row, names=())
        spans = dict.fromkeys((name.first, name.last) for name in row.names)
        chances = generator.random(len(spans))
        known = {
            s for s, chance in zip(spans, chances, strict=True) if chance >= config.name_dropout
        }
        names = tuple(name for name in row.names if (name.first, name.last) in known)
        return replace(row, names=names)


class EvaluationBatches:
    """Rows in batches of like length, each row once."""

    def __init__(self, rows: Sequence[EncodedRow], size: int, processes: int = 1) -> None:
        """Cut the rows, sorted by length, into batches.

        What several processes answer is put together batch by batch, so that they need as many
        whole batches each; the last rows are left out for it.
        """
        if processes > 1:
            size = max(1, min(size, len(rows) // processes))
            rows = rows[: len(rows) // (size * processes) * size * processes]
        ordered = sorted(rows, key=lambda row: len(row.ids))
        self._batches = [ordered[first : first + size] for first in range(0, len(rows), size)]

    def __len__(self) -> int:
        """Return how many batches there are."""
        return len(self._batches)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """Return one batch; see `collate`."""
        return collate(self._batches[index])
