"""What the replies to the windows of a text say, and how they add up to one parsed query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..errors import ModelError
from ..schema import Entity, Intent, ParsedQuery, canonical_json
from .prompts import from_reply
from .spans import find_spans


@dataclass(frozen=True, slots=True)
class ParseCounts:
    """What a parser has met since it was loaded.

    Attributes:
        texts: texts parsed.
        windows: windows read; more than `texts` once a text was too long to read at once.
        unreadable: replies, to either task, that were no answer.
        found: strings of answers that were found in their text.
        absent: strings of answers that are not in their text, and were left out.
    """

    texts: int = 0
    windows: int = 0
    unreadable: int = 0
    found: int = 0
    absent: int = 0

    def __add__(self, other: ParseCounts) -> ParseCounts:
        """Return the sums."""
        return ParseCounts(
            self.texts + other.texts,
            self.windows + other.windows,
            self.unreadable + other.unreadable,
            self.found + other.found,
            self.absent + other.absent,
        )


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the text of that number, which begins at `start` there."""

    number: int
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one window says.

    Attributes:
        entities: with offsets in the whole text.
        intent: None without an intent model, or when its reply could not be read.
        scores: probability per intent; empty when the model wrote freely.
        replies: as they came, one per task.
        valid: False where a reply could not be read.
        counts: what was met.
    """

    entities: tuple[Entity, ...] = ()
    intent: Intent | None = None
    scores: Mapping[Intent, float] = field(default_factory=dict)
    replies: tuple[str, ...] = ()
    valid: bool = True
    counts: ParseCounts = ParseCounts()

    def __add__(self, other: Reading) -> Reading:
        """Return the reading of the same window that holds the answers of both."""
        return Reading(
            self.entities + other.entities,
            self.intent or other.intent,
            {**self.scores, **other.scores},
            self.replies + other.replies,
            self.valid and other.valid,
            self.counts + other.counts,
        )


def decide(scores: Mapping[Intent, float]) -> Reading:
    """Return the reading that holds the likelier intent."""
    intent = max(Intent, key=lambda one: scores[one])
    return Reading(
        intent=intent, scores=scores, replies=(canonical_json({"intent": intent.value}),)
    )


def understand(task: str, window: Window, reply: str) -> Reading:
    """Return what the reply to a task says about a window.

    A reply that cannot be read says nothing; it is never mended.
    """
    try:
        answer = from_reply(task, reply.strip())
    except ModelError:
        return Reading(replies=(reply,), valid=False, counts=ParseCounts(unreadable=1))
    found, missing = find_spans(window.text, answer.values)
    return Reading(
        entities=tuple(
            replace(entity, start=entity.start + window.start, end=entity.end + window.start)
            for entity in found
        ),
        intent=answer.intent,
        replies=(reply,),
        counts=ParseCounts(found=len(found), absent=len(missing)),
    )


def join(text: str, readings: Sequence[Reading]) -> ParsedQuery:
    """Return the parsed query that the windows of a text add up to.

    It asks for recommendations if any window does; its scores are those of the window that does
    so most.
    """
    scored = [reading.scores for reading in readings if reading.scores]
    intents = {reading.intent for reading in readings}
    return ParsedQuery(
        text=text,
        intent=next((intent for intent in Intent if intent in intents), None),
        scores=max(scored, key=lambda scores: scores[Intent.REC], default={}),
        entities=_drop_overlaps(entity for reading in readings for entity in reading.entities),
        valid=all(reading.valid for reading in readings),
        raw="\n".join(reply for reading in readings for reply in reading.replies),
    )


def _drop_overlaps(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Return the entities sorted by start; of two that neighbouring windows share, the longer."""
    kept: list[Entity] = []
    for entity in sorted(entities, key=lambda entity: (entity.start, -entity.end)):
        if not kept or entity.start >= kept[-1].end:
            kept.append(entity)
        elif entity.end - entity.start > kept[-1].end - kept[-1].start:
            kept[-1] = entity
    return tuple(kept)
