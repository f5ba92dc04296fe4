"""What the options of the command line may hold: counts, NAME=VALUE pairs, values as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable

from .errors import MovieQueryError


def read_count(text: str) -> int:
    """Return a whole number from 1 on.

    Raises:
        argparse.ArgumentTypeError: it is none; argparse shows what this says.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def read_pairs(texts: Iterable[str], option: str) -> dict[str, str]:
    """Return names and values of an option that is given as NAME=VALUE, once or more.

    Raises:
        MovieQueryError: one has another form, or a name comes twice.

    Example:
        >>> read_pairs(["title=name"], "--column")
        {'title': 'name'}
    """
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise MovieQueryError(f"{option} {text!r} is not of the form NAME=VALUE")
        if name.strip() in pairs:
            raise MovieQueryError(f"{option} names {name.strip()!r} twice: give it one value")
        pairs[name.strip()] = value
    return pairs


def read_value(text: str) -> object:
    """Return a JSON value, or the text itself where it is none.

    Example:
        >>> read_value("false"), read_value("auto")
        (False, 'auto')
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
