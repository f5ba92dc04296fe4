"""The most likely tokens, one after the other, for a batch of prompts.

A loop of our own, since `generate` of transformers spends a quarter of the time outside of the
model when that is small: 0.44 of 1.94 seconds for five answers of 40 tokens by five narrow layers.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Any

from ..errors import require
from .decoding import Constraint


def write_greedily(
    model: Any,  # noqa: ANN401 - a PreTrainedModel or PeftModel
    ids: Any,  # noqa: ANN401
    mask: Any,  # noqa: ANN401
    cache: Any,  # noqa: ANN401
    max_new_tokens: int,
    stop_ids: Collection[int],
    constraint: Constraint | None = None,
) -> list[list[int]]:
    """Return the tokens that follow each row, without those that stop it.

    A row ends at a stop token, where its constraint is fulfilled, or after `max_new_tokens`.

    Args:
        model: writes.
        ids: tokens (rows, length) of the prompts.
        mask: 0 where a token pads, anywhere before the last one of a row.
        cache: of transformers; what it holds of the beginning of all rows is not read again. It
            is written to.
        max_new_tokens: at least 1.
        stop_ids: tokens that end a row.
        constraint: what a row may hold.
    """
    torch = require("torch", "train")
    network = unwrap(model)
    options = logits_option(network, 1)
    padded = not bool(mask.all())
    shared = cache.get_seq_length()
    tokens, places = ids[:, shared:], (mask.cumsum(-1) - 1).clamp(min=0)[:, shared:]
    written: list[list[int]] = [[] for _ in range(len(ids))]
    waiting = set(range(len(ids)))
    with torch.inference_mode():
        for _ in range(max_new_tokens):
            output = network(
                input_ids=tokens,
                attention_mask=mask if padded else None,
                position_ids=places,
                past_key_values=cache,
                use_cache=True,
                **options,
            )
            scores = output.logits[:, -1]
            best = (scores if constraint is None else constraint.mask(scores)).argmax(-1)
            chosen = best.tolist()
            for row in sorted(waiting):
                if chosen[row] not in stop_ids:
                    written[row].append(chosen[row])
                    if constraint is None or not constraint.take(row, chosen[row]):
                        continue
                waiting.discard(row)
            if not waiting:
                break
            tokens, places = best[:, None], places[:, -1:] + 1
            if padded:
                mask = torch.cat([mask, mask.new_ones((len(ids), 1))], dim=1)
    return written


def unwrap(model: Any) -> Any:  # noqa: ANN401
    """Return the network that an adapter was put into; calling it calls the adapter too."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def logits_option(network: Any, keep: int) -> dict[str, int]:  # noqa: ANN401
    """Return what asks for the last logits only; all of them would fill a small GPU."""
    parameters = inspect.signature(network.forward).parameters
    return {"logits_to_keep": keep} if "logits_to_keep" in parameters else {}
