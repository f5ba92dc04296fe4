"""A second reader of a rewritten query: does it say more, or other things, than the labels tell?"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from ..knowledge.normalisation import fold
from ..schema import Entity, EntityType, ParsedQuery, Query
from .diversity import mask_entities
from .refusals import Refusal
from .respanning import overlaps

if TYPE_CHECKING:
    from ..knowledge.index import GraphIndex

# A parser must be this sure of a name, or of another entity, that the labels do not have.
_SURE_OF_NAME, _SURE = 0.5, 0.8
_NAMES = frozenset(
    [
        EntityType.TITLE,
        EntityType.ACTOR,
        EntityType.DIRECTOR,
        EntityType.CHARACTER,
        EntityType.YEAR,
        EntityType.SONG,
        EntityType.STUDIO,
    ]
)
# Films are called "Up" and "The End": so many words make a title whatever their case, fewer only
# with capitals, and one alone says nothing at the beginning of a sentence.
_WORDS_OF_TITLE = 3
_LONGEST_NAME = 6
_LETTERS_OF_WORD = 4
# One of these words stands wherever something is not wanted or was not liked ...
_DENIAL = re.compile(
    r"\b(?:no|non|not|\w+n['’]?t|never|nothing|none|without|w/o|minus|except|excluding|skip\w*|but|"
    r"avoid\w*|less|free|hold|leav\w+|drop|ditch|lose|instead|rather|than|hat(?:e|ed|es|ing)|"
    r"dislike\w*|despise\w*|sick|tired|bored|boring|over|enough|disappoint\w*|bad|awful|terrible|"
    r"worst|overrated|regret\w*|nor|neither|hardly|barely|stop|sans|anti|allerg\w+|wast\w+|meh)\b",
    re.IGNORECASE,
)
# ... and where one of these is new, something is not liked that was before.
_DISLIKE = re.compile(
    r"\b(?:hat(?:e|ed|es|ing)|disliked?|despised?|awful|terrible|worst|overrated|boring)\b",
    re.IGNORECASE,
)


class SpokenClaim(Protocol):
    """What a check says of one thing that a text claims of a film; see `synthesis.claims`."""

    @property
    def text(self) -> str:
        """Return the words."""
        ...

    @property
    def start(self) -> int:
        """Return the offset of the first character."""
        ...

    @property
    def end(self) -> int:
        """Return the offset after the last character."""
        ...

    @property
    def verdict(self) -> str:
        """Return true, false or unknown."""
        ...

    @property
    def reason(self) -> str:
        """Return why."""
        ...

    @property
    def triple(self) -> str:
        """Return the fact that a true claim rests on, or that a false one would need."""
        ...


class SecondReader:
    """Compares what a parser reads in the old and in the new words of a query.

    A parser is no judge: what it reads in the old words too is held against nobody.

    Args:
        read: a parser.
        check: judges what a parsed text claims by the graph.
        index: of the graph, whose titles and people are looked for besides.
    """

    def __init__(
        self,
        read: Callable[[str], ParsedQuery],
        check: Callable[[ParsedQuery], Iterable[SpokenClaim]] | None = None,
        index: GraphIndex | None = None,
    ) -> None:
        """Keep the readers."""
        self._read = read
        self._check = check
        self._index = index
        # a parser counts what it reads, and does not do so for several threads
        self._lock = threading.Lock()

    def compare(self, before: Query, after: Query) -> None:
        """Return if the new words say what the old ones do.

        Raises:
            Refusal: another intent, a negation lost or gained, something added, or a claim that
                the graph holds to be false.
        """
        self._refuse_names(before, after)
        _compare_cues(before, after)
        with self._lock:
            old, new = self._read(before.text), self._read(after.text)
        if new.intent is not before.intent and old.intent is before.intent:
            raise Refusal("intent changed", f"it reads as {new.intent}")
        _compare_negations(before, old, after, new)
        for entity in _list_additions(new, after):
            if not _stands_in(entity.text, before.text):
                raise Refusal("entity added", f"the {entity.type} {entity.text!r}")
        self._refuse_falsehoods(old, after, new)

    def _refuse_names(self, before: Query, after: Query) -> None:
        for name in find_names(after, self._index) if self._index is not None else ():
            if not _stands_in(name, before.text):
                raise Refusal("name added", f"{name!r} is not in the query")

    def _refuse_falsehoods(self, old: ParsedQuery, after: Query, new: ParsedQuery) -> None:
        if self._check is None:
            return
        known = {fold(claim.text) for claim in self._check(old) if claim.verdict == "false"}
        # "like Heat, with no gore" may be read as if it said that Heat is full of it
        unwanted = [(one.start, one.end) for one in after.entities if one.negated]
        for claim in self._check(new):
            if claim.verdict != "false" or overlaps(claim.start, claim.end, unwanted):
                continue
            if fold(claim.text) not in known:
                needed = f"; it would take {claim.triple}" if claim.triple else ""
                raise Refusal("claim is false", claim.reason + needed)


def find_names(query: Query, index: GraphIndex) -> Iterator[str]:
    """Yield titles and people of the graph that stand in a text outside of its entities."""
    spans = [(entity.start, entity.end) for entity in query.entities]
    words = list(_words(query.text))
    for first in range(len(words)):
        for last in range(first, min(first + _LONGEST_NAME, len(words))):
            start, end = words[first][0], words[last][1]
            if overlaps(start, end, spans):
                break
            name = query.text[start:end]
            count = last - first + 1
            if (
                _may_be_title(name, count, query.text[:start])
                and index.link(EntityType.TITLE, name)
                or 1 < count <= 4
                and index.link(EntityType.ACTOR, name)
            ):
                yield name


def _may_be_title(name: str, words: int, before: str) -> bool:
    if words >= _WORDS_OF_TITLE:
        return True
    if not all(word[:1].isupper() for word in name.split()):
        return False
    begins = not before.rstrip() or before.rstrip()[-1] in ".?!"
    return words > 1 or (len(name) >= _LETTERS_OF_WORD and not begins)


def _words(text: str) -> Iterator[tuple[int, int]]:
    """Yield `[start, end)` of each word, without the marks round it."""
    end = 0
    for word in text.split():
        start = text.index(word, end)
        end = start + len(word)
        bare = word.strip(".,;:!?\"'()")
        if bare:
            offset = start + word.index(bare)
            yield offset, offset + len(bare)


def _stands_in(words: str, text: str) -> bool:
    return f" {fold(words)} " in f" {fold(text)} "


def _compare_negations(before: Query, old: ParsedQuery, after: Query, new: ParsedQuery) -> None:
    """Refuse where a reader who got the old words right reads the new ones the other way."""
    right = {
        (entity.type, fold(entity.text))
        for entity in before.entities
        if (read := _find_reading(entity, old)) and read.negated == entity.negated
    }
    kinds = {(entity.type, entity.iri) for entity in before.entities if _key(entity) in right}
    for entity in after.entities:
        read = _find_reading(entity, new)
        known = _key(entity) in right or (entity.iri and (entity.type, entity.iri) in kinds)
        if read and known and read.negated != entity.negated:
            said = "not wanted" if read.negated else "wanted"
            raise Refusal("negation changed", f"{entity.text!r} reads as {said}")


def _compare_cues(before: Query, after: Query) -> None:
    """Refuse where no word can make an entity unwanted, or a new one makes all of it disliked."""
    unwanted = [entity.text for entity in after.entities if entity.negated]
    words = mask_entities(after)
    if unwanted and not _DENIAL.search(words):
        raise Refusal("negation changed", f"nothing says that {unwanted[0]!r} is not wanted")
    if not unwanted and (said := _DISLIKE.search(words)) and not _DISLIKE.search(before.text):
        raise Refusal("negation changed", f"{said[0]!r} is new")


def _key(entity: Entity) -> tuple[EntityType, str]:
    return entity.type, fold(entity.text)


def _find_reading(entity: Entity, parsed: ParsedQuery) -> Entity | None:
    span = [(entity.start, entity.end)]
    return next((one for one in parsed.entities if overlaps(one.start, one.end, span)), None)


def _list_additions(parsed: ParsedQuery, query: Query) -> Iterator[Entity]:
    spans = [(entity.start, entity.end) for entity in query.entities]
    for entity in parsed.entities:
        sure = _SURE_OF_NAME if entity.type in _NAMES else _SURE
        if not overlaps(entity.start, entity.end, spans) and (entity.score or 1.0) >= sure:
            yield entity
