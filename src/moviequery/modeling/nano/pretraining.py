"""The pre-training of the nano base: from a graph to a folder that transformers can load."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from ...errors import require
from .checkpoint import list_checkpoints, load_checkpoint, save_checkpoint
from .configuration import NanoConfig
from .documents import tokenizer_texts
from .folder import FRAMES_FILE
from .material import Material
from .network import make_model, make_optimizers
from .packing import (
    ReplyMarks,
    Tokens,
    cut_batch,
    encode_documents,
    save_tokens,
    weigh_tokens,
)
from .probe import measure_copying
from .tokenizer import train_tokenizer

if TYPE_CHECKING:
    from ...knowledge.graph import MovieGraph

NOTES_FILE = "pretraining.json"
_ORIGIN_FILE = "origin.json"
_LOG_STEPS = 10
# The part of a row that is read at a time in the beginning.
_SHORT = 4
_LARGEST_GRADIENT = 1.0


def pretrain_nano(graph: MovieGraph, output: Path, config: NanoConfig | None = None) -> Path:
    """Return the folder of the pre-trained model, `output/final`.

    A run that was killed goes on from its last checkpoint when it is called again with the same
    arguments; the number of steps may be another one until the learning rate begins to fall.

    Args:
        graph: whose train films the text is about.
        output: gets the tokenizer, the tokens, checkpoints, `log.jsonl` and `final`.
        config: defaults to that of the bundled model.

    Raises:
        ModelError: `output` holds a run with other settings.
    """
    config = config or NanoConfig()
    output.mkdir(parents=True, exist_ok=True)
    tokenizer, tokens, closing = _prepare_text(graph, output, config)
    run = _Run(config, output, tokenizer, tokens, closing)
    run.train()
    return run.finish()


def _prepare_text(
    graph: MovieGraph, output: Path, config: NanoConfig
) -> tuple[Any, Tokens, list[Tokens]]:
    """Return the tokenizer, the tokens and those of each closing round, made or read."""
    transformers = require("transformers", "train")
    folder = output / "tokenizer"
    path = output / "tokens.npy"
    if not path.exists():
        material = Material(graph)
        texts = tokenizer_texts(material, config.seed, config.tokenizer_documents)
        tokenizer = train_tokenizer(texts, config.vocabulary)
        tokenizer.save_pretrained(folder)
        _write_notes(output / _ORIGIN_FILE, material.origin)
        _add_frames(output / FRAMES_FILE, material)
        save_tokens(encode_documents(material, tokenizer, config), path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    rounds = config.closing_rounds if config.closing_steps else 0
    closing = [_prepare_round(graph, output, config, tokenizer, one) for one in range(rounds)]
    return tokenizer, np.load(path, mmap_mode="r"), closing


def _prepare_round(
    graph: MovieGraph,
    output: Path,
    config: NanoConfig,
    tokenizer: Any,  # noqa: ANN401
    number: int,
) -> Tokens:
    """Return the tokens of a closing round, made or read."""
    path = output / f"closing-{number}.npy"
    if not path.exists():
        material = Material(graph)
        origin = json.loads((output / _ORIGIN_FILE).read_text("utf-8"))
        _write_notes(output / _ORIGIN_FILE, {**origin, path.stem: material.origin})
        _add_frames(output / FRAMES_FILE, material)
        save_tokens(encode_documents(material, tokenizer, config, number), path)
    tokens: Tokens = np.load(path, mmap_mode="r")
    return tokens


def _add_frames(path: Path, material: Material) -> None:
    """Add the frames that are read to the file's; a run may end on a later grammar."""
    known = path.read_text("utf-8").split() if path.exists() else []
    path.write_text("\n".join(sorted({*known, *material.frames})) + "\n", "utf-8")


def _write_notes(path: Path, notes: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(notes, indent=1) + "\n", "utf-8")


