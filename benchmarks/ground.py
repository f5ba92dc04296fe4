"""Precision and recall of the claim check on true sentences and on the same with a fact altered.

    python benchmarks/ground.py --n 1000

`ground_patterns.toml` has the sentences, which are none of the grammar's; films and facts are those
of the bundled graph, plots in other words than the graph's. Half of the texts are true: claims,
denials, and wishes for what the film has not. In the other half one fact of a claim is altered, to
another film's or another role's, where the rules close the world: a cast of five or more, three
themes or more. A text is refused if a claim of it is false.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from collections import Counter
from pathlib import Path
from random import Random

from moviequery import MovieGraph, QueryParser
from moviequery.schema import EntityType
from moviequery.synthesis.claims import check_claims
from moviequery.synthesis.truth import OPINIONS

PATTERNS = Path(__file__).parent / "ground_patterns.toml"
SLOT = re.compile(r"\{(a-)?(other-)?([a-z]+)\}")
CLOSED_CAST, KNOWN_THEMES = 5, 3
GOAL_PASSED = 0.98
TRIES = 200
SUBJECTS = (EntityType.PLOT, EntityType.THEME, EntityType.GENRE)
ABOUTNESS = (EntityType.PLOT, EntityType.THEME, EntityType.MOOD, EntityType.SETTING)


def main() -> None:
    """Write the texts, check them, print what was refused."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1_000, help="texts, half of them true")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--show", action="store_true", help="print the texts that go wrong")
    options = parser.parse_args()
    index = MovieGraph.bundled().index
    texts = list(TextWriter(index, options.seed).write(options.n))
    parsed = QueryParser.from_pretrained().parse([text for text, _ in texts])
    counts: Counter[tuple[str, bool]] = Counter()
    for (text, altered), query in zip(texts, parsed, strict=True):
        false = [claim for claim in check_claims(query, index) if claim.verdict == "false"]
        counts[altered, bool(false)] += 1
        if options.show and bool(false) != altered.startswith("false"):
            print(f"{altered}: {text}", *(f"    {claim.reason}" for claim in false), sep="\n")
    show(counts)


def show(counts):  # noqa: ANN001, ANN201 - a benchmark's helper
    """Print refusals per kind of text, precision and recall."""
    for kind in sorted({kind for kind, _ in counts}):
        refused, total = counts[kind, True], counts[kind, True] + counts[kind, False]
        print(f"{kind:<18} {total:>5} texts, {refused:>5} refused ({refused / total:.1%})")
    caught = sum(n for (kind, refused), n in counts.items() if refused and kind[0] == "f")
    false = sum(n for (kind, _), n in counts.items() if kind[0] == "f")
    wrong = sum(n for (kind, refused), n in counts.items() if refused and kind[0] == "t")
    true = sum(n for (kind, _), n in counts.items() if kind[0] == "t")
    print(f"recall {caught / false:.2%} of {false}, precision {caught / (caught + wrong):.2%}")
    print(f"true texts that pass: {1 - wrong / true:.2%} of {true} (goal {GOAL_PASSED:.0%})")


