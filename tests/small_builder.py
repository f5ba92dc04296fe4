"""A small source of rows with the interface of the library's builder, for tests of datasets."""

from __future__ import annotations

import os
from random import Random

from moviequery.schema import Entity, EntityType, Intent, Provenance, Query

GENRES = ("heist", "noir", "comedy")
WORDS = ("amber", "bronze", "copper", "dune", "ember", "flint", "grove", "harbour", "iron", "jade")


class SmallBuilder:
    """Writes rows with a few words each, so that repetitions and near-duplicates do occur."""

    def __init__(self, seed=7, words=3):
        self.seed = seed
        self.words = words
        self.calls = []

    @property
    def fingerprint(self):
        return f"small-{self.seed}-{self.words}"

    def row(self, index):
        self.calls.append(index)
        rng = Random(f"{self.seed}:{index}")
        split = rng.choice(["train"] * 8 + ["validation", "test"])
        if rng.random() < 0.05:
            return None
        genre, words = rng.choice(GENRES), " ".join(rng.choices(WORDS, k=self.words))
        text = f"any {genre} films about {words}?"
        entities = (
            Entity(EntityType.GENRE, genre, 4, 4 + len(genre), iri=f"urn:moviequery:genre:{genre}"),
        )
        provenance = Provenance(index, self.seed, split, f"about-{split}", films=(f"urn:{split}",))
        return Query(text, rng.choice(list(Intent)), entities, provenance=provenance)


class ShortBuilder(SmallBuilder):
    """Stops the process in the middle of a build, as a kill would."""

    def __init__(self, last):
        super().__init__()
        self.last = last

    def row(self, index):
        if index > self.last:
            os._exit(9)
        return super().row(index)
