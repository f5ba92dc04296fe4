"""Queries as the token rows of one task, each checked before a model is loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from ..errors import DatasetError, ModelError, require
from ..schema import Query
from .chat import ChatFormat, Example
from .configuration import QLoRAConfig
from .decoding import AnswerGrammar, fits_limits

if TYPE_CHECKING:
    import datasets

    Splits = Mapping[str, Sequence[Query]]


@dataclass(frozen=True, slots=True)
class TokenRows:
    """The rows of one split in tokens, and what was counted on the way.

    Attributes:
        examples: in the order of the queries.
        dropped: rows left out because they are longer than `max_length`, or their answer than the
            parser may write.
    """

    examples: tuple[Example, ...]
    dropped: int

    @property
    def tokens(self) -> int:
        """All tokens."""
        return sum(len(example.input_ids) for example in self.examples)

    @property
    def supervised_tokens(self) -> int:
        """The tokens that the loss is taken on."""
        return sum(len(example.supervised) for example in self.examples)

    def to_dataset(self) -> datasets.Dataset:
        """Return the columns `input_ids` and `labels`, which trl takes as they are."""
        datasets = require("datasets", "train")
        return datasets.Dataset.from_dict(
            {
                "input_ids": [example.input_ids for example in self.examples],
                "labels": [example.labels for example in self.examples],
            }
        )

    def fingerprint(self) -> str:
        """Return a digest of every token and label."""
        digest = hashlib.sha256()
        for example in self.examples:
            digest.update(json.dumps([example.input_ids, example.labels]).encode())
        return digest.hexdigest()


def read_splits(dataset: Any) -> dict[str, list[Query]]:  # noqa: ANN401 - four kinds, see below
    """Return the queries by split.

    Args:
        dataset: queries; a mapping of splits to queries; a `datasets.DatasetDict` or `Dataset`;
            or a folder or Hub id that `load_queries` reads.

    Raises:
        DatasetError: there is no train split, or a row cannot be read.
    """
    if isinstance(dataset, str | Path):
        from ..corpus.loader import load_queries

        dataset = load_queries(str(dataset), config="entities")
    splits = dataset if isinstance(dataset, Mapping) else {"train": dataset}
    read = {str(name): list(_read_rows(rows)) for name, rows in splits.items()}
    if not read.get("train"):
        sizes = {name: len(rows) for name, rows in read.items()}
        raise DatasetError(f"There is nothing to train on: no rows in a split 'train' ({sizes}).")
    return read


def _read_rows(rows: Iterable[Any]) -> Iterable[Query]:
    from ..corpus.features import from_example

    for row in rows:
        yield row if isinstance(row, Query) else from_example(row)


def encode_rows(chat: ChatFormat, queries: Sequence[Query], config: QLoRAConfig) -> TokenRows:
    """Return the queries as token rows, after checking that each one can be learnt.

    Raises:
        ModelError: a row has no token to learn, its answer is not one that the parser could
            write, or it is longer than `config.max_length`; the last two are dropped and counted
            where `config.overlong` is `drop`.
    """
    grammar = AnswerGrammar(chat.tokenizer, chat.task, chat.stop_ids)
    examples: list[Example] = []
    too_long: list[tuple[int, int]] = []
    unwritable, checked = 0, False
    for number, query in enumerate(tqdm(queries, desc=f"encoding {chat.task}", leave=False)):
        writable = chat.task == "intent" or fits_limits(query.entities)
        if config.overlong == "drop" and not writable:
            unwritable += 1
            continue
        example = chat.encode_example(query)
        # a grammar reads 600 rows a second, so it sees only whether this tokenizer fits at all
        readable = writable and (checked or grammar.reads(example.supervised))
        checked = True
        _check_learnable(example, query, number, readable)
        if len(example.input_ids) > config.max_length:
            too_long.append((len(example.input_ids), number))
        else:
            examples.append(example)
    if too_long and config.overlong == "refuse":
        longest, number = max(too_long)
        raise ModelError(
            f"{len(too_long)} of {len(queries)} rows are longer than max_length="
            f"{config.max_length} tokens, so their answers would be cut; the longest, row "
            f"{number}, has {longest}. Raise max_length, or drop them with overlong='drop'."
        )
    if not examples:
        raise ModelError(f"No row is as short as max_length={config.max_length}. Raise it.")
    return TokenRows(tuple(examples), len(too_long) + unwritable)


def _check_learnable(example: Example, query: Query, number: int, readable: bool) -> None:
    if not example.supervised:
        raise ModelError(
            f"Row {number} ({query.text[:60]!r}) has no token to learn: the chat template writes "
            "nothing for the answer. Use template='paper' or another model."
        )
    if not readable:
        raise ModelError(
            f"Row {number} ({query.text[:60]!r}): the answer {query.to_json()[:200]} is not one "
            "that the parser may write; see answer_schema for the limits on lists and strings."
        )
