"""What a text states of the films it names, read from its words.

A parser says what is named, not of what it is said; that is told by where the names stand, by the
rules of `scopes` and by the verbs between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..knowledge.years import parse_years
from ..schema import Entity, EntityType
from .marked_text import PERSON_MARK, TITLE_MARK, MarkedText
from .people_reading import read_person, read_subjects
from .scopes import Scope, Side, find_scopes
from .statements import Statement
from .truth import PEOPLE

_YEAR = re.compile(
    r"\b(?:(?:early|mid|late)[\s-]+)?(?:the\s+)?((?:18|19|20)\d\d(?:'?s)?|(?<!\w)'?[2-9]0'?s|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ties)\b"
)
_NO_RELEASE = re.compile(
    r"\b(?:set|takes? place|taking place|happens?|unfolds?|oscars?|awards?|won|wins|nominat\w+|"
    r"remade|re-?released|remake|sequel|born|since|until|before|after|sold|watched|saw|seen|about|"
    r"during|events of|story of|year is|back to)\b[^,.;]{0,30}$"
)
_RELEASE = re.compile(
    r"^[\"'”’]?\s*[(\[,:–—-]?\s*(?:(?:from|of|in|the|was|is)\s+)*$|"
    r"\b(?:released|came out|made|from|dat(?:es|ing|ed)|of|year|premier\w+|appeared|hit|opened|"
    r"debuted|"
    r"shot|filmed|produced|out|back|in|theaters|cinemas|screens)(?:\s+(?:in|from|back|the|to|"
    r"year|of|"
    r"early|mid|late|way))*\s*$|\b(?:a|an|the|this|that|'s|as)\s+(?:[\w'-]+\s+){0,3}$|,\s*$"
)
_NOT = re.compile(
    r"\b(?:no|not|never|without|neither|nor|none|nobody|isn'?t|wasn'?t|aren'?t|weren'?t|doesn'?t|"
    r"didn'?t|don'?t|hasn'?t|haven'?t|cannot|can'?t|lacks?|lacking|lacked|absent|devoid|missing|"
    r"minus|"
    r"hardly|zero)\b(?!\s+(?:only|just|merely|to mention|unlike|because|expect|know|think|"
    r"reali[sz]e|mind|care|forget|miss|remember|get|believe|say|like|love|see|want|need|mean|as))"
)
_NOT_ENDS = re.compile(
    r"\bbut\b|;|,\s*(?:and|which|it|a|an|the|with|starring|directed|was|is|has|released|set)\b|"
    r"\band (?:it|is)\b"
)
_PLOT = re.compile(
    r"\b(?:about|follows|following|tells (?:the (?:story|tale) )?(?:of|how)|(?:the )?(?:story|"
    r"tale) of|"
    r"tells of|explor(?:es|ing|ed)|examin(?:es|ing)|deals? with|dealing with|revolv(?:es|"
    r"ing) around|"
    r"cent(?:er|re)s (?:on|around)|cent(?:er|re)(?:ed|d) (?:on|around)|focus(?:es|ing|ed) on|"
    r"delv(?:es|ing) (?:deep )?into|depict(?:s|ing)|chronicl(?:es|ing)|concerns|tackl(?:es|ing)|"
    rf"(?:in which|where)(?!\s+(?:{PERSON_MARK}+|do|can|is|to|should|will|would|did)\b)|"
    r"whose plot|involv(?:es|ing)|"
    r"is when|shows (?:how|us)|portray(?:s|ing) (?:the|a|an))\s+"
)
_PLOT_ENDS = re.compile(
    rf"[.;:!?()—–\n{TITLE_MARK}\"“”]|,?\s*\b(?:and )?(?:directed by|starring|released|set in|"
    rf"set on|shot in|"
    r"made by|featuring|written by|rated|won|but)\b|,\s*(?:which|and (?:is|was|it|stars|has)|"
    r"with|you|we|i|so|please|here|a \d{4}|"
    r"it)\b"
)
_SETTING = re.compile(
    r"\b(?:set|sets|takes? place|taking place|took place|unfold(?:s|ing)|happens|plays out|"
    r"located)\s+"
    r"(?:(?:mostly|entirely|largely|mainly|partly|wholly|deep|right)\s+)?"
    r"(?:in|on|at|during|aboard|around|against|inside)\s+"
)
_SETTING_ENDS = re.compile(
    rf"[.,;:!?()—–\n{TITLE_MARK}{PERSON_MARK}]|\b(?:and|where|which|that|with|about|starring|"
    rf"directed|by|in "
    r"which|who|but|as|when|while|is|was)\b"
)
# What is left of the words that go on behind a phrase.
_LOOSE_END = re.compile(r"\W+(?:and|or|also|that|is|it|also)$", re.IGNORECASE)


def read_statements(marked: MarkedText) -> tuple[Statement, ...]:
    """Return what a text states of its titles, in the order of its words, nothing twice."""
    found: dict[tuple[int, int, EntityType, int], Statement] = {}
    scopes = list(find_scopes(marked))
    for statement in (*_read_scopes(marked, scopes), *read_subjects(marked)):
        key = (statement.start, statement.end, statement.type, statement.title)
        found.setdefault(key, statement)
    return tuple(sorted(found.values(), key=lambda one: (one.start, one.end, one.title)))


def _read_scopes(marked: MarkedText, scopes: Iterable[Scope]) -> Iterator[Statement]:
    for scope in scopes:
        for said in _read_scope(marked, scope):
            near = said.type in (EntityType.YEAR, EntityType.DIRECTOR) and not said.either_role
            title_end = marked.titles[scope.title].end
            adjacent = near and said.start - title_end < _ADJACENT
            doubtful = said.doubtful or (said.start < scope.doubtful_until and not adjacent)
            negated = said.negated or (
                scope.side is not Side.FRONT and _is_denied(marked.plain, scope.start, said.start)
            )
            yield replace(said, doubtful=doubtful, negated=negated)


_ADJACENT = 26  # "T (1995) directed by X"


def _read_scope(marked: MarkedText, scope: Scope) -> Iterator[Statement]:
    plots = [] if scope.side is Side.FRONT else list(_cut_plots(marked, scope))
    places = [] if scope.side is Side.FRONT else list(_cut_settings(marked, scope, plots))
    taken = [span for span in (*plots, *places)]
    yield from (_state(marked, EntityType.PLOT, start, end, scope) for start, end in plots)
    yield from (_state(marked, EntityType.SETTING, start, end, scope) for start, end in places)
    yield from _read_years(marked, scope, taken)
    for entity in marked.between(scope.start, scope.end):
        inside = any(start < entity.end and entity.start < end for start, end in taken)
        if entity.type is EntityType.YEAR:
            continue
        if entity.type in PEOPLE:
            if (not inside or _is_cast(marked, entity)) and (
                said := read_person(marked, scope, entity)
            ):
                yield said
        elif not inside:
            yield Statement(
                entity.type,
                entity.text,
                entity.start,
                entity.end,
                scope.title,
                doubtful=scope.side is not Side.FRONT and _is_loose(marked, entity),
                player=_find_player(marked, entity),
            )


def _state(
    marked: MarkedText, entity_type: EntityType, start: int, end: int, scope: Scope
) -> Statement:
    return Statement(entity_type, marked.text[start:end], start, end, scope.title)


def _cut_plots(marked: MarkedText, scope: Scope) -> Iterator[tuple[int, int]]:
    """Yield where it is told what a film is about."""
    end = scope.start
    for match in _PLOT.finditer(marked.plain, scope.start, scope.end):
        if match.start() < end:
            continue
        stop = _PLOT_ENDS.search(marked.plain, match.end(), scope.end)
        end = stop.start() if stop else scope.end
        if span := _trim(marked.text, match.end(), end):
            yield span


def _cut_settings(
    marked: MarkedText, scope: Scope, plots: list[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield the places that a film is said to be set in; the graph's name of one if it has one."""
    for match in _SETTING.finditer(marked.plain, scope.start, scope.end):
        if any(start <= match.start() < end for start, end in plots):
            continue
        stop = _SETTING_ENDS.search(marked.plain, match.end(), scope.end)
        span = _trim(marked.text, match.end(), stop.start() if stop else scope.end)
        if span is None:
            continue
        known = [one for one in marked.between(*span) if one.type is EntityType.SETTING]
        yield (known[0].start, known[0].end) if known else span


