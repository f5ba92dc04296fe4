"""What `evaluate --baseline` does: baselines scored on the same rows, in one table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import EvaluationError
from .parse_command import load_graph

if TYPE_CHECKING:
    from .evaluation.baselines import Baseline


def compare_baselines(path: Path, options: argparse.Namespace) -> int:
    """Print how each baseline of the options scores on a file of labelled queries."""
    from .evaluation.comparison import format_rows, score_baseline, score_tags, write_rows

    baselines = _open_all(options)
    if options.labels:
        from .metrics.labels import LabelMap
        from .metrics.sentences import read_bio

        labels = LabelMap.read(options.labels)
        sentences = read_bio(path)[: options.limit]
        rows = [row for each in baselines for row in score_tags(each, sentences, labels)]
    else:
        from .diversity_command import read_split

        queries = read_split(path, options.split or "test")[: options.limit]
        rows = [row for each in baselines for row in score_baseline(each, queries)]
    print(write_rows(rows) if options.json else format_rows(rows))
    return 0


def _open_all(options: argparse.Namespace) -> list[Baseline]:
    """Return the baselines of the options by their names."""
    from .evaluation.baselines import open_baseline

    if options.model:
        raise EvaluationError("--model goes without --baseline; add --baseline parser:M instead")
    names = list(dict.fromkeys(options.baseline))
    if options.baseline_labels and not any(name.startswith("ner:") for name in names):
        raise EvaluationError("--baseline-labels is for --baseline ner:MODEL")
    graph = load_graph(options.graph) if options.graph else None
    given: dict[str, Any] = {
        "graph": graph,
        "labels": options.baseline_labels,
        "base": options.base,
        "device": options.device,
        "batch_size": options.batch_size,
        "threads": options.threads,
        "names": options.names,
    }
    more = {name: value for name, value in given.items() if value is not None}
    return [open_baseline(name, **more) for name in names]
