"""The loop that trains the fast parser: transformers' own trainer, fed with whole batches."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import require
from .encoder_rows import IGNORED, EncodedRow, EvaluationBatches, TrainingBatches
from .tags import Indices, decode_tags, find_chunks

if TYPE_CHECKING:
    from .encoder_configuration import EncoderConfig
    from .encoder_network import JointEncoder

_LABELS = ("tags", "negated", "intents")


@dataclass(frozen=True, slots=True)
class EncoderTraining:
    """All that a process needs to train the network.

    Attributes:
        config: how to train.
        base: folder of the base.
        start: what an earlier training wrote, to go on from; None begins anew.
        rows: what is learnt.
        shown: what the learning curve is measured on.
        mask: id of the piece that hides another.
        checkpoints: folder for what a killed run goes on from.
        resume_from: one of those.
    """

    config: EncoderConfig
    base: Path
    start: Path | None
    rows: Sequence[EncodedRow]
    shown: Sequence[EncodedRow]
    mask: int
    checkpoints: Path
    resume_from: Path | None

    @property
    def batches(self) -> TrainingBatches:
        """The batches of all passes."""
        return TrainingBatches(self.rows, self.config, self.mask)

    def build(self) -> JointEncoder:
        """Return the network before its training."""
        from .encoder_export import be_quiet
        from .encoder_network import build_network

        with be_quiet():
            fused = not multiplies_in_bf16(self.config)
            network = build_network(self.base, self.config, fused=fused)
        if self.start is not None:
            from .encoder_start import load_start

            load_start(network, self.start)
        return network

    def run(self) -> tuple[JointEncoder, list[dict[str, Any]]]:
        """Return the trained network and the trainer's log, from this process alone."""
        config, network, batches = self.config, self.build(), self.batches
        shown = EvaluationBatches(self.shown, config.batch_size, config.processes)
        trainer = require("transformers", "train").Trainer(
            model=network,
            args=_make_arguments(batches.steps, config, self.checkpoints, len(shown) > 0),
            train_dataset=batches,
            eval_dataset=shown if len(shown) else None,
            data_collator=_take_only,
            compute_metrics=measure_curve,
            optimizers=(_make_optimizer(network, config), None),
        )
        resume_from = str(self.resume_from) if self.resume_from else None
        # the trainer prints its logs; standard output is for data
        with set_up_torch(config), contextlib.redirect_stdout(sys.stderr):
            trainer.train(resume_from_checkpoint=resume_from)
        return network, list(trainer.state.log_history)


def _make_arguments(
    steps: int,
    config: EncoderConfig,
    checkpoints: Path,
    validated: bool,
) -> Any:  # noqa: ANN401 - transformers.TrainingArguments
    return require("transformers", "train").TrainingArguments(
        output_dir=str(checkpoints),
        # an item of the dataset is a batch already, and the passes follow one another in it
        per_device_train_batch_size=1,
        per_device_eval_batch_size=1,
        num_train_epochs=1,
        train_sampling_strategy="sequential",
        lr_scheduler_type="cosine",
        warmup_steps=max(1, int(config.warmup * steps)),
        max_grad_norm=1.0,
        logging_steps=config.logging_steps,
        eval_strategy="steps" if validated else "no",
        eval_steps=max(1, steps // config.evaluations),
        save_steps=config.save_steps,
        save_total_limit=2,
        report_to="none",
        remove_unused_columns=False,
        label_names=list(_LABELS),
        use_cpu=True,
        ddp_backend="gloo" if config.processes > 1 else None,
        ddp_find_unused_parameters=False,
        dataloader_pin_memory=False,
        seed=config.seed,
    )


def _make_optimizer(network: JointEncoder, config: EncoderConfig) -> Any:  # noqa: ANN401
    adapter, heads = network.trained_weights()
    groups = [
        {"params": adapter, "lr": config.learning_rate},
        {"params": heads, "lr": config.head_learning_rate},
    ]
    return require("torch", "train").optim.AdamW(groups, weight_decay=config.weight_decay)


def _take_only(items: Sequence[Any]) -> Any:  # noqa: ANN401
    (batch,) = items
    return batch


def measure_curve(evaluated: Any) -> dict[str, float]:  # noqa: ANN401 - an EvalPrediction
    """Return the F1 of exact spans and the accuracy of intents of a trainer's evaluation."""
    (spans, _, intents), (tags, _, gold_intents) = evaluated.predictions, evaluated.label_ids
    known = tags != IGNORED
    said = decode_tags(spans[known], known.sum(1))
    ours, gold = (_spans(each) for each in (said, tags[known]))
    right = len(ours & gold)
    return {
        "span_f1": round(2 * right / max(1, len(ours) + len(gold)), 4),
        "intent_accuracy": round(float((intents.argmax(1) == gold_intents).mean()), 4),
    }


def _spans(tags: Indices) -> set[tuple[int, int, int]]:
    """Return tag, first word and word after the last of each entity."""
    begins, ends = find_chunks(tags)
    return set(zip(tags[begins].tolist(), begins.tolist(), ends.tolist(), strict=True))


def multiplies_in_bf16(config: EncoderConfig) -> bool:
    """Tell whether training shall multiply in bfloat16; see `EncoderConfig.precision`."""
    if config.precision == "auto":
        return bool(require("torch", "train").cpu._is_amx_tile_supported())
    return config.precision == "bf16"


@contextlib.contextmanager
def set_up_torch(config: EncoderConfig) -> Iterator[None]:
    """Give torch the threads and the precision of the settings, and its own back at the end."""
    torch = require("torch", "train")
    threads, precision = torch.get_num_threads(), torch.get_float32_matmul_precision()
    torch.set_num_threads(config.threads)
    torch.set_float32_matmul_precision("medium" if multiplies_in_bf16(config) else "highest")
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_float32_matmul_precision(precision)
