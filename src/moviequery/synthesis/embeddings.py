"""What a set of texts means: MiniLM embeddings, and how far apart they lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import require
from ..knowledge.minilm import PACKAGE, check_weights

Vectors = npt.NDArray[np.float64]
Encoder = Callable[[Sequence[str]], Vectors]

EXTRA = "diversity"


@dataclass(frozen=True, slots=True)
class Spread:
    """How far apart the meanings of texts lie.

    Attributes:
        vendi: how many texts that have nothing in common would vary as much (arXiv 2210.02410).
        chamfer: mean cosine distance of a text from its nearest neighbour.
        mean_cosine: mean similarity over all pairs.
    """

    vendi: float
    chamfer: float
    mean_cosine: float


def load_minilm() -> Encoder:
    """Return a function from texts to unit vectors, a row each, on the CPU.

    The model is sentence-transformers/all-MiniLM-L6-v2, from a package that carries the weights,
    so that nothing is downloaded.

    Raises:
        MissingExtraError: the extra `diversity` is not installed.
        ModelError: the package's weights are not those that were published.
    """
    folder = check_weights(Path(require(PACKAGE, EXTRA).get_model_path()))
    transformers: Any = require("sentence_transformers", EXTRA)
    model = transformers.SentenceTransformer(str(folder), device="cpu")

    def encode(texts: Sequence[str]) -> Vectors:
        vectors = model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float64)

    return encode


def measure_spread(vectors: Vectors) -> Spread:
    """Return how far apart unit vectors lie; there must be at least two.

    Raises:
        MissingExtraError: the extra `diversity` is not installed.
        ValueError: there are fewer than two vectors.
    """
    count = len(vectors)
    if count < 2:
        raise ValueError(f"{count} vectors; a spread takes at least 2")
    vendi: Any = require("vendi_score.vendi", EXTRA)
    similarities = vectors @ vectors.T
    mean = (similarities.sum() - np.trace(similarities)) / (count * (count - 1))
    np.fill_diagonal(similarities, -np.inf)
    return Spread(
        vendi=float(vendi.score_dual(vectors)),
        # rounding may put a text's likeness to its own copy a hair above 1
        chamfer=float((1 - similarities.max(axis=1)).clip(min=0).mean()),
        mean_cosine=float(mean),
    )
