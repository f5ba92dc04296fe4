"""Scores of parsed queries on BIO and CoNLL files, by seqeval's definition.

An entity is right if its first token, last token and label are gold's; counts pool over sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from ..errors import EvaluationError
from ..schema import Entity, ParsedQuery
from .labels import LabelMap as LabelMap
from .macro_f1.counts import Counts, compare_sets, ratio
from .scores import check_texts, format_counts
from .sentences import Sentence as Sentence
from .sentences import read_bio as read_bio
from .sentences import read_chunks as read_chunks


def spans_to_bio(
    sentence: Sentence, entities: Iterable[Entity], label_map: LabelMap
) -> tuple[str, ...]:
    """Return one tag per token for entities given by characters of `sentence.text`.

    An entity takes every token that it covers at least in part. Where two want one token, the one
    that starts first keeps it (of two that start together, the longer). Types that the map leaves
    out take nothing.

    Example:
        >>> from moviequery.schema import EntityType
        >>> heat = Entity(EntityType.TITLE, "the heat", 5, 13)
        >>> sentence = Sentence(("like", "the", "heat"), ("O", "O", "O"))
        >>> spans_to_bio(sentence, [heat], LabelMap.read("mit-movie"))
        ('O', 'B-TITLE', 'I-TITLE')
    """
    return _place_spans(sentence, entities, label_map)[0]


def _place_spans(
    sentence: Sentence, entities: Iterable[Entity], label_map: LabelMap
) -> tuple[tuple[str, ...], int]:
    """Return the tags, and how many entities got fewer tokens than they cover, or cover none."""
    offsets = sentence.offsets
    tags = ["O"] * len(offsets)
    clipped = 0
    for entity in sorted(entities, key=lambda each: (each.start, -each.end, each.type)):
        label = label_map.label(entity.type)
        if label is None:
            continue
        covered = [
            i for i, (start, end) in enumerate(offsets) if entity.start < end and start < entity.end
        ]
        free = [i for i in covered if tags[i] == "O"]
        clipped += not covered or len(free) < len(covered)
        for position, i in enumerate(free):
            follows = label_map.join and i > 0 and tags[i - 1].endswith(f"-{label}")
            tags[i] = f"{'I' if position or follows else 'B'}-{label}"
    return tuple(tags), clipped


@dataclass(frozen=True, slots=True)
class BioScores:
    """Counts per label, and the scores that follow; the scores of two files add up.

    Attributes:
        counts: per label that occurs in gold or answers, spelt as the label map spells it.
        sentences: how many were scored.
        parsed: answers that were valid; the others miss all of their gold.
        repaired: gold entities that opened with I- or E- in the file.
        clipped: predicted entities that lost tokens to another, or covered none.
        unmapped: gold labels that no type of the map answers to; all of them are missed.
    """

    counts: Mapping[str, Counts]
    sentences: int = 0
    parsed: int = 0
    repaired: int = 0
    clipped: int = 0
    unmapped: frozenset[str] = frozenset()

    def __add__(self, other: BioScores) -> BioScores:
        """Return the scores of both files together."""
        nothing = Counts()
        labels = sorted({*self.counts, *other.counts})
        return BioScores(
            counts={
                label: self.counts.get(label, nothing) + other.counts.get(label, nothing)
                for label in labels
            },
            sentences=self.sentences + other.sentences,
            parsed=self.parsed + other.parsed,
            repaired=self.repaired + other.repaired,
            clipped=self.clipped + other.clipped,
            unmapped=self.unmapped | other.unmapped,
        )

    @property
    def total(self) -> Counts:
        """The counts of all labels together."""
        return reduce(add, self.counts.values(), Counts())

    @property
    def micro_f1(self) -> float:
        """F1 of all entities together."""
        return self.total.f1

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the labels that occur in gold or answers, as seqeval has it; 0.0 for none."""
        return ratio(sum(counts.f1 for counts in self.counts.values()), len(self.counts))

    @property
    def parse_rate(self) -> float:
        """Share of valid answers."""
        return ratio(self.parsed, self.sentences)

    def to_dict(self) -> dict[str, Any]:
        """Return all scores as plain JSON values."""
        return {
            "micro_f1": self.micro_f1,
            "macro_f1": self.macro_f1,
            "precision": self.total.precision,
            "recall": self.total.recall,
            "support": self.total.support,
            "sentences": self.sentences,
            "parse_rate": self.parse_rate,
            "repaired_tags": self.repaired,
            "clipped_entities": self.clipped,
            "unmapped_labels": sorted(self.unmapped),
            "labels": {label: counts.to_dict() for label, counts in self.counts.items()},
        }

    def to_table(self) -> str:
        """Return the scores as text, one line per label."""
        lines = [
            format_counts(self.counts.items(), self.macro_f1),
            "",
            f"sentences {self.sentences}, parse rate {self.parse_rate:.4f}, "
            f"repaired tags {self.repaired}, clipped entities {self.clipped}",
        ]
        if self.unmapped:
            lines.append(
                f"no type answers to {', '.join(sorted(self.unmapped))}: counted as missed"
            )
        return "\n".join(lines)


def score_bio(
    sentences: Sequence[Sentence], parsed: Sequence[ParsedQuery], label_map: LabelMap
) -> BioScores:
    """Return how the parses of the sentences' texts meet their tags.

    Micro and macro F1 are seqeval's in its default mode. Labels are compared without case.

    Raises:
        EvaluationError: a parsed text is not the sentence's, or the map knows no label of the file.
    """
    check_texts([sentence.text for sentence in sentences], parsed)
    rows = (_score_sentence(*each, label_map) for each in zip(sentences, parsed, strict=True))
    scores = reduce(add, rows, BioScores({}))
    gold = {label for label, counts in scores.counts.items() if counts.support}
    if gold and gold == scores.unmapped:
        raise EvaluationError(
            f"no label of the file ({', '.join(sorted(gold))}) stands in the label map "
            f"{label_map.name} ({', '.join(sorted(set(label_map.labels.values())))}); "
            "choose another with --labels"
        )
    return scores


def _score_sentence(sentence: Sentence, answer: ParsedQuery, label_map: LabelMap) -> BioScores:
    tags, clipped = _place_spans(sentence, answer.entities if answer.valid else (), label_map)
    gold, said = (
        {(label_map.spell(label), start, end) for label, start, end in read_chunks(each)}
        for each in (sentence.tags, tags)
    )
    labels = sorted({label for label, _, _ in gold | said})
    return BioScores(
        counts={
            label: compare_sets(
                frozenset(chunk for chunk in said if chunk[0] == label),
                frozenset(chunk for chunk in gold if chunk[0] == label),
            )
            for label in labels
        },
        sentences=1,
        parsed=int(answer.valid),
        repaired=sentence.repaired,
        clipped=clipped,
        unmapped=frozenset({label for label, _, _ in gold} - set(label_map.labels.values())),
    )
