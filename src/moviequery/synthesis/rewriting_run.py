"""Many rows to a writer at once, each outcome written down before the next is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import islice
from queue import SimpleQueue

from tqdm import tqdm

from ..errors import WriterError
from ..schema import Query
from .journal import Journal
from .rewriting import Outcome, Rewriter
from .usage import Usage
from .writers import MAX_TOKENS, estimate_tokens

# With so many rows in a row without an answer, the server is down, and asking on is no use.
_MOST_FAILURES = 10
# rows in line for each thread: what comes back during one fsync shares the next
_QUEUE = 8
# of a reply, where nothing was measured yet: thought, text and entities
_TYPICAL_REPLY = 160
# replies looked at per row, where nothing was measured: others report 15 to 20 in 100 refused
_TYPICAL_ATTEMPTS = 1.2


@dataclass(frozen=True, slots=True)
class Estimate:
    """What rows without an outcome will take.

    Attributes:
        rows: that will be asked.
        settled: that will not, since the journal has them.
        likely: with replies of the usual length, some of them refused.
        most: with every reply refused, and as long as it may be.
    """

    rows: int
    settled: int
    likely: Usage
    most: Usage


def estimate_run(
    rewriter: Rewriter, rows: Sequence[Query], journal: Journal, max_tokens: int = MAX_TOKENS
) -> Estimate:
    """Return what the rows that the journal lacks will take; nothing is asked.

    Prompts are counted at four characters a token. Lengths of replies, and how many there are per
    row, come from the journal once it holds some.
    """
    pending = [query for query in rows if query not in journal]
    prompt = sum(estimate_tokens(rewriter.ask(query)[0]) for query in pending)
    done, settled = journal.usage, len(journal)
    answered = done.requests - done.failed
    length = done.completion_tokens / answered if answered else _TYPICAL_REPLY
    attempts = answered / settled if answered and settled else _TYPICAL_ATTEMPTS
    requests = round(len(pending) * attempts)
    likely = Usage(requests, 0, round(prompt * attempts), round(requests * length))
    most = len(pending) * rewriter.attempts
    # a second try repeats the reply that it complains of
    repeated = len(pending) * (rewriter.attempts - 1) * max_tokens
    dear = Usage(most, 0, prompt * rewriter.attempts + repeated, most * max_tokens)
    return Estimate(len(pending), len(rows) - len(pending), likely, dear)


def rewrite_rows(
    rewriter: Rewriter, rows: Sequence[Query], journal: Journal, *, concurrency: int = 8
) -> Usage:
    """Return what was asked for now; what became of the rows stands in the journal.

    Rows that the journal has are not asked again. Of those that come back together, all are on
    the disk after one fsync. Stopped by the keyboard, it waits for what is under way, for that is
    paid already.

    Raises:
        WriterError: the writer will answer nothing, or has not for ten rows in a row; what came
            before is in the journal.
    """
    asked = [query for query in dict.fromkeys(rows) if query not in journal]
    pending, run = iter(asked), _Run(rewriter, journal, len(asked))
    under_way: dict[Future[Outcome], Query] = {}
    # `wait` looks at every row in line at each answer: a third of the time of a fast writer
    ready: SimpleQueue[Future[Outcome]] = SimpleQueue()
    with ThreadPoolExecutor(concurrency) as pool:
        try:
            while run.goes_on:
                for query in islice(pending, _QUEUE * concurrency - len(under_way)):
                    under_way[future := pool.submit(run.attempt, query)] = query
                    future.add_done_callback(ready.put)
                if not under_way:
                    break
                done = [ready.get(), *(ready.get() for _ in range(ready.qsize()))]
                run.keep({future: under_way.pop(future) for future in done})
        finally:
            for future in under_way:
                future.cancel()
            wait(under_way)
            run.keep({one: query for one, query in under_way.items() if not one.cancelled()})
            run.progress.close()
    if run.fault:
        raise WriterError(run.fault, lasting=True)
    return run.usage


class _Run:
    """One run over a journal: what it has taken, and whether to go on."""

    def __init__(self, rewriter: Rewriter, journal: Journal, rows: int) -> None:
        self.fault = ""
        self.usage = Usage()
        self.progress = tqdm(total=rows, unit=" rows", desc="rewrite", disable=None)
        self._rewriter, self._journal = rewriter, journal
        self._failures = 0
        self._end: Outcome | None = None

    @property
    def goes_on(self) -> bool:
        return not self.fault and not self._rewriter.budget.is_spent

    def attempt(self, query: Query) -> Outcome:
        """Return what becomes of a row; of those in line behind a lasting failure, the same."""
        if self._end is not None:
            return self._end
        outcome = self._rewriter.rewrite(query)
        if outcome.lasting:
            self._end = replace(outcome, usage=Usage())
        return outcome

    def keep(self, done: Mapping[Future[Outcome], Query]) -> None:
        """Write down what is finished, all of it with one fsync; then raise what went wrong."""
        errors = [error for future in done if (error := future.exception())]
        finished = [(query, one.result()) for one, query in done.items() if not one.exception()]
        self._journal.append(finished)
        for _, outcome in finished:
            self.usage += outcome.usage
            self.progress.update(not outcome.failure)
            self._failures = self._failures + 1 if outcome.failure else 0
            if outcome.lasting or self._failures >= _MOST_FAILURES:
                self.fault = self.fault or self._explain(outcome)
        if errors:
            raise errors[0]

    def _explain(self, outcome: Outcome) -> str:
        if outcome.lasting or self._rewriter.budget.is_spent:
            return outcome.failure if outcome.lasting else ""
        return f"{self._failures} rows in a row without an answer; the last: {outcome.failure}"
