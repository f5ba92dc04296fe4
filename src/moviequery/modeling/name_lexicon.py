"""Names that the fast parser holds the words of a text against, and how much each counts."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..knowledge.gazetteer import TITLE, Gazetteer, NameFinder
from ..knowledge.normalisation import fold
from ..knowledge.vocabulary import PERSON
from ..schema import ENTITY_TYPES, EntityType
from ..synthesis.phrases import find_singular, split_article

if TYPE_CHECKING:
    from ..knowledge.index import Film, GraphIndex

# A title said without its article, which half the common nouns of a language are.
BARE_TITLE = "title_without_article"
# Types whose spans leave an article outside, and whose plurals are said of one as well.
_COMMON_NOUNS = (EntityType.PLOT, EntityType.THEME, EntityType.SETTING)
# Names of more words weigh as much as those of so many.
MOST_WORDS = 4
NAMES_FILE = "names.json.gz"
WEIGHTS_FILE = "name_weights.json"
_PEOPLE = (EntityType.ACTOR, EntityType.DIRECTOR)
_KINDS = (PERSON, *(kind.value for kind in ENTITY_TYPES if kind not in _PEOPLE))
_MARKS = ("!", "?", ".")
# Added to the credits of both roles: who only ever acted may still direct.
_UNSEEN_CREDITS = 0.3


class Sense(NamedTuple):
    """What a name may be.

    Attributes:
        kind: the value of an `EntityType`, or `BARE_TITLE`.
        role: for people, the log of the share that credits in this role have of all; else 0.
    """

    kind: str
    role: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A known name in a text, characters `[start, end)`, as an entity of a type.

    Attributes:
        start: offset of the first character.
        end: offset after the last character.
        type: what it may be.
        sense: the same, as the lexicon has it.
        words: how many it has, at most `MOST_WORDS`.
        capitals: whether it is written in capitals where the text is not.
    """

    start: int
    end: int
    type: EntityType
    sense: Sense
    words: int
    capitals: bool = False


@dataclass(frozen=True, slots=True)
class NameWeights:
    """How much more likely a span is for being a known name, in nats.

    `tools/fit_name_weights.py` fits them on the validation split of a dataset.

    Attributes:
        known: by `Sense.kind`, for names of one word, two, three, and more.
        capitals: by kind, what capitals add to names of one word, and of more.
        role: factor of `Sense.role`.
        unknown: by type, for a span that is no known name.
    """

    known: Mapping[str, tuple[float, ...]]
    capitals: Mapping[str, tuple[float, float]]
    role: float
    unknown: Mapping[str, float]

    def weigh(self, one: Candidate) -> float:
        """Return what is added to the score of a known name."""
        weight = self.role * one.sense.role
        if one.sense.kind in self.known:
            weight += self.known[one.sense.kind][one.words - 1]
            weight += one.capitals * self.capitals[one.sense.kind][one.words > 1]
        return weight

    @classmethod
    @cache
    def bundled(cls) -> NameWeights:
        """Return the weights that were fitted for the bundled parser."""
        text = resources.files(__package__).joinpath(WEIGHTS_FILE).read_text("utf-8")
        values: dict[str, Any] = json.loads(text)
        return cls(
            {kind: tuple(own) for kind, own in values["known"].items()},
            {kind: (own[0], own[1]) for kind, own in values["capitals"].items()},
            values["role"],
            values["unknown"],
        )


