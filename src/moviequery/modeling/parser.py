"""Texts to parsed queries, by a causal language model with an adapter per task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from ..errors import ModelError, require
from ..schema import Entity, EntityType, ParsedQuery
from .base_model import load_base
from .chat import ChatFormat, load_tokenizer
from .decoding import AnswerGrammar
from .generation import generate_replies, score_intents
from .model_source import ModelSource, find_source
from .readings import ParseCounts, Reading, Window, decide, join, understand
from .windows import cut_windows

if TYPE_CHECKING:
    from ..knowledge.graph import MovieGraph

# Answers of the corpus have 12 tokens in the middle and 41 at most; one that lists a long query
# word for word has more.
MAX_NEW_TOKENS = 256


class QueryParser:
    """Reads what people type into intent and entities; made by `from_pretrained`.

    Never raises on a text. Answers are held to their JSON schema, and strings that are not in the
    text are left out and counted. A text of more than `WINDOW_TOKENS` tokens is read in
    overlapping windows: its entities are those of all windows, and it asks for recommendations if
    any window does.

    Attributes:
        tasks: what it answers; without `intent` a parse has no intent, without `entities` none.
        counts: what it has met so far.
        graph: the graph that entities are linked to, if any.
        constrained: False lets the model write freely, to measure how often it is readable.
        batch_size: windows read at a time.
    """

    def __init__(
        self,
        model: Any,  # noqa: ANN401 - a PreTrainedModel or PeftModel
        chats: Mapping[str, ChatFormat],
        *,
        adapted: bool,
        graph: MovieGraph | None = None,
        batch_size: int = 16,
        constrained: bool = True,
        max_new_tokens: int = MAX_NEW_TOKENS,
    ) -> None:
        """Keep a loaded model; `adapted` says that it has an adapter named after each task."""
        self.tasks = tuple(chats)
        self.graph = graph
        self.batch_size = batch_size
        self.constrained = constrained
        self.max_new_tokens = max_new_tokens
        self.counts = ParseCounts()
        self._model = model
        self._chats = chats
        self._adapted = adapted
        self._grammars: dict[str, AnswerGrammar] = {}

    @classmethod
    def from_pretrained(
        cls,
        source: str | Path | None = None,
        base: str | None = None,
        graph: MovieGraph | None = None,
        device: str | None = None,
        batch_size: int = 16,
        *,
        tasks: Sequence[str] | None = None,
        template: str = "tokenizer",
        load_in_4bit: bool | None = None,
        constrained: bool = True,
        max_new_tokens: int = MAX_NEW_TOKENS,
    ) -> QueryParser:
        """Return the parser of a folder or Hub id, its base loaded once for all tasks.

        Args:
            source: an output folder of `train_qlora`, one adapter of it, a causal language model
                that is only prompted, or a Hub id of any of them.
            base: the base model, where the adapter's own note of it does not lead there.
            graph: links entities to its IRIs.
            device: such as `cuda:0` or `cpu`; the GPU if there is one by default.
            batch_size: windows read at a time.
            tasks: `entities`, `intent` or both; by default all that the source can answer.
            template: for a base without adapters, as in `QLoRAConfig`.
            load_in_4bit: as the adapters were trained by default; False for a base alone.
            constrained: False lets the model write freely.
            max_new_tokens: the longest reply.

        Raises:
            ModelError: no source is given, or it cannot be loaded.
        """
        if source is None:
            raise ModelError(
                "No model is given. Pass the output folder of train_qlora, a folder or Hub id of "
                "an adapter, or a causal language model: QueryParser.from_pretrained('OUT')."
            )
        if batch_size < 1 or max_new_tokens < 1:
            raise ModelError("batch_size and max_new_tokens must be at least 1.")
        parts = find_source(source, base, tasks)
        chats = _load_chats(parts, template)
        trained = parts.settings.get("config", {})
        model = load_base(
            parts.base,
            load_in_4bit=trained.get("load_in_4bit", False)
            if load_in_4bit is None
            else load_in_4bit,
            precision=trained.get("precision", "auto"),
            device=device,
        )
        return cls(
            _add_adapters(model, parts),
            chats,
            adapted=bool(parts.adapters),
            graph=graph,
            batch_size=batch_size,
            constrained=constrained,
            max_new_tokens=max_new_tokens,
        )

    @overload
    def parse(self, text: str) -> ParsedQuery: ...

    @overload
    def parse(self, text: list[str] | tuple[str, ...]) -> list[ParsedQuery]: ...

    def parse(self, text: str | list[str] | tuple[str, ...]) -> ParsedQuery | list[ParsedQuery]:
        """Return the parsed query of a text, or of each text of a list in its order."""
        if isinstance(text, str):
            return self.parse([text])[0]
        windows = [window for number, one in enumerate(text) for window in self._cut(number, one)]
        readings: list[list[Reading]] = [[] for _ in text]
        for window, reading in zip(windows, self._read_all(windows), strict=True):
            readings[window.number].append(reading)
            self.counts += reading.counts
        self.counts += ParseCounts(texts=len(text))
        parsed = [join(one, read) for one, read in zip(text, readings, strict=True)]
        return [replace(query, entities=tuple(map(self._link, query.entities))) for query in parsed]

    def _cut(self, number: int, text: str) -> Iterator[Window]:
        chat = next(iter(self._chats.values()))
        for start, end in cut_windows(text, chat.offsets(text)):
            yield Window(number, start, text[start:end])

    def _read_all(self, windows: Sequence[Window]) -> list[Reading]:
        """Return what each window says, a batch at a time."""
        # neighbours of like length need little padding
        order = sorted(range(len(windows)), key=lambda index: len(windows[index].text))
        readings = [Reading()] * len(windows)
        for first in range(0, len(order), self.batch_size):
            batch = order[first : first + self.batch_size]
            read = self._read([windows[index] for index in batch])
            for index, reading in zip(batch, read, strict=True):
                readings[index] = reading
        return readings

    def _read(self, windows: Sequence[Window]) -> list[Reading]:
        """Return what each window of one batch says."""
        readings = [Reading(counts=ParseCounts(windows=1)) for _ in windows]
        for task in self.tasks:
            if self._adapted:
                self._model.set_adapter(task)
            answer = self._score if task == "intent" and self.constrained else self._generate
            read = answer(task, windows)
            readings = [one + other for one, other in zip(readings, read, strict=True)]
        return readings

    def _score(self, task: str, windows: Sequence[Window]) -> list[Reading]:
        texts = [window.text for window in windows]
        return [decide(scores) for scores in score_intents(self._model, self._chats[task], texts)]

    def _generate(self, task: str, windows: Sequence[Window]) -> list[Reading]:
        chat = self._chats[task]
        grammar = None
        if self.constrained:
            if task not in self._grammars:
                self._grammars[task] = AnswerGrammar(chat.tokenizer, task, chat.stop_ids)
            grammar = self._grammars[task]
        texts = [window.text for window in windows]
        replies = generate_replies(self._model, chat, grammar, texts, self.max_new_tokens)
        return [
            understand(task, window, reply) for window, reply in zip(windows, replies, strict=True)
        ]

    def _link(self, entity: Entity) -> Entity:
        """Return the entity with its IRI; of several films of a title, the best known one's."""
        if self.graph is None:
            return entity
        index = self.graph.index
        iris = index.link(entity.type, entity.text)
        if len(iris) > 1 and entity.type is EntityType.TITLE:
            films = [film for film in map(index.film, iris) if film is not None]
            iris = (max(films, key=lambda film: film.popularity).iri,) if films else ()
        # other names that mean several things are left open
        return replace(entity, iri=iris[0]) if len(iris) == 1 else entity


