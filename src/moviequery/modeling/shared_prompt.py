"""Training batches in which many rows stand behind one copy of the prompt that they share.

Four fifths of an entity row are the system prompt, the same in every row. Here a pack holds that
prompt once; each row behind it sees the prompt and itself, at the positions that it would have
alone, so that loss and gradient are those of the rows one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import require
from .chat import Example
from .prompt_prefix import common_prefix

_IGNORED = -100
_PADDING = -1


@dataclass(frozen=True, slots=True)
class Pack:
    """A prompt and rows behind it, token by token.

    Attributes:
        input_ids: of the prompt, then of what is left of each row.
        labels: -100 for tokens without loss.
        position_ids: of each token in its row.
        rows: number of each token's row in the pack, from 1; 0 for the prompt.
    """

    input_ids: list[int]
    labels: list[int]
    position_ids: list[int]
    rows: list[int]


def share_prompt(examples: Sequence[Example], length: int) -> list[Pack]:
    """Return the examples as packs of at most `length` tokens, in their order.

    A row that is longer than that beside the prompt gets a pack of its own.

    Example:
        >>> rows = [Example([1, 2, word, 9], [-100, -100, -100, 9]) for word in (3, 4)]
        >>> (pack,) = share_prompt(rows, 8)
        >>> pack.input_ids, pack.position_ids
        ([1, 2, 3, 9, 4, 9], [0, 1, 2, 3, 2, 3])
    """
    shared = len(common_prefix([_question(example) for example in examples]))
    return list(_fill(examples, shared, length))


def _question(example: Example) -> list[int]:
    """Return the tokens before the first that is learnt, which the prompt may consist of."""
    learnt = next(i for i, label in enumerate(example.labels) if label != _IGNORED)
    # the last of them predicts the first that is learnt, so it belongs to the row
    return example.input_ids[: learnt - 1]


def _fill(examples: Sequence[Example], shared: int, length: int) -> Iterator[Pack]:
    pack: Pack | None = None
    for example in examples:
        size = len(example.input_ids) - shared
        if pack is None or len(pack.input_ids) + size > length:
            if pack is not None:
                yield pack
            prompt = example.input_ids[:shared]
            pack = Pack(prompt, [_IGNORED] * shared, list(range(shared)), [0] * shared)
        pack.input_ids.extend(example.input_ids[shared:])
        pack.labels.extend(example.labels[shared:])
        pack.position_ids.extend(range(shared, shared + size))
        pack.rows.extend([pack.rows[-1] + 1 if pack.rows else 1] * size)
    if pack is not None:
        yield pack


def to_dataset(packs: Sequence[Pack]) -> Any:  # noqa: ANN401 - a datasets.Dataset
    """Return the packs as columns, for `collate`."""
    columns = ("input_ids", "labels", "position_ids", "rows")
    return require("datasets", "train").Dataset.from_dict(
        {name: [getattr(pack, name) for pack in packs] for name in columns}
    )


def collate(packs: Sequence[dict[str, Any]], pad_token_id: int) -> dict[str, Any]:
    """Return a batch of packs as tensors, with the mask of who sees whom.

    The mask is (packs, 1, tokens, tokens), True where the token of the third axis sees that of the
    fourth.
    """
    torch = require("torch", "train")

    def stack(name: str, filler: int) -> Any:  # noqa: ANN401
        return torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(pack[name]) for pack in packs], batch_first=True, padding_value=filler
        )

    rows = stack("rows", _PADDING)
    # padding too sees the prompt: a token that sees nothing would be no number
    visible = (rows[:, None, :] == 0) | (rows[:, None, :] == rows[:, :, None])
    return {
        "input_ids": stack("input_ids", pad_token_id),
        "labels": stack("labels", _IGNORED),
        "position_ids": stack("position_ids", 0),
        "attention_mask": visible.tril()[:, None],
    }
