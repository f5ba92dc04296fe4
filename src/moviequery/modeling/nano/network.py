"""The Llama that is pre-trained, and its optimisers."""

from __future__ import annotations

from typing import Any

from ...errors import ModelError, require
from .configuration import NanoConfig
from .wiring import wire_copying


def make_model(config: NanoConfig, tokenizer: Any) -> Any:  # noqa: ANN401 - a LlamaForCausalLM
    """Return an untrained Llama of the given shape, in fp32; see `wiring` for where it begins."""
    torch = require("torch", "train")
    transformers = require("transformers", "train")
    torch.manual_seed(config.seed)
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