class NameLexicon:
    """Finds what may be known names in a text, with what each of them may be.

    Attributes:
        senses: by name as `fold` writes it.
        marks: by name, the marks that a title of that name ends in: "!" for "The Informant!".
    """

    def __init__(
        self,
        senses: Mapping[str, tuple[Sense, ...]],
        marks: Mapping[str, str],
        lengths: Mapping[str, int],
    ) -> None:
        """Take the names; `lengths` are those of a `NameFinder`."""
        self.senses = senses
        self.marks = marks
        self._finder = NameFinder(senses, lengths)

    @classmethod
    def from_index(cls, index: GraphIndex) -> NameLexicon:
        """Return the lexicon of all names of a graph."""
        gazetteer = Gazetteer(index, _KINDS)
        senses: dict[str, tuple[Sense, ...]] = {}
        marks: dict[str, str] = {}
        for name, kinds in sorted(gazetteer.names.items()):
            films = [film for iri in kinds.get(TITLE, ()) if (film := index.film(iri))]
            titles = {title for film in films for title in _list_titles(film)}
            is_whole = name in map(fold, titles)
            own = "".join(sorted({title[-1] for title in titles if title.endswith(_MARKS)}))
            if own:
                marks[name] = own
            senses[name] = tuple(
                sense
                for kind, iris in kinds.items()
                for sense in _list_senses(index, kind, iris, is_whole)
            )
        lengths = dict(gazetteer.finder.lengths)
        for kind, name, said in _list_common_nouns(index):
            if said:
                first = said.split()[0]
                senses[said] = tuple(dict.fromkeys((*senses.get(said, ()), Sense(kind))))
                lengths[first] = max(len(said.split()), lengths.get(first, 0))
            if name != said and kind != EntityType.PLOT:
                senses[name] = tuple(one for one in senses.get(name, ()) if one.kind != kind)
        return cls({name: own for name, own in senses.items() if own}, marks, lengths)

    def find(self, text: str) -> Iterator[Candidate]:
        """Yield every sense of every known name, in the order of their first characters.

        Example:
            >>> from moviequery import Movie, MovieGraph
            >>> index = MovieGraph.from_movies([Movie("The Matrix", 1999)]).index
            >>> [one.sense.kind for one in NameLexicon.from_index(index).find("Matrix")]
            ['title_without_article']
        """
        is_shouted = text.isupper()
        for start, end, name in self._finder.find_all(text):
            said = text[start:end]
            words = min(len(said.split()), MOST_WORDS)
            capitals = not is_shouted and _has_capitals(said)
            is_marked = text[end : end + 1] in tuple(self.marks.get(name, ""))
            for sense in self.senses[name]:
                kind = EntityType.TITLE if sense.kind == BARE_TITLE else EntityType(sense.kind)
                yield Candidate(start, end, kind, sense, words, capitals)
                if is_marked and kind is EntityType.TITLE:
                    yield Candidate(start, end + 1, kind, sense, words, capitals)

    def write(self, path: Path) -> None:
        """Write the lexicon; the same names give the same bytes."""
        values = {
            "lengths": dict(sorted(self._finder.lengths.items())),
            "marks": self.marks,
            "senses": self.senses,
        }
        text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        path.write_bytes(gzip.compress(text.encode("utf-8"), mtime=0))

    @classmethod
    def read(cls, path: Path) -> NameLexicon:
        """Return the lexicon that `write` wrote."""
        values: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
        senses = {
            name: tuple(Sense(*sense) for sense in own) for name, own in values["senses"].items()
        }
        return cls(senses, values["marks"], values["lengths"])


def _list_common_nouns(index: GraphIndex) -> Iterator[tuple[str, str, str]]:
    """Yield kind, name and how it is said within a text: without its article, and of one."""
    for node in index.nodes.values():
        if node.kind in _COMMON_NOUNS:
            for name in (node.label, *node.alternatives):
                article, bare = split_article(name)
                if article:
                    yield node.kind, fold(name), fold(bare)
                if singular := find_singular(bare):
                    yield node.kind, fold(singular), fold(singular)


def _list_senses(
    index: GraphIndex, kind: str, iris: Iterable[str], is_whole: bool
) -> Iterator[Sense]:
    """Yield what a name of a kind may be; a title that is not whole lacks its article."""
    if kind != PERSON:
        yield Sense(BARE_TITLE if kind == TITLE and not is_whole else kind)
        return
    credits = {role: sum(len(index.films_with(role, iri)) for iri in iris) for role in _PEOPLE}
    total = sum(credits.values()) + _UNSEEN_CREDITS * len(credits)
    for role, count in credits.items():
        if count or not any(credits.values()):
            yield Sense(role.value, round(math.log((count + _UNSEEN_CREDITS) / total), 3))


def _list_titles(film: Film) -> tuple[str, ...]:
    return (film.title, *film.alternative_titles)


def _has_capitals(name: str) -> bool:
    """Tell whether the first word and all long ones begin in capitals."""
    longer = (word for word in name.split() if len(word) > 3)
    return name[:1].isupper() and all(not word[0].islower() for word in longer)
