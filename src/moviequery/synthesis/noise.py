"""Queries as people type them in haste: slips, lost words, fillers, casing; spans stay exact.

Each kind of noise is a function of a query, a generator of random numbers and a rate, the chance
that it strikes where it can: at each word for slips and misspellings, once a query for the rest.
None of them changes what is asked: types, IRIs, negation and links stay, and every entity keeps
some text. Years keep their digits, and words that say what is not wanted are never lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from random import Random

from ..schema import EntityType, Query
from .edits import Edit, apply_edits, find_gaps, match_outside, match_within
from .misspelling import (
    CLOSERS,
    CONTRACTIONS,
    INNER,
    LOST,
    OPENERS,
    STRETCHED,
    VARIANTS,
    match_case,
    pick,
    press_wrong_key,
    spell_by_ear,
)

_WORD = re.compile(r"[^\W\d_]+")
_LOST = re.compile(r"(?<!\S)(?:" + "|".join(sorted(LOST)) + r")\s+(?=\w)", re.I)
_CONTRACTION = re.compile(
    r"(?<![\w'])(?:" + "|".join(sorted(CONTRACTIONS, key=len, reverse=True)) + r")(?![\w'’])", re.I
)
_STRETCHED = re.compile(r"(?<![\w'])(?:" + "|".join(sorted(STRETCHED)) + r")(?![\w'’])", re.I)
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’](?=[^\W\d_])")
_MARK = re.compile(r"(?<=\w)[,.?!;:]+(?=\s|$)")
_SPACE = re.compile(r"(?<=\w) (?=\w)")
_PLURAL = re.compile(r"(?<=[a-z]{3})s(?!\w)")
_END_MARKS = ("??", "!", "...", "?!", "!!", " ?", "???", ".")
_VOWELS = "aeiouy"
_SHORTEST = 4  # a slip in a shorter word often makes another word of it
_READ_TYPES = (EntityType.YEAR, EntityType.CERTIFICATE, EntityType.SONG)


@dataclass(frozen=True, slots=True)
class Noise:
    """How often each kind of noise strikes: chances between 0 and 1.

    Attributes:
        key: per word, a key beside the right one is hit.
        letter: per word, a letter is dropped, doubled or swapped with the next.
        misspelling: per word that has a usual misspelling; a tenth of it for other long words.
        variant: per word that is spelt otherwise in British or American English.
        lost_word: per query, a small word outside entities is left out.
        contraction: per query, words are drawn together or abbreviated.
        filler: per query, "um", "lol" or the like goes before, between or after.
        elongation: per query, a word is drawn out: "soooo".
        apostrophe: per query, one is lost or put where none belongs.
        punctuation: per query, a mark is lost, doubled or added.
        case: per query, all lower case, all capitals, or capitals at random.
    """

    key: float = 0.01
    letter: float = 0.015
    misspelling: float = 0.06
    variant: float = 0.2
    lost_word: float = 0.12
    contraction: float = 0.2
    filler: float = 0.1
    elongation: float = 0.03
    apostrophe: float = 0.25
    punctuation: float = 0.25
    case: float = 0.4

    def __post_init__(self) -> None:
        """Refuse what is no chance.

        Raises:
            ValueError: a rate is below 0 or above 1.
        """
        for entry in fields(self):
            if not 0 <= (rate := getattr(self, entry.name)) <= 1:
                raise ValueError(f"noise rate {entry.name}={rate}: give a number from 0 to 1")


def add_noise(query: Query, noise: Noise, rng: Random) -> Query:
    """Return the query with noise of every kind at its rate; equal draws give equal queries.

    The kinds that changed the text are added to the clauses of its provenance as `noise/KIND`.

    Example:
        >>> query = Query("I would recommend the theatre", "rec")
        >>> add_noise(query, Noise(case=0), Random("3")).intent
        'rec'
    """
    struck = []
    for kind, change in KINDS.items():
        changed = change(query, rng, getattr(noise, kind))
        if changed.text != query.text:
            struck.append(f"noise/{kind}")
        query = changed
    if query.provenance is None or not struck:
        return query
    clauses = (*query.provenance.clauses, *struck)
    return replace(query, provenance=replace(query.provenance, clauses=clauses))


def hit_wrong_keys(query: Query, rng: Random, rate: float) -> Query:
    """Return the query with letters replaced by those of keys beside theirs."""
    return _change_words(query, lambda word: press_wrong_key(word, rng), rng, rate)


def slip_letters(query: Query, rng: Random, rate: float) -> Query:
    """Return the query with letters dropped, doubled or swapped with their neighbours."""
    return _change_words(query, lambda word: _slip(word, rng), rng, rate)


def misspell(query: Query, rng: Random, rate: float) -> Query:
    """Return the query with words spelt by ear: "recomend", "theif", "scarey"."""
    edits = []
    for match in _words(query):
        if (draw := rng.random()) >= rate:
            continue
        spelt, is_usual = spell_by_ear(match[0], rng)
        if is_usual or draw < rate / 10:
            edits.append(Edit(match.start(), match.end(), spelt))
    return apply_edits(query, edits)


def change_variants(query: Query, rng: Random, rate: float) -> Query:
    """Return the query with American words spelt the British way, and the other way round."""
    edits = []
    for match in _words(query):
        other = VARIANTS.get(match[0].lower())
        if other and rng.random() < rate:
            edits.append(Edit(match.start(), match.end(), match_case(other, match[0])))
    return apply_edits(query, edits)


def lose_word(query: Query, rng: Random, rate: float) -> Query:
    """Return the query without an article or another small word outside its entities."""
    return _replace_one(query, _LOST, lambda _: "", rng, rate)


def contract(query: Query, rng: Random, rate: float) -> Query:
    """Return the query with words drawn together or abbreviated: "wanna", "pls", "whats"."""

    def shorten(found: str) -> str:
        return match_case(pick(CONTRACTIONS[found.lower()], rng), found)

    return _replace_one(query, _CONTRACTION, shorten, rng, rate)


def add_filler(query: Query, rng: Random, rate: float) -> Query:
    """Return the query with "um", "you know", "lol" or the like in it, outside its entities."""
    if rng.random() >= rate or not query.text:
        return query
    place = pick(("before", "between", "after"), rng)
    if place == "before":
        word = pick(OPENERS, rng)
        return apply_edits(query, [Edit(0, 0, f"{word}{pick((' ', ', ', '... '), rng)}")])
    spaces = [match.start() for match in match_outside(query, _SPACE)]
    if place == "between" and spaces:
        return apply_edits(query, [Edit(at := pick(spaces, rng), at, f" {pick(INNER, rng)}")])
    end = len(query.text)
    return apply_edits(query, [Edit(end, end, f" {pick(CLOSERS, rng)}")])


def stretch(query: Query, rng: Random, rate: float) -> Query:
    """Return the query with a word outside its entities drawn out: "soooo", "pleaseee"."""

    def draw_out(found: str) -> str:
        vowels = [n for n, char in enumerate(found) if char.lower() in _VOWELS]
        at = vowels[-1] if vowels else len(found) - 1
        return found[:at] + found[at] * (3 + int(rng.random() * 3)) + found[at + 1 :]

    return _replace_one(query, _STRETCHED, draw_out, rng, rate)


def change_apostrophe(query: Query, rng: Random, rate: float) -> Query:
    """Return the query with an apostrophe lost, or with one too many: "whats", "film's"."""
    if any(True for _ in _within(query, _APOSTROPHE)):
        return _replace_one(query, _APOSTROPHE, lambda _: "", rng, rate, anywhere=True)
    return _replace_one(query, _PLURAL, lambda found: f"'{found}", rng, rate / 4)


def change_punctuation(query: Query, rng: Random, rate: float) -> Query:
    """Return the query with its marks lost, one of them changed, or one added at the end."""
    if rng.random() >= rate or not query.text:
        return query
    marks = list(match_outside(query, _MARK))
    action = pick(("lose all", "lose one", "end"), rng)
    if action == "lose all" and marks:
        return apply_edits(query, [Edit(mark.start(), mark.end(), "") for mark in marks])
    if action == "lose one" and marks:
        mark = pick(marks, rng)
        return apply_edits(query, [Edit(mark.start(), mark.end(), "")])
    start = marks[-1].start() if marks and marks[-1].end() == len(query.text) else len(query.text)
    return apply_edits(query, [Edit(start, len(query.text), pick(_END_MARKS, rng))])


def change_case(query: Query, rng: Random, rate: float) -> Query:
    """Return the query in lower case (most often), in capitals, or in capitals at random."""
    if rng.random() >= rate:
        return query
    draw = rng.random()
    change: Callable[[str], str] = str.lower if draw < 0.75 else str.upper
    if draw >= 0.92:

        def change(char: str) -> str:
            return char.upper() if rng.random() < 0.5 else char.lower()

    edits = []
    # stretch by stretch, since "ß" in capitals is two characters
    for start, end in pairwise(_find_borders(query)):
        changed = "".join(map(change, query.text[start:end]))
        edits.append(Edit(start, end, changed))
    return apply_edits(query, edits)


KINDS: Mapping[str, Callable[[Query, Random, float], Query]] = {
    "contraction": contract,
    "variant": change_variants,
    "lost_word": lose_word,
    "misspelling": misspell,
    "key": hit_wrong_keys,
    "letter": slip_letters,
    "elongation": stretch,
    "apostrophe": change_apostrophe,
    "punctuation": change_punctuation,
    "filler": add_filler,
    "case": change_case,
}


def _find_borders(query: Query) -> list[int]:
    """Return where an entity, a part or the text begins or ends."""
    places = {0, len(query.text)}
    places.update(place for entity in query.entities for place in (entity.start, entity.end))
    places.update(place for part in query.parts for place in (part.start, part.end))
    return sorted(places)


def _slip(word: str, rng: Random) -> str:
    at = 1 + int(rng.random() * (len(word) - 2))
    action = pick(("drop", "double", "swap"), rng)
    if action == "swap" and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + ("" if action == "drop" else word[at] * 2) + word[at + 1 :]


def _change_words(query: Query, change: Callable[[str], str], rng: Random, rate: float) -> Query:
    """Return the query with some of its longer words changed."""
    edits = []
    for match in _words(query):
        if len(match[0]) >= _SHORTEST and rng.random() < rate:
            edits.append(Edit(match.start(), match.end(), change(match[0])))
    return apply_edits(query, edits)


def _replace_one(
    query: Query,
    pattern: re.Pattern[str],
    change: Callable[[str], str],
    rng: Random,
    rate: float,
    *,
    anywhere: bool = False,
) -> Query:
    """Return the query with one match changed, of those outside its entities or of all."""
    if rng.random() >= rate:
        return query
    found = list(_within(query, pattern) if anywhere else match_outside(query, pattern))
    if not found:
        return query
    match = pick(found, rng)
    return apply_edits(query, [Edit(match.start(), match.end(), change(match[0]))])


def _words(query: Query) -> Iterator[re.Match[str]]:
    return _within(query, _WORD)


def _within(query: Query, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Yield the matches that lie in one entity, or outside all of them.

    Years stay as they are, and so do "unrated" and "theme song": what they state is read from
    their letters.
    """
    stretches = find_gaps(query)
    stretches += [(e.start, e.end) for e in query.entities if e.iri or e.type not in _READ_TYPES]
    return match_within(query.text, pattern, sorted(stretches))
