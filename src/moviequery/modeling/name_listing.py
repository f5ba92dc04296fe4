"""Known names of a text, written behind it for a language model that cannot know every film."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from ..schema import ENTITY_TYPES, canonical_json
from .bundle import BUNDLED
from .name_lexicon import NAMES_FILE, Candidate, NameLexicon
from .prompts import question

# Of a person's credits: who directed once among twenty parts is an actor.
_LEAST_SHARE = 0.2


def list_names(text: str, lexicon: NameLexicon) -> str:
    """Return the names that may be meant in a text as JSON, by field, in the form of an answer.

    Of names that meet in a word only the longest are listed, each as all that it may be. Without
    any name it is `{}`.

    Example:
        >>> from moviequery import Movie, MovieGraph
        >>> index = MovieGraph.from_movies([Movie("Heat", 1995, genres=("crime",))]).index
        >>> list_names("a crime film like Heat", NameLexicon.from_index(index))
        '{"titles":["Heat"],"genres":["crime"]}'
    """
    found = [one for one in lexicon.find(text) if math.exp(one.sense.role) >= _LEAST_SHARE]
    fields: dict[str, dict[str, None]] = {kind.field: {} for kind in ENTITY_TYPES}
    for one in _keep_longest(found):
        fields[one.type.field][text[one.start : one.end]] = None
    return canonical_json({field: list(names) for field, names in fields.items() if names})


def ask(text: str, task: str, lexicon: NameLexicon | None) -> list[dict[str, str]]:
    """Return the messages that ask a model about a text, with the names of a lexicon if given.

    They are shown to find entities. For intents they are in the way: the nano base learnt nothing
    from 6,000 rows with them (Macro-F1 .53 on the test, .91 without).
    """
    if lexicon is None or task != "entities":
        return question(text, task)
    return question(text, task, list_names(text, lexicon))


def read_names(folder: Path | None = None) -> NameLexicon:
    """Return the names that a model's folder brings, else those of the bundled films."""
    if folder is None or not (folder / NAMES_FILE).is_file():
        folder = BUNDLED
    if (folder / NAMES_FILE).is_file():
        return NameLexicon.read(folder / NAMES_FILE)
    from ..knowledge.graph import MovieGraph

    return NameLexicon.from_index(MovieGraph.bundled().index)


def _keep_longest(found: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates in their order without those that a longer one meets."""
    longest = [0] * max((one.end for one in found), default=0)
    for one in found:
        for place in range(one.start, one.end):
            longest[place] = max(longest[place], one.end - one.start)
    return [one for one in found if max(longest[one.start : one.end]) == one.end - one.start]
