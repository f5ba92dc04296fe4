"""A grammar grows: a language model proposes frames, and those that pass every check are taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tqdm import tqdm

from ..errors import WriterError
from .extension_checks import FrameChecker
from .extension_plan import Plan, Request
from .proposals import Proposal, quote, read_proposals, write_clauses, write_frame
from .refusals import Refusal
from .replies import ReplyLog
from .usage import Prices, Usage
from .writers import Message, Reply, Writer, write_all

# So many requests in a row without an answer: the server is not well.
_MOST_FAILURES = 3
_EXAMPLES = 3


@dataclass(slots=True)
class Extension:
    """Frames that were taken, and what became of the rest.

    Attributes:
        proposals: those that passed, in the order of their requests.
        refused: proposals and replies that did not, by reason.
        examples: up to three of each reason, with what exactly was wrong.
        usage: what this run took; kept replies are not in it.
        kept: replies of an earlier run that were used.
    """

    proposals: list[Proposal] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    kept: int = 0

    @property
    def clauses(self) -> dict[str, tuple[str, ...]]:
        """The clauses of all frames."""
        return {name: one for proposal in self.proposals for name, one in proposal.clauses.items()}

    def count(self, reply: Reply | WriterError, is_kept: bool) -> None:
        """Count what a reply took, or that it was there."""
        self.kept += is_kept
        if isinstance(reply, WriterError):
            self.usage += Usage(reply.requests, reply.requests)
        elif not is_kept:
            tokens = reply.prompt_tokens, reply.completion_tokens
            self.usage += Usage(reply.requests, reply.requests - 1, *tokens)

    def refuse(self, refusal: Refusal, text: str = "") -> None:
        """Count a refusal, and keep it as an example."""
        self.refused[refusal.kind] += 1
        examples = self.examples.setdefault(refusal.kind, [])
        if len(examples) < _EXAMPLES:
            examples.append(f"{text[:200]!r}: {refusal.detail}" if text else refusal.detail)

    def to_toml(self, provenance: Mapping[str, str | int]) -> str:
        """Return the frames as a grammar file that says where they come from."""
        table = "".join(
            f"{name} = {value if isinstance(value, int) else quote(value)}\n"
            for name, value in provenance.items()
        )
        head = "# Frames that a language model proposed; each was parsed, filled from a graph and\n"
        head += (
            "# compared with those that were there. Read it through before you build with it.\n\n"
        )
        frames = "".join(write_frame(proposal) for proposal in self.proposals)
        return f"{head}[provenance]\n{table}\n{frames}{write_clauses(self.clauses)}".rstrip() + "\n"

    def summary(self, prices: Prices | None = None) -> str:
        """Return the counts and examples as a few lines."""
        lines = [f"{len(self.proposals):,} frames and {len(self.clauses):,} clauses taken"]
        lines.append(f"{self.refused.total():,} proposals refused")
        for reason, refused in sorted(self.refused.items()):
            lines.append(f"  {refused:,} {reason}")
            lines += [f"    {example}" for example in self.examples[reason]]
        kept = f"; {self.kept:,} replies were there from an earlier run" if self.kept else ""
        return "\n".join([*lines, f"{self.usage.summary(prices)}{kept}"])


def extend_grammar(
    writer: Writer, plan: Plan, checker: FrameChecker, n: int, log: ReplyLog, concurrency: int = 4
) -> Extension:
    """Return n new frames, or as many as the plan's requests give.

    Replies are looked at in the order of their requests, so those that a log holds give the same
    frames again, however many were asked for at once.

    Raises:
        WriterError: the writer cannot go on; what it wrote is in the log.
    """
    extension = Extension()
    requests = plan.requests()
    left = plan.most_requests(n)
    failures = 0
    with tqdm(total=n, unit=" frames", desc="extend", disable=None) as progress:
        while left and (missing := n - len(extension.proposals)):
            size = min(concurrency, left, -(-missing // plan.per_request))
            wave = [next(requests) for _ in range(size)]
            left -= size
            for request, reply in _answer(writer, plan.model, wave, log, extension):
                if isinstance(reply, Reply):
                    failures = 0
                    _take_reply(reply, request, plan, checker, extension, n)
                    continue
                failures += 1
                if reply.lasting or failures == _MOST_FAILURES:
                    raise WriterError(
                        f"{reply}; {len(log):,} replies are kept in {log.path}, and the same "
                        "command goes on from there"
                    ) from reply
                extension.refuse(Refusal("no answer", str(reply)))
            progress.update(len(extension.proposals) - progress.n)
    return extension


def _answer(
    writer: Writer, model: str, wave: Sequence[Request], log: ReplyLog, extension: Extension
) -> Iterator[tuple[Request, Reply | WriterError]]:
    """Yield the reply to each request, in order; new ones are in the log as soon as they come."""

    def ask(messages: Sequence[Message]) -> Reply:
        reply = writer(messages)
        log.keep(model, messages, reply)
        return reply

    kept = [log.find(model, request.messages) for request in wave]
    missing = [request.messages for request, reply in zip(wave, kept, strict=True) if not reply]
    made = write_all(ask, missing, len(wave))
    for request, old in zip(wave, kept, strict=True):
        reply = old or next(made)
        extension.count(reply, is_kept=old is not None)
        yield request, reply


def _take_reply(
    reply: Reply,
    request: Request,
    plan: Plan,
    checker: FrameChecker,
    extension: Extension,
    n: int,
) -> None:
    """Check what a reply proposes, until there are n frames."""
    try:
        proposals = list(read_proposals(reply.text, request.family, plan.prompt.schema))
    except Refusal as refusal:
        extension.refuse(refusal, reply.text)
        return
    for proposal in proposals:
        if len(extension.proposals) == n:
            return
        if isinstance(proposal, Refusal):
            extension.refuse(proposal)
            continue
        try:
            checker.take(proposal)
        except Refusal as refusal:
            extension.refuse(refusal, proposal.text)
        else:
            extension.proposals.append(proposal)
