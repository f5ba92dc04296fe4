"""How well a model copies what it has never seen."""

from __future__ import annotations

from random import Random
from typing import Any

from ...errors import require
from .copying import exchange
from .material import invent_name

_ASKED = 'Write "{}" as a JSON list.'
_ANSWER = '["{}"]'


def measure_copying(
    model: Any,  # noqa: ANN401
    tokenizer: Any,  # noqa: ANN401
    names: int = 64,
    seed: int = 11,
) -> dict[str, float]:
    """Return the share of right tokens when made-up names are repeated: the first, and later ones.

    The names are none of the pre-training text's, and each token is predicted after the right
    tokens before it.
    """
    torch = require("torch", "train")
    rng = Random(f"{seed}:probe")
    first, later = [], []
    (space,) = tokenizer(" ", add_special_tokens=False)["input_ids"]
    model.eval()
    with torch.inference_mode():
        for _ in range(names):
            name = invent_name(rng)
            ids, start, end = _encode(tokenizer, name)
            guess = model(input_ids=torch.tensor([ids])).logits[0, :-1].argmax(-1).tolist()
            right = [guess[place - 1] == ids[place] for place in range(start, end)]
            first.append(right[0])
            # spaces can be guessed without reading
            words = ids[start + 1 : end]
            later += [hit for hit, token in zip(right[1:], words, strict=True) if token != space]
    model.train()
    return {
        "first_token": round(sum(first) / len(first), 4),
        "later_tokens": round(sum(later) / max(1, len(later)), 4),
    }


def _encode(tokenizer: Any, name: str) -> tuple[list[int], int, int]:  # noqa: ANN401
    """Return the tokens of an exchange, and where the repeated name stands in them."""
    asked, answer = exchange(_ASKED.format(name), _ANSWER.format(name))
    prompt = tokenizer.apply_chat_template([asked], tokenize=False, add_generation_prompt=True)
    opening = len(tokenizer(prompt + '["', add_special_tokens=False)["input_ids"])
    ids = tokenizer(prompt + answer["content"], add_special_tokens=False)["input_ids"]
    length = len(tokenizer(name, add_special_tokens=False)["input_ids"])
    return ids, opening, min(opening + length, len(ids))
