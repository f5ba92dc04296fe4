"""The names of a graph found in running text: the longest first, none within another."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ..schema import EntityType
from .index import GraphIndex
from .normalisation import fold, split_title, title_key

TITLE = EntityType.TITLE.value
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LONGEST = 14  # words; longer names are sentences, which nobody quotes word by word


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of the graph in a text: `text[start:end]`.

    Attributes:
        start: offset of the first character.
        end: offset after the last character.
        kind: "title", "person", or the value of another `EntityType`.
        iris: what it denotes, sorted.
    """

    start: int
    end: int
    kind: str
    iris: tuple[str, ...]


class Gazetteer:
    """Finds the names of some kinds in texts.

    Case, accents and punctuation do not count; whether a common word ("heat") is meant as a name
    is for the caller to say.
    """

    def __init__(self, index: GraphIndex, kinds: Collection[str]) -> None:
        """Read the names of films for "title", of people for "person", and of concepts."""
        found: dict[str, set[tuple[str, str]]] = {}
        self._lengths: dict[str, int] = {}
        for kind in sorted(kinds):
            for name, iri in _list_names(index, kind):
                words = [fold(word) for word in _WORD.findall(name)]
                if not words or len(words) > _LONGEST:
                    continue
                for key in {fold(name), title_key(name) if kind == TITLE else fold(name)}:
                    found.setdefault(key, set()).add((kind, iri))
                for first in {words[0], _second(words) if kind == TITLE else words[0]}:
                    self._lengths[first] = max(len(words), self._lengths.get(first, 0))
        self._names = {
            name: {
                kind: tuple(sorted(iri for other, iri in things if other == kind))
                for kind in sorted({kind for kind, _ in things})
            }
            for name, things in found.items()
        }

    def find(self, text: str) -> tuple[Mention, ...]:
        """Return the names in a text in their order; a name of several kinds comes once for each.

        Example:
            >>> from moviequery import Movie, MovieGraph
            >>> index = MovieGraph.from_movies([Movie("The Matrix", 1999)]).index
            >>> [mention] = Gazetteer(index, {"title"}).find("I saw the matrix again")
            >>> mention.start, mention.end
            (6, 16)
        """
        return tuple(self._walk(text))

    def _walk(self, text: str) -> Iterator[Mention]:
        words = list(_WORD.finditer(text))
        place = 0
        while place < len(words):
            count, mentions = self._find_longest(text, words[place:])
            yield from mentions
            place += count or 1

    def _find_longest(
        self, text: str, words: list[re.Match[str]]
    ) -> tuple[int, tuple[Mention, ...]]:
        """Return how many words the longest name at the beginning has, and what it is."""
        start = words[0].start()
        length = max(self._lengths.get(fold(form), 0) for form in _list_forms(words[0][0]))
        for count in range(min(length, len(words)), 0, -1):
            for form in _list_forms(text[start : words[count - 1].end()]):
                if kinds := self._names.get(fold(form)):
                    end = start + len(form)
                    found = (Mention(start, end, kind, iris) for kind, iris in kinds.items())
                    return count, tuple(found)
        return 0, ()


def _list_forms(words: str) -> tuple[str, ...]:
    """Return the words, and without the ending of an owner: "Heat's"."""
    return (words, words[:-2]) if words[-2:] in ("'s", "’s") else (words,)


def _second(words: list[str]) -> str:
    """Return the word that a title begins with where its article is left out."""
    return words[1] if words[0] in ("the", "a", "an") and len(words) > 1 else words[0]


def _list_names(index: GraphIndex, kind: str) -> Iterable[tuple[str, str]]:
    if kind == TITLE:
        for film in index.films:
            for title in (film.title, *film.alternative_titles):
                yield split_title(title)[0], film.iri
        return
    for node in index.nodes.values():
        if node.kind == kind:
            for name in (node.label, *node.alternatives, *node.plurals):
                yield name, node.iri
