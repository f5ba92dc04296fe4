"""How diverse queries are, beside people's and beside slot filling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..schema import Query
from .embeddings import Encoder, Spread, measure_spread
from .lexical_variety import distinct_share, gzip_ratio, self_bleu, tokenize

SAMPLE_SIZE = 1_000  # the measures depend on it; the anchors below were taken at it
_WIDTHS = {"N": 5, "unique": 6, "words": 5, "gzip": 6}
_WIDTHS |= {"dist-1": 6, "dist-2": 6, "dist-3": 6, "dist-4": 6, "sBLEU": 6}
_WIDTHS |= {"Vendi": 6, "chamfer": 7, "cosine": 6}
COLUMNS = tuple(_WIDTHS)  # of every table of varieties, after the name


@dataclass(frozen=True, slots=True)
class Variety:
    """The measures of one set of texts; None where a measure was not taken.

    Attributes:
        texts: how many texts were measured.
        unique: how many of them differ.
        words: mean tokens a text, marks included; anchors of other papers may count words.
        gzip_ratio: lower is more diverse; see `lexical_variety.gzip_ratio`.
        distinct: shares of distinct 1- to 4-grams; higher is more diverse.
        self_bleu: lower is more diverse; see `lexical_variety.self_bleu`.
        spread: of the meanings; None without embeddings.
    """

    texts: int
    unique: int
    words: float
    gzip_ratio: float
    distinct: tuple[float | None, ...]
    self_bleu: float
    spread: Spread | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the measures as plain JSON values."""
        return asdict(self) | {"distinct": list(self.distinct)}


_NOT_KEPT = float("nan")


def _anchor(
    measures: tuple[float, float],
    distinct: tuple[float | None, ...],
    bleu: float,
    spread: tuple[float, float, float],
    texts: int = SAMPLE_SIZE,
    unique: int | None = None,
) -> Variety:
    return Variety(texts, unique or texts, *measures, distinct, bleu, Spread(*spread))


# People's queries: unique texts of the MIT Movie Corpus, `eng` and `trivia10k13` (Liu et al. 2013,
# train splits), user turns of INSPIRED (Hayati et al. 2020) and of ReDial's test split (Li et al.
# 2018). Taken once, by the same definitions; `words` may have been counted without marks. Another
# 1,000 rows of `eng` measured by this module: gzip 3.14, distinct-2 .492, self-BLEU .302, Vendi
# 79.1, chamfer .385.
HUMAN_ANCHORS: Mapping[str, Variety] = {
    "people: MIT Movie eng": _anchor(
        (10.2, 3.11), (0.186, 0.505, 0.763, None), 0.303, (79.4, 0.389, _NOT_KEPT)
    ),
    "people: MIT Movie trivia": _anchor(
        (19.9, 2.80), (0.203, 0.603, 0.839, None), 0.212, (90.8, 0.414, _NOT_KEPT)
    ),
    "people: INSPIRED": _anchor(
        (16.6, 2.75), (0.114, 0.491, 0.774, 0.906), 0.315, (66.1, 0.349, 0.222), texts=837
    ),
    "people: ReDial": _anchor(
        (17.0, 2.97), (0.096, 0.382, 0.647, 0.801), 0.458, (53.1, 0.307, 0.278)
    ),
}
# Those other rows of MIT Movie, with its own labels, lower-cased, in place of the entities.
MASKED_ANCHORS: Mapping[str, Variety] = {
    "people: MIT Movie eng": _anchor(
        (8.2, 5.06), (0.045, 0.223, 0.490, 0.724), 0.574, (14.1, 0.091, 0.425), unique=912
    ),
    "people: MIT Movie trivia": _anchor(
        (10.2, 4.75), (0.077, 0.265, 0.497, 0.682), 0.597, (12.7, 0.122, 0.511), unique=946
    ),
}


def mask_entities(query: Query) -> str:
    """Return the text with every entity replaced by its type: what is left without the names.

    Example:
        >>> from moviequery.schema import Entity, EntityType, Intent
        >>> heist = Entity(EntityType.GENRE, "heist", 4, 9)
        >>> mask_entities(Query("any heist movies?", Intent.REC, (heist,)))
        'any genre movies?'
    """
    spans = [(entity.start, entity.end, entity.type.value) for entity in query.entities]
    return replace_spans(query.text, spans)


def replace_spans(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """Return the text with each `[start, end)` replaced by its words; spans do not overlap.

    Example:
        >>> replace_spans("who directed heat", [(13, 17, "title")])
        'who directed title'
    """
    for start, end, words in sorted(spans, reverse=True):
        text = text[:start] + words + text[end:]
    return text


def measure_variety(texts: Sequence[str], encode: Encoder | None = None) -> Variety:
    """Return the measures of all the texts; the meanings only with an encoder.

    Raises:
        ValueError: there are fewer than two texts.

    Example:
        >>> variety = measure_variety(["a heist film", "a sad film"])
        >>> variety.distinct[0], variety.spread
        (0.6666666666666666, None)
    """
    if len(texts) < 2:
        raise ValueError(f"{len(texts)} texts; diversity takes at least 2")
    return Variety(
        texts=len(texts),
        unique=len(set(texts)),
        words=sum(len(tokenize(text)) for text in texts) / len(texts),
        gzip_ratio=gzip_ratio(texts),
        distinct=tuple(distinct_share(texts, n) for n in range(1, 5)),
        self_bleu=self_bleu(texts),
        spread=measure_spread(encode(texts)) if encode else None,
    )


def render_varieties(rows: Mapping[str, Variety]) -> str:
    """Return a table with a row for each set of texts.

    Example:
        >>> print(render_varieties({"people": HUMAN_ANCHORS["people: MIT Movie eng"]}))
        texts      N unique words   gzip dist-1 dist-2 dist-3 dist-4  sBLEU  Vendi chamfer cosine
        people  1000   1000  10.2   3.11   .186   .505   .763      -   .303   79.4    .389      -
    """
    width = max(len("texts"), *map(len, rows))
    lines = [f"{'texts':<{width}} {_lay_out(_WIDTHS)}"]
    lines += [f"{name:<{width}} {_lay_out(list_cells(one))}" for name, one in rows.items()]
    return "\n".join(lines)


def list_cells(one: Variety) -> list[str]:
    """Return the measures as texts, in the order of `COLUMNS`; "-" for one that was not taken."""
    cells = [str(one.texts), str(one.unique), f"{one.words:.1f}", f"{one.gzip_ratio:.2f}"]
    cells += [_decimal(share) for share in (*one.distinct, one.self_bleu)]
    if one.spread is None:
        return [*cells, "-", "-", "-"]
    spread = one.spread
    return [*cells, f"{spread.vendi:.1f}", _decimal(spread.chamfer), _decimal(spread.mean_cosine)]


def _decimal(share: float | None) -> str:
    # nan is the one value that differs from itself
    return "-" if share is None or share != share else f"{share:.3f}".removeprefix("0")


def _lay_out(cells: Iterable[str]) -> str:
    return " ".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS.values(), strict=True))
