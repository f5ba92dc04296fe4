"""The paper's recipe on a dataset folder: QLoRA adapters for intents and entities, then a parse.

    moviequery build --n 20000 --out queries
    python examples/train_adapters.py --data queries --model meta-llama/Llama-3.2-3B-Instruct

Needs `pip install 'moviequery[train]'`. A killed training goes on when it is started again.
"""

from __future__ import annotations

import argparse

from moviequery import QLoRAConfig, QueryParser, train_qlora
from moviequery.corpus.dataset import read_queries
from moviequery.metrics.scores import score_entities


def main() -> None:
    """Train both adapters, parse one query, and score the test split."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--model", default="meta-llama/Llama-3.2-3B-Instruct")
    parser.add_argument("--out", default="adapters")
    parser.add_argument("--epochs", type=float, default=QLoRAConfig().epochs)
    parser.add_argument("--rows", type=int, default=500, help="test rows to score")
    options = parser.parse_args()

    config = QLoRAConfig(epochs=options.epochs)
    for report in train_qlora(options.data, config, options.model, options.out).values():
        print(report.summary())
    queries = read_queries(options.data)["test"][: options.rows]
    query_parser = QueryParser.from_pretrained(options.out)
    print(query_parser.parse("any good 90s heist movies like Heat but funnier?").to_json())
    parsed = query_parser.parse([query.text for query in queries])
    print(score_entities(queries, parsed).to_table())


if __name__ == "__main__":
    main()
