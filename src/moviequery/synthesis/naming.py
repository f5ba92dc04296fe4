"""Names of films, people and concepts in a text: a parser's, and those that the graph knows.

A parser reads what it has not seen and misses what it has; a list of names does the reverse. What
both find counts once, the longer of two that overlap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..knowledge.gazetteer import Gazetteer, Mention
from ..knowledge.index import GraphIndex
from ..knowledge.normalisation import fold
from ..knowledge.vocabulary import PERSON
from ..schema import Entity, EntityType, ParsedQuery
from .grounding import states_nothing
from .marked_text import MarkedText, mark
from .truth import PEOPLE

_CONCEPTS = (EntityType.GENRE, EntityType.COUNTRY, EntityType.LANGUAGE, EntityType.SETTING)
_SMALL = """
    a an the and or of in on at to for from with by as is it no not de la le el da di du des der die
    das und vs
"""
_SMALL_WORDS = frozenset(_SMALL.split())
# Titles of one such word are words of every other sentence.
_EVERYDAY = """
    i it he she they we us me you her him his them this that these those what who whom when where
    why how yes no not so up down in out on off now then here there one two three big after before
    once never always more less old new good bad love life home family friends film films movie
    movies music comedy drama crime horror western thriller director actor star king queen hi hello
    hey thanks please monday tuesday wednesday thursday friday saturday sunday january february
    march april may june july august september october november december christmas american french
    english god war all any some every nothing everything something saw
