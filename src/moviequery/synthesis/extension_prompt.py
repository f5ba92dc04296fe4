"""What a language model is asked for new frames, as a TOML file that people can replace."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import Any

from ..schema import Intent
from .families import Family
from .grammar import STYLES
from .json_replies import find_unknown_keyword
from .prompt import compose_system
from .prompt_file import TEXT, TEXTS, parse_prompt_file, read_prompt_file
from .skeletons import write_slot
from .writers import Message

_FIELDS = ("n", "intent", "style", "slots", "examples")
_READ = ("frames",)


def _names(names: tuple[str, ...]) -> Mapping[str, Any]:
    return {"type": "object", "required": list(names), "properties": dict.fromkeys(names, TEXT)}


# what a prompt file must hold
_FILE: Mapping[str, Any] = {
    "type": "object",
    "required": ["instructions", "request", "intents", "styles", "schema"],
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(("instructions", "request"), TEXT),
        **dict.fromkeys(("rules", "steps"), TEXTS),
        "intents": _names(tuple(intent.value for intent in Intent)),
        "styles": _names(STYLES),
        "schema": {"type": "object"},
    },
}


@dataclass(frozen=True, slots=True)
class ExtensionPrompt:
    """A prompt for new frames; see `prompts/extend.toml` for what each part is.

    Attributes:
        fingerprint: of the file's bytes, in short.
        system: the first message, the same for every request.
        request: what is asked, with `$n`, `$intent`, `$style`, `$slots` and `$examples`.
        intents: the intents in words.
        styles: the styles in words.
        schema: JSON schema of a reply.
    """

    fingerprint: str
    system: str
    request: str
    intents: Mapping[str, str]
    styles: Mapping[str, str]
    schema: Mapping[str, Any]

    @classmethod
    def bundled(cls) -> ExtensionPrompt:
        """Return the prompt that comes with the package.

        Example:
            >>> sorted(ExtensionPrompt.bundled().styles)
            ['chat', 'search', 'trivia']
        """
        return cls._parse(bundled_text().encode(), "the bundled prompt")

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> ExtensionPrompt:
        """Return the prompt of a TOML file.

        Raises:
            WriterError: it cannot be read, or a part is missing or of another kind.
        """
        return cls._parse(read_prompt_file(path), str(path))

    @classmethod
    def _parse(cls, content: bytes, name: str) -> ExtensionPrompt:
        table = parse_prompt_file(content, name, _FILE, _find_fault_of_parts, "extend")
        return cls(
            fingerprint=hashlib.sha256(content).hexdigest()[:16],
            system=compose_system(table),
            request=table["request"].strip(),
            intents=table["intents"],
            styles=table["styles"],
            schema=table["schema"],
        )

    def ask(self, family: Family, examples: list[str], n: int) -> list[Message]:
        """Return the conversation that asks for n frames of a family."""
        asked = Template(self.request).substitute(
            n=n,
            intent=self.intents[family.intent.value],
            style=self.styles[family.style],
            slots=" ".join(write_slot(slot) for slot in family.slots),
            examples="\n".join(f"- {example}" for example in examples),
        )
        return [{"role": "system", "content": self.system}, {"role": "user", "content": asked}]


def bundled_text() -> str:
    """Return the bundled prompt file as it stands."""
    return (files(__package__) / "prompts" / "extend.toml").read_text(encoding="utf-8")


def _find_fault_of_parts(table: Mapping[str, Any]) -> str:
    """Return what is wrong between the parts of a prompt, or nothing."""
    if keyword := find_unknown_keyword(table["schema"]):
        return f"the schema says {keyword!r}, which replies are not checked for"
    if missing := [name for name in _READ if name not in table["schema"].get("properties", ())]:
        return f"the schema has no {' and no '.join(missing)}"
    try:
        Template(table["request"]).substitute(dict.fromkeys(_FIELDS, ""))
    except (KeyError, ValueError) as error:
        return f"request names {error}; it may name {', '.join(f'${one}' for one in _FIELDS)}"
    return ""
