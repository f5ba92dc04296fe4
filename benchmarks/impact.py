r"""What the variety of the training rows is worth: one parser, three kinds of rows, four sizes.

    python benchmarks/impact.py OUT                                   all cells, hours on a CPU
    python benchmarks/impact.py OUT --sizes 1000 --arms templates all
    python benchmarks/impact.py OUT --bio mit-movie=eng.bio --bio mit-trivia=trivia.bio \
                                    --intents intents.jsonl           scored on people's queries too

The arms are the paper's templates with slots filled (and its two questions, so that both intents
occur), all frames as they are written, and all frames as people write them down: in other cases,
without marks, with slips. All are scored on the same test rows, of the last kind; neither their
films nor their frames occur in any training row. BIO files are scored through the label map named
before them; the intents are JSON lines of `text` and `intent`. No row of these is trained on.

A cell is done once: OUT/cells holds its scores, and a killed run goes on where it stopped. Written
at the end of each cell: OUT/results.json, OUT/impact.md and OUT/impact.png.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any

from moviequery import Grammar, MovieGraph, QueryParser, SyntheticQueryBuilder
from moviequery.corpus.splits import LeakFilter
from moviequery.metrics.bio import score_bio
from moviequery.metrics.labels import LabelMap
from moviequery.metrics.scores import score_entities
from moviequery.metrics.sentences import read_bio
from moviequery.schema import Intent, Query

TEMPLATES, PLAIN, EVERYTHING = "templates", "plain", "all"
ARMS = {
    TEMPLATES: "the paper's templates, slots filled",
    PLAIN: "all frames, as they are written",
    EVERYTHING: "all frames, as people write them",
}
PAPER_FRAMES = (
    "rec.paper-similar",
    "rec.paper-about",
    "rec.paper-set-in",
    "fact.paper-director",
    "fact.paper-studio",
)
SIZES = (1_000, 5_000, 20_000, 100_000)
TEST = "synthetic test"
_MOST_MISSES = 2_000  # candidates in a row without a new row: the grammar has no more to say
_BATCH = 32

Parse = Callable[[list[str]], list[Any]]
# From rows, a folder and settings to a parser; what else it tells stands in the results.
Train = Callable[[Sequence[Query], Path, "Settings"], tuple[Parse, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Settings:
    """What all cells of a study share.

    Attributes:
        passes: over the training rows.
        least_steps: a smaller cell makes more passes, until it has taken so many steps.
        test_rows: rows of the synthetic test.
        seed: of rows and training.
        threads: of the CPU.
    """

    passes: int = 2
    least_steps: int = 600
    test_rows: int = 2_000
    seed: int = 7
    threads: int = 1

    def count_passes(self, rows: int) -> int:
        """Return the passes over so many rows."""
        return max(self.passes, ceil(self.least_steps * _BATCH / max(1, rows)))


class Rows:
    """The rows of every arm; none shares a film with the test."""

    def __init__(self, graph: MovieGraph, grammar: Grammar, settings: Settings) -> None:
        """Make a builder for each arm."""
        paper = [frame for frame in grammar.frames if frame.id in PAPER_FRAMES]
        few = Grammar(paper, grammar.lexicon, f"paper {grammar.fingerprint}")
        seed, bare = settings.seed, {"noise": 0.0, "habits": False}
        self.settings = settings
        self.builders = {
            # five frames are too few to part; films of other splits are left out below
            TEMPLATES: SyntheticQueryBuilder(graph, few, seed, {"train": 1.0}, **bare),
            PLAIN: SyntheticQueryBuilder(graph, grammar, seed, **bare),
            EVERYTHING: SyntheticQueryBuilder(graph, grammar, seed),
        }
        whole = self.builders[EVERYTHING]
        films = graph.index.films
        self._kept = {films[position].iri for position in whole.films_of("train")}

    @cached_property
    def test(self) -> list[Query]:
        """Rows of the test split of the whole grammar, with distinct texts."""
        return list(self._draw(EVERYTHING, "test", self.settings.test_rows, LeakFilter()))

    def train(self, arm: str, count: int) -> list[Query]:
        """Return the first rows of an arm; fewer where it has no more to say."""
        leaks = LeakFilter()
        for query in self.test:
            leaks.accept(query)
        return list(self._draw(arm, "train", count, leaks))

    def _draw(self, arm: str, split: str, count: int, leaks: LeakFilter) -> Iterator[Query]:
        found = misses = index = 0
        while found < count and misses < _MOST_MISSES:
            query = self.builders[arm].row(index)
            index += 1
            if query and self._suits(query, split) and leaks.accept(query):
                found += 1
                misses = 0
                yield query
            else:
                misses += 1

    def _suits(self, query: Query, split: str) -> bool:
        """Return True for a row of the split; rows to train on hold no film of another."""
        origin = query.provenance
        if origin is None or origin.split != split:
            return False
        return split != "train" or self._kept.issuperset(origin.films)


@dataclass(frozen=True, slots=True)
class People:
    """Queries of people to score on: BIO files with the names of label maps, and intents."""

    bio: Mapping[str, str] = field(default_factory=dict)
    intents: str = ""

    def score(self, parse: Parse) -> dict[str, dict[str, float]]:
        """Return entity F1 by file, and the Macro-F1 of the intents."""
        scores = {}
        for path, labels in self.bio.items():
            sentences = read_bio(path)
            parsed = parse([sentence.text for sentence in sentences])
            found = score_bio(sentences, parsed, LabelMap.read(labels))
            scores[Path(path).stem] = {"micro_f1": found.micro_f1, "macro_f1": found.macro_f1}
        if self.intents:
            with Path(self.intents).open(encoding="utf-8") as file:
                rows = [json.loads(line) for line in file if line.strip()]
            gold = [Query(row["text"], Intent(row["intent"])) for row in rows]
            answers = score_entities(gold, parse([query.text for query in gold])).intent
            scores[Path(self.intents).stem] = {"macro_f1": answers["macro_f1"] if answers else 0.0}
        return scores


def train_fast_parser(
    rows: Sequence[Query], folder: Path, settings: Settings
) -> tuple[Parse, dict[str, Any]]:
    """Train the fast parser; the one that ships is made by the same recipe."""
    from moviequery import EncoderConfig, train_encoder

    config = EncoderConfig(
        passes=settings.count_passes(len(rows)),
        batch_size=_BATCH,
        seed=settings.seed,
        threads=settings.threads,
    )
    report = train_encoder({"train": list(rows)}, folder, config)
    parser = QueryParser.from_pretrained(folder / "onnx", threads=settings.threads)
    told = {name: report.metrics[name] for name in ("steps", "passes", "seconds")}
    return parser.parse, told


def run_cell(
    arm: str, size: int, rows: Rows, people: People, out: Path, train: Train, keep: bool = False
) -> dict[str, Any]:
    """Return the scores of a cell; those of an earlier run where there are any."""
    settings = rows.settings
    name = f"{arm}-{size}-{settings.passes}-{settings.least_steps}-{settings.seed}"
    path = out / "cells" / f"{name}.json"
    made_of = {
        "fingerprints": [rows.builders[kind].fingerprint for kind in (arm, EVERYTHING)],
        "test_rows": settings.test_rows,
        "people": sorted([*people.bio, people.intents]),
    }
    if path.is_file():
        cell = json.loads(path.read_text(encoding="utf-8"))
        if cell["made_of"] != made_of:
            raise SystemExit(f"{path} was made of other rows or files; choose another OUT")
        return cell
    drawn = rows.train(arm, size)
    print(f"{ARMS[arm]}: {len(drawn):,} rows of {size:,}", flush=True)
    started = time.perf_counter()
    parse, told = train(drawn, out / "models" / name, settings)
    found = score_entities(rows.test, parse([query.text for query in rows.test]))
    scores = {
        TEST: {
            "micro_f1": found.micro_f1,
            "macro_f1": found.macro_f1,
            "intent_macro_f1": found.intent["macro_f1"] if found.intent else 0.0,
        },
        **people.score(parse),
    }
    cell = {
        "arm": arm,
        "size": size,
        "rows": len(drawn),
        **told,
        "wall_seconds": round(time.perf_counter() - started, 1),
        "scores": scores,
        "made_of": made_of,
    }
    write(path, json.dumps(cell, indent=1))
    if not keep:
        shutil.rmtree(out / "models" / name, ignore_errors=True)
    return cell


def list_measures(cells: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return each set with each of its measures, in the order of the scores."""
    pairs = (
        (name, measure)
        for cell in cells
        for name, scores in cell["scores"].items()
        for measure in scores
    )
    return list(dict.fromkeys(pairs))


