"""The pre-training text as rows of tokens."""

from __future__ import annotations

from collections.abc import Mapping
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
from .marks import Tokens
from .material import Material
from .substitution import Substitution

_BATCH = 500


def encode_documents(
    material: Material,
    tokenizer: Any,  # noqa: ANN401
    config: NanoConfig,
    closing_round: int | None = None,
) -> Tokens:
    """Return the tokens of all documents one after another, or of those of a closing round."""
    parts = []
    numbers, substituted = range(config.documents), 0.0
    if closing_round is not None:
        start = config.documents + closing_round * config.closing_documents
        numbers = range(start, start + config.closing_documents)
        substituted = config.substituted
    substitution = Substitution.of(tokenizer)

    def choose(number: int) -> Mapping[Writer, float]:
        if closing_round is not None:
            return LAST_SHARES
        return FIRST_SHARES if number < config.first_documents else SHARES

    for start in tqdm(range(0, len(numbers), _BATCH), desc="writing the text", unit_scale=_BATCH):
        batch = numbers[start : start + _BATCH]
        texts = [
            render_document(
                write_document(material, config.seed, number, choose(number)), tokenizer
            )
            for number in batch
        ]
        encoded = tokenizer(texts, add_special_tokens=False)["input_ids"]
        for number, one in zip(batch, encoded, strict=True):
            ids = np.asarray(one, dtype=np.uint16)
            rng = np.random.default_rng([config.seed, number])
            parts.append(substitution.apply(ids, rng) if rng.random() < substituted else ids)
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
