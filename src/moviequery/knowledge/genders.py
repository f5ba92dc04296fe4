"""The gender of people who are much named, where it is publicly known."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from .vocabulary import PERSON, mint

WOMEN, MEN = "women", "men"


@cache
def read_genders() -> MappingProxyType[str, str]:
    """Return `WOMEN` or `MEN` by IRI of a person; whoever is missing is not known.

    The list names the people whom queries over the bundled catalogue name most, as they present
    themselves in public. It counts who is in the data; no query is written from it.

    Example:
        >>> read_genders()["urn:moviequery:person:greta-gerwig"]
        'women'
    """
    tables = tomllib.loads((files(__package__) / "genders.toml").read_text(encoding="utf-8"))
    return MappingProxyType(
        {mint(PERSON, name): gender for gender in (WOMEN, MEN) for name in tables[gender]}
    )
