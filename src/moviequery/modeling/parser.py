"""`QueryParser`: texts to parsed queries, by the fast parser or by a causal language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, overload

from ..errors import ModelError
from ..schema import ParsedQuery
from .bundle import BUNDLED, find_bundle
from .causal_reader import MAX_NEW_TOKENS, load_causal_reader
from .entity_linking import link_entities
from .fast_reader import FastReader
from .model_source import check_tasks, fetch_folder, find_source
from .readings import ParseCounts

if TYPE_CHECKING:
    from ..knowledge.graph import MovieGraph
    from ..knowledge.index import GraphIndex


class Reader(Protocol):
    """What a parser reads texts with."""

    tasks: tuple[str, ...]

    def read(
        self, texts: Sequence[str], index: GraphIndex | None = None
    ) -> tuple[list[ParsedQuery], ParseCounts]:
        """Return the parsed query of each text, with what an index knows, and what was met."""


class QueryParser:
    """Reads what people type into intent and entities; made by `from_pretrained`.

    Never raises on a text, and reads long ones in overlapping windows.

    Attributes:
        tasks: what it answers; without `intent` a parse has no intent, without `entities` none.
        counts: what it has met so far.
        graph: the graph that entities are linked to, if any.
        threshold: a parse with a score below it is marked as not `confident`.
    """

    def __init__(
        self, reader: Reader, *, graph: MovieGraph | None = None, threshold: float = 0.0
    ) -> None:
        """Keep a reader; see `from_pretrained`."""
        self.tasks = reader.tasks
        self.graph = graph
        self.threshold = threshold
        self.counts = ParseCounts()
        self._reader = reader

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
        threshold: float | None = None,
        threads: int = 1,
        names: bool | None = None,
        template: str = "tokenizer",
        load_in_4bit: bool | None = None,
        constrained: bool = True,
        max_new_tokens: int = MAX_NEW_TOKENS,
    ) -> QueryParser:
        """Return the bundled fast parser, or the parser of a folder or Hub id.

        A fast parser is an ONNX export for the CPU; of the arguments only `graph`, `batch_size`,
        `tasks`, `threshold`, `threads` and `names` concern it.

        Args:
            source: None for the bundled parser; an output folder of a training, its `onnx` folder
                or one of its adapters; a causal language model; or a Hub id of any of them.
            base: the base model, where the adapter's own note of it does not lead there.
            graph: links entities to its IRIs, helps to find its names and tells people's roles.
            device: such as `cuda:0` or `cpu`; the GPU if there is one by default.
            batch_size: windows read at a time.
            tasks: `entities`, `intent` or both; by default all that the source can answer.
            threshold: from 0 to 1; by default the fast parser's own, and 0 for other models.
            threads: of the CPU, for a fast parser.
            names: show the model which words may be known names: the graph's, else those that it
                brings. By default as it was trained, for adapters by `QLoRAConfig.list_names`.
                False reads the text alone.
            template: for a base without adapters, as in `QLoRAConfig`.
            load_in_4bit: as the adapters were trained by default; False for a base alone.
            constrained: False lets the model write freely.
            max_new_tokens: the longest reply.

        Raises:
            ModelError: the source cannot be loaded, or an argument is out of its range.
        """
        if batch_size < 1 or threads < 1:
            raise ModelError("batch_size and threads must be at least 1.")
        if threshold is not None and not 0 <= threshold <= 1:
            raise ModelError(f"threshold is {threshold}; it must be from 0 to 1.")
        check_tasks(tasks)
        bundle = _find_fast_parser(source)
        if bundle is not None:
            uses = names is not False
            fast = FastReader(
                bundle, tasks=tasks, batch_size=batch_size, threads=threads, uses_names=uses
            )
            least = fast.threshold if threshold is None else threshold
            return cls(fast, graph=graph, threshold=least)
        assert source is not None  # without a source there is a bundle, or an error
        causal = load_causal_reader(
            find_source(source, base, tasks),
            device=device,
            batch_size=batch_size,
            template=template,
            load_in_4bit=load_in_4bit,
            constrained=constrained,
            max_new_tokens=max_new_tokens,
            names=names,
            index=None if graph is None else graph.index,
        )
        return cls(causal, graph=graph, threshold=threshold or 0.0)

    @overload
    def parse(self, text: str) -> ParsedQuery: ...

    @overload
    def parse(self, text: list[str] | tuple[str, ...]) -> list[ParsedQuery]: ...

    def parse(self, text: str | list[str] | tuple[str, ...]) -> ParsedQuery | list[ParsedQuery]:
        """Return the parsed query of a text, or of each text of a list in its order."""
        if isinstance(text, str):
            return self.parse([text])[0]
        index = None if self.graph is None else self.graph.index
        parsed, counts = self._reader.read(text, index)
        self.counts += counts
        return [self._finish(query) for query in parsed]

    def _finish(self, query: ParsedQuery) -> ParsedQuery:
        """Return the query with its entities linked, and marked where it is not sure."""
        if self.graph is not None and "entities" in self.tasks:
            linked = link_entities(query.text, query.entities, self.graph.index)
            query = replace(query, entities=linked)
        scores = [entity.score for entity in query.entities if entity.score is not None]
        scores += [max(query.scores.values())] if query.scores else []
        confident = query.confident and query.valid and min(scores, default=1.0) >= self.threshold
        return query if confident == query.confident else replace(query, confident=confident)


def _find_fast_parser(source: str | Path | None) -> Path | None:
    """Return the folder of the fast parser that a source is or holds; None if it is another model.

    Raises:
        ModelError: no source is given, and this installation has no bundled parser.
    """
    if source is not None:
        return find_bundle(fetch_folder(source))
    if find_bundle(BUNDLED) is None:
        raise ModelError(
            "This installation brings no fast parser. Pass a model: the output folder of "
            "`moviequery train`, or a folder or Hub id of an adapter or a causal language model: "
            "QueryParser.from_pretrained('OUT')."
        )
    return BUNDLED
