"""Texts to parsed queries by a causal language model with an adapter per task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ModelError, require
from ..schema import ParsedQuery
from .base_model import load_base
from .chat import ChatFormat, load_tokenizer
from .decoding import AnswerGrammar
from .generation import generate_replies, score_intents
from .known_names import KnownNames
from .model_source import ModelSource
from .name_lexicon import NameLexicon
from .name_listing import NameListing
from .prompt_prefix import PromptPrefix
from .readings import ParseCounts, Reading, Window, decide, join, understand
from .windows import cut_windows

if TYPE_CHECKING:
    from ..knowledge.index import GraphIndex

# Of 20,000 answers of the corpus one has 15 tokens of the nano base in the middle, 67 at the 99th
# percentile and 143 at most; a larger vocabulary takes fewer.
MAX_NEW_TOKENS = 256
# Up to this many parameters on a CPU each task has a copy of the base with its adapter merged in:
# beside such a model the adapter's own small products take a quarter of the time.
_COPIED_PARAMETERS = 100_000_000

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class CausalReader:
    """Reads texts with a causal language model that writes JSON.

    Answers are held to their JSON schema and to the words of the text; what free ones name that is
    not in it is left out and counted. A text of more than `WINDOW_TOKENS` tokens is read in
    overlapping windows: its entities are those of all windows, and it asks for recommendations if
    any window does.

    Attributes:
        chats: the words of each task.
        tasks: what it answers; without `intent` a parse has no intent, without `entities` none.
        constrained: False lets the model write freely, to measure how often it is readable.
        shares_prompt: whether the system prompts are read once, and not for every batch.
        batch_size: windows read at a time.
    """

    def __init__(
        self,
        models: Mapping[str, Any],
        chats: Mapping[str, ChatFormat],
        *,
        batch_size: int = 16,
        constrained: bool = True,
        shares_prompt: bool = True,
        max_new_tokens: int = MAX_NEW_TOKENS,
    ) -> None:
        """Keep what was loaded.

        Args:
            models: per task a model, or one for all: a PeftModel with an adapter of each task's
                name.
            chats: the words of each task.
            batch_size: see the class.
            constrained: see the class.
            shares_prompt: see the class.
            max_new_tokens: the longest reply.

        Raises:
            ModelError: `max_new_tokens` leaves no room for an answer.
        """
        if max_new_tokens < 1:
            raise ModelError("max_new_tokens must be at least 1.")
        self.tasks = tuple(chats)
        self.batch_size = batch_size
        self.constrained = constrained
        self.shares_prompt = shares_prompt
        self.max_new_tokens = max_new_tokens
        self._models = models
        self.chats = chats
        self._grammars: dict[str, AnswerGrammar] = {}
        self._prefixes: dict[str, PromptPrefix] = {}

    def read(
        self, texts: Sequence[str], index: GraphIndex | None = None
    ) -> tuple[list[ParsedQuery], ParseCounts]:
        """Return the parsed query of each text, and what was met.

        Args:
            texts: any strings.
            index: of a graph whose names correct the spans; see `KnownNames`.
        """
        windows = [window for number, one in enumerate(texts) for window in self._cut(number, one)]
        readings: list[list[Reading]] = [[] for _ in texts]
        counts = ParseCounts(texts=len(texts))
        for window, reading in zip(windows, self._read_all(windows), strict=True):
            readings[window.number].append(reading)
            counts += reading.counts
        parsed = [join(one, read) for one, read in zip(texts, readings, strict=True)]
        if index is not None:
            names = index.remember(KnownNames)
            parsed = [
                replace(one, entities=names.correct(one.text, one.entities)) for one in parsed
            ]
        return parsed, counts

    def reply(self, task: str, texts: Sequence[str]) -> list[str]:
        """Return the model's own replies to a task, unread; no text is cut into windows."""
        return self._in_batches(texts, len, lambda batch: self._write(task, batch))

    def _cut(self, number: int, text: str) -> Iterator[Window]:
        chat = next(iter(self.chats.values()))
        for start, end in cut_windows(text, chat.offsets(text)):
            yield Window(number, start, text[start:end])

    def _read_all(self, windows: Sequence[Window]) -> list[Reading]:
        """Return what each window says."""
        return self._in_batches(windows, lambda window: len(window.text), self._read)

    def _in_batches(
        self,
        items: Sequence[_Item],
        measure: Callable[[_Item], int],
        work: Callable[[list[_Item]], list[_Result]],
    ) -> list[_Result]:
        """Return the result of each item, worked on a batch at a time."""
        # neighbours of like length need little padding
        order = sorted(range(len(items)), key=lambda index: measure(items[index]))
        results: dict[int, _Result] = {}
        for first in range(0, len(order), self.batch_size):
            batch = order[first : first + self.batch_size]
            results.update(zip(batch, work([items[index] for index in batch]), strict=True))
        return [results[index] for index in range(len(items))]

    def _read(self, windows: Sequence[Window]) -> list[Reading]:
        """Return what each window of one batch says."""
        readings = [Reading(counts=ParseCounts(windows=1)) for _ in windows]
        for task in self.tasks:
            answer = self._score if task == "intent" and self.constrained else self._generate
            read = answer(task, windows)
            readings = [one + other for one, other in zip(readings, read, strict=True)]
        return readings

    def _score(self, task: str, windows: Sequence[Window]) -> list[Reading]:
        prefix = self._select(task)
        texts = [window.text for window in windows]
        scores = score_intents(self._models[task], self.chats[task], texts, prefix)
        return [decide(one) for one in scores]

    def _generate(self, task: str, windows: Sequence[Window]) -> list[Reading]:
        replies = self._write(task, [window.text for window in windows])
        return [
            understand(task, window, reply) for window, reply in zip(windows, replies, strict=True)
        ]

    def _write(self, task: str, texts: Sequence[str]) -> list[str]:
        """Return the replies to one batch."""
        prefix = self._select(task)
        chat = self.chats[task]
        grammar = None
        if self.constrained:
            if task not in self._grammars:
                self._grammars[task] = AnswerGrammar(chat.tokenizer, task, chat.stop_ids)
            grammar = self._grammars[task]
        model = self._models[task]
        return generate_replies(model, chat, grammar, texts, self.max_new_tokens, prefix)

    def _select(self, task: str) -> PromptPrefix | None:
        """Put the adapter of a task in its place, and return what it remembers of its prompt."""
        model = self._models[task]
        if task in getattr(model, "peft_config", ()):
            model.set_adapter(task)
        if self.shares_prompt and task not in self._prefixes:
            self._prefixes[task] = PromptPrefix(model, self.chats[task])
        return self._prefixes.get(task) if self.shares_prompt else None


