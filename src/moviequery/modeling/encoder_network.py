"""The fast parser's network: one encoder with an adapter, and a head for each answer.

Imported only where torch is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional

from ..errors import require
from ..schema import Intent
from .encoder_rows import IGNORED
from .tagging import LABELS

if TYPE_CHECKING:
    from .encoder_configuration import EncoderConfig

TARGETS = ("query", "key", "value", "dense")


class JointEncoder(nn.Module):
    """Tags words, says which entities are not wanted, and tells the intent, in one reading.

    `forward` returns the logits `spans` (rows, pieces, tags), `negation` (rows, pieces) and
    `intent` (rows, 2), and with labels their `loss`.
    """

    def __init__(self, encoder: nn.Module, config: EncoderConfig) -> None:
        """Put new heads on an encoder with a pooler."""
        super().__init__()
        size: int = encoder.config.hidden_size  # type: ignore[assignment, union-attr]
        self.encoder = encoder
        self.dropout = nn.Dropout(config.dropout)
        self.spans = nn.Linear(size, len(LABELS))
        self.negation = nn.Linear(size, 1)
        self.intent = nn.Linear(size, len(Intent))
        for head in (self.spans, self.negation, self.intent):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        self._smoothing = config.label_smoothing
        self._weights = (config.negation_weight, config.intent_weight)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        tags: torch.Tensor | None = None,
        negated: torch.Tensor | None = None,
        intents: torch.Tensor | None = None,
    ) -> dict[str, torch.Tensor]:
        """Return logits, and the loss where labels are given."""
        read = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        pieces = self.dropout(read.last_hidden_state)
        answer = {
            "spans": self.spans(pieces),
            "negation": self.negation(pieces).squeeze(-1),
            "intent": self.intent(self.dropout(read.pooler_output)),
        }
        if tags is None or negated is None or intents is None:
            return answer
        return {"loss": self._lose(answer, tags, negated, intents), **answer}

    def _lose(
        self,
        answer: dict[str, torch.Tensor],
        tags: torch.Tensor,
        negated: torch.Tensor,
        intents: torch.Tensor,
    ) -> torch.Tensor:
        spans = functional.cross_entropy(
            answer["spans"].flatten(0, 1),
            tags.flatten(),
            ignore_index=IGNORED,
            label_smoothing=self._smoothing,
        )
        known = negated != IGNORED
        negation = functional.binary_cross_entropy_with_logits(
            answer["negation"][known], negated[known].float(), reduction="sum"
        ) / known.sum().clamp(min=1)
        intent = functional.cross_entropy(answer["intent"], intents)
        return spans + self._weights[0] * negation + self._weights[1] * intent

    def trained_state(self) -> dict[str, torch.Tensor]:
        """Return the weights that training changes: adapter and heads."""
        return {
            name: weight.detach().clone()
            for name, weight in self.named_parameters()
            if weight.requires_grad
        }


def multiplies_in_bf16(config: EncoderConfig) -> bool:
    """Tell whether training shall multiply in bfloat16; see `EncoderConfig.precision`."""
    if config.precision == "auto":
        return torch.cpu._is_amx_tile_supported()
    return config.precision == "bf16"


@contextmanager
def set_up_torch(config: EncoderConfig) -> Iterator[None]:
    """Give torch the threads and the precision of the settings, and its own back at the end."""
    threads, precision = torch.get_num_threads(), torch.get_float32_matmul_precision()
    torch.set_num_threads(config.threads)
    torch.set_float32_matmul_precision("medium" if multiplies_in_bf16(config) else "highest")
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_float32_matmul_precision(precision)


def build_network(folder: Path, config: EncoderConfig) -> JointEncoder:
    """Return the base in `folder` with a new adapter and heads, embeddings frozen."""
    transformers: Any = require("transformers", "train")
    peft: Any = require("peft", "train")
    torch.manual_seed(config.seed)
    # the fused kernel saves 8 % in fp32, but its many small products are slow in bf16;
    # attention's own dropout would rule it out
    base = transformers.BertModel.from_pretrained(
        str(folder),
        attn_implementation="eager" if multiplies_in_bf16(config) else "sdpa",
        hidden_dropout_prob=config.dropout,
        attention_probs_dropout_prob=0.0,
        dtype=torch.float32,
    )
    adapter = peft.LoraConfig(
        r=config.r,
        lora_alpha=config.alpha,
        lora_dropout=config.lora_dropout,
        target_modules=list(TARGETS),
    )
    encoder = peft.get_peft_model(base, adapter)
    if config.train_norms:
        for name, weight in encoder.named_parameters():
            if ".encoder." in name and "LayerNorm" in name:
                weight.requires_grad_(True)
    return JointEncoder(encoder, config)
