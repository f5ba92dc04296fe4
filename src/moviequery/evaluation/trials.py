"""What systems are tried on: the leak-free test, the challenge splits, real queries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..corpus.card import CHALLENGE_FOLDER
from ..corpus.dataset import read_queries
from ..errors import DatasetError
from ..metrics.bio import score_bio
from ..metrics.labels import LabelMap
from ..metrics.sentences import read_bio
from ..modeling.nano import read_frames
from ..schema import Query
from ..synthesis.challenge import CHALLENGES
from .answer_files import Replies
from .baselines import understand
from .presets import Preset
from .scoring import INTENT, score_split

TEST = "test"


@dataclass(frozen=True, slots=True)
class Trial:
    """Texts with gold, and how the answers to them are scored.

    Attributes:
        name: its key in `results.json`.
        texts: what is asked.
        score: the scores of the replies by task, as plain JSON values.
        queries: the texts with gold, where they are queries of ours.
        real: whether people wrote them.
    """

    name: str
    texts: tuple[str, ...]
    score: Callable[[Replies], dict[str, Any]]
    queries: tuple[Query, ...] = ()
    real: bool = False

    @property
    def digest(self) -> str:
        """A short digest of the texts."""
        return hashlib.sha256("\0".join(self.texts).encode("utf-8", "replace")).hexdigest()[:16]


def read_own_trials(folder: Path, preset: Preset) -> list[Trial]:
    """Return the test split of a dataset folder and its challenge splits.

    Rows of frames that the base read when it was pre-trained are left out.

    Raises:
        DatasetError: a split has fewer rows than the preset asks for.
    """
    seen = read_frames(preset.model)
    splits = {TEST: take(_leave_out(seen, read_queries(folder)), TEST, preset.test_rows)}
    if preset.challenge_rows:
        harder = _leave_out(seen, read_queries(folder / CHALLENGE_FOLDER))
        splits |= {name: take(harder, name, preset.challenge_rows) for name in CHALLENGES}
    return [_make_own(name, queries) for name, queries in splits.items()]


def _leave_out(
    frames: frozenset[str], splits: Mapping[str, Sequence[Query]]
) -> dict[str, list[Query]]:
    """Return the splits without the rows of some frames."""
    return {
        name: [one for one in rows if not (one.provenance and one.provenance.frame in frames)]
        for name, rows in splits.items()
    }


def take(splits: Mapping[str, Sequence[Query]], name: str, rows: int) -> tuple[Query, ...]:
    """Return the first rows of a split.

    Raises:
        DatasetError: it has fewer.
    """
    queries = splits.get(name, ())
    if len(queries) < rows:
        raise DatasetError(f"the split {name} has {len(queries)} rows, and {rows} are asked for")
    return tuple(queries[:rows])


def read_real_trials(
    bio: Iterable[tuple[str, str]], intents: Iterable[str], rows: int | None
) -> list[Trial]:
    """Return the trials of people's queries.

    Args:
        bio: label map and BIO or CoNLL file, in pairs.
        intents: files of JSON lines with `text` and `intent`.
        rows: the most that are taken of each file, from its beginning.

    Raises:
        EvaluationError: a BIO file or a label map cannot be read.
        DatasetError: a file of intents cannot be read.
    """
    return [
        *(_make_bio(labels, Path(path), rows) for labels, path in bio),
        *(_make_intents(Path(path), rows) for path in intents),
    ]


def _make_own(name: str, queries: tuple[Query, ...]) -> Trial:
    texts = tuple(query.text for query in queries)
    return Trial(name, texts, lambda replies: score_split(replies.by_task, queries), queries)


def _make_bio(labels: str, path: Path, rows: int | None) -> Trial:
    label_map = LabelMap.read(labels)
    sentences = read_bio(path)[:rows]
    texts = tuple(sentence.text for sentence in sentences)

    def score(replies: Replies) -> dict[str, Any]:
        """Score as seqeval does; a system without entities has nothing to score."""
        if "entities" not in replies.by_task:
            return {}
        parsed = [
            understand(text, {"entities": reply})
            for text, reply in zip(texts, replies.by_task["entities"], strict=True)
        ]
        return score_bio(sentences, parsed, label_map).to_dict()

    return Trial(path.stem, texts, score, real=True)


def _make_intents(path: Path, rows: int | None) -> Trial:
    queries = tuple(query for split in read_queries(path).values() for query in split)[:rows]

    def score(replies: Replies) -> dict[str, Any]:
        if INTENT not in replies.by_task:
            return {}
        return score_split({INTENT: replies.by_task[INTENT]}, queries)

    if not queries:
        raise DatasetError(f"{path}: holds no queries")
    return Trial(path.stem, tuple(query.text for query in queries), score, real=True)
