"""Is a proposed frame fit for a grammar? It parses, keeps its slots, is new, and can be filled.

| reason | the frame |
| --- | --- |
| unreadable | is no template, or names a slot, form or clause that there is not |
| slots | lacks a slot that was asked for, holds another, or has two that touch |
| unlabelled | says a genre, a name, a year or a word of the lexicon outside its slots |
| intent | is of the other intent, by the model's own word or by the parser's reading |
| near-duplicate | says almost what another frame says (Jaccard of 5-grams of 0.8 and more) |
| cannot be filled | gets facts of the graph in less than half of its dry runs |
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from random import Random

from ..errors import GrammarError
from ..knowledge.normalisation import fold
from ..schema import EntityType, Intent, Query
from .builder import SyntheticQueryBuilder
from .grammar import Frame, Grammar
from .near_duplicates import NearDuplicateIndex
from .proposals import Proposal
from .refusals import Refusal
from .skeletons import draw_literals, draw_skeleton, list_certain_slots, write_slot
from .template import LEXICAL_TYPES, walk_slots

ReadIntents = Callable[[Sequence[str]], Sequence[Intent | None]]

# So many ways through a frame's choices are looked at, the same ones for every frame.
_WAYS = 20
_DRY_RUNS = 12
_TRIES = 4
_LONGEST_NAME = 4  # words
_SHORTEST_WORD = 3  # characters: "us" is a country's name, and more often not
# A name that so many frames say outside their slots is an everyday word there: "with the kids".
_EVERYDAY = 3
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d(?:s|'s)?\b|\b\d0(?:s|'s)")
# what is labelled wherever it stands, whatever the words around it
_ALWAYS_NAMES = (
    EntityType.GENRE,
    EntityType.COUNTRY,
    EntityType.LANGUAGE,
    EntityType.AWARD,
    EntityType.CERTIFICATE,
)
# single words of these are everyday words too ("love" is a theme): longer names count
_LONG_NAMES = (
    EntityType.ACTOR,
    EntityType.DIRECTOR,
    EntityType.STUDIO,
    EntityType.SETTING,
    EntityType.ORIGIN,
    EntityType.MOOD,
)


class FrameChecker:
    """Judges proposals over a graph and a grammar, to which each that is taken is added."""

    def __init__(
        self, builder: SyntheticQueryBuilder, read_intents: ReadIntents | None = None
    ) -> None:
        """Look at what there is already.

        Args:
            builder: fills the frames, from all its films; its grammar is what exists.
            read_intents: reads the intents of texts; None trusts what the model says.
        """
        self._builder = builder
        self._read_intents = read_intents
        self._lexicon = f"[lexicon]\n{_write_lexicon(builder.grammar)}"
        self._lexical = _list_lexical(builder.grammar)
        self._names: dict[str, bool] = {}
        self._everyday = self._list_everyday()
        self._index = NearDuplicateIndex()
        for frame in builder.grammar.frames:
            self._remember(frame)

    def take(self, proposal: Proposal) -> Frame:
        """Return the frame of a proposal that passes every check, which is then known.

        Raises:
            Refusal: it does not pass one.
        """
        frame = self._parse(proposal)
        check_slots(frame, proposal)
        self._check_words(frame)
        if proposal.intent and fold(proposal.intent) != fold(proposal.family.intent):
            raise Refusal("intent", f"the model calls it {proposal.intent[:40]!r}")
        self._check_new(frame)
        texts = [query.text for query in self._try(frame)]
        self._check_intent(texts, frame.intent)
        self._remember(frame)
        return frame

    def _parse(self, proposal: Proposal) -> Frame:
        sources = {"the reply": proposal.to_toml(), "lexicon": self._lexicon}
        try:
            (frame,) = Grammar.parse(sources).frames
        except GrammarError as error:
            raise Refusal("unreadable", str(error)) from None
        return frame

    def _check_words(self, frame: Frame) -> None:
        if said := next(iter(sorted(self._find_unlabelled(frame) - self._everyday)), ""):
            raise Refusal("unlabelled", f"{said!r} needs a slot")

    def _find_unlabelled(self, frame: Frame) -> set[str]:
        """Return what the frame says outside its slots and a slot could say."""
        runs = {run for way in range(_WAYS) for run in draw_literals(frame.template, Random(way))}
        years = {match[0] for run in runs for match in _YEAR.finditer(run)}
        return years | {gram for run in runs for gram in _list_grams(run) if self._is_name(gram)}

    def _is_name(self, gram: str) -> bool:
        if gram not in self._names:
            link = self._builder.graph.index.link
            kinds = _ALWAYS_NAMES if " " not in gram else (*_ALWAYS_NAMES, *_LONG_NAMES)
            self._names[gram] = gram in self._lexical or (
                len(gram) >= _SHORTEST_WORD and any(link(kind, gram) for kind in kinds)
            )
        return self._names[gram]

    def _list_everyday(self) -> frozenset[str]:
        """Return the names that existing frames say outside their slots too."""
        said = Counter(
            name for frame in self._builder.grammar.frames for name in self._find_unlabelled(frame)
        )
        return frozenset(name for name, count in said.items() if count >= _EVERYDAY)

    def _check_new(self, frame: Frame) -> None:
        for text in _list_ways(frame):
            signature = self._index.sign(text)
            if next(self._index.matches(signature, "new"), None) is not None:
                raise Refusal("near-duplicate", f"{text!r} is almost there already")

    def _remember(self, frame: Frame) -> None:
        for text in _list_ways(frame):
            self._index.add(self._index.sign(text), "known")

    def _try(self, frame: Frame) -> list[Query]:
        """Return what dry runs give.

        Raises:
            Refusal: less than half of them give something.
        """
        (split,) = self._builder.splits
        found = []
        for number in range(_DRY_RUNS):
            draws = (
                self._builder.fill(frame, split, Random(f"{frame.id}:{number}:{attempt}"))
                for attempt in range(_TRIES)
            )
            found += [query for query in [next(filter(None, draws), None)] if query]
        if 2 * len(found) < _DRY_RUNS:
            raise Refusal("cannot be filled", f"{len(found)} of {_DRY_RUNS} dry runs gave a query")
        return found

    def _check_intent(self, texts: Sequence[str], intent: Intent) -> None:
        """Refuse a frame that a reader takes for the other intent more often than not."""
        if self._read_intents is None:
            return
        read = self._read_intents(texts)
        other = [
            text
            for text, found in zip(texts, read, strict=True)
            if found is not None and found is not intent
        ]
        if 2 * len(other) > len(texts):
            raise Refusal("intent", f"{other[0]!r} does not read as {intent}")


def check_slots(frame: Frame, proposal: Proposal) -> None:
    """Refuse a frame whose slots are not those that were asked for, in every text.

    Raises:
        Refusal: one is missing, another is there, or two touch.
    """
    asked = set(proposal.family.slots)
    certain = set(list_certain_slots(frame.template))
    for problem, slots in (
        ("lacks", asked - certain),
        ("has", set(walk_slots(frame.template)) - asked),
    ):
        if slots:
            raise Refusal("slots", f"{problem} {', '.join(sorted(map(write_slot, slots)))}")
    for text in _list_ways(frame):
        if "}{" in text:
            raise Refusal("slots", f"two of them touch in {text!r}")
        if any(text.count(write_slot(slot)) > 1 for slot in asked):
            raise Refusal("slots", f"one stands twice in {text!r}")


def _list_ways(frame: Frame) -> list[str]:
    """Return texts of the frame with its slots; equal templates give equal lists."""
    ways = (draw_skeleton(frame.template, Random(way)).strip() for way in range(_WAYS))
    return list(dict.fromkeys(ways))


def _list_grams(words: str) -> Iterator[str]:
    """Yield the runs of one to four words, folded; hyphens join words that belong together."""
    tokens = [fold(token) for token in re.findall(r"[\w'’&-]+", words)]
    for length in range(_LONGEST_NAME, 0, -1):
        for start in range(len(tokens) - length + 1):
            yield " ".join(tokens[start : start + length])


def _list_lexical(grammar: Grammar) -> frozenset[str]:
    """Return the words that frames may say in a slot alone, folded, as the lexicon has them."""
    keys = {str(kind) for kind in LEXICAL_TYPES}
    return frozenset(fold(word) for key in keys for word in grammar.lexicon.get(key, ()))


def _write_lexicon(grammar: Grammar) -> str:
    """Return a line of TOML for each entry, with one word: that it is there is what counts."""
    return "".join(f'"{key}" = ["good"]\n' for key in sorted(grammar.lexicon))
