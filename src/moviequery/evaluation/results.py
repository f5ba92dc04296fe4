"""`results.json`: everything that the report shows, gathered in one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..modeling.name_listing import NameListing, ask
from ..modeling.prompts import TASKS
from .asking import Answered
from .scoring import measure_gap
from .systems import BASE, HELD, TUNED
from .trials import TEST, Trial

# Section IV, figures 8 and 9: Macro-F1 of titles, and of the two intents; None where the paper
# gives none.
PAPER: Mapping[str, Mapping[str, float | None]] = {
    "fine-tuned Llama 3.2 3B": {"titles": 1.0, "intent": 0.9935},
    "base Llama 3.2 3B": {"titles": 0.9753, "intent": 0.9805},
    "roberta-movie-w-title": {"titles": 0.3253, "intent": None},
    "bert-base-NER": {"titles": 0.2191, "intent": None},
}
# The paper calls answers below it highly desirable (section III-A).
PAPER_LATENCY_MS = 500
_EXAMPLES = 8


def collect_results(
    facts: Mapping[str, Any],
    trials: Sequence[Trial],
    answered: Mapping[str, Answered],
    names: NameListing | None = None,
) -> dict[str, Any]:
    """Return everything that is known of an experiment, as plain JSON values.

    Args:
        facts: settings, training, machine and so on; they stand as they are.
        trials: what was asked.
        answered: by system; `base`, `fine_tuned` and `fine_tuned_constrained` have keys of their
            own, the others stand under `baselines`.
        names: those that were listed behind the texts for the fine-tuned model; none if None.
    """
    scored = {name: _score(one, trials) for name, one in answered.items()}
    own = {name: scored.pop(name) for name in (BASE, TUNED, HELD) if name in scored}
    return {
        **facts,
        "paper": {name: dict(scores) for name, scores in PAPER.items()},
        "paper_latency_ms": PAPER_LATENCY_MS,
        "rows": {trial.name: len(trial.texts) for trial in trials},
        "intents": {trial.name: _count_intents(trial) for trial in trials if trial.queries},
        "system_prompts": {task: ask("", task, names)[0]["content"] for task in TASKS},
        "examples": _list_examples(trials[0], answered[BASE], answered[TUNED], names),
        **own,
        "baselines": scored,
        "gap": {
            trial.name: measure_gap(
                answered[BASE].replies[trial.name].by_task,
                answered[TUNED].replies[trial.name].by_task,
                trial.queries,
            )
            for trial in trials
            if trial.queries
        },
    }


def _score(one: Answered, trials: Sequence[Trial]) -> dict[str, Any]:
    """Return the scores of a system: on the test at its top, on each trial below."""
    own = {t.name: t.score(one.replies[t.name]) for t in trials if not t.real}
    timed = one.replies[TEST].seconds
    return {
        "title": one.title,
        **own[TEST],
        "latency_ms": dict(one.latency),
        "seconds_per_query": sum(timed) / len(timed),
        "splits": {name: scores for name, scores in own.items() if name != TEST},
        "real": {t.name: t.score(one.replies[t.name]) for t in trials if t.real},
    }


def _list_examples(
    trial: Trial, base: Answered, tuned: Answered, names: NameListing | None
) -> list[dict[str, Any]]:
    """Return the first queries with gold, what was asked, and what both models wrote to it."""
    return [
        {
            "text": query.text,
            "prompts": {task: ask(query.text, task, names)[1]["content"] for task in TASKS},
            "gold": query.to_json(),
            **{
                name: {task: rows[number] for task, rows in one.replies[trial.name].by_task.items()}
                for name, one in ((BASE, base), (TUNED, tuned))
            },
        }
        for number, query in enumerate(trial.queries[:_EXAMPLES])
    ]


def _count_intents(trial: Trial) -> dict[str, int]:
    return dict(sorted(Counter(query.intent.value for query in trial.queries).items()))
