"""The diversity card: one set of queries beside people's and beside slot filling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from ..errors import EvaluationError
from ..knowledge.index import GraphIndex
from ..metrics.group_scores import score_groups
from ..metrics.scores import EntityScores
from ..schema import ParsedQuery, Query
from ..synthesis.coverage import Coverage, measure_coverage
from ..synthesis.diversity import (
    HUMAN_ANCHORS,
    MASKED_ANCHORS,
    SAMPLE_SIZE,
    Variety,
    mask_entities,
    measure_variety,
    render_varieties,
)
from ..synthesis.embeddings import Encoder
from ..synthesis.film_groups import FilmGroups
from ..synthesis.naturalness import measure_separability
from ..synthesis.near_duplicates import count_near_duplicates
from ..synthesis.slot_filling import fill_slots

OURS, SLOT_FILLING = "these queries", "slot filling"
SEARCH = "search"  # the style of people who type keywords, as most real queries at hand do

Pair = tuple[str, str]  # a text, and the same with every entity replaced by its type


@dataclass(frozen=True, slots=True)
class DiversityCard:
    """What was measured; see `render` for how it reads.

    Attributes:
        texts: measures of the queries, and of slot filling where it was asked for.
        masked: the same with every entity replaced by its type.
        coverage: of all queries, not only of the sample; None for texts without our labels.
        near_duplicates: queries that almost repeat an earlier one, of all queries; None likewise.
        separability: AUC of telling the queries from people's; None where there was no file.
        real_texts: how many texts of each side that AUC rests on.
        scores: of a parser, by what queries are grouped by and by group.
        scored: how many queries were parsed for that.
        parser: which one.
    """

    texts: Mapping[str, Variety]
    masked: Mapping[str, Variety]
    coverage: Coverage | None = None
    near_duplicates: int | None = None
    separability: float | None = None
    real_texts: int = 0
    scores: Mapping[str, Mapping[str, EntityScores]] = field(default_factory=dict)
    scored: int = 0
    parser: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the measures as plain JSON values, people's not included."""
        return {
            "texts": {name: one.to_dict() for name, one in self.texts.items()},
            "masked": {name: one.to_dict() for name, one in self.masked.items()},
            "coverage": self.coverage.to_dict() if self.coverage else None,
            "near_duplicates": self.near_duplicates,
            "separability": self.separability,
            "real_texts": self.real_texts,
            "parser": self.parser,
            "scored": self.scored,
            "scores": {
                name: {label: _summarise(one) for label, one in groups.items()}
                for name, groups in self.scores.items()
            },
        }

    def render(self) -> str:
        """Return the card as text: tables beside people's queries, then what the rows cover."""
        blocks = [
            render_varieties({**self.texts, **HUMAN_ANCHORS}),
            "with every entity replaced by its type:\n"
            + render_varieties({**self.masked, **MASKED_ANCHORS}),
        ]
        lines = [self.coverage.summary()] if self.coverage else []
        if self.coverage and self.near_duplicates is not None:
            share = self.near_duplicates / max(1, self.coverage.rows)
            lines.append(
                f"near-duplicates of an earlier row: {self.near_duplicates:,} ({share:.2%})"
            )
        if self.separability is not None:
            lines.append(
                f"told from people's queries with an AUC of {self.separability:.3f} "
                f"(0.5: not at all; {self.real_texts:,} of each)"
            )
        blocks.append("\n".join(lines))
        if self.scores:
            blocks.append("\n".join(self._render_scores()))
        return "\n\n".join(blocks).rstrip()

    def _render_scores(self) -> Iterator[str]:
        yield f"entity F1 of {self.parser} on {self.scored:,} queries (queries of each group):"
        for name, groups in self.scores.items():
            shown = (f"{label} {one.micro_f1:.3f} ({one.rows:,})" for label, one in groups.items())
            yield f"  by {name}: {', '.join(shown)}"


def make_card(
    pairs: Sequence[Pair],
    n: int = SAMPLE_SIZE,
    encode: Encoder | None = None,
    slot_filling: Sequence[Query] = (),
) -> DiversityCard:
    """Return the card of n of the texts, drawn with seed 0; meanings only with an encoder.

    Raises:
        EvaluationError: there are fewer than two texts.
    """
    if min(n, len(pairs)) < 2:
        raise EvaluationError(f"{len(pairs)} texts and n = {n}; diversity takes at least 2 texts")
    sets = {OURS: Random(0).sample(pairs, min(n, len(pairs)))}
    if slot_filling:
        sets[SLOT_FILLING] = pair_queries(slot_filling)
    return DiversityCard(
        texts={
            name: measure_variety([text for text, _ in one], encode) for name, one in sets.items()
        },
        masked={
            name: measure_variety([text for _, text in one], encode) for name, one in sets.items()
        },
    )


def describe_queries(
    queries: Sequence[Query],
    index: GraphIndex,
    n: int = SAMPLE_SIZE,
    encode: Encoder | None = None,
    *,
    slot_filling: bool = False,
    real: Sequence[str] = (),
) -> DiversityCard:
    """Return the card of queries, with what they cover and, given people's, how natural they are.

    The sample is for the tables; all else counts all the queries. Only those of the search style
    are set against people's, who type that way.

    Args:
        queries: of one split, or of several.
        index: of the graph they are about.
        n: size of the sample.
        encode: see `load_minilm`; None leaves the meanings out.
        slot_filling: fill three templates from the index and measure them too.
        real: texts that people wrote.

    Raises:
        EvaluationError: there are too few queries, real texts, or names for slot filling.
    """
    filled = fill_slots(index, min(n, len(queries))) if slot_filling else ()
    card = make_card(pair_queries(queries), n, encode, filled)
    card = replace(
        card,
        coverage=measure_coverage(queries, index),
        near_duplicates=count_near_duplicates(query.text for query in queries),
    )
    if not real:
        return card
    search = [one.text for one in queries if one.provenance and one.provenance.style == SEARCH]
    return replace(
        card,
        separability=measure_separability(search, real),
        real_texts=min(len(search), len(real)),
    )


def add_scores(
    card: DiversityCard,
    queries: Sequence[Query],
    parsed: Sequence[ParsedQuery],
    index: GraphIndex,
    parser: str,
) -> DiversityCard:
    """Return the card with the scores of a parser by the groups of films and people.

    The queries need not be those that the card is about: a parser that was trained on those is
    scored on others.

    Raises:
        EvaluationError: lengths differ, or a parsed text is not the text of its query.
    """
    groups = FilmGroups(index)
    scores = score_groups(queries, parsed, [groups.of(query) for query in queries])
    return replace(card, scores=scores, scored=len(queries), parser=parser)


def _summarise(scores: EntityScores) -> dict[str, Any]:
    return {"rows": scores.rows, **scores.total.to_dict()}


def pair_queries(queries: Sequence[Query]) -> list[Pair]:
    """Return each query's text, and the text with every entity replaced by its type."""
    return [(query.text, mask_entities(query)) for query in queries]
