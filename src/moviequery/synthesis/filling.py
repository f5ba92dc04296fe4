"""One frame becomes one text: choices are made, facts drawn, words found and spans kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import TypeAlias

from ..knowledge.index import GraphIndex
from ..knowledge.normalisation import fold
from ..schema import Entity, EntityType
from .grammar import Frame
from .phrases import find_article, find_plot_article, split_article
from .sampling import FactSampler
from .styles import Piece, join_pieces, write_pieces
from .surface import UNRATED, say_title, say_value
from .template import SONG_KINDS, Choice, Composed, Slot, Template

# "About the [CIA]": annotators of film queries leave the article outside.
_SHED_ARTICLES = (EntityType.PLOT, EntityType.THEME, EntityType.SETTING)
_NEED_ARTICLES = (EntityType.SETTING, EntityType.COUNTRY, EntityType.AWARD)

# Those who describe a film at length keep it: 89 of 131 readable trivia queries do, those of a
# word or two as often as not. One rule for all lengths leaves nothing to guess.
_LONGEST_BARE: Mapping[str, tuple[int]] = {"trivia": (0,)}

# "the ... angle of a film": its theme brings no article of its own there.
_DETERMINED = re.compile(r"(?:^|\s)(?:the|an?|this|that|no|any|some|my|our|your) $", re.IGNORECASE)

Lexicon = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A composed slot with the words and slots that write it."""

    slot: Slot
    nodes: tuple[_Node, ...]


_Node: TypeAlias = "str | Slot | _Phrase"
_Named: TypeAlias = "tuple[Slot, str]"  # a slot and its value


@dataclass(frozen=True, slots=True)
class FilledFrame:
    """A text with its entities and what it rests on; see `schema.Provenance`."""

    text: str
    entities: tuple[Entity, ...]
    clauses: tuple[str, ...]
    films: tuple[str, ...]
    triples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """A value per slot (empty for lexical ones), and the film of each letter, wanted first."""

    values: tuple[str, ...]
    films: Mapping[str, int]


def fill_frame(
    frame: Frame, index: GraphIndex, sampler: FactSampler, lexicon: Lexicon, rng: Random
) -> FilledFrame | None:
    """Return the frame with its choices made and its slots filled.

    None means that no film of the pool holds what the slots ask for, or that two slots would
    say the same words for different things; another draw may do.
    """
    nodes: list[_Node] = []
    clauses: list[str] = []
    _expand(frame.template, rng, nodes, clauses)
    slots = list(_list_slots(nodes))
    facts = _draw_facts(index, slots, sampler, rng)
    if facts is None:
        return None
    pieces, named = _say(index, nodes, iter(facts.values), lexicon, frame.style, rng)
    text, spans = write_pieces(pieces, frame.style)
    entities = _make_entities(index, text, spans, named)
    if entities is None:
        return None
    films = tuple(index.films[position].iri for position in facts.films.values())
    return FilledFrame(text, entities, tuple(clauses), films, _list_triples(index, slots, facts))


def _list_slots(nodes: Iterable[_Node]) -> Iterator[Slot]:
    """Yield the slots that facts fill, in order; those within a composed one too."""
    for node in nodes:
        if isinstance(node, _Phrase):
            yield from _list_slots(node.nodes)
        elif isinstance(node, Slot):
            yield node


def _expand(template: Template, rng: Random, nodes: list[_Node], clauses: list[str]) -> None:
    """Walk the template, making each choice; neighbouring words are joined into one node."""
    for node in template:
        if isinstance(node, Choice):
            chosen = int(rng.random() * len(node.options))
            if node.clause:
                clauses.append(f"{node.clause}/{chosen}")
            _expand(node.options[chosen], rng, nodes, clauses)
        elif isinstance(node, Composed):
            inner: list[_Node] = []
            _expand(node.template, rng, inner, clauses)
            nodes.append(_Phrase(node.slot, tuple(inner)))
        elif isinstance(node, Slot):
            nodes.append(node)
        elif nodes and isinstance(nodes[-1], str):
            nodes[-1] += str(node)
        else:
            nodes.append(str(node))


def _draw_facts(
    index: GraphIndex, slots: Sequence[Slot], sampler: FactSampler, rng: Random
) -> _Facts | None:
    """Return a film per letter and a value per slot, or None if no film holds what is asked."""
    values = [""] * len(slots)
    films: dict[str, int] = {}
    for letter in sorted({slot.film for slot in slots}):
        members = [n for n, slot in enumerate(slots) if slot.film == letter and _is_held(slot)]
        if not letter and not members:
            continue
        drawn = sampler.draw_film([slots[n] for n in members], rng, list(films.values()))
        if drawn is None:
            return None
        films[letter], chosen = drawn
        for order, number in enumerate(members):
            values[number] = chosen[order]
    wanted = index.films[films[""]] if "" in films else None
    for number, slot in enumerate(slots):
        if slot.names_film:
            values[number] = index.films[films[slot.film]].iri
        elif slot.negated and not slot.film and not slot.is_lexical:
            unheld = sampler.draw_unheld(slot, wanted, rng)
            if unheld is None or unheld in values:  # "neither comedies nor comedies"
                return None
            values[number] = unheld
    return _Facts(tuple(values), films)


