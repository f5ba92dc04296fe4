"""Grammars: query frames, clauses and word choices, read from TOML files.

A file may hold these tables; `template.py` says how texts are written.

```toml
split = "train"                # where all frames of the file go; else each is dealt by its id
[[frame]]                      # what other libraries call a template
id = "rec.similar"
intent = "rec"                 # or "non_rec"
style = "chat"                 # chat (sentence case), search or trivia (lower case); default chat
weight = 1.0                   # how often beside other frames of the same intent; default 1
text = "I loved {title a}. Any recommendations <along_those_lines>?"

[clauses]                      # parts of a query, recorded in its provenance
along_those_lines = ["along those lines", "by {director of a}, maybe"]

[words]                        # choices of wording, not recorded
greeting = ["hi", "hello"]

[lexicon]                      # words for the types that a graph holds no facts of
review = ["must see"]
"rating:stars" = ["five stars"]   # for a form of the type: {rating:stars}

[provenance]                   # where the file comes from; read by people alone
model = "a name"

[plots]                        # patterns of {plot:story}; each becomes one entity
story = ["{plot:singular} haunted by {theme} in {setting}"]
```
"""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import GrammarError
from ..schema import EntityType, Intent
from .template import (
    COMPOSED_FORMS,
    FORMS,
    LEXICAL_TYPES,
    MOST_NESTED,
    Choice,
    Composed,
    Node,
    Reference,
    Slot,
    Template,
    TemplateError,
    count_skeletons,
    find_unbound,
    parse_template,
    walk_slots,
)

