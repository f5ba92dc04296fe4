"""The diversity card as files: numbers, Markdown, a picture, and a section of a dataset's card."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import DatasetError, MissingExtraError
from ..metrics.macro_f1.counts import Counts
from ..schema import canonical_json
from ..synthesis.diversity import (
    COLUMNS,
    HUMAN_ANCHORS,
    MASKED_ANCHORS,
    Variety,
    list_cells,
)
from .diversity_card import DiversityCard
from .diversity_plot import draw_card
from .markdown import render_table

NUMBERS, TEXT, PICTURE = "diversity.json", "diversity.md", "diversity.png"
_HEADING = "## Diversity"
_SECTION = re.compile(rf"^{_HEADING}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_NEXT = "## How to make it again"
_SHOWN = 8


def write_report(card: DiversityCard, folder: Path) -> list[str]:
    """Return the names of the files that were written into the folder.

    The picture is left out where matplotlib is not installed.

    Raises:
        DatasetError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [NUMBERS, TEXT]
        try:
            draw_card(card, folder / PICTURE)
            written.append(PICTURE)
        except MissingExtraError:
            (folder / PICTURE).unlink(missing_ok=True)  # an older card's
        _write(folder / NUMBERS, canonical_json(card.to_dict()) + "\n")
        _write(folder / TEXT, render_markdown(card, PICTURE in written))
    except OSError as error:
        raise DatasetError(f"{folder}: cannot be written ({error}); choose another") from error
    return written


def add_section(card: DiversityCard, readme: Path, has_picture: bool) -> None:
    """Put the card into a dataset's README.md, in place of an earlier one.

    Raises:
        DatasetError: the file cannot be read or written.
    """
    try:
        text = readme.read_text(encoding="utf-8")
        section = render_markdown(card, has_picture)
        if _SECTION.search(text):
            text = _SECTION.sub(lambda _: f"{section}\n", text, count=1)
        elif _NEXT in text:
            text = text.replace(_NEXT, f"{section}\n{_NEXT}", 1)
        else:
            text = f"{text.rstrip()}\n\n{section}"
        _write(readme, text)
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{readme}: cannot be changed ({error})") from error


def render_markdown(card: DiversityCard, has_picture: bool = False) -> str:
    """Return the card as a Markdown section."""
    blocks = [
        _HEADING,
        "Measured at equal size, since every measure depends on it. Lower is more diverse for "
        "gzip and self-BLEU, higher for the others.",
        *([f"![Diversity beside people's queries]({PICTURE})"] if has_picture else []),
        _varieties_table({**card.texts, **HUMAN_ANCHORS}),
        "With every entity replaced by its type:",
        _varieties_table({**card.masked, **MASKED_ANCHORS}),
        *_coverage_blocks(card),
        *_score_blocks(card),
    ]
    return "\n\n".join(blocks) + "\n"


def _varieties_table(varieties: Mapping[str, Variety]) -> str:
    rows = [[name, *list_cells(one)] for name, one in varieties.items()]
    return render_table(["texts", *COLUMNS], rows)


def _coverage_blocks(card: DiversityCard) -> Iterator[str]:
    coverage = card.coverage
    if coverage is None:
        return
    yield "What the rows are about; shares of the mentions of films, and of the people named:"
    kinds = {
        "decade": coverage.decades,
        "country": coverage.countries,
        "language": coverage.languages,
        "people": coverage.genders,
    }
    rows = []
    for name, counts in kinds.items():
        shares = list(coverage.shares(counts).items())
        shown = sorted(shares) if name == "decade" else shares[:_SHOWN]
        rows.append([name, ", ".join(f"{label} {share:.1%}" for label, share in shown)])
    yield render_table(["by", "shares"], rows, words=2)
    if card.near_duplicates is not None:
        share = card.near_duplicates / max(1, coverage.rows)
        yield (
            f"Near-duplicates of an earlier row: {card.near_duplicates:,} of {coverage.rows:,} "
            f"({share:.2%}); the most frequent of {len(coverage.frames):,} frames covers "
            f"{coverage.template_rate:.2%} of rows, the most frequent film "
            f"{coverage.film_rate:.2%}."
        )
    if card.separability is not None:
        yield (
            "A classifier of 1- to 3-grams tells the search queries from people's with an AUC of "
            f"{card.separability:.3f} (0.5: not at all; {card.real_texts:,} of each)."
        )


def _score_blocks(card: DiversityCard) -> Iterator[str]:
    if not card.scores:
        return
    yield f"Entity F1 of {card.parser} on {card.scored:,} queries, by what they are about:"
    rows = [
        [name, label, f"{one.rows:,}", f"{one.total.support:,}", *_decimals(one.total)]
        for name, groups in card.scores.items()
        for label, one in groups.items()
    ]
    header = ["by", "group", "queries", "entities", "precision", "recall", "F1"]
    yield render_table(header, rows, words=2)


def _decimals(counts: Counts) -> list[str]:
    return [f"{score:.3f}" for score in (counts.precision, counts.recall, counts.f1)]


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)