def render_table(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return the results as a Markdown table, per cent."""
    measures = list_measures(cells)
    header = ["rows are", "rows", "steps", *(f"{name}, {one}" for name, one in measures)]
    lines = [header, ["---", *["---:"] * (len(header) - 1)]]
    for cell in cells:
        scores = (cell["scores"].get(name, {}).get(one) for name, one in measures)
        shown = ["-" if score is None else f"{100 * score:.1f}" for score in scores]
        lines.append([ARMS[cell["arm"]], f"{cell['rows']:,}", str(cell.get("steps", "-")), *shown])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def draw_curves(cells: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write a picture: a panel for each measure, a line for each arm."""
    from matplotlib.figure import Figure

    measures = list_measures(cells)
    figure = Figure(figsize=(4.2 * len(measures), 3.8), layout="constrained")
    for number, (name, one) in enumerate(measures, 1):
        axes = figure.add_subplot(1, len(measures), number, xscale="log", xlabel="training rows")
        for arm, title in ARMS.items():
            points = [
                (cell["rows"], 100 * cell["scores"][name][one])
                for cell in cells
                if cell["arm"] == arm and one in cell["scores"].get(name, {})
            ]
            if points:
                axes.plot(*zip(*sorted(points), strict=True), marker="o", label=title)
        axes.set_title(f"{name}, {one}", fontsize=9)
        axes.set_ylim(0, 100)
        axes.grid(alpha=0.3)
        if number == 1:
            axes.legend(fontsize=8)
    figure.savefig(path, dpi=110, metadata={"Software": None})


def write(path: Path, text: str) -> None:
    """Write a text; the file appears when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(f"{text.rstrip()}\n", encoding="utf-8", newline="\n")
    partial.replace(path)


def read_options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="ROWS")
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    for name, value in asdict(Settings()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=value)
    parser.add_argument("--bio", action="append", default=[], metavar="MAP=FILE")
    parser.add_argument("--intents", default="", metavar="FILE")
    parser.add_argument("--keep", action="store_true", help="keep the trained models")
    return parser.parse_args()


def main(train: Train = train_fast_parser) -> None:
    """Run the cells, smallest first, and write table and picture after each."""
    options = read_options()
    settings = Settings(**{name: getattr(options, name) for name in asdict(Settings())})
    pairs = [pair.partition("=") for pair in options.bio]
    people = People({path: labels for labels, _, path in pairs}, options.intents)
    rows = Rows(MovieGraph.bundled(), Grammar.bundled(), settings)
    cells = []
    for size in sorted(options.sizes):
        for arm in options.arms:
            cells.append(run_cell(arm, size, rows, people, options.out, train, options.keep))
            write(options.out / "results.json", json.dumps(cells, indent=1))
            write(options.out / "impact.md", render_table(cells))
            draw_curves(cells, options.out / "impact.png")
    print(render_table(cells))


if __name__ == "__main__":
    main()
