"""The loop that trains the fast parser: transformers' own trainer, fed with whole batches."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import require
from .encoder_rows import IGNORED, EvaluationBatches, TrainingBatches
from .tags import Indices, decode_tags, find_chunks

if TYPE_CHECKING:
    from .encoder_configuration import EncoderConfig
    from .encoder_network import JointEncoder

_LABELS = ("tags", "negated", "intents")


def run_trainer(
    network: JointEncoder,
    batches: TrainingBatches,
    validation: EvaluationBatches | None,
    config: EncoderConfig,
    checkpoints: Path,
    resume_from: Path | None,
) -> list[dict[str, Any]]:
    """Train the network in place, and return the trainer's log.

    Args:
        network: with new or, when resuming, any trained weights.
        batches: of all passes.
        validation: what the learning curve is measured on.
        config: how to train.
        checkpoints: folder for what a killed run goes on from.
        resume_from: one of those.
    """
    trainer = require("transformers", "train").Trainer(
        model=network,
        args=_make_arguments(len(batches), config, checkpoints, validation is not None),
        train_dataset=batches,
        eval_dataset=validation,
        data_collator=_take_only,
        compute_metrics=measure_curve,
        optimizers=(_make_optimizer(network, config), None),
    )
    # the trainer prints its logs; standard output is for data
    with set_up_torch(config), contextlib.redirect_stdout(sys.stderr):
        trainer.train(resume_from_checkpoint=str(resume_from) if resume_from else None)
    return list(trainer.state.log_history)


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
