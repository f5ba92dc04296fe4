"""What a fact looks like in a text: labels, alternative labels, plurals, decades."""

from __future__ import annotations

import re
from random import Random

from ..knowledge.index import GraphIndex
from ..knowledge.years import SPOKEN_DECADES
from ..schema import EntityType
from .phrases import is_sentence
from .template import Slot

# A label is said as it is, rather than by one of its alternatives, this often: people say
# "sci-fi" about as often as "science fiction".
_PREFERRED_SHARE = 0.6
_DECADE_WORDS = {first: word for word, first in SPOKEN_DECADES.items()}
# "based on a {origin:noun}" needs something countable: a novel, but not Shakespeare.
_COUNT_NOUNS = frozenset(
    [
        "ballet",
        "book",
        "cartoon",
        "comic",
        "documentary",
        "event",
        "fable",
        "game",
        "legend",
        "manga",
        "musical",
        "myth",
        "novel",
        "novella",
        "opera",
        "play",
        "podcast",
        "poem",
        "series",
        "show",
        "song",
        "story",
        "tale",
        "toy",
    ]
)
# "about a shark that terrorises a town" becomes "where a shark terrorises a town".
_RELATIVE = re.compile(r" (?:who|that) ")
# What people put into a request is short; `{plot:premise}` takes whole stories too.
_MOST_PLOT_WORDS = 9
# "French films", but not "USA films": a country's alternative labels hold both kinds.
_ADJECTIVE = re.compile(r"[A-Z][\w ]*(?:an|ish|ese|ch|sh|ic|ss|[aeio]k|i|iet|iot|ine|ois)$")
_SPOKEN_ALTERNATIVES = frozenset(
    {
        EntityType.GENRE,
        EntityType.THEME,
        EntityType.PLOT,
        EntityType.MOOD,
        EntityType.SETTING,
        EntityType.AWARD,
    }
)


def supports_form(index: GraphIndex, slot: Slot, value: str) -> bool:
    """Return True if the value can be said in the form that the slot asks for."""
    if slot.form in ("decade", "lead", "role") or (
        not slot.form and slot.type is not EntityType.PLOT
    ):
        return True
    node = index.nodes[value]
    if slot.type is EntityType.PLOT:
        if not slot.form.startswith("premise") and node.label.count(" ") >= _MOST_PLOT_WORDS:
            return False
        is_clause = is_sentence(node.label)
        if slot.form.endswith("clause"):
            return is_clause or _RELATIVE.search(node.label) is not None
        return not is_clause
    if slot.form == "plural":
        return bool(node.plurals)
    if slot.form == "adjective":
        return any(map(_ADJECTIVE.match, node.alternatives))
    return node.label.split()[-1].casefold() in _COUNT_NOUNS


def say_value(index: GraphIndex, slot: Slot, value: str, rng: Random) -> str:
    """Return words for a value: an IRI, or the literal itself for years."""
    if slot.type is EntityType.YEAR:
        return _say_decade(int(value), rng) if slot.form == "decade" else value
    node = index.nodes[value]
    if slot.form == "plural":
        return _pick(node.plurals, rng)
    if slot.form.endswith("clause"):
        return node.label if is_sentence(node.label) else _RELATIVE.sub(" ", node.label, count=1)
    if slot.form == "adjective":
        return _pick(tuple(filter(_ADJECTIVE.match, node.alternatives)), rng)
    if slot.type not in _SPOKEN_ALTERNATIVES or not node.alternatives:
        return node.label
    return node.label if rng.random() < _PREFERRED_SHARE else _pick(node.alternatives, rng)


def _say_decade(year: int, rng: Random) -> str:
    decade = year // 10 * 10
    forms = [f"{decade}s"]
    if decade in _DECADE_WORDS:
        forms += [f"{decade % 100}s", _DECADE_WORDS[decade]]
    return _pick(tuple(forms), rng)


def _pick(options: tuple[str, ...], rng: Random) -> str:
    return options[int(rng.random() * len(options))]
