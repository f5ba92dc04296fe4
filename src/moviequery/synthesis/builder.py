"""Queries with gold labels, written from a knowledge graph by a grammar."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate
from operator import attrgetter
from random import Random
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import DatasetError, GrammarError, GroundingError
from ..knowledge.normalisation import fold, title_key
from ..schema import Intent, Provenance, Query
from . import grounding
from .filling import FilledFrame, fill_frame
from .grammar import Frame, Grammar
from .habits import draw_habit, write_down
from .noise import Noise, add_noise
from .sampling import FactSampler, hash_share
from .template import certain_slots, walk_slots

if TYPE_CHECKING:
    from datasets import DatasetDict

    from ..knowledge.graph import MovieGraph

DEFAULT_SPLITS: Mapping[str, float] = {"train": 0.8, "validation": 0.1, "test": 0.1}
DEFAULT_NOISE = 0.1
_LIGHT_NOISE = Noise()
_ATTEMPTS = 12
# A frame whose facts less than this share of the films hold is drawn that much more seldom, so
# that the few films with, say, a known song are not asked for again and again.
_FULL_COVERAGE = 0.2
# With this many candidates in a row that repeat a text, the grammar has said what it can say.
_MAX_REPEATS = 2_000
# From here on every split gets frames of every entity type by chance alone; below, 20,000 rows had
# 3 songs in test.
_MANY_FRAMES = 1_000
_GOLDEN_RATIO = 0.6180339887498949


class SyntheticQueryBuilder:
    """Writes queries over a graph; the same arguments give the same rows, on any machine.

    Films and frames are partitioned by hashes of their title and id, so that no title and no
    frame of one split is ever used in another (the paper, section III-A, states no split).

    Attributes:
        graph: where the facts come from.
        grammar: how queries are put.
        seed: any whole number; another seed gives other rows over the same partition.
        splits: shares by name; they add up to 1.
        noise: share of rows with slips, misspellings, fillers and the like (`noise.Noise`).
        habits: whether rows lose capitals and marks as people leave them out (`habits.Habit`).
    """

    def __init__(
        self,
        graph: MovieGraph,
        grammar: Grammar | None = None,
        seed: int = 7,
        splits: Mapping[str, float] = DEFAULT_SPLITS,
        noise: float = DEFAULT_NOISE,
        habits: bool = True,
    ) -> None:
        """Partition films and frames; nothing is written yet.

        Raises:
            GrammarError: no frame can be filled from the graph, or a split has no frame left.
            DatasetError: the shares of the splits do not add up to 1, or `noise` is no share.
        """
        if not 0 <= noise <= 1:
            raise DatasetError(f"noise={noise}: give the share of rows, from 0 to 1")
        if abs(sum(splits.values()) - 1) > 1e-9 or min(splits.values()) <= 0:
            raise DatasetError(f"shares of splits must be above 0 and add up to 1: {dict(splits)}")
        self.graph = graph
        self.grammar = grammar or Grammar.bundled()
        self.seed = seed
        self.splits = dict(splits)
        self.noise = noise
        self.habits = habits
        self._bounds = list(accumulate(splits.values()))
        self._names = list(splits)
        self._samplers = self._partition_films()
        self._frames = self._partition_frames()

    @property
    def fingerprint(self) -> str:
        """Return a sha256 of all that the rows depend on: graph, grammar, seed, splits, version."""
        parts = (
            self.graph.fingerprint,
            self.grammar.fingerprint,
            str(self.seed),
            repr(list(self.splits.items())),  # their order decides which rows are whose
            f"{self.noise:.6f} {self.habits}",
            __version__,
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def row(self, index: int) -> Query | None:
        """Return the candidate at an index; it depends on what the builder was made with alone.

        None means that no text could be found for this index in a dozen attempts, which is rare.
        Two indices may give the same text; `iter` and `build` keep the first.

        Example:
            >>> from moviequery import MovieGraph
            >>> builder = SyntheticQueryBuilder(MovieGraph.bundled(), seed=7)
            >>> builder.row(12) == builder.row(12)
            True
        """
        split = self._pick_split(hash_share(f"split:{self.seed}:{index}"))
        for attempt in range(_ATTEMPTS):
            query = self.compose(split, Random(f"{self.seed}:{index}:{attempt}"), index)
            if query is not None:
                return query
        return None

    def compose(self, split: str, rng: Random, index: int = 0) -> Query | None:
        """Return a query from one split's frames and films, as the draws of `rng` fall.

        None means that this draw gave no grounded text; the next one may.
        """
        frame = self._draw_frame(split, rng)
        query = self.fill(frame, split, rng, index)
        if query is None:
            return None
        if self.habits:
            query = write_down(query, draw_habit(frame.style, rng))
        if rng.random() < self.noise:
            query = add_noise(query, _LIGHT_NOISE, rng)
        return query

    def fill(self, frame: Frame, split: str, rng: Random, index: int = 0) -> Query | None:
        """Return a grounded query of any linked frame over one split's films, cleanly written.

        None means that this draw gave none; the next one may.
        """
        filled = fill_frame(
            frame, self.graph.index, self._samplers[split], self.grammar.lexicon, rng
        )
        if filled is None:
            return None
        try:
            return grounding.check(self._make_query(frame, filled, index, split), self.graph)
        except GroundingError:
            # "no romance" beside a wish that only romances meet: other facts may do
            return None

    def films_of(self, split: str) -> tuple[int, ...]:
        """Return the films of a split, as positions in `graph.index.films`."""
        return self._samplers[split].positions

    def frames_of(self, split: str) -> tuple[Frame, ...]:
        """Return the frames of a split, sorted by id."""
        frames = (frame for chosen, _ in self._frames[split].values() for frame in chosen)
        return tuple(sorted(frames, key=attrgetter("id")))

    def iter(self, n: int | None, start: int = 0) -> Iterator[Query]:
        """Yield n queries with distinct texts, from index `start` on; without end for None.

        A text counts as seen when it differs only in case, accents or punctuation.

        Raises:
            GrammarError: the grammar has no new text to offer over this graph.
        """
        seen: set[str] = set()
        repeats = 0
        index = start
        while n is None or len(seen) < n:
            query = self.row(index)
            index += 1
            key = fold(query.text) if query else ""
            if query is None or key in seen:
                repeats += 1
                if repeats > _MAX_REPEATS:
                    raise GrammarError(
                        f"only {len(seen)} distinct texts in {index - start} candidates: ask for "
                        "fewer rows, or add films, frames or word choices"
                    )
                continue
            repeats = 0
            seen.add(key)
            yield query

    def build(self, n: int) -> list[Query]:
        """Return the first n queries with distinct texts; see `iter`.

        Example:
            >>> from moviequery import MovieGraph
            >>> len(SyntheticQueryBuilder(MovieGraph.bundled()).build(3))
            3
        """
        return list(self.iter(n))

    def to_dataset(self, n: int = 20_000) -> DatasetDict:
        """Return n rows as train, validation and test without near-duplicates across splits."""
        from ..corpus.dataset import to_dataset

        return to_dataset(self, n)

    def _pick_split(self, share: float) -> str:
        return self._names[min(bisect_right(self._bounds, share), len(self._names) - 1)]

    def _partition_films(self) -> dict[str, FactSampler]:
        """Return a sampler per split; remakes of one title fall into the same split."""
        index = self.graph.index
        positions: dict[str, list[int]] = {name: [] for name in self._names}
        for position, film in enumerate(index.films):
            if film.kind == "movie":
                split = self._pick_split(hash_share(f"film:{title_key(film.title)}"))
                positions[split].append(position)
        return {name: FactSampler(index, positions[name]) for name in self._names}

    def _partition_frames(self) -> dict[str, dict[Intent, tuple[list[Frame], list[float]]]]:
        """Return the frames of each split by intent, with the cumulative weights they get there."""
        frames: dict[str, dict[Intent, tuple[list[Frame], list[float]]]] = {}
        for intent in Intent:
            fellows = [frame for frame in self.grammar.frames if frame.intent is intent]
            for name, members in zip(self._names, self._deal(fellows), strict=True):
                weights = [self._weigh(frame, self._samplers[name]) for frame in members]
                usable = [(f, w) for f, w in zip(members, weights, strict=True) if w > 0]
                if usable:
                    chosen = [frame for frame, _ in usable]
                    cumulative = list(accumulate(weight for _, weight in usable))
                    frames.setdefault(name, {})[intent] = (chosen, cumulative)
        if missing := [name for name in self._names if name not in frames]:
            raise GrammarError(
                f"splits {missing} have no frame that the graph's {len(self.graph)} films can "
                f"fill; the grammar has {len(self.grammar.frames)} frames{self._tell_lacking()}. "
                "Leak-free splits need frames and films of their own: add some, or pass "
                "splits={'train': 1.0} (--splits train=1)"
            )
        return frames

    def _tell_lacking(self) -> str:
        """Return the types that frames always name and no film has, as words for an error."""
        needed = {
            slot.type
            for frame in self.grammar.frames
            for slot in certain_slots(frame.template)
            if not slot.names_film and not slot.is_lexical
        }
        held = {kind for film in self.graph.index.films for kind in film.facts}
        lacking = sorted(needed - held)
        return f", and no film has a fact of {', '.join(lacking)}" if lacking else ""

    def _deal(self, frames: list[Frame]) -> list[list[Frame]]:
        """Return the frames of each split.

        A frame that names one of the splits goes there. Of many others, each goes where the hash of
        its id falls, and stays there whatever else a grammar gets: what was trained on one grammar
        can be tested on a later one. A few are spread out.
        """
        dealt: dict[str, list[Frame]] = {name: [] for name in self._names}
        free = [frame for frame in frames if frame.split not in dealt]
        if len(free) < _MANY_FRAMES:
            dealt = dict(zip(self._names, self._cut(_spread_frames(free)), strict=True))
        else:
            for frame in free:
                dealt[self._pick_split(hash_share(f"frame:{frame.id}"))].append(frame)
        for frame in frames:
            if frame.split in dealt:
                dealt[frame.split].append(frame)
        return list(dealt.values())

    def _cut(self, frames: list[Frame]) -> list[list[Frame]]:
        """Return the frames cut into one run per split, none empty where there are enough."""
        ends = [round(bound * len(frames)) for bound in self._bounds]
        parts = len(ends)
        if len(frames) >= parts:
            for number in range(parts - 1, 0, -1):
                ends[number - 1] = min(ends[number - 1], len(frames) - (parts - number))
            for number in range(parts):
                ends[number] = max(ends[number], number + 1)
        return [frames[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    def _weigh(self, frame: Frame, sampler: FactSampler) -> float:
        """Return the frame's weight, less where few films hold what it always asks for."""
        coverage = min(
            (
                sampler.coverage(slot)
                for slot in certain_slots(frame.template)
                if not slot.names_film and not slot.is_lexical
            ),
            default=1.0 if sampler.positions else 0.0,
        )
        return round(frame.weight * min(1.0, coverage / _FULL_COVERAGE), 9)

    def _draw_frame(self, split: str, rng: Random) -> Frame:
        by_intent = self._frames[split]
        intents = sorted(by_intent)
        frames, cumulative = by_intent[intents[int(rng.random() * len(intents))]]
        return frames[bisect_right(cumulative, rng.random() * cumulative[-1])]

    def _make_query(self, frame: Frame, filled: FilledFrame, index: int, split: str) -> Query:
        provenance = Provenance(
            index=index,
            seed=self.seed,
            split=split,
            frame=frame.id,
            clauses=filled.clauses,
            films=filled.films,
            triples=filled.triples,
            style=frame.style,
        )
        return Query(filled.text, frame.intent, filled.entities, (), provenance)


def _spread_frames(frames: list[Frame]) -> list[Frame]:
    """Return the frames so that any run of them holds about its share of every entity type.

    Sorted by the rarest type they can name and then by a hash of their id, the frames are dealt
    out by multiples of the golden ratio.
    """
    types = {frame.id: {slot.type for slot in walk_slots(frame.template)} for frame in frames}
    counts = Counter(kind for kinds in types.values() for kind in kinds)
    ordered = sorted(
        frames,
        key=lambda frame: (
            min((counts[kind], kind) for kind in types[frame.id]) if types[frame.id] else (0, ""),
            hash_share(f"frame:{frame.id}"),
        ),
    )
    places = {frame.id: number * _GOLDEN_RATIO % 1 for number, frame in enumerate(ordered)}
    return sorted(ordered, key=lambda frame: places[frame.id])
