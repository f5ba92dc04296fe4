"""Spans of a parse held against the names that a graph knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..knowledge.gazetteer import TITLE, Gazetteer, Mention
from ..knowledge.vocabulary import PERSON
from ..schema import Entity, EntityType

if TYPE_CHECKING:
    from ..knowledge.index import GraphIndex

_PEOPLE = (EntityType.ACTOR, EntityType.DIRECTOR)
# Types whose spans are names or terms that a graph can look up; what happens in a film, and what
# it is about, is said in anybody's words.
_LOOKED_UP = (
    EntityType.TITLE,
    EntityType.CHARACTER,
    EntityType.SONG,
    EntityType.GENRE,
    EntityType.SETTING,
    EntityType.RELATIONSHIP,
    EntityType.QUOTE,
    *_PEOPLE,
)
# A known name of fewer words, where the parser saw none, is too often a plain phrase.
_LEAST_WORDS = {TITLE: 3, PERSON: 2}


class KnownNames:
    """Corrects the spans of a parse by the titles and the people of a graph.

    Attributes:
        index: of the graph.
    """

    def __init__(self, index: GraphIndex) -> None:
        """Read the names."""
        self.index = index
        self._gazetteer = Gazetteer(index, (TITLE, PERSON))

    def correct(self, text: str, entities: Sequence[Entity]) -> tuple[Entity, ...]:
        """Return the entities in their order, with known names whole and none left out.

        A name takes the place of what lies within it, if that is a part of a name of its kind, or
        of something that the graph should know and does not. It is added where the parser saw
        nothing, if it has three words (people two) or is written in capitals; and a title that the
        graph does not know gives up lower-case words before and behind a known one in capitals.
        """
        kept = list(entities)
        for mention in self._gazetteer.find(text):
            self._apply(text, self._widen(text, mention), kept)
        return tuple(sorted(kept, key=lambda entity: entity.start))

    def _apply(self, text: str, mention: Mention, entities: list[Entity]) -> None:
        met = [one for one in entities if one.start < mention.end and mention.start < one.end]
        types = (EntityType.TITLE,) if mention.kind == TITLE else _PEOPLE
        right = next((one for one in met if one.type in types), None)
        if any(one.start < mention.start or mention.end < one.end for one in met):
            fits = len(met) == 1 and right is not None and self._is_trimmed(text, mention, right)
        elif not met:
            fits = _is_plainly_named(text, mention)
        elif right is None:
            fits = self._is_mistaken(text, mention, met)
        else:
            fits = True
        if fits:
            source = right or (met[0] if met else None)
            made = Entity(
                right.type if right else types[0],
                text[mention.start : mention.end],
                mention.start,
                mention.end,
            )
            if source:
                made = replace(made, score=source.score, negated=source.negated)
            entities[:] = [*(one for one in entities if one not in met), made]

    def _is_mistaken(self, text: str, mention: Mention, met: Sequence[Entity]) -> bool:
        """Tell whether entities of other types within a name are wrong.

        They are if the graph does not know them, or if they are parts of a name of three words.
        """
        words = _count_words(text, mention)
        part = words > 2 and all(one.end - one.start < mention.end - mention.start for one in met)
        return words > 1 and all(
            one.type in _LOOKED_UP and (part or not self.index.link(one.type, one.text))
            for one in met
        )

    def _is_trimmed(self, text: str, mention: Mention, title: Entity) -> bool:
        """Tell whether what stands beside a known name in a longer one is no part of it."""
        if mention.start < title.start or title.end < mention.end:
            return False
        rest = text[title.start : mention.start] + text[mention.end : title.end]
        named = text[mention.start : mention.end]
        lower = rest == rest.lower() and not any(char.isdigit() for char in rest)
        return lower and named[0].isupper() and not self.index.link(title.type, title.text)

    def _widen(self, text: str, mention: Mention) -> Mention:
        """Return the mention with the mark that its film's title ends in: "The Informant!"."""
        for iri in mention.iris if mention.kind == TITLE else ():
            film = self.index.film(iri)
            mark = film.title[-1:] if film else ""
            if mark in ("!", "?", ".") and text.startswith(mark, mention.end):
                return replace(mention, end=mention.end + 1)
        return mention


def _is_plainly_named(text: str, mention: Mention) -> bool:
    """Tell whether a name that the parser left out can hardly be anything else."""
    words = text[mention.start : mention.end].split()
    if len(words) >= _LEAST_WORDS[mention.kind]:
        return True
    capitals = all(word[0].isupper() for word in words)
    return len(words) > 1 and capitals and mention.start > 0 and not text.isupper()


def _count_words(text: str, mention: Mention) -> int:
    return len(text[mention.start : mention.end].split())
