"""A text with the names in it marked, so that the patterns of sentences can be told from names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..schema import Entity
from .truth import PEOPLE

# Stand for the characters of a title and of a person's name in `MarkedText.plain`: letters, so that
# patterns take names for words, and of a kind that only one old manuscript has.
TITLE_MARK, PERSON_MARK = "\ua66e", "\ua66d"
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|[;\n]")
# "Dr. No", "J. Lo", "vs. Godzilla": no sentence ends here
_ABBREVIATION = re.compile(r"(?:^|\W)(?:[a-z]|dr|mr|mrs|ms|st|jr|sr|vs|vol|no|e\.g|i\.e|etc)\.$")


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text with what it names.

    Attributes:
        text: as it came.
        plain: in lower case, of the same length, with marks in place of titles and people.
        titles: in their order; they do not overlap.
        mentions: every other name, in the order of their starts; they may overlap each other.
    """

    text: str
    plain: str
    titles: tuple[Entity, ...]
    mentions: tuple[Entity, ...]

    def between(self, start: int, end: int) -> tuple[Entity, ...]:
        """Return the mentions that lie within a stretch of the text."""
        return tuple(one for one in self.mentions if start <= one.start and one.end <= end)


def mark(text: str, titles: Sequence[Entity], mentions: Iterable[Entity]) -> MarkedText:
    """Return the text with titles and people marked.

    Example:
        >>> from moviequery.schema import EntityType
        >>> heat = Entity(EntityType.TITLE, "Heat", 4, 8)
        >>> mark("Saw Heat", [heat], ()).plain == "saw " + 4 * TITLE_MARK
        True
    """
    letters = [one if len(one := char.lower()) == 1 else char for char in text]
    for at, letter in enumerate(letters):
        if letter in "’‘":
            letters[at] = "'"
        elif letter in (TITLE_MARK, PERSON_MARK):
            letters[at] = " "  # such a letter of the text itself names nothing
    mentions = sorted(mentions, key=lambda one: (one.start, -one.end))
    people = [one for one in mentions if one.type in PEOPLE]
    for entities, sign in ((people, PERSON_MARK), (titles, TITLE_MARK)):
        for entity in entities:
            letters[entity.start : entity.end] = sign * (entity.end - entity.start)
    return MarkedText(text, "".join(letters), tuple(titles), tuple(mentions))


def split_sentences(plain: str) -> list[tuple[int, int]]:
    """Return start and end of each sentence of a marked text; together they are the whole text.

    Example:
        >>> split_sentences("it was good. by dr. x")
        [(0, 12), (12, 21)]
    """
    sentences = []
    start = 0
    for match in _SENTENCE_END.finditer(plain):
        if _ABBREVIATION.search(plain[max(0, match.end() - 6) : match.end()]):
            continue
        sentences.append((start, match.end()))
        start = match.end()
    if start < len(plain):
        sentences.append((start, len(plain)))
    return sentences
