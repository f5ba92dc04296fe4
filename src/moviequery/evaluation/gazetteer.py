"""The baseline that needs no learning: names of the graph looked up, and a few rules.

What a catalogue's owner could do in an afternoon: every name that the graph knows is found by its
words, years by their form, and the intent by what a text begins with and asks for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from ..knowledge.gazetteer import NameFinder
from ..knowledge.normalisation import fold
from ..knowledge.vocabulary import PERSON
from ..modeling.entity_linking import link_entities
from ..schema import ENTITY_TYPES, Entity, EntityType, Intent, ParsedQuery

if TYPE_CHECKING:
    from ..knowledge.index import GraphIndex

# Where one name fits several types. A film is often called like a person or a thing in it, and
# then rarely meant; of the concepts the order is that of the vocabulary.
_PREFERENCE = (
    EntityType.GENRE,
    EntityType.COUNTRY,
    EntityType.LANGUAGE,
    EntityType.MOOD,
    EntityType.THEME,
    EntityType.PLOT,
    EntityType.SETTING,
    EntityType.ORIGIN,
    EntityType.RELATIONSHIP,
    EntityType.AWARD,
    EntityType.CERTIFICATE,
    EntityType.STUDIO,
    EntityType.ACTOR,
    EntityType.TITLE,
    EntityType.CHARACTER,
    EntityType.SONG,
    EntityType.QUOTE,
)
# Names of one plain word are also words of every other sentence ("it", "up", "big").
_SINGLE = (EntityType.TITLE, EntityType.CHARACTER, EntityType.SONG, EntityType.QUOTE)
# Names of the vocabulary that people say in every other query and rarely mean.
_PLAIN = """movie, movies, film, films, cinema, director, actor, actors, song, time, well, winning,
    work, us, nice, past, the past, home, night, ratings, chance, singing, boss, film stars, made,
    movie set, the one, them, worth, next, if, anything else, guess who, life"""
_PLAIN_WORDS = frozenset(word.strip() for word in _PLAIN.split(","))
_RATED = re.compile(r"\brated\b", re.IGNORECASE)  # of "rated R" the certificate is R
_TITLE_CUE = re.compile(
    r"\b(like|than|to|seen|saw|watch(ed|ing)?|loved?|liked?|enjoyed|called|named|titled|of|in|"
    r"is|was|did|does|movie|film|fan of|after|directed|wrote)\W+$",
    re.IGNORECASE,
)
_CUE_REACH = 16
# "rated R", "an R rated film", "a rating of R"; alone the letter is hardly a certificate
_RATED_BEFORE = re.compile(r"\brat(?:ed|ing)(?: of)?\W+(?:an? )?$", re.IGNORECASE)
_RATED_AFTER = re.compile(r"\W?rat(?:ed|ing)\b", re.IGNORECASE)
_YEAR = re.compile(
    r"\b(?:(?:19|20)\d\d(?:['’]?s)?|['’]?\d0['’]?s|(?:(?:early|mid|late)[ -])?"
    r"(?:twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties))\b",
    re.IGNORECASE,
)
_FORMS: tuple[tuple[EntityType, re.Pattern[str]], ...] = (
    (EntityType.YEAR, _YEAR),
    (EntityType.TRAILER, re.compile(r"\b(?:trailers?|teasers?)\b", re.IGNORECASE)),
    (
        EntityType.RATING,
        re.compile(
            r"\b(?:(?:top|best|highest|highly|well)[ -]rated|(?:one|two|three|four|five|\d)[ -]"
            r"stars?|\d(?:\.\d)?\s?(?:/|out of)\s?10)\b",
            re.IGNORECASE,
        ),
    ),
    (
        EntityType.REVIEW,
        re.compile(r"\b(?:critically acclaimed|underrated|masterpiece)\b", re.IGNORECASE),
    ),
)
_FILM = r"(?:movie|film|flick|picture)"
_ASKS_FOR_FACTS = re.compile(
    r"^\W*(?:who|whose|when|why|did|does|was|were|has|buy|play|book|turn|"
    r"how (?:many|long|old|much)|"
    r"where (?:was|is|were|did)|what (?:is|was) (?!an?\b|some|the (?:best|most|top)|good))\b|"
    r"\b(?:tickets?|seats?|show ?times?|who (?:directed|plays?|played|starred|wrote|was)|"
    r"whats? (?:year|actor|actress|character|song)|box office|sheet music|quiz|"
    r"the (?:name|title) of)\b",
    re.IGNORECASE,
)
_ASKS_FOR_FILMS = re.compile(
    r"\b(?:recommend\w*|suggest\w*|looking for (?!the )|in the mood|similar to|give me|show me|"
    r"hit me|what else|feel like|know of|any (?:good|other|more|great)|need an?|"
    r"(?:something|anything|more|one|(?:films?|movies?|flicks?)) (?:like|similar|along)|"
    r"want (?:to (?:see|watch)|an?|some)|(?:should|could|can|to|might) (?:i|we) (?:see|watch)|"
    r"watch (?:next|tonight)|(?:good|best|great|some|more)(?: \S+){0,3} "
    rf"{_FILM}s?|what (?:is|was|are) (?:an?|some|the (?:best|most|top)))\b",
    re.IGNORECASE,
)
# "which film is it where ..." asks for the name of one; many films are wanted to be watched
_ASKS_FOR_A_NAME = re.compile(
    rf"\b(?:what|which|whats|that|this|the|name)(?: \S+){{0,6}}? {_FILM}\b", re.IGNORECASE
)


class Gazetteer:
    """Finds the names of a graph in texts, and guesses the intent by cues.

    Attributes:
        types: those that the graph has names of, and those that have a form of their own.
    """

    def __init__(self, index: GraphIndex) -> None:
        """Read all names of the graph."""
        self._index = index
        self._types: dict[str, set[EntityType]] = {}
        names = set(_list_names(index))
        for name, kind in names:
            self._types.setdefault(fold(name), set()).add(kind)
        self._finder = NameFinder.from_names(name for name, _ in names)
        found = {kind for _, kind in names} | {kind for kind, _ in _FORMS}
        # link_entities tells directors from actors
        found |= {EntityType.DIRECTOR} if EntityType.ACTOR in found else set()
        self.types = tuple(kind for kind in ENTITY_TYPES if kind in found)

    def parse(self, texts: Iterable[str]) -> list[ParsedQuery]:
        """Return what each text names and asks for."""
        return [self._parse(text) for text in texts]

    def _parse(self, text: str) -> ParsedQuery:
        forms = _find_forms(text)
        names = [
            entity
            for start, end, name in self._finder.find(text)
            for entity in _choose(text, start, end, self._types[name])
        ]
        free = [one for one in names if all(_apart(one, form) for form in forms)]
        found = sorted((*forms, *free), key=lambda entity: entity.start)
        entities = link_entities(text, found, self._index)
        return ParsedQuery(text, _guess_intent(text, entities), entities=entities)


def _list_names(index: GraphIndex) -> Iterator[tuple[str, EntityType]]:
    for film in index.films:
        for title in (film.title, *film.alternative_titles):
            yield title, EntityType.TITLE
    for node in index.nodes.values():
        kind = EntityType.ACTOR if node.kind == PERSON else EntityType(node.kind)
        for name in (node.label, *node.alternatives, *node.plurals):
            if fold(name) not in _PLAIN_WORDS and not _RATED.search(name):
                yield name, kind


def _choose(text: str, start: int, end: int, types: Collection[EntityType]) -> Iterator[Entity]:
    """Yield what a name is taken for; nothing, where it may well be a plain word."""
    words = text[start:end]
    before = text[max(0, start - _CUE_REACH) : start]
    is_word = len(fold(words).split()) == 1
    for kind in (each for each in _PREFERENCE if each in types):
        if kind is EntityType.CERTIFICATE and len(words) < 2 and not _is_rating(text, start, end):
            continue
        if kind in _SINGLE and is_word and not _stands_out(text, words, before):
            continue
        yield Entity(kind, words, start, end)
        return


def _is_rating(text: str, start: int, end: int) -> bool:
    """Tell whether the text speaks of a film's rating beside a name."""
    before = text[max(0, start - _CUE_REACH) : start]
    return bool(_RATED_BEFORE.search(before) or _RATED_AFTER.match(text, end))


