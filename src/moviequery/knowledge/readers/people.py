"""Names of people out of cast and director cells, without the notes that tables mix in."""

from __future__ import annotations

import re

from ...schema import Role
from ..tally import Tally
from .values import read_list, tidy

# "Interviews with: Pink, Adele, more!"
_PREAMBLE = re.compile(
    r"^(?:interviews? with|featuring|starring|with|narrated by|cast|directed by|voices? of)\s*:\s*",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\s*[(\[][^)\]]*[)\]]?\s*")
_TWO_PEOPLE = re.compile(r"^(\S+ \S.*?) (?:and|&) (?!the |The )(\S+ \S.*)$")
_NOT_A_PERSON = frozenset({
    "more", "more!", "and more", "and more!", "others", "and others", "various", "various artists",
    "various directors", "n/a", "na", "none", "unknown", "uncredited", "anonymous", "et al",
    "et al.", "tba", "tbd", "narrator",
})  # fmt: skip
_TEST_NAME = re.compile(r"^test\s*(?:actor|director|cast)?\s*\d*(?:\s+us)?$", re.IGNORECASE)
# "Chief Sheikh Mohammed bin Rashid" is five; longer ones are sentences or three names run together.
_MOST_WORDS = 5
_LONGEST_NAME = 60


def read_cast(cell: object, line: int | str, tally: Tally) -> tuple[Role, ...]:
    """Return the roles of a cast cell; what is no name is counted as a repair and left out.

    "Ash Lynx: Yuma Uchida" is a character and who speaks it; a bracket behind a name may be a
    part, a band or a second name, so it is dropped and claims nothing.
    """
    roles: dict[str, Role] = {}
    for text in read_list(_without_preamble(cell)):
        character, actor = _part_character(text)
        for name in _read_names(actor, line, tally):
            roles.setdefault(name, Role(name, character))
    return tuple(roles.values())


def read_names(cell: object, line: int | str, tally: Tally) -> tuple[str, ...]:
    """Return the names in a cell of directors or writers; what is no name is counted."""
    labels = read_list(_without_preamble(cell))
    names = (name for label in labels for name in _read_names(label, line, tally))
    return tuple(dict.fromkeys(names))


def _without_preamble(cell: object) -> object:
    return _PREAMBLE.sub("", cell) if isinstance(cell, str) else cell


def _read_names(text: str, line: int | str, tally: Tally) -> list[str]:
    name = tidy(_BRACKET.sub(" ", text)).strip(" ,;:-|")
    if not _is_name(name):
        tally.repair("not a person's name, left out", line, text)
        return []
    two = _TWO_PEOPLE.match(name)
    return [two[1], two[2]] if two else [name]


def _is_name(name: str) -> bool:
    lowered = name.casefold()
    if lowered in _NOT_A_PERSON or _TEST_NAME.match(name) or len(name) > _LONGEST_NAME:
        return False
    if len(name.split()) > _MOST_WORDS and not _TWO_PEOPLE.match(name):
        return False
    # one Latin letter or a number is no name; one Chinese character may be
    return any(char.isalpha() for char in name) and (len(name) > 1 or not name.isascii())


def _part_character(text: str) -> tuple[str | None, str]:
    before, colon, after = text.partition(":")
    if colon and before.strip() and after.strip() and ":" not in after:
        return tidy(before), tidy(after)
    return None, text
