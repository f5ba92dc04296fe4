"""How many texts of a dataset say almost the same as another."""

from __future__ import annotations

from collections.abc import Iterable

from .splits import NearDuplicateIndex


def count_near_duplicates(texts: Iterable[str]) -> int:
    """Return how many texts are near-duplicates of one that came before.

    Two texts are from a Jaccard similarity of 0.8 of their lower-cased character 5-grams on, as
    between splits.

    Example:
        >>> count_near_duplicates(["any heist movies?", "Any heist movies?", "who made Heat?"])
        1
    """
    index = NearDuplicateIndex()
    found = 0
    for text in texts:
        signature = index.sign(text)
        # the index looks in other splits than the one it is asked for
        found += next(index.matches(signature, "this one"), None) is not None
        index.add(signature, "earlier")
    return found
