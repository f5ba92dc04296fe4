"""How people write a query down: with capitals and marks, or with neither; spans stay exact.

Frames are written with the marks that English asks for. Most of what is typed into a search box
has none: of 300 readable rows of the MIT Movie Corpus not one has a comma, a hyphen or an
apostrophe, which were dropped ("whats") or left a gap ("what s", "1990 s").
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random

from ..schema import Entity, Query

_APOSTROPHES = re.compile(r"(?<=\w)['’](?=\w)")
# "e.t." becomes "et", "mr. nobody" "mr nobody" and "9.5" stays
_POINTS = re.compile(r"(?<!\d)\.(?=\w)|(?<=\w)\.(?!\w)|(?<!\w)\.(?!\d)")
_JOINTS = re.compile(r"(?<=\w)[-–—/](?=\w)")
_MARKS = re.compile(r"[^\w\s.'’&+%$#@*-]|['’]|(?<!\w)[-*]|[-*](?!\w)")
_JOINED = re.compile(r"\w+")
_SPACES = re.compile(r"\s{2,}")
_FINAL = ".?!"


@dataclass(frozen=True, slots=True)
class Habit:
    """One way to write queries down.

    Attributes:
        name: as it stands among the clauses of a query's provenance, after `habit/`.
        lower: no capitals.
        final: keeps the mark at the end.
        marks: keeps all other marks.
        gaps: where marks are dropped, an apostrophe leaves a gap ("what s") rather than nothing.
    """

    name: str
    lower: bool = True
    final: bool = True
    marks: bool = True
    gaps: bool = False


PLAIN = Habit("plain", lower=False)
LOWER = Habit("lower")
OPEN = Habit("open", final=False)
BARE = Habit("bare", final=False, marks=False)
GAPPED = Habit("gapped", final=False, marks=False, gaps=True)

# Shares in per cent. Both corpora of spoken and typed film queries at hand are bare throughout;
# queries of chats mostly keep their marks.
HABITS: Mapping[str, Mapping[Habit, int]] = {
    "chat": {PLAIN: 60, LOWER: 12, OPEN: 12, BARE: 13, GAPPED: 3},
    "search": {OPEN: 20, BARE: 60, GAPPED: 20},
    "trivia": {LOWER: 15, OPEN: 10, BARE: 35, GAPPED: 40},
}


def draw_habit(style: str, rng: Random) -> Habit:
    """Return a habit as often as people of a style have it."""
    habits = tuple(HABITS[style])
    ends = tuple(accumulate(HABITS[style].values()))
    return habits[bisect_right(ends, rng.random() * ends[-1])]


def write_down(query: Query, habit: Habit) -> Query:
    """Return a query of one intent as someone with a habit would have written it.

    What a lost apostrophe joins to a name belongs to it: the director in "spielbergs best films"
    is "spielbergs". A query in which a name is made of marks alone keeps them.

    Example:
        >>> from moviequery.schema import EntityType, Intent
        >>> film = Entity(EntityType.TITLE, "Schindler's List", 5, 21)
        >>> query = Query("When: Schindler's List?".replace(":", ""), Intent.NON_REC, (film,))
        >>> write_down(query, BARE).text, write_down(query, GAPPED).entities[0].text
        ('when schindlers list', 'schindler s list')
    """
    pieces = _split(query)
    if not habit.final:
        # a title keeps its own: "who framed roger rabbit?" asked about "Mamma Mia!"
        last, is_name = pieces[-1]
        pieces[-1] = (last if is_name else last.rstrip().rstrip(_FINAL), is_name)
    if habit.lower:
        pieces = [(text.lower(), is_name) for text, is_name in pieces]
    if not habit.marks:
        stripped = _strip(pieces, habit)
        pieces = pieces if stripped is None else stripped
    written = _join(query, pieces)
    if written.provenance is None or habit is PLAIN:
        return written
    clauses = (*written.provenance.clauses, f"habit/{habit.name}")
    return replace(written, provenance=replace(written.provenance, clauses=clauses))


Piece = tuple[str, bool]  # a stretch of text, and whether it is an entity


def _split(query: Query) -> list[Piece]:
    """Return the stretches outside and inside entities, by turns; the outer ones come first."""
    pieces: list[Piece] = []
    end = 0
    for entity in query.entities:
        pieces += [(query.text[end : entity.start], False), (entity.text, True)]
        end = entity.end
    return [*pieces, (query.text[end:], False)]


def _strip(pieces: list[Piece], habit: Habit) -> list[Piece] | None:
    """Return the stretches without marks, or None where a name would have nothing left."""
    text = "".join(text for text, _ in pieces)
    gap = " " if habit.gaps else ""
    # marks are told by what stands on both sides, which may be in two stretches
    marked = list(text)
    # the later the pattern, the more it knows: an apostrophe within a word is no quotation mark
    for pattern, put in ((_MARKS, ""), (_POINTS, ""), (_JOINTS, " "), (_APOSTROPHES, gap)):
        for match in pattern.finditer(text):
            marked[match.start()] = put
    written: list[Piece] = []
    start = 0
    for piece, is_name in pieces:
        new = "".join(marked[start : start + len(piece)])
        start += len(piece)
        new = _SPACES.sub(" ", _drop_accents(new))
        if is_name and not new.strip():
            return None
        written.append((new.strip() if is_name else new, is_name))
    return written


def _drop_accents(text: str) -> str:
    """Return Latin letters without their accents; other scripts need theirs."""
    if text.isascii():
        return text
    return "".join(
        unicodedata.normalize("NFD", char)[0] if "\u00c0" <= char <= "\u024f" else char
        for char in text
    )


def _join(query: Query, pieces: list[Piece]) -> Query:
    """Return the query of the pieces, names drawn out over what is joined to them."""
    text = ""
    entities: list[Entity] = []
    pieces[-1] = (pieces[-1][0].rstrip(), False)
    for piece, is_name in pieces:
        if is_name:
            entity = query.entities[len(entities)]
            start = len(text)
            entities.append(replace(entity, text=piece, start=start, end=start + len(piece)))
        elif entities and entities[-1].end == len(text) and text[-1].isalnum():
            joined = _JOINED.match(piece)
            if joined:
                name = entities[-1]
                grown = name.text + joined[0]
                entities[-1] = replace(name, text=grown, end=name.end + len(joined[0]))
        text += piece if text or is_name else piece.lstrip()
    return replace(query, text=text, entities=tuple(entities), parts=())
