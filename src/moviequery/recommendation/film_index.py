"""What a recommender knows of a graph: facts as arrays, and meanings as vectors; kept in a folder.

A folder holds `index.json` and the arrays that it names, which are memory-mapped. `index.json` is
replaced last, so that a folder is either of the old state or of the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from ..errors import GraphError
from ..knowledge.index import GraphIndex
from ..schema import canonical_json
from .encoders import Encoder
from .fact_table import FactTable, Floats, make_table

if TYPE_CHECKING:
    from ..knowledge.graph import MovieGraph

MANIFEST = "index.json"
FORMAT = 1
_BATCH = 256  # texts at a time; the bar moves once per batch
_LISTS = ("keys", "concepts")


@dataclass(frozen=True)
class FilmIndex:
    """Facts and meanings of a graph's films.

    Attributes:
        fingerprint: of the graph.
        encoder: name of what made the vectors.
        facts: of all films.
        labels: what each of `facts.concepts` is called; the text that its vector is of.
        concept_vectors: unit vectors, a row per concept.
        film_lengths: of the sum of a film's concept vectors, each weighed by its rarity; the
            film's own unit vector is that sum divided by its length, and is not kept.
        encoded: how many labels had to be encoded for this index; the others were there before.
    """

    fingerprint: str
    encoder: str
    facts: FactTable
    labels: tuple[str, ...]
    concept_vectors: Floats
    film_lengths: Floats
    encoded: int = 0

    def save(self, folder: str | Path) -> None:
        """Write the index into a folder, which may hold an older one.

        Raises:
            OSError: the folder cannot be written.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        names = {}
        for name, array in self._arrays().items():
            names[name] = _write_array(folder, name, array)
        manifest = {
            "format": FORMAT,
            "fingerprint": self.fingerprint,
            "encoder": self.encoder,
            "arrays": names,
            "keys": self.facts.keys,
            "concepts": self.facts.concepts,
            "labels": self.labels,
        }
        partial = folder / f".{MANIFEST}.{os.getpid()}"
        partial.write_text(canonical_json(manifest), encoding="utf-8")
        partial.replace(folder / MANIFEST)
        for path in folder.glob("*.npy"):
            if path.name not in names.values():
                path.unlink()

    def _arrays(self) -> Mapping[str, Any]:
        found = {
            field.name: getattr(self.facts, field.name)
            for field in fields(self.facts)
            if field.name not in _LISTS
        }
        return found | {
            "concept_vectors": self.concept_vectors,
            "film_lengths": self.film_lengths,
        }


def build_index(
    graph: MovieGraph, encoder: Encoder, previous: FilmIndex | None = None
) -> FilmIndex:
    """Return the index of a graph; what `previous` has encoded with this encoder is not done again.

    Raises:
        ModelError: the encoder cannot be loaded, or returns no vectors.
    """
    index = graph.index
    facts = make_table(index)
    labels = tuple(_label(index, iri) for iri in facts.concepts)
    known: dict[str, Any] = {}
    if previous is not None and previous.encoder == encoder.name:
        known = dict(zip(previous.labels, previous.concept_vectors, strict=True))
    # texts of like length make batches without padding
    new = sorted({label for label in labels if label not in known}, key=lambda t: (len(t), t))
    known |= dict(zip(new, _encode(encoder, new), strict=True))
    rows = [known[label] for label in labels]
    vectors = np.stack(rows).astype(np.float32) if rows else np.zeros((0, 1), np.float32)
    return FilmIndex(
        fingerprint=graph.fingerprint,
        encoder=encoder.name,
        facts=facts,
        labels=labels,
        concept_vectors=vectors,
        film_lengths=_mean_lengths(facts, vectors),
        encoded=len(new),
    )


