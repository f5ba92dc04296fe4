"""Macro-F1 over JSON answers, as a module of the `evaluate` library.

`evaluate.load` reads this folder, or a Hub repository that holds the same files. It looks at the
import lines of this file alone to find what to copy, so each file beside it is imported here, on
one line. The plain function without `evaluate` is `moviequery.metrics.scores.score_answers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import datasets
import evaluate

from .answers import FIELDS
from .counts import score_rows

_DESCRIPTION = """\
Macro-F1 for models that answer a film query with JSON: an intent and lists of strings per field.
Counts of a field pool over all queries; the overall score is the mean over the fields with gold.
"""
_INPUTS = f"""\
Args:
    predictions: list of answers, each the text that the model wrote.
    references: list of gold answers, each a JSON object such as
        '{{"intent": "rec", "titles": ["Heat"]}}'.
    fields: the fields to score; by default {", ".join(FIELDS)}.
    lenient: cut the first {{...}} block out of each answer, and take a lone value as a list of one.
    resamples: of the bootstrap intervals, 1000 by default; 0 leaves them out.
    seed: of the bootstrap, 0 by default.
Returns:
    macro_f1, micro_f1, exact_match, parse_rate, rows, support, unknown_fields, interval (95%),
    intent (macro_f1, accuracy, interval, support, unclassed, rec, non_rec), and per field
    f1, precision, recall, tp, fp, fn, support.
"""
_CITATION = """\
@misc{cheema2025optimizing,
  title = {Optimizing Recommendations using Fine-Tuned LLMs},
  author = {Prabhdeep Cheema and Erhan Guven},
  year = {2025},
  eprint = {2505.06841},
  archivePrefix = {arXiv},
}
"""


class MacroF1(evaluate.Metric):  # type: ignore[misc]  # evaluate is not typed
    """The metric that `evaluate.load` returns."""

    def _info(self) -> Any:  # noqa: ANN401 - evaluate is not typed
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation=_CITATION,
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": text, "references": text}),
        )

    def _compute(
        self,
        predictions: Sequence[str | None],
        references: Sequence[str],
        fields: Iterable[str] | None = None,
        lenient: bool = False,
        resamples: int = 1000,
        seed: int = 0,
    ) -> dict[str, Any]:
        return score_rows(predictions, references, fields, lenient, resamples, seed)
