"""The system prompt read once: its keys and values serve every query that follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import require
from .chat import ChatFormat

# Two texts that have no first character in common show where prompts begin to differ.
_PROBES = ("any", "WHO")


class PromptPrefix:
    """What a model remembers of the tokens with which every prompt of a task begins.

    Of 226 tokens of a prompt for entities about 210 are the same for all texts. What the model
    makes of them depends on nothing that follows, so it is kept, and answers stay the same.

    Args:
        model: with the adapter of the task in its place.
        chat: the words of the task.
    """

    def __init__(self, model: Any, chat: ChatFormat) -> None:  # noqa: ANN401
        """Read the shared tokens."""
        torch = require("torch", "train")
        self._model = model
        self._tokens = common_prefix([chat.encode_prompt(text) for text in _PROBES])
        self._layers: list[tuple[Any, Any]] = []
        cache = make_cache(model)
        if not self._tokens or not self._can_share(cache):
            self._tokens = []
            return
        with torch.inference_mode():
            ids = torch.tensor([self._tokens], device=model.device)
            model(input_ids=ids, past_key_values=cache, use_cache=True)
        self._layers = [(layer.keys, layer.values) for layer in cache.layers]

    def begin(self, rows: Sequence[Sequence[int]]) -> tuple[Any, int]:
        """Return a cache for the rows, and how many of their first tokens it holds.

        At least one token of each row is left to be read. Where the rows have nothing in common
        with other prompts, or the model keeps no plain keys and values, it is (None, 0).
        """
        spare = min(map(len, rows)) - 1
        length = min(spare, *(len(common_prefix([self._tokens, row])) for row in rows))
        if length < 1:
            return None, 0
        cache = make_cache(self._model)
        for number, layer in enumerate(self._layers):
            # a layer appends by making new tensors, so what is kept here is never written to
            keys, values = (
                one[:, :, :length].expand(len(rows), -1, -1, -1).contiguous() for one in layer
            )
            cache.update(keys, values, number)
        return cache, length

    def _can_share(self, cache: Any) -> bool:  # noqa: ANN401
        """Tell whether every layer keeps plain keys and values of all shared tokens."""
        caches = require("transformers.cache_utils", "train")
        plain = (caches.DynamicLayer, caches.DynamicSlidingWindowLayer)
        return bool(cache.layers) and all(
            type(layer) in plain
            and len(self._tokens) < getattr(layer, "sliding_window", len(self._tokens) + 1)
            for layer in cache.layers
        )


def make_cache(model: Any) -> Any:  # noqa: ANN401
    """Return an empty cache of the kind that a model fills."""
    return require("transformers.cache_utils", "train").DynamicCache(config=model.config)


def common_prefix(rows: Sequence[Sequence[int]]) -> list[int]:
    """Return the tokens with which all rows begin.

    Example:
        >>> common_prefix([[5, 6, 7], [5, 6], [5, 6, 8]])
        [5, 6]
    """
    shared = []
    for tokens in zip(*rows, strict=False):
        if len(set(tokens)) > 1:
            break
        shared.append(tokens[0])
    return shared