def _load_chats(parts: ModelSource, template: str) -> dict[str, ChatFormat]:
    """Return the words of each task; an adapter's folder holds its tokenizer and template."""
    chats = {}
    for task in parts.tasks:
        folder = parts.adapters.get(task)
        if folder is not None and (folder / "tokenizer_config.json").exists():
            chats[task] = ChatFormat(load_tokenizer(str(folder)), task)
        else:
            chats[task] = ChatFormat(load_tokenizer(parts.base, template), task)
    return chats


def _add_adapters(model: Any, parts: ModelSource) -> Any:  # noqa: ANN401
    """Return the model with an adapter named after each task, or alone if there are none."""
    peft = require("peft", "train")
    try:
        for number, (task, folder) in enumerate(parts.adapters.items()):
            if number == 0:
                model = peft.PeftModel.from_pretrained(model, str(folder), adapter_name=task)
            else:
                model.load_adapter(str(folder), adapter_name=task)
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: shapes of another base
        raise ModelError(
            f"The adapters {[str(folder) for folder in parts.adapters.values()]} do not fit the "
            f"base {parts.base!r}: {error}"
        ) from error
    model.eval()
    # a base's own habits of sampling and repetition are not ours
    model.generation_config = require("transformers", "train").GenerationConfig()
    return model
