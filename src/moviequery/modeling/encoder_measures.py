"""How good a trained fast parser is on synthetic rows, and how sure it may say it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..metrics.scores import score_entities
from ..schema import ParsedQuery, Query
from .encoder_rows import IGNORED, EncodedRow, EvaluationBatches
from .tags import Floats, Indices

if TYPE_CHECKING:
    from .fast_reader import FastReader
    from .network import Network

_GOLDEN = (math.sqrt(5) - 1) / 2
# The logarithms of the temperatures looked at.
_BOUNDS = (math.log(0.1), math.log(10))


def score_rows(reader: FastReader, queries: Sequence[Query]) -> dict[str, Any]:
    """Return the scores of a parser on queries with gold labels, as plain JSON values."""
    parsed, _ = reader.read([query.text for query in queries])
    return score_entities(queries, parsed).to_dict()


def fit_temperatures(network: Network, rows: Sequence[EncodedRow]) -> tuple[float, float]:
    """Return what to divide the logits of tags and of intents by, so that scores are shares.

    Temperature scaling (arXiv 1706.04599), on rows that were not learnt.
    """
    spans, tags, intents, gold = [], [], [], []
    for batch in _walk(EvaluationBatches(rows, 32)):
        logits = network.run(batch["input_ids"], batch["attention_mask"], batch["names"])
        known = batch["tags"] != IGNORED
        spans.append(logits.spans[known])
        tags.append(batch["tags"][known])
        intents.append(logits.intent)
        gold.append(batch["intents"])
    return (
        fit_temperature(np.concatenate(spans), np.concatenate(tags)),
        fit_temperature(np.concatenate(intents), np.concatenate(gold)),
    )


def _walk(batches: EvaluationBatches) -> Any:  # noqa: ANN401
    for number in range(len(batches)):
        yield {name: tensor.numpy() for name, tensor in batches[number].items()}


def fit_temperature(logits: Floats, gold: Indices) -> float:
    """Return the temperature at which the gold classes (rows) are likeliest, rounded.

    Example:
        >>> sure = np.array([[4.0, 0.0]] * 4, dtype=np.float32)
        >>> fit_temperature(sure, np.array([0, 0, 0, 1])) > 2  # right only three times of four
        True
    """

    def lose(log_temperature: float) -> float:
        scaled = logits / math.exp(log_temperature)
        scaled = scaled - scaled.max(1, keepdims=True)
        sums = np.log(np.exp(scaled).sum(1))
        return float((sums - scaled[np.arange(len(gold)), gold]).mean())

    return round(math.exp(_find_lowest(lose, *_BOUNDS)), 4)


def _find_lowest(lose: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function with one valley is lowest (golden-section search)."""
    while high - low > 1e-3:
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        low, high = (low, right) if lose(left) < lose(right) else (left, high)
    return (low + high) / 2


def fit_threshold(reader: FastReader, queries: Sequence[Query]) -> float:
    """Return the score below which a parse is best called not sure.

    A parse is as sure as its least sure entity or its intent. Taken is the threshold at which
    most verdicts hold: sure and all right, or not sure and something wrong.
    """
    parsed, _ = reader.read([query.text for query in queries])
    scores = np.array([_least(each) for each in parsed])
    right = np.array([_is_right(*pair) for pair in zip(queries, parsed, strict=True)])
    return choose_threshold(scores, right)


def choose_threshold(scores: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> float:
    """Return the threshold at which the most verdicts hold; the lowest of several.

    Example:
        >>> choose_threshold(np.array([0.2, 0.4, 0.6, 0.9]), np.array([0, 0, 1, 1], bool))
        0.5
    """
    order = np.argsort(scores, kind="stable")
    wrong_below = np.concatenate(([0], np.cumsum(~right[order])))
    right_above = right.sum() - np.concatenate(([0], np.cumsum(right[order])))
    cut = int((wrong_below + right_above).argmax())
    edges = np.concatenate(([0.0], scores[order], [1.0]))
    return round(float((edges[cut] + edges[cut + 1]) / 2), 4)


def _least(parsed: ParsedQuery) -> float:
    entities = [entity.score for entity in parsed.entities if entity.score is not None]
    return min([*entities, max(parsed.scores.values())])


def _is_right(query: Query, parsed: ParsedQuery) -> bool:
    ours, gold = (
        {(entity.type, entity.start, entity.end) for entity in each.entities}
        for each in (parsed, query)
    )
    return parsed.intent is query.intent and ours == gold