def open_index(folder: str | Path, graph: MovieGraph | None = None) -> FilmIndex:
    """Return the index of a folder, its arrays memory-mapped.

    Raises:
        GraphError: there is none, it is damaged, or it is of another graph than `graph`.
    """
    path = Path(folder) / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
        if manifest["format"] != FORMAT:
            raise GraphError(
                f"{path}: format {manifest['format']!r} is not {FORMAT}; delete the folder, and "
                "the index is made again"
            )
        arrays: dict[str, Any] = {
            name: np.load(path.parent / file, mmap_mode="r", allow_pickle=False)
            for name, file in manifest["arrays"].items()
        }
        vectors = {name: arrays.pop(name) for name in ("concept_vectors", "film_lengths")}
        lists: dict[str, Any] = {name: tuple(manifest[name]) for name in _LISTS}
        found = FilmIndex(
            fingerprint=manifest["fingerprint"],
            encoder=manifest["encoder"],
            facts=FactTable(**arrays, **lists),
            labels=tuple(manifest["labels"]),
            **vectors,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GraphError(
            f"{path}: no index of films can be read there ({error}); delete the folder, and the "
            "index is made again"
        ) from error
    if graph is not None and found.fingerprint != graph.fingerprint:
        raise GraphError(
            f"{path}: the index is of another graph ({found.fingerprint[:12]}, not "
            f"{graph.fingerprint[:12]}); give another folder, or bring it up to date with "
            "Recommender(graph, folder=...)"
        )
    return found


def find_index(graph: MovieGraph, encoder: Encoder, folder: str | Path | None = None) -> FilmIndex:
    """Return the index of a graph from its folder, made or brought up to date where needed.

    Raises:
        GraphError: the folder holds an index that is damaged.
        ModelError: the encoder cannot be loaded, or returns no vectors.
    """
    previous = None
    if folder is not None and (Path(folder) / MANIFEST).exists():
        previous = open_index(folder)
        if previous.fingerprint == graph.fingerprint and previous.encoder == encoder.name:
            return previous
    made = build_index(graph, encoder, previous)
    if folder is not None:
        made.save(folder)
    return made


def _write_array(folder: Path, name: str, array: Any) -> str:  # noqa: ANN401 - any array
    """Return the file's name, which tells its content: arrays in use are never overwritten."""
    array = np.ascontiguousarray(array)
    digest = hashlib.sha256(array.data)
    digest.update(repr((array.shape, array.dtype.str)).encode())
    file = f"{name}-{digest.hexdigest()[:16]}.npy"
    if not (folder / file).exists():
        partial = folder / f".{file}.{os.getpid()}"
        with partial.open("wb") as stream:
            np.save(stream, array, allow_pickle=False)
        partial.replace(folder / file)
    return file


def _encode(encoder: Encoder, texts: Sequence[str]) -> Sequence[Any]:
    """Return a vector per text; the bar shows on a terminal, where it takes its time."""
    vectors: list[Any] = []
    with tqdm(
        total=len(texts), desc="meanings", unit=" texts", disable=None, delay=2, leave=False
    ) as bar:
        for start in range(0, len(texts), _BATCH):
            batch = texts[start : start + _BATCH]
            vectors += list(encoder(batch))
            bar.update(len(batch))
    return vectors


def _label(index: GraphIndex, iri: str) -> str:
    node = index.nodes.get(iri)
    return node.label if node else iri


def _mean_lengths(facts: FactTable, vectors: Floats) -> Floats:
    """Return the length of each film's weighed sum of concept vectors, 1 for one without any."""
    films = len(facts)
    lengths = np.ones(films, np.float32)
    weights = rarity(facts)
    for first in range(0, films, _BATCH):
        block = np.arange(first, min(first + _BATCH, films), dtype=np.int32)
        lists = facts.gather(block)
        some = np.flatnonzero(np.diff(lists.starts))
        if len(some):
            weighed = vectors[lists.places] * weights[lists.places, None]
            sums = np.add.reduceat(weighed, lists.starts[some])
            lengths[block[some]] = np.linalg.norm(sums, axis=1)
    return np.where(lengths > 0, lengths, 1).astype(np.float32)


def rarity(facts: FactTable) -> Floats:
    """Return a weight per concept: the logarithm of how few films are about it."""
    counts = np.bincount(facts.film_concepts, minlength=len(facts.concepts))
    weights: Floats = np.log1p(len(facts) / np.maximum(counts, 1)).astype(np.float32)
    return weights
