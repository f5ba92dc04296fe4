"""Many names looked up in a text at once, by whole words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..knowledge.normalisation import fold
from ..schema import EntityType

# "&" is a word of names ("Lilo & Stitch"); an apostrophe parts nothing ("Ocean's Eleven").
_WORD = re.compile(r"&|[^\W_]+(?:['’][^\W_]+)*")


@dataclass(slots=True)
class _Step:
    """What may follow the words so far, and what a name that ends here is."""

    following: dict[str, _Step] = field(default_factory=dict)
    types: frozenset[EntityType] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """A name in a text, characters `[start, end)`, and of how many words it is."""

    start: int
    end: int
    words: int
    types: frozenset[EntityType]


class NameTrie:
    """Names by their folded words; finds the longest name from the left, and goes on behind it.

    Example:
        >>> trie = NameTrie([("Star Wars", EntityType.TITLE), ("war", EntityType.GENRE)])
        >>> [(m.start, m.end) for m in trie.find("a STAR-WARS like war film")]
        [(2, 11), (17, 20)]
    """

    def __init__(self, names: Iterable[tuple[str, EntityType]]) -> None:
        """Take names with their types; a name may be of several."""
        self._root = _Step()
        for name, entity_type in names:
            step = self._root
            for word in fold(name).split():
                step = step.following.setdefault(word, _Step())
            if step is not self._root:
                step.types |= {entity_type}

    def find(self, text: str) -> Iterator[Match]:
        """Yield the names of a text, from the left; none shares a word with another."""
        words = [
            (folded, match.start(), match.end())
            for match in _WORD.finditer(text)
            for folded in [fold(match[0])]
            if folded
        ]
        position = 0
        while position < len(words):
            length, types = self._longest(words, position)
            if types:
                end = words[position + length - 1][2]
                yield Match(words[position][1], end, length, types)
            position += length or 1

    def _longest(
        self, words: list[tuple[str, int, int]], position: int
    ) -> tuple[int, frozenset[EntityType]]:
        """Return how many words the longest name from a position has, and its types."""
        step, best, types = self._root, 0, frozenset[EntityType]()
        for length, (word, _, _) in enumerate(words[position:], 1):
            following = step.following.get(word)
            if following is None:
                break
            step = following
            if step.types:
                best, types = length, step.types
        return best, types
