"""Queries that mislead: ambiguous titles, false claims, injected instructions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from random import Random

from ..errors import GrammarError, GroundingError
from ..knowledge.index import Film
from ..schema import Entity, EntityType, Provenance, Query
from . import grounding
from .builder import SyntheticQueryBuilder
from .edits import Edit, apply_edits
from .filling import fill_frame
from .grammar import Frame, Grammar
from .misspelling import pick
from .pools import find_common, find_nesting, find_tonal
from .sampling import FactSampler
from .surface import say_value
from .template import Slot
from .truth import Verdict

FALSE = "false"
_FALSE_TYPES = (EntityType.DIRECTOR, EntityType.ACTOR, EntityType.YEAR)
_FARTHEST_YEAR = 25
# a kind of row is left out where the catalogue holds fewer films for it
_FEWEST_FILMS = 2


def bundled_adversarial() -> Grammar:
    """Return the grammar of the misleading queries that comes with the library.

    Example:
        >>> len(bundled_adversarial().frames) >= 25
        True
    """
    name = "challenge/adversarial.toml"
    text = (files("moviequery.synthesis") / "grammars" / name).read_text("utf-8")
    return Grammar.parse({name: text})


class AdversarialWriter:
    """Writes misleading queries over the films of one split of a builder."""

    def __init__(
        self, builder: SyntheticQueryBuilder, split: str, grammar: Grammar | None = None
    ) -> None:
        """Find the films that each kind of frame takes.

        Raises:
            GrammarError: no kind of frame has films enough.
        """
        self.grammar = grammar or bundled_adversarial()
        self._graph = builder.graph
        self._split = split
        self._seed = builder.seed
        index, films = builder.graph.index, builder.films_of(split)
        pools = {
            "common": find_common(index, films, builder.grammar),
            "genre-word": find_tonal(index, films),
            "nested": find_nesting(index, films),
        }
        self._samplers = {kind: FactSampler(index, found) for kind, found in pools.items()}
        self._any = FactSampler(index, films)
        self._frames = self._sort_frames()
        if not self._frames:
            raise GrammarError(
                f"split {split!r} has {len(films)} films, too few for any misleading query; add "
                "films to the catalogue"
            )

    def compose(self, rng: Random, index: int = 0) -> Query | None:
        """Return a misleading query, or None where this draw gave none.

        False claims are marked as traps, and the graph calls them false; all else is true.
        """
        kind = pick(sorted(self._frames), rng)
        frame = pick(self._frames[kind], rng)
        sampler = self._samplers.get(kind, self._any)
        graph_index = self._graph.index
        filled = fill_frame(frame, graph_index, sampler, self.grammar.lexicon, rng)
        if filled is None:
            return None
        provenance = Provenance(
            index=index,
            seed=self._seed,
            split=self._split,
            frame=frame.id,
            clauses=filled.clauses,
            films=filled.films,
            triples=filled.triples,
            style=frame.style,
        )
        query = Query(filled.text, frame.intent, filled.entities, (), provenance)
        try:
            query = grounding.check(query, self._graph)
        except GroundingError:
            return None
        return self._falsify(query, rng) if kind == FALSE else query

    def _sort_frames(self) -> Mapping[str, list[Frame]]:
        frames: dict[str, list[Frame]] = {}
        for frame in self.grammar.frames:
            kind = frame.id.split(".")[0]
            if len(self._samplers.get(kind, self._any).positions) >= _FEWEST_FILMS:
                frames.setdefault(kind, []).append(frame)
        return frames

    def _falsify(self, query: Query, rng: Random) -> Query | None:
        """Return the query with one fact of its film replaced by one that is false of it."""
        number = next(
            (
                n
                for n, e in enumerate(query.entities)
                if e.type in _FALSE_TYPES and e.about is not None
            ),
            None,
        )
        if number is None or query.provenance is None:
            return None
        entity = query.entities[number]
        film = self._graph.index.film(query.provenance.films[0])
        value = self._draw_false(film, entity, rng) if film else None
        if film is None or value is None:
            return None
        text = value
        if entity.type is not EntityType.YEAR:
            text = say_value(self._graph.index, Slot(entity.type), value, rng)
            text = text if query.provenance.style == "chat" else text.lower()
        changed = apply_edits(query, [Edit(entity.start, entity.end, text)])
        entities = list(changed.entities)
        if entity.type is not EntityType.YEAR:
            entities[number] = replace(entities[number], iri=value)
        fact = self._graph.index.triple(film, entity.type, entity.iri or entity.text)
        triples = tuple(triple for triple in query.provenance.triples if triple != fact)
        provenance = replace(query.provenance, triples=triples, trap=True)
        changed = replace(changed, entities=tuple(entities), provenance=provenance)
        claims = {claim.entity: claim.verdict for claim in grounding.judge(changed, self._graph)}
        is_false = claims[changed.entities[number]] is Verdict.FALSE
        return changed if is_false else None

    def _draw_false(self, film: Film, entity: Entity, rng: Random) -> str | None:
        if entity.type is not EntityType.YEAR:
            return self._any.draw_unheld(Slot(entity.type), film, rng)
        shift = 2 + int(rng.random() * (_FARTHEST_YEAR - 1))
        year = (film.year or 0) + (shift if rng.random() < 0.5 else -shift)
        known = [other.year for other in self._graph.index.films if other.year is not None]
        return str(year) if min(known) <= year <= max(known) else None
