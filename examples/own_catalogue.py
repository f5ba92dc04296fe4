"""Your own table and your own grammar: from a CSV file to queries about its films.

python examples/own_catalogue.py
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from moviequery import Grammar, MovieGraph, SyntheticQueryBuilder, read_catalogue

FILMS = [
    ("name", "released", "tags", "made by", "stars"),
    ("Metropolis", "1927", "science fiction|drama", "Fritz Lang", "Brigitte Helm|Alfred Abel"),
    ("Nosferatu", "1922", "horror", "F. W. Murnau", "Max Schreck|Greta Schröder"),
    ("The General", "1926", "comedy|war", "Buster Keaton|Clyde Bruckman", "Buster Keaton"),
    ("The Kid", "1921", "comedy|drama", "Charlie Chaplin", "Charlie Chaplin|Jackie Coogan"),
    ("Safety Last!", "1923", "comedy", "Fred C. Newmeyer|Sam Taylor", "Harold Lloyd"),
    ("", "1925", "drama", "a row without a title is counted", ""),
]
GRAMMAR = """
[[frame]]
id = "mine.like"
intent = "rec"
text = "Something like {title a}[, but <more>]?"

[[frame]]
id = "mine.who"
intent = "non_rec"
text = "Who (made|directed) {title a} [with {actor of a}]?"

[clauses]
more = ["from the {year:decade}", "by {director}", "with less {not genre}"]
"""


def main() -> None:
    """Write a table, read it, and print queries about its films."""
    with tempfile.TemporaryDirectory() as folder:
        table, grammar = Path(folder) / "films.csv", Path(folder) / "grammar.toml"
        with table.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(FILMS)
        grammar.write_text(GRAMMAR, encoding="utf-8")

        catalogue = read_catalogue(
            table,
            columns={
                "title": "name",
                "year": "released",
                "genres": "tags",
                "directors": "made by",
                "cast": "stars",
            },
            licence="CC0 1.0",
        )
        print(catalogue.summary())
        graph = MovieGraph.from_movies(catalogue)
        # five films are too few for three splits that share none
        builder = SyntheticQueryBuilder(graph, Grammar.read(grammar), splits={"train": 1.0})
        for query in builder.build(10):
            labels = [f"{entity.type}={entity.text}" for entity in query.entities]
            print(f"{query.intent:<8} {query.text}   {', '.join(labels)}")


if __name__ == "__main__":
    main()
