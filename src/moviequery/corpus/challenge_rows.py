"""The rows of the challenge splits that may stand beside a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tqdm import tqdm

from ..errors import DatasetError
from ..schema import Query
from ..synthesis.builder import SyntheticQueryBuilder
from ..synthesis.challenge import CHALLENGES, TEST, ChallengeBuilder
from .splits import LeakFilter


def prepare_challenges(source: object, n: int) -> ChallengeBuilder | None:
    """Return what writes n rows of each challenge split beside a dataset; None for n = 0.

    Args:
        source: the builder of the dataset.
        n: rows of each split.

    Raises:
        DatasetError: the source is no `SyntheticQueryBuilder`, or n is below 0.
        GrammarError: the builder has no test split, or too few films in it.
    """
    if n < 0:
        raise DatasetError(f"challenge is {n}: ask for rows of each split, or 0 for none")
    if n and not isinstance(source, SyntheticQueryBuilder):
        raise DatasetError(
            f"challenge rows are made by a SyntheticQueryBuilder, not by {type(source).__name__}: "
            "pass one, or challenge=0"
        )
    return ChallengeBuilder(source) if n and isinstance(source, SyntheticQueryBuilder) else None


def select_challenges(
    challenge: ChallengeBuilder, n: int, leak_filter: LeakFilter
) -> Iterator[Query]:
    """Yield n rows of every challenge split, none of which leaks into train or validation.

    To the filter, which has accepted the dataset's own rows, they are rows of test: they may
    share its films and frames, but no text.

    Raises:
        GrammarError: the test split's films and frames cannot give n rows.
    """
    with tqdm(
        total=n * len(CHALLENGES), unit=" queries", desc="challenge", disable=None
    ) as progress:
        for split in CHALLENGES:
            left = n
            for query in challenge.candidates(split):
                if leak_filter.accept(_count_as_test(query)):
                    yield query
                    progress.update()
                    left -= 1
                    if not left:
                        break


def _count_as_test(query: Query) -> Query:
    provenance = query.provenance
    return replace(query, provenance=provenance and replace(provenance, split=TEST))
