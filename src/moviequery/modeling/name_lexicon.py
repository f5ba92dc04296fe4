"""Names that the fast parser holds the words of a text against."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ModelError
from ..knowledge.gazetteer import TITLE, Gazetteer, NameFinder
from ..knowledge.normalisation import fold, title_key
from ..knowledge.vocabulary import PERSON
from ..schema import ENTITY_TYPES, EntityType
from ..synthesis.phrases import find_singular, split_article

if TYPE_CHECKING:
    from ..knowledge.index import Film, GraphIndex

# A title said without its article, which half the common nouns of a language are.
BARE_TITLE = "title_without_article"
# Types whose spans leave an article outside, and whose plurals are said of one as well.
_COMMON_NOUNS = (EntityType.PLOT, EntityType.THEME, EntityType.SETTING)
NAMES_FILE = "names.json"
_PEOPLE = (EntityType.ACTOR, EntityType.DIRECTOR)
_KINDS = (PERSON, *(kind.value for kind in ENTITY_TYPES if kind not in _PEOPLE))
_OWNERS = ("'s", "’s")
_MARKS = re.compile(r"[!?.]+$")
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
        capitals: whether it is written in capitals where the text is not.
    """

    start: int
    end: int
    type: EntityType
    sense: Sense
    capitals: bool = False


class NameLexicon:
    """Finds what may be known names in a text, with what each of them may be.

    Attributes:
        senses: by name as `fold` writes it, what each `Sense` has.
        marks: by name, the marks that a title of that name ends in: "!" for "The Informant!".
    """

    def __init__(
        self,
        senses: Mapping[str, Sequence[tuple[str, float]]],
        marks: Mapping[str, Sequence[str]],
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
        marks: dict[str, Sequence[str]] = {}
        for name, kinds in sorted(gazetteer.names.items()):
            films = [film for iri in kinds.get(TITLE, ()) if (film := index.film(iri))]
            titles = {title for film in films for title in _list_titles(film)}
            is_bare = name in map(title_key, titles) and name not in map(fold, titles)
            own = sorted({found[0] for title in titles if (found := _MARKS.search(title))})
            if own:
                marks[name] = own
            senses[name] = tuple(
                sense
                for kind, iris in kinds.items()
                for sense in _list_senses(index, kind, iris, is_bare)
            )
        lengths = dict(gazetteer.finder.lengths)
        for kind, name, said in _list_common_nouns(index):
            if said:
                first = said.split()[0]
                senses[said] = tuple(dict.fromkeys((*senses.get(said, ()), Sense(kind))))
                lengths[first] = max(len(said.split()), lengths.get(first, 0))
            if name != said and kind != EntityType.PLOT:
                senses[name] = tuple(one for one in senses.get(name, ()) if one.kind != kind)
        senses |= _list_owners(senses)
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
            capitals = not is_shouted and _has_capitals(said)
            marked = [len(mark) for mark in self.marks.get(name, ()) if text.startswith(mark, end)]
            is_owner = said[-2:] in _OWNERS
            for own in self.senses[name]:
                sense = Sense(*own)  # here, not for 60,000 names when they are read
                if is_owner and sense.kind in _PEOPLE:
                    continue  # the name comes without the ending as well
                kind = EntityType.TITLE if sense.kind == BARE_TITLE else EntityType(sense.kind)
                yield Candidate(start, end, kind, sense, capitals)
                if marked and kind is EntityType.TITLE:
                    yield Candidate(start, end + max(marked), kind, sense, capitals)

    def write(self, path: Path) -> None:
        """Write the lexicon; the same names give the same bytes."""
        path.write_bytes(self._to_bytes())

    def digest(self) -> str:
        """Return a short digest of all names and what they may be."""
        return hashlib.sha256(self._to_bytes()).hexdigest()[:16]

    def _to_bytes(self) -> bytes:
        values = {
            "lengths": dict(sorted(self._finder.lengths.items())),
            "marks": self.marks,
            "senses": self.senses,
        }
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8")

    @classmethod
    def read(cls, path: Path) -> NameLexicon:
        """Return the lexicon that `write` wrote.

        Raises:
            ModelError: the file is damaged, or has kinds of names that are not known here.
        """
        try:
            values: dict[str, Any] = json.loads(path.read_bytes())
            kinds = {own[0] for each in values["senses"].values() for own in each}
            if unknown := sorted(kinds - {*EntityType, BARE_TITLE}):
                raise ValueError(f"kinds of names that are not known: {', '.join(unknown)}")
            return cls(values["senses"], values["marks"], values["lengths"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise ModelError(f"{path} is no list of names ({error}); fetch it again") from error


def _list_owners(senses: Mapping[str, tuple[Sense, ...]]) -> dict[str, tuple[Sense, ...]]:
    """Return people as they own things where the apostrophe is left out: "al pacinos films"."""
    owners = {}
    for name, own in senses.items():
        people = tuple(sense for sense in own if sense.kind in _PEOPLE)
        if people and " " in name and f"{name}s" not in senses:
            owners[f"{name}s"] = people
    return owners


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
    index: GraphIndex, kind: str, iris: Iterable[str], is_bare: bool
) -> Iterator[Sense]:
    """Yield what a name of a kind may be; a bare title lacks its article."""
    if kind != PERSON:
        yield Sense(BARE_TITLE if kind == TITLE and is_bare else kind)
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
