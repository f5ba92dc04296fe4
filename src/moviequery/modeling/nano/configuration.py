"""What a pre-training of the nano base is told."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ...errors import ModelError
from .tokenizer import VOCABULARY


@dataclass(frozen=True, slots=True)
class NanoConfig:
    """The shape of the nano base and how it is pre-trained; the defaults make the bundled one.

    Raises:
        ModelError: a value is outside its range.

    Example:
        >>> NanoConfig(steps=100, closing_rounds=0).tokens
        204800
    """

    vocabulary: int = VOCABULARY
    hidden: int = 256
    intermediate: int = 768
    layers: int = 5
    heads: int = 8
    kv_heads: int = 4
    # Documents; each is seen once, or again in another order if the steps need more.
    documents: int = 160_000
    # Of these, the ones that training begins with; see `documents.FIRST_SHARES`.
    first_documents: int = 2_000
    # Documents that the tokenizer learns its merges from.
    tokenizer_documents: int = 12_000
    # Rows of `length` tokens, in which documents follow one another. Until `short_steps` they are
    # read as four rows each: what stands near is learnt first, and attention costs less.
    length: int = 512
    short_steps: int = 4_600
    batch_size: int = 4
    steps: int = 7_000
    # Of hidden matrices (Muon) and of the embedding and norms (AdamW). At 4e-3, batches this small
    # wiped out within 200 steps what copying rests on.
    learning_rate: float = 1e-3
    warmup_steps: int = 20
    # The rate is constant in between, so that a run can be made longer until it begins to fall.
    decay: float = 0.33
    weight_decay: float = 0.01
    # Steps behind all these, on documents of their own, from this rate down to nothing; and as
    # often again, from the same rate on (warm restarts, arXiv 1608.03983).
    closing_rounds: int = 8
    closing_steps: int = 2_600
    closing_documents: int = 60_000
    closing_rate: float = 7e-4
    # Of the loss on what a user says, in the closing steps: what names people will ask for cannot
    # be learnt, what they ask for can. The first four rounds of the bundled base had 1.
    prompt_weight: float = 0.1
    # Of the documents of the closing rounds, those in which rare tokens are others; the first six
    # rounds of the bundled base had none.
    substituted: float = 0.5
    # That share each step: each takes a part of its rows, and the gradients are added up.
    processes: int = 1
    save_steps: int = 100
    probe_steps: int = 100
    seed: int = 7

    def __post_init__(self) -> None:
        """Refuse what cannot work, before any text is written."""
        for name in (
            *("documents", "length", "batch_size", "steps"),
            *("save_steps", "probe_steps", "processes"),
        ):
            if getattr(self, name) < 1:
                raise ModelError(f"{name} is {getattr(self, name)}; it must be at least 1.")
        if self.hidden % self.heads or self.heads % self.kv_heads:
            raise ModelError(
                f"hidden={self.hidden} must be a multiple of heads={self.heads}, and that one of "
                f"kv_heads={self.kv_heads}."
            )
        if self.length % 4 or self.layers < 2 or self.kv_heads < 2:
            raise ModelError(
                f"length={self.length} must be a multiple of 4, and layers={self.layers} and "
                f"kv_heads={self.kv_heads} at least 2."
            )
        if self.closing_rounds and self.closing_steps and self.closing_documents < 1:
            raise ModelError("closing_documents is 0, but there are closing steps; give some.")
        for name in ("prompt_weight", "substituted", "decay"):
            if not 0 <= getattr(self, name) <= 1:
                raise ModelError(f"{name} is {getattr(self, name)}; it must be from 0 to 1.")

    @property
    def tokens(self) -> int:
        """How many tokens are learnt from."""
        return self.all_steps * self.batch_size * self.length

    @property
    def all_steps(self) -> int:
        """How many steps are taken, the closing ones included."""
        return self.steps + self.closing_rounds * self.closing_steps

    @property
    def decay_from(self) -> int:
        """The step at which the learning rate begins to fall."""
        return self.steps - round(self.decay * self.steps)

    @property
    def schedule(self) -> tuple[int, float, int]:
        """What may change while a run is steady: steps, decay and short_steps."""
        return self.steps, self.decay, self.short_steps

    @property
    def steady_steps(self) -> int:
        """How many steps are taken before anything about them changes."""
        return min(self.decay_from, self.short_steps)

    def rate_at(self, step: int, first: int = 0) -> float:
        """Return the share of the learning rate that holds at a step, counted from 0.

        It rises in the beginning of a run, at its step `first` and behind.
        """
        warm = min(1.0, (step - first + 1) / max(1, self.warmup_steps))
        if step < self.decay_from:
            return warm
        if step < self.steps:
            return warm * (self.steps - step) / max(1, self.steps - self.decay_from)
        _, place = self.find_round(step)
        share = (self.closing_steps - place) / max(1, self.closing_steps)
        return warm * share * self.closing_rate / self.learning_rate

    def find_round(self, step: int) -> tuple[int, int]:
        """Return the closing round of a step and its place within it, both counted from 0."""
        return divmod(step - self.steps, max(1, self.closing_steps))

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain JSON values."""
        return asdict(self)
