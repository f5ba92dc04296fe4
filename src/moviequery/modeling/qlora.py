"""The paper's fine-tuning: a 4-bit base and a low-rank adapter per task, trained with trl.

```python
train_qlora(load_queries(), QLoRAConfig(), "meta-llama/Llama-3.2-3B-Instruct", "OUT")
```
writes `OUT/entities/` and `OUT/intent/`, each a plain peft adapter with its tokenizer, chat
template, settings, metrics, loss log and loss curve. One GPU or a CPU: call it. Several GPUs:
`accelerate launch -m moviequery train ...`.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ModelError, require
from .answer_loss import score_answers_only
from .base_model import (
    check_target_modules,
    load_base,
    peak_memory,
    reset_peak_memory,
    select_device,
    select_dtype,
)
from .chat import ChatFormat, load_tokenizer
from .configuration import QLoRAConfig as QLoRAConfig
from .model_files import describe_model
from .name_lexicon import NAMES_FILE, NameLexicon
from .name_listing import NameListing, read_names
from .prompts import select_tasks
from .settings import explain_refusal
from .shared_prompt import collate, share_prompt, to_dataset
from .training_folder import CONFIG_FILE, TrainingFolder, write_json
from .training_log import METRICS_FILE, TrainingReport, read_report, select_losses, write_losses
from .training_rows import TokenRows, encode_rows, read_splits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..knowledge.graph import MovieGraph
    from ..schema import Query

_log = logging.getLogger(__name__)


def train_qlora(
    dataset: Any,  # noqa: ANN401 - see read_splits
    config: QLoRAConfig | None = None,
    model: str = "meta-llama/Llama-3.2-3B-Instruct",
    output: str | Path = "moviequery-qlora",
    *,
    graph: MovieGraph | None = None,
    overwrite: bool = False,
) -> dict[str, TrainingReport]:
    """Return the report of each task that was trained; the adapters are in `output`.

    A training that was killed goes on from its last checkpoint when it is called again with the
    same arguments. One that is finished is not done again; its report is read.

    Args:
        dataset: queries; a mapping of splits to queries; a `datasets.DatasetDict`; or a folder or
            Hub id. The split `train` is learnt; the loss on `validation` is logged, if there.
        config: defaults to the paper's choices.
        model: folder or Hub id of a causal language model; the paper's is Llama 3.2 3B.
        output: gets one folder per task.
        graph: whose names are listed behind the texts, with `config.list_names`; they come with the
            adapters. None takes the bundled one.
        overwrite: throw away what an earlier training left in `output`.

    Raises:
        ModelError: the model, the settings or the rows do not go together; says what to change.
        DatasetError: the dataset cannot be read, or has no train split.
    """
    config = config or QLoRAConfig()
    if graph is not None and not config.list_names:
        raise ModelError("A graph is given, but list_names is False. Set it, or give no graph.")
    _refuse_several_gpus()
    splits = read_splits(dataset)
    names = None if graph is None else NameLexicon.from_index(graph.index)
    model, output = str(model), Path(output)
    return {
        task: _Training(replace(config, task=task), model, output, splits, names).run(overwrite)
        for task in select_tasks(config.task)
    }


def _refuse_several_gpus() -> None:
    """Refuse what trl would refuse later: several GPUs in one process."""
    torch = require("torch", "train")
    if torch.cuda.device_count() > 1 and "LOCAL_RANK" not in os.environ:
        raise ModelError(
            f"{torch.cuda.device_count()} GPUs are visible to one process. Start one process for "
            "each with `accelerate launch -m moviequery train ...`, or use one of them with "
            "CUDA_VISIBLE_DEVICES=0."
        )


@dataclass(frozen=True, slots=True)
class _Training:
    """One task: its settings, rows, model and folder, and names that are not the bundled ones."""

    config: QLoRAConfig
    model: str
    output: Path
    splits: Mapping[str, Sequence[Query]]
    names: NameLexicon | None = None

    def run(self, overwrite: bool) -> TrainingReport:
        """Train, unless it is done, and return the report."""
        task = self.config.task
        tokenizer = load_tokenizer(self.model, self.config.template)
        listing = self._learn_listing()
        chat = ChatFormat(tokenizer, task, listing)
        rows = {
            name: encode_rows(chat, self.splits[name], self.config)
            for name in ("train", "validation")
            if self.splits.get(name)
        }
        folder = TrainingFolder(self.output, task)
        processes = require("accelerate", "train").PartialState(cpu=select_device() == "cpu")
        with processes.main_process_first():
            settings = self._settings(rows)
            done = folder.open(settings, overwrite and processes.is_main_process)
        if done:
            _log.info("%s is trained already", folder.final)
            return read_report(folder.final)
        _log.info(
            "%s: %d rows, %d supervised tokens of %d",
            task,
            len(rows["train"].examples),
            rows["train"].supervised_tokens,
            rows["train"].tokens,
        )
        report = self._train(folder, chat, rows, settings, processes)
        processes.wait_for_everyone()
        gc.collect()  # the next task loads its base anew
        require("torch", "train").cuda.empty_cache()
        return report

    def _learn_listing(self) -> NameListing | None:
        """Return the names that are listed behind the texts, if any are."""
        if not self.config.list_names or self.config.task != "entities":
            return None
        return NameListing.learn(self.names or read_names(), self.splits["train"])

    def _write_names(self, folder: Path, listing: NameListing | None) -> None:
        """Write what a parser needs to list the same names; the bundled lexicon it has."""
        if self.names is not None:
            self.names.write(folder / NAMES_FILE)
        if listing is not None:
            listing.write_plain_words(folder)

    def _settings(self, rows: Mapping[str, TokenRows]) -> dict[str, Any]:
        """Return all that decides the result; a run with other settings cannot be taken up."""
        # what lies deeper is no part of a base; it may be the adapter that is being trained
        files = {name: one for name, one in describe_model(self.model).items() if "/" not in name}
        return {
            "recipe": "qlora",
            "task": self.config.task,
            "base_model": self.model,
            "base_files": files,
            "config": self.config.to_dict(),
            "rows": {name: token_rows.fingerprint() for name, token_rows in rows.items()},
        }

    def _train(
        self,
        folder: TrainingFolder,
        chat: ChatFormat,
        rows: Mapping[str, TokenRows],
        settings: Mapping[str, Any],
        processes: Any,  # noqa: ANN401
    ) -> TrainingReport:
        """Load, train from the last checkpoint if there is one, and write the result."""
        device = select_device()
        reset_peak_memory()
        base = load_base(
            self.model,
            load_in_4bit=self.config.load_in_4bit,
            precision=self.config.precision,
            device=device,
        )
        check_target_modules(base, self.config.target_modules)
        load_memory = peak_memory()
        trainer = self._make_trainer(folder, base, chat.tokenizer, rows, device)
        checkpoint = folder.last_checkpoint() if processes.is_main_process else None
        (checkpoint,) = _share([checkpoint])
        started = time.perf_counter()
        # the trainer prints its logs; standard output is for data
        with contextlib.redirect_stdout(sys.stderr), score_answers_only(device):
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
            seconds = time.perf_counter() - started
            evaluated = trainer.evaluate() if "validation" in rows else {}
        report = self._report(
            trainer,
            rows["train"],
            resumed_from=int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0,
            validation_loss=evaluated.get("eval_loss"),
            seconds=round(seconds, 2),
            load_memory=load_memory,
        )
        processes.wait_for_everyone()  # each writes its random state into the last checkpoint
        if processes.is_main_process:
            result = _write_result(folder, trainer, chat.tokenizer, report, settings)
            self._write_names(result, chat.names)
            folder.finish()
        return report

    def _report(
        self,
        trainer: Any,  # noqa: ANN401
        train: TokenRows,
        **measured: Any,  # noqa: ANN401
    ) -> TrainingReport:
        """Return the numbers of a training that has ended."""
        logged = [row["loss"] for row in trainer.state.log_history if "loss" in row]
        trainable, total = trainer.model.get_nb_trainable_parameters()
        return TrainingReport(
            task=self.config.task,
            rows=len(train.examples),
            dropped_rows=train.dropped,
            tokens=train.tokens,
            supervised_tokens=train.supervised_tokens,
            trainable_parameters=trainable,
            total_parameters=total,
            steps=trainer.state.global_step,
            first_loss=logged[0] if logged else None,
            last_loss=logged[-1] if logged else None,
            peak_memory=peak_memory(),
            device=str(trainer.model.device),
            **measured,
        )

    def _make_trainer(
        self,
        folder: TrainingFolder,
        base: Any,  # noqa: ANN401
        tokenizer: Any,  # noqa: ANN401
        rows: Mapping[str, TokenRows],
        device: str,
    ) -> Any:  # noqa: ANN401
        """Return trl's trainer for the base and a new adapter."""
        peft = require("peft", "train")
        trl = require("trl", "train")
        config = self.config
        adapter = peft.LoraConfig(
            r=config.r,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            target_modules=list(config.target_modules),
            modules_to_save=list(config.modules_to_save) or None,
            task_type="CAUSAL_LM",
        )
        trainer = trl.SFTTrainer(
            model=base,
            args=self._trainer_arguments(folder, device, "validation" in rows),
            train_dataset=self._to_dataset(rows["train"]),
            eval_dataset=self._to_dataset(rows["validation"]) if "validation" in rows else None,
            processing_class=tokenizer,
            peft_config=adapter,
            data_collator=partial(collate, pad_token_id=tokenizer.pad_token_id)
            if config.share_prompt
            else None,
        )
        # trl casts the adapter of a 4-bit base to bf16, whose eight bits lose the small steps of a
        # falling learning rate
        for weight in trainer.model.parameters():
            if weight.requires_grad:
                weight.data = weight.data.float()
        return trainer

    def _to_dataset(self, rows: TokenRows) -> Any:  # noqa: ANN401
        if not self.config.share_prompt:
            return rows.to_dataset()
        return to_dataset(share_prompt(rows.examples, self.config.pack_length))

    def _trainer_arguments(self, folder: TrainingFolder, device: str, validated: bool) -> Any:  # noqa: ANN401
        torch = require("torch", "train")
        config = self.config
        dtype = select_dtype(config.precision, config.load_in_4bit, device)
        if "8bit" in config.optimizer or "paged" in config.optimizer:
            require("bitsandbytes", "train")
        with explain_refusal():
            return require("trl", "train").SFTConfig(
                output_dir=str(folder.checkpoints),
                per_device_train_batch_size=config.batch_size,
                per_device_eval_batch_size=config.batch_size,
                gradient_accumulation_steps=config.gradient_accumulation,
                num_train_epochs=config.epochs,
                max_steps=config.max_steps or -1,
                learning_rate=config.learning_rate,
                lr_scheduler_type=config.schedule,
                warmup_steps=config.warmup,
                weight_decay=config.weight_decay,
                optim=config.optimizer,
                bf16=dtype == torch.bfloat16,
                fp16=dtype == torch.float16,
                use_cpu=device == "cpu",
                gradient_checkpointing=config.gradient_checkpointing,
                packing=config.packing,
                packing_strategy="bfd",
                max_length=config.pack_length if config.packing else config.max_length,
                dataset_kwargs={"skip_prepare_dataset": True} if config.share_prompt else None,
                remove_unused_columns=not config.share_prompt,
                save_strategy="steps",
                save_steps=config.save_steps,
                save_total_limit=2,
                logging_steps=config.logging_steps,
                eval_strategy="epoch" if validated else "no",
                report_to="none",
                seed=config.seed,
                data_seed=config.seed,
            )


def _write_result(
    folder: TrainingFolder,
    trainer: Any,  # noqa: ANN401
    tokenizer: Any,  # noqa: ANN401
    report: TrainingReport,
    settings: Mapping[str, Any],
) -> Path:
    """Write the adapter and what belongs to any adapter; return the folder."""
    result = folder.begin_result()
    # told so, peft does not ask the Hub whether the vocabulary was resized
    trainer.accelerator.unwrap_model(trainer.model).save_pretrained(
        result, safe_serialization=True, save_embedding_layers=False
    )
    tokenizer.save_pretrained(result)
    write_losses(result, select_losses(trainer.state.log_history))
    write_json(result / METRICS_FILE, report.to_dict())
    write_json(result / CONFIG_FILE, settings)
    return result


def _share(objects: list[Any]) -> list[Any]:
    """Return the main process's objects in every process."""
    shared: list[Any] = require("accelerate.utils", "train").broadcast_object_list(objects)
    return shared
