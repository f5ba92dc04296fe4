"""Leak-free splits: no film, no frame and no near-duplicate text in two of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..errors import DatasetError
from ..knowledge.normalisation import fold, title_key
from ..schema import EntityType, Query
from ..synthesis.near_duplicates import NearDuplicateIndex

SPLITS = ("train", "validation", "test")
_SPLIT_NAME = re.compile(r"\w+(\.\w+)*")


def split_order(names: Iterable[str]) -> list[str]:
    """Return the names each once: train, validation and test first, then the rest sorted.

    Example:
        >>> split_order(["test", "noisy", "train", "test"])
        ['train', 'test', 'noisy']
    """
    present = set(names)
    return [*(name for name in SPLITS if name in present), *sorted(present.difference(SPLITS))]


class LeakFilter:
    """Takes queries in order of index and refuses each one that repeats or leaks.

    A query is refused when its text already occurred (case, accents and punctuation aside), when
    one of its films (by IRI or by title) or its frame belongs to another split, or when its text
    is a near-duplicate of a text of another split. Whoever comes first stays, so the lowest index
    wins, and the first `n` queries that are accepted do not depend on what follows.

    Attributes:
        most_per_film: queries that may be about one film; None for any number.
        dropped: how many queries were refused, by reason: `repeated`, `film`, `frame`,
            `near-duplicate`, `frequent film`.

    Example:
        >>> from moviequery.schema import Intent, Provenance
        >>> def query(i, split, text):
        ...     return Query(text, Intent.REC, provenance=Provenance(i, 7, split, f"frame-{i}"))
        >>> leak_filter = LeakFilter()
        >>> leak_filter.accept(query(0, "train", "any heist movies like Heat?"))
        True
        >>> leak_filter.accept(query(1, "test", "Any heist movies like Heat!"))
        False
    """

    def __init__(self, most_per_film: int | None = None) -> None:
        """Start without queries."""
        self.most_per_film = most_per_film
        self.dropped: Counter[str] = Counter()
        self._films: Counter[tuple[str, str]] = Counter()
        self._texts: set[str] = set()
        self._owners: dict[tuple[str, str], str] = {}
        self._index = NearDuplicateIndex()

    def accept(self, query: Query) -> bool:
        """Return True, and remember the query, unless it repeats or leaks.

        Raises:
            DatasetError: the query has no provenance, so that its split is not known.
        """
        split = split_of(query)
        key = fold(query.text) or query.text
        if key in self._texts:
            return self._refuse("repeated")
        claims = _claims(query)
        for claim in claims:
            if self._owners.get(claim, split) != split:
                return self._refuse("frame" if claim[0] == "frame" else "film")
        films = [claim for claim in claims if claim[0] == "film"]
        if self.most_per_film and any(self._films[one] >= self.most_per_film for one in films):
            return self._refuse("frequent film")
        signature = self._index.sign(query.text)
        if next(self._index.matches(signature, split), None) is not None:
            return self._refuse("near-duplicate")
        self._index.add(signature, split)
        self._texts.add(key)
        self._films.update(films)
        self._owners.update(dict.fromkeys(claims, split))
        return True

    def _refuse(self, reason: str) -> bool:
        self.dropped[reason] += 1
        return False


def split_of(query: Query) -> str:
    """Return the split that the query's provenance names.

    Raises:
        DatasetError: the query has no provenance, or the name is none for a split.
    """
    if query.provenance is None or not query.provenance.split:
        raise DatasetError(
            f"the query {query.text!r} names no split; set provenance.split to "
            f"{', '.join(SPLITS)} or a name of your own"
        )
    split = query.provenance.split
    # `datasets` reads no other names, and a split names its Parquet file
    if not _SPLIT_NAME.fullmatch(split):
        raise DatasetError(
            f"{split!r} is no name for a split: take letters, digits and underscores, with dots "
            "between them"
        )
    return split


def _claims(query: Query) -> list[tuple[str, str]]:
    """Return what a query takes for its split: films by IRI, titles by key, and the frame."""
    claims: list[tuple[str, str]] = []
    if query.provenance:
        claims += [("film", iri) for iri in query.provenance.films]
        claims += [("frame", query.provenance.frame)] if query.provenance.frame else []
    for entity in query.entities:
        if entity.type is EntityType.TITLE:
            claims.append(("title", title_key(entity.text)))
            claims += [("film", entity.iri)] if entity.iri else []
    return list(dict.fromkeys(claims))


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two texts of different splits that are too much alike."""

    split: str
    text: str
    other_split: str
    other_text: str


@dataclass(frozen=True, slots=True)
class LeakReport:
    """What several splits have in common.

    Attributes:
        films: IRIs that occur in more than one split, sorted.
        titles: title keys that do.
        frames: ids of frames that do.
        near_duplicates: every pair of texts of different splits that is too much alike.
        allowed: how many clauses, words, people and genres occur in more than one split; these
            may be shared.
    """

    films: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    near_duplicates: tuple[NearDuplicate, ...] = ()
    allowed: Mapping[str, int] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """True when no film, title, frame or near-duplicate is shared."""
        return not (self.films or self.titles or self.frames or self.near_duplicates)

    def summary(self) -> str:
        """Return the counts as one line."""
        leaks = ("films", "titles", "frames", "near_duplicates")
        counts = [f"{len(getattr(self, name))} {name.replace('_', '-')}" for name in leaks]
        shared = [f"{count} {name}" for name, count in self.allowed.items()]
        return f"shared across splits: {', '.join(counts)}; allowed: {', '.join(shared)}"


def check_leaks(splits: Mapping[str, Iterable[Query]]) -> LeakReport:
    """Return what the splits share: leaks, and what may be shared.

    Example:
        >>> from moviequery.schema import Intent
        >>> check_leaks({"train": [Query("hi there", Intent.NON_REC)], "test": []}).clean
        True
    """
    owners: dict[str, dict[str, set[str]]] = {}
    index = NearDuplicateIndex()
    seen: list[tuple[str, str]] = []
    pairs: list[NearDuplicate] = []
    for split, queries in splits.items():
        for query in queries:
            for kind, value in [*_claims(query), *_allowances(query)]:
                owners.setdefault(kind, {}).setdefault(value, set()).add(split)
            signature = index.sign(query.text)
            for number in index.matches(signature, split):
                pairs.append(NearDuplicate(*seen[number], split, query.text))
            index.add(signature, split)
            seen.append((split, query.text))

    def shared(kind: str) -> tuple[str, ...]:
        return tuple(sorted(value for value, by in owners.get(kind, {}).items() if len(by) > 1))

    return LeakReport(
        films=shared("film"),
        titles=shared("title"),
        frames=shared("frame"),
        near_duplicates=tuple(pairs),
        allowed={name: len(shared(name)) for name in ("clauses", "words", "people", "genres")},
    )


_ALLOWED_TYPES = {
    EntityType.ACTOR: "people",
    EntityType.DIRECTOR: "people",
    EntityType.GENRE: "genres",
}


def _allowances(query: Query) -> Iterator[tuple[str, str]]:
    """Yield what splits may share: clauses, words, people and genres."""
    for clause in query.provenance.clauses if query.provenance else ():
        yield "clauses", clause
    for word in fold(query.text).split():
        yield "words", word
    for entity in query.entities:
        if entity.type in _ALLOWED_TYPES:
            yield _ALLOWED_TYPES[entity.type], entity.iri or fold(entity.text)
