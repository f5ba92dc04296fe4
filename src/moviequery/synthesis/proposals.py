"""A reply of a language model as proposed frames, each with the clauses that it uses."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .families import Family
from .json_replies import find_fault, read_reply
from .refusals import Refusal

LONGEST = 400
_MOST_VARIANTS = 40
_REFERENCE = re.compile(r"<\s*([^<>]*?)\s*>")
# what this room reads of a reply, whatever schema a prompt file asks for
_SHAPE: Mapping[str, Any] = {
    "type": "object",
    "required": ["frames"],
    "properties": {
        "frames": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["text"],
                "properties": {"text": {"type": "string"}, "intent": {"type": "string"}},
            },
        },
        "clauses": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "variants"],
                "properties": {
                    "name": {"type": "string"},
                    "variants": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                },
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed frame, with names that stand in no other file.

    Attributes:
        family: what was asked for.
        text: as a grammar writes it.
        clauses: variants by name, those that the text uses.
        intent: what the model itself calls it; empty where it says nothing.
    """

    family: Family
    text: str
    clauses: Mapping[str, tuple[str, ...]]
    intent: str = ""

    @property
    def id(self) -> str:
        """Return an id that follows from the text."""
        return f"extended.{self.family.intent}-{_digest(self.text, self.family.style)}"

    def to_toml(self) -> str:
        """Return the frame and its clauses as a grammar file holds them."""
        return write_frame(self) + write_clauses(self.clauses)


def read_proposals(
    text: str, family: Family, schema: Mapping[str, Any]
) -> Iterator[Proposal | Refusal]:
    """Yield the frames of a reply, or why one is none that a grammar could hold.

    Raises:
        Refusal: nothing of the reply can be read.
    """
    reply = read_reply(text, schema)
    if fault := find_fault(reply, _SHAPE):
        raise Refusal("wrong schema", fault)
    clauses = {one["name"].strip(): tuple(one["variants"]) for one in reply.get("clauses", ())}
    for frame in reply["frames"]:
        try:
            yield _make_proposal(frame, clauses, family)
        except Refusal as refusal:
            yield refusal


def write_frame(proposal: Proposal) -> str:
    """Return the frame as TOML."""
    lines = ["[[frame]]", f"id = {quote(proposal.id)}", f'intent = "{proposal.family.intent}"']
    lines += [f'style = "{proposal.family.style}"', f"text = {quote(proposal.text)}", "", ""]
    return "\n".join(lines)


def write_clauses(clauses: Mapping[str, tuple[str, ...]]) -> str:
    """Return clauses as a TOML table; nothing for none."""
    if not clauses:
        return ""
    lines = [
        f"{name} = [{', '.join(map(quote, variants))}]"
        for name, variants in sorted(clauses.items())
    ]
    return "\n".join(["[clauses]", *lines, ""])


def _make_proposal(
    frame: Mapping[str, Any], clauses: Mapping[str, tuple[str, ...]], family: Family
) -> Proposal:
    used: dict[str, tuple[str, ...]] = {}
    text = _take(" ".join(frame["text"].split()), clauses, used, ())
    return Proposal(family, text, used, frame.get("intent", ""))


def _take(
    text: str,
    clauses: Mapping[str, tuple[str, ...]],
    used: dict[str, tuple[str, ...]],
    path: tuple[str, ...],
) -> str:
    """Return a text with its clauses under names of their own, which are put into `used`.

    Raises:
        Refusal: it is empty, too long, holds control characters, or a clause is missing or leads
            back to itself.
    """
    if not 0 < len(text) <= LONGEST or not text.isprintable():
        raise Refusal("form", f"{len(text)} characters, or some that cannot be printed")

    def rename(match: re.Match[str]) -> str:
        name = match[1]
        if name not in clauses:
            raise Refusal("unreadable", f"<{name}> is no clause of the reply")
        if name in path or len(clauses[name]) > _MOST_VARIANTS:
            raise Refusal("unreadable", f"<{name}> leads back to itself, or has too many variants")
        # a leading space is part of a variant; runs of spaces are not
        variants = tuple(
            _take(re.sub(r"\s+", " ", one), clauses, used, (*path, name)) for one in clauses[name]
        )
        own = f"extended_{_digest(*variants)}"
        used[own] = variants
        return f"<{own}>"

    return _REFERENCE.sub(rename, text)


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:10]


def quote(text: str) -> str:
    """Return a TOML string; JSON's escapes are among TOML's, and printable text needs no others."""
    return json.dumps(text, ensure_ascii=False)
