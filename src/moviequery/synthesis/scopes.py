"""Which stretches of a text speak of which of its films.

What stands right before a title ("the 1995 classic Heat") and what follows it, up to the next title
or to words that turn to something else ("but", "I want", "another"). A later sentence goes on about
the last film if it says "it" or "the film".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from .marked_text import PERSON_MARK, TITLE_MARK, MarkedText, split_sentences

_T = f"{TITLE_MARK}+"


class Side(StrEnum):
    """Where a stretch stands, seen from the title."""

    FRONT = "front"
    BEHIND = "behind"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Scope:
    """A stretch of a text that speaks of a film.

    Attributes:
        title: place of the title among the text's titles.
        start: offset of the first character.
        end: offset after the last character.
        side: where it stands.
        doubtful_until: what begins before this offset may be a wish: "like Heat with Tom Hanks".
    """

    title: int
    start: int
    end: int
    side: Side
    doubtful_until: int = 0


# The words before a title describe it up to one of these, from the right.
_BOUNDARY = re.compile(
    rf"[.,;:!?()\[\]\n—–…{TITLE_MARK}]|\s-\s|\b(?:like|likes|liked|than|as|of|to|in|on|at|about|"
    rf"for|and|"
    r"or|but|with|without|by|from|is|was|are|were|be|been|being|isn't|wasn't|aren't|watch|watched|"
    r"watching|saw|see|seen|seeing|loved?|loves|enjoy|enjoyed|hate[ds]?|remember|recommend|"
    r"recommended|"
    r"suggest|want|wants|need|prefer|call|called|named|titled|entitled|made|make|makes|directed|"
    r"directs|"
    r"directing|helmed|helms|starred|stars|starring|do|does|did|has|have|had|get|got|find|show|"
    r"give|"
    r"play|stream|rent|finished|tried|not|no|unlike|besides|except|that|which|who|when|while|"
    r"because|"
    r"since|if|whether|i|you|we|me|it|he|she|they|think|thought|say|said|consider|considered|"
    r"rewatch|"
    r"rewatched|featuring|featured|feature|after|before|against|over|into|through|during|via|"
    r"example|instance|including|namely|especially)\b"
)
_LONGEST_FRONT = 90
# What stands farther from a title says little of it; it also bounds the time that any text takes.
REACH = 160
# "My favorite crime movie is T": what stands before the verb describes T too.
_FAVOURITE = re.compile(
    r"\b(?:my|our|his|her|their|the|one of)\b[^.,;!?]*\b(?:favou?rite|best|greatest|finest|top)\b"
    r"[^.,;!?]*?(?:\bis|\bwas|'s|\bhas to be|\bmust be|:)\s*$"
)
# "crime films such as T" calls T one; "like T" does not.
_EXAMPLE = re.compile(
    r"(?P<kind>[^.,;!?()]*?)\s*[,(]?\s*\b(?:such as|for example|for instance|e\.g\.|including|"
    r"namely|"
    r"especially)[,:]?\s*$"
)
_PARTICIPLE = re.compile(
    r"^\W*(?:directed by|starring|set in|released in|made in|featuring|based on|shot in|rated)\b"
    rf"(?P<said>[^{TITLE_MARK}.;!?]*),\s*[\"'“‘]?$"
)
_LIKENESS = re.compile(
    r"(?:\blike|similar to|(?:vein|style|spirit|manner|mold|mould) of|lines of|reminiscent of|"
    r"akin to|"
    r"comparable to|close to|order of|another|à la|resembl(?:es|ing))\s*(?:the\s+(?:film|"
    r"movie)s?\s*)?[\"'“‘]*$"
)
_WANTED = re.compile(
    r"\b(?:a|an|any|some|something|anything|stuff|one|another|movies?|films?|flicks?|more|"
    r"thrillers?|"
    r"comed(?:y|ies)|dramas?|titles?|picks?|suggestions?|recommendations?)\b[^.;!?]*$"
)
_CERTAIN = re.compile(
    r"[,(]?\s*\b(?:which|that (?:is|was|stars|has|follows|tells|takes)|who|whose|where|in which)\b|"
    rf",\s*(?:(?:a|an|the|that|one of)\b|{PERSON_MARK}+'s)|"
    r"\((?!\d{4}\))|[—–]|,\s*directed\b"
)
_DERIVED = re.compile(
    r"\b(?:remake|sequel|prequel|reboot|version|spin-?off|follow-?up|successor|parody|directors?|"
    r"makers?|"
    r"creators?|writers?|stars?|cast|team|people|guys?|man|woman|mind|one)\s+(?:of|to|behind|"
    r"from|in|for)\s*"
    r"(?:the\s+(?:film|movie)\s*)?[\"'“‘]*$"
)
_ASIDE = re.compile(r",\s*(?:un)?like\s*[\"'“‘]*$")
_BREAK = re.compile(
    r"\b(?:except(?: for)?|apart from|aside from|other than|besides|instead of|rather than|"
    r"leaving out|"
    r"minus|as if|as though|unless|whereas|compared (?:to|with)|more like|much like|something|"
    r"anything|someone|recommend|suggest|give me|show me|find me|tell me|can you|could you|do you|"
    r"would you|are there|is there|have you|what (?:else|other|should|do|can|would|are)|"
    r"which (?:other|films?|movies?|one)|any (?:other|more|good|similar|movies?|films?|flicks?|"
    r"recommendations?|suggestions?|ideas?|thoughts?)|another|others|other \w+s|here (?:are|is)|"
    r"here's|"
    r"more (?:movies|films|of|like|such|from|by|with)|similar|preferably|ideally|hopefully|maybe|"
    r"perhaps|"
    r"possibly|should|would|could|might|meets|please|thanks|reminds?|than|unlike|so (?:what|i)|"
    r"and (?:i|we)|(?:i|we) (?:also |really |just |now |only )?(?:want|wants|need|would|prefer|"
    r"am|'m|"
    r"love|loved|like|liked|enjoy|enjoyed|fancy|crave|hope|wish|feel)|(?:i|we)'(?:d|m|re|ll)|"
    r"looking for|in the mood|if you|if there|only (?:this|with|set|in|more|less)|"
    r"just (?:with|not|without|more|less|make)|this time|same (?:feel|vibe|mood|kind|style)|"
    r"for (?:my|our|a|the) (?:kids|family|date|weekend|night|party|evening))\b"
)
_BUT = re.compile(
    r"\bbut\s+(?:it|its|it's|it|the (?:film|movie|plot|story)|he|she|rather|a|an|directed|"
    r"actually|really|in fact)\b"
)
_ANY_BUT = re.compile(r"\bbut\b|,\s*only\b")
_RESUMED = re.compile(
    r"(?:[,;—–-]|\band|\bbut|\bbecause|\bsince|\bas|\bthough|\balthough|\bi know|\bthat)\s+"
    r"(?:it|the (?:film|movie|picture)|this (?:film|movie|one)|that (?:film|movie|one))(?:\s|')\s*"
    r"(?:is|was|s|stars|starred|has|had|features|featured|takes|took|follows|tells|won|came|isn't|"
    r"wasn't|doesn't|didn't)\b"
)
_GOES_ON = re.compile(
    r"^\W*(?:(?:and|but|also|plus|yes|i think|i believe|i know|apparently|of course|"
    r"as you know)\b[\s,]*)?"
    r"(?:(?:it|its|it's|itself|this|both|that (?:one|film|movie|picture|thriller|comedy|drama)|"
    r"the (?:film|movie|picture|story|plot|cast|director|lead|"
    r"thriller|comedy|drama|action)|directed by|starring|released|set in|set on)\b)"
)
_OF_IT = re.compile(
    r"\b(?:in|of|directed|made|about) (?:it|that one|that (?:film|movie)|the (?:film|movie))\b"
)
_ASKS = re.compile(
    r"^\W*(?:(?:so|and|but|hey|hi|ok|okay|well|um|uh|wait|huh|quick question|settle it|"
    r"serious question|"
    r"hello|please)\b[\s,:.-]*)*(?:is|isn't|isnt|was|wasn't|wasnt|were|weren't|are|aren't|did|"
    r"didn't|didnt|"
    r"does|doesn't|do|don't|has|hasn't|have|had|can(?! you believe)|could|would|will|should)\b"
)
_WHETHER = re.compile(
    r"\b(?:if(?! you| i| we)|whether|wonder|wondering|not sure|unsure|confirm|prove)\b[^.;!?]*$"
)
_YEAR_BEHIND = re.compile(r"[\"'”’]?\s*[(\[]\s*\d{4}\s*[)\]]")
_APPOSED = re.compile(r"[\"'”’]?\s*,\s*(?:an?|the|which|whose|in which|directed|starring)\b[^,]*")
_IS_WISH = re.compile(
    r"\b(?:want|wanted|need|looking for|recommend|suggest|i'd like|i would like|give me|show me|"
    r"find me|"
    r"in the mood|should (?:have|be)|can you|could you|any )\b"
)


def find_scopes(marked: MarkedText) -> Iterator[Scope]:
    """Yield the stretches that speak of each title of a text."""
    last: list[int] = []
    for start, end in split_sentences(marked.plain):
        places = [
            at
            for at, title in enumerate(marked.titles)
            if start <= title.start and title.end <= end
        ]
        if places:
            yield from _find_in_sentence(marked, places, start, end)
            last = places
        elif last and not _IS_WISH.search(marked.plain, start, end):
            sentence = marked.plain[start:end]
            if not asks(marked, start, end) and (
                _GOES_ON.search(sentence) or _OF_IT.search(sentence)
            ):
                about = last if re.search(r"\b(?:both|they|all)\b", sentence) else last[-1:]
                for place in about:
                    stop = _find_break(marked.plain, start, end, "")
                    yield Scope(place, start, stop, Side.LATER)


def _find_in_sentence(
    marked: MarkedText, places: list[int], start: int, end: int
) -> Iterator[Scope]:
    plain = marked.plain
    fronts = {place: find_front(plain, start, marked.titles[place].start) for place in places}
    asides = [
        p
        for p in places
        if _is_aside(plain, start, end, marked.titles[p].start, marked.titles[p].end)
    ]
    for at, place in enumerate(places):
        title = marked.titles[place]
        front = fronts[place]
        near = max(start, front - REACH)
        for stretch in _find_kinds(plain, near, front):
            yield Scope(place, *stretch, Side.FRONT)
        yield Scope(place, front, title.start, Side.FRONT)
        if place in asides:
            continue
        following = [one for one in places[at + 1 :] if one not in asides]
        stop = fronts[following[0]] if following else end
        head = plain[near:front]
        if _DERIVED.search(head) or asks(marked, start, end, title.start):
            # what follows is said of something else, or asked, but for what stands in apposition
            yield from _find_apposed(plain, place, title.end, stop)
            continue
        yield from _find_behind(marked, place, stop, head)


def _find_behind(marked: MarkedText, place: int, stop: int, head: str) -> Iterator[Scope]:
    """Yield what follows a title and speaks of it, up to `stop`."""
    plain, title = marked.plain, marked.titles[place]
    likeness = _LIKENESS.search(head)
    wanted = likeness is not None and _WANTED.search(head[: likeness.start()]) is not None
    end = _find_break(plain, title.end, stop, head if likeness else "")
    doubtful = 0
    if wanted:
        year = _YEAR_BEHIND.match(plain, title.end)
        certain = _CERTAIN.search(plain, year.end() if year else title.end, end)
        doubtful = certain.start() if certain else end
    yield Scope(place, title.end, end, Side.BEHIND, doubtful)
    if (resumed := _RESUMED.search(plain, end, stop)) is not None:
        yield Scope(
            place, resumed.start(), _find_break(plain, resumed.end(), stop, ""), Side.BEHIND
        )


def _find_apposed(plain: str, place: int, title: int, stop: int) -> Iterator[Scope]:
    """Yield what is said of a title in passing: "Is Heat (1995), the crime film, any good?"."""
    year = _YEAR_BEHIND.match(plain, title)
    end = year.end() if year else title
    if apposed := _APPOSED.match(plain, end, stop):
        end = _find_break(plain, end, apposed.end(), "")
    if end > title:
        yield Scope(place, title, end, Side.BEHIND)


def _find_break(plain: str, start: int, stop: int, likened: str) -> int:
    """Return where the words turn from a film to something else."""
    ends = [stop]
    if (match := _BREAK.search(plain, start, stop)) is not None:
        ends.append(match.start())
    for match in _ANY_BUT.finditer(plain, start, stop):
        if likened or not _BUT.match(plain, match.start(), stop):
            ends.append(match.start())
    return min(ends)


def find_front(plain: str, start: int, title: int) -> int:
    """Return where the words that describe a title from the front begin."""
    least = max(start, title - _LONGEST_FRONT)
    head = plain[least:title].rstrip(" \"'“‘")
    boundaries = list(_BOUNDARY.finditer(head))
    return least + boundaries[-1].end() if boundaries else least


def _find_kinds(plain: str, start: int, front: int) -> Iterator[tuple[int, int]]:
    """Yield what describes a title from farther away: "crime films such as", "my favorite is"."""
    head = plain[start:front]
    for pattern in (_FAVOURITE, _EXAMPLE, _PARTICIPLE):
        if match := pattern.search(head):
            name = next(iter(match.groupdict()), None)
            begin, end = match.span(name) if name else match.span()
            if pattern is _EXAMPLE:
                begin = find_front(plain, start + begin, start + end) - start
            yield start + begin, start + end


def _is_aside(plain: str, start: int, end: int, first: int, last: int) -> bool:
    """Return True for a title that is only compared with: "Heat, like Ronin, is ..."."""
    return (
        _ASIDE.search(plain[max(start, first - REACH) : first]) is not None
        and re.match(r"[\"'”’]?(?:\s*\(\d{4}\))?,", plain[last:end]) is not None
    )


def asks(marked: MarkedText, start: int, end: int, until: int | None = None) -> bool:
    """Return True where a sentence asks whether something is so."""
    if until is not None and _WHETHER.search(marked.plain[max(start, until - REACH) : until]):
        return True
    return _ASKS.search(marked.plain[start : min(end, start + REACH)]) is not None
