"""The Llama that is pre-trained, and its optimisers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import ModelError, require
from .configuration import NanoConfig
from .wiring import wire_copying


def make_model(config: NanoConfig, tokenizer: Any, start: Path | None = None) -> Any:  # noqa: ANN401
    """Return a LlamaForCausalLM in fp32: that of a folder, else one of the given shape.

    The latter is untrained; see `wiring` for where it begins.
    """
    torch = require("torch", "train")
    transformers = require("transformers", "train")
    torch.manual_seed(config.seed)
    if start is not None:
        return transformers.AutoModelForCausalLM.from_pretrained(start, dtype=torch.float32)
    model = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=config.hidden,
            intermediate_size=config.intermediate,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            num_key_value_heads=config.kv_heads,
            max_position_embeddings=2048,
            rope_parameters={"rope_type": "default", "rope_theta": 500_000.0},  # of Llama 3
            # as in Llama 3.2: a third of so small a model would be its head
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    wire_copying(model)
    return model


def make_optimizers(model: Any, config: NanoConfig) -> list[Any]:  # noqa: ANN401
    """Return Muon for the matrices of the layers, and AdamW for the embedding and the norms.

    Muon needs fewer tokens to the same loss than AdamW alone.

    Raises:
        ModelError: torch is older than its Muon.
    """
    torch = require("torch", "train")
    if not hasattr(torch.optim, "Muon"):
        raise ModelError(f"Pre-training needs torch 2.9 or later; this is {torch.__version__}.")
    layers = dict(model.model.layers.named_parameters())
    matrices = [weight for weight in layers.values() if weight.ndim == 2]
    others = [weight for weight in layers.values() if weight.ndim < 2]
    others += [model.model.norm.weight, model.model.embed_tokens.weight]
    return [
        torch.optim.Muon(
            matrices,
            lr=config.learning_rate,
            weight_decay=config.weight_decay,
            # so that one learning rate does for both
            adjust_lr_fn="match_rms_adamw",
        ),
        torch.optim.AdamW(
            others,
            lr=config.learning_rate,
            weight_decay=0.0,
            betas=(0.9, 0.95),
            fused=True,
        ),
    ]


def measure_loss(model: Any, ids: Any, weights: Any, length: int | None = None) -> Any:  # noqa: ANN401
    """Return the sum of the weighted losses of a batch, in nats, to go backward from.

    Args:
        model: a LlamaForCausalLM.
        ids: (rows, tokens + 1), an array of numbers.
        weights: (rows, tokens), of the loss on each token but the first of a row. Nothing is
            computed of the vocabulary where it is 0.
        length: rows are read in parts of so many tokens, which do not see each other; None reads
            them whole.
    """
    torch = require("torch", "train")
    ids, weights = torch.from_numpy(ids), torch.from_numpy(weights).float().flatten()
    inputs, targets = ids[:, :-1], ids[:, 1:].flatten()
    if length is not None:
        inputs = inputs.reshape(-1, length)
    counted = weights > 0
    if not len(counted):
        return model.lm_head.weight.sum() * 0
    # bf16 is what AMX multiplies, eight times as fast as fp32
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.model(input_ids=inputs, use_cache=False).last_hidden_state
        logits = model.lm_head(hidden.flatten(0, 1)[counted])
    losses = torch.nn.functional.cross_entropy(logits.float(), targets[counted], reduction="none")
    return (losses * weights[counted]).sum()


def add_gradients_up(model: Any, loss: Any) -> Any:  # noqa: ANN401
    """Give each process the sum of all processes' gradients, and return the sum of their losses."""
    torch = require("torch", "train")
    parameters = list(model.parameters())
    gradients = [torch.zeros_like(one) if one.grad is None else one.grad for one in parameters]
    # one message; many small ones wait for each other
    together = torch.cat([*(one.flatten() for one in gradients), loss.detach()[None]])
    torch.distributed.all_reduce(together)
    sizes = [one.numel() for one in parameters]
    for one, total in zip(parameters, together[:-1].split(sizes), strict=True):
        one.grad = total.view_as(one)
    return together[-1]
