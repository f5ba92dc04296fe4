"""Fit how much a known name counts beside what the fast parser reads, on a validation split.

python tools/fit_name_weights.py DATASET

writes `src/moviequery/modeling/name_weights.json`, and the names of the bundled graph beside the
bundled parser. An averaged structured perceptron (Collins,
2002) moves the weights of the names in a row wherever decoding with them misses its gold spans. In
each row some of the names are hidden, since real people name films that no catalogue has.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from moviequery import MovieGraph
from moviequery.corpus.dataset import read_queries
from moviequery.modeling.bundle import BUNDLED, find_bundle
from moviequery.modeling.fast_reader import FastReader
from moviequery.modeling.name_decoding import KnownChunk, decode_with_names
from moviequery.modeling.name_lexicon import (
    MOST_WORDS,
    NAMES_FILE,
    Candidate,
    NameLexicon,
    NameWeights,
)
from moviequery.modeling.tags import Floats, find_chunks
from moviequery.modeling.words import Words
from moviequery.schema import ENTITY_TYPES, Entity, EntityType, Query

OUTPUT = Path(__file__).parents[1] / "src/moviequery/modeling/name_weights.json"
# Types of which spans that no graph knows are told apart: the others are few, or anybody's words.
_CLOSED = (
    EntityType.TITLE, EntityType.GENRE, EntityType.PLOT, EntityType.THEME, EntityType.SETTING,
    EntityType.ACTOR, EntityType.DIRECTOR, EntityType.CHARACTER, EntityType.SONG,
)  # fmt: skip
# Where nothing is learnt, and where learning begins, in nats.
_PRIOR = 2.0
_PRIOR_ROLE = 0.5
_RATE = 0.1
_HIDDEN = 0.3
_PASSES = 6
# The passes whose weights are not in the average yet.
_BURN_IN = 2

Name = tuple[str, ...]
Span = tuple[int, int, int]


class Row(NamedTuple):
    """A query with its logits, its gold spans as (first, last, type), and its candidates."""

    scores: Floats
    gold: frozenset[Span]
    candidates: Mapping[Span, Candidate]


class Fit:
    """Weights by their names: ("known", kind, words), ("capitals", kind, ...), ("role",), ..."""

    def __init__(self) -> None:
        """Start from the prior."""
        self.values: defaultdict[Name, float] = defaultdict(float, {("role",): _PRIOR_ROLE})

    def features(self, candidate: Candidate) -> list[tuple[Name, float]]:
        """Return the names of the weights that a candidate has, and their factors."""
        kind, role = candidate.sense
        names: list[tuple[Name, float]] = [(("known", kind, str(candidate.words)), 1.0)]
        if candidate.capitals:
            names.append((("capitals", kind, "more" if candidate.words > 1 else "one"), 1.0))
        return [*names, (("role",), role)]

    def weigh(self, candidate: Candidate) -> float:
        """Return the bonus of a candidate."""
        return sum(self.value(name) * factor for name, factor in self.features(candidate))

    def value(self, name: Name) -> float:
        """Return a weight, the prior where it was never moved."""
        return self.values[name] if name in self.values or name[0] != "known" else _PRIOR

    def move(self, name: Name, by: float) -> None:
        """Change a weight."""
        self.values[name] = self.value(name) + by

    def unknown(self) -> Floats:
        """Return what spans that are no known names get, by type."""
        return np.array([self.value(("unknown", kind.value)) for kind in ENTITY_TYPES], np.float32)


def make_row(query: Query, words: Words, scores: Floats, lexicon: NameLexicon) -> Row:
    """Return a query with its gold spans and its candidates placed on its words."""

    def place(spans: Iterable[Entity | Candidate]) -> Iterable[tuple[Span, Entity | Candidate]]:
        for one in spans:
            if (found := words.locate(one.start, one.end)) is not None:
                yield (*found, ENTITY_TYPES.index(one.type)), one

    gold = frozenset(span for span, _ in place(query.entities))
    return Row(scores, gold, dict(place(lexicon.find(query.text))))


def learn(row: Row, fit: Fit, rng: Random) -> None:
    """Decode a row with some of its names hidden, and move the weights that misled."""
    hidden = {span[:2] for span in sorted(row.gold) if rng.random() < _HIDDEN}
    known = {span: one for span, one in row.candidates.items() if span[:2] not in hidden}
    chunks = [KnownChunk(*span, fit.weigh(one)) for span, one in known.items()]
    tags, _ = decode_with_names(row.scores, chunks, fit.unknown())
    begins, ends = find_chunks(tags)
    kinds = (tags[begins] - 1) // 2
    said = set(zip(begins.tolist(), ends.tolist(), kinds.tolist(), strict=True))
    for span in sorted(said ^ row.gold):
        by = _RATE if span in row.gold else -_RATE
        if span in known:
            for name, factor in fit.features(known[span]):
                fit.move(name, by * factor)
        elif (kind := ENTITY_TYPES[span[2]]) in _CLOSED:
            fit.move(("unknown", kind.value), by)


def fit_weights(rows: Sequence[Row], seed: int = 5) -> NameWeights:
    """Return the average of the weights after every row of the last passes."""
    rng = Random(f"{seed}:name weights")
    fit, average = Fit(), Fit()
    sums: defaultdict[Name, float] = defaultdict(float)
    count = 0
    for number in tqdm(range(_PASSES), desc="passes"):
        for place in rng.sample(range(len(rows)), len(rows)):
            learn(rows[place], fit, rng)
            if number >= _BURN_IN:
                count += 1
                for name in fit.values:
                    sums[name] += fit.value(name)
    average.values.update({name: total / count for name, total in sums.items()})
    return to_weights(average)


def to_weights(fit: Fit) -> NameWeights:
    """Return the weights as the package has them, to three digits."""
    kinds = sorted({name[1] for name in fit.values if name[0] in ("known", "capitals")})
    known, capitals = {}, {}
    for kind in kinds:
        own = (fit.value(("known", kind, str(words))) for words in range(1, MOST_WORDS + 1))
        known[kind] = tuple(round(value, 3) for value in own)
        one, more = (round(fit.value(("capitals", kind, each)), 3) for each in ("one", "more"))
        capitals[kind] = (one, more)
    unknown = {
        kind.value: round(fit.value(("unknown", kind.value)), 3) for kind in ENTITY_TYPES
        if ("unknown", kind.value) in fit.values
    }  # fmt: skip
    return NameWeights(known, capitals, round(fit.value(("role",)), 3), unknown)


def main() -> None:
    """Read the options, fit, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("dataset", type=Path, help="folder that `moviequery build` wrote")
    parser.add_argument("--model", type=Path, help="of a fast parser; default: the bundled one")
    parser.add_argument("--rows", type=int, default=8_000, help="of the validation split")
    parser.add_argument("--out", type=Path, default=OUTPUT, help="file to write")
    options = parser.parse_args()
    bundle = find_bundle(options.model or BUNDLED)
    if bundle is None:
        parser.error(f"{options.model} holds no fast parser")
    queries = read_queries(options.dataset)["validation"][: options.rows]
    lexicon = NameLexicon.from_index(MovieGraph.bundled().index)
    scored = FastReader(bundle, batch_size=32, uses_names=False).score_words(
        [query.text for query in queries]
    )
    rows = [make_row(q, *own, lexicon) for q, own in zip(queries, scored, strict=True)]
    weights = fit_weights([row for row in rows if len(row.scores)])
    values = {
        "role": weights.role,
        "unknown": weights.unknown,
        "known": weights.known,
        "capitals": weights.capitals,
    }
    options.out.write_text(json.dumps(values, indent=1) + "\n", "utf-8")
    lexicon.write(BUNDLED / NAMES_FILE)
    print(options.out)


if __name__ == "__main__":
    main()
