"""One frame becomes one text: choices are made, facts drawn, words found and spans kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from ..knowledge.index import GraphIndex
from ..knowledge.normalisation import fold
from ..schema import Entity, EntityType
from .grammar import Frame
from .phrases import find_article, find_plot_article, split_article
from .sampling import FactSampler
from .styles import Piece, write_pieces
from .surface import UNRATED, say_title, say_value
from .template import SONG_KINDS, Choice, Slot, Template

# "About the [CIA]": annotators of film queries leave the article outside.
_SHED_ARTICLES = (EntityType.PLOT, EntityType.THEME)
_NEED_ARTICLES = (EntityType.SETTING, EntityType.COUNTRY, EntityType.AWARD)

Lexicon = Mapping[str, tuple[str, ...]]


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
    nodes: list[str | Slot] = []
    clauses: list[str] = []
    _expand(frame.template, rng, nodes, clauses)
    slots = [node for node in nodes if isinstance(node, Slot)]
    facts = _draw_facts(index, slots, sampler, rng)
    if facts is None:
        return None
    pieces = _say(index, nodes, facts.values, lexicon, frame.style, rng)
    text, spans = write_pieces(pieces, frame.style)
    entities = _make_entities(index, text, spans, slots, facts.values)
    if entities is None:
        return None
    films = tuple(index.films[position].iri for position in facts.films.values())
    return FilledFrame(text, entities, tuple(clauses), films, _list_triples(index, slots, facts))


def _expand(template: Template, rng: Random, nodes: list[str | Slot], clauses: list[str]) -> None:
    """Walk the template, making each choice; neighbouring words are joined into one node."""
    for node in template:
        if isinstance(node, Choice):
            chosen = int(rng.random() * len(node.options))
            if node.clause:
                clauses.append(f"{node.clause}/{chosen}")
            _expand(node.options[chosen], rng, nodes, clauses)
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
    nodes: Sequence[str | Slot],
    values: Sequence[str],
    lexicon: Lexicon,
    style: str,
    rng: Random,
) -> list[Piece]:
    """Return the words between slots and those of each slot."""
    pieces: list[Piece] = []
    number = 0
    for node in nodes:
        if isinstance(node, str):
            pieces.append((node, None))
            continue
        if node.is_lexical:
            words = SONG_KINDS if node.type is EntityType.SONG else lexicon[node.key]
            text = words[int(rng.random() * len(words))]
        elif node.names_film:
            film = index.film(values[number])
            text = say_title(film.title, style, rng) if film else ""
        else:
            text = say_value(index, node, values[number], rng)
            if node.type in _SHED_ARTICLES and not node.form.endswith("clause"):
                article, text = split_article(text)
                if node.form in ("", "premise") and not article and pieces:
                    article = find_plot_article(text, pieces[-1][0])
                if article:
                    pieces.append((article, None))
            if node.type in _NEED_ARTICLES and pieces:
                before = pieces[-1][0]
                pieces[-1] = (before + find_article(text, before), pieces[-1][1])
        pieces.append((text, number))
        number += 1
    return pieces


def _make_entities(
    index: GraphIndex,
    text: str,
    spans: Sequence[tuple[int, int]],
    slots: Sequence[Slot],
    values: Sequence[str],
) -> tuple[Entity, ...] | None:
    """Return the entities in order, or None if two slots say the same words for two things."""
    titles: dict[str, int] = {}
    for number, slot in enumerate(slots):
        if slot.names_film:
            titles.setdefault(slot.film, number)
    entities = []
    said: dict[str, str] = {}
    for slot, value, (start, end) in zip(slots, values, spans, strict=True):
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
    return tuple(entities)


def _list_triples(index: GraphIndex, slots: Sequence[Slot], facts: _Facts) -> tuple[str, ...]:
    """Return the facts that the text rests on, each once; what is not wanted rests on none."""
    triples = []
    for slot, value in zip(slots, facts.values, strict=True):
        is_fact = value and value != UNRATED and (slot.names_film or _is_held(slot))
        if is_fact and slot.film in facts.films:
            film = index.films[facts.films[slot.film]]
            triples.append(index.triple(film, slot.type, film.title if slot.names_film else value))
    return tuple(dict.fromkeys(triples))
