"""Queries to intent, entities and films of the graph, with the fast parser.

python examples/parse_queries.py
python examples/parse_queries.py --model OUT          what `moviequery train --recipe encoder` wrote
"""

from __future__ import annotations

import argparse

from moviequery import MovieGraph, QueryParser

QUERIES = [
    "any good 90s heist movies like Heat but funnier?",
    "who directed Heat",
    "films starring al pacino, not too violent",
    "asdf",
]


def main() -> None:
    """Parse a query, then several at once, and print all that a parse holds."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--model", help="a folder, instead of the bundled parser")
    model = options.parse_args().model

    # a few milliseconds a query on one core; the graph links names to its films and people
    parser = QueryParser.from_pretrained(model, graph=MovieGraph.bundled())
    parsed = parser.parse(QUERIES[0])
    print(parsed.to_json())  # the answer in the paper's form

    for parsed in parser.parse(QUERIES):  # a list is read in batches
        scores = {intent.value: round(score, 2) for intent, score in parsed.scores.items()}
        print(f"\n{parsed.text}\n  {scores}{'' if parsed.confident else '  not sure'}")
        for entity in parsed.entities:
            assert parsed.text[entity.start : entity.end] == entity.text
            wanted = "not wanted" if entity.negated else ""
            place = f"[{entity.start}, {entity.end})"
            print(f"  {entity.type:<10} {place:<9} {entity.text:<16} {entity.iri or ''} {wanted}")

    # ask back, rather than search, where the parser is less sure than you want it to be
    strict = QueryParser.from_pretrained(model, threshold=0.99)
    unsure = [query.text for query in strict.parse(QUERIES) if not query.confident]
    print(f"\nworth asking back at a threshold of 0.99: {unsure}")


if __name__ == "__main__":
    main()
