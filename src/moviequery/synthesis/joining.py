"""Two queries said in one breath, labelled for both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from ..schema import Entity, Intent, Part, Query
from .edits import Edit, apply_edits
from .misspelling import pick

# After a sentence with its mark, and in place of the mark.
_OPENINGS = (
    " Also, ", " And ", " Oh, and ", " Oh and ", " By the way, ", " Another thing: ", " Plus, ",
    " One more thing: ", " And another thing, ", " Besides that, ", " ",
)  # fmt: skip
_LINKS = (", and ", " and also ", ", also ", " - oh and ", ", and while we're at it, ", "; also, ")
_BARE_LINKS: Mapping[str, Sequence[str]] = {
    "trivia": (" and also ", " and ", " oh and ", " also ", " and then "),
    "search": (" and ", " + ", ", ", " also ", " plus ", " & "),
}
_FINAL_MARK = re.compile(r"[.?!]$")
_INNER_MARK = re.compile(r"[.?!]\s")
_FIRST_WORD = re.compile(r"[A-Za-z]+(?=[\s,'’])")
# A greeting or an answer in the middle of a text is nobody's way to go on.
_CANNOT_FOLLOW = re.compile(
    r"(?:hi|hey|hello|hmm+|okay|ok|so|and|but|also|oh|good|thanks|yes|no|well|something|anything"
    r"|in film class|same)\b",
    re.I,
)


def can_follow(query: Query) -> bool:
    """Return True if the query can be the second of two.

    Example:
        >>> can_follow(Query("Hi, any films?", "rec")), can_follow(Query("Any films?", "rec"))
        (False, True)
    """
    return _CANNOT_FOLLOW.match(query.text) is None


def join_queries(first: Query, second: Query, style: str, rng: Random) -> Query:
    """Return both queries as one text, with a part for each and all entities of both.

    The words between them belong to neither part. Provenance stays with the caller.

    Args:
        first: said first; its final mark may go.
        second: may lose the capital that it begins with.
        style: of both: chat, search or trivia.
        rng: draws the words between them.

    Example:
        >>> one, two = Query("any heist films", "rec"), Query("who directed it", "non_rec")
        >>> joined = join_queries(one, two, "trivia", Random("2"))
        >>> [joined.text[part.start : part.end] for part in joined.parts]
        ['any heist films', 'who directed it']
    """
    is_one_sentence = _INNER_MARK.search(first.text) is None
    links = (*_OPENINGS, *_LINKS) if is_one_sentence else _OPENINGS
    link = pick(_BARE_LINKS.get(style, links), rng)
    if style not in _BARE_LINKS:
        keeps_mark = link in _OPENINGS
        ending = len(first.text)
        is_marked = _FINAL_MARK.search(first.text) and not _is_covered(first, ending - 1)
        if is_marked and not keeps_mark:
            first = apply_edits(first, [Edit(ending - 1, ending, "")])
        elif keeps_mark and not _FINAL_MARK.search(first.text):
            first = apply_edits(first, [Edit(ending, ending, ".")])
        if link != " ":
            second = _begin_small(second)
    offset = len(first.text) + len(link)
    moved = [_shift(entity, offset, len(first.entities)) for entity in second.entities]
    intents = (first.intent, second.intent)
    return Query(
        text=first.text + link + second.text,
        intent=Intent.REC if Intent.REC in intents else Intent.NON_REC,
        entities=(*first.entities, *moved),
        parts=(
            Part(0, len(first.text), Intent(first.intent)),
            Part(offset, offset + len(second.text), Intent(second.intent)),
        ),
    )


def _is_covered(query: Query, offset: int) -> bool:
    return any(entity.start <= offset < entity.end for entity in query.entities)


def _begin_small(query: Query) -> Query:
    """Return the query without the capital of its first word, unless that is "I" or a name."""
    match = _FIRST_WORD.match(query.text)
    if match is None or match[0] == "I" or _is_covered(query, 0) or not match[0].istitle():
        return query
    return apply_edits(query, [Edit(0, 1, query.text[0].lower())])


def _shift(entity: Entity, offset: int, number: int) -> Entity:
    return replace(
        entity,
        start=entity.start + offset,
        end=entity.end + offset,
        about=None if entity.about is None else entity.about + number,
    )
