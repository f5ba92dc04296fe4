"""The verb `train`: its options, and the recipe that they name."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ModelError
from .option_values import read_count, read_pairs, read_value
from .parse_command import load_graph
from .schema import canonical_json

if TYPE_CHECKING:
    from .modeling.configuration import QLoRAConfig
    from .modeling.training_log import TrainingReport
    from .schema import Query

# Options that one recipe alone takes, and the names that its settings have for them.
_QLORA = {
    "task": "task",
    "template": "template",
    "epochs": "epochs",
    "max_steps": "max_steps",
    "max_length": "max_length",
    "target_modules": "target_modules",
    "no_4bit": "load_in_4bit",
}
_QLORA_ALONE = (*_QLORA, "grid", "preset")
_ENCODER = {"passes": "passes", "threads": "threads", "processes": "processes"}
_BOTH = {
    "learning_rate": "learning_rate",
    "rank": "r",
    "batch_size": "batch_size",
    "seed": "seed",
}


def add_train_options(verb: argparse.ArgumentParser) -> None:
    """Add what `train` understands to its argument parser."""
    verb.add_argument(
        "--recipe",
        choices=("qlora", "encoder"),
        default="qlora",
        help="qlora: a causal LM, on a GPU; encoder: the fast parser, on a CPU (default qlora)",
    )
    verb.add_argument("dataset", nargs="?", metavar="DATASET", help="dataset folder or Hub id")
    verb.add_argument("--data", metavar="DATASET", help="the same")
    verb.add_argument(
        "--model",
        metavar="ID_OR_FOLDER",
        help="qlora: causal LM; encoder: folder of all-MiniLM-L6-v2 (default: looked for)",
    )
    verb.add_argument("--out", required=True, metavar="DIR", help="gets what is trained")
    verb.add_argument("--rows", type=read_count, metavar="N", help="learn the first N rows")
    verb.add_argument("--learning-rate", type=float)
    verb.add_argument("--rank", type=int)
    verb.add_argument("--batch-size", type=int)
    verb.add_argument("--seed", type=int)
    verb.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other setting of QLoRAConfig or EncoderConfig, such as packing=false",
    )
    verb.add_argument(
        "--graph",
        metavar="FILE",
        help="RDF file whose names are shown to the model (default: the bundled films); for qlora "
        "with --set list_names=true",
    )
    verb.add_argument("--overwrite", action="store_true", help="throw an earlier training away")
    verb.add_argument("--json", action="store_true", help="report as JSON")
    encoder = verb.add_argument_group("recipe encoder")
    encoder.add_argument("--passes", type=int, metavar="N", help="over the rows (default 2)")
    encoder.add_argument(
        "--processes", type=int, metavar="N", help="that share each batch, a core each (default 1)"
    )
    encoder.add_argument(
        "--threads", type=int, metavar="N", help="of torch, in each process (default 1)"
    )
    encoder.add_argument(
        "--start", metavar="DIR", help="go on from what an earlier training of the recipe wrote"
    )
    qlora = verb.add_argument_group("recipe qlora")
    qlora.add_argument(
        "--preset", metavar="P", help="model and settings of a preset of `reproduce`, such as nano"
    )
    qlora.add_argument("--task", choices=("entities", "intent", "both"), help="default both")
    qlora.add_argument("--template", choices=("tokenizer", "paper"), help="default tokenizer")
    qlora.add_argument(
        "--no-4bit", action="store_false", default=None, help="plain LoRA on a 16-bit base"
    )
    qlora.add_argument("--epochs", type=float)
    qlora.add_argument("--max-steps", type=int)
    qlora.add_argument("--max-length", type=int, metavar="TOKENS")
    qlora.add_argument("--target-modules", metavar="A,B", help="default q_proj,v_proj,o_proj")
    qlora.add_argument(
        "--grid",
        nargs="*",
        metavar="LAYERS",
        help="search over target layers: names (q, qv, kv, qvo, qkvo, mlp, all; these without any) "
        "or layers with commas; scored on the split validation",
    )


def run_train(options: argparse.Namespace) -> int:
    """Train by a recipe, and print its report."""
    options.data = _choose_dataset(options)
    return _train_encoder(options) if options.recipe == "encoder" else _train_qlora(options)


def _train_qlora(options: argparse.Namespace) -> int:
    from .modeling.qlora import train_qlora
    from .modeling.training_rows import read_splits

    configs = _read_configs(options)
    if not options.model:
        raise ModelError("the recipe qlora needs --model, a causal language model")
    if options.graph and not any(config.list_names for config in configs):
        raise ModelError("--graph is for --set list_names=true: the texts are read alone here")
    splits = read_splits(options.data)
    splits["train"] = splits["train"][: options.rows]
    if options.grid is not None:
        return _search_grid(options, configs[0], splits)
    graph = load_graph(options.graph) if options.graph else None
    reports: dict[str, TrainingReport] = {}
    for config in configs:
        reports |= train_qlora(
            splits, config, options.model, options.out, graph=graph, overwrite=options.overwrite
        )
    if options.json:
        print(canonical_json({task: report.to_dict() for task, report in reports.items()}))
    else:
        for report in reports.values():
            print(report.summary())
    return 0


def _read_configs(options: argparse.Namespace) -> list[QLoRAConfig]:
    """Return the settings of what is asked for; a preset has settings of its own for each task."""
    from .evaluation.presets import find_preset
    from .modeling.configuration import QLoRAConfig
    from .modeling.prompts import select_tasks

    settings = _read_settings(options, _QLORA, (*_ENCODER, "start"))
    if options.target_modules:
        settings["target_modules"] = options.target_modules.split(",")
    if not options.preset:
        return [QLoRAConfig.from_dict(settings)]
    preset = find_preset(options.preset)
    options.model = options.model or preset.model
    config = QLoRAConfig.from_dict(preset.config.to_dict() | settings)
    if options.grid is not None:
        return [config]
    return [
        QLoRAConfig.from_dict(preset.config_of(task).to_dict() | settings | {"task": task})
        for task in select_tasks(config.task)
    ]


def _search_grid(
    options: argparse.Namespace, config: QLoRAConfig, splits: dict[str, list[Query]]
) -> int:
    from .evaluation.grid import read_combinations, search_grid
    from .evaluation.report_training import render_grid_table

    if options.target_modules:
        raise ModelError("--grid and --target-modules both name layers: give one of them")
    if options.graph:
        raise ModelError("--grid takes the bundled names: leave --graph out")
    grid = search_grid(
        splits,
        config,
        options.model,
        Path(options.out),
        read_combinations(options.grid),
        overwrite=options.overwrite,
    )
    print(canonical_json(grid) if options.json else render_grid_table(grid))
    return 0


def _train_encoder(options: argparse.Namespace) -> int:
    from .modeling.encoder import EncoderConfig, train_encoder

    settings = _read_settings(options, _ENCODER, _QLORA_ALONE)
    if options.rows is not None:
        settings["rows"] = options.rows
    report = train_encoder(
        options.data,
        options.out,
        EncoderConfig.from_dict(settings),
        base=options.model,
        start=options.start,
        graph=load_graph(options.graph) if options.graph else None,
        overwrite=options.overwrite,
    )
    print(canonical_json(report.metrics) if options.json else report.summary())
    return 0


def _choose_dataset(options: argparse.Namespace) -> str:
    given = [each for each in (options.dataset, options.data) if each]
    if len(given) != 1:
        raise ModelError("name one dataset to train on: a folder that `build` wrote, or a Hub id")
    return str(given[0])


def _read_settings(
    options: argparse.Namespace, own: dict[str, str], other: Iterable[str]
) -> dict[str, Any]:
    """Return the settings that were given, under the names that the recipe has for them."""
    if foreign := [name for name in other if getattr(options, name) is not None]:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in foreign)
        raise ModelError(f"{flags}: the recipe {options.recipe} takes no such option")
    names = {**own, **_BOTH}
    given = {setting: getattr(options, option) for option, setting in names.items()}
    settings = {name: value for name, value in given.items() if value is not None}
    for name, value in read_pairs(options.set, "--set").items():
        settings[name] = read_value(value)
    return settings
