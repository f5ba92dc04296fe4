"""The threshold of the claim check for themes and plots, from labelled phrases.

    python benchmarks/likeness.py

`data/likeness.tsv` has films of the bundled graph and phrases for what they are about, written for
this project and worded unlike the graph. A phrase is true of its film, and false of every other
film of the list that shares no plot, theme or setting with it. The threshold is the highest that
keeps 99 % of the true phrases of every other film; precision and recall (of refusing what is false)
are those of the films between, which it was not chosen on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from moviequery import MovieGraph
from moviequery.knowledge.normalisation import split_title
from moviequery.schema import EntityType
from moviequery.synthesis.likeness import THRESHOLD, measure_likeness

PAIRS = Path(__file__).parent / "data" / "likeness.tsv"
SUBJECTS = (EntityType.PLOT, EntityType.THEME, EntityType.SETTING)
KEPT = 0.99


def main() -> None:
    """Print the threshold and how it does on films that it was not chosen on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.parse_args()
    index = MovieGraph.bundled().index
    scored = score_pairs(index)
    halves = [[(y, s) for number, y, s in scored if number % 2 == half] for half in (0, 1)]
    true = sorted(score for is_true, score in halves[0] if is_true)
    found = true[int(len(true) * (1 - KEPT))]
    print(f"threshold from {len(true)} true phrases: {found:.3f}; in use: {THRESHOLD}")
    for threshold in sorted({round(found, 3), THRESHOLD, 0.2, 0.3, 0.35, 0.4}):
        show(threshold, halves[1])


def score_pairs(index):  # noqa: ANN001, ANN201 - a benchmark's helper
    """Return for each film and phrase: number of the phrase's film, is it true, how near."""
    lines = [line.split("\t") for line in PAIRS.read_text("utf-8").splitlines()]
    films = {name: find_film(index, name) for name, _ in lines}
    scored = []
    for name, phrase in lines:
        own, number = films[name], list(films).index(name)
        for other in films.values():
            if other is own or not subjects(own) & subjects(other):
                scored.append((number, other is own, measure_likeness(index, other, phrase)))
    return scored


def find_film(index, name):  # noqa: ANN001, ANN201
    """Return the film of a title and year."""
    title, year = split_title(name)
    films = [index.film(iri) for iri in index.link(EntityType.TITLE, title)]
    return next(film for film in films if film.year == year)


def subjects(film):  # noqa: ANN001, ANN201
    """Return what a film holds of plots, themes and settings."""
    return {value for kind in SUBJECTS for value in film.facts.get(kind, ())}


def show(threshold, pairs):  # noqa: ANN001, ANN201
    """Print precision and recall of refusing what is false, and how much of the truth is kept."""
    refused = [is_true for is_true, score in pairs if score < threshold]
    false = sum(not is_true for is_true, _ in pairs)
    caught = sum(not is_true for is_true in refused)
    kept = 1 - (len(refused) - caught) / (len(pairs) - false)
    print(
        f"  {threshold:.3f}: of {false:,} false pairs {caught / false:.1%} refused, "
        f"of {len(pairs) - false} true ones {kept:.1%} kept, "
        f"precision of refusals {caught / max(len(refused), 1):.1%}"
    )


if __name__ == "__main__":
    main()
