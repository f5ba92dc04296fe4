"""The verb `reproduce`: the paper's whole experiment, from films to tables and figures."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import EvaluationError
from .option_values import read_count, read_pairs, read_value
from .schema import canonical_json

if TYPE_CHECKING:
    from .evaluation.presets import Preset

SUMMARY = "run the paper's whole experiment, and write its tables and figures"
EXAMPLES = """
moviequery reproduce --preset nano --out reproduction --processes 2     two cores, no network
moviequery reproduce --preset llama-3.2-3b --out reproduction                   on a GPU
moviequery reproduce --preset nano --out r --bio mit-movie=people.bio --intents people.jsonl
moviequery reproduce --preset nano --out r --rows 500 --set epochs=1 --baseline gazetteer
moviequery reproduce --render r                      the report again, from r/results.json
"""
_SIZES = ("rows", "validation_rows", "test_rows", "challenge_rows", "real_rows", "latency_rows")
_SETTINGS = (*_SIZES, "batch_size", "max_new_tokens", "model")


def add_reproduce_options(verb: argparse.ArgumentParser) -> None:
    """Add what `reproduce` understands to its argument parser."""
    verb.add_argument(
        "--preset",
        default="nano",
        metavar="P",
        help="nano (default), llama-3.2-1b, llama-3.2-3b, llama-3.1-8b or mistral-7b",
    )
    verb.add_argument("--model", metavar="ID_OR_FOLDER", help="instead of the preset's base")
    verb.add_argument("--out", metavar="DIR", help="gets everything; a killed run goes on there")
    verb.add_argument("--rows", type=read_count, metavar="N", help="that each adapter learns")
    verb.add_argument("--validation-rows", type=read_count, metavar="N")
    verb.add_argument("--test-rows", type=read_count, metavar="N")
    verb.add_argument("--challenge-rows", type=int, metavar="N", help="of each challenge split")
    verb.add_argument(
        "--real-rows", type=read_count, metavar="N", help="the most of each file of real queries"
    )
    verb.add_argument("--latency-rows", type=read_count, metavar="N", help="queries to time")
    verb.add_argument("--batch-size", type=read_count, metavar="N", help="texts at a time")
    verb.add_argument(
        "--max-new-tokens", type=read_count, metavar="N", help="of an answer (128, for nano 112)"
    )
    verb.add_argument("--seed", type=int, default=7, help="of the dataset (default 7)")
    verb.add_argument(
        "--processes",
        type=read_count,
        default=1,
        metavar="N",
        help="that train and answer side by side, on a core of the CPU each (default 1)",
    )
    verb.add_argument(
        "--bio",
        action="append",
        default=[],
        metavar="MAP=FILE",
        help="tagged queries of people, with their label map: mit-movie, mit-trivia or a TOML",
    )
    verb.add_argument(
        "--intents",
        action="append",
        default=[],
        metavar="FILE",
        help="queries of people with intents, as JSON lines",
    )
    verb.add_argument(
        "--baseline",
        action="append",
        metavar="NAME",
        help="gazetteer, fast (both by default), bert-base-NER, gliner, ner:MODEL ...; none: none",
    )
    verb.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the training, such as epochs=3; see QLoRAConfig",
    )
    verb.add_argument(
        "--overwrite", action="store_true", help="make stages anew whose settings have changed"
    )
    verb.add_argument(
        "--render", metavar="DIR", help="only write the report of DIR again, from its results.json"
    )
    verb.add_argument("--json", action="store_true", help="print the results as JSON")


def run_reproduce(options: argparse.Namespace) -> int:
    """Run the experiment, or render it again, and print its gap table."""
    from .evaluation.report import read_results, render_gap, write_report

    folder = Path(options.render or options.out or "")
    if options.render:
        results = read_results(folder)
        write_report(results, folder)
    else:
        results = _run(options, folder)
    if options.json:
        print(canonical_json(results))
    else:
        print(render_gap(results))
        print(f"\nwrote {folder / 'report.md'}")
    return 0


def _run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from .evaluation.reproduction import BASELINES, Experiment, reproduce

    if not options.out:
        raise EvaluationError("give --out DIR, or --render DIR for a run that is there")
    named = BASELINES if options.baseline is None else tuple(options.baseline)
    experiment = Experiment(
        preset=_choose_preset(options),
        folder=folder,
        seed=options.seed,
        bio=tuple(read_pairs(options.bio, "--bio").items()),
        intents=tuple(options.intents),
        baselines=() if named == ("none",) else named,
        overwrite=options.overwrite,
        processes=options.processes,
    )
    return reproduce(experiment)


def _choose_preset(options: argparse.Namespace) -> Preset:
    """Return the preset with what the options change of it."""
    from .evaluation.presets import find_preset
    from .modeling.configuration import QLoRAConfig

    preset = find_preset(options.preset)
    changed: dict[str, Any] = {name: getattr(options, name) for name in _SETTINGS}
    preset = replace(preset, **{key: value for key, value in changed.items() if value is not None})
    if options.model:
        # another base has a name of its own, and was promised nothing
        preset = replace(preset, title=options.model.rstrip("/").rpartition("/")[2], goals={})
    settings = {name: read_value(text) for name, text in read_pairs(options.set, "--set").items()}
    if not settings:
        return preset
    config = QLoRAConfig.from_dict({**preset.config.to_dict(), **settings})
    # what is asked for holds for both adapters
    own = {
        task: {name: value for name, value in values.items() if name not in settings}
        for task, values in preset.own.items()
    }
    return replace(preset, config=config, own=own)
