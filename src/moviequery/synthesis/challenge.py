"""Splits that are harder than real use: noisy, incomplete, with two intents, and misleading.

They draw on the films and frames of the test split alone, so that a parser trained on train meets
nothing it knows (the paper, section VI, leaves such queries to future work).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from .. import __version__
from ..errors import GrammarError
from ..knowledge.normalisation import fold
from ..schema import Query
from .adversarial import AdversarialWriter
from .builder import SyntheticQueryBuilder
from .joining import can_follow, join_queries
from .noise import Noise, add_noise
from .truncation import incomplete

CHALLENGES = ("noisy", "incomplete", "multi_intent", "adversarial")
TEST = "test"
HEAVY_NOISE = Noise(
    key=0.05,
    letter=0.05,
    misspelling=0.3,
    variant=0.5,
    lost_word=0.4,
    contraction=0.5,
    filler=0.35,
    elongation=0.15,
    apostrophe=0.7,
    punctuation=0.6,
    case=0.6,
)
_ATTEMPTS = 40
_MAX_REPEATS = 2_000


class ChallengeBuilder:
    """Writes the challenge splits; the same builder gives the same rows, on any machine.

    Attributes:
        builder: whose test split the films and frames come from.
        noise: of the noisy split.

    Example:
        >>> from moviequery import MovieGraph, SyntheticQueryBuilder
        >>> challenge = ChallengeBuilder(SyntheticQueryBuilder(MovieGraph.bundled()))
        >>> [len(query.parts) for query in challenge.rows("multi_intent", 2)]
        [2, 2]
    """

    def __init__(self, builder: SyntheticQueryBuilder, noise: Noise = HEAVY_NOISE) -> None:
        """Find the films of the misleading queries; nothing is written yet.

        Raises:
            GrammarError: the builder has no split called test.
        """
        if TEST not in builder.splits:
            raise GrammarError(
                f"the builder's splits are {sorted(builder.splits)}; challenge rows come from the "
                "films and frames of one called 'test'"
            )
        self.builder = builder
        self.noise = noise
        self._adversarial = AdversarialWriter(builder, TEST)
        self._compose = {
            "noisy": self._compose_noisy,
            "incomplete": self._compose_incomplete,
            "multi_intent": self._compose_multi,
            "adversarial": self._adversarial.compose,
        }

    @property
    def fingerprint(self) -> str:
        """Return a sha256 of all that the rows depend on."""
        parts = (
            self.builder.fingerprint,
            self._adversarial.grammar.fingerprint,
            repr(self.noise),
            __version__,
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def row(self, split: str, index: int) -> Query | None:
        """Return the candidate of a split at an index, or None if no draw gave one.

        Raises:
            ValueError: there is no such split.
        """
        if split not in self._compose:
            raise ValueError(f"no challenge split {split!r}; there are {', '.join(CHALLENGES)}")
        for attempt in range(_ATTEMPTS):
            rng = Random(f"{self.builder.seed}:{split}:{index}:{attempt}")
            query = self._compose[split](rng, index)
            if query is not None and query.provenance is not None:
                provenance = replace(query.provenance, split=split, index=index)
                return replace(query, provenance=provenance)
        return None

    def candidates(self, split: str) -> Iterator[Query]:
        """Yield rows of a split with distinct texts, without end.

        Raises:
            GrammarError: the test split's films and frames have no new text to offer.
            ValueError: there is no such split.
        """
        seen: set[str] = set()
        index = repeats = 0
        while repeats < _MAX_REPEATS:
            query = self.row(split, index)
            index += 1
            key = fold(query.text) if query else ""
            if query is None or key in seen:
                repeats += 1
                continue
            repeats = 0
            seen.add(key)
            yield query
        raise GrammarError(
            f"split {split!r}: only {len(seen)} distinct texts in {index} candidates; ask for "
            "fewer rows, or add films"
        )

    def rows(self, split: str, n: int) -> Iterator[Query]:
        """Yield n rows of a split with distinct texts; see `candidates`."""
        candidates = self.candidates(split)
        for _ in range(n):
            yield next(candidates)

    def _compose_noisy(self, rng: Random, index: int) -> Query | None:
        query = self.builder.compose(TEST, rng, index)
        if query is None:
            return None
        noisy = add_noise(query, self.noise, rng)
        # a change of case or of marks alone would be the same text to most tokenizers
        return noisy if fold(noisy.text) != fold(query.text) else None

    def _compose_incomplete(self, rng: Random, index: int) -> Query | None:
        query = self.builder.compose(TEST, rng, index)
        if query is None:
            return None
        cut = incomplete(query, rng)
        return cut if fold(cut.text) != fold(query.text) else None

    def _compose_multi(self, rng: Random, index: int) -> Query | None:
        first = self.builder.compose(TEST, rng, index)
        second = self.builder.compose(TEST, rng, index)
        if first is None or second is None or not can_follow(second):
            return None
        one, other = first.provenance, second.provenance
        if one is None or other is None or one.style != other.style or one.frame == other.frame:
            return None
        joined = join_queries(first, second, one.style, rng)
        provenance = replace(
            one,
            frame=f"{one.frame}+{other.frame}",
            clauses=one.clauses + other.clauses,
            films=tuple(dict.fromkeys(one.films + other.films)),
            triples=tuple(dict.fromkeys(one.triples + other.triples)),
        )
        return replace(joined, provenance=provenance)
