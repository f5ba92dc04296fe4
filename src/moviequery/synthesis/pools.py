"""Films whose titles can be taken for something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..knowledge.index import GraphIndex
from ..knowledge.normalisation import fold
from ..schema import EntityType
from .grammar import Grammar
from .template import Choice, Template

_NAMING_TYPES = (
    EntityType.GENRE,
    EntityType.PLOT,
    EntityType.THEME,
    EntityType.MOOD,
    EntityType.SETTING,
    EntityType.CHARACTER,
    EntityType.COUNTRY,
)
_TONES = (EntityType.GENRE.value, EntityType.MOOD.value)
_LONGEST_COMMON = 3


def find_common(index: GraphIndex, positions: Sequence[int], grammar: Grammar) -> tuple[int, ...]:
    """Return the films whose title is made of words of queries, or names another thing too.

    "Run" and "The Morning After" are everyday words; "Brazil" is a place as well.
    """
    words = {word for frame in grammar.frames for word in _walk_words(frame.template)}
    return tuple(
        position
        for position in positions
        if _is_common(fold(index.films[position].title).split(), words)
        or any(index.link(kind, index.films[position].title) for kind in _NAMING_TYPES)
    )


def find_tonal(index: GraphIndex, positions: Sequence[int]) -> tuple[int, ...]:
    """Return the films with a word for a genre or a mood in their title: "Crime Story"."""
    tones = {
        fold(label)
        for node in index.nodes.values()
        if node.kind in _TONES
        for label in (node.label, *node.alternatives, *node.plurals)
    }
    return tuple(p for p in positions if tones & set(fold(index.films[p].title).split()))


def find_nesting(index: GraphIndex, positions: Sequence[int]) -> tuple[int, ...]:
    """Return the films whose title holds the whole title of another: "Fired Up!"."""
    titles = {fold(film.title) for film in index.films}
    return tuple(
        position
        for position in positions
        if any(run in titles for run in _inner_runs(fold(index.films[position].title).split()))
    )


def _is_common(title: list[str], words: set[str]) -> bool:
    return 0 < len(title) <= _LONGEST_COMMON and words.issuperset(title)


def _inner_runs(words: list[str]) -> Iterator[str]:
    """Yield every run of neighbouring words but the whole."""
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            if end - start < len(words):
                yield " ".join(words[start:end])


def _walk_words(template: Template) -> Iterator[str]:
    for node in template:
        if isinstance(node, str):
            yield from fold(node).split()
        elif isinstance(node, Choice):
            for option in node.options:
                yield from _walk_words(option)
