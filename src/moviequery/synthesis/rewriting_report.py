"""What a run of rewriting came to: kept, tried again, refused and why, and how diverse it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..schema import Query
from .diversity import SAMPLE_SIZE, Variety, measure_variety, render_varieties
from .journal import Journal
from .usage import Prices, Usage


@dataclass(slots=True)
class RewritingReport:
    """Counts of rows, and of the replies that were refused on the way.

    Attributes:
        kept: rows in new words.
        retried: of them, those that took more than one reply.
        refused: rows that keep the template's text, by the kind of the last refusal.
        replies: replies that were refused, by kind, whatever became of the row.
        fallbacks: rows whose new words were taken back, since they repeat or leak.
        unsettled: rows without an outcome.
        examples: for each kind of refusal, one detail.
        usage: all that was ever asked for these rows' journal.
        varieties: measures of the texts before and after, by name.
    """

    kept: int = 0
    retried: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    replies: Counter[str] = field(default_factory=Counter)
    fallbacks: Counter[str] = field(default_factory=Counter)
    unsettled: int = 0
    examples: dict[str, str] = field(default_factory=dict)
    usage: Usage = Usage()
    varieties: dict[str, Variety] = field(default_factory=dict)

    @classmethod
    def count(cls, rows: Iterable[Query], journal: Journal) -> RewritingReport:
        """Return the counts of what a journal holds of the rows."""
        report = cls(usage=journal.usage)
        for query in rows:
            outcome = journal.outcome(query)
            if outcome is None:
                report.unsettled += 1
                continue
            for kind, detail in outcome.refusals:
                report.replies[kind] += 1
                report.examples.setdefault(kind, detail)
            if outcome.query is None:
                report.refused[outcome.refusals[-1][0]] += 1
            else:
                report.kept += 1
                report.retried += bool(outcome.refusals)
        return report

    def compare(self, before: Sequence[Query], after: Sequence[Query]) -> None:
        """Measure how diverse the first 1,000 texts that were rewritten are, old and new."""
        changed = [
            (old.text, new.text)
            for old, new in zip(before, after, strict=True)
            if old.text != new.text
        ][:SAMPLE_SIZE]
        if len(changed) > 1:
            olds, news = zip(*changed, strict=True)
            self.varieties = {"before": measure_variety(olds), "after": measure_variety(news)}

    def to_dict(self, prices: Prices | None = None) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            "kept": self.kept - self.fallbacks.total(),
            "retried": self.retried,
            "refused": dict(sorted(self.refused.items())),
            "fallbacks": dict(sorted(self.fallbacks.items())),
            "unsettled": self.unsettled,
            "refused_replies": dict(sorted(self.replies.items())),
            "examples": dict(sorted(self.examples.items())),
            "usage": self.usage.to_row(),
            "cost": prices.cost(self.usage) if prices else None,
            "diversity": {name: one.to_dict() for name, one in self.varieties.items()},
        }

    def summary(self, prices: Prices | None = None) -> str:
        """Return the report as a few lines for people."""
        kept = self.kept - self.fallbacks.total()
        lines = [
            f"{kept:,} rows in new words; {self.retried:,} took more than one reply",
            f"kept as they were: {_list(self.refused + self.fallbacks)}",
            f"refused replies: {_list(self.replies)}",
        ]
        lines += [f"  {kind}, such as: {detail}" for kind, detail in sorted(self.examples.items())]
        if self.unsettled:
            lines.append(f"without an answer: {self.unsettled:,}")
        lines.append(f"asked in all: {self.usage.summary(prices)}")
        return "\n".join([*lines, *([render_varieties(self.varieties)] if self.varieties else [])])


def _list(counts: Mapping[str, int]) -> str:
    listed = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {kind}" for kind, count in listed) or "none"
