"""Rewritten rows for a dataset: none lost, and no split brought nearer to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ..knowledge.normalisation import fold
from ..schema import Query
from ..synthesis.near_duplicates import NearDuplicateIndex
from .splits import split_of


def choose_texts(
    pairs: Sequence[tuple[Query, Query | None]], fallbacks: Counter[str] | None = None
) -> Iterator[Query]:
    """Yield each row in its new words, or as it was where those repeat or leak.

    New words must not be those of another row, nor a near-duplicate of any text of another split,
    old or new. So the old words of every row stay usable, and no row is lost to another.

    Args:
        pairs: the rows as they are, free of leaks, each with its new words if it has any.
        fallbacks: counts the rows that stay as they were, by reason: `repeated`, `near-duplicate`.
    """
    counts = Counter[str]() if fallbacks is None else fallbacks
    index = NearDuplicateIndex()
    texts: set[str] = set()
    for query, _ in pairs:
        index.add(index.sign(query.text), split_of(query))
        texts.add(_key(query))
    for query, rewritten in pairs:
        if rewritten is None:
            yield query
            continue
        signature, split = index.sign(rewritten.text), split_of(query)
        if _key(rewritten) in texts:
            reason = "repeated"
        elif next(index.matches(signature, split), None) is not None:
            reason = "near-duplicate"
        else:
            index.add(signature, split)
            texts.add(_key(rewritten))
            yield rewritten
            continue
        counts[reason] += 1
        yield query


def flatten(splits: Iterable[Iterable[Query]]) -> list[Query]:
    """Return the rows of all splits in the order of their index, as a builder writes them."""
    rows = [query for split in splits for query in split]
    return sorted(rows, key=lambda query: query.provenance.index if query.provenance else -1)


def _key(query: Query) -> str:
    return fold(query.text) or query.text
