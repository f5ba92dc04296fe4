"""The report of a reproduction: Markdown and pictures, made from `results.json` alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import EvaluationError, MissingExtraError
from ..schema import FIELDS
from .figures import ENTITY_BARS, GRID_MAP, INTENT_BARS, draw_figures, list_systems, loss_file
from .markdown import render_table, show_interval, show_rate, show_score, show_text
from .report_training import render_grid, render_training

RESULTS, REPORT = "results.json", "report.md"


def read_results(folder: Path) -> dict[str, Any]:
    """Return the results that stand in a folder.

    Raises:
        EvaluationError: there are none.
    """
    path = folder / RESULTS
    try:
        results: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EvaluationError(
            f"{path} cannot be read ({error}); `moviequery reproduce` writes it"
        ) from error
    return results


def write_report(results: Mapping[str, Any], folder: Path) -> list[str]:
    """Return the names of the files that were written: `report.md`, and pictures where possible.

    Pictures are left out where matplotlib is not installed.
    """
    try:
        pictures = draw_figures(results, folder)
    except MissingExtraError:
        pictures = []
    partial = folder / f".{REPORT}.partial"
    partial.write_text(render_report(results, pictures), "utf-8", newline="\n")
    partial.replace(folder / REPORT)
    return [REPORT, *pictures]


def render_report(results: Mapping[str, Any], pictures: Sequence[str] = ()) -> str:
    """Return the report as Markdown; every figure in it comes from the results."""
    curves = {task: loss_file(task) for task in results["training"]}
    blocks = [
        *_render_head(results),
        *_picture(pictures, ENTITY_BARS, "Entity extraction by system"),
        *_picture(pictures, INTENT_BARS, "Intent by system"),
        *_render_entities(results),
        *_render_intents(results),
        *_render_challenges(results),
        *_render_real(results),
        *_render_speed(results),
        *_render_examples(results),
        *render_training(results, curves, pictures),
        *render_grid(results.get("grid"), GRID_MAP, pictures),
    ]
    return "\n\n".join(blocks) + "\n"


def render_gap(results: Mapping[str, Any], split: str = "test") -> str:
    """Return the gap table of a split: base, fine-tuned, the difference and its 95 % interval."""
    goals = results["preset"]["goals"] if split == "test" else {}
    header = ["measure", "base", "fine-tuned", "difference", "95 % interval"]
    rows = []
    for line in results["gap"][split]:
        goal = goals.get(line["measure"])
        rows.append(
            [
                line["measure"],
                show_score(line["base"]),
                show_score(line["fine_tuned"]),
                f"{line['difference']:+.3f}",
                show_interval(line["interval"], sign=True),
                *([_show_goal(goal, line["fine_tuned"])] if goals else []),
            ]
        )
    return render_table([*header, *(["goal"] if goals else [])], rows)


def _show_goal(goal: float | None, reached: float) -> str:
    if goal is None:
        return ""
    return f"{goal:g} {'reached' if reached >= goal else 'missed'}"


def _render_head(results: Mapping[str, Any]) -> Iterator[str]:
    preset, machine, rows = results["preset"], results["machine"], results["rows"]
    yield f"# The paper's experiment on {preset['title']}"
    held = [f"{count} {name}" for name, count in rows.items() if name != "test"]
    yield (
        f"Both adapters learnt {preset['rows']:,} queries. Tested on {rows['test']:,} queries of "
        "films and frames that no adapter has seen"
        + (f", and on {', '.join(held)}" if held else "")
        + f". Seed {results['seed']}, moviequery {results['version']}, "
        f"{machine['gpu'] or machine['processor']}, {machine['threads']} of {machine['cores']} "
        "cores."
    )
    if preset["config"]["list_names"]:
        yield (
            "Entities are asked for with the names that the bundled catalogue knows in a query "
            "listed behind it, some of them by chance; the adapter's list lacks those that its "
            "training rows show to be plain words. Intents are asked for by the query alone, as in "
            "the paper."
        )
    yield "## Before and after fine-tuning"
    yield (
        f"Both write freely over the base {_name_precision(preset)}, with nothing that holds them "
        "to JSON; an answer that is not exactly JSON misses all of its gold. Intervals are over "
        "1,000 resamples of the test rows, the same ones for both."
    )
    yield render_gap(results)


def _name_precision(preset: Mapping[str, Any]) -> str:
    return "in 4 bits" if preset["answer_in_4bit"] else "as it is stored"


def _picture(pictures: Sequence[str], name: str, title: str) -> Iterator[str]:
    if name in pictures:
        yield f"![{title}]({name})"


def _render_entities(results: Mapping[str, Any]) -> Iterator[str]:
    systems = {
        name: system for name, system in list_systems(results).items() if "macro_f1" in system
    }
    yield "## Entities"
    yield "F1 on the test, strictly read, with 95 % intervals. `macro` is the mean of the types."
    header = ["type", "gold", *(system["title"] for system in systems.values())]
    known = [name for name in FIELDS if any(name in system for system in systems.values())]
    table = []
    for name in known:
        cells = [system.get(name) for system in systems.values()]
        support = max((cell["support"] for cell in cells if cell), default=0)
        table.append([name, f"{support:,}", *(_show_cell(cell) for cell in cells)])
    for name in ("macro_f1", "micro_f1", "exact_match"):
        shown = [show_score(system[name]) for system in systems.values()]
        if name == "macro_f1":
            spans = [show_interval(system["interval"]) for system in systems.values()]
            shown = [f"{one} {span}" for one, span in zip(shown, spans, strict=True)]
        table.append([name.removesuffix("_f1").replace("_", " "), "", *shown])
    yield render_table(header, table)
    yield "JSON, strictly read and after the slips that lenient reading forgives:"
    yield render_table(
        ["system", "parse rate", "macro F1", "lenient parse rate", "lenient macro F1"],
        [
            [
                system["title"],
                show_rate(system["parse_rate"]),
                show_score(system["macro_f1"]),
                show_rate(system["lenient"]["parse_rate"]),
                show_score(system["lenient"]["macro_f1"]),
            ]
            for system in systems.values()
        ],
    )
    for name, reason in results["missing"].items():
        yield f"Without `{name}`, which this machine lacks: {reason}"
    paper = [
        f"{name} {show_score(scores['titles'], 4)}" for name, scores in results["paper"].items()
    ]
    yield f"The paper, titles alone, its own data: {', '.join(paper)}."


def _show_cell(cell: Mapping[str, Any] | None) -> str:
    return "-" if cell is None else f"{show_score(cell['f1'])} {show_interval(cell['interval'])}"


def _render_intents(results: Mapping[str, Any]) -> Iterator[str]:
    yield "## Intent"
    header = ["system", "Macro-F1", "95 % interval", "accuracy", "rec", "non_rec", "lenient"]
    yield render_table(
        header,
        [
            [
                system["title"],
                show_score(intent["macro_f1"]),
                show_interval(intent["interval"]),
                show_score(intent["accuracy"]),
                *(show_score(intent[label]["f1"]) for label in ("rec", "non_rec")),
                show_score(system["lenient"]["intent"]["macro_f1"]),
            ]
            for system in list_systems(results).values()
            if (intent := system.get("intent"))
        ],
    )
    paper = [
        f"{name} {show_score(scores['intent'], 4)}"
        for name, scores in results["paper"].items()
        if scores["intent"] is not None
    ]
    yield f"The paper, its own data: {', '.join(paper)}."


def _render_challenges(results: Mapping[str, Any]) -> Iterator[str]:
    splits = list(results["fine_tuned"]["splits"])
    if not splits:
        return
    yield "## Harder queries"
    yield "Parse rate / macro F1 of entities / Macro-F1 of intent, strictly read:"
    yield render_table(
        ["system", *splits],
        [
            [system["title"], *(_show_trial(system["splits"][split]) for split in splits)]
            for system in list_systems(results).values()
        ],
    )


def _show_trial(scores: Mapping[str, Any]) -> str:
    intent = scores["intent"]["macro_f1"] if "intent" in scores else None
    shown = [show_score(scores.get("macro_f1")), show_score(intent)]
    return " / ".join([show_rate(scores["parse_rate"]), *shown])


def _render_real(results: Mapping[str, Any]) -> Iterator[str]:
    files = list(results["fine_tuned"]["real"])
    if not files:
        return
    yield "## Real people's queries"
    yield (
        "None was trained on. Tagged files: micro F1 / macro F1 of entities by seqeval's "
        "definition. Files of intents: Macro-F1."
    )
    yield render_table(
        ["system", *(f"{name} ({results['rows'][name]:,})" for name in files)],
        [
            [system["title"], *(_show_real(system["real"][name]) for name in files)]
            for system in list_systems(results).values()
        ],
    )


def _show_real(scores: Mapping[str, Any]) -> str:
    if "labels" in scores:
        return f"{show_score(scores['micro_f1'])} / {show_score(scores['macro_f1'])}"
    return show_score(scores["intent"]["macro_f1"] if "intent" in scores else None)


def _render_speed(results: Mapping[str, Any]) -> Iterator[str]:
    yield "## Speed"
    yield (
        "Milliseconds a query, asked one at a time for entities and intent, on one core of the "
        "CPU or on the GPU; seconds a query in batches. The paper wants less than "
        f"{results['paper_latency_ms']} ms."
    )
    yield render_table(
        ["system", "p50 ms", "p95 ms", "slowest ms", "seconds a query, batched"],
        [
            [
                system["title"],
                *(f"{system['latency_ms'][name]:,.0f}" for name in ("p50", "p95", "max")),
                f"{system['seconds_per_query']:.4f}",
            ]
            for system in list_systems(results).values()
        ],
    )


def _render_examples(results: Mapping[str, Any]) -> Iterator[str]:
    yield "## What they write"
    yield f"The first {len(results['examples'])} queries of the test, word for word:"
    blocks = []
    for example in results["examples"]:
        lines = [f"- {show_text(example['text'])}", f"  - gold: {show_text(example['gold'])}"]
        for name, label in (("base", "base"), ("fine_tuned", "fine-tuned")):
            replies = (show_text(reply) for reply in example[name].values())
            lines.append(f"  - {label}: {' and '.join(replies)}")
        blocks.append("\n".join(lines))
    yield "\n".join(blocks)
