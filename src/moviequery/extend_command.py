"""The verb `extend`: new query frames by a language model, checked before they count."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import MovieQueryError
from .option_values import read_count
from .parse_command import load_graph
from .schema import Intent, canonical_json
from .writer_options import add_writer_options, make_writer, read_prices

if TYPE_CHECKING:
    from .synthesis.extension import Extension
    from .synthesis.extension_checks import FrameChecker, ReadIntents
    from .synthesis.extension_plan import Plan
    from .synthesis.replies import ReplyLog
    from .synthesis.usage import Prices

EXTEND_SUMMARY = "have a language model propose new query frames, and keep those that are fit"
EXTEND_EXAMPLES = """
moviequery extend --out new.toml --dry-run                     what it will take
moviequery extend --out new.toml --n 200                       Llama 3.1 405B, a provider of the Hub
moviequery extend --out new.toml --base-url http://localhost:8000/v1 --model my-model
moviequery extend --show-prompt > mine.toml                    what is asked; --prompt takes yours
moviequery build --grammar bundled --grammar new.toml --out queries   builds with them
"""
# Intents of texts whose reading is less sure than this count as not read.
_SURE = 0.9


def add_extend_options(verb: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    verb.add_argument("--out", metavar="TOML", help="a new grammar file; replies stay beside it")
    verb.add_argument("--n", type=read_count, default=100, help="frames wanted (default 100)")
    add_writer_options(verb, max_tokens=2_048, concurrency=4)
    verb.add_argument(
        "--grammar",
        action="append",
        default=[],
        metavar="TOML",
        help="what there is already (default: bundled)",
    )
    verb.add_argument("--graph", default="bundled", metavar="FILE", help="films for the dry runs")
    verb.add_argument("--seed", type=int, default=7, help="of what is asked, in what order (7)")
    verb.add_argument("--date", help="to be noted in the file; none keeps it the same every time")
    verb.add_argument(
        "--trust-intents", action="store_true", help="do not have the parser read the intents"
    )
    verb.add_argument("--json", action="store_true", help="the report as JSON")


def run_extend(options: argparse.Namespace) -> int:
    """Write a grammar file of new frames; return 1 where there are fewer than were wanted."""
    from .synthesis.extension_plan import Plan
    from .synthesis.extension_prompt import ExtensionPrompt, bundled_text
    from .synthesis.grammar import BUNDLED, Grammar
    from .synthesis.replies import ReplyLog

    if options.show_prompt:
        print(bundled_text(), end="")
        return 0
    if not options.out:
        raise MovieQueryError("give --out FILE.toml for the new frames")
    target = Path(options.out)
    if target.exists():
        raise MovieQueryError(f"{target}: exists; choose another name, or remove it")
    if not target.parent.is_dir():
        raise MovieQueryError(f"{target.parent}: there is no such folder; make it first")
    prices = read_prices(options)
    prompt = ExtensionPrompt.read(options.prompt) if options.prompt else ExtensionPrompt.bundled()
    grammar = Grammar.read(*(options.grammar or [BUNDLED]))
    plan = Plan(prompt, grammar, options.local or options.model, options.seed)
    with ReplyLog(target.with_name(f"{target.name}.replies.jsonl")) as log:
        _tell_log(log)
        if options.dry_run:
            return _show_estimate(options, plan, log, prices)
        return _extend(options, plan, log, prices)


def _extend(options: argparse.Namespace, plan: Plan, log: ReplyLog, prices: Prices | None) -> int:
    from .synthesis.extension import extend_grammar

    writer = make_writer(options, plan.prompt.schema)
    checker = _make_checker(options, plan)
    extension = extend_grammar(writer, plan, checker, options.n, log, options.concurrency)
    if extension.proposals:
        _write(options, plan, extension)
    print(_to_json(extension, prices) if options.json else extension.summary(prices))
    if extension.proposals:
        _tell(f"wrote {options.out}: build with --grammar bundled --grammar {options.out}")
    if len(extension.proposals) == options.n:
        return 0
    _tell(f"only {len(extension.proposals):,} of {options.n:,} frames: see what was refused")
    return 1


def _make_checker(options: argparse.Namespace, plan: Plan) -> FrameChecker:
    from .synthesis.builder import SyntheticQueryBuilder
    from .synthesis.extension_checks import FrameChecker

    graph = load_graph(options.graph)
    builder = SyntheticQueryBuilder(graph, plan.grammar, options.seed, {"train": 1.0})
    return FrameChecker(builder, None if options.trust_intents else _make_reader())


def _make_reader() -> ReadIntents:
    """Return what reads intents: the bundled parser, where it is sure."""
    from .modeling.parser import QueryParser

    parser = QueryParser.from_pretrained()

    def read(texts: Sequence[str]) -> list[Intent | None]:
        return [
            one.intent if one.intent and one.scores.get(one.intent, 0) >= _SURE else None
            for one in parser.parse(list(texts))
        ]

    return read


def _write(options: argparse.Namespace, plan: Plan, extension: Extension) -> None:
    provenance: dict[str, str | int] = {
        "model": plan.model,
        "prompt": plan.prompt.fingerprint,
        "grammar": plan.grammar.fingerprint,
        "seed": plan.seed,
        "frames": len(extension.proposals),
        "refused": extension.refused.total(),
    }
    provenance |= {"date": options.date} if options.date else {}
    target = Path(options.out)
    temporary = target.with_name(f".{target.name}.partial")
    temporary.write_text(extension.to_toml(provenance), encoding="utf-8", newline="\n")
    temporary.replace(target)


def _show_estimate(
    options: argparse.Namespace, plan: Plan, log: ReplyLog, prices: Prices | None
) -> int:
    least, most = plan.estimate(options.n, log, options.max_tokens)
    if options.json:
        costs = [prices.cost(usage) if prices else None for usage in (least, most)]
        names = ("least", "most")
        rows = {
            name: asdict(usage) | {"cost": cost}
            for name, usage, cost in zip(names, (least, most), costs, strict=True)
        }
        print(canonical_json(rows | {"kept": len(log)}))
        return 0
    print(f"{options.n:,} frames, {plan.per_request} to a request; {len(log):,} replies are there")
    print(f"if all are fit: {least.summary(prices)}")
    print(f"at most: {most.summary(prices)}")
    return 0


def _to_json(extension: Extension, prices: Prices | None) -> str:
    return canonical_json(
        {
            "frames": len(extension.proposals),
            "clauses": len(extension.clauses),
            "refused": dict(sorted(extension.refused.items())),
            "examples": dict(sorted(extension.examples.items())),
            "usage": asdict(extension.usage),
            "kept": extension.kept,
            "cost": prices.cost(extension.usage) if prices else None,
        }
    )


def _tell_log(log: ReplyLog) -> None:
    if log.healed:
        _tell(f"a line that a crash had cut off ({log.healed} bytes) was removed from {log.path}")
    if log.damaged:
        _tell(f"{log.damaged:,} lines of {log.path} cannot be read; they are asked for again")


def _tell(line: str) -> None:
    print(f"moviequery: {line}", file=sys.stderr)
