"""The fast parser's network: one encoder with an adapter, and a head for each answer.

Imported only where torch is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional

from ..errors import require
from ..schema import Intent
from .encoder_rows import IGNORED
from .name_marks import MARKS
from .tags import TAGS

if TYPE_CHECKING:
    from .encoder_configuration import EncoderConfig

# All linear layers of the encoder; `dense` is the pooler's too. As a pattern, since peft would turn
# names into a set, and write them in another order each time.
TARGETS = r".*\.(query|key|value|dense)"


class JointEncoder(nn.Module):
    """Tags words, says which entities are not wanted, and tells the intent, in one reading."""

    def __init__(self, encoder: Any, config: EncoderConfig) -> None:  # noqa: ANN401 - a PeftModel
        """Put new heads on an encoder with a pooler."""
        super().__init__()
        size = encoder.config.hidden_size
        self.encoder = encoder
        self.dropout = nn.Dropout(config.dropout)
        self.spans = nn.Linear(size, len(TAGS))
        self.negation = nn.Linear(size, 1)
        self.intent = nn.Linear(size, len(Intent))
        # from 0 on: at first the encoder reads as it was trained to
        self.names = nn.Linear(MARKS, size, bias=False)
        nn.init.zeros_(self.names.weight)
        for head in (self.spans, self.negation, self.intent):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        self._smoothing = config.label_smoothing
        self._weights = (config.negation_weight, config.intent_weight)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        names: torch.Tensor,
        tags: torch.Tensor | None = None,
        negated: torch.Tensor | None = None,
        intents: torch.Tensor | None = None,
    ) -> dict[str, torch.Tensor]:
        """Return logits, and first their `loss` where labels are given.

        They are `spans` (rows, pieces, tags), `negation` (rows, pieces) and `intent` (rows, 2).

        Args:
            input_ids: (rows, pieces).
            attention_mask: of the same shape, 0 where there is padding.
            names: marks of known names, (rows, pieces, `MARKS`); 0 for none.
            tags: positions in `TAGS`, or `IGNORED`.
            negated: 1, 0 or `IGNORED`.
            intents: positions in `Intent`, (rows,).
        """
        embedded = self.encoder.get_input_embeddings()(input_ids) + self.names(names)
        read = self.encoder(inputs_embeds=embedded, attention_mask=attention_mask)
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
        known = negated != IGNORED  # a batch may hold no entity at all
        negation = functional.binary_cross_entropy_with_logits(
            answer["negation"][known], negated[known].float(), reduction="sum"
        ) / known.sum().clamp(min=1)
        intent = functional.cross_entropy(answer["intent"], intents)
        return spans + self._weights[0] * negation + self._weights[1] * intent

    def named_trained_weights(self) -> dict[str, nn.Parameter]:
        """Return the weights that training changes, by their names."""
        return {name: each for name, each in self.named_parameters() if each.requires_grad}

    def trained_weights(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Return the weights that training changes: the adapter's, and the heads'."""
        groups: tuple[list[nn.Parameter], list[nn.Parameter]] = ([], [])
        for name, weight in self.named_trained_weights().items():
            groups[not name.startswith("encoder.")].append(weight)
        return groups


def build_network(folder: Path, config: EncoderConfig, fused: bool = True) -> JointEncoder:
    """Return the base in `folder` with a new adapter and heads, embeddings frozen.

    Args:
        folder: of the base.
        config: sizes, dropout and seed.
        fused: compute attention with torch's fused kernel. It saves 8 % in fp32; but its many
            small products are slow in bf16, and no other tool reads its graph.
    """
    transformers: Any = require("transformers", "train")
    peft: Any = require("peft", "train")
    torch.manual_seed(config.seed)
    base = transformers.BertModel.from_pretrained(
        str(folder),
        attn_implementation="sdpa" if fused else "eager",
        hidden_dropout_prob=config.dropout,
        attention_probs_dropout_prob=0.0,  # it would rule the fused kernel out
        dtype=torch.float32,
    )
    adapter = peft.LoraConfig(
        r=config.r,
        lora_alpha=config.alpha,
        lora_dropout=config.lora_dropout,
        target_modules=TARGETS,
    )
    return JointEncoder(peft.get_peft_model(base, adapter), config)
