"""What new frames are asked for: an intent, a manner and the slots that existing frames have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

from ..schema import Intent
from .grammar import Frame, Grammar
from .skeletons import draw_skeleton, list_certain_slots
from .template import Slot

_MOST_SLOTS = 4
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Family:
    """Frames of one intent and style whose every text holds these slots."""

    intent: Intent
    style: str
    slots: tuple[Slot, ...]


def list_families(grammar: Grammar) -> list[Family]:
    r"""Return the families that a grammar has frames of, one to four slots each, sorted.

    Example:
        >>> text = '[[frame]]\nid = "x"\nintent = "rec"\ntext = "any {genre} films?"'
        >>> [family.style for family in list_families(Grammar.parse({"mine.toml": text}))]
        ['chat']
    """
    found = {
        Family(frame.intent, frame.style, tuple(slots))
        for frame in grammar.frames
        if 1 <= len(slots := list_certain_slots(frame.template)) <= _MOST_SLOTS
    }
    return sorted(
        found,
        key=lambda one: (one.intent, one.style, [slot.key for slot in one.slots], str(one.slots)),
    )


def draw_families(grammar: Grammar, seed: int) -> Iterator[Family]:
    """Yield families without end: all of them in an order of the seed, then in another."""
    families = list_families(grammar)
    for turn in count():
        yield from Random(f"{seed}:{turn}").sample(families, len(families))


def draw_examples(grammar: Grammar, family: Family, rng: Random) -> list[str]:
    """Return a few frames of the intent and style as texts, those that share slots first."""
    wanted = set(family.slots)
    fellows: list[Frame] = [
        frame
        for frame in grammar.frames
        if frame.intent is family.intent and frame.style == family.style
    ]
    drawn = rng.sample(fellows, min(len(fellows), 10 * _EXAMPLES))
    drawn.sort(key=lambda frame: -len(wanted.intersection(list_certain_slots(frame.template))))
    return [draw_skeleton(frame.template, rng).strip() for frame in drawn[:_EXAMPLES]]
