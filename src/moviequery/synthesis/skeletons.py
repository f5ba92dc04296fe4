"""Templates as texts: the ways through their choices, with slots as a grammar writes them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from .template import Choice, Composed, Slot, Template, certain_slots, walk_slots


def write_slot(slot: Slot) -> str:
    """Return a slot as it stands in a grammar.

    Example:
        >>> from .template import parse_slot
        >>> [write_slot(parse_slot(text)) for text in ("not title b", "year:decade of a")]
        ['{not title b}', '{year:decade of a}']
    """
    film = f"{'' if slot.names_film else ' of'} {slot.film}" if slot.film else ""
    return f"{{{'not ' if slot.negated else ''}{slot.key}{film}}}"


def draw_skeleton(template: Template, rng: Random) -> str:
    """Return one way through the choices of a linked template.

    Example:
        >>> from .template import parse_template
        >>> draw_skeleton(parse_template("(any|some) {genre} films[ ]"), Random(1)).strip()
        'any {genre} films'
    """
    return "".join(
        part if isinstance(part, str) else write_slot(part) for part in _walk(template, rng)
    )


def draw_literals(template: Template, rng: Random) -> Iterator[str]:
    """Yield the runs of words between the slots of one way through the choices."""
    run = ""
    for part in _walk(template, rng):
        if isinstance(part, str):
            run += part
        else:
            yield run
            run = ""
    yield run


def list_certain_slots(template: Template) -> list[Slot]:
    """Return the slots that every way holds and that stand in the template itself, by name."""
    own = set(walk_slots(template))
    return sorted(certain_slots(template) & own, key=write_slot)


def _walk(template: Template, rng: Random) -> Iterator[str | Slot]:
    """Yield words and slots of one way; a composed slot is one slot."""
    for node in template:
        if isinstance(node, Choice):
            yield from _walk(node.options[int(rng.random() * len(node.options))], rng)
        elif isinstance(node, Composed):
            yield node.slot
        elif isinstance(node, (str, Slot)):
            yield node
