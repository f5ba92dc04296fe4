"""How near words about a film come to what the graph says it is about.

Words are alike if they begin alike ("robbers", "robbery") or share most groups of three letters.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..knowledge.normalisation import fold

THRESHOLD = 0.25
_STOP_WORDS = """
    a about an and another are as at be been but by for from has have he her him his how in into is
    it its of off on one or out over she some than that the their them they this to up was what
    when where which who whose why with film films movie movies story stories tale tells between
"""
_EMPTY = frozenset(_STOP_WORDS.split())
_LEAST_ALIKE = 0.6


def is_near(text: str, labels: Iterable[str]) -> bool:
    """Return whether a phrase comes near to one of the labels.

    Example:
        >>> is_near("bank robbers", ["a detective hunts robbers of a bank"])
        True
        >>> is_near("talking animals", ["loyalty", "obsession"])
        False
    """
    return measure_likeness(text, labels) >= THRESHOLD


def measure_likeness(text: str, labels: Iterable[str]) -> float:
    """Return the share of the phrase's words that have their like among the labels' words."""
    known = {word for label in labels for word in list_words(label)}
    words = list_words(text)
    if not words:
        return 1.0  # nothing that says anything
    return sum(
        max((_compare(word, other) for other in known), default=0.0) for word in words
    ) / len(words)


def list_words(text: str) -> list[str]:
    """Return the folded words of a text that say something, each once."""
    return [word for word in dict.fromkeys(fold(text).split()) if word not in _EMPTY]


def _compare(word: str, other: str) -> float:
    """Return 1 for one word, its share of letter groups for words that are alike, else 0."""
    if word == other:
        return 1.0
    first, second = _groups(word), _groups(other)
    alike = 2 * len(first & second) / (len(first) + len(second))
    return alike if alike >= _LEAST_ALIKE else 0.0


def _groups(word: str) -> set[str]:
    padded = f" {word} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}