def _read_years(
    marked: MarkedText, scope: Scope, taken: list[tuple[int, int]]
) -> Iterator[Statement]:
    for match in _YEAR.finditer(marked.plain, scope.start, scope.end):
        start, end = match.span(1)
        if any(first <= start < last for first, last in taken):
            continue
        before = marked.plain[max(scope.start, start - 40) : start]
        front = scope.side is Side.FRONT
        if not front and (_NO_RELEASE.search(before) or not _RELEASE.search(before)):
            continue
        if parse_years(marked.text[start:end]) is not None:
            yield _state(marked, EntityType.YEAR, start, end, scope)


def _is_denied(plain: str, start: int, place: int) -> bool:
    """Return True where a word before the place denies what stands there."""
    denials = list(_NOT.finditer(plain, start, place))
    return bool(denials) and _NOT_ENDS.search(plain, denials[-1].end(), place) is None


_AS = re.compile(
    r"^\s*,?\s*(?:who\s+)?(?:also\s+)?(?:plays?|played|playing|portray(?:s|ed|ing)|voic(?:es|ed|"
    r"ing)|stars? as|"
    r"starring as|as|is|was)\s+(?:the\s+)?$"
)
_BY = re.compile(rf"^\s*,?\s*(?:is\s+|was\s+)?(?:played|portrayed|voiced) by\s+(?={PERSON_MARK})")


