"""Answers held to their JSON schema and to the words of the text, token by token."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from ..errors import ModelError, require
from ..schema import FIELDS, Entity, Intent

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

# Bounds keep an untrained model from listing for ever. A query names a handful of things, and the
# longest span of one is a clause or a quote.
MAX_ITEMS = 12
MAX_CHARACTERS = 160
# What a span is made of: whole words, and every mark and space by itself.
_CHUNK = re.compile(r"\w+|\W")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
# Free whitespace would let a model write spaces up to the token budget.
_COMPACT = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}


def answer_schema(task: str) -> dict[str, Any]:
    """Return the JSON schema of the answers of a task.

    Example:
        >>> answer_schema("intent")["properties"]["intent"]["enum"]
        ['rec', 'non_rec']
    """
    if task == "intent":
        properties: dict[str, Any] = {"intent": {"enum": [intent.value for intent in Intent]}}
    else:
        string = {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS}
        values = {"type": "array", "items": string, "minItems": 1, "maxItems": MAX_ITEMS}
        properties = dict.fromkeys(FIELDS, values)
    return {
        "type": "object",
        "properties": properties,
        "required": ["intent"] if task == "intent" else [],
        "additionalProperties": False,
    }


def span_grammar(text: str) -> str:
    """Return the answers about entities of a text as a grammar in llguidance's form of Lark.

    They are those of the schema whose values stand in the text, cut between words.

    Example:
        >>> print(span_grammar("Heat?").splitlines()[-1])
        PART: %regex {"substring_chunks": ["Heat", "?"]}
    """
    # what no tokenizer can write; JSON's escapes must not be cut in two
    words = _CHUNK.findall(_SURROGATES.sub(" ", text))
    chunks = [json.dumps(word, ensure_ascii=False)[1:-1] for word in words]
    if not text.strip():
        return 'start: "{}"'
    rules = ['start: "{" rest0? "}"']
    for number, field in enumerate(FIELDS):
        key = json.dumps(f"{json.dumps(field)}:[")
        rule = f'rest{number}: {key} values "]"'
        if number + 1 < len(FIELDS):
            rule += f' ("," rest{number + 1})? | rest{number + 1}'
        rules.append(rule)
    longest = MAX_CHARACTERS - 2
    return "\n".join(
        (
            *rules,
            f'values: value ("," value){{0,{MAX_ITEMS - 1}}}',
            'value: "\\"" SPAN "\\""',
            rf"SPAN: PART & /\S((.|\n){{0,{longest}}}\S)?/",
            f"PART: %regex {json.dumps({'substring_chunks': chunks})}",
        )
    )


def fits_limits(entities: Sequence[Entity]) -> bool:
    """Tell whether the schema allows an answer that names these.

    Example:
        >>> from moviequery.schema import EntityType
        >>> fits_limits([Entity(EntityType.QUOTE, "x" * 161, 0, 161)])
        False
    """
    texts = Counter(kind for kind, _ in {(entity.type, entity.text) for entity in entities})
    return max(texts.values(), default=0) <= MAX_ITEMS and all(
        0 < len(entity.text) <= MAX_CHARACTERS for entity in entities
    )


class AnswerGrammar:
    """What answers to a task may be, for one tokenizer; takes about a second to make.

    Args:
        tokenizer: a fast tokenizer of transformers.
        task: `entities` or `intent`.
        stop_ids: tokens that end an answer.
    """

    def __init__(self, tokenizer: Any, task: str, stop_ids: Sequence[int]) -> None:  # noqa: ANN401
        """Compile the schema."""
        self._llguidance = require("llguidance", "train")
        bridge = require("llguidance.hf", "train")
        self._vocabulary = bridge.from_tokenizer(tokenizer, eos_token=list(stop_ids))
        self._task = task
        self._grammar = self._llguidance.LLMatcher.grammar_from_json_schema(
            answer_schema(task), overrides=_COMPACT
        )
        if complaint := self._llguidance.LLMatcher.validate_grammar(self._grammar):
            raise ModelError(f"llguidance does not take the schema of {task!r}: {complaint}")

    @property
    def vocabulary_size(self) -> int:
        """How many tokens a mask covers."""
        size: int = self._vocabulary.vocab_size
        return size

    def start(self, text: str | None = None) -> Any:  # noqa: ANN401 - an LLMatcher
        """Return a matcher that stands before the first token of an answer, to a text if given."""
        grammar = self._grammar
        if text is not None and self._task == "entities":
            grammar = self._llguidance.LLMatcher.grammar_from_lark(span_grammar(text))
        return self._llguidance.LLMatcher(self._vocabulary, grammar)

    def reads(self, tokens: Sequence[int]) -> bool:
        """Tell whether these tokens are a whole answer, whatever ends the turn behind it."""
        matcher = self.start()
        matcher.try_consume_tokens(list(tokens))
        return bool(matcher.is_accepting())

    def constrain(self, texts: Sequence[str]) -> Constraint:
        """Return the constraint of one batch of answers, one to each text."""
        return Constraint(self, texts)


class Constraint:
    """Holds each row of one batch to the grammar."""

    def __init__(self, grammar: AnswerGrammar, texts: Sequence[str]) -> None:
        """Start a matcher for each row."""
        self._numpy = require("llguidance.numpy", "train")
        self._matchers = [grammar.start(text) for text in texts]
        self._bits = self._numpy.allocate_token_bitmask(len(texts), grammar.vocabulary_size)

    def mask(self, scores: torch.Tensor) -> torch.Tensor:
        """Return the scores (rows, vocabulary), minus infinity for impossible tokens.

        Of a row that is complete every token is possible; it is no longer asked.
        """
        import numpy as np
        import torch

        for row, matcher in enumerate(self._matchers):
            if matcher.is_stopped():
                self._bits[row] = -1
            else:
                self._numpy.fill_next_token_bitmask(matcher, self._bits, row)
        allowed = np.unpackbits(self._bits.view(np.uint8), axis=1, bitorder="little")
        # logits may be wider than the vocabulary (padded embeddings); what is beyond is not a token
        table = np.zeros(tuple(scores.shape), dtype=bool)
        width = min(table.shape[1], allowed.shape[1])
        table[:, :width] = allowed[:, :width]
        return scores.masked_fill(~torch.from_numpy(table).to(scores.device), float("-inf"))

    def take(self, row: int, token: int) -> bool:
        """Put a token behind a row, and return whether the row is complete.

        It is so at its closing brace, one step before the model would have said it.
        """
        matcher = self._matchers[row]
        matcher.consume_token(token)
        return bool(matcher.is_stopped())