def load_causal_reader(
    parts: ModelSource,
    *,
    device: str | None = None,
    batch_size: int = 16,
    template: str = "tokenizer",
    load_in_4bit: bool | None = None,
    constrained: bool = True,
    max_new_tokens: int = MAX_NEW_TOKENS,
    names: bool | None = None,
    index: GraphIndex | None = None,
) -> CausalReader:
    """Return the reader of a base and its adapters, the base loaded once for all tasks.

    Args:
        parts: the base and its adapters.
        device: as for `QueryParser`, like all that follow.
        batch_size: windows read at a time.
        template: for a base alone.
        load_in_4bit: as the adapters were trained by default.
        constrained: False lets the model write freely.
        max_new_tokens: the longest reply.
        names: whether known names are listed behind the texts; as the adapters were trained by
            default.
        index: of a graph whose names they are; else those that came with the adapters, or the
            bundled ones. What the adapter for entities learnt to be plain words is left out.

    Raises:
        ModelError: a part cannot be loaded, or does not fit the others.
    """
    trained = parts.settings.get("config", {})
    listing = None
    if trained.get("list_names", False) if names is None else names:
        lexicon = None if index is None else index.remember(NameLexicon.from_index)
        listing = NameListing.read(parts.adapters.get("entities"), lexicon)
    chats = _load_chats(parts, template, listing)
    quantised = trained.get("load_in_4bit", False) if load_in_4bit is None else load_in_4bit
    precision = trained.get("precision", "auto")
    model = load_base(parts.base, load_in_4bit=quantised, precision=precision, device=device)
    return CausalReader(
        _add_adapters(model, parts),
        chats,
        batch_size=batch_size,
        constrained=constrained,
        max_new_tokens=max_new_tokens,
    )


def _load_chats(
    parts: ModelSource, template: str, names: NameListing | None
) -> dict[str, ChatFormat]:
    """Return the words of each task; an adapter's folder holds its tokenizer and template."""
    chats = {}
    for task in parts.tasks:
        folder = parts.adapters.get(task)
        if folder is not None and (folder / "tokenizer_config.json").exists():
            chats[task] = ChatFormat(load_tokenizer(str(folder)), task, names)
        else:
            chats[task] = ChatFormat(load_tokenizer(parts.base, template), task, names)
    return chats


def _add_adapters(base: Any, parts: ModelSource) -> dict[str, Any]:  # noqa: ANN401
    """Return the model of each task: the base alone, or with one adapter merged in, or with all."""
    if not parts.adapters:
        return dict.fromkeys(parts.tasks, base.eval())
    peft = require("peft", "train")
    try:
        if _is_copied(base):
            return {
                task: peft.PeftModel.from_pretrained(deepcopy(base), str(folder))
                .merge_and_unload()
                .eval()
                for task, folder in parts.adapters.items()
            }
        model = None
        for task, folder in parts.adapters.items():
            if model is None:
                model = peft.PeftModel.from_pretrained(base, str(folder), adapter_name=task)
            else:
                model.load_adapter(str(folder), adapter_name=task)
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: shapes of another base
        raise ModelError(
            f"The adapters {[str(folder) for folder in parts.adapters.values()]} do not fit the "
            f"base {parts.base!r}: {error}"
        ) from error
    assert model is not None  # there are adapters
    return dict.fromkeys(parts.tasks, model.eval())


def _is_copied(base: Any) -> bool:  # noqa: ANN401
    """Tell whether a base is small, of full precision and on a CPU."""
    full = base.dtype == require("torch", "train").float32
    return bool(full and base.device.type == "cpu" and base.num_parameters() <= _COPIED_PARAMETERS)
