"""GLiNER as a baseline: an encoder that finds spans of whatever types it is asked for by name."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ModelError, require
from ..modeling.base_model import select_device
from ..schema import ENTITY_TYPES, Entity, EntityType, ParsedQuery
from .baselines import Baseline, SpanBaseline

DEFAULT_MODEL = "urchade/gliner_large-v2.1"
# GLiNER reads the names as words; these say more than the type's own name does.
_NAMES: Mapping[EntityType, str] = {
    EntityType.TITLE: "movie title",
    EntityType.PLOT: "plot",
    EntityType.SETTING: "place or time of the story",
    EntityType.CERTIFICATE: "age rating",
    EntityType.REVIEW: "opinion of viewers",
    EntityType.ORIGIN: "source of the adaptation",
    EntityType.RELATIONSHIP: "sequel, remake or spin-off",
    EntityType.STUDIO: "film studio",
}
_THRESHOLD = 0.5  # GLiNER's own default


def open_gliner(
    name: str, model: str | None = None, device: str | None = None, batch_size: int = 16
) -> Baseline:
    """Return a GLiNER model as a baseline; it needs the package `gliner`.

    Raises:
        MissingExtraError: gliner is not installed.
        ModelError: the model cannot be read.
    """
    gliner = require("gliner", "gliner")
    try:
        network = gliner.GLiNER.from_pretrained(model or DEFAULT_MODEL)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"no GLiNER model can be read from {model or DEFAULT_MODEL!r}: {error}"
        ) from error
    network = network.to(select_device(device)).eval()
    types = {_NAMES.get(each, each.value): each for each in ENTITY_TYPES}

    def read(texts: list[str]) -> list[ParsedQuery]:
        found = network.inference(
            texts, list(types), threshold=_THRESHOLD, flat_ner=True, batch_size=batch_size
        )
        return [
            ParsedQuery(
                text,
                None,
                entities=tuple(
                    Entity(
                        types[span["label"]],
                        text[span["start"] : span["end"]],
                        span["start"],
                        span["end"],
                        score=float(span["score"]),
                    )
                    for span in sorted(spans, key=lambda span: span["start"])
                ),
            )
            for text, spans in zip(texts, found, strict=True)
        ]

    return SpanBaseline(name, ("entities",), ENTITY_TYPES, read)
