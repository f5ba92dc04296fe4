"""Which films meet the conditions of a wish, and which condition is given up where none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..schema import EntityType
from .fact_table import FactTable, Flags
from .wishes import Condition, Wish

_OTHER_ROLE = {
    EntityType.ACTOR: EntityType.DIRECTOR,
    EntityType.DIRECTOR: EntityType.ACTOR,
}


@dataclass(frozen=True)
class Selection:
    """The films that are left.

    Attributes:
        flags: True for films that may be recommended.
        kept: the conditions that all of them meet.
        given_up: the conditions that were given up so that any film is left; some films may
            meet them all the same.
    """

    flags: Flags
    kept: tuple[Condition, ...]
    given_up: tuple[Condition, ...]


def select_films(wish: Wish, facts: FactTable, excluded: Sequence[int]) -> Selection:
    """Return the films that meet the conditions of a wish, or as many conditions as can be met.

    Where no film meets all, someone who is taken for a director may act, or the other way round.
    Else the least important condition goes whose loss leaves some; where no single one does, the
    least important goes, and so on. What no film meets at all goes first.

    Args:
        wish: its conditions come with the most important first.
        facts: of all films.
        excluded: positions that are never returned.
    """
    allowed = facts.is_film.copy() if facts.is_film.any() else ~facts.is_film
    allowed[list(excluded)] = False
    met = {condition: meet(condition, facts) for condition in wish.conditions}
    kept = list(wish.conditions)
    given_up: list[Condition] = []
    while kept and not _all_met(kept, met, allowed).any():
        if turned := _turn_role(kept, met, allowed, facts):
            kept = turned
            break
        weakest = _find_weakest(kept, met, allowed)
        kept.remove(weakest)
        given_up.append(weakest)
    return Selection(_all_met(kept, met, allowed), tuple(kept), tuple(given_up))


def meet(condition: Condition, facts: FactTable) -> Flags:
    """Return for every film whether it meets a condition; what is not known is not met.

    A film of an unknown year or rating meets no condition of it, a negated one either.
    """
    if condition.span is not None:
        values = facts.years if condition.type is EntityType.YEAR else facts.ratings
        first, last = condition.span
        known = facts.years >= 0 if condition.type is EntityType.YEAR else ~np.isnan(facts.ratings)
        within = (values >= first) & (values <= last)
        return known & (within ^ condition.negated)
    if condition.unrated:
        held: Flags = facts.is_unrated
    else:
        held = facts.flags(condition.type, condition.iris)
    return ~held if condition.negated else held


def _all_met(kept: Sequence[Condition], met: dict[Condition, Flags], allowed: Flags) -> Flags:
    flags = allowed.copy()
    for condition in kept:
        flags &= met[condition]
    return flags


def _turn_role(
    kept: Sequence[Condition], met: dict[Condition, Flags], allowed: Flags, facts: FactTable
) -> list[Condition] | None:
    """Return the conditions with one person in their other role, if some film meets them so."""
    for place, condition in enumerate(kept):
        other = _OTHER_ROLE.get(condition.type)
        if other is None or condition.negated:
            continue
        turned = replace(condition, type=other)
        met[turned] = meet(turned, facts)
        conditions = [*kept[:place], turned, *kept[place + 1 :]]
        if _all_met(conditions, met, allowed).any():
            return conditions
    return None


def _find_weakest(
    kept: Sequence[Condition], met: dict[Condition, Flags], allowed: Flags
) -> Condition:
    """Return the condition to give up: hopeless, else a helpful one, else the least important."""
    weakest_first = kept[::-1]
    for condition in weakest_first:
        if not (met[condition] & allowed).any():
            return condition
    for condition in weakest_first:
        others = [other for other in kept if other is not condition]
        if _all_met(others, met, allowed).any():
            return condition
    return weakest_first[0]
