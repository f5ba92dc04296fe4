"""Which frames a language model is asked for, request by request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

from .extension_prompt import ExtensionPrompt
from .families import Family, draw_examples, draw_families
from .grammar import Grammar
from .replies import ReplyLog
from .usage import Usage
from .writers import Message, estimate_tokens

PER_REQUEST = 8


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked in one go: frames of one family."""

    family: Family
    messages: list[Message]


@dataclass(frozen=True, slots=True)
class Plan:
    """The requests of an extension; the same arguments give the same ones.

    Attributes:
        prompt: what is said.
        grammar: what exists, for families and examples.
        model: who is asked, as replies are kept by its name.
        seed: of the order of families and of the examples.
        per_request: frames asked for at a time.
    """

    prompt: ExtensionPrompt
    grammar: Grammar
    model: str
    seed: int = 7
    per_request: int = PER_REQUEST

    def requests(self) -> Iterator[Request]:
        """Yield requests without end."""
        families = draw_families(self.grammar, self.seed)
        for number, family in zip(count(), families, strict=False):
            examples = draw_examples(self.grammar, family, Random(f"{self.seed}:{number}"))
            yield Request(family, self.prompt.ask(family, examples, self.per_request))

    def most_requests(self, n: int) -> int:
        """Return how many requests n frames may take: a third of what is proposed has to be fit."""
        return 3 * -(-n // self.per_request) + 1

    def estimate(self, n: int, log: ReplyLog, max_tokens: int) -> tuple[Usage, Usage]:
        """Return what n frames take at least and at most; replies that are kept cost nothing."""
        least, most = Usage(), Usage()
        for number, request in zip(range(self.most_requests(n)), self.requests(), strict=False):
            if log.find(self.model, request.messages) is None:
                one = Usage(1, 0, estimate_tokens(request.messages), max_tokens)
                most += one
                least += one if number * self.per_request < n else Usage()
        return least, most
