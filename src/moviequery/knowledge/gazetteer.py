"""The names of a graph found in running text: the longest first, none within another."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..schema import EntityType
from .index import GraphIndex
from .normalisation import fold, split_title, title_key

TITLE = EntityType.TITLE.value
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_APOSTROPHE = re.compile("['’]")
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


class NameFinder:
    """Finds folded names in texts; case, accents and punctuation do not count.

    Attributes:
        names: each name as `fold` writes it.
        lengths: how many words a name that begins with a word has at most.
    """

    def __init__(self, names: Container[str], lengths: Mapping[str, int]) -> None:
        """Take the names."""
        self.names = names
        self.lengths = lengths

    @classmethod
    def from_names(cls, names: Iterable[str]) -> NameFinder:
        """Return the finder of names as people write them.

        Example:
            >>> finder = NameFinder.from_names(["Star Wars", "war"])
            >>> list(finder.find("a STAR-WARS like war film"))
            [(2, 11, 'star wars'), (17, 20, 'war')]
        """
        lengths: dict[str, int] = {}
        folded = set()
        for name in names:
            if words := [fold(word) for word in _WORD.findall(name)]:
                folded.add(fold(name))
                lengths[words[0]] = max(len(words), lengths.get(words[0], 0))
        return cls(folded, lengths)

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield start, end and folded name of the longest names from the left, none in another."""
        words = list(_WORD.finditer(text))
        place = 0
        while place < len(words):
            found = next(self._find_at(text, words[place:]), None)
            if found is not None:
                yield found[1:]
            place += found[0] if found else 1

    def find_all(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield every name as `find` does, also those within or across others."""
        words = list(_WORD.finditer(text))
        for place in range(len(words)):
            for _, start, end, name in self._find_at(text, words[place:]):
                yield start, end, name

    def _find_at(
        self, text: str, words: list[re.Match[str]]
    ) -> Iterator[tuple[int, int, int, str]]:
        """Yield how many words each name at the beginning has, and it; the longest first."""
        start = words[0].start()
        length = max(self.lengths.get(fold(form), 0) for form in _list_forms(words[0][0]))
        for count in range(min(length, len(words)), 0, -1):
            for form in _list_forms(text[start : words[count - 1].end()]):
                if (name := fold(form)) in self.names:
                    yield count, start, start + len(form), name


class Gazetteer:
    """Finds the names of some kinds in texts.

    Whether a common word ("heat") is meant as a name is for the caller to say.

    Attributes:
        names: by folded name and kind what it denotes, sorted IRIs.
        finder: of these names.
    """

    def __init__(self, index: GraphIndex, kinds: Collection[str]) -> None:
        """Read the names of films for "title", of people for "person", and of concepts."""
        found: dict[str, set[tuple[str, str]]] = {}
        lengths: dict[str, int] = {}
        for kind in sorted(kinds):
            for name, iri in _list_names(index, kind):
                words = [fold(word) for word in _WORD.findall(name)]
                if not words or len(words) > _LONGEST:
                    continue
                keys = {fold(way) for way in _list_ways(name)}
                if kind == TITLE:
                    keys.add(title_key(name))
                for key in keys:
                    found.setdefault(key, set()).add((kind, iri))
                longest = max(len(words), *(len(key.split()) for key in keys))
                for first in {words[0], *(key.split()[0] for key in keys if key)}:
                    lengths[first] = max(longest, lengths.get(first, 0))
        self.names: Mapping[str, Mapping[str, tuple[str, ...]]] = {
            name: {
                kind: tuple(sorted(iri for other, iri in things if other == kind))
                for kind in sorted({kind for kind, _ in things})
            }
            for name, things in found.items()
        }
        self.finder = NameFinder(self.names, lengths)

    def find(self, text: str) -> tuple[Mention, ...]:
        """Return the names in a text in their order; a name of several kinds comes once for each.

        The longest names from the left count, and none within another.

        Example:
            >>> from moviequery import Movie, MovieGraph
            >>> index = MovieGraph.from_movies([Movie("The Matrix", 1999)]).index
            >>> [mention] = Gazetteer(index, {"title"}).find("I saw the matrix again")
            >>> mention.start, mention.end
            (6, 16)
        """
        return tuple(
            Mention(start, end, kind, iris)
            for start, end, name in self.finder.find(text)
            for kind, iris in self.names[name].items()
        )


def _list_forms(words: str) -> tuple[str, ...]:
    """Return the words, and without the ending of an owner: "Heat's"."""
    return (words, words[:-2]) if words[-2:] in ("'s", "’s") else (words,)


def _list_ways(name: str) -> tuple[str, ...]:
    """Return a name as it is written, and with spaces for apostrophes or dots: "ocean s eleven"."""
    ways = (_APOSTROPHE.sub(" ", name), name.replace(".", " "))
    return (name, *(way for way in ways if way != name))


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
