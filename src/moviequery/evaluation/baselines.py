"""What a parser is compared with, behind one interface: text in, the paper's JSON out.

| name | what it is |
|---|---|
| `gazetteer` | names of the graph looked up in the text, and cue rules for the intent |
| `fast` | the bundled fast parser |
| `parser:MODEL` | what `moviequery train` wrote, as `QueryParser` reads it |
| `prompted:MODEL` | a causal language model with the paper's system prompts |
| `ner:MODEL` | a token-classification model of transformers with a label map |
| `bert-base-NER`, `roberta-movie-w-title` | the two of the paper, from the Hub |
| `gliner:MODEL` | a GLiNER model that is asked for our types by their names |

MODEL is a folder or a Hub id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import EvaluationError
from ..metrics.macro_f1.answers import read_answer
from ..modeling.prompts import TASKS
from ..modeling.spans import find_spans
from ..schema import (
    ENTITY_TYPES,
    EntityType,
    Intent,
    ParsedQuery,
    answer_json,
    canonical_json,
)

if TYPE_CHECKING:
    from ..knowledge.graph import MovieGraph
    from ..modeling.causal_reader import CausalReader

Answers = dict[str, list[str | None]]

# The long replies of a model that does not stop are cut here.
PROMPTED_TOKENS = 128


class Baseline(Protocol):
    """What every baseline has."""

    @property
    def name(self) -> str:
        """As a table shows it."""
        ...

    @property
    def tasks(self) -> tuple[str, ...]:
        """What it answers, among `TASKS`."""
        ...

    @property
    def types(self) -> tuple[EntityType, ...]:
        """The entity types that it can name; none without the task `entities`."""
        ...

    def answer(self, texts: Sequence[str]) -> Answers:
        """Return per task one JSON answer per text; None for what is no answer at all.

        An answer stands as the model wrote it: whether it can be read, strictly or leniently, is
        for `score_answers` to say.
        """
        ...

    def parse(self, texts: Sequence[str], lenient: bool = False) -> list[ParsedQuery]:
        """Return the same answers as spans of the texts.

        Args:
            texts: what people say.
            lenient: read the replies of a language model after mending them, as the paper had to.
        """
        ...


@dataclass(frozen=True, slots=True)
class SpanBaseline:
    """A baseline that finds spans, whose JSON is valid by construction.

    Attributes:
        read: a parser of texts.
    """

    name: str
    tasks: tuple[str, ...]
    types: tuple[EntityType, ...]
    read: Callable[[list[str]], list[ParsedQuery]]

    def answer(self, texts: Sequence[str]) -> Answers:
        """Return per task the JSON of what was found."""
        parsed = self.parse(texts)
        written: Answers = {
            "entities": [answer_json(None, query.entities) for query in parsed],
            "intent": [
                query.intent and canonical_json({"intent": query.intent}) for query in parsed
            ],
        }
        return {task: written[task] for task in self.tasks}

    def parse(self, texts: Sequence[str], lenient: bool = False) -> list[ParsedQuery]:
        """Return what was found; there is nothing to mend."""
        return self.read(list(texts))


@dataclass(frozen=True, slots=True)
class PromptedBaseline:
    """A causal language model with the paper's system prompts, with or without adapters."""

    name: str
    reader: CausalReader
    types: tuple[EntityType, ...] = ENTITY_TYPES

    @property
    def tasks(self) -> tuple[str, ...]:
        """What the model was loaded for."""
        return self.reader.tasks

    def answer(self, texts: Sequence[str]) -> Answers:
        """Return per task the replies as the model wrote them."""
        return {task: list(self.reader.reply(task, texts)) for task in self.tasks}

    def parse(self, texts: Sequence[str], lenient: bool = False) -> list[ParsedQuery]:
        """Return the replies as spans; a reply that cannot be read makes a parse not valid."""
        replies = self.answer(texts)
        return [
            understand(text, {task: replies[task][number] for task in self.tasks}, lenient)
            for number, text in enumerate(texts)
        ]


def understand(text: str, replies: Mapping[str, str | None], lenient: bool = False) -> ParsedQuery:
    """Return what the replies to the tasks say of a text; not valid if one cannot be read."""
    answers = {task: read_answer(reply, lenient) for task, reply in replies.items()}
    entities, intent = answers.get("entities"), answers.get("intent")
    values = [
        (entity_type, value)
        for entity_type in ENTITY_TYPES
        for value in sorted(entities.values.get(entity_type.field, ()) if entities else ())
    ]
    said = intent.intent if intent else None
    return ParsedQuery(
        text,
        Intent(said) if said in set(Intent) else None,
        entities=find_spans(text, values)[0],
        valid=None not in answers.values(),
        raw="\n".join(reply or "" for reply in replies.values()),
    )