_SHOT = re.compile(r"\b(?:made|shot|filmed|produced|spoken|language|dubbed)\b[^.,;]{0,20}$")
_FILM = re.compile(
    r"^[\s-]+(?:[\w-]+\s+){0,2}?(?:film|movie|picture|language|version|production|comed|drama|"
    r"thriller|horror|romance|western|musical|classic|animat|epic)"
)


def _is_loose(marked: MarkedText, entity: Entity) -> bool:
    """Return True for a place or a language that is not said to be the film's: "back to Cuba"."""
    if entity.type is EntityType.SETTING:
        return True  # what is set there has been read as that
    if entity.type not in (EntityType.COUNTRY, EntityType.LANGUAGE):
        return False
    said = _SHOT.search(marked.plain[max(0, entity.start - 40) : entity.start])
    return said is None and _FILM.match(marked.plain[entity.end :]) is None


def _find_player(marked: MarkedText, entity: Entity) -> str:
    """Return who is said to play a character, or "" where nobody is."""
    if entity.type is not EntityType.CHARACTER:
        return ""
    for person in marked.mentions:
        if person.type in PEOPLE:
            if person.end <= entity.start and _AS.match(marked.plain[person.end : entity.start]):
                return person.text
            by = _BY.match(marked.plain, entity.end)
            if by and by.end() == person.start:
                return person.text
    return ""


def _is_cast(marked: MarkedText, person: Entity) -> bool:
    """Return True for a person within a plot who is said to play in it."""
    return (
        re.match(r"\s*(?:plays?|played|stars?|is|as|portrays?)\b", marked.plain[person.end :])
        is not None
    )


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the span without blanks and commas at its ends, or None if nothing is left."""
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    if match := _LOOSE_END.search(text, start, end):
        end = match.start()
    return (start, end) if start < end else None