class TextWriter:
    """Writes sentences about films of a graph, true ones and altered ones by turns."""

    def __init__(self, index, seed):  # noqa: ANN001, ANN204
        """Read the patterns, and choose the films of which enough is known."""
        self.index, self.seed = index, seed
        read = tomllib.loads(PATTERNS.read_text("utf-8"))
        self.words = read.pop("words")
        self.patterns = read
        self.films = [
            film
            for film in index.films
            if {EntityType.DIRECTOR, EntityType.ACTOR, EntityType.GENRE} <= set(film.facts)
            and sum(len(film.facts.get(kind, ())) for kind in ABOUTNESS) >= KNOWN_THEMES
            and len(index.link(EntityType.TITLE, film.title)) == 1
        ]

    def write(self, n):  # noqa: ANN001, ANN201
        """Yield n texts, each with what it is: "true claims", "false director", ..."""
        number = 0
        while n > 0:
            rng = Random(f"{self.seed}:{number}")
            number += 1
            kind = rng.choice(["claims"] * 6 + ["denials", "wishes"])
            film = rng.choice(self.films)
            pattern = rng.choice(self.patterns[kind])
            altered = bool(n % 2) and kind != "wishes"
            text = self._fill(pattern, film, altered, rng)
            if text is not None:
                n -= 1
                yield text

    def _fill(self, pattern, film, altered, rng):  # noqa: ANN001, ANN202
        """Return a text and what it is, or None where the film has no such fact."""
        slots = sorted({match[3] for match in SLOT.finditer(pattern) if not match[2]} - {"title"})
        false_slot = rng.choice(slots) if altered else None
        values = {"title": film.title}
        for article, other, slot in SLOT.findall(pattern):
            if slot not in values or other:
                draw = self._draw_other if other or slot == false_slot else self._draw
                value = draw(slot, film, rng)
                if value is None:
                    return None
                values[f"{other}{slot}"] = value
            _ = article
        text = SLOT.sub(lambda match: say(match, values), pattern)
        kind = next(name for name, lines in self.patterns.items() if pattern in lines)
        return text, f"false {false_slot}" if altered else f"true {kind}"

    def _draw(self, slot, film, rng):  # noqa: ANN001, ANN202
        """Return a true value of a slot."""
        if slot == "absent":
            return self._draw_other("actor", film, rng)
        if slot == "year":
            return str(film.year)
        values = film.facts.get(EntityType(slot), ())
        labels = [self.index.nodes[value].label for value in values if value in self.index.nodes]
        if slot == "plot":
            labels = [self._reword(label) for label in labels if is_phrase(label)]
        if slot == "setting":
            labels = [label for label in labels if label[0].isupper()]
        return rng.choice(labels) if labels else None

    def _draw_other(self, slot, film, rng):  # noqa: ANN001, ANN202
        """Return a value of a slot that is false of the film, if the rules can know it."""
        if slot == "absent":
            return self._draw("actor", film, rng)
        if slot == "year":
            return str(film.year + rng.choice([-1, 1]) * rng.randint(2, 20))
        if slot == "actor" and len(film.facts[EntityType.ACTOR]) < CLOSED_CAST:
            return None
        for _ in range(TRIES):
            other = rng.choice(self.films)
            value = self._draw(slot, other, rng)
            if value and self._is_false(slot, film, other, value):
                return value
        return None

    def _is_false(self, slot, film, other, value):  # noqa: ANN001, ANN202
        """Return whether a value of another film is false of this one."""
        kind = EntityType(slot)
        if kind is EntityType.PLOT:
            return not subjects(film) & subjects(other)
        held = film.facts.get(kind, ())
        values = self.index.link(kind, value)
        if set(values) & OPINIONS:
            return False
        if not held or any(self._is_near(one, own) for one in values for own in held):
            return False
        if kind is EntityType.SETTING:
            return any(self.index.nodes[own].label[0].isupper() for own in held)
        people = (EntityType.ACTOR, EntityType.DIRECTOR)
        credited = {value for role in people for value in film.facts.get(role, ())}
        return kind not in people or not credited & set(values)

    def _is_near(self, one, other):  # noqa: ANN001, ANN202
        nodes = self.index.nodes
        return (
            one == other
            or one in self.index.above(other)
            or other in self.index.above(one)
            or other in nodes[one].related
            or one in nodes[other].related
        )

    def _reword(self, plot):  # noqa: ANN001, ANN202
        """Return a plot in other words, and without what goes on behind a comma."""
        head = plot.split(", ")[0]
        return " ".join(self.words.get(word, word) for word in head.split())


def say(match, values):  # noqa: ANN001, ANN201
    """Return the value of a slot, with its article if it asks for one."""
    value = values[f"{match[2] or ''}{match[3]}"]
    if not match[1]:
        return value
    return f"{'an' if value[0].lower() in 'aeiou' else 'a'} {value}"


def is_phrase(label):  # noqa: ANN001, ANN201
    """Return whether a plot can stand behind "about"."""
    return label.split()[0] in ("a", "an", "the", "two", "three") and len(label.split()) > 3


def subjects(film):  # noqa: ANN001, ANN201
    """Return what a film holds of plots, themes and genres."""
    return {value for kind in SUBJECTS for value in film.facts.get(kind, ())}


if __name__ == "__main__":
    main()
