"""What pre-training may know: the films, facts and frames of the train split, and made-up names."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from ...schema import ENTITY_TYPES, EntityType, Query
from ...synthesis.builder import SyntheticQueryBuilder

if TYPE_CHECKING:
    from ...knowledge.graph import MovieGraph
    from ...knowledge.index import Film

SPLIT = "train"
# Parts that made-up words are put together from; they look like names and are in no film.
_ONSETS = (
    "b", "br", "c", "ch", "cl", "d", "dr", "f", "fl", "g", "gl", "gr", "h", "j", "k", "kl", "l",
    "m", "n", "p", "pl", "qu", "r", "s", "sh", "sk", "st", "t", "th", "tr", "v", "w", "y", "z",
)  # fmt: skip
_VOWELS = (
    "a", "a", "e", "e", "i", "i", "o", "o", "u", "ai", "ea", "ee", "ia", "io", "ou", "y",
)  # fmt: skip
_CODAS = (
    "b", "ck", "d", "g", "l", "ll", "m", "n", "nd", "ng", "nt", "p", "r", "rd", "rn", "s", "ss",
    "st", "t", "th", "x",
)  # fmt: skip
_SMALL = ("of the", "of", "and", "in", "for", "on", "at", "from", "without", "vs.", "&", "to")
_FACTS = tuple(kind for kind in ENTITY_TYPES if kind is not EntityType.TITLE)


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that is true of a film: its type and the words it is said in."""

    type: EntityType
    values: tuple[str, ...]


class Material:
    """The train split of a graph and grammar, as words to write with.

    Films and frames of the other splits are never touched, so that what a model pre-trained on
    this is tested on stays unseen. The frames are named: a grammar of few frames deals them anew
    when it grows (the bundled base began in such a time), and rows of the named frames are never
    tested on.

    Attributes:
        films: those of the train split.
        frames: ids of the frames that queries are put by, sorted.
        origin: fingerprints of the graph and the grammar that all of it comes from.
    """

    def __init__(self, graph: MovieGraph) -> None:
        """Take the train split as the dataset has it."""
        builder = SyntheticQueryBuilder(graph)
        self.origin = {"graph": graph.fingerprint, "grammar": builder.grammar.fingerprint}
        self._builder = builder
        self._index = graph.index
        self.films = tuple(self._index.films[n] for n in self._builder.films_of(SPLIT))
        self.frames = tuple(frame.id for frame in self._builder.frames_of(SPLIT))

    def draw_query(self, rng: Random) -> Query:
        """Return a query about train films, put by a train frame."""
        while True:
            if (query := self._builder.compose(SPLIT, rng)) is not None:
                return query

    def draw_film(self, rng: Random) -> Film:
        """Return a film; one of which more is known comes more often."""
        place = bisect_right(self._weights, rng.random() * self._weights[-1])
        return self.films[place]

    def find_film(self, query: Query) -> Film | None:
        """Return the first film that a query was written about."""
        films = query.provenance.films if query.provenance else ()
        return self._index.film(films[0]) if films else None

    def describe(self, film: Film, rng: Random, most: int = 3) -> list[Statement]:
        """Return some of what is known of a film, in any order, at most so many values each."""
        statements = []
        for kind in _FACTS:
            if names := [self._name(value, rng) for value in film.facts.get(kind, ())]:
                chosen = rng.sample(names, min(len(names), rng.randint(1, most)))
                statements.append(Statement(kind, tuple(chosen)))
        rng.shuffle(statements)
        return statements

    def invent(self, statement: Statement, rng: Random) -> Statement:
        """Return a statement of the same type about names that do not exist."""
        if statement.type is EntityType.YEAR:
            return Statement(statement.type, (str(rng.randint(1900, 2035)),))
        return Statement(
            statement.type, tuple(invent_name(rng) for _ in range(len(statement.values)))
        )

    def draw_value(self, kind: EntityType, rng: Random) -> str:
        """Return the name of something of a type that a train film holds."""
        values = self._values[kind]
        return self._name(values[int(rng.random() * len(values))], rng)

    def draw_type(self, rng: Random) -> EntityType:
        """Return a type that some film has a fact of."""
        kinds = sorted(self._values)
        return kinds[int(rng.random() * len(kinds))]

    def _name(self, value: str, rng: Random) -> str:
        node = self._index.nodes.get(value)
        if node is None:
            return value
        others = node.alternatives + node.plurals
        return (
            others[int(rng.random() * len(others))] if others and rng.random() < 0.4 else node.label
        )

    @cached_property
    def _values(self) -> dict[EntityType, tuple[str, ...]]:
        held: dict[EntityType, set[str]] = {}
        for film in self.films:
            for kind, values in film.facts.items():
                held.setdefault(kind, set()).update(values)
        return {kind: tuple(sorted(held[kind])) for kind in _FACTS if kind in held}

    @cached_property
    def _weights(self) -> list[int]:
        return list(accumulate(len(film.facts) ** 2 for film in self.films))


def invent_word(rng: Random) -> str:
    """Return a word that does not exist, in lower case.

    Example:
        >>> invent_word(Random(1))
        'clufy'
    """
    parts = []
    for _ in range(rng.choice((1, 2, 2, 3))):
        parts += [rng.choice(_ONSETS), rng.choice(_VOWELS)]
    return "".join(parts) + (rng.choice(_CODAS) if rng.random() < 0.7 else "")


def invent_name(rng: Random) -> str:
    """Return one to five made-up words, put as titles and names are.

    Example:
        >>> invent_name(Random(3))
        'sycla without lohyvial?'
    """
    words = [invent_word(rng).capitalize() for _ in range(rng.choice((1, 2, 2, 3, 3)))]
    if len(words) > 1 and rng.random() < 0.35:
        words.insert(rng.randint(1, len(words) - 1), rng.choice(_SMALL))
    name = " ".join(words)
    if rng.random() < 0.25:
        name = f"The {name}"
    if rng.random() < 0.12:
        name += rng.choice(
            (f" {rng.randint(2, 9)}", "!", f": {invent_word(rng).title()}", "?", " II")
        )
    return name.lower() if rng.random() < 0.4 else name
