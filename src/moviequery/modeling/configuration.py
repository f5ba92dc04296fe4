"""What a QLoRA training is told: the paper's choices as defaults, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..errors import ModelError
from .chat import TEMPLATES
from .prompts import select_tasks
from .settings import check_choice, check_positive, check_type

PRECISIONS: tuple[str, ...] = ("auto", "bf16", "fp32", "fp16")
OVERLONG: tuple[str, ...] = ("refuse", "drop")
# The projections of a decoder layer, those of the paper's table I.
LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "up_proj", "down_proj", "gate_proj")


@dataclass(frozen=True, slots=True)
class QLoRAConfig:
    """Settings of `train_qlora`; the same for Llama, Mistral and other causal language models.

    Raises:
        ModelError: a value is outside its range, or two of them do not go together.

    Example:
        >>> QLoRAConfig(task="intent", r=8).target_modules
        ('q_proj', 'v_proj', 'o_proj')
    """

    # Section III-B: one fine-tuning for intents, one for entities. "both" trains them in turn.
    task: str = "both"
    # Listing 1 is "paper". The tokenizer's own template is what the base was tuned with.
    template: str = "tokenizer"
    # For entities: write what a catalogue knows of a text's names behind it, for a base that cannot
    # know every film; without the names that the rows show to be plain words. The paper's models
    # read the text alone.
    list_names: bool = False
    # Section III-B: NF4 and double quantisation, from QLoRA (arXiv 2305.14314). False: plain LoRA.
    load_in_4bit: bool = True
    # "auto" is bf16 where the hardware has it, else fp32.
    precision: str = "auto"
    # Listing 3, the best of the grid that the paper searched.
    target_modules: tuple[str, ...] = ("q_proj", "v_proj", "o_proj")
    # Whole layers to train and store beside the adapter; the paper has none.
    modules_to_save: tuple[str, ...] = ()
    # The paper gives no rank. 16 / 32 / 0.05 is the middle of what QLoRA recipes for 3B to 8B use.
    r: int = 16
    alpha: int = 32
    dropout: float = 0.05
    # QLoRA's rate for 7B and 13B (its table 9), ten times that of full fine-tuning.
    learning_rate: float = 2e-4
    schedule: str = "cosine"
    warmup: float = 0.03
    weight_decay: float = 0.0
    # The paper's loss graph flattens early (section III-E); 20,000 rows need few passes.
    epochs: float = 2.0
    # Steps instead of epochs, where given.
    max_steps: int | None = None
    # Section III-B: paged optimiser. 8 bits halve its state once more.
    optimizer: str = "paged_adamw_8bit"
    # Sequences per device and step: packs when packing, rows otherwise. 2 x 2,048 tokens, four
    # times, are about 55 rows a step.
    batch_size: int = 2
    gradient_accumulation: int = 4
    # Longest row in tokens: 315 in 4,000 rows of the bundled catalogue, 217 of them the entity
    # prompt (vocabulary of 8,192), and 566 by a vocabulary that spells most words out. A longer
    # row would lose the end of its answer.
    max_length: int = 1024
    # What a longer row, or one with a longer answer than the parser may write, leads to: "refuse"
    # to train, or "drop" it and count.
    overlong: str = "refuse"
    # torchtune measured 3.4 times the tokens per second with packing (2,091 -> 7,075).
    packing: bool = True
    pack_length: int = 2048
    # Packs that hold the system prompt once for all their rows: exactly the loss of the rows one
    # by one, on a third of the tokens or less. Instead of `packing`; needs attention that takes a
    # mask (sdpa, eager), which FlashAttention does not.
    share_prompt: bool = False
    # 42 % less memory for 21 % less speed, by torchtune's figures.
    gradient_checkpointing: bool = True
    seed: int = 7
    save_steps: int = 50
    logging_steps: int = 5

    def __post_init__(self) -> None:
        """Refuse values that cannot work, before anything is loaded."""
        self._check_modules()
        for entry in fields(self):
            check_type(entry.name, getattr(self, entry.name), entry.default)
        select_tasks(self.task)
        check_choice("template", self.template, TEMPLATES)
        check_choice("precision", self.precision, PRECISIONS)
        check_choice("overlong", self.overlong, OVERLONG)
        for name in ("r", "alpha", "batch_size", "gradient_accumulation", "max_length"):
            check_positive(name, getattr(self, name))
        for name in ("save_steps", "logging_steps", "learning_rate", "epochs"):
            check_positive(name, getattr(self, name))
        if self.max_steps is not None:
            check_positive("max_steps", self.max_steps)
        if not 0 <= self.dropout < 1:
            raise ModelError(f"dropout is {self.dropout}; it must be at least 0 and below 1.")
        if self.packing and self.share_prompt:
            raise ModelError(
                "packing and share_prompt both put rows into packs. Set one of them to False."
            )
        if (self.packing or self.share_prompt) and self.pack_length < self.max_length:
            raise ModelError(
                f"pack_length={self.pack_length} is less than max_length={self.max_length}, so a "
                "row might not fit into a pack. Raise pack_length or lower max_length."
            )
        if self.load_in_4bit and self.precision == "fp16":
            raise ModelError(
                "fp16 with a 4-bit base fails or trains to nothing. Use precision='auto', or "
                "load_in_4bit=False."
            )

    def _check_modules(self) -> None:
        if isinstance(self.target_modules, str) or not self.target_modules:
            raise ModelError(
                f"target_modules is {self.target_modules!r}; give a tuple of layer names such as "
                "('q_proj', 'v_proj', 'o_proj')."
            )
        if "lm_head" in self.target_modules:
            raise ModelError(
                "lm_head cannot be among the target_modules: the loss is computed from its weight "
                "directly, so an adapter on it would never be trained. Leave it out."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain JSON values."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> QLoRAConfig:
        """Return the settings that `to_dict` wrote.

        Raises:
            ModelError: a name is not a setting.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ModelError(f"There are no settings {unknown}. Known are {sorted(known)}.")
        settings: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return cls(**settings)
