"""Functions from texts to unit vectors: a sentence-transformers model, or letters and words alone.

The model needs the extra `films`. Without it, texts are as alike as the words and the groups of
three letters that they share; "robbery" is then no heist.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ModelError, require
from ..knowledge.minilm import MINILM, PACKAGE, check_weights, find_packaged
from ..knowledge.normalisation import fold

Vectors = npt.NDArray[np.float32]
Encode = Callable[[Sequence[str]], Any]

EXTRA = "films"
AUTO = "auto"
LEXICAL = "lexical"
_WIDTH = 384  # as wide as MiniLM; of a label's twenty features, one in a thousand pairs collides
_WORD_WEIGHT = 0.5
_WORD_PLACES = 4  # a word that meets another by chance in one place is not taken for it
_LETTERS_WEIGHT = 0.3
# Words that say nothing of what a film is about.
_STOP_WORDS = """
    a about an and any are as at by do for from get give good i in is it like me movie movies film
    films flick something of on or show some that the their they this to want watch where which who
    with you
"""
_SAYING_LITTLE = frozenset(_STOP_WORDS.split())


class Encoder:
    """A named function from texts to unit vectors, loaded when first used.

    Attributes:
        name: tells indexes of different encoders apart.
    """

    def __init__(self, name: str, load: Callable[[], Encode]) -> None:
        """Keep how to load the function; nothing is imported yet."""
        self.name = name
        self._load = load
        self._encode: Encode | None = None

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return a unit vector per text, a row each; a row of zeros where there is nothing in it.

        Raises:
            ModelError: the function does not return a row of finite numbers for each text.
        """
        if self._encode is None:
            self._encode = self._load()
        vectors = np.asarray(self._encode(list(texts)), dtype=np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise ModelError(
                f"encoder {self.name!r} returned an array of shape {vectors.shape} for "
                f"{len(texts)} texts; it must return one row of finite numbers per text"
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = (vectors / (lengths + (lengths == 0))).astype(np.float32)
        return unit


def find_encoder(encoder: str | Path | Encode | None = AUTO) -> Encoder:
    """Return the encoder that is meant.

    Args:
        encoder: "auto" is MiniLM if the extra `films` is installed, else as None; None or
            "lexical" compares words and letters; a text or path is a sentence-transformers model;
            a function from texts to vectors is taken as it is, under its `name` or `__name__`.

    Example:
        >>> first, second, third = find_encoder(None)(["bank robbery", "bank robbers", "dragons"])
        >>> bool(first @ second > 0.5 > first @ third)
        True
    """
    if isinstance(encoder, Encoder):
        return encoder
    if encoder == AUTO:
        encoder = MINILM if all(map(find_spec, ("sentence_transformers", PACKAGE))) else None
    if encoder is None or encoder == LEXICAL:
        return Encoder(LEXICAL, lambda: encode_letters)
    if isinstance(encoder, str | Path):
        source = str(encoder)
        return Encoder(source, lambda: _load_model(source))
    function = encoder
    name = getattr(function, "name", None) or getattr(function, "__name__", type(function).__name__)
    return Encoder(str(name), lambda: function)


def encode_letters(texts: Sequence[str]) -> Vectors:
    """Return a vector per text of its words and groups of three letters, hashed; no unit length.

    Words that say little ("the", "movie") do not count, unless there are no others.
    """
    vectors = np.zeros((len(texts), _WIDTH), np.float32)
    for row, text in enumerate(texts):
        words = fold(text).split()
        for word in [word for word in words if word not in _SAYING_LITTLE] or words:
            for place in range(_WORD_PLACES):
                _add(vectors[row], f"{place} {word}", _WORD_WEIGHT)
            padded = f" {word} "
            for start in range(len(padded) - 2):
                _add(vectors[row], padded[start : start + 3], _LETTERS_WEIGHT)
    return vectors


def _add(vector: npt.NDArray[np.float32], feature: str, weight: float) -> None:
    # half of the features count down, so that those which meet by chance cancel out
    code = zlib.crc32(feature.encode("utf-8", "surrogatepass"))
    vector[(code >> 1) % _WIDTH] += weight if code & 1 else -weight


def _load_model(source: str) -> Encode:
    """Return the encode function of a sentence-transformers model, on the CPU.

    Raises:
        MissingExtraError: the extra `films` is not installed.
        ModelError: the model cannot be loaded, or the weights are not those that were published.
    """
    library: Any = require("sentence_transformers", EXTRA)
    folder = _find_minilm() if source == MINILM else source
    try:
        model = library.SentenceTransformer(folder, device="cpu")
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{source}: cannot be loaded as a sentence-transformers model ({error}); give a "
            f"folder, a Hub id, or {MINILM}"
        ) from error

    def encode(texts: Sequence[str]) -> Vectors:
        vectors = model.encode(list(texts), show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    return encode


def _find_minilm() -> str:
    """Return the folder of MiniLM in the package that carries it, or its id where there is none."""
    folder = find_packaged()
    return str(check_weights(folder)) if folder else MINILM
