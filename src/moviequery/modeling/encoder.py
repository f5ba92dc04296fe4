"""The fast parser's training: a small encoder, one adapter, three answers, a CPU.

```python
train_encoder("queries", "OUT", EncoderConfig(passes=2))
```
reads the synthetic dataset's train split and nothing else.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import require
from .encoder_base import BASE_ID, BASE_SHA256, find_base
from .encoder_configuration import EncoderConfig as EncoderConfig
from .encoder_rows import Batches, EncodedRow, encode_queries, fingerprint, load_pieces
from .training_folder import CONFIG_FILE, TrainingFolder, write_json
from .training_rows import read_splits

_log = logging.getLogger(__name__)
JOINT = "joint"
WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True)
class EncoderReport:
    """What a finished training says of itself."""

    folder: Path
    rows: int
    steps: int
    seconds: float
    examples_per_second: float


def train_encoder(
    source: Any,  # noqa: ANN401 - see read_splits
    out: str | Path,
    config: EncoderConfig | None = None,
    *,
    base: str | Path | None = None,
    overwrite: bool = False,
) -> EncoderReport:
    """Return the report of the training; the model is in `out`.

    A training that was killed goes on from its last checkpoint when it is called again with the
    same arguments.

    Args:
        source: queries; a mapping of splits to queries; a `datasets.DatasetDict`; or a folder or
            Hub id. The split `train` is learnt.
        out: gets the model.
        config: how to train.
        base: folder of all-MiniLM-L6-v2; None looks for it, see `find_base`.
        overwrite: throw away what an earlier training left in `out`.

    Raises:
        ModelError: the base, the settings or the folder are wrong; says what to change.
        DatasetError: the dataset cannot be read, or has no train split.
    """
    config = config or EncoderConfig()
    require("torch", "train")
    folder = find_base(base)
    tokenizer = load_pieces(folder, config.max_tokens)
    queries = read_splits(source)["train"][: config.rows]
    rows = encode_queries(tokenizer, queries)
    batches = Batches(rows, config, tokenizer.token_to_id("[UNK]"))
    place = TrainingFolder(Path(out), JOINT)
    settings = {
        "recipe": "encoder",
        "base_model": BASE_ID,
        "base_sha256": BASE_SHA256,
        "config": config.to_dict(),
        "rows": fingerprint(rows),
    }
    place.open(settings, overwrite)
    return _train(place, folder, batches, rows, config, settings)


def _train(
    place: TrainingFolder,
    base: Path,
    batches: Batches,
    rows: Sequence[EncodedRow],
    config: EncoderConfig,
    settings: dict[str, Any],
) -> EncoderReport:
    from .encoder_network import build_network, set_up_torch

    network = build_network(base, config)
    trainer = _make_trainer(place, network, batches, config)
    checkpoint = place.last_checkpoint()
    started = time.perf_counter()
    # the trainer prints its logs; standard output is for data
    with set_up_torch(config), contextlib.redirect_stdout(sys.stderr):
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    seconds = time.perf_counter() - started
    result = place.begin_result()
    require("safetensors.torch", "train").save_file(network.trained_state(), result / WEIGHTS)
    write_json(result / CONFIG_FILE, settings)
    place.finish()
    return EncoderReport(
        folder=place.final,
        rows=len(rows),
        steps=len(batches),
        seconds=round(seconds, 1),
        examples_per_second=round(len(rows) * config.passes / seconds, 1),
    )


def _make_trainer(
    place: TrainingFolder,
    network: Any,  # noqa: ANN401 - a JointEncoder
    batches: Batches,
    config: EncoderConfig,
) -> Any:  # noqa: ANN401 - a transformers.Trainer
    torch = require("torch", "train")
    transformers = require("transformers", "train")
    arguments = transformers.TrainingArguments(
        output_dir=str(place.checkpoints),
        # an item of the dataset is a batch already, and the passes follow one another in it
        per_device_train_batch_size=1,
        num_train_epochs=1,
        train_sampling_strategy="sequential",
        lr_scheduler_type="cosine",
        warmup_steps=max(1, int(config.warmup * len(batches))),
        max_grad_norm=1.0,
        logging_steps=config.logging_steps,
        save_steps=config.save_steps,
        save_total_limit=2,
        report_to="none",
        remove_unused_columns=False,
        use_cpu=True,
        dataloader_pin_memory=False,
        seed=config.seed,
    )
    trained = {name: weight for name, weight in network.named_parameters() if weight.requires_grad}
    encoder = [weight for name, weight in trained.items() if name.startswith("encoder.")]
    heads = [weight for name, weight in trained.items() if not name.startswith("encoder.")]
    optimizer = torch.optim.AdamW(
        [
            {"params": encoder, "lr": config.learning_rate},
            {"params": heads, "lr": config.head_learning_rate},
        ],
        weight_decay=config.weight_decay,
    )
    return transformers.Trainer(
        model=network,
        args=arguments,
        train_dataset=batches,
        data_collator=_take_only,
        optimizers=(optimizer, None),
    )


def _take_only(items: Sequence[Any]) -> Any:  # noqa: ANN401
    (batch,) = items
    return batch
