"""The verb `parse`: texts from arguments, files or stdin, shown to people or as JSON."""

from __future__ import annotations

import argparse
import codecs
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from .errors import MovieQueryError
from .schema import ENTITY_TYPES, Entity, EntityType, ParsedQuery, canonical_json

if TYPE_CHECKING:
    from .knowledge.graph import MovieGraph
    from .modeling.parser import QueryParser

# Lines that wait are parsed together; what comes slowly is answered line by line.
_CHUNK_BYTES = 65_536
_RESET = "\x1b[0m"
_BOLD, _DIM, _STRUCK = "\x1b[1m", "\x1b[2m", "\x1b[9m"
# Terminals agree on six colours besides black and white; types that often meet differ.
_COLOURS = (36, 32, 33, 35, 34, 31)
# A text must not steer the terminal it is shown on: controls become their pictures.
_PICTURES: dict[int, int] = {code: 0x2400 + code for code in range(32)} | {0x7F: 0x2421}
_PICTURES |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


def run_parse(options: argparse.Namespace) -> int:
    """Print what a parser makes of texts."""
    if options.texts and options.file:
        raise MovieQueryError("give texts or --file, not both")
    parser = load_parser(options)
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for texts in [options.texts] if options.texts else read_texts(options.file):
        for parsed in parser.parse(texts):
            if options.full:
                print(canonical_json(parse_row(parsed)))
            else:
                print(parsed.to_json() if options.json else show_parsed(parsed, coloured))
        sys.stdout.flush()
    return 0


def load_parser(options: argparse.Namespace, graph: MovieGraph | None = None) -> QueryParser:
    """Return the parser that the options of a verb name, or the bundled one.

    It knows the names of the graph, which is that of the options where none is given.
    """
    from .modeling.parser import QueryParser

    settings = ("batch_size", "threshold", "threads", "names")
    given = {name: getattr(options, name, None) for name in settings}
    more: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if graph is None and options.graph:
        graph = load_graph(options.graph)
    return QueryParser.from_pretrained(
        options.model, options.base, graph, device=options.device, **more
    )


def load_graph(name: str) -> MovieGraph:
    """Return the graph of an RDF file, or the `bundled` one."""
    from .knowledge.graph import MovieGraph

    return MovieGraph.bundled() if name == "bundled" else MovieGraph.read(name)


def parse_row(parsed: ParsedQuery) -> dict[str, Any]:
    """Return a parse as plain JSON values, with offsets, scores and IRIs."""
    return {
        "text": parsed.text,
        "intent": parsed.intent and parsed.intent.value,
        "scores": {intent.value: score for intent, score in parsed.scores.items()},
        "entities": [entity.to_row() | {"score": entity.score} for entity in parsed.entities],
        "confident": parsed.confident,
        "valid": parsed.valid,
    }


def show_parsed(parsed: ParsedQuery, coloured: bool = False) -> str:
    """Return a text, its intent, and a line for each entity with its offsets and score."""
    lines = [
        _paint_text(parsed) if coloured else show_text(parsed.text),
        f"  {_show_intent(parsed)}",
    ]
    width = max(len(entity_type) for entity_type in EntityType)
    for entity in parsed.entities:
        name = f"{entity.type.value:<{width}}"
        name = _paint(name, entity) if coloured else name
        score = "" if entity.score is None else f"  {entity.score:.2f}"
        mark = "  (not wanted)" if entity.negated else ""
        link = f"  {entity.iri}" if entity.iri else ""
        place = f"[{entity.start}, {entity.end})"
        lines.append(f"  {name} {place:<12} {show_text(entity.text)}{score}{mark}{link}")
    return "\n".join(lines)


def _show_intent(parsed: ParsedQuery) -> str:
    if not parsed.valid:
        return "(no readable answer)"
    if parsed.intent is None:
        return "no intent"
    score = f" {parsed.scores[parsed.intent]:.2f}" if parsed.scores else ""
    return f"{parsed.intent.value}{score}{'' if parsed.confident else '  (not sure)'}"


def show_text(text: str) -> str:
    """Return a text that steers no terminal: controls become their pictures."""
    return text.translate(_PICTURES)


def _paint_text(parsed: ParsedQuery) -> str:
    """Return the text with its entities in the colours of their types."""
    pieces = []
    end = 0
    for entity in parsed.entities:
        pieces += [
            show_text(parsed.text[end : entity.start]),
            _paint(show_text(entity.text), entity),
        ]
        end = entity.end
    return "".join([*pieces, show_text(parsed.text[end:])])


def _paint(text: str, entity: Entity) -> str:
    colour = _COLOURS[ENTITY_TYPES.index(entity.type) % len(_COLOURS)]
    struck = _STRUCK if entity.negated else ""
    return f"{_BOLD}\x1b[{colour}m{struck}{text}{_RESET}"


def read_texts(paths: Iterable[str]) -> Iterator[list[str]]:
    """Yield the lines of files or, without any, of stdin, as many at a time as there are."""
    for path in paths:
        try:
            with Path(path).open("rb") as file:
                yield from read_lines(file)
        except OSError as error:
            raise MovieQueryError(f"{path}: cannot be read: {error.strerror}") from error
    if not paths:
        yield from read_lines(sys.stdin.buffer)


def read_lines(stream: BinaryIO) -> Iterator[list[str]]:
    r"""Yield the lines of a stream in lists, without waiting for more than one line.

    Bytes that are not UTF-8 become U+FFFD.

    Example:
        >>> import io
        >>> list(read_lines(io.BytesIO(b"any heist films?\n\nwho directed Heat")))
        [['any heist films?', ''], ['who directed Heat']]
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    read = getattr(stream, "read1", stream.read)
    rest = ""
    while chunk := read(_CHUNK_BYTES):
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        if lines:
            yield [line.removesuffix("\r") for line in lines]
    if rest := rest + decoder.decode(b"", final=True):
        yield [rest.removesuffix("\r")]
