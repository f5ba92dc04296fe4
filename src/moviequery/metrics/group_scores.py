"""Scores of one parser on groups of queries, to see whom it serves worse."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..errors import EvaluationError
from ..schema import ParsedQuery, Query
from .scores import EntityScores, score_entities


def score_groups(
    gold: Sequence[Query],
    parsed: Sequence[ParsedQuery],
    groups: Sequence[Mapping[str, Collection[str]]],
) -> dict[str, dict[str, EntityScores]]:
    """Return scores by what queries are grouped by and by group, both sorted.

    Args:
        gold: queries with gold labels.
        parsed: the answers, in their order.
        groups: of each query, such as {"decade": ["1990s"]}; one in two groups counts in both.

    Raises:
        EvaluationError: lengths differ, or a parsed text is not the gold text of its row.

    Example:
        >>> from moviequery.schema import Intent
        >>> queries = [Query("hi", Intent.NON_REC), Query("any heists?", Intent.REC)]
        >>> answers = [ParsedQuery(query.text, Intent.REC) for query in queries]
        >>> scores = score_groups(queries, answers, [{"length": ["short"]}, {"length": ["long"]}])
        >>> {name: one.intent["accuracy"] for name, one in scores["length"].items()}
        {'long': 1.0, 'short': 0.0}
    """
    if not len(gold) == len(parsed) == len(groups):
        raise EvaluationError(
            f"{len(gold)} queries, {len(parsed)} parsed and the groups of {len(groups)}: one each"
        )
    rows = [score_entities([query], [answer]) for query, answer in zip(gold, parsed, strict=True)]
    scores: dict[str, dict[str, EntityScores]] = {}
    for row, names in zip(rows, groups, strict=True):
        for name, labels in names.items():
            table = scores.setdefault(name, {})
            for label in sorted(set(labels)):
                table[label] = table.get(label, EntityScores()) + row
    return {name: dict(sorted(scores[name].items())) for name in sorted(scores)}
