"""The value types that pass between the rooms of the library, and their canonical JSON form.

Everything here is frozen, hashable and free of dependencies. Offsets are characters, half-open:
`query.text[entity.start:entity.end] == entity.text`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class Intent(StrEnum):
    """What a query asks for; the two classes of the paper (section III-B)."""

    REC = "rec"
    NON_REC = "non_rec"


class EntityType(StrEnum):
    """The kinds of entity a query can name, in the order that every table and answer uses."""

    TITLE = "title"
    GENRE = "genre"
    PLOT = "plot"
    THEME = "theme"
    MOOD = "mood"
    SETTING = "setting"
    ACTOR = "actor"
    DIRECTOR = "director"
    CHARACTER = "character"
    YEAR = "year"
    CERTIFICATE = "certificate"
    RATING = "rating"
    REVIEW = "review"
    SONG = "song"
    TRAILER = "trailer"
    AWARD = "award"
    ORIGIN = "origin"
    RELATIONSHIP = "relationship"
    QUOTE = "quote"
    COUNTRY = "country"
    LANGUAGE = "language"
    STUDIO = "studio"

    @property
    def field(self) -> str:
        """The plural under which an answer lists values of this type, such as `titles`."""
        return "countries" if self is EntityType.COUNTRY else f"{self.value}s"


ENTITY_TYPES: tuple[EntityType, ...] = tuple(EntityType)
FIELDS: tuple[str, ...] = tuple(entity_type.field for entity_type in ENTITY_TYPES)


@dataclass(frozen=True, slots=True)
class Role:
    """One credit of a cast: who acts, as whom, and what the part is: "a shy waitress who ..."."""

    actor: str
    character: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Movie:
    """One film or show of a catalogue; `records` holds the source rows that were merged into it.

    Attributes:
        title: as a person would write it: "The Matrix", never "Matrix, The (1999)".
        year: of first release, if known.
        kind: "movie" or "show".
        keywords: tags of the source as they come; the graph sorts them into themes and so on.
        iri: stable; minted from title and year unless the source brings its own.
        rating: on a scale of 0 to 10.
        votes: how many people the rating comes from.
        popularity: comparable within one catalogue only; 0 when unknown.
        runtime: minutes.
        overview: a text of the source; read for the user's own use, never redistributed by us.
        cast_complete: True where the source says that nobody is missing from `cast`.
        same_as: IRIs of the same film elsewhere (Wikidata, IMDb, TMDB).
        sources: names of the catalogues it stands in, sorted.
    """

    title: str
    year: int | None = None
    kind: str = "movie"
    iri: str = ""
    alternative_titles: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    plots: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    cast: tuple[Role, ...] = ()
    directors: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    certificate: str | None = None
    rating: float | None = None
    votes: int | None = None
    popularity: float = 0.0
    runtime: int | None = None
    songs: tuple[str, ...] = ()
    awards: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    relationships: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    studios: tuple[str, ...] = ()
    overview: str = ""
    cast_complete: bool = False
    same_as: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    records: tuple[Movie, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Entity:
    """A typed span of a query: `query.text[start:end] == text`.

    Attributes:
        type: what the span names.
        text: the characters of the span.
        start: offset of the first character.
        end: offset after the last character.
        iri: what it denotes in the graph, if anything.
        negated: True when it is not wanted, or a title that was disliked.
        about: index, within the query's entities, of the title it is claimed of; None when it
            describes what is wanted or asked.
        score: a parser's confidence between 0 and 1; None for gold labels.
    """

    type: EntityType
    text: str
    start: int
    end: int
    iri: str | None = None
    negated: bool = False
    about: int | None = None
    score: float | None = None

    def to_row(self) -> dict[str, Any]:
        """Return the entity as plain JSON values, without the score."""
        return {
            "type": self.type.value,
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "iri": self.iri,
            "negated": self.negated,
            "about": self.about,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Entity:
        """Return the entity that `to_row` wrote."""
        return cls(
            type=EntityType(row["type"]),
            text=row["text"],
            start=row["start"],
            end=row["end"],
            iri=row["iri"],
            negated=row["negated"],
            about=row["about"],
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a query with an intent of its own; `[start, end)` in characters."""

    start: int
    end: int
    intent: Intent


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a query comes from: enough to write the same row again.

    Attributes:
        index: the row's index; `builder.row(index)` writes it again.
        seed: the builder's seed.
        split: train, validation or test.
        frame: id of the grammar's frame (what other libraries call a template).
        clauses: ids of the clauses that were used, in order.
        films: IRIs of the films it was written about; the film that is wanted comes first.
        triples: the facts it rests on, as N-Triples without the final dot.
        style: register of the text, such as chat or search.
        origin: "template" or "rewritten".
        trap: True where the row is wrong on purpose (adversarial splits).
    """

    index: int
    seed: int
    split: str
    frame: str
    clauses: tuple[str, ...] = ()
    films: tuple[str, ...] = ()
    triples: tuple[str, ...] = ()
    style: str = "chat"
    origin: str = "template"
    trap: bool = False

    def to_row(self) -> dict[str, Any]:
        """Return the provenance as plain JSON values."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Provenance:
        """Return the provenance that `to_row` wrote."""
        sequences = {key: tuple(row[key]) for key in ("clauses", "films", "triples")}
        return cls(**{**row, **sequences})


