"""How single words go wrong: keys that are hit by mistake, and spelling by ear."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from random import Random
from typing import Any, TypeVar

_Item = TypeVar("_Item")

_TABLES: Mapping[str, Any] = tomllib.loads((files(__package__) / "noise.toml").read_text("utf-8"))
_NEIGHBOURS: Mapping[str, str] = _TABLES["neighbours"]
_MISSPELLINGS: Mapping[str, Sequence[str]] = _TABLES["misspellings"]
_SOUNDS: Mapping[str, str] = _TABLES["sounds"]
CONTRACTIONS: Mapping[str, Sequence[str]] = _TABLES["contractions"]
VARIANTS: Mapping[str, str] = {
    **{american: british for british, american in _TABLES["variants"].items()},
    **_TABLES["variants"],
}
LOST: Sequence[str] = _TABLES["words"]["lost"]
OPENERS: Sequence[str] = _TABLES["words"]["openers"]
INNER: Sequence[str] = _TABLES["words"]["inner"]
CLOSERS: Sequence[str] = _TABLES["words"]["closers"]
STRETCHED: Sequence[str] = _TABLES["words"]["stretched"]

_SHORTEST_BY_EAR = 6


def pick(options: Sequence[_Item], rng: Random) -> _Item:
    """Return one of the options; unlike `Random.choice`, the same on every Python."""
    return options[int(rng.random() * len(options))]


def press_wrong_key(word: str, rng: Random) -> str:
    """Return the word with one letter after the first replaced by that of a key beside it.

    Example:
        >>> press_wrong_key("film", Random("1")) != "film"
        True
    """
    places = [at for at, char in enumerate(word) if at and char.lower() in _NEIGHBOURS]
    if not places:
        return word
    at = pick(places, rng)
    wrong = pick(_NEIGHBOURS[word[at].lower()], rng)
    return word[:at] + (wrong.upper() if word[at].isupper() else wrong) + word[at + 1 :]


def spell_by_ear(word: str, rng: Random) -> tuple[str, bool]:
    """Return a misspelling and whether it is a usual one; the word itself where there is none.

    Example:
        >>> spell_by_ear("Thief", Random("1"))
        ('Theif', True)
    """
    lower = word.lower()
    if lower in _MISSPELLINGS:
        return match_case(pick(_MISSPELLINGS[lower], rng), word), True
    if len(word) < _SHORTEST_BY_EAR or not word.isascii():
        return word, False
    fitting = [sound for sound in _SOUNDS if lower.find(sound, 1) > 0]
    if not fitting:
        return word, False
    sound = pick(fitting, rng)
    at = lower.find(sound, 1)
    return match_case(lower[:at] + _SOUNDS[sound] + lower[at + len(sound) :], word), False


def match_case(text: str, model: str) -> str:
    """Return the text in the case of the model: lower, capitals, or a capital to begin with.

    Example:
        >>> match_case("don't", "Do not"), match_case("recomend", "RECOMMEND")
        ("Don't", 'RECOMEND')
    """
    if model.isupper() and len(model) > 1:
        return text.upper()
    return text[:1].upper() + text[1:] if model[:1].isupper() else text
