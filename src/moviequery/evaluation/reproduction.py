"""The paper's experiment from films to figures: build, train, answer, score, report.

Each stage notes what it was made of and is done once: a run that was killed goes on where it was.

```
OUT/queries/            the dataset                 OUT/results.json   every number
OUT/adapters/TASK/      plain peft adapters         OUT/report.md      rendered from it alone
OUT/answers/SYSTEM/     replies, one line a query   OUT/*.png          drawn from it alone
OUT/stages/             what each stage was made of
```
"""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from .. import __version__
from ..corpus.dataset import ROWS, read_queries, write_dataset
from ..errors import EvaluationError, MissingExtraError, ModelError
from ..knowledge.graph import MovieGraph
from ..modeling.model_files import describe_model, digest_file
from ..modeling.name_listing import NameListing
from ..modeling.prompts import TASKS
from ..modeling.qlora import train_qlora
from ..modeling.training_folder import write_json
from ..modeling.training_log import LOSS_FILE, read_report
from ..synthesis.builder import DEFAULT_SPLITS, SyntheticQueryBuilder
from .asking import Answered, answer_trials, ask
from .baselines import check_baseline
from .grid import GRID, read_grid
from .machine import describe_machine
from .presets import Preset
from .report import RESULTS, write_report
from .results import collect_results
from .stages import Stage
from .systems import System, list_baselines, list_causal_systems
from .trials import Trial, read_own_trials, read_real_trials, take
from .workers import run_jobs

