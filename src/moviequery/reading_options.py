"""Options of the verbs that read texts with a model: `parse`, `recommend` and `evaluate`."""

from __future__ import annotations

import argparse

from .option_values import read_count

PARSE_SUMMARY = "find the intent and the entities of texts"
PARSE_EXAMPLES = """
moviequery parse "any good 90s heist movies like Heat but funnier?"
moviequery parse --graph bundled "films by the director of Heat"    links names to films
moviequery parse --json < queries.txt                   one query a line, as it comes
moviequery parse --file queries.txt --full --model adapters
"""
RECOMMEND_SUMMARY = "find films for what a text asks, each with the facts that justify it"
RECOMMEND_EXAMPLES = """
moviequery recommend "a 90s heist film like Heat, but funny"
moviequery recommend "who directed Heat"                the graph's answer
moviequery recommend --json --k 3 "french comedies" --graph films.nq
"""
EVALUATE_SUMMARY = "score a parser on labelled queries, or measure how diverse queries are"
EVALUATE_EXAMPLES = """
moviequery evaluate mit_movie.bio --labels mit-movie          the bundled fast parser
moviequery evaluate queries --split test --model adapters     a dataset folder
moviequery evaluate rows.jsonl --model adapters --json
moviequery evaluate queries --baseline gazetteer --baseline fast --baseline prompted:MODEL
moviequery evaluate --diversity queries --against people.bio --slot-filling
moviequery evaluate --diversity queries --slot-filling --model bundled --card
"""


def _add_model(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--model",
        metavar="M",
        help="what `moviequery train` wrote, or a Hub id (default: the bundled fast parser)",
    )
    verb.add_argument(
        "--base", metavar="B", help="base model, where the adapter's own is elsewhere"
    )
    verb.add_argument("--device", help="cpu, cuda, cuda:1 ... (default: the best there is)")
    verb.add_argument("--batch-size", type=read_count, help="texts at once")
    verb.add_argument("--threads", type=read_count, help="of the fast parser (default 1)")
    verb.add_argument(
        "--no-names",
        dest="names",
        action="store_false",
        default=None,
        help="read the text alone, without the names that the parser knows",
    )


def add_parse_options(verb: argparse.ArgumentParser) -> None:
    """Add the options of the verb `parse`."""
    verb.add_argument("texts", nargs="*", metavar="TEXT", help="none: one a line from stdin")
    verb.add_argument(
        "--file", action="append", default=[], metavar="FILE", help="texts, one a line"
    )
    _add_model(verb)
    verb.add_argument(
        "--graph", metavar="FILE", help="link names to this graph, or to the `bundled` one"
    )
    verb.add_argument(
        "--threshold", type=float, metavar="P", help="a score below it is marked as not sure"
    )
    verb.add_argument("--json", action="store_true", help="the answer as JSON, one a line")
    verb.add_argument(
        "--full", action="store_true", help="JSON with offsets, scores and IRIs, one a line"
    )


def add_recommend_options(verb: argparse.ArgumentParser) -> None:
    """Add the options of the verb `recommend`."""
    verb.add_argument("text", metavar="TEXT", help="what is asked")
    verb.add_argument("--k", type=int, default=10, help="most films to show (default 10)")
    _add_model(verb)
    verb.add_argument("--graph", metavar="FILE", help="an RDF file (default: the bundled films)")
    verb.add_argument(
        "--encoder",
        default="auto",
        metavar="E",
        help="lexical, or a sentence-transformers id or folder (default: MiniLM where the extra "
        "films is installed, else lexical)",
    )
    verb.add_argument(
        "--index", metavar="DIR", help="keeps what was read of the graph (default: the cache)"
    )
    verb.add_argument("--json", action="store_true", help="a list of films as JSON")


def add_evaluate_options(verb: argparse.ArgumentParser) -> None:
    """Add the options of the verb `evaluate`."""
    verb.add_argument("file", metavar="FILE", help="our JSONL, a dataset folder, or BIO / CoNLL")
    _add_model(verb)
    verb.add_argument(
        "--labels", metavar="MAP", help="for BIO: mit-movie, mit-trivia, or a TOML of your own"
    )
    verb.add_argument(
        "--baseline",
        action="append",
        default=[],
        metavar="B",
        help="compare, in one table: gazetteer, fast, parser:M, prompted:M, ner:M, gliner:M, "
        "bert-base-NER, roberta-movie-w-title",
    )
    verb.add_argument("--baseline-labels", metavar="MAP", help="label map of ner:M")
    verb.add_argument("--split", help="of a dataset folder (default test; of --diversity: train)")
    verb.add_argument("--limit", type=read_count, metavar="N", help="score the first N queries")
    verb.add_argument(
        "--diversity",
        action="store_true",
        help="measure the texts; with --model (`bundled` is one) its F1 by group of films too",
    )
    verb.add_argument("--out", metavar="FOLDER", help="of --diversity: numbers, text and picture")
    verb.add_argument(
        "--card",
        action="store_true",
        help="of --diversity: put it into the card of the dataset folder",
    )
    verb.add_argument("--n", type=read_count, default=1_000, help="texts to measure (default 1000)")
    verb.add_argument(
        "--against", metavar="REAL", help="people's queries (BIO): can they be told from ours?"
    )
    verb.add_argument(
        "--slot-filling", action="store_true", help="measure three templates over the graph too"
    )
    verb.add_argument(
        "--graph",
        metavar="FILE",
        help="graph to link names to, or `bundled`; of --diversity: what the queries are about",
    )
    verb.add_argument("--json", action="store_true", help="scores as JSON")
