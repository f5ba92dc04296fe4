"""A query in other words: asked of a language model, and taken only if every label still holds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ..errors import WriterError
from ..knowledge.normalisation import fold
from ..schema import Part, Query, canonical_json
from .json_replies import read_reply
from .prompt import Prompt
from .refusals import Refusal
from .respanning import Link, find_entities
from .second_reading import SecondReader
from .usage import Budget, BudgetSpentError, Usage
from .writers import MAX_TOKENS, Message, Reply, Writer, estimate_tokens

REWRITTEN = "rewritten"
ATTEMPTS = 3
_MOST_WORDS = 60
_KEPT_REPLY = 2_000  # characters of a refused reply that are kept for people to look at


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row.

    Attributes:
        query: in other words; None where the template's text stays.
        refusals: why a reply was not taken, as kind and detail, in order.
        usage: all that was asked for the row.
        failure: why there is no outcome yet: the writer did not answer, or the budget is spent.
        reply: the last one that was refused.
        lasting: True for a failure that any other row will meet too.
    """

    query: Query | None
    refusals: tuple[tuple[str, str], ...] = ()
    usage: Usage = Usage()
    failure: str = ""
    reply: str = ""
    lasting: bool = False


def row_key(query: Query, prompt: Prompt, model: str) -> str:
    """Return what names a row, a prompt and a model together."""
    text = "\n".join((prompt.fingerprint, model, _digest(query)))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@lru_cache(maxsize=65_536)
def _digest(query: Query) -> str:
    """Return a sum over all that a row says; asked for several times on its way."""
    row = canonical_json(query.to_row())
    return hashlib.sha256(row.encode("utf-8", "surrogatepass")).hexdigest()