BUNDLED = "bundled"
STYLES = ("chat", "search", "trivia")
_FRAME_KEYS = {"id", "intent", "style", "weight", "text"}
_COMPOSED = {kind.field: kind for kind in COMPOSED_FORMS}
_TABLES = {"frame", "clauses", "words", "lexicon", "provenance", *_COMPOSED}
_LEXICON_KEYS = tuple(
    key
    for kind in LEXICAL_TYPES
    for key in (str(kind), *(f"{kind}:{f}" for f in FORMS.get(kind, ())))
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One way to put a query; `template` has no references left, `split` is "" where it is free."""

    id: str
    intent: Intent
    template: Template
    style: str = "chat"
    weight: float = 1.0
    split: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """A text of a grammar and where it stands, for errors."""

    path: str
    line: int
    text: str

    def error(self, message: str) -> GrammarError:
        return GrammarError(f"{self.path}, line {self.line}: {message} (in {self.text!r})")


class Grammar:
    """Frames with their clauses and words, checked and ready to be expanded.

    Attributes:
        frames: sorted by id.
        lexicon: words per type, or type and form, for the types of `LEXICAL_TYPES`.
        fingerprint: sha256 of the files' content; equal grammars have equal fingerprints.
    """

    def __init__(
        self, frames: Iterable[Frame], lexicon: Mapping[str, tuple[str, ...]], content: str
    ) -> None:
        """Hold frames that are linked already; `read` and `parse` make them from text."""
        self.frames = tuple(sorted(frames, key=lambda frame: frame.id))
        self.lexicon = dict(lexicon)
        self.fingerprint = hashlib.sha256(content.encode()).hexdigest()

    @classmethod
    def bundled(cls) -> Grammar:
        """Return the grammar that comes with the library.

        Example:
            >>> len(Grammar.bundled().frames) >= 100
            True
        """
        return cls.read(BUNDLED)

    @classmethod
    def read(cls, *paths: str | Path) -> Grammar:
        """Return the grammar of one or more TOML files; they may use each other's clauses.

        The name `bundled` stands for the files that come with the library.

        Raises:
            GrammarError: a file is missing or wrong; names file, line and slot.
        """
        sources: dict[str, str] = {}
        for path in paths:
            if path == BUNDLED:
                sources |= _read_bundled()
                continue
            path = Path(path)
            try:
                sources[str(path)] = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise GrammarError(f"{path}: cannot be read as UTF-8 text: {error}") from error
        return cls.parse(sources)

    @classmethod
    def parse(cls, sources: Mapping[str, str]) -> Grammar:
        r"""Return the grammar of TOML texts by file name.

        Raises:
            GrammarError: a text is wrong; names file, line and slot.

        Example:
            >>> text = '[[frame]]\nid = "x"\nintent = "rec"\ntext = "any {genre} films?"'
            >>> Grammar.parse({"mine.toml": text}).frames[0].id
            'x'
        """
        reader = _Reader()
        for name, text in sources.items():
            reader.add(name, text)
        content = "\0".join(text for _, text in sorted(sources.items()))
        return cls(reader.link_frames(), reader.lexicon, content)

    def count_skeletons(self) -> int:
        """Return how many distinct texts the choices give before any slot is filled."""
        return sum(count_skeletons(frame.template) for frame in self.frames)


class _Reader:
    """Collects the tables of several files, then links references."""

    def __init__(self) -> None:
        self.lexicon: dict[str, tuple[str, ...]] = {}
        self._frames: dict[str, tuple[_Line, dict[str, Any]]] = {}
        self._lists: dict[str, tuple[_Line, list[Template], bool]] = {}
        self._linked: dict[str, Choice] = {}

    def add(self, name: str, text: str) -> None:
        tables = _load_tables(name, text)
        for frame in tables.get("frame", []):
            self._add_frame(name, text, frame, tables.get("split", ""))
        for table in ("clauses", "words"):
            for key, variants in tables.get(table, {}).items():
                self._add_list(name, text, key, variants, is_clause=table == "clauses")
        for table, kind in _COMPOSED.items():
            for key, variants in tables.get(table, {}).items():
                self._add_patterns(name, text, kind, key, variants)
        for key, words in tables.get("lexicon", {}).items():
            place = _place_key(name, text, key)
            if key not in _LEXICON_KEYS:
                known = ", ".join(_LEXICON_KEYS)
                raise place.error(f"the lexicon is for {known}; other types come from the graph")
            self.lexicon[key] = tuple(_strings(place, words))

    def _add_frame(self, name: str, text: str, frame: dict[str, Any], split: str) -> None:
        place = _place(name, text, str(frame.get("text") or frame.get("id", "[[frame]]")))
        if unknown := sorted(set(frame) - _FRAME_KEYS):
            raise place.error(f"a frame has no {unknown}; it has {sorted(_FRAME_KEYS)}")
        for key in ("id", "intent", "text"):
            if not isinstance(frame.get(key), str) or not frame[key].strip():
                raise place.error(f"the frame needs '{key}', a text")
        if frame["intent"] not in tuple(Intent):
            raise place.error(f"intent '{frame['intent']}' is neither rec nor non_rec")
        if frame.get("style", "chat") not in STYLES:
            raise place.error(f"style '{frame['style']}' is none of {', '.join(STYLES)}")
        weight = frame.get("weight", 1.0)
        is_number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not is_number or not 0 < weight < math.inf:  # nan is not above 0 either
            raise place.error(f"weight {weight!r} is not a number above 0")
        if frame["id"] in self._frames:
            other = self._frames[frame["id"]][0]
            raise place.error(f"frame id '{frame['id']}' stands in {other.path} already")
        self._frames[frame["id"]] = (place, {**frame, "split": split})

    def _add_list(self, name: str, text: str, key: str, variants: object, is_clause: bool) -> None:
        place = _place_key(name, text, key)
        if key in self._lists:
            raise place.error(f"'{key}' stands in {self._lists[key][0].path} already")
        templates = []
        for variant in _strings(place, variants):
            templates.append(_parse(_place(name, text, variant), variant))
        self._lists[key] = (place, templates, is_clause)

    def _add_patterns(
        self, name: str, text: str, kind: EntityType, key: str, patterns: object
    ) -> None:
        place = _place_key(name, text, key)
        if key not in COMPOSED_FORMS[kind]:
            known = ", ".join(COMPOSED_FORMS[kind])
            raise place.error(f"[{kind.field}] has no '{key}'; it has {known}")
        self._add_list(name, text, _list_name(Slot(kind, key)), patterns, is_clause=True)

    def link_frames(self) -> list[Frame]:
        if not self._frames:
            raise GrammarError("the grammar has no [[frame]]")
        frames = []
        for frame_id, (place, row) in self._frames.items():
            template = self._link(_parse(place, row["text"]), place, ())
            for slot in find_unbound(template):
                raise place.error(
                    f"slot {{{slot.type} of {slot.film}}}: the frame does not always "
                    f"name {{title {slot.film}}}"
                )
            for slot in walk_slots(template):
                if slot.type in LEXICAL_TYPES and slot.key not in self.lexicon:
                    raise place.error(f"slot {{{slot.key}}} needs words in [lexicon]")
            style, weight = row.get("style", "chat"), float(row.get("weight", 1.0))
            intent = Intent(row["intent"])
            frames.append(Frame(frame_id, intent, template, style, weight, row["split"]))
        return frames

    def _link(self, template: Template, place: _Line, path: tuple[str, ...]) -> Template:
        """Return the template with each reference replaced by the choice it names."""
        return tuple(self._link_node(node, place, path) for node in template)

    def _link_node(self, node: Node, place: _Line, path: tuple[str, ...]) -> Node:
        if isinstance(node, Choice):
            options = tuple(self._link(option, place, path) for option in node.options)
            return replace(node, options=options)
        if isinstance(node, Slot) and node.is_composed:
            return self._link_composed(node, place, path)
        if not isinstance(node, Reference):
            return node
        if node.name not in self._lists:
            raise place.error(f"<{node.name}> is in no [clauses] or [words] table")
        if node.name in path:
            raise self._lists[node.name][0].error(
                f"<{node.name}> leads back to itself: {' -> '.join(path)}"
            )
        if len(path) > MOST_NESTED:
            raise place.error(f"more than {MOST_NESTED} references within each other")
        if node.name not in self._linked:
            home, variants, is_clause = self._lists[node.name]
            options = tuple(self._link(item, home, (*path, node.name)) for item in variants)
            self._linked[node.name] = Choice(options, node.name if is_clause else "")
        return self._linked[node.name]

    def _link_composed(self, slot: Slot, place: _Line, path: tuple[str, ...]) -> Composed:
        """Return the slot with the patterns of its form."""
        name = _list_name(slot)
        if name not in self._lists:
            raise place.error(f"slot {name} needs '{slot.form}' in a table [{slot.type.field}]")
        home = self._lists[name][0]
        chosen = self._link_node(Reference(name), place, path)
        for inner in walk_slots((chosen,)):
            is_fact = not (inner.film or inner.negated or inner.is_lexical)
            if not is_fact or inner.is_composed:
                raise home.error(f"slot {{{inner.key}}} cannot stand in a pattern of {name}")
        return Composed(slot, (chosen,))


def _list_name(slot: Slot) -> str:
    """Return under which name the patterns of a composed slot are kept."""
    return f"{{{slot.key}}}"


def _read_bundled() -> dict[str, str]:
    folder = files("moviequery.synthesis") / "grammars"
    entries = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return {
        entry.name: entry.read_text("utf-8")
        for entry in sorted(entries, key=lambda entry: entry.name)
    }


def _load_tables(name: str, text: str) -> dict[str, Any]:
    """Return the tables of a TOML text: a list of frames, and dictionaries."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise GrammarError(f"{name}: not valid TOML: {error}") from error
    if unknown := sorted(set(tables) - _TABLES - {"split"}):
        raise GrammarError(f"{name}: unknown tables {unknown}; a grammar has {sorted(_TABLES)}")
    if not isinstance(tables.get("split", ""), str):
        raise _place_key(name, text, "split").error("'split' must be the name of a split")
    for key in sorted(set(tables) - {"split"}):
        table = tables[key]
        rows, head = (table, "[[frame]]") if key == "frame" else ([table], f"[{key}]")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise _place_key(name, text, key).error(f"'{key}' must be a table headed {head}")
    return tables


def _parse(place: _Line, text: str) -> Template:
    try:
        return parse_template(text)
    except TemplateError as error:
        raise place.error(str(error)) from error


def _strings(place: _Line, value: object) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise place.error("needs a list of texts with at least one in it")
    return value


def _place_key(path: str, source: str, key: str) -> _Line:
    """Return where a key is set."""
    match = re.search(rf"^\s*{re.escape(key)}\s*=", source, re.MULTILINE)
    return _place(path, source, match[0].strip() if match else key)


def _place(path: str, source: str, needle: str) -> _Line:
    """Return where `needle` first stands in a file; line 1 when TOML escapes hide it."""
    offset = source.find(needle)
    return _Line(path, source.count("\n", 0, max(offset, 0)) + 1, needle)
