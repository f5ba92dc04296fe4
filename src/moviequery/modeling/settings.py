"""Checks of what a training is told, before anything is loaded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..errors import ModelError


def check_type(name: str, value: object, default: object) -> None:
    """Refuse a value of another type than the default's; a whole number may stand for a share."""
    kinds: tuple[type, ...] = (int,) if default is None else (type(default),)
    if float in kinds:
        kinds = (float, int)
    # True is a whole number to Python, and "--set r=true" a slip
    is_slip = isinstance(value, bool) and bool not in kinds
    if (value is None and default is None) or (isinstance(value, kinds) and not is_slip):
        return
    expected = " or ".join(kind.__name__ for kind in kinds)
    raise ModelError(f"{name} is {value!r}; it must be of type {expected}.")


def check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Refuse a value that is none of the choices."""
    if value not in choices:
        raise ModelError(f"{name} is {value!r}; choose one of {list(choices)}.")


def check_positive(name: str, value: float) -> None:
    """Refuse what is not above 0."""
    if not value > 0:
        raise ModelError(f"{name} is {value}; it must be more than 0.")


@contextlib.contextmanager
def explain_refusal() -> Iterator[None]:
    """Turn the ValueError of a trainer that refuses its settings into ours.

    Raises:
        ModelError: with what the trainer said.
    """
    try:
        yield
    except ValueError as error:
        raise ModelError(f"The trainer refuses these settings: {error}") from error
