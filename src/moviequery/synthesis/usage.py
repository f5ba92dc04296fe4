"""What asking a language model takes, before and after: requests, tokens, money."""

from __future__ import annotations

import threading
from dataclasses import dataclass

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests and tokens, which add up.

    Attributes:
        requests: all that were made, or will be.
        failed: those of them without an answer.
        prompt_tokens: of the requests with an answer, as the server counts them.
        completion_tokens: of the answers.
        failed_tokens: of the prompts of failed requests, an estimate: a server may bill them.
    """

    requests: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    failed_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Return both together."""
        return Usage(
            self.requests + other.requests,
            self.failed + other.failed,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.failed_tokens + other.failed_tokens,
        )

    def to_row(self) -> dict[str, int]:
        """Return the counts as plain JSON values, the arguments of another."""
        return {
            "requests": self.requests,
            "failed": self.failed,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "failed_tokens": self.failed_tokens,
        }

    @property
    def tokens(self) -> int:
        """All tokens that may have to be paid for."""
        return self.prompt_tokens + self.completion_tokens + self.failed_tokens

    def summary(self, prices: Prices | None = None) -> str:
        """Return the counts as one line.

        Example:
            >>> Usage(3, 1, 900, 80, 300).summary(Prices(1.0, 2.0))
            '3 requests (1 failed), 900 + 80 tokens (300 more if failed ones are billed), cost 0.00'
        """
        line = f"{self.requests:,} requests"
        line += f" ({self.failed:,} failed)" if self.failed else ""
        line += f", {self.prompt_tokens:,} + {self.completion_tokens:,} tokens"
        if self.failed_tokens:
            line += f" ({self.failed_tokens:,} more if failed ones are billed)"
        return line + (f", cost {prices.cost(self):,.2f}" if prices else "")


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in any currency."""

    prompt: float
    completion: float

    def cost(self, usage: Usage) -> float:
        """Return the cost, with failed requests as if they were billed.

        Example:
            >>> Prices(1.0, 2.0).cost(Usage(1, 0, 500_000, 250_000))
            1.0
        """
        prompt = usage.prompt_tokens + usage.failed_tokens
        return (prompt * self.prompt + usage.completion_tokens * self.completion) / _MILLION


class BudgetSpentError(Exception):
    """The next request might cost more than is left; caught within this room."""


class Budget:
    """Keeps what was spent, and lets no request through that might exceed the limit.

    Attributes:
        limit: in the currency of the prices; None for no limit.
        spent: so far, with what is under way at its most.
        is_spent: True once a request was held back.
    """

    def __init__(self, limit: float | None = None, prices: Prices | None = None) -> None:
        """Begin with nothing spent."""
        self.limit = limit
        self.spent = 0.0
        self.is_spent = False
        self._prices = prices or Prices(0.0, 0.0)
        self._lock = threading.Lock()

    def spend(self, taken: Usage) -> None:
        """Count what was taken before, by an earlier run."""
        self.settle(Usage(), taken)

    def hold(self, most: Usage) -> None:
        """Set aside what a request takes at most.

        Raises:
            BudgetSpentError: so much is not left.
        """
        cost = self._prices.cost(most)
        with self._lock:
            if self.limit is not None and self.spent + cost > self.limit:
                self.is_spent = True
                raise BudgetSpentError
            self.spent += cost

    def settle(self, held: Usage, taken: Usage) -> None:
        """Put back what was set aside, and take what it came to."""
        with self._lock:
            self.spent += self._prices.cost(taken) - self._prices.cost(held)
