"""How near words about a film come to what the graph says it is about.

Two words are alike as far as they share groups of three letters ("robbers", "robbery"). A phrase is
as near as its words have their like among the words for the film, each word weighed by how few
films it is a word for: "love" says little, "amnesia" much. That needs no model, and is the same on
every machine.

`benchmarks/likeness.py` finds the threshold on labelled phrases, and says how good it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from math import log

from ..knowledge.index import Film, GraphIndex
from ..knowledge.normalisation import fold
from ..schema import EntityType

# Of the labelled phrases it keeps all that are true of their film, and refuses 96 % of those that
# are another film's.
THRESHOLD = 0.25
ABOUTNESS = (EntityType.PLOT, EntityType.THEME, EntityType.MOOD, EntityType.SETTING)
_EVIDENCE = (*ABOUTNESS, EntityType.GENRE)
_STOP_WORDS = """
    a about an and another are as at be been but by for from has have he her him his how in into is
    it its of off on one or out over she some than that the their them they this to up was what
    when where which who whose why with film films movie movies story stories tale tells between
"""
_EMPTY = frozenset(_STOP_WORDS.split())
_LEAST_ALIKE = 0.6
_STEM = 5  # letters; "robber" and "robbery" are counted as one


def is_near(index: GraphIndex, film: Film, text: str) -> bool:
    """Return whether a phrase comes near to what a film is about."""
    return measure_likeness(index, film, text) >= THRESHOLD


def measure_likeness(index: GraphIndex, film: Film, text: str) -> float:
    """Return from 0 to 1 how near a phrase comes to what the graph says a film is about.

    Example:
        >>> from moviequery import Movie, MovieGraph
        >>> heist = Movie("Heat", 1995, plots=("a detective hunts bank robbers",))
        >>> index = MovieGraph.from_movies([heist]).index
        >>> measure_likeness(index, index.films[0], "a robber of banks") > 0.5
        True
        >>> measure_likeness(index, index.films[0], "talking animals")
        0.0
    """
    words = list_words(text)
    if not words:
        return 1.0  # nothing that says anything
    known = {word for name in list_names(index, film) for word in list_words(name)}
    weights = [_weigh(index, word) for word in words]
    alike = [max((_compare(word, other) for other in known), default=0.0) for word in words]
    return sum(w * a for w, a in zip(weights, alike, strict=True)) / sum(weights)


def list_names(index: GraphIndex, film: Film) -> list[str]:
    """Return all that what a film is about is called, in any words of the vocabulary."""
    nodes = (
        index.nodes[value]
        for kind in _EVIDENCE
        for value in film.facts.get(kind, ())
        if value in index.nodes
    )
    return [name for node in nodes for name in (node.label, *node.alternatives, *node.plurals)]


@lru_cache(maxsize=100_000)
def list_words(text: str) -> tuple[str, ...]:
    """Return the folded words of a text that say something, each once."""
    return tuple(word for word in dict.fromkeys(fold(text).split()) if word not in _EMPTY)


def _weigh(index: GraphIndex, word: str) -> float:
    """Return how much a word says: the logarithm of the share of films it is not a word for."""
    return log((len(index.films) + 2) / (index.remember(_count_stems).get(word[:_STEM], 0) + 1))


def _count_stems(index: GraphIndex) -> Mapping[str, int]:
    """Return for how many films each beginning of a word is among their words."""
    counts: Counter[str] = Counter()
    for film in index.films:
        names = list_names(index, film)
        counts.update({word[:_STEM] for name in names for word in list_words(name)})
    return counts


def _compare(word: str, other: str) -> float:
    """Return 1 for one word, its share of letter groups for words that are alike, else 0."""
    if word == other:
        return 1.0
    first, second = _groups(word), _groups(other)
    alike = 2 * len(first & second) / (len(first) + len(second))
    return alike if alike >= _LEAST_ALIKE else 0.0


@lru_cache(maxsize=100_000)
def _groups(word: str) -> frozenset[str]:
    padded = f" {word} "
    return frozenset(padded[start : start + 3] for start in range(len(padded) - 2))
