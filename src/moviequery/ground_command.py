"""The verb `ground`: what texts claim of films, and whether the graph says the same."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .errors import MovieQueryError
from .parse_command import load_graph, load_parser, read_texts, show_text
from .schema import canonical_json

if TYPE_CHECKING:
    from .synthesis.claims import Claim

GROUND_SUMMARY = "check what texts say of films against the graph"
GROUND_EXAMPLES = """
moviequery ground "I loved Heat, the 1995 thriller by Michael Mann"
moviequery ground --json "Heat, which has no De Niro in it"       exit code 1: a claim is false
moviequery ground --file replies.txt --json                       one answer a line
moviequery ground --graph films.nq < replies.txt
"""
_MARKS = {"true": "true   ", "false": "FALSE  ", "unknown": "unknown"}


def add_ground_options(verb: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    verb.add_argument("texts", nargs="*", metavar="TEXT", help="none: one a line from stdin")
    verb.add_argument(
        "--file", action="append", default=[], metavar="FILE", help="texts, one a line"
    )
    verb.add_argument("--graph", metavar="FILE", help="an RDF file (default: the bundled films)")
    verb.add_argument(
        "--model",
        metavar="M",
        help="what reads the texts (default: the bundled fast parser)",
    )
    verb.add_argument(
        "--json", action="store_true", help="a text's claims as JSON, one text a line"
    )
    verb.set_defaults(base=None, device=None)


def run_ground(options: argparse.Namespace) -> int:
    """Print the claims of texts; return 1 where one of them is false."""
    from .synthesis.claims import check_claims

    if options.texts and options.file:
        raise MovieQueryError("give texts or --file, not both")
    graph = load_graph(options.graph or "bundled")
    parser = load_parser(options, graph)
    found_false = False
    for texts in [options.texts] if options.texts else read_texts(options.file):
        for parsed in parser.parse(texts):
            claims = check_claims(parsed, graph.index)
            found_false = found_false or any(claim.verdict == "false" for claim in claims)
            if options.json:
                print(canonical_json({"claims": [claim.to_row() for claim in claims]}))
            else:
                print(show_claims(parsed.text, claims))
        sys.stdout.flush()
    return int(found_false)


def show_claims(text: str, claims: Sequence[Claim]) -> str:
    """Return a text and a line for each of its claims, with the triple that a false one needs."""
    lines = [show_text(text)]
    if not claims:
        lines.append("  says nothing of a film")
    for claim in claims:
        lines.append(f"  {_MARKS[claim.verdict]}  {show_text(claim.reason)}")
        if claim.verdict == "false":
            need = "denied" if claim.negated else "needed"
            lines.append(f"           {need}: {show_text(claim.triple)}")
    return "\n".join(lines)
