"""What a language model is asked, as a TOML file that people can read and replace."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import Any

from ..schema import Intent, canonical_json
from .json_replies import find_unknown_keyword
from .prompt_file import TEXT, TEXTS, parse_prompt_file, read_prompt_file
from .writers import Message

_FIELDS = ("query", "intent", "entities", "persona", "register")
# what the rewriter reads of a reply, whatever else a file asks for
_READ = {"text", "entities"}
_EXAMPLE: Mapping[str, Any] = {
    "type": "object",
    "required": [*_FIELDS, "text", "spans"],
    "properties": {
        **dict.fromkeys(("query", "intent", "persona", "register", "text", "thought"), TEXT),
        **dict.fromkeys(("entities", "spans"), {"type": "array", "items": TEXT}),
    },
}
# what a prompt file must hold
_FILE: Mapping[str, Any] = {
    "type": "object",
    "required": ["instructions", "request", "retry", "personas", "registers", "intents", "schema"],
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(("instructions", "request", "retry"), TEXT),
        **dict.fromkeys(("rules", "steps", "personas"), TEXTS),
        **dict.fromkeys(("registers", "schema"), {"type": "object"}),
        "intents": {
            "type": "object",
            "required": [intent.value for intent in Intent],
            "properties": {intent.value: TEXT for intent in Intent},
        },
        "examples": {"type": "array", "items": _EXAMPLE},
    },
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt for rewriting; see `prompts/rewrite.toml` for what each part is.

    Attributes:
        fingerprint: of the file's bytes, in short.
        system: the first message, the same for every query.
        shots: examples as requests and replies.
        request: what is asked of each query, with `$query`, `$intent`, `$entities`, `$persona` and
            `$register`.
        retry: what is said to a reply that is not taken, with `$reason`.
        personas: who may speak.
        registers: where, by the name that becomes the row's style.
        intents: the intents in words.
        schema: JSON schema of a reply.
    """

    fingerprint: str
    system: str
    shots: tuple[Message, ...]
    request: str
    retry: str
    personas: tuple[str, ...]
    registers: Mapping[str, str]
    intents: Mapping[str, str]
    schema: Mapping[str, Any]

    @classmethod
    def bundled(cls) -> Prompt:
        """Return the prompt that comes with the package.

        Example:
            >>> sorted(Prompt.bundled().registers)
            ['chat', 'search', 'trivia']
        """
        return cls._parse(bundled_text().encode(), "the bundled prompt")

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Prompt:
        """Return the prompt of a TOML file.

        Raises:
            WriterError: it cannot be read, or a part is missing or of another kind.
        """
        return cls._parse(read_prompt_file(path), str(path))

    @classmethod
    def _parse(cls, content: bytes, name: str) -> Prompt:
        table = parse_prompt_file(content, name, _FILE, _find_fault_of_parts, "rewrite")
        prompt = cls(
            fingerprint=hashlib.sha256(content).hexdigest()[:16],
            system=compose_system(table),
            shots=(),
            request=table["request"].strip(),
            retry=table["retry"].strip(),
            personas=tuple(table["personas"]),
            registers=table["registers"],
            intents=table["intents"],
            schema=table["schema"],
        )
        shots = [message for shot in table.get("examples", ()) for message in prompt._show(shot)]
        object.__setattr__(prompt, "shots", tuple(shots))
        return prompt

    def ask(self, **fields: str) -> list[Message]:
        """Return the conversation that asks for one query in other words."""
        asked = Template(self.request).substitute(fields)
        return [
            {"role": "system", "content": self.system},
            *self.shots,
            {"role": "user", "content": asked},
        ]

    def complain(self, reply: str, reason: str) -> list[Message]:
        """Return what a conversation goes on with after a reply that is not taken."""
        told = Template(self.retry).substitute(reason=reason)
        # a server may refuse a message without content
        said = reply if reply.strip() else "{}"
        return [{"role": "assistant", "content": said}, {"role": "user", "content": told}]

    def _show(self, shot: Mapping[str, Any]) -> list[Message]:
        fields = {name: shot[name] for name in _FIELDS}
        fields |= {
            "intent": self.intents[shot["intent"]],
            "entities": "\n".join(shot["entities"]) or "none",
            "register": self.registers[shot["register"]],
        }
        reply: dict[str, Any] = {"thought": shot["thought"]} if "thought" in shot else {}
        reply["text"] = shot["text"]
        spans = enumerate(shot["spans"], start=1)
        reply["entities"] = [{"number": number, "text": text} for number, text in spans]
        asked = Template(self.request).substitute(fields)
        return [
            {"role": "user", "content": asked},
            {"role": "assistant", "content": canonical_json(reply)},
        ]


def bundled_text() -> str:
    """Return the bundled prompt file as it stands."""
    return (files(__package__) / "prompts" / "rewrite.toml").read_text(encoding="utf-8")


def compose_system(table: Mapping[str, Any]) -> str:
    """Return instructions, rules, steps of thought and schema as one text."""
    parts = [table["instructions"].strip()]
    for heading, lines in (("Rules", table.get("rules")), ("Think first", table.get("steps"))):
        if lines:
            numbered = [f"{number}. {line}" for number, line in enumerate(lines, start=1)]
            parts.append("\n".join([f"{heading}:", *numbered]))
    schema = json.dumps(table["schema"], ensure_ascii=False)
    parts.append(f"Answer with one JSON object of this schema and nothing else:\n{schema}")
    return "\n\n".join(parts)


def _find_fault_of_parts(table: Mapping[str, Any]) -> str:
    """Return what is wrong between the parts of a prompt, or nothing."""
    if keyword := find_unknown_keyword(table["schema"]):
        return f"the schema says {keyword!r}, which replies are not checked for"
    if missing := _READ - {*table["schema"].get("properties", ())}:
        return f"the schema has no {' and no '.join(sorted(missing))}"
    if not table["registers"]:
        return "there are no registers"
    for name, known in (("request", {*_FIELDS}), ("retry", {"reason"})):
        try:
            Template(table[name]).substitute(dict.fromkeys(known, ""))
        except (KeyError, ValueError) as error:
            return f"{name} names {error}; it may name {', '.join(f'${one}' for one in known)}"
    if "$query" not in re.sub(r"\$\{(\w+)\}", r"$\1", table["request"]):
        return "request does not name $query"
    for shot in table.get("examples", ()):
        if shot["intent"] not in table["intents"] or shot["register"] not in table["registers"]:
            return f"the example {shot['query']!r} names an unknown intent or register"
    return ""