@dataclass(slots=True)
class _Run:
    """One pre-training: what it learns from and where it writes."""

    config: NanoConfig
    output: Path
    tokenizer: Any
    tokens: Tokens
    closing: Sequence[Tokens]
    model: Any = None
    seconds: float = 0.0
    last: dict[str, float] = field(default_factory=dict)
    marks: ReplyMarks = field(init=False)

    def __post_init__(self) -> None:
        """Look the tokens up that tell a reply from what it answers."""
        self.marks = ReplyMarks.of(self.tokenizer)

    def train(self) -> None:
        """Learn until the last step, from the newest checkpoint on if there is one."""
        require("torch", "train").set_num_threads(1)
        self.model = make_model(self.config, self.tokenizer)
        optimizers = make_optimizers(self.model, self.config)
        done = 0
        if found := list_checkpoints(self.output / "checkpoints"):
            done, self.seconds = load_checkpoint(found[-1], self.model, optimizers, self.config)
        self._cut_log(done)
        losses: list[float] = []
        before, started = self.seconds, time.perf_counter()
        every = self.config.all_steps
        for step in tqdm(range(done, every), desc="pre-training", initial=done, total=every):
            losses.append(self._learn(step, optimizers))
            self.seconds = before + time.perf_counter() - started
            self._note(step + 1, losses)
            if (step + 1) % self.config.save_steps == 0:
                folder = self.output / "checkpoints"
                save_checkpoint(folder, step + 1, self.model, optimizers, self.config, self.seconds)

    def _learn(self, step: int, optimizers: Sequence[Any]) -> float:
        """Take one step and return the loss before it, in nats a token."""
        torch = require("torch", "train")
        tokens, place, prompt_weight = self.tokens, step, 1.0
        if step >= self.config.steps:
            number, place = self.config.find_round(step)
            tokens, prompt_weight = self.closing[number], self.config.prompt_weight
        batch = cut_batch(tokens, self.config, place)
        weights = weigh_tokens(batch, self.marks, prompt_weight)[:, 1:]
        ids, weights = torch.from_numpy(batch), torch.from_numpy(weights).flatten()
        length = self.config.length // (_SHORT if step < self.config.short_steps else 1)
        inputs, targets = ids[:, :-1].reshape(-1, length), ids[:, 1:].flatten()
        # bf16 is what AMX multiplies, eight times as fast as fp32
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self.model.model(input_ids=inputs, use_cache=False).last_hidden_state
            logits = self.model.lm_head(hidden)
        losses = torch.nn.functional.cross_entropy(
            logits.float().flatten(0, 1), targets, reduction="none"
        )
        loss = (losses * weights).sum() / weights.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), _LARGEST_GRADIENT)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.config.learning_rate * self.config.rate_at(step)
            optimizer.step()
            optimizer.zero_grad()
        return float(loss.item())

    def _note(self, step: int, losses: list[float]) -> None:
        """Add a line to the log now and then, with the copying probe more seldom."""
        is_probed = step % self.config.probe_steps == 0 or step == self.config.all_steps
        if step % _LOG_STEPS and not is_probed:
            return
        self.last = {
            "step": step,
            "tokens": step * self.config.batch_size * self.config.length,
            "loss": round(math.fsum(losses) / len(losses), 4),
            "seconds": round(self.seconds, 1),
        }
        losses.clear()
        if is_probed:
            self.last |= measure_copying(self.model, self.tokenizer)
        with (self.output / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(self.last) + "\n")

    def _cut_log(self, done: int) -> None:
        """Leave out the lines of steps that are done again."""
        path = self.output / "log.jsonl"
        if path.exists():
            lines = path.read_text("utf-8").splitlines(keepends=True)
            kept = [line for line in lines if json.loads(line)["step"] <= done]
            path.write_text("".join(kept), "utf-8")
            self.last = json.loads(kept[-1]) if kept else {}

    def finish(self) -> Path:
        """Write the model in bf16 with its tokenizer and notes, and return the folder."""
        torch = require("torch", "train")
        final, temporary = self.output / "final", self.output / "final.writing"
        shutil.rmtree(temporary, ignore_errors=True)
        self.model.to(torch.bfloat16).save_pretrained(temporary)
        self.tokenizer.save_pretrained(temporary)
        parameters = sum(weight.numel() for weight in self.model.parameters())
        origin = json.loads((self.output / _ORIGIN_FILE).read_text("utf-8"))
        config = {"config": self.config.to_dict()}
        shutil.copy(self.output / FRAMES_FILE, temporary)
        _write_notes(
            temporary / NOTES_FILE, {"parameters": parameters, **self.last, **origin, **config}
        )
        shutil.rmtree(final, ignore_errors=True)
        return temporary.replace(final)
