"""Texts that say almost the same: a Jaccard similarity of 0.8 of their 5-grams of characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

# Two texts are near-duplicates from a Jaccard similarity of 8/10 of their 5-grams on.
# Kept as a fraction: 0.8 has no exact binary form, and the boundary case is common.
_SHARED, _OF = 4, 5
_GRAM = 5

Signature = list[int]


class _Ranks(dict[str, int]):
    """Rank of each 5-gram, lowest for the rarest; one that is met later is taken to be rarer.

    That needs no first pass over the texts, and counting them first gains nothing measurable.
    """

    def __missing__(self, gram: str) -> int:
        rank = self[gram] = -len(self)
        return rank


class NearDuplicateIndex:
    """Texts by split, searched for near-duplicates in the other splits.

    The answer is exact. Two texts as alike as that must share one of the rarest 5-grams of each
    (prefix filtering: of `n` 5-grams, the `n - ceil(0.8 n) + 1` rarest), so only texts that do
    are compared in full. Any order of the 5-grams gives the same answer; rarest first is fast.
    """

    def __init__(self) -> None:
        """Start without texts."""
        self._ranks = _Ranks()
        self._signatures: list[Signature] = []
        self._postings: dict[str, dict[int, list[int]]] = {}

    def sign(self, text: str) -> Signature:
        """Return the ranks of the text's 5-grams, rarest first."""
        ranks = self._ranks
        return sorted([ranks[gram] for gram in _grams(text)])

    def add(self, signature: Signature, split: str) -> None:
        """Keep a text; it gets the next number, from 0."""
        number = len(self._signatures)
        self._signatures.append(signature)
        postings = self._postings.setdefault(split, {})
        for rank in _prefix(signature):
            postings.setdefault(rank, []).append(number)

    def matches(self, signature: Signature, split: str) -> Iterator[int]:
        """Yield the numbers of the texts of other splits that are near-duplicates, ascending."""
        candidates: set[int] = set()
        for other, postings in self._postings.items():
            if other != split:
                for rank in _prefix(signature):
                    candidates.update(postings.get(rank, ()))
        own = frozenset(signature)
        for number in sorted(candidates):
            other_signature = self._signatures[number]
            total = len(own) + len(other_signature)
            # shared / (total - shared) >= 4/5, without the division
            shared = len(own.intersection(other_signature))
            if (_SHARED + _OF) * shared >= _SHARED * total:
                yield number


def _grams(text: str) -> set[str]:
    """Return the lower-cased 5-grams of a text; a shorter text is one gram."""
    lowered = text.lower()
    return {lowered[i : i + _GRAM] for i in range(max(1, len(lowered) - _GRAM + 1))}


def _prefix(signature: Signature) -> Signature:
    """Return the rarest 5-grams, of which every near-duplicate shares at least one."""
    return signature[: len(signature) - -(-len(signature) * _SHARED // _OF) + 1]


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
