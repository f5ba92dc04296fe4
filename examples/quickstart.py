"""Films to graph to 20,000 labelled queries to a parser to films, on the bundled catalogue.

python examples/quickstart.py --out quickstart-output
"""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

from moviequery import (
    MovieGraph,
    ParsedQuery,
    Query,
    QueryParser,
    Recommender,
    SyntheticQueryBuilder,
)
from moviequery.corpus.dataset import read_queries, write_dataset

ASKED = (
    "any good 90s heist movies like Heat but funnier?",
    "who played the joker in the dark knight",
    "something by Hayao Miyazaki for a rainy sunday, nothing sad please",
)


def main() -> None:
    """Build the dataset, show some of it, say where it is, and find films for three queries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("quickstart-output"))
    parser.add_argument("--n", type=int, default=20_000)
    options = parser.parse_args()

    graph = MovieGraph.bundled()
    print(f"knowledge graph: {len(graph):,} films, {graph.counts()['triples']:,} triples")
    rows = graph.sparql(
        "SELECT ?title ?year { ?film schema:director ?who ; schema:name ?title ;"
        " schema:datePublished ?year . ?who schema:name ?name } ORDER BY ?year LIMIT 3",
        {"name": "Michael Mann"},
    )
    print("asked by SPARQL, films of Michael Mann:", [(row["title"], row["year"]) for row in rows])

    folder = options.out / "queries"
    if (folder / "README.md").exists():
        print(f"\n{folder} is there already; delete it to build it again")
    else:
        census = write_dataset(
            SyntheticQueryBuilder(graph, seed=7), folder, options.n, sources=graph.sources.values()
        )
        print(f"\n{census.summary()}")

    print("\nsome of its rows:")
    telling = (query for query in read_queries(folder)["train"] if len(query.entities) > 1)
    for query in islice(telling, 0, 50, 10):
        show(query)
    print(f"\nthe dataset is in {folder}; from here:")
    print(f"  datasets.load_dataset({str(folder)!r})")
    print(f"  moviequery train --recipe encoder {folder} --out parser")

    query_parser = QueryParser.from_pretrained(graph=graph)
    print("\nwhat the fast parser, trained on such rows alone, makes of three queries:")
    recommender = Recommender(graph, encoder="lexical")  # MiniLM with the extra `films`
    for parsed in query_parser.parse(ASKED):
        show(parsed)
        found = recommender.recommend(parsed, k=3)
        print(f"    {found.answer or 'films:'}")
        for movie, score, facts in found:
            print(f"      {score:.2f} {movie.title} ({movie.year})  {facts[0]}")


def show(query: Query | ParsedQuery) -> None:
    """Print a query and its labels."""
    print(f"\n  {query.text}\n    {query.intent}")
    for entity in query.entities:
        print(f"    {entity.type.value:<12} {entity.text}  {entity.iri or ''}")


if __name__ == "__main__":
    main()
