"""How the heads begin that copying rests on, so that no tokens are spent on finding them.

To repeat a name, a model must find where it has been and read what came next there. That takes two
layers of attention which are of no use before both exist; with random weights 2M tokens brought
nothing of the kind. So two heads of the first layer begin as looking one and two tokens back, and
two of the second as looking for places that follow what has just been read. All else is random,
and all of it is trained.
"""

from __future__ import annotations

import math
from typing import Any

from ...errors import require

# Of a token's embedding, the part that all tokens share; what looks back leans on it.
_SHARED_NORM = 0.2
# How sharply the heads of the first layer look at their place, in nats to its neighbours.
_BACK_SHARPNESS = 4.0
# Norms of what is written next to a token of norm 0.3.
_BACK_NORM = 0.3
_COPY_NORM = 0.5
# Weight of queries and keys that compare tokens.
_MATCH_WEIGHT = 1.4
# Pairs of a head that turn by more than this a token (in radians) tell neighbours apart.
_FAST = 0.05
# Those that turn by less than this compare alike at any distance of a document.
_SLOW = 0.01


def wire_copying(model: Any) -> None:  # noqa: ANN401 - a LlamaForCausalLM
    """Set the starting weights of the four heads in place; draws from torch's generator."""
    torch = require("torch", "train")
    config = model.config
    hidden, size = config.hidden_size, config.hidden_size // config.num_attention_heads
    turns = model.model.rotary_emb.inv_freq.float()
    shared, read, before, earlier = _draw_directions(hidden, size)
    embedding = model.model.embed_tokens.weight
    with torch.no_grad():
        # what random layers write would drown it
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        embedding -= torch.outer(embedding @ shared, shared)
        embedding += _SHARED_NORM * shared
        norm = float(embedding.norm(dim=1).mean())
        first, second = (model.model.layers[number].self_attn for number in (0, 1))
        rows = slice(0, size)
        # the part of a normalised embedding that is the same for all tokens
        constant = math.sqrt(hidden) * _SHARED_NORM / norm
        contrast = float((1 - torch.cos(turns))[turns > _FAST].sum()) / math.sqrt(size)
        weight = math.sqrt(_BACK_SHARPNESS / contrast) / constant
        first.k_proj.weight[rows] = weight * torch.outer(_turn(turns, 0), shared)
        first.v_proj.weight[rows] = read
        gain = _BACK_NORM / math.sqrt(size)
        for number, place in enumerate((before, earlier)):
            part = slice(number * size, (number + 1) * size)
            first.q_proj.weight[part] = weight * torch.outer(_turn(turns, number + 1), shared)
            first.o_proj.weight[:, part] = gain * place.T
        slow = (turns < _SLOW).repeat(2)[:, None] * _MATCH_WEIGHT
        group = config.num_attention_heads // config.num_key_value_heads
        pairs = ((read, before), (before, earlier))
        for number, (asked, found) in enumerate(pairs):
            keys = slice(number * size, (number + 1) * size)
            queries = slice(number * group * size, (number * group + 1) * size)
            second.q_proj.weight[queries] = slow * asked
            second.k_proj.weight[keys] = slow * found
            copied = torch.linalg.qr(torch.randn(hidden, size))[0].T
            second.v_proj.weight[keys] = copied
            second.o_proj.weight[:, queries] = copied.T * _COPY_NORM / math.sqrt(size)


def _draw_directions(hidden: int, size: int) -> tuple[Any, ...]:
    """Return a direction, and three times `size` more, all at right angles: (1 + 3 size) <= hidden.

    If there is no room for all, the last ones repeat directions of the first.
    """
    torch = require("torch", "train")
    basis = torch.linalg.qr(torch.randn(hidden, hidden))[0].T
    starts = [(1 + number * size) % (hidden - size) for number in range(3)]
    return basis[0], *(basis[start : start + size] for start in starts)


def _turn(turns: Any, back: int) -> Any:  # noqa: ANN401
    """Return a vector that, as a query, fits best what stands so many tokens back."""
    torch = require("torch", "train")
    fast = turns > _FAST
    return torch.cat([fast * torch.cos(-back * turns), fast * torch.sin(-back * turns)])
