"""Texts as the words and word pieces of a BERT tokenizer, with characters of the original text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError

# A tokenizer of UTF-8 takes no lone surrogate.
_SURROGATES = re.compile(r"[\ud800-\udfff]")
# Line ends that a BERT normaliser takes for control characters and drops, joining two words.
_SPACES = str.maketrans(dict.fromkeys("\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029", " "))

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Words:
    """A text in word pieces, and which of them begin its words.

    Attributes:
        pieces: ids, without [CLS] and [SEP].
        firsts: position in `pieces` of the first piece of each word.
        starts: offset of the first character of each word.
        ends: offset after its last character.
    """

    pieces: Ints
    firsts: Ints
    starts: Ints
    ends: Ints

    def number_pieces(self) -> Ints:
        """Return the number of each piece's word."""
        sizes = np.diff(self.firsts, append=len(self.pieces))
        return np.repeat(np.arange(len(self.firsts)), sizes)

    def locate(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the words `[first, last)` that characters `[start, end)` are, None if cut."""
        first = int(np.searchsorted(self.starts, start))
        last = int(np.searchsorted(self.ends, end))
        if first > last or last == len(self.ends):
            return None
        return (first, last + 1) if (self.starts[first], self.ends[last]) == (start, end) else None


class WordTokenizer:
    """Cuts texts into words and word pieces.

    Attributes:
        head: id of the token before a text, [CLS].
        tail: id of the token behind it, [SEP].
    """

    def __init__(self, path: Path) -> None:
        """Read `tokenizer.json`.

        Raises:
            ModelError: it is none, or has no [CLS] and [SEP].
        """
        from tokenizers import Tokenizer

        try:
            self._tokenizer: Any = Tokenizer.from_str(path.read_text("utf-8"))
        except Exception as error:  # tokenizers raises nothing narrower
            raise ModelError(f"{path} is not a tokenizer: {error}") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        # "[SEP]" that somebody types is text
        self._tokenizer.encode_special_tokens = True
        ids: dict[str, int] = self._tokenizer.get_vocab()
        if not ids.keys() >= {"[CLS]", "[SEP]"}:
            raise ModelError(f"{path} has no [CLS] and [SEP]; it is not a BERT tokenizer.")
        self.head, self.tail = ids["[CLS]"], ids["[SEP]"]

    def cut(self, text: str) -> Words:
        """Return the words of any text; none, if it holds nothing but spaces and control marks."""
        if not text.isascii():
            text = _SURROGATES.sub("\ufffd", text)
        encoding = self._tokenizer.encode(text.translate(_SPACES), add_special_tokens=False)
        words = np.asarray(encoding.word_ids, np.int64)
        offsets = np.asarray(encoding.offsets, np.int64).reshape(-1, 2)
        firsts = np.flatnonzero(np.diff(words, prepend=-1))
        lasts = np.append(firsts[1:], len(words)) - 1 if len(firsts) else firsts
        return Words(
            np.asarray(encoding.ids, np.int64), firsts, offsets[firsts, 0], offsets[lasts, 1]
        )


def cut_pieces(words: Words, size: int, overlap: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield windows over the pieces, `(first, last, owned from, owned to)`, all half-open.

    Windows begin and end between words, unless a word alone is longer than `size`; what two of
    them share belongs half to each, so that every piece is owned once.

    Example:
        >>> cut = np.arange(5)
        >>> list(cut_pieces(Words(cut, cut, cut, cut + 1), 4, 2))
        [(0, 4, 0, 3), (2, 5, 3, 5)]
    """
    total = len(words.pieces)
    first = owned = 0
    while first + size < total:
        last = _word_start(words.firsts, first + size)
        last = last if last > first else first + size
        following = _word_start(words.firsts, last - overlap)
        following = following if following > first else last
        middle = (following + last) // 2
        yield first, last, owned, middle
        first, owned = following, middle
    yield first, total, owned, total


def _word_start(firsts: Ints, piece: int) -> int:
    """Return where the word that holds a piece begins."""
    return int(firsts[max(0, int(np.searchsorted(firsts, piece, side="right")) - 1)])