class Rewriter:
    """Puts queries in other words, one at a time; safe to call from many threads.

    Attributes:
        prompt: what is asked.
        model: what answers, by name.
        attempts: replies that are looked at before the template's text stays.
    """

    def __init__(
        self,
        writer: Writer,
        prompt: Prompt | None = None,
        *,
        model: str = "",
        reader: SecondReader | None = None,
        link: Link | None = None,
        attempts: int = ATTEMPTS,
        budget: Budget | None = None,
        max_tokens: int = MAX_TOKENS,
    ) -> None:
        """Keep the parts.

        Args:
            writer: answers; see `writers`.
            prompt: the bundled one by default.
            model: names the writer; its own `model` by default.
            reader: looks for what was added or turned round; None looks at the labels only.
            link: tells that two names stand for one thing, see `GraphIndex.link`.
            attempts: see above.
            budget: no request is made that might exceed it.
            max_tokens: of a reply, for the budget.
        """
        self.prompt = prompt or Prompt.bundled()
        self.model = model or str(getattr(writer, "model", "") or "a writer without a name")
        self.attempts = attempts
        self.budget = budget or Budget()
        self._writer = writer
        self._reader = reader
        self._link = link
        self._max_tokens = max_tokens

    def rewrite(self, query: Query) -> Outcome:
        """Return what became of a query; only the words, the spans and the style change.

        Example:
            >>> from moviequery.schema import Entity, EntityType, Intent
            >>> heist = Entity(EntityType.GENRE, "heist", 4, 9)
            >>> query = Query("any heist films?", Intent.REC, (heist,))
            >>> def write(messages):
            ...     return Reply('{"thought": "", "text": "Up for a heist!", "entities": []}', 9, 9)
            >>> Rewriter(write).rewrite(query).query.entities[0].start
            9
        """
        if (provenance := query.provenance) and provenance.trap:
            return Outcome(None, (("not asked", "it is wrong on purpose"),))
        if len(query.parts) > 1:
            return Outcome(None, (("not asked", "it has several intents"),))
        conversation, register = self.ask(query)
        messages: Sequence[Message] = conversation
        refusals: list[tuple[str, str]] = []
        usage, text = Usage(), ""
        for _ in range(self.attempts):
            try:
                reply = self._ask(messages)
            except WriterError as error:
                failed = estimate_tokens(messages) * error.requests
                usage += Usage(error.requests, error.requests, failed_tokens=failed)
                if error.refused:
                    refusals.append(("refused by the server", str(error)))
                    break
                return Outcome(None, tuple(refusals), usage, str(error), lasting=error.lasting)
            except BudgetSpentError:
                return Outcome(None, tuple(refusals), usage, "the budget is spent")
            usage += _measure(reply, messages)
            text = reply.text
            try:
                rewritten = self.read(query, text, register)
            except Refusal as refusal:
                refusals.append((refusal.kind, refusal.detail))
                messages = conversation + self.prompt.complain(text[:_KEPT_REPLY], str(refusal))
            else:
                return Outcome(rewritten, tuple(refusals), usage)
        return Outcome(None, tuple(refusals), usage, reply=text[:_KEPT_REPLY])

    def ask(self, query: Query) -> tuple[list[Message], str]:
        """Return the conversation that asks for a query, and the register it asks for."""
        prompt = self.prompt
        # a key is as random as a seed drawn from it would be
        draw = int(row_key(query, prompt, self.model), 16)
        registers = sorted(prompt.registers)
        draw, choice = divmod(draw, len(registers))
        register = registers[choice]
        entities = [
            f"{number}. {entity.type}: {entity.text}{' (not wanted)' if entity.negated else ''}"
            for number, entity in enumerate(query.entities, start=1)
        ]
        conversation = prompt.ask(
            query=query.text,
            intent=prompt.intents[query.intent.value],
            entities="\n".join(entities) or "none",
            persona=prompt.personas[draw % len(prompt.personas)],
            register=prompt.registers[register],
        )
        return conversation, register

    def read(self, query: Query, text: str, register: str) -> Query:
        """Return the query that a reply makes of a query.

        Raises:
            Refusal: it cannot be taken.
        """
        reply = read_reply(text, self.prompt.schema)
        words = " ".join(str(reply["text"]).split())
        _check_words(words, query.text)
        entities = find_entities(query, words, _list_named(reply), self._link)
        provenance = query.provenance and replace(
            query.provenance, style=register, origin=REWRITTEN
        )
        rewritten = Query(
            words, query.intent, entities, (Part(0, len(words), query.intent),), provenance
        )
        if self._reader is not None:
            self._reader.compare(query, rewritten)
        return rewritten

    def _ask(self, messages: Sequence[Message]) -> Reply:
        held = Usage(1, 0, estimate_tokens(messages), self._max_tokens)
        self.budget.hold(held)
        taken = Usage()
        try:
            reply = self._writer(messages)
            taken = _measure(reply, messages)
        except WriterError as error:
            taken = Usage(failed_tokens=estimate_tokens(messages) * error.requests)
            raise
        finally:
            self.budget.settle(held, taken)
        return reply


def _measure(reply: Reply, messages: Sequence[Message]) -> Usage:
    failed = reply.requests - 1
    tokens = estimate_tokens(messages) * failed if failed else 0
    return Usage(reply.requests, failed, reply.prompt_tokens, reply.completion_tokens, tokens)


def _check_words(words: str, before: str) -> None:
    """Refuse what is no query in other words, whatever stands in it.

    Raises:
        Refusal: says why.
    """
    if not words:
        raise Refusal("no text", "the text is empty")
    if not words.isprintable():
        raise Refusal("no text", "it holds characters that cannot be shown")
    if fold(words) == fold(before):
        raise Refusal("unchanged", "it is the query itself")
    count = len(words.split())
    if count > max(_MOST_WORDS, 2 * len(before.split())):
        raise Refusal("too long", f"it has {count} words")


def _list_named(reply: Mapping[str, Any]) -> dict[int, str]:
    """Return what a reply says of where entities stand, by position; what is no such is left."""
    named = {}
    for one in reply.get("entities", ()):
        if isinstance(one, dict) and isinstance(one.get("number"), int):
            named[one["number"] - 1] = str(one.get("text", ""))
    return named
