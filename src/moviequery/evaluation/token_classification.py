"""Token-classification models of transformers as baselines, by a map of their labels to our types.

The paper compares with two of them: a general one, whose nearest label to a film is MISC, and one
that was trained on film queries.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ModelError, require
from ..metrics.labels import LabelMap
from ..modeling.base_model import select_device
from ..schema import ENTITY_TYPES, Entity, EntityType, ParsedQuery
from .baselines import Baseline, SpanBaseline

# Section IV of the paper names the models; these are where the Hub has them.
PRESETS: Mapping[str, str] = {
    "bert-base-NER": "dslim/bert-base-NER",
    "roberta-movie-w-title": "planeB/roberta_movie_w_title",
}
# Labels of the usual corpora that do not bear the name of the type they mean. CoNLL 2003 counts
# works of art as MISC; who a person is to a film, it does not say, and most are actors.
_KNOWN_LABELS: Mapping[str, EntityType] = {
    "misc": EntityType.TITLE,
    "work_of_art": EntityType.TITLE,
    "movie": EntityType.TITLE,
    "movie_title": EntityType.TITLE,
    "per": EntityType.ACTOR,
    "person": EntityType.ACTOR,
    "loc": EntityType.SETTING,
    "gpe": EntityType.SETTING,
    "org": EntityType.STUDIO,
    "date": EntityType.YEAR,
    "character_name": EntityType.CHARACTER,
    "soundtrack": EntityType.SONG,
    "opinion": EntityType.REVIEW,
    "ratings_average": EntityType.RATING,
}
_TRUNCATED = 512  # word pieces that BERT and RoBERTa have positions for


def open_token_classifier(
    name: str,
    model: str,
    labels: str | Path | None = None,
    device: str | None = None,
    batch_size: int = 16,
) -> Baseline:
    """Return a token-classification model as a baseline.

    Without a label map, labels that bear the name of one of our types mean it, and the labels of
    CoNLL, OntoNotes and the MIT movie corpora mean what comes nearest; others are left out.

    Args:
        name: for tables.
        model: folder or Hub id.
        labels: a label map, bundled or TOML; of several types of one label, the type of the same
            name is meant, else the first.
        device: such as `cuda:0`; the best there is by default.
        batch_size: texts at a time.

    Raises:
        ModelError: the model cannot be loaded, or not one of its labels means a type.
        EvaluationError: the label map cannot be read.
    """
    pipe = _load_pipeline(model, select_device(device))
    own = _strip_prefixes(pipe.model.config.id2label.values())
    table = None if labels is None else _invert(labels)
    meant = {label: _find_type(label, table) for label in own}
    types = {label: kind for label, kind in meant.items() if kind is not None}
    if not types:
        raise ModelError(
            f"{model}: none of its labels {own} means one of our types; give a label map with "
            'lines such as title = "WORK_OF_ART"'
        )
    found = set(types.values())

    def read(texts: list[str]) -> list[ParsedQuery]:
        return (
            [
                ParsedQuery(text, None, entities=_to_entities(text, spans, types))
                for text, spans in zip(texts, pipe(texts, batch_size=batch_size), strict=True)
            ]
            if texts
            else []
        )

    return SpanBaseline(name, ("entities",), tuple(t for t in ENTITY_TYPES if t in found), read)


def _load_pipeline(model: str, device: str) -> Any:  # noqa: ANN401
    transformers = require("transformers", "train")
    try:
        network = transformers.AutoModelForTokenClassification.from_pretrained(
            model, trust_remote_code=False
        )
        tokenizer = transformers.AutoTokenizer.from_pretrained(model, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"No token-classification model can be read from {model!r}: {error}"
        ) from error
    if not tokenizer.is_fast:
        raise ModelError(f"The tokenizer of {model!r} has no fast form, which gives no offsets.")
    tokenizer.model_max_length = min(tokenizer.model_max_length, _TRUNCATED)
    # "first": a word is what its first piece says, so that no span ends within a word
    return transformers.pipeline(
        "token-classification",
        model=network.eval(),
        tokenizer=tokenizer,
        aggregation_strategy="first",
        device=device,
    )


def _strip_prefixes(tags: Any) -> list[str]:  # noqa: ANN401
    """Return the labels of BIO or BIOES tags, each once, sorted."""
    labels = {tag[2:] if tag[:2] in ("B-", "I-", "E-", "S-") else tag for tag in tags}
    return sorted(labels - {"O"})


def _find_type(label: str, table: Mapping[str, EntityType] | None) -> EntityType | None:
    folded = label.casefold()
    if table is not None:
        return table.get(folded)
    by_name = {name: each for each in ENTITY_TYPES for name in (each.value, each.field)}
    return by_name.get(folded) or _KNOWN_LABELS.get(folded)


def _invert(labels: str | Path) -> dict[str, EntityType]:
    """Return the type that each label of a map means, the labels without case."""
    table: dict[str, EntityType] = {}
    for entity_type, label in LabelMap.read(labels).labels.items():
        if label.casefold() == entity_type.value or label.casefold() not in table:
            table[label.casefold()] = entity_type
    return table


def _to_entities(
    text: str, spans: list[dict[str, Any]], types: Mapping[str, EntityType]
) -> tuple[Entity, ...]:
    entities: list[Entity] = []
    for span in sorted(spans, key=lambda span: int(span["start"])):
        start, end = int(span["start"]), int(span["end"])
        # byte-level vocabularies count the space before a word as a part of it
        start += len(text[start:end]) - len(text[start:end].lstrip())
        kind = types.get(span["entity_group"])
        if kind is not None and start < end and (not entities or start >= entities[-1].end):
            score = float(span["score"])
            entities.append(Entity(kind, text[start:end], start, end, score=score))
    return tuple(entities)
