"""Known names of a text, written behind it for a language model that cannot know every film."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError
from ..knowledge.normalisation import fold
from ..schema import ENTITY_TYPES, FIELDS, Query, canonical_json
from .bundle import BUNDLED
from .name_lexicon import NAMES_FILE, Candidate, NameLexicon
from .prompts import question

PLAIN_WORDS_FILE = "plain_words.json"
# Of a person's credits: who directed once among twenty parts is an actor.
_LEAST_SHARE = 0.2
# Names that were found so often are plain words if fewer than this share of them was meant. By
# 15,000 rows of train, 3,757 names behind 1,000 queries of validation become 2,144; of the 1,697
# that are meant 1,684 stay.
_LEAST_FOUND = 5
_LEAST_MEANT = 0.05


@dataclass(frozen=True, slots=True)
class NameListing:
    """The names that are listed behind a text.

    Attributes:
        lexicon: all names that are known.
        plain_words: by field, names that are left out, folded: "it" is a film, "movie" a theme, and
            hardly anybody means them.
    """

    lexicon: NameLexicon
    plain_words: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def learn(cls, lexicon: NameLexicon, queries: Iterable[Query]) -> NameListing:
        """Return the listing without the names that queries with gold show to be plain words."""
        found: Counter[tuple[str, str]] = Counter()
        meant: Counter[tuple[str, str]] = Counter()
        for query in queries:
            gold = {(entity.type.field, fold(entity.text)) for entity in query.entities}
            listed = {
                (field, fold(name))
                for field, names in _find_names(query.text, lexicon).items()
                for name in names
            }
            found.update(listed)
            meant.update(listed & gold)
        return cls(
            lexicon,
            frozenset(
                name
                for name, count in found.items()
                if count >= _LEAST_FOUND and meant[name] < _LEAST_MEANT * count
            ),
        )

    @classmethod
    def read(cls, folder: Path | None, lexicon: NameLexicon | None = None) -> NameListing:
        """Return the listing of a model's folder.

        Args:
            folder: of an adapter for entities; None has no plain words.
            lexicon: other names than those that the folder brings; see `read_names`.

        Raises:
            ModelError: a file of the folder is damaged.
        """
        lexicon = lexicon or read_names(folder)
        if folder is None or not (path := folder / PLAIN_WORDS_FILE).is_file():
            return cls(lexicon)
        try:
            values = json.loads(path.read_bytes())
            if unknown := sorted(set(values) - set(FIELDS)):
                raise ValueError(f"unknown fields: {', '.join(unknown)}")
            plain_words = frozenset(
                (field, str(name)) for field, names in values.items() for name in names
            )
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ModelError(
                f"{path} is no list of plain words ({error}); fetch it again"
            ) from error
        return cls(lexicon, plain_words)

    def write_plain_words(self, folder: Path) -> None:
        """Write the plain words into a model's folder; the same ones give the same bytes."""
        values = {
            field: sorted(name for own, name in self.plain_words if own == field)
            for field in FIELDS
        }
        held = {field: names for field, names in values.items() if names}
        text = json.dumps(held, ensure_ascii=False, indent=1) + "\n"
        (folder / PLAIN_WORDS_FILE).write_text(text, "utf-8")

    def list_names(self, text: str) -> str:
        """Return the names that may be meant in a text as JSON, by field, in the form of an answer.

        Of names that meet in a word only the longest are listed, each as all that it may be.
        Without any name it is `{}`.

        Example:
            >>> from moviequery import Movie, MovieGraph
            >>> index = MovieGraph.from_movies([Movie("Heat", 1995, genres=("crime",))]).index
            >>> listing = NameListing(NameLexicon.from_index(index))
            >>> listing.list_names("a crime film like Heat")
            '{"titles":["Heat"],"genres":["crime"]}'
        """
        listed = {
            field: [name for name in names if (field, fold(name)) not in self.plain_words]
            for field, names in _find_names(text, self.lexicon).items()
        }
        return canonical_json({field: names for field, names in listed.items() if names})


def ask(text: str, task: str, names: NameListing | None) -> list[dict[str, str]]:
    """Return the messages that ask a model about a text, with known names listed if given.

    They are shown to find entities. For intents they are in the way: the nano base learnt nothing
    from 6,000 rows with them (Macro-F1 .53 on the test, .91 without).
    """
    if names is None or task != "entities":
        return question(text, task)
    return question(text, task, names.list_names(text))


def read_names(folder: Path | None = None) -> NameLexicon:
    """Return the names that a model's folder brings, else those of the bundled films."""
    if folder is None or not (folder / NAMES_FILE).is_file():
        folder = BUNDLED
    if (folder / NAMES_FILE).is_file():
        return NameLexicon.read(folder / NAMES_FILE)
    from ..knowledge.graph import MovieGraph

    return NameLexicon.from_index(MovieGraph.bundled().index)


def _find_names(text: str, lexicon: NameLexicon) -> dict[str, list[str]]:
    """Return the names of a lexicon in a text, by field, each as it stands there."""
    found = [one for one in lexicon.find(text) if math.exp(one.sense.role) >= _LEAST_SHARE]
    fields: dict[str, dict[str, None]] = {kind.field: {} for kind in ENTITY_TYPES}
    for one in _keep_longest(found):
        fields[one.type.field][text[one.start : one.end]] = None
    return {field: list(names) for field, names in fields.items() if names}


def _keep_longest(found: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates in their order without those that a longer one meets."""
    longest = [0] * max((one.end for one in found), default=0)
    for one in found:
        for place in range(one.start, one.end):
            longest[place] = max(longest[place], one.end - one.start)
    return [one for one in found if max(longest[one.start : one.end]) == one.end - one.start]
