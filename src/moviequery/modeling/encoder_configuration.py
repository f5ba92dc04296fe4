"""What a training of the fast parser is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..errors import ModelError
from .settings import check_type

PRECISIONS: tuple[str, ...] = ("auto", "fp32", "bf16")


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """Settings of `train_encoder`.

    Raises:
        ModelError: a value is outside its range.

    Example:
        >>> EncoderConfig(passes=3).batch_size
        32
    """

    # Over the whole train split.
    passes: int = 2
    # Rows of the train split to learn; None takes all.
    rows: int | None = None
    batch_size: int = 32
    # Of the adapter. 24,000 rows once, unseen frames, micro / macro F1: .907 / .868 by rank 16,
    # .920 / .894 by 64 (a third more time), .921 / .889 by 128. The bundled parser has 16: by 64
    # and 192,000 rows it was no better than by 16 and 256,000, which take as long.
    r: int = 64
    alpha: int = 128
    lora_dropout: float = 0.0
    learning_rate: float = 5e-4
    # The heads start from nothing, the adapter from what the base knows.
    head_learning_rate: float = 1e-3
    warmup: float = 0.06
    weight_decay: float = 0.01
    dropout: float = 0.1
    label_smoothing: float = 0.0
    # Shares of the two smaller losses beside that of the spans.
    negation_weight: float = 0.3
    intent_weight: float = 0.3
    # Longest row in pieces; a query of the corpus has 15 in the middle.
    max_tokens: int = 256
    # Chance of a row's words to be hidden one by one, and of an entity's to be hidden whole.
    word_dropout: float = 0.0
    entity_dropout: float = 0.0
    # Chance of a known name to be left unmarked, and of all names of a row, so that the text alone
    # can be read as well, and names that no catalogue has.
    name_dropout: float = 0.2
    lexicon_dropout: float = 0.1
    seed: int = 7
    # One is faster than two on a machine with two, for matrices as small as these.
    threads: int = 1
    # Each learns a part of every batch, with threads of its own. Other counts draw another dropout,
    # so they come to other weights.
    processes: int = 1
    # "bf16" multiplies matrices in bfloat16 and keeps all else in fp32; 1.4 times as fast where
    # the processor has tiles for it (AMX), which is where "auto" takes it.
    precision: str = "auto"
    # Points of the learning curve, and the rows of the validation split they are measured on.
    evaluations: int = 10
    evaluation_rows: int = 500
    # The most rows of the validation split that scores are fitted to, and of both splits that the
    # parser is scored on; with four times as many that takes minutes.
    scored_rows: int = 8_000
    logging_steps: int = 25
    save_steps: int = 200

    def __post_init__(self) -> None:
        """Refuse values that cannot work, before anything is loaded."""
        for entry in fields(self):
            check_type(entry.name, getattr(self, entry.name), entry.default)
        for name in ("passes", "batch_size", "r", "alpha", "learning_rate", "head_learning_rate"):
            self._check(name, getattr(self, name) > 0, "more than 0")
        for name in (
            "threads",
            "processes",
            "evaluations",
            "evaluation_rows",
            "logging_steps",
            "save_steps",
        ):
            self._check(name, getattr(self, name) > 0, "more than 0")
        shares = ("lora_dropout", "dropout", "warmup", "label_smoothing")
        hidden = ("word_dropout", "entity_dropout", "name_dropout", "lexicon_dropout")
        for name in (*shares, *hidden):
            self._check(name, 0 <= getattr(self, name) < 1, "at least 0 and below 1")
        self._check("precision", self.precision in PRECISIONS, f"one of {list(PRECISIONS)}")
        self._check("rows", self.rows is None or self.rows > 0, "more than 0")
        self._check("max_tokens", 16 <= self.max_tokens <= 512, "between 16 and 512")

    def _check(self, name: str, holds: bool, range_: str) -> None:
        if not holds:
            raise ModelError(f"{name} is {getattr(self, name)}; it must be {range_}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EncoderConfig:
        """Return the settings that `to_dict` wrote.

        Raises:
            ModelError: a name is not a setting.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ModelError(f"There are no settings {unknown}. Known are {sorted(known)}.")
        return cls(**values)
