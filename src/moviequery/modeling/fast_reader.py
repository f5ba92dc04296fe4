"""Texts to parsed queries by the fast parser: one pass of an encoder, no text is generated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..schema import ENTITY_TYPES, Entity, Intent, ParsedQuery
from .bundle import MODEL_FILE, TOKENIZER_FILE, read_bundle
from .name_lexicon import NAMES_FILE, NameLexicon
from .name_marks import MARKS, mark_words, place_names
from .network import Floats, Logits, Network
from .prompts import TASKS
from .readings import ParseCounts
from .span_edges import trim_span
from .tags import TAGS, Indices, decode_tags, find_chunks
from .windows import OVERLAP_TOKENS
from .words import Words, WordTokenizer, cut_pieces

if TYPE_CHECKING:
    from ..knowledge.index import GraphIndex

# Padding included; from 64 tokens on, more are read no faster, and from 1,000 on slower.
_BATCH_TOKENS = 512
# Texts whose scores are held at once: enough of like length that little is padded.
_BLOCK_TEXTS = 1_024
_REC = tuple(Intent).index(Intent.REC)


class _Window(NamedTuple):
    """Pieces `[first, last)` of a text by its number; it scores the words in `[start, end)`."""

    number: int
    first: int
    last: int
    start: int
    end: int


class FastReader:
    """Reads texts with the ONNX graph of a bundle.

    A text of more pieces than the graph takes is read in overlapping windows. Each word is scored
    by the window in which it has more text around it, and the whole text is decoded at once, so no
    border cuts an entity. A text asks for recommendations if any window does.

    Attributes:
        tasks: what it answers.
        batch_size: windows read at a time, at most.
        uses_names: whether the names that a lexicon knows are marked.
        threshold: the score below which an answer is not sure, as the bundle has it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        tasks: Sequence[str] | None = None,
        batch_size: int = 16,
        threads: int = 1,
        uses_names: bool = True,
    ) -> None:
        """Load the bundle of a folder, with the names that it may bring.

        Raises:
            ModelError: it is incomplete, or not of this version's format.
        """
        self._bundle = read_bundle(folder)
        self._tokenizer = WordTokenizer(folder / TOKENIZER_FILE)
        self._network = Network(folder / MODEL_FILE, threads)
        self.tasks = tuple(task for task in TASKS if tasks is None or task in tasks)
        self.batch_size = batch_size
        self.uses_names = uses_names
        self.threshold = self._bundle.threshold
        names = folder / NAMES_FILE
        self._lexicon = NameLexicon.read(names) if uses_names and names.is_file() else None

    def read(
        self, texts: Sequence[str], index: GraphIndex | None = None
    ) -> tuple[list[ParsedQuery], ParseCounts]:
        """Return the parsed query of each text, and what was met.

        Args:
            texts: any strings.
            index: of a graph whose names take the place of the bundle's own.
        """
        parsed: list[ParsedQuery] = []
        counts = ParseCounts()
        lexicon = self._lexicon
        if self.uses_names and index is not None:
            lexicon = index.remember(NameLexicon.from_index)
        for first in range(0, len(texts), _BLOCK_TEXTS):
            block, met = self._read_block(texts[first : first + _BLOCK_TEXTS], lexicon)
            parsed += block
            counts += met
        return parsed, counts

    def _read_block(
        self, texts: Sequence[str], lexicon: NameLexicon | None
    ) -> tuple[list[ParsedQuery], ParseCounts]:
        words, windows = self._cut(texts)
        logits = self._score(words, windows, _mark(texts, words, lexicon))
        entities: list[list[Entity]] = [[] for _ in texts]
        if "entities" in self.tasks:
            for number, entity in self._find_entities(texts, words, logits):
                entities[number].append(entity)
        intents = self._score_intents(logits.intent)
        parsed = [
            ParsedQuery(
                text,
                max(scores, key=scores.__getitem__, default=None),
                scores,
                tuple(own),
                confident=len(cut.firsts) > 0,
            )
            for text, scores, own, cut in zip(texts, intents, entities, words, strict=True)
        ]
        found = sum(map(len, entities))
        return parsed, ParseCounts(texts=len(texts), windows=len(windows), found=found)

    def _cut(self, texts: Sequence[str]) -> tuple[list[Words], list[_Window]]:
        words = [self._tokenizer.cut(text) for text in texts]
        size = self._bundle.max_tokens - 2
        windows = [
            _Window(number, *place)
            for number, cut in enumerate(words)
            for place in cut_pieces(cut, size, min(OVERLAP_TOKENS, size // 4))
        ]
        return words, windows

    def _score(
        self, words: Sequence[Words], windows: Sequence[_Window], marks: Sequence[Floats]
    ) -> Logits:
        """Return the logits of all words, text after text, and of the intent of each text."""
        borders = _borders(words)
        spans = np.zeros((borders[-1], len(TAGS)), np.float32)
        negation = np.zeros(borders[-1], np.float32)
        intent = np.zeros((len(words), len(Intent)), np.float32)
        most = np.full(len(words), -np.inf)
        for batch in self._batch(windows):
            logits = self._run(words, batch, marks)
            wish = 2 * logits.intent[:, _REC] - logits.intent.sum(1)
            for row, window in enumerate(batch):
                firsts = words[window.number].firsts
                start, end = np.searchsorted(firsts, (window.start, window.end))
                tokens = firsts[start:end] - window.first + 1  # behind [CLS]
                places = slice(borders[window.number] + start, borders[window.number] + end)
                spans[places] = logits.spans[row, tokens]
                negation[places] = logits.negation[row, tokens]
                if wish[row] > most[window.number]:
                    most[window.number] = wish[row]
                    intent[window.number] = logits.intent[row]
        return Logits(spans, negation, intent)

    def _batch(self, windows: Sequence[_Window]) -> Iterator[list[_Window]]:
        """Yield windows of like length, as many as one run takes."""
        batch: list[_Window] = []
        for window in sorted(windows, key=lambda one: one.last - one.first):
            width = window.last - window.first + 2
            if batch and (
                len(batch) + 1 > self.batch_size or (len(batch) + 1) * width > _BATCH_TOKENS
            ):
                yield batch
                batch = []
            batch.append(window)
        if batch:
            yield batch

    def _run(
        self, words: Sequence[Words], batch: Sequence[_Window], marks: Sequence[Floats]
    ) -> Logits:
        width = max(window.last - window.first for window in batch) + 2
        ids = np.zeros((len(batch), width), np.int64)
        mask = np.zeros((len(batch), width), np.int64)
        names = np.zeros((len(batch), width, MARKS), np.float32)
        for row, window in enumerate(batch):
            pieces = words[window.number].pieces[window.first : window.last]
            ids[row, 0] = self._tokenizer.head
            ids[row, 1 : len(pieces) + 1] = pieces
            ids[row, len(pieces) + 1] = self._tokenizer.tail
            mask[row, : len(pieces) + 2] = 1
            if len(marks[window.number]):
                numbers = words[window.number].number_pieces()[window.first : window.last]
                names[row, 1 : len(pieces) + 1] = marks[window.number][numbers]
        return self._network.run(ids, mask, names)

    def _find_entities(
        self, texts: Sequence[str], words: Sequence[Words], logits: Logits
    ) -> Iterator[tuple[int, Entity]]:
        """Yield each entity with the number of its text, in the order of the words.

        Its score is that of the least sure decision: the tag of one of its words, or that the word
        behind it no longer belongs to it. Of the ways tried this one tells right from wrong best.
        """
        borders = _borders(words)
        tags = decode_tags(logits.spans, np.diff(borders))
        begins, ends = find_chunks(tags)
        if not len(begins):
            return
        numbers = np.searchsorted(borders, begins, side="right") - 1
        # reduceat takes [begin, end) by turns, and the last end may lie behind the last word
        turns = np.stack([begins, ends], axis=1).ravel()
        shares = _softmax(logits.spans / self._bundle.span_temperature)
        sure = np.append(shares[np.arange(len(tags)), tags], 1.0)
        going_on = shares[np.minimum(ends, len(tags) - 1), tags[begins] + 1]
        going_on[np.isin(ends, borders)] = 0.0
        scores = np.minimum(np.minimum.reduceat(sure, turns)[::2], 1.0 - going_on)
        negated = np.add.reduceat(np.append(logits.negation, 0.0), turns)[::2] > 0
        firsts = np.concatenate([cut.starts for cut in words])[begins]
        lasts = np.concatenate([cut.ends for cut in words])[ends - 1]
        kinds = (tags[begins] - 1) // 2
        taken = (-1, 0)
        columns = (numbers, kinds, firsts, lasts, negated, scores)
        for number, kind, first, last, unwanted, score in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            entity_type = ENTITY_TYPES[kind]
            start, end = trim_span(texts[number], first, last, entity_type)
            # the normaliser gives one character to two words where it joins a mark to the last
            if (number, start) < taken:
                continue
            taken = (number, end)
            yield (
                number,
                Entity(
                    entity_type, texts[number][start:end], start, end, negated=unwanted, score=score
                ),
            )

    def _score_intents(self, logits: Floats) -> list[dict[Intent, float]]:
        """Return the probability per intent of each text; nothing, where it is not asked."""
        if "intent" not in self.tasks:
            return [{} for _ in logits]
        shares = _softmax(logits / self._bundle.intent_temperature).tolist()
        return [dict(zip(Intent, row, strict=True)) for row in shares]


def _mark(
    texts: Sequence[str], words: Sequence[Words], lexicon: NameLexicon | None
) -> list[Floats]:
    """Return the marks of the known names of each text; empty where it has none."""
    nothing = np.zeros((0, MARKS), np.float32)
    marks = []
    for text, cut in zip(texts, words, strict=True):
        names = place_names(lexicon.find(text), cut) if lexicon else []
        marks.append(mark_words(names, len(cut.firsts)) if names else nothing)
    return marks


def _borders(words: Sequence[Words]) -> Indices:
    """Return where the words of each text begin among those of all, and where the last end."""
    borders: Indices = np.cumsum([0, *(len(cut.firsts) for cut in words)])
    return borders


def _softmax(logits: Floats) -> Floats:
    shares = np.exp(logits - logits.max(-1, keepdims=True))
    result: Floats = shares / shares.sum(-1, keepdims=True)
    return result