def _stands_out(text: str, word: str, before: str) -> bool:
    """Tell whether one word is written, or introduced, like a name."""
    capital = word[:1].isupper() and not text.isupper() and bool(before.strip())
    quoted = before.endswith(('"', "'", "“", "‘"))
    return capital or quoted or (len(word) > 3 and _TITLE_CUE.search(before) is not None)


def _find_forms(text: str) -> list[Entity]:
    """Return what has a form of its own, the earlier of `_FORMS` where two meet."""
    found: list[Entity] = []
    for kind, form in _FORMS:
        for match in form.finditer(text):
            entity = Entity(kind, match[0], *match.span())
            if all(_apart(entity, other) for other in found):
                found.append(entity)
    return found


def _apart(one: Entity, other: Entity) -> bool:
    return one.end <= other.start or other.end <= one.start


def _guess_intent(text: str, entities: Iterable[Entity]) -> Intent:
    """Return the intent by the first rule that applies; whoever names traits alone wants films."""
    if _ASKS_FOR_FACTS.search(text):
        return Intent.NON_REC
    if _ASKS_FOR_FILMS.search(text):
        return Intent.REC
    if _ASKS_FOR_A_NAME.search(text):
        return Intent.NON_REC
    named = any(entity.type is not EntityType.TITLE for entity in entities)
    return Intent.REC if named else Intent.NON_REC
