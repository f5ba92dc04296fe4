"""Of what kind themes, plots and settings are, and how they are said within a longer phrase.

`kinds.toml` lists the words of the vocabulary by kind: a theme such as "boxing" is a world that
people live in ("boxing") and tells of a person ("a washed up boxer").
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

# What a name of a place takes that stands in no list.
_PLACE = "setting:place"


def find_kind_words(key: str, label: str) -> tuple[str, ...]:
    """Return how a label is said as a form such as "theme:person"; empty if it is no such thing.

    Example:
        >>> find_kind_words("theme:idea", "revenge"), find_kind_words("theme:person", "revenge")
        (('revenge',), ())
        >>> find_kind_words("setting:place", "island")[0], find_kind_words("setting:place", "Rome")
        ('on an island', ('in Rome',))
    """
    words = _read_kinds().get(key, {}).get(label, ())
    if not words and key == _PLACE and all(word[0].isupper() for word in label.split()):
        return (f"in {label}",)
    return words


@cache
def _read_kinds() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the words by type and kind, as slots have it, and by label."""
    text = (files("moviequery.synthesis") / "kinds.toml").read_text("utf-8")
    return {
        f"{entity_type}:{kind}": {label: tuple(words) for label, words in labels.items()}
        for kind, types in tomllib.loads(text).items()
        for entity_type, labels in types.items()
    }