@dataclass(frozen=True, slots=True)
class Query:
    """A query with its gold labels.

    Attributes:
        text: what the person says.
        intent: `rec` if any part asks for films to watch.
        entities: sorted by `start`; they do not overlap.
        parts: one that covers the text, unless the query has several intents.
        provenance: None for a query that was annotated by hand.
    """

    text: str
    intent: Intent
    entities: tuple[Entity, ...] = ()
    parts: tuple[Part, ...] = ()
    provenance: Provenance | None = None

    def __post_init__(self) -> None:
        """Fill in the single part, and refuse spans that do not hold what they claim.

        Raises:
            ValueError: a span is out of order or empty, overlaps another, or differs from the text.
        """
        if not self.parts:
            object.__setattr__(self, "parts", (Part(0, len(self.text), self.intent),))
        end = 0
        for entity in self.entities:
            holds = entity.text and self.text.startswith(entity.text, entity.start)
            if entity.start < end or not holds or entity.end - entity.start != len(entity.text):
                raise ValueError(
                    f"span [{entity.start}, {entity.end}) of {self.text!r} is not "
                    f"{entity.text!r}, or it overlaps the span before it"
                )
            end = entity.end
        if any(not 0 <= part.start <= part.end <= len(self.text) for part in self.parts):
            raise ValueError(f"{self.parts}: a part lies outside of {self.text!r}")

    def to_row(self) -> dict[str, Any]:
        """Return the query as plain JSON values, the columns of the dataset."""
        return {
            "text": self.text,
            "intent": self.intent.value,
            "entities": [entity.to_row() for entity in self.entities],
            "parts": [
                {"start": part.start, "end": part.end, "intent": part.intent.value}
                for part in self.parts
            ],
            "provenance": self.provenance.to_row() if self.provenance else None,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Query:
        """Return the query that `to_row` wrote.

        Example:
            >>> query = Query("any heist movies?", Intent.REC)
            >>> Query.from_row(query.to_row()) == query
            True
        """
        provenance = row.get("provenance")
        return cls(
            text=row["text"],
            intent=Intent(row["intent"]),
            entities=tuple(Entity.from_row(entity) for entity in row["entities"]),
            parts=tuple(Part(p["start"], p["end"], Intent(p["intent"])) for p in row["parts"]),
            provenance=Provenance.from_row(provenance) if provenance else None,
        )

    def to_json(self) -> str:
        """Return the gold answer in the paper's form; see `answer_json`."""
        return answer_json(self.intent, self.entities)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What a parser makes of a text.

    Attributes:
        text: the text that was parsed.
        intent: None when the parser has no intent model, or its answer was not valid.
        scores: probability per intent, where the parser gives one.
        entities: sorted by `start`.
        valid: False when the model's raw answer could not be read; nothing is guessed then.
        raw: the model's answer as it came, for a causal LM.
        confident: False when a score lies below the parser's threshold, or nothing could be read.
    """

    text: str
    intent: Intent | None
    scores: Mapping[Intent, float] = field(default_factory=dict)
    entities: tuple[Entity, ...] = ()
    valid: bool = True
    raw: str = ""
    confident: bool = True

    def to_json(self) -> str:
        """Return the answer in the paper's form; see `answer_json`."""
        return answer_json(self.intent, self.entities)


def answer_json(intent: Intent | None, entities: tuple[Entity, ...]) -> str:
    """Return `intent` first, then a list of strings per entity type; empty lists are left out.

    Lists come in the order of `ENTITY_TYPES`, strings in order of appearance, each once. This is
    what the paper's model writes (Listing 2), extended from titles to every type.

    Example:
        >>> answer_json(Intent.REC, (Entity(EntityType.GENRE, "heist", 4, 9),))
        '{"intent":"rec","genres":["heist"]}'
    """
    answer: dict[str, Any] = {} if intent is None else {"intent": intent.value}
    ordered = sorted(entities, key=lambda entity: entity.start)
    for entity_type in ENTITY_TYPES:
        texts = dict.fromkeys(entity.text for entity in ordered if entity.type is entity_type)
        if texts:
            answer[entity_type.field] = list(texts)
    return canonical_json(answer)


def canonical_json(value: object) -> str:
    """Return compact JSON with keys in the order given and Unicode unescaped.

    Example:
        >>> canonical_json({"title": "Amélie"})
        '{"title":"Amélie"}'
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
