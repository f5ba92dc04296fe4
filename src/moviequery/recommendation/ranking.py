"""How well films fit a wish, part by part, and the one rule that makes a score of the parts.

| part | what it says, from 0 to 1 | weight |
| --- | --- | --- |
| concepts | mean over the wished concepts: 1 held, also as a narrower one; 0.5 related; 0.3 \
under the next broader one | 3.5 for each that is wished for, half of it for \
what is said of a liked film |
| likeness | how like the liked films, how unlike the disliked ones | 1 |
| meaning | mean over the concepts and phrases: closest of what the film is about | 0.5, and 1 \
more for each phrase the graph has no concept for |
| standing | rank by popularity, or rating where the best or worst are asked for | 0.1; 0.4 if \
asked for |

The score is the mean of the parts by these weights; a part that the query says nothing about does
not count. So a film that holds one wished concept more than another, and comes as near to the rest,
is first, unless the query has phrases without a concept: "like Heat, but funny" must be funny.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from ..knowledge.index import Film, GraphIndex
from ..schema import EntityType
from .encoders import Encoder
from .fact_table import ConceptLists, Flags, Floats, Positions
from .film_index import FilmIndex, rarity
from .matching import ABOUTNESS
from .wishes import Taste, Wish

RELATED, UNDER_BROADER = 0.5, 0.3
# Holding a concept rather than a related one must outweigh all the rest: 3.5 x 0.5 is more than
# the other weights together, 1 + 0.5 + 0.1.
CONCEPT_WEIGHT = 3.5
MEANING_WEIGHT, STANDING_WEIGHT, ASKED_STANDING_WEIGHT = 0.5, 0.1, 0.4
_DISLIKE_SHARE = 0.5  # of its likeness to disliked films, where there are liked ones too

Parts = Mapping[str, Floats]


class Ranker:
    """Scores the films of an index."""

    def __init__(self, films: FilmIndex, graph: GraphIndex, encoder: Encoder) -> None:
        """Keep them; nothing is encoded before a query needs it."""
        self.films = films
        self.graph = graph
        # the reasons of ten hits ask for the same phrases again
        self._encode = lru_cache(maxsize=256)(encoder)
        self.positions = {film.iri: position for position, film in enumerate(graph.films)}
        facts = films.facts
        self._rarity = rarity(facts)
        squares = facts.gather(np.arange(len(facts), dtype=np.int32)).total(self._rarity**2)
        self._norms: Floats = np.sqrt(np.where(squares > 0, squares, 1)).astype(np.float32)

    def rank(self, wish: Wish, flags: Flags) -> tuple[Floats, Parts]:
        """Return score and parts of the flagged films, in the order of their positions."""
        chosen = np.flatnonzero(flags).astype(np.int32)
        lists = self.films.facts.gather(chosen)
        parts: dict[str, Floats] = {}
        weights: dict[str, float] = {}
        if wish.tastes:
            degrees = [self._overlap(taste)[chosen] for taste in wish.tastes]
            counts = np.array([taste.weight for taste in wish.tastes], np.float32)
            parts["concepts"] = (counts @ np.stack(degrees)) / counts.sum()
            weights["concepts"] = CONCEPT_WEIGHT * float(counts.sum())
        if wish.liked or wish.disliked:
            parts["likeness"] = self._likeness(wish, chosen, lists)
            weights["likeness"] = 1.0
        meanings = self._meanings(wish, lists)
        if meanings:
            parts["meaning"] = np.mean(meanings, axis=0, dtype=np.float32)
            weights["meaning"] = MEANING_WEIGHT + len(wish.phrases)
        parts["standing"] = self._standing(wish)[chosen]
        weights["standing"] = ASKED_STANDING_WEIGHT if wish.quality else STANDING_WEIGHT
        return fuse(parts, weights), parts

    def nearest_concept(self, position: int, phrases: Sequence[str]) -> str | None:
        """Return the IRI of what a film is about that comes closest to a phrase, if anything."""
        places = self.films.facts.concepts_of(position)
        if not len(places) or not phrases:
            return None
        scores = self.films.concept_vectors[places] @ self._encode(tuple(phrases)).T
        nearest: int = places[int(scores.max(axis=1).argmax())]
        return self.films.facts.concepts[nearest]

    def shared_concepts(self, position: int, liked: Sequence[Film]) -> list[str]:
        """Return the IRIs of what a film shares with liked ones, the rarest first."""
        own = self.films.facts.concepts_of(position)
        theirs = {iri for film in liked for facts in film.facts.values() for iri in facts}
        shared = [place for place in own.tolist() if self.films.facts.concepts[place] in theirs]
        shared.sort(key=lambda place: (-self._rarity[place], place))
        return [self.films.facts.concepts[place] for place in shared]

    def _overlap(self, taste: Taste) -> Floats:
        """Return for every film how near it comes to a wished concept."""
        facts = self.films.facts
        degrees = np.zeros(len(facts), np.float32)
        nodes = [node for iri in taste.iris if (node := self.graph.nodes.get(iri))]
        for degree, iris in (
            (UNDER_BROADER, [iri for node in nodes for iri in node.broader]),
            (RELATED, [iri for node in nodes for iri in node.related]),
            (1.0, taste.iris),
        ):
            degrees[facts.flags(taste.type, iris)] = degree
        return degrees

    def _meanings(self, wish: Wish, lists: ConceptLists) -> list[Floats]:
        """Return for each concept and phrase how close the closest concept of each film is."""
        index = self.films
        if not index.facts.concepts:
            return []
        places = index.facts.concept_places
        vectors = []
        texts = list(wish.phrases)
        for taste in wish.tastes:
            place = places.get(taste.iris[0])
            if place is not None:
                vectors.append(index.concept_vectors[place])
            elif taste.type in ABOUTNESS and taste.iris[0] in self.graph.nodes:
                # a concept of the vocabulary that no film holds
                texts.append(self.graph.nodes[taste.iris[0]].label)
        if texts:
            vectors += list(self._encode(tuple(texts)))
        close = [lists.best(np.clip(index.concept_vectors @ vector, 0, 1)) for vector in vectors]
        if wish.unwanted:
            far = index.concept_vectors @ self._encode(wish.unwanted).T
            worst = lists.best(np.clip(far.max(axis=1), 0, 1))
            close.append(1 - worst)
        return close

    def _likeness(self, wish: Wish, chosen: Positions, lists: ConceptLists) -> Floats:
        liked = self._mean_likeness(wish.liked, chosen, lists)
        disliked = self._mean_likeness(wish.disliked, chosen, lists)
        if liked is None:
            assert disliked is not None  # asked of wishes that name a film
            return 1 - disliked
        if disliked is not None:
            liked = liked - _DISLIKE_SHARE * disliked
        return np.clip(liked, 0, 1)

    def _mean_likeness(
        self, films: Sequence[Film], chosen: Positions, lists: ConceptLists
    ) -> Floats | None:
        """Return how like the films the chosen ones are: half by meaning, half by shared concepts.

        A concept counts the more the fewer films have it.
        """
        if not films:
            return None
        total = np.zeros(len(chosen), np.float32)
        lengths = self.films.film_lengths[chosen]
        for film in films:
            position = self.positions[film.iri]
            near = self.films.concept_vectors @ self._film_vector(position)
            alike = np.clip(lists.total(self._rarity * near) / lengths, 0, 1)
            total += (alike + self._shared_share(position)[chosen]) / 2
        return total / np.float32(len(films))

    def _film_vector(self, position: int) -> Floats:
        places = self.films.facts.concepts_of(position)
        weighed = self._rarity[places] @ self.films.concept_vectors[places]
        unit: Floats = weighed / self.films.film_lengths[position]
        return unit

    def _shared_share(self, position: int) -> Floats:
        facts = self.films.facts
        shared = np.zeros(len(facts), np.float32)
        for place in facts.concepts_of(position).tolist():
            iri = facts.concepts[place]
            kind = EntityType(self.graph.nodes[iri].kind)
            shared[facts.find(kind, iri)] += self._rarity[place] ** 2
        # a film may hold a concept through several narrower ones
        share: Floats = np.minimum(shared / (self._norms * self._norms[position]), 1)
        return share

    def _standing(self, wish: Wish) -> Floats:
        facts = self.films.facts
        if not wish.quality:
            return facts.standing
        known = ~np.isnan(facts.ratings)
        best = np.where(known, facts.ratings / 10, 0) if known.any() else facts.standing
        return best if wish.quality > 0 else 1 - best


def fuse(parts: Parts, weights: Mapping[str, float]) -> Floats:
    """Return the mean of the parts by their weights; see the table at the head of this module.

    Example:
        >>> parts = {"concepts": np.array([1.0, 0.5]), "standing": np.array([0.0, 1.0])}
        >>> fuse(parts, {"concepts": 1.0, "standing": 0.25}).tolist()
        [0.8, 0.6]
    """
    total = sum(weights[name] * values for name, values in parts.items())
    score: Floats = np.asarray(total / sum(weights[name] for name in parts))
    return score