def check_baseline(name: str) -> None:
    """Refuse a name that `open_baseline` does not know, before anything is trained or loaded.

    Raises:
        EvaluationError: there is no baseline of that name.
    """
    from .token_classification import PRESETS

    kind, _, model = name.partition(":")
    takes_model = kind in ("parser", "prompted", "ner") and model
    if not (name in ("gazetteer", "fast", *PRESETS) or kind == "gliner" or takes_model):
        raise EvaluationError(
            f"there is no baseline {name!r}; choose gazetteer, fast, {', '.join(PRESETS)}, "
            "parser:MODEL, prompted:MODEL, ner:MODEL or gliner:MODEL, where MODEL is a folder or "
            "Hub id"
        )


def open_baseline(
    name: str,
    *,
    graph: MovieGraph | None = None,
    labels: str | Path | None = None,
    base: str | None = None,
    device: str | None = None,
    batch_size: int = 16,
    threads: int = 1,
    names: bool | None = None,
    **options: Any,  # noqa: ANN401 - of `load_causal_reader`
) -> Baseline:
    """Return the baseline of a name; see the module's table.

    Args:
        name: such as `gazetteer` or `prompted:meta-llama/Llama-3.2-3B-Instruct`.
        graph: whose names the gazetteer looks up; the bundled films by default.
        labels: label map of a token-classification model: a bundled name or a TOML file.
        base: the base model of adapters, where their own note of it does not lead there.
        device: of a model, such as `cuda:0`; the best there is by default.
        batch_size: texts at a time.
        threads: of the fast parser.
        names: show a parser or a prompted model which words may be known names, see `QueryParser`.
        options: of a prompted model: `load_in_4bit`, `template`, `max_new_tokens`, `constrained`
            (False by default: a baseline writes freely).

    Raises:
        EvaluationError: there is no baseline of that name.
        ModelError: its model cannot be loaded.
        MissingExtraError: it needs a package that is not installed.

    Example:
        >>> open_baseline("fast").tasks
        ('entities', 'intent')
    """
    check_baseline(name)
    kind, _, model = name.partition(":")
    if name == "gazetteer":
        return _open_gazetteer(name, graph)
    if name == "fast" or (kind == "parser" and model):
        return _open_parser(name, model or None, base, device, batch_size, threads, names)
    if kind == "prompted":
        return _open_prompted(name, model, base, device, batch_size, names=names, **options)
    if kind == "gliner":
        from .gliner_baseline import open_gliner

        return open_gliner(name, model or None, device, batch_size)
    from .token_classification import PRESETS, open_token_classifier

    return open_token_classifier(name, PRESETS.get(name, model), labels, device, batch_size)


def _open_gazetteer(name: str, graph: MovieGraph | None) -> Baseline:
    from ..knowledge.graph import MovieGraph
    from .gazetteer import Gazetteer

    gazetteer = Gazetteer((graph or MovieGraph.bundled()).index)
    return SpanBaseline(name, TASKS, gazetteer.types, gazetteer.parse)


def _open_parser(
    name: str,
    model: str | None,
    base: str | None,
    device: str | None,
    batch_size: int,
    threads: int,
    names: bool | None,
) -> Baseline:
    from ..modeling.parser import QueryParser

    parser = QueryParser.from_pretrained(
        model, base, device=device, batch_size=batch_size, threads=threads, names=names
    )
    types = ENTITY_TYPES if "entities" in parser.tasks else ()
    return SpanBaseline(name, parser.tasks, types, parser.parse)


def _open_prompted(
    name: str,
    model: str,
    base: str | None,
    device: str | None,
    batch_size: int,
    **options: Any,  # noqa: ANN401
) -> Baseline:
    from ..modeling.causal_reader import load_causal_reader
    from ..modeling.model_source import find_source

    settings = {"constrained": False, "max_new_tokens": PROMPTED_TOKENS} | options
    reader = load_causal_reader(
        find_source(model, base), device=device, batch_size=batch_size, **settings
    )
    return PromptedBaseline(name, reader)
