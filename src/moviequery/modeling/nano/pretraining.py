"""The pre-training of the nano base: from a graph to a folder that transformers can load."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from ...errors import require
from ..processes import run_in_processes
from .checkpoint import Progress, list_checkpoints, load_checkpoint, save_checkpoint
from .configuration import NanoConfig
from .folder import FRAMES_FILE
from .marks import ReplyMarks, weigh_tokens
from .network import add_gradients_up, make_model, make_optimizers, measure_loss
from .packing import cut_batch
from .preparation import (
    NOTES_FILE,
    Text,
    prepare,
    read_origin,
    read_start,
    read_text,
    write_notes,
)
from .probe import measure_copying

if TYPE_CHECKING:
    from ...knowledge.graph import MovieGraph

FINAL = "final"
_CHECKPOINTS = "checkpoints"
_LOG_FILE = "log.jsonl"
_LOG_STEPS = 10
# What is noted of the base that a run went on from.
_OF_START = ("step", "tokens", "seconds", "config", "start")
# The part of a row that is read at a time in the beginning.
_SHORT = 4
_LARGEST_GRADIENT = 1.0


def pretrain_nano(
    graph: MovieGraph, output: Path, config: NanoConfig | None = None, start: Path | None = None
) -> Path:
    """Return the folder of the pre-trained model, `output/final`.

    A run that was killed goes on from its last checkpoint when it is called again with the same
    arguments; the number of steps may be another one until the learning rate begins to fall.

    Args:
        graph: whose train films the text is about.
        output: gets the tokenizer, the tokens, checkpoints, `log.jsonl` and `final`.
        config: defaults to that of the bundled model.
        start: a base that this made before, to go on from with further closing rounds: `final` of
            another run, or the bundled one. Random weights without it.

    Raises:
        ModelError: `output` holds a run with other settings or another `start`, `start` is no such
            base, or one of several processes ended before its time.
    """
    config = config or NanoConfig()
    prepare(graph, output, config, start)
    if config.processes == 1:
        _train(0, output, config)
    else:
        run_in_processes(_train, (output, config), config.processes)
    return output / FINAL


def _train(rank: int, output: Path, config: NanoConfig) -> None:
    """Learn until the last step, in one of the processes."""
    require("torch", "train").set_num_threads(1)
    if config.processes > 1:
        require("torch.distributed", "train").init_process_group("gloo")
    _Run(config, output, read_text(output, config), rank).train()


@dataclass
class _Run:
    """One pre-training: what it learns from and where it writes; each process has one.

    Attributes:
        config: its settings.
        output: its folder.
        text: what it reads.
        rank: of the process; the first one writes for all.
        model: what learns.
        first: the step that it began with.
        progress: how far it is.
    """

    config: NanoConfig
    output: Path
    text: Text
    rank: int
    model: Any = None
    first: int = 0
    progress: Progress = field(default_factory=Progress)

    @cached_property
    def marks(self) -> ReplyMarks:
        """The tokens that tell a reply from what it answers."""
        return ReplyMarks.of(self.text.tokenizer)

    def train(self) -> None:
        """Learn until the last step, from the newest checkpoint on if there is one."""
        optimizers = self._begin()
        done, every, writes = self.progress.step, self.config.all_steps, self.rank == 0
        losses: list[float] = []
        before, started = self.progress.seconds, time.perf_counter()
        bar = tqdm(desc="pre-training", initial=done, total=every, disable=not writes)
        for step in range(done, every):
            losses.append(self._learn(step, optimizers))
            self.progress.step = step + 1
            self.progress.seconds = round(before + time.perf_counter() - started, 1)
            if writes:
                self._note(losses)
                if self.progress.step % self.config.save_steps == 0:
                    folder = self.output / _CHECKPOINTS
                    save_checkpoint(folder, self.model, optimizers, self.config, self.progress)
            bar.update()
        bar.close()
        if writes:
            self._finish()

    def _begin(self) -> Sequence[Any]:
        """Make or load the model, and return its optimisers."""
        begun = read_start(self.output)
        self.model = make_model(self.config, self.text.tokenizer, begun.folder if begun else None)
        if begun:
            self.first = begun.step
            self.progress = Progress.of(begun.notes)
        optimizers = make_optimizers(self.model, self.config)
        if found := list_checkpoints(self.output / _CHECKPOINTS):
            self.progress = load_checkpoint(found[-1], self.model, optimizers, self.config)
        if self.rank == 0:
            _cut_log(self.output / _LOG_FILE, self.progress.step)
        return optimizers

    def _learn(self, step: int, optimizers: Sequence[Any]) -> float:
        """Take one step and return the loss before it, in nats a token, weighted."""
        torch = require("torch", "train")
        ids, weights = self._draw(step)
        self.progress.tokens += weights.size
        # each process takes its part of the rows; their sums are of one and the same mean
        part = slice(self.rank, None, self.config.processes)
        length = self.config.length // _SHORT if step < self.config.short_steps else None
        loss = measure_loss(self.model, ids[part], weights[part], length) / float(weights.sum())
        loss.backward()
        if self.config.processes > 1:
            loss = add_gradients_up(self.model, loss)
        rate = self.config.learning_rate * self.config.rate_at(step, self.first)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), _LARGEST_GRADIENT)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            optimizer.zero_grad()
        return float(loss.item())

    def _draw(self, step: int) -> tuple[Any, Any]:
        """Return the batch of a step, (rows, tokens + 1), and the weight of each but the first."""
        if step < self.config.steps:
            assert self.text.tokens is not None
            batch, prompt_weight = cut_batch(self.text.tokens, self.config, step), 1.0
        else:
            number, place = self.config.find_round(step)
            batch = cut_batch(self.text.rounds[number], self.config, place)
            prompt_weight = self.config.prompt_weight
        return batch, weigh_tokens(batch, self.marks, prompt_weight)[:, 1:]

    def _note(self, losses: list[float]) -> None:
        """Add a line to the log now and then, with the copying probe more seldom."""
        step = self.progress.step
        is_probed = step % self.config.probe_steps == 0 or step == self.config.all_steps
        if step % _LOG_STEPS and not is_probed:
            return
        line = {**asdict(self.progress), "loss": round(math.fsum(losses) / len(losses), 4)}
        losses.clear()
        if is_probed:
            line |= measure_copying(self.model, self.text.tokenizer)
        with (self.output / _LOG_FILE).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def _finish(self) -> None:
        """Write the model in bf16 with its tokenizer and notes."""
        torch = require("torch", "train")
        final, temporary = self.output / FINAL, self.output / f"{FINAL}.writing"
        shutil.rmtree(temporary, ignore_errors=True)
        parameters = sum(weight.numel() for weight in self.model.parameters())
        self.model.to(torch.bfloat16).save_pretrained(temporary)
        self.text.tokenizer.save_pretrained(temporary)
        shutil.copy(self.output / FRAMES_FILE, temporary)
        last = json.loads((self.output / _LOG_FILE).read_text("utf-8").splitlines()[-1])
        notes = {"parameters": parameters, **last, **read_origin(self.output)}
        notes["config"] = self.config.to_dict()
        if begun := read_start(self.output):
            notes["start"] = {name: begun.notes[name] for name in _OF_START if name in begun.notes}
        write_notes(temporary / NOTES_FILE, notes)
        shutil.rmtree(final, ignore_errors=True)
        temporary.replace(final)


def _cut_log(path: Path, done: int) -> None:
    """Leave out the lines of steps that are done again."""
    if path.exists():
        lines = path.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if json.loads(line)["step"] <= done]
        path.write_text("".join(kept), "utf-8")
