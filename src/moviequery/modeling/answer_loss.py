"""The loss of the answers alone, which trl takes on a GPU only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..errors import require


@contextlib.contextmanager
def score_answers_only(device: str) -> Iterator[None]:
    """Let trl take the loss on a CPU as it does on a GPU: of the answers' tokens, not of all.

    Elsewhere than on a GPU it scores every token of the prompts too and throws that away: of 1.3
    seconds that a step of 8 rows took on the nano base, half a second. The loss is the same.
    """
    utilities = require("trl.trainer.utils", "train")
    asks = getattr(utilities, "_use_triton", None)
    if device != "cpu" or asks is None:  # another version of trl: only slower
        yield
        return
    utilities._use_triton = lambda _: True
    try:
        yield
    finally:
        utilities._use_triton = asks
