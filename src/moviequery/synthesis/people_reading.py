"""What a text says of people: who directed a film and who is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..schema import Entity, EntityType
from .marked_text import PERSON_MARK, TITLE_MARK, MarkedText, split_sentences
from .scopes import REACH, Scope, Side, asks, find_front
from .statements import Statement
from .truth import PEOPLE

_ROLE = re.compile(
    r"(?P<other>\b(?:written|penned|scripted|produced|composed|scored|photographed|edited|sung|"
    r"recommended|"
    r"loved|adored|inspired|novel|book|story|music|score|songs?|play|memoir|soundtrack|theme|"
    r"track|cover|screenplay|"
    r"script|distributed|influenced|praised|life of|biopic of|fan of|fans of)\s+(?:by|of)?)|"
    r"(?P<director>\bdirect(?:ed|or|ors|s|ing|ion|orial)?\b|\bhelm(?:ed|er|s)?\b|\bfilm-?makers?\b|"
    r"\bmade by|\bfilmed by|\bshot by|\bby\b|\bauteur)|"
    r"(?P<actor>\bstar(?:s|red|ring)?\b|\bfeatur(?:es|ing|ed)|\bcast\b|\bact(?:or|ress|ors|ing|s|"
    r"ed)\b|"
    r"\bplay(?:s|ed|ing)?(?: by)?\b|\bportray(?:s|ed|al)?(?: by)?|\bperformances?(?: by| from)?|"
    r"\bleads?\b|\bled by|\bheadlin\w+|\bvoiced? by|\bvoice of|\bco-?star\w*|\balongside|"
    r"\bopposite|"
    r"\bwith(?:out)?\b|\bhas\b|\bhave\b|\bno\b|\bappear\w*|\brole)"
)
_BEHIND = re.compile(
    r"^(?:'s)?\s*(?:,\s*)?(?:who\s+)?(?:(?:also|\w+ly|both|has|had|and|never|not|didn't|did|in|"
    r"is|was|the|ever|"
    r"who)\s+){0,3}(?:(?P<director>direct(?:ed|s|ing|ion|or|orial)\b|helm(?:s|ed)\b|made\b|"
    r"behind the camera|"
    r"wrote and directed)|"
    r"(?P<actor>stars?\b|starred|starring|plays?\b|played|playing|as\b|leads?\b|appears?\b|"
    r"appeared|acts?\b|"
    r"acted|acting|portray\w*|voic\w+|shines|gives|delivers|steals|in it\b|in the (?:lead|role|"
    r"title)|"
    r"performance|carries|co-?stars?))"
)
_LISTING = re.compile(rf"^(?:\s|,|&|\band\b|\bor\b|\bnor\b|{PERSON_MARK})*$")
_PEOPLE = rf"(?P<people>{PERSON_MARK}+(?:\s*(?:,|and|&|or|nor|, and)\s*{PERSON_MARK}+)*)"
_DIRECTS = re.compile(
    rf"{_PEOPLE}(?P<between>[^.,;!?{TITLE_MARK}]{{0,40}}?)\b(?:directed|directs|helmed|helms|"
    rf"made|filmed|"
    r"shot|direct|directing|behind)\b(?:\s+both)?\s*$"
)
_ACTS = re.compile(
    rf"{_PEOPLE}(?P<between>[^.;!?{TITLE_MARK}]{{0,70}}?)\b(?:in|from|headlin(?:es|ed)|leads?|"
    rf"led|carries|"
    r"anchors)(?:\s+both)?\s*$"
)
_PUBLIC = re.compile(
    r"\b(?:film|movie|like|than|style|vein|best known|interview)\b|,\s*(?:i|is there|what)\b"
)
_NAMED = re.compile(
    rf"\b(?:(?P<director>directors?)|(?P<actor>stars?|leads?|actor|actress)) (?:of|in|"
    rf"behind) [^{TITLE_MARK}.;!?]{{0,40}}"
    rf"{TITLE_MARK}+[\"'”’]?(?:\s*\(\d{{4}}\))?\s*(?:,|is|was|were|:|\()\s*(?:named |"
    rf"called )?{_PEOPLE}"
)
_NOT_SUBJECT = re.compile(
    r"\b(?:no|not|never|neither|isn't|wasn't|aren't|doesn't|didn't|don't|hasn't|nor|nobody|"
    r"without)\b"
)
_SAW = re.compile(r"\b(?:seen|saw|watched|noticed|heard|better|realized)\b")


_APPOSED = re.compile(r"[\"'”’]?(?:\s*\(\d{4}\))?\s*(?:[,(:–—-]|\b(?:is|was))\s*(?:\d{4},\s*)?$")


def read_person(marked: MarkedText, scope: Scope, person: Entity) -> Statement | None:
    """Return what a scope says of a person; None for people who have other parts in a film."""
    if scope.side is Side.FRONT:
        return _state(person, person.type, scope.title, either=True)
    before = _skip_list(marked.plain[scope.start : person.start])
    behind = _BEHIND.match(marked.plain[_list_end(marked.plain, person.end) :])
    cues = list(_ROLE.finditer(before))
    close = bool(cues) and len(before[cues[-1].end() :].split()) <= 2
    if behind and not close:
        return _state(person, _role_of(behind), scope.title)
    if not cues:
        # "T, Michael Mann's ..." and "T (Michael Mann, 1995)" leave no doubt; other names may
        between = marked.plain[marked.titles[scope.title].end : person.start]
        near = _APPOSED.match(between)
        owns = marked.plain.startswith("'s", person.end) or (near and "(" in near[0])
        return _state(person, person.type, scope.title, either=True, doubtful=not (near and owns))
    if cues[-1].lastgroup == "other":
        return None
    return _state(person, _role_of(cues[-1]), scope.title)


def read_subjects(marked: MarkedText) -> Iterator[Statement]:
    """Yield what is said of people before the title: "P directed T", "P plays C in T"."""
    for start, end in split_sentences(marked.plain):
        for place, title in enumerate(marked.titles):
            inside = start <= title.start and title.end <= end
            if inside and not asks(marked, start, end, title.start):
                yield from _read_before(marked, place, start)
    for match in _NAMED.finditer(marked.plain):
        titles = [
            place
            for place, title in enumerate(marked.titles)
            if match.start() <= title.start < match.end()
        ]
        for person in marked.between(*match.span("people")):
            if person.type in PEOPLE and titles:
                role = EntityType.DIRECTOR if match["director"] else EntityType.ACTOR
                yield _state(person, role, titles[-1])


def _read_before(marked: MarkedText, place: int, start: int) -> Iterator[Statement]:
    title = marked.titles[place]
    front = find_front(marked.plain, start, title.start)
    start = max(start, front - REACH)
    head = marked.plain[start:front]
    for pattern, role in ((_DIRECTS, EntityType.DIRECTOR), (_ACTS, EntityType.ACTOR)):
        match = pattern.search(head)
        if match is None or _PUBLIC.search(match["between"]) or _SAW.search(head[: match.start()]):
            continue
        prior = head[max(0, match.start() - 12) : match.start()]
        negated = any(_NOT_SUBJECT.search(part) for part in (prior, match["between"]))
        if role is EntityType.ACTOR and re.search(r"\bdirect(?:s|ed|ing|ion)?\b", match["between"]):
            role = EntityType.DIRECTOR
        people = [
            one
            for one in marked.between(start + match.start("people"), start + match.end("people"))
            if one.type in PEOPLE
        ]
        yield from (_state(person, role, place, negated=negated) for person in people)
        for part in marked.between(start + match.end("people"), front):
            if part.type is EntityType.CHARACTER and people:
                said = _state(part, part.type, place, negated=negated)
                yield replace(said, player=people[0].text)
        return


def _state(
    person: Entity,
    role: EntityType,
    title: int,
    *,
    either: bool = False,
    negated: bool = False,
    doubtful: bool = False,
) -> Statement:
    return Statement(
        role,
        person.text,
        person.start,
        person.end,
        title,
        negated=negated,
        doubtful=doubtful,
        either_role=either,
    )


def _role_of(match: re.Match[str]) -> EntityType:
    return EntityType.DIRECTOR if match.lastgroup == "director" else EntityType.ACTOR


def _skip_list(before: str) -> str:
    """Return the words before a list of people that ends the text: all of a list have one role."""
    end = len(before)
    while end and _LISTING.match(before[end - 1 :]):
        end -= 1
    return before[:end]


def _list_end(plain: str, end: int) -> int:
    """Return where the list of people ends that goes on at this offset."""
    match = re.compile(rf"(?:\s*(?:,|and|&|, and)\s*{PERSON_MARK}+)*").match(plain, end)
    return match.end() if match else end
