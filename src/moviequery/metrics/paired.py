"""How much better one system is than another on the same rows, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import EvaluationError
from .macro_f1.counts import Counts

_DRAWS = 100  # resamples held at once


def bootstrap_difference(
    first: Sequence[Sequence[Counts]],
    second: Sequence[Sequence[Counts]],
    resamples: int = 1000,
    seed: int = 0,
) -> list[float]:
    """Return the 95% percentile interval of the second's mean F1 less the first's.

    Each resample draws rows with replacement, the same ones for both, so that a hard row weighs on
    both sides. The mean is taken over the columns with gold support in the resample, as in
    `average_f1`; [0.0, 0.0] where there is no gold at all.

    Args:
        first: counts of each row, one column per class.
        second: of the same rows and classes.
        resamples: how many.
        seed: of the draws.

    Raises:
        EvaluationError: the two are not of the same rows and classes.

    Example:
        >>> wrong, right = [[Counts(fn=1)]] * 3, [[Counts(tp=1)]] * 3
        >>> bootstrap_difference(wrong, right)
        [1.0, 1.0]
    """
    if [len(row) for row in first] != [len(row) for row in second]:
        raise EvaluationError(
            f"{len(first)} rows and {len(second)}, or unequal columns: compare systems on the "
            "same rows and classes"
        )
    gold = [
        i for i, column in enumerate(zip(*first, strict=True)) if any(c.support for c in column)
    ]
    if not gold:
        return [0.0, 0.0]
    import numpy as np

    table = np.array(
        [
            [n for side in pair for i in gold for n in (side[i].tp, side[i].fp, side[i].fn)]
            for pair in zip(first, second, strict=True)
        ]
    )
    # rows of equal counts are drawn together; sorted by unique, so that row order is irrelevant
    kinds, sizes = np.unique(table, axis=0, return_counts=True)
    # RandomState's stream is frozen for good, default_rng's may change between numpy versions
    generator = np.random.RandomState(seed)
    gains: list[float] = []
    for start in range(0, resamples, _DRAWS):
        size = min(_DRAWS, resamples - start)
        drawn = generator.multinomial(len(table), sizes / len(table), size=size)
        sums = (drawn @ kinds).reshape(size, 2, len(gold), 3)
        tp, fp, fn = np.moveaxis(sums, 3, 0)
        f1 = 2 * tp / np.maximum(2 * tp + fp + fn, 1)
        held = tp + fn > 0
        means = (f1 * held).sum(axis=2) / np.maximum(held.sum(axis=2), 1)
        gains.extend(means[:, 1] - means[:, 0])
    return [float(edge) for edge in np.percentile(gains, [2.5, 97.5])]


def bootstrap_rate(
    first: Sequence[bool], second: Sequence[bool], resamples: int = 1000, seed: int = 0
) -> list[float]:
    """Return the 95% percentile interval of the second's share of True less the first's.

    Example:
        >>> bootstrap_rate([False, False], [True, True])
        [1.0, 1.0]
    """
    import numpy as np

    gains = np.asarray(second, dtype=int) - np.asarray(first, dtype=int)
    kinds, sizes = np.unique(gains, return_counts=True)
    generator = np.random.RandomState(seed)
    drawn = generator.multinomial(len(gains), sizes / len(gains), size=resamples)
    means = drawn @ kinds / len(gains)
    return [float(edge) for edge in np.percentile(means, [2.5, 97.5])]