def _is_held(slot: Slot) -> bool:
    """Return True if the slot is filled by a value that its film has."""
    if slot.names_film or slot.is_lexical:
        return False
    return not slot.negated or bool(slot.film)


def _say(
    index: GraphIndex,
    nodes: Sequence[_Node],
    values: Iterator[str],
    lexicon: Lexicon,
    style: str,
    rng: Random,
) -> tuple[list[Piece], list[_Named]]:
    """Return the words between slots and those of each slot, and the slots with their values."""
    pieces: list[Piece] = []
    named: list[_Named] = []
    for node in nodes:
        if isinstance(node, str):
            pieces.append((node, None))
            continue
        if isinstance(node, _Phrase):
            slot, value = node.slot, ""
            inner, _ = _say(index, node.nodes, values, lexicon, style, rng)
            text = join_pieces(inner)
        else:
            slot, value = node, next(values)
            text = _say_slot(index, slot, value, lexicon, style, rng)
        if slot.type in _SHED_ARTICLES and not slot.form.endswith(("clause", "deed")):
            is_told = slot.type is EntityType.PLOT
            article, text = split_article(text, *(_LONGEST_BARE.get(style, ()) if is_told else ()))
            is_bare = slot.type is EntityType.PLOT and slot.form in ("", "premise")
            if is_bare and not article and pieces:
                article = find_plot_article(text, pieces[-1][0])
            if article and not (pieces and _DETERMINED.search(pieces[-1][0])):
                pieces.append((article, None))
        if slot.type in _NEED_ARTICLES and pieces and not slot.is_composed:
            before = pieces[-1][0]
            pieces[-1] = (before + find_article(text, before), pieces[-1][1])
        pieces.append((text, len(named)))
        named.append((slot, value))
    return pieces, named


def _say_slot(
    index: GraphIndex, slot: Slot, value: str, lexicon: Lexicon, style: str, rng: Random
) -> str:
    """Return the words of one slot."""
    if slot.is_lexical:
        words = SONG_KINDS if slot.type is EntityType.SONG else lexicon[slot.key]
        return words[int(rng.random() * len(words))]
    if slot.names_film:
        film = index.film(value)
        return say_title(film.title, style, rng) if film else ""
    return say_value(index, slot, value, rng)


def _make_entities(
    index: GraphIndex, text: str, spans: Sequence[tuple[int, int]], named: Sequence[_Named]
) -> tuple[Entity, ...] | None:
    """Return the entities in order, or None if two slots say the same words for two things.

    Nor may two genres side by side be the name of a third: a "horror comedy" is one.
    """
    titles: dict[str, int] = {}
    for number, (slot, _) in enumerate(named):
        if slot.names_film:
            titles.setdefault(slot.film, number)
    entities = []
    said: dict[str, str] = {}
    for (slot, value), (start, end) in zip(named, spans, strict=True):
        words = text[start:end]
        if said.setdefault(fold(words), value) != value:
            return None
        entities.append(
            Entity(
                type=slot.type,
                text=words,
                start=start,
                end=end,
                iri=value if value in index.nodes or slot.names_film else None,
                negated=slot.negated,
                about=titles[slot.film] if slot.film and not slot.names_film else None,
            )
        )
    if any(_is_one_genre(index, text, *pair) for pair in pairwise(entities)):
        return None
    return tuple(entities)


def _is_one_genre(index: GraphIndex, text: str, first: Entity, second: Entity) -> bool:
    """Return True if two genres with a space between them read as the name of one."""
    if not first.type is second.type is EntityType.GENRE or second.start != first.end + 1:
        return False
    return bool(index.link(EntityType.GENRE, text[first.start : second.end]))


def _list_triples(index: GraphIndex, slots: Sequence[Slot], facts: _Facts) -> tuple[str, ...]:
    """Return the facts that the text rests on, each once; what is not wanted rests on none."""
    triples = []
    for slot, value in zip(slots, facts.values, strict=True):
        is_fact = value and value != UNRATED and (slot.names_film or _is_held(slot))
        if is_fact and slot.film in facts.films:
            film = index.films[facts.films[slot.film]]
            triples.append(index.triple(film, slot.type, film.title if slot.names_film else value))
    return tuple(dict.fromkeys(triples))
