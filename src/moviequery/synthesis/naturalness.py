"""How well a simple classifier tells synthetic texts from what people typed."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from ..errors import EvaluationError, require

_EXTRA = "diversity"
_FOLDS = 5
_FEWEST = 50  # of each side, so that a fold still holds ten


def measure_separability(synthetic: Sequence[str], real: Sequence[str], seed: int = 0) -> float:
    """Return the AUC of telling synthetic texts from real ones: 0.5 cannot, 1 always can.

    A logistic regression (C = 5) over lower-cased TF-IDF of 1- to 3-grams of words that occur in
    two texts or more, cross-validated over 5 folds, on as many texts of one side as of the other.
    Its features stay inside: they would spell out the real texts.

    Raises:
        EvaluationError: a side has fewer than 50 texts.
        MissingExtraError: scikit-learn is not installed.
    """
    count = min(len(synthetic), len(real))
    if count < _FEWEST:
        raise EvaluationError(
            f"{len(synthetic)} synthetic and {len(real)} real texts; naturalness takes at least "
            f"{_FEWEST} of each"
        )
    text: Any = require("sklearn.feature_extraction.text", _EXTRA)
    linear: Any = require("sklearn.linear_model", _EXTRA)
    selection: Any = require("sklearn.model_selection", _EXTRA)
    pipeline: Any = require("sklearn.pipeline", _EXTRA)
    rng = Random(seed)
    texts = [*rng.sample(synthetic, count), *rng.sample(real, count)]
    labels = [1] * count + [0] * count
    classifier = pipeline.make_pipeline(
        text.TfidfVectorizer(ngram_range=(1, 3), min_df=2, lowercase=True),
        linear.LogisticRegression(C=5, max_iter=1_000),
    )
    folds = selection.StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    scores = selection.cross_val_score(classifier, texts, labels, cv=folds, scoring="roc_auc")
    return float(scores.mean())
