"""Books instead of films, without a change in code: a table becomes a checked dataset.

    pip install 'moviequery[shacl]'
    python examples/books/shelf.py --out books-dataset

What differs from films stands in four files beside this one: `mapping.toml` says which column is
which field, `concepts.toml` which kinds of books there are, `grammar.toml` how readers ask, and
`shapes.ttl` what a shelf must hold.
"""

from __future__ import annotations

import argparse
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

from moviequery import Grammar, MovieGraph, Recommender, SyntheticQueryBuilder, read_catalogue
from moviequery.corpus.dataset import read_queries, write_dataset
from moviequery.knowledge.concepts import Concepts
from moviequery.schema import Entity, EntityType, Intent, ParsedQuery
from moviequery.synthesis.grounding import check

HERE = Path(__file__).parent


def main() -> None:
    """Read the table, check the graph, write the dataset, check it, and find books."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("books-dataset"))
    parser.add_argument("--n", type=int, default=500)
    options = parser.parse_args()

    mapping = tomllib.loads((HERE / "mapping.toml").read_text("utf-8"))
    catalogue = read_catalogue(HERE / "books.csv", columns=mapping, licence="CC0 1.0")
    print(catalogue.summary())
    graph = MovieGraph.from_movies(catalogue, Concepts.read(HERE / "concepts.toml"))
    print(graph.validate().summary())
    check_shapes(graph)

    # fifty books are too few for splits that share none
    grammar = Grammar.read(HERE / "grammar.toml")
    builder = SyntheticQueryBuilder(graph, grammar, splits={"train": 1.0})
    write_dataset(builder, options.out, options.n, sources=graph.sources.values())
    queries = read_queries(options.out)["train"]
    for query in queries:
        check(query, graph)
    counts = Counter(query.intent.value for query in queries)
    print(f"\n{len(queries)} queries in {options.out}, each checked: {dict(counts)}")
    for query in queries[:5]:
        labels = [f"{entity.type.value}={entity.text}" for entity in query.entities]
        print(f"  {query.intent.value:<8} {query.text}   {', '.join(labels)}")

    text = "something like Dracula, but about science"
    named = (
        Entity(EntityType.TITLE, "Dracula", 15, 22),
        Entity(EntityType.THEME, "science", 34, 41),
    )
    recommender = Recommender(graph, encoder=None)
    print(f"\n{text}")
    for book, score, facts in recommender.recommend(
        ParsedQuery(text, Intent.REC, entities=named), 3
    ):
        print(f"  {score:.2f}  {book.title} by {book.directors[0]}  {facts[0]}")


def check_shapes(graph: MovieGraph) -> None:
    """Print what the shapes of a shelf say, and end where a book breaks one."""
    import pyshacl

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "books.ttl"
        graph.write(path)
        conforms, _, text = pyshacl.validate(str(path), shacl_graph=str(HERE / "shapes.ttl"))
    if not conforms:
        raise SystemExit(text)
    print(f"{len(graph)} books checked: all conform to the shapes of a shelf")


if __name__ == "__main__":
    main()
