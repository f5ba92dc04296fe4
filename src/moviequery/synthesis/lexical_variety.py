"""How much a set of texts repeats itself in its words: compression, n-grams, self-BLEU.

Every measure depends on the number of texts, so that only sets of one size compare. Compression,
n-grams and self-BLEU are what Shaib et al. (arXiv 2403.00553) found to be enough between them.
"""

from __future__ import annotations

import gzip
import math
import re
from collections import Counter
from collections.abc import Sequence

Tokens = tuple[str, ...]

_TOKEN = re.compile(r"\w+|[^\w\s]")
_ORDER = 4
_HYPOTHESES, _REFERENCES = 200, 500
_FLOOR = 0.1  # stands for no hit at all, as in method 1 of Chen and Cherry (2014)


def tokenize(text: str) -> Tokens:
    r"""Return the lower-cased words and marks of a text: `\w+|[^\w\s]`.

    Example:
        >>> tokenize("What's on?")
        ('what', "'", 's', 'on', '?')
    """
    return tuple(_TOKEN.findall(text.lower()))


def gzip_ratio(texts: Sequence[str]) -> float:
    """Return how many times smaller `gzip -9` makes the texts, joined by newlines.

    Example:
        >>> gzip_ratio(["any heist movies?"] * 100) > 20
        True
    """
    raw = "\n".join(texts).encode()
    return len(raw) / len(gzip.compress(raw, 9, mtime=0))


def distinct_share(texts: Sequence[str], n: int) -> float:
    """Return the distinct n-grams of the texts divided by all of them; 0 where there are none.

    Example:
        >>> distinct_share(["a good film", "a good one"], 2)
        0.75
    """
    grams = Counter(gram for text in texts for gram in _grams(tokenize(text), n))
    return len(grams) / grams.total() if grams else 0.0


def self_bleu(texts: Sequence[str]) -> float:
    """Return the mean BLEU-4 of the first 200 texts against the next 500.

    Fewer than 700 texts are parted 2 to 5; 0 where that leaves no pair. BLEU is that of one
    sentence against all references at once, with 0.1 hits for an order without any: what nltk's
    `sentence_bleu` with `SmoothingFunction(epsilon=0.1).method1` gives, some eighty times faster,
    since nltk counts the n-grams of all references anew for every sentence.

    Example:
        >>> self_bleu(["any good heist movies?"] * 700)
        1.0
    """
    share = len(texts) * _HYPOTHESES // (_HYPOTHESES + _REFERENCES)
    cut = min(_HYPOTHESES, share)
    tokens = [tokenize(text) for text in texts[: cut + _REFERENCES]]
    hypotheses, references = tokens[:cut], tokens[cut:]
    if not hypotheses or not references:
        return 0.0
    ceilings: list[dict[Tokens, int]] = []
    for n in range(1, _ORDER + 1):
        ceiling: dict[Tokens, int] = {}
        for reference in references:
            for gram, count in Counter(_grams(reference, n)).items():
                ceiling[gram] = max(count, ceiling.get(gram, 0))
        ceilings.append(ceiling)
    lengths = sorted({len(reference) for reference in references})
    return math.fsum(_bleu(one, ceilings, lengths) for one in hypotheses) / len(hypotheses)


def _bleu(
    hypothesis: Tokens, ceilings: Sequence[dict[Tokens, int]], lengths: Sequence[int]
) -> float:
    """Return the BLEU of one text; `ceilings` hold how often a reference has each n-gram."""
    total = 0.0
    for n, ceiling in enumerate(ceilings, 1):
        grams = Counter(_grams(hypothesis, n))
        hits = sum(min(count, ceiling.get(gram, 0)) for gram, count in grams.items())
        if n == 1 and not hits:
            return 0.0
        total += math.log((hits or _FLOOR) / max(1, grams.total()))
    size = len(hypothesis)
    closest = min(lengths, key=lambda length: (abs(length - size), length))
    return math.exp(total / len(ceilings) + min(0.0, 1 - closest / size))


def _grams(tokens: Tokens, n: int) -> list[Tokens]:
    return [tokens[i : i + n] for i in range(len(tokens) - n + 1)]
