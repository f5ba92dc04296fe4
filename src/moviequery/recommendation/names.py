"""What things of a graph are called, under the spellings that people use."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ..knowledge.index import GraphIndex
from ..knowledge.normalisation import fold, split_title, title_key
from ..knowledge.vocabulary import PERSON
from ..schema import EntityType

TITLE = "title"
# What a name costs that is less than the whole name: "Star Wars", "Tarantino".
_SUBTITLE_COST = 0.06
_SURNAME_COST = 0.1
_PART_COST = 0.1  # "a shy waitress" and "decides to fix the lives of strangers" are half a plot
LOOSE_COST = 0.03
_ARTICLE_COST = 0.02
# Of two spellings this share of the letters must agree; less where there are few names to confuse,
# as there are few genres.
_LEAST_ALIKE = 0.72
_LEAST_ALIKE_OF_FEW = 0.62
_FEW = 2_000
_SHORTEST_ALIKE, _LONGEST_ALIKE = 4, 200
_MOST_ALIKE = 12  # names that are looked at more closely

_CLAUSE = re.compile(r" (?:who|that|whose) (?=\S+ \S)")
_SUBTITLE = re.compile(r"(?<=\w): .*|(?<=\w) [-–] .*")
_NUMBERS = {
    **{word: str(number) for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1
    )},
    **{word: str(number) for number, word in enumerate(
        ("ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"), 2
    )},
}  # fmt: skip
# Words that a name is the same without, and how the most usual of them are misspelt.
_EMPTY = """
    a an and the teh hte tha part movie movies film films flick flicks moive moives moovie moovies
    flim flims
"""
_EMPTY_WORDS = frozenset(_EMPTY.split())


class NameTable:
    """The names of one kind of thing, looked up exactly, loosely and by likeness.

    A loose name has no articles, no "part" and no plural, its numbers are digits, and it is
    written in one word: "Rocky Part II" and "rocky 2" are one, and so are "super heroes" and
    "superhero".
    """

    def __init__(self, names: Iterable[tuple[str, str, float]]) -> None:
        """Take names, what each denotes, and how much less than the whole name it is."""
        exact: dict[str, dict[str, float]] = defaultdict(dict)
        loose: dict[str, dict[str, float]] = defaultdict(dict)
        for name, iri, cost in names:
            for table, key, more in ((exact, name, 0.0), (loose, loosen(name), LOOSE_COST)):
                if key:
                    table[key][iri] = min(cost + more, table[key].get(iri, 1.0))
        self._exact = dict(exact)
        self._loose = dict(loose)
        self._keys: Sequence[str] = tuple(self._loose)

    def find(self, name: str, loosely: bool = False) -> dict[str, float]:
        """Return what a folded name denotes, each with its score; empty where it is unknown.

        A loose name counts where no exact one is found; if `loosely`, beside it.
        """
        exact = self._exact.get(name, {})
        loose = self._loose.get(loosen(name), {}) if loosely or not exact else {}
        return {iri: 1 - cost for iri, cost in {**loose, **exact}.items()}

    def names(self, name: str) -> bool:
        """Return whether a folded name is the whole name of anything, but for an article."""
        return min(self._exact.get(name, {}).values(), default=1.0) <= _ARTICLE_COST

    def find_alike(self, name: str) -> dict[str, float]:
        """Return what the names most like a folded one denote, each with its score."""
        key = loosen(name)
        if not _SHORTEST_ALIKE <= len(key) <= _LONGEST_ALIKE:
            return {}
        few = len(self._keys) <= _FEW and len(key) > _SHORTEST_ALIKE
        least = _LEAST_ALIKE_OF_FEW if few else _LEAST_ALIKE
        found: dict[str, float] = {}
        near = process.extract(
            key,
            self._keys,
            scorer=OSA.normalized_similarity,
            processor=None,
            score_cutoff=least,
            limit=_MOST_ALIKE,
        )
        for other, alike, _ in near:
            for iri, cost in self._loose[other].items():
                found[iri] = max(found.get(iri, 0.0), alike - cost)
        return found


def loosen(name: str) -> str:
    """Return a folded name in its loose form; see `NameTable`.

    Example:
        >>> loosen("rocky part ii"), loosen("super heroes"), loosen("the thing")
        ('rocky2', 'superhero', 'thing')
    """
    words = name.split()
    kept = [word for word in words if word not in _EMPTY_WORDS] or words
    return "".join(_NUMBERS.get(word) or _drop_plural(word) for word in kept)


def _drop_plural(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith("ss"):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("oes", "shes", "ches", "xes")) else word[:-1]


def make_table(index: GraphIndex, kind: str) -> NameTable:
    """Return the names of all nodes of a kind, or of the films for "title"."""
    if kind == TITLE:
        return NameTable(_title_names(index))
    return NameTable(_node_names(index, kind))


def fold_name(kind: str, text: str) -> str:
    """Return a mention in the form that a table of the kind is asked with."""
    return fold(split_title(text)[0]) or title_key(text) if kind == TITLE else fold(text)


def _title_names(index: GraphIndex) -> Iterator[tuple[str, str, float]]:
    for film in index.films:
        for title in (film.title, *film.alternative_titles):
            yield fold_name(TITLE, title), film.iri, 0.0
            yield title_key(title), film.iri, _ARTICLE_COST
            short = _SUBTITLE.sub("", split_title(title)[0])
            if short != title:
                yield title_key(short), film.iri, _SUBTITLE_COST


def _node_names(index: GraphIndex, kind: str) -> Iterator[tuple[str, str, float]]:
    for node in index.nodes.values():
        if node.kind != kind:
            continue
        for name in (node.label, *node.alternatives, *node.plurals):
            folded = fold(name)
            yield folded, node.iri, 0.0
            first, _, surname = folded.rpartition(" ")
            if kind == PERSON and first and len(surname) > 2:
                yield surname, node.iri, _SURNAME_COST
            if kind == EntityType.PLOT:
                parts = _CLAUSE.split(folded, maxsplit=1)
                for part in parts if len(parts) > 1 else ():
                    yield part, node.iri, _PART_COST