BASELINES = ("gazetteer", "fast")
# Splits are drawn by a hash, so that one may come out a little smaller than its share; and 42 % of
# the test rows are of frames that the bundled base has read.
_SLACK = 1.25
_SPARE_ROWS = 100
# Rows of frames that a base was pre-trained on are left out of what it is tried on.
_CHALLENGE_SLACK = 2.5


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is to be reproduced, and where.

    Attributes:
        preset: model, training and sizes.
        folder: gets everything.
        seed: of the dataset.
        bio: label map and BIO file of real queries, in pairs.
        intents: files of real queries with intents.
        baselines: names for `open_baseline`; those that this machine lacks are named as missing.
        overwrite: make stages anew that were made of something else.
        processes: that train and answer side by side, on a core each; see `run_jobs`.
    """

    preset: Preset
    folder: Path
    seed: int = 7
    bio: tuple[tuple[str, str], ...] = ()
    intents: tuple[str, ...] = ()
    baselines: tuple[str, ...] = BASELINES
    overwrite: bool = False
    processes: int = 1

    @property
    def queries(self) -> Path:
        """The folder of the dataset."""
        return self.folder / "queries"

    @property
    def adapters(self) -> Path:
        """The folder of the adapters."""
        return self.folder / "adapters"


def reproduce(experiment: Experiment) -> dict[str, Any]:
    """Return all results of an experiment, which `OUT/results.json` and the report hold too.

    Raises:
        EvaluationError: a stage was made of something else before; names what.
        MovieQueryError: a stage fails; says why.
    """
    preset, folder = experiment.preset, experiment.folder
    for name in experiment.baselines:
        check_baseline(name)
    # files that cannot be read, and splits that are too small, shall fail before the training
    _read_real(experiment)
    seconds = {"dataset": _build(experiment)}
    trials = _list_trials(experiment)
    _refuse_twins(trials)
    seconds["training"] = _train(experiment)
    answered, missing = _ask_all(experiment, trials)
    seconds |= {f"answers of {name}": one.wall_seconds for name, one in answered.items()}
    facts = {
        "version": __version__,
        "preset": preset.to_dict(),
        "seed": experiment.seed,
        "machine": describe_machine(),
        "training": {task: _read_training(experiment.adapters / task) for task in TASKS},
        "missing": missing,
        "grid": read_grid(folder / GRID),
        "seconds": seconds,
        "processes": experiment.processes,
    }
    names = NameListing.read(experiment.adapters / "entities") if preset.config.list_names else None
    collected = collect_results(facts, trials, answered, names)
    results: dict[str, Any] = json.loads(json.dumps(collected))
    write_json(folder / RESULTS, results)
    write_report(results, folder)
    return results


def _list_trials(experiment: Experiment) -> list[Trial]:
    own = read_own_trials(experiment.queries, experiment.preset)
    return [*own, *_read_real(experiment)]


def _read_real(experiment: Experiment) -> list[Trial]:
    return read_real_trials(experiment.bio, experiment.intents, experiment.preset.real_rows)


def _refuse_twins(trials: list[Trial]) -> None:
    """Refuse files that answers would be kept under one name for.

    Raises:
        EvaluationError: names them.
    """
    counted = Counter(trial.name for trial in trials)
    if twins := sorted(name for name, count in counted.items() if count > 1):
        raise EvaluationError(
            f"{', '.join(twins)}: several files, or a file and a split of ours, have this name; "
            "rename the file, since answers are kept by it"
        )


def _build(experiment: Experiment) -> float:
    """Write the dataset, unless it is there, and return the seconds it took."""
    preset = experiment.preset
    builder = SyntheticQueryBuilder(MovieGraph.bundled(), seed=experiment.seed)
    wanted = {"train": preset.rows, "validation": preset.validation_rows, "test": preset.test_rows}
    most = max(wanted[split] / DEFAULT_SPLITS[split] for split in wanted)
    rows = math.ceil(most * _SLACK) + _SPARE_ROWS
    challenge = math.ceil(preset.challenge_rows * _CHALLENGE_SLACK)
    made_of = {"builder": builder.fingerprint, "rows": rows, "challenge": challenge}
    stage = Stage(experiment.folder, "dataset", made_of, experiment.queries)
    if not stage.begin(experiment.overwrite):
        # written whole, but killed before that was noted
        if experiment.queries.exists():
            shutil.rmtree(experiment.queries)
        write_dataset(builder, experiment.queries, rows, challenge=challenge)
        stage.finish()
    return float(stage.facts["seconds"])


def _train(experiment: Experiment) -> float:
    """Train the adapters, unless they are there, and return the seconds it took."""
    preset = experiment.preset
    made_of = {
        "base": describe_model(preset.model),
        "configs": {task: preset.config_of(task).to_dict() for task in TASKS},
        "queries": digest_file(experiment.queries / ROWS),
        **_size_splits(preset),
    }
    stage = Stage(experiment.folder, "training", made_of, experiment.adapters)
    if not stage.begin(experiment.overwrite):
        run_jobs(_train_adapter, [(experiment, task) for task in TASKS], experiment.processes)
        stage.finish(processes=experiment.processes)
    spent = [read_report(experiment.adapters / task).seconds for task in TASKS]
    return sum(spent) if stage.facts.get("processes", 1) == 1 else max(spent)


def _size_splits(preset: Preset) -> dict[str, int]:
    return {"train": preset.rows, "validation": preset.validation_rows}


def _train_adapter(job: tuple[Experiment, str]) -> None:
    experiment, task = job
    preset = experiment.preset
    queries = read_queries(experiment.queries)
    splits = {split: take(queries, split, rows) for split, rows in _size_splits(preset).items()}
    train_qlora(splits, preset.config_of(task), preset.model, experiment.adapters)


def _ask_all(
    experiment: Experiment, trials: list[Trial]
) -> tuple[dict[str, Answered], dict[str, str]]:
    """Return what each system answers, and why a baseline is missing."""
    preset = experiment.preset

    def ask_one(system: System) -> Answered:
        return ask(
            system,
            trials,
            experiment.folder,
            batch_size=preset.batch_size,
            latency_rows=preset.latency_rows,
            overwrite=experiment.overwrite,
        )

    systems = list_causal_systems(preset, experiment.adapters)
    if experiment.processes > 1:
        # what is answered then is read below, where each system is timed while nothing else runs
        run_jobs(
            _answer, [(experiment, number) for number in range(len(systems))], experiment.processes
        )
    answered = {system.name: ask_one(system) for system in systems}
    missing: dict[str, str] = {}
    for system in list_baselines(experiment.baselines, preset.batch_size):
        try:
            answered[system.name] = ask_one(system)
        except (MissingExtraError, ModelError) as error:
            missing[system.name] = " ".join(str(error).split())
            tqdm.write(f"without {system.name}: {missing[system.name]}", file=sys.stderr)
    return answered, missing


def _answer(job: tuple[Experiment, int]) -> None:
    experiment, number = job
    preset = experiment.preset
    system = list_causal_systems(preset, experiment.adapters)[number]
    answer_trials(
        system, _list_trials(experiment), experiment.folder, preset.batch_size, experiment.overwrite
    )


def _read_training(folder: Path) -> dict[str, Any]:
    """Return the report of a training, with the losses that it logged."""
    lines = (folder / LOSS_FILE).read_text("utf-8").splitlines()
    return {**read_report(folder).to_dict(), "losses": [json.loads(line) for line in lines]}
