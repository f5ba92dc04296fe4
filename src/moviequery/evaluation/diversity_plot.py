"""The diversity card as one picture: bars beside people's queries, and who the rows are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import require
from ..synthesis.diversity import HUMAN_ANCHORS, MASKED_ANCHORS, Variety
from ..synthesis.film_groups import DECADE, NO_FILM, NOBODY
from .diversity_card import OURS, SLOT_FILLING, DiversityCard

_EXTRA = "diversity"
_COLOURS = {OURS: "#1f6fb4", SLOT_FILLING: "#c8553d"}
_PEOPLE_COLOUR = "#8a8a8a"
_SHOWN = 8  # countries and languages
_Measure = Callable[[Variety], float | None]
_MEASURES: Mapping[str, _Measure] = {
    "gzip ratio (lower is better)": lambda one: one.gzip_ratio,
    "self-BLEU-4 (lower is better)": lambda one: one.self_bleu,
    "distinct-2 (higher is better)": lambda one: one.distinct[1],
    "Vendi score (higher is better)": lambda one: one.spread.vendi if one.spread else None,
    "chamfer (higher is better)": lambda one: one.spread.chamfer if one.spread else None,
}


def draw_card(card: DiversityCard, path: Path) -> None:
    """Write the picture as PNG; the same card gives the same bytes.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figures = require("matplotlib.figure", _EXTRA)
    sets = {
        "": {**card.texts, **HUMAN_ANCHORS},
        ", names masked": {**card.masked, **MASKED_ANCHORS},
    }
    shares = dict(_list_shares(card))
    figure = figures.Figure(  # drawn without a display
        figsize=(20, 6 if not shares else 9.5), layout="constrained"
    )
    grid = figure.add_gridspec(3 if shares else 2, len(_MEASURES))
    for row, (suffix, varieties) in enumerate(sets.items()):
        for column, (name, measure) in enumerate(_MEASURES.items()):
            axes = figure.add_subplot(grid[row, column])
            known = {label: measure(one) for label, one in varieties.items()}
            _draw_bars(
                axes, {label: value for label, value in known.items() if value is not None}, column
            )
            axes.set_title(name + suffix, fontsize=9)
    for column, (name, parts) in enumerate(shares.items()):
        axes = figure.add_subplot(grid[2, column])
        _draw_shares(axes, parts)
        axes.set_title(name, fontsize=9)
    partial = path.with_name(f".{path.name}.partial")
    # without the default metadata the same numbers give the same bytes
    figure.savefig(partial, format="png", dpi=90, metadata={"Software": None})
    partial.replace(path)


def _list_shares(card: DiversityCard) -> Iterator[tuple[str, dict[str, float]]]:
    coverage = card.coverage
    if coverage is None:
        return
    decades = coverage.shares(coverage.decades)
    yield "share by decade of film", dict(sorted(decades.items()))
    for name, counts in (("country", coverage.countries), ("language", coverage.languages)):
        yield f"share by {name} of film", dict(list(coverage.shares(counts).items())[:_SHOWN])
    yield "people named", coverage.shares(coverage.genders)
    if card.scores:
        yield (
            "F1 of the parser by group",
            {
                f"{name}: {label}": scores.micro_f1
                for name, groups in card.scores.items()
                if name != DECADE
                for label, scores in groups.items()
                if label not in (NO_FILM, NOBODY)
            },
        )


def _draw_bars(axes: Any, values: Mapping[str, float], column: int) -> None:  # noqa: ANN401
    colours = [_COLOURS.get(name, _PEOPLE_COLOUR) for name in values]
    bars = axes.barh(list(values), list(values.values()), color=colours)
    axes.bar_label(bars, labels=[f"{value:.3g}" for value in values.values()], fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.tick_params(labelsize=8, labelleft=column == 0)


def _draw_shares(axes: Any, parts: Mapping[str, float]) -> None:  # noqa: ANN401
    bars = axes.barh(list(parts), list(parts.values()), color=_COLOURS[OURS])
    axes.bar_label(bars, labels=[f"{share:.1%}" for share in parts.values()], fontsize=7)
    axes.invert_yaxis()
    axes.margins(x=0.2)
    axes.tick_params(labelsize=7)
