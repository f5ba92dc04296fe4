"""Label maps: which label of somebody else's corpus each of our entity types answers to."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import EvaluationError
from ..schema import ENTITY_TYPES, EntityType

_BUNDLED = Path(__file__).parent / "label_maps"


@dataclass(frozen=True, slots=True)
class LabelMap:
    """Labels per entity type; a type that is not named is O, outside.

    Attributes:
        name: of the bundled map, or the path of the user's.
        labels: as the corpus spells them; they are compared without case.
        join: whether neighbouring entities of one label are one span, as in a corpus that tags
            "dark comedy" once where we say mood and genre.
    """

    name: str
    labels: Mapping[EntityType, str]
    join: bool = False

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the bundled maps."""
        return tuple(sorted(path.stem for path in _BUNDLED.glob("*.toml")))

    @classmethod
    def read(cls, name_or_path: str | Path) -> LabelMap:
        """Return a bundled map by its name, or a user's from a TOML file.

        A file holds one table, `[labels]`, with a line such as `song = "Soundtrack"` per type;
        "O" or a missing line leaves a type out. Above it may stand `join = true`.

        Raises:
            EvaluationError: there is no such map or file, or it is not a label map.

        Example:
            >>> LabelMap.read("mit-movie").label(EntityType.CERTIFICATE)
            'RATING'
        """
        bundled = str(name_or_path) in cls.names()
        path = _BUNDLED / f"{name_or_path}.toml" if bundled else Path(name_or_path)
        try:
            source = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise EvaluationError(
                f"{name_or_path} is neither a bundled label map ({', '.join(cls.names())}) "
                f"nor a TOML file that can be read: {error}"
            ) from error
        try:
            document = tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            raise EvaluationError(f"{path}: not TOML: {error}") from error
        table, join = document.get("labels"), document.get("join", False)
        if not isinstance(join, bool):
            raise EvaluationError(f"{path}: join = {join!r}; write true or false")
        if not isinstance(table, dict) or not table:
            raise EvaluationError(
                f'{path}: a table [labels] is missing, with lines such as song = "Soundtrack"'
            )
        labels = {key: _check_line(path, source, key, value) for key, value in table.items()}
        return cls(
            name=str(name_or_path),
            labels={EntityType(key): label for key, label in labels.items() if label != "O"},
            join=join,
        )

    def label(self, entity_type: EntityType) -> str | None:
        """Return the corpus's label for a type; None for a type that is O."""
        return self.labels.get(entity_type)

    def spell(self, label: str) -> str:
        """Return a label as this map spells it, or in capitals if it does not have it.

        Example:
            >>> LabelMap.read("mit-trivia").spell("CHARACTER_NAME")
            'Character_Name'
        """
        folded = label.casefold()
        return next(
            (own for own in self.labels.values() if own.casefold() == folded), label.upper()
        )


def _check_line(path: Path, source: str, key: str, value: object) -> str:
    known = {entity_type.value for entity_type in ENTITY_TYPES}
    if key not in known:
        fault = f"{key!r} is not an entity type; those are {', '.join(ENTITY_TYPES)}"
    elif not isinstance(value, str) or not value.strip():
        fault = f"{key} = {value!r} is not a label; write the corpus's label in quotes"
    elif value[:2].upper() in ("B-", "I-"):
        fault = f"{key} = {value!r} is a tag; write the label without {value[:2]}"
    else:
        return "O" if value.strip().upper() == "O" else value.strip()
    # tomllib gives no line of a key; the first line that sets it is the one
    setting = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
    lines = (number for number, line in enumerate(source.split("\n"), 1) if setting.match(line))
    raise EvaluationError(f"{path}, line {next(lines, '?')}: {fault}")
