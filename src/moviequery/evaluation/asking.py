"""A system asked everything: its replies to each trial, and how long one query takes."""

from __future__ import annotations

import functools
import gc
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import require
from .answer_files import Replies, answer_all
from .stages import Stage
from .systems import System
from .trials import Trial

_WARM_UP = 3
# What a baseline's name holds that a file's must not: `ner:dslim/bert-base-NER`.
_SIGNS = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a system answered.

    Attributes:
        title: of the system.
        replies: per trial.
        latency: milliseconds per query, asked one at a time: `p50`, `p95`, `max`, and `rows`.
        wall_seconds: that all of it took, loading left out.
    """

    title: str
    replies: Mapping[str, Replies]
    latency: Mapping[str, float]
    wall_seconds: float


def answer_trials(
    system: System, trials: Sequence[Trial], folder: Path, batch_size: int, overwrite: bool = False
) -> dict[str, Replies]:
    """Return the replies of a system to each trial; what was answered before is read.

    Args:
        system: is opened only if something is left to ask.
        trials: what it is asked.
        folder: of the whole run.
        batch_size: texts at a time.
        overwrite: ask anew what was answered by something else of the same name.

    Raises:
        EvaluationError: the answers that are there are another system's, and `overwrite` is False.
    """
    opened = functools.cache(system.open)
    replies: dict[str, Replies] = {}
    name = _SIGNS.sub("-", system.name)
    for trial in trials:
        path = folder / "answers" / name / f"{trial.name}.jsonl"
        made_of = {**system.made_of, "texts": trial.digest, "rows": len(trial.texts)}
        stage = Stage(folder, f"answers.{name}.{trial.name}", made_of, path)
        done = stage.begin(overwrite)
        if not done:
            opened()  # before the clock runs
        replies[trial.name] = answer_all(
            path,
            trial.texts,
            lambda texts: opened().answer(texts),
            batch_size,
            f"{system.name}, {trial.name}",
        )
        if not done:
            stage.finish()
    return replies


def ask(
    system: System,
    trials: Sequence[Trial],
    folder: Path,
    *,
    batch_size: int,
    latency_rows: int,
    overwrite: bool = False,
) -> Answered:
    """Return what a system answers to every trial; what was answered before is read.

    Args:
        system: is opened only if something is left to ask.
        trials: the first one also gives the queries to time.
        folder: of the whole run.
        batch_size: texts at a time.
        latency_rows: queries that are timed.
        overwrite: ask anew what was answered by something else of the same name.

    Raises:
        EvaluationError: the answers that are there are another system's, and `overwrite` is False.
    """
    opened = functools.cache(system.open)  # once for answers and clock
    replies = answer_trials(replace(system, open=opened), trials, folder, batch_size, overwrite)
    latency = _time(system, opened, trials[0].texts[:latency_rows], folder, overwrite)
    opened.cache_clear()
    _free_memory()
    seconds = sum(sum(each.seconds) for each in replies.values())
    return Answered(system.title, replies, latency, round(seconds, 1))


def _time(
    system: System,
    opened: Any,  # noqa: ANN401 - returns a Baseline
    texts: Sequence[str],
    folder: Path,
    overwrite: bool,
) -> dict[str, float]:
    """Return the milliseconds that one query takes, on one thread of the CPU or on the GPU."""
    made_of = {**system.made_of, "texts": list(texts)}
    stage = Stage(folder, f"latency.{_SIGNS.sub('-', system.name)}", made_of)
    if stage.begin(overwrite):
        return dict(stage.facts["milliseconds"])
    import numpy as np

    taken: list[float] = []
    with _one_thread():
        for text in (*texts[:_WARM_UP], *texts):
            began = time.perf_counter()
            opened().answer([text])
            taken.append((time.perf_counter() - began) * 1000)
    p50, p95 = (float(each) for each in np.percentile(taken[_WARM_UP:], [50, 95]))
    figures = {"p50": p50, "p95": p95, "max": max(taken[_WARM_UP:])}
    milliseconds = {name: round(value, 2) for name, value in figures.items()}
    stage.finish(milliseconds={**milliseconds, "rows": len(texts)})
    return dict(stage.facts["milliseconds"])


@contextmanager
def _one_thread() -> Iterator[None]:
    torch = require("torch", "train")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _free_memory() -> None:
    gc.collect()
    require("torch", "train").cuda.empty_cache()