"""
_EVERYDAY_WORDS = frozenset(_EVERYDAY.split())
_QUOTES = "\"'“‘«„”’»"
_YEAR_BEHIND = re.compile(rf"[{_QUOTES}]?\s*[(\[]\s*(?:18|19|20)\d\d\s*[)\]]")
_VERB_BEHIND = re.compile(
    rf"[{_QUOTES}]?(?:\s*[,(]|['’]s\b|\s+(?:is|was|isn|wasn|stars?|starred|features?|featured|"
    rf"follow|"
    r"follows|tells|came|has|had|hasn|takes|took|won|directed|starring|by|with|without|explores|"
    r"depicts|does|doesn|did|didn|remains|cent(?:er|re)s|revolves|deals|made|shows|boasts|belongs|"
    r"counts|never|contains|includes|unfolds|hit|premiered|opened|appeared|ran|runs|lacks|and|may|"
    r"concerns|set|released)\b)",
    re.IGNORECASE,
)
# "Her, a 2013 film"
_FILM_BEHIND = re.compile(
    r",\s+(?:an?|the)\s+[^.,]{0,40}\b(?:\d{4}|film|movie|comedy|drama|thriller|romance)\b", re.I
)
_PLOT_BEHIND = re.compile(
    r"\s+(?:(?:was|is) (?:directed|set|an?|about)|stars|starring|tells|explores|follows|"
    r"takes place|came out|is rated)\b",
    re.IGNORECASE,
)
_OTHER_WORDS = "i it he she they we this that who what one there here"
_LONGER_NAME = re.compile(r"[^.!?\s]\s([A-Z][\w'’.]*)(?<!['’]s) $")
_NAME_GOES_ON = re.compile(r" [A-Z]")
_PRONOUNS = frozenset(_OTHER_WORDS.split())
_PLACE_BEFORE = re.compile(r"\b(?:in|from|to|at|near|of|around|visit|visiting|across)\s+$", re.I)
_PERSON_BEFORE = re.compile(r"\b(?:by|starring|stars|director|actor|actress|with)\s+$", re.I)
_LOW_BEFORE = re.compile(
    r"\b(?:like|than|saw|seen|watch|watched|watching|movie|film|called|loved|liked|hated|enjoyed|"
    r"directed)\s+$"
)
_CAPITAL = r"[^\W\d_a-zß-öø-ÿ][\w'’.-]*[\w]"
_CAPITALS = (
    rf"{_CAPITAL}(?:\s+(?:de|del|di|da|von|van|la|le|der)\s+{_CAPITAL}|\s+{_CAPITAL}){{0,3}}"
)
_DIRECTED_BY = re.compile(rf"\b(?:[Dd]irected|[Hh]elmed) by (?P<name>{_CAPITALS})")
# "Spielberg's 1975 thriller T"
_OWNER = re.compile(r"(?P<name>[^\W\d_a-zß-öø-ÿ][\w-]+)['’]s?\s+(?:[\w-]+\s+){0,4}[\"'“‘]?$")
_OWNER_REACH = 60
# A surname without a first name is a director's if the graph has as many films of theirs.
_KNOWN_DIRECTOR = 2
_STARRING = re.compile(rf"\b(?:[Ss]tarring|[Ss]tars|[Pp]layed by) (?P<name>{_CAPITALS})")


class NameFinder:
    """Finds the names in texts with the help of a graph; made once per graph."""

    def __init__(self, index: GraphIndex) -> None:
        """Read the names of the graph's films, people, genres, countries, languages, places."""
        self._titles = Gazetteer(index, [EntityType.TITLE.value])
        self._people = Gazetteer(index, [PERSON])
        self._concepts = {kind: Gazetteer(index, [kind.value]) for kind in _CONCEPTS}
        self._index = index
        self._surnames = {
            fold(index.nodes[iri].label).rpartition(" ")[2]
            for iri in index.values(EntityType.DIRECTOR)
            if iri in index.nodes
            and len(index.films_with(EntityType.DIRECTOR, iri)) >= _KNOWN_DIRECTOR
        }

    def mark(self, query: ParsedQuery) -> MarkedText:
        """Return the text of a parse with every name marked that the parse or the graph knows."""
        text = query.text
        titles = self._find_titles(query)
        found = [
            entity
            for entity in query.entities
            if entity.type is not EntityType.TITLE and not states_nothing(entity)
        ]
        found += self._find_people(text, [one for one in found if one.type in PEOPLE])
        found += self._find_owners(text, titles, found)
        for kind, gazetteer in self._concepts.items():
            found = self._add_concepts(text, kind, gazetteer, found)
        found = [
            self._give_role(one) if one.type in PEOPLE else one
            for one in found
            if not self._is_scrap(one)
        ]
        people = [one for one in found if one.type in PEOPLE]
        free = [
            replace(one, iri=None)
            for one in found
            if not _overlaps(one, titles)
            and (one.type not in _CONCEPTS or not _overlaps(one, people))
        ]
        return mark(text, titles, _drop_inner_people(free))

    def _add_concepts(
        self, text: str, kind: EntityType, gazetteer: Gazetteer, found: list[Entity]
    ) -> list[Entity]:
        """Return the entities with the graph's concepts of a kind; "kung fu comedy" becomes two."""
        mentions = [_entity(kind, text, one.start, one.end) for one in gazetteer.find(text)]
        known = [one for one in found if one.type is kind]
        vague = [one for one in known if not self._index.link(kind, one.text)]
        inner = [
            one for one in mentions if any(_covers(other, one) and one != other for other in vague)
        ]
        kept = [one for one in found if one not in vague or not _overlaps(one, inner)]
        new = [
            one for one in mentions if not _overlaps(one, known) and not self._is_common(text, one)
        ]
        return [*kept, *inner, *new]

    def _find_titles(self, query: ParsedQuery) -> list[Entity]:
        text = query.text
        parsed = [one for one in query.entities if one.type is EntityType.TITLE]
        known = [
            _entity(EntityType.TITLE, text, mention.start, self._close(text, mention))
            for mention in self._titles.find(text)
            if (
                any(_is_most_of(mention, one) for one in parsed)
                and not (
                    text[mention.start].islower()
                    and _is_everyday(text[mention.start : mention.end])
                )
            )
            or self._is_title(text, mention.start, mention.end)
        ]
        # what the parser has cut out of a known title, or stretched beyond it, is that title
        others = [
            replace(one, iri=None)
            for one in parsed
            if not _overlaps(one, known) and self._may_be_title(text, one)
        ]
        return sorted([*known, *others], key=lambda entity: entity.start)

    def _close(self, text: str, title: Mention) -> int:
        """Return the end of a title with the mark that belongs to it: "Airplane!", "48 Hrs."."""
        films = (self._index.film(iri) for iri in title.iris)
        closed = any(film and film.title[-1:] == text[title.end : title.end + 1] for film in films)
        return title.end + (closed and text[title.end : title.end + 1] in tuple(".!?"))

    def _may_be_title(self, text: str, title: Entity) -> bool:
        """Return False for words of a parser's title that are none of the graph's, and no name.

        Who writes capitals elsewhere writes a title with one.
        """
        name = title.text
        cased = any(char.isupper() for char in text[1:].replace(" I ", " "))
        named = any(word[:1].isupper() for word in name.split()) or name[:1].isdigit()
        quoted = text[: title.start][-1:] in _QUOTES and title.start > 0
        known = bool(self._index.link(EntityType.TITLE, name)) and not _is_everyday(name)
        return named or quoted or not cased or known

    def _is_title(self, text: str, start: int, end: int) -> bool:
        """Return whether words that are a title somewhere are one here."""
        name = text[start:end]
        before, behind = text[:start], text[end:]
        quoted = before[-1:] in _QUOTES and before[-1:] and behind.lstrip(".,!?")[:1] in _QUOTES
        if (quoted and behind) or _YEAR_BEHIND.match(behind):
            return True
        words = [word for word in name.split() if fold(word)]
        telling = [word for word in words if fold(word) not in _SMALL_WORDS]
        if not telling or _is_everyday(name):
            said = _FILM_BEHIND.match(behind) or (
                fold(name) not in _PRONOUNS and _PLOT_BEHIND.match(behind)
            )
            return name[:1].isupper() and bool(said)
        if text == text.lower():
            return len(telling) > 1 and _LOW_BEFORE.search(before) is not None
        if not words[0][:1].isupper() and not words[0][:1].isdigit():
            return False
        if any(word[:1].islower() for word in telling):
            return False
        if name.isdigit():
            return False
        if self._is_other_name(name, before):
            return False
        if len(telling) > 1:
            return True
        # one capital word may begin a sentence, or be a part of a longer name
        if not before.strip() or before.rstrip()[-1] in ".!?\n":
            return _VERB_BEHIND.match(behind) is not None
        # what begins a sentence is a capital word of no meaning: "In Carol"
        longer = _LONGER_NAME.search(before) or _NAME_GOES_ON.match(behind)
        return longer is None

    def _is_other_name(self, name: str, before: str) -> bool:
        """Return True for a place where places stand, and a person where people do."""
        if self._index.link(EntityType.SETTING, name) or self._index.link(EntityType.COUNTRY, name):
            return _PLACE_BEFORE.search(before) is not None
        return bool(
            self._index.link(EntityType.ACTOR, name) and _PERSON_BEFORE.search(before) is not None
        )

    def _find_people(self, text: str, known: Sequence[Entity]) -> Iterator[Entity]:
        """Yield people of the graph by their full names, and unknown ones where roles are told."""
        full = [
            _entity(self._usual_role(mention.iris), text, mention.start, mention.end)
            for mention in self._people.find(text)
            if " " in text[mention.start : mention.end]
        ]
        # a parser that cuts a name short is mended by the whole name
        yield from (one for one in full if not any(_covers(other, one) for other in known))
        for pattern, role in (
            (_DIRECTED_BY, EntityType.DIRECTOR),
            (_STARRING, EntityType.ACTOR),
        ):
            for match in pattern.finditer(text):
                entity = _entity(role, text, match.start("name"), match.end("name"))
                if not _overlaps(entity, [*full, *known]):
                    yield entity

    def _find_owners(
        self, text: str, titles: Sequence[Entity], known: Sequence[Entity]
    ) -> Iterator[Entity]:
        """Yield directors who are named by their surname alone: "Spielberg's Jaws"."""
        for title in titles:
            match = _OWNER.search(text, max(0, title.start - _OWNER_REACH), title.start)
            if match and fold(match["name"]) in self._surnames:
                owner = _entity(EntityType.DIRECTOR, text, *match.span("name"))
                if not _overlaps(owner, [*known, *titles]):
                    yield owner

    def _give_role(self, person: Entity) -> Entity:
        """Return a person in the role of most of their credits; the words may tell another."""
        iris = self._index.link(person.type, person.text)
        return replace(person, type=self._usual_role(iris)) if iris else person

    def _is_scrap(self, entity: Entity) -> bool:
        """Return True for a single word that a parser takes for a plot, and the graph does not."""
        subject = entity.type in (EntityType.PLOT, EntityType.THEME)
        return subject and " " not in entity.text and not self._index.link(entity.type, entity.text)

    def _usual_role(self, iris: Iterable[str]) -> EntityType:
        counts = [sum(len(self._index.films_with(role, iri)) for iri in iris) for role in PEOPLE]
        return PEOPLE[counts[1] > counts[0]]

    def _is_common(self, text: str, mention: Entity) -> bool:
        """Return True for a genre that the graph names by a word of every sentence: "family"."""
        if mention.type is not EntityType.GENRE:
            return not mention.text[0].isupper()
        nodes = [self._index.nodes[iri] for iri in self._index.link(mention.type, mention.text)]
        follows = re.match(r"[\s-]+(?:film|movie|flick|picture|feature)", text[mention.end :], re.I)
        return not follows and not any(node.plurals for node in nodes)


def _entity(entity_type: EntityType, text: str, start: int, end: int) -> Entity:
    return Entity(entity_type, text[start:end], start, end)


def _is_everyday(name: str) -> bool:
    return all(fold(word) in _EVERYDAY_WORDS | _SMALL_WORDS for word in name.split())


def _overlaps(one: Entity | Mention, others: Iterable[Entity]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others)


def _is_most_of(mention: Mention, parsed: Entity) -> bool:
    """Return True for a known title that a parser has cut, or stretched by less than its length."""
    shared = min(mention.end, parsed.end) - max(mention.start, parsed.start)
    return 2 * shared > parsed.end - parsed.start


def _covers(one: Entity, other: Entity) -> bool:
    return one.start <= other.start and other.end <= one.end


def _drop_inner_people(entities: Sequence[Entity]) -> list[Entity]:
    """Return the entities without people whose name is part of another's."""
    people = [one for one in entities if one.type in PEOPLE]
    return [
        one
        for one in entities
        if one.type not in PEOPLE
        or not any(other is not one and _covers(other, one) for other in people)
    ]
