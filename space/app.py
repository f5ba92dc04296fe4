"""A search box for films that people can talk to: intent, what was understood, films with reasons.

Run it with `pip install 'moviequery[space]'` and `python space/app.py`, then open the address that
it prints. The parser is the bundled one; `MOVIEQUERY_MODEL` names another folder or Hub id.
`MOVIEQUERY_INDEX` names a folder that keeps what is computed of the films, for the next start;
`MOVIEQUERY_ENCODER=lexical` compares meanings without a model, which starts in seconds.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from moviequery import MovieGraph, QueryParser
from moviequery.recommendation.recommender import Recommender

if TYPE_CHECKING:
    from moviequery import ParsedQuery
    from moviequery.recommendation.results import Recommendation

TITLE = "Ask for films"
EXAMPLES = (
    "any good 90s heist movies like Heat but funnier?",
    "a comedy with Bill Murray but no ghosts",
    "who directed Blade Runner?",
    "something sad and beautiful set in Japan",
)
INTENTS = {"rec": "asks for films to watch", "non_rec": "asks something else about films"}
COLUMNS = ("film", "year", "score", "why")
WIDTHS = ("24%", "8%", "8%", "60%")
# What schema.org calls what people call otherwise.
WORDS = {
    "aggregateRating": "rating",
    "contentRating": "certificate",
    "countryOfOrigin": "country",
    "datePublished": "year",
    "inLanguage": "language",
    "isBasedOn": "based on",
    "productionCompany": "studio",
}
LONGEST = 500  # characters; a query is a sentence or two
FILMS = 10
# Types that often meet differ in colour.
COLOURS = ("red", "blue", "green", "orange", "purple", "teal", "pink", "gold", "brown", "grey")


@cache
def load_parts() -> tuple[QueryParser, Recommender]:
    """Return parser and recommender; the first query waits for them, the others do not."""
    graph = MovieGraph.bundled()
    parser = QueryParser.from_pretrained(os.environ.get("MOVIEQUERY_MODEL"), graph=graph)
    index = os.environ.get("MOVIEQUERY_INDEX")
    encoder = os.environ.get("MOVIEQUERY_ENCODER", "auto")
    return parser, Recommender(graph, encoder, folder=index)


def say_intent(parsed: ParsedQuery) -> str:
    """Return the intent in words, with how sure the parser is."""
    if parsed.intent is None:
        return "No intent was found."
    score = f", {parsed.scores[parsed.intent]:.0%} sure" if parsed.scores else ""
    return f"**{parsed.intent.value}**: {INTENTS[parsed.intent.value]}{score}"


def mark_entities(parsed: ParsedQuery) -> dict[str, Any]:
    """Return the text and its entities in the form that Gradio highlights."""
    return {
        "text": parsed.text,
        "entities": [
            {
                "entity": f"not {entity.type.value}" if entity.negated else entity.type.value,
                "start": entity.start,
                "end": entity.end,
            }
            for entity in parsed.entities
        ],
    }


def list_films(found: Recommendation, graph: MovieGraph) -> list[list[Any]]:
    """Return a row per film: title, year, score, the facts that justify it and what it lacks."""
    rows = []
    for hit in found.hits:
        why = [say_fact(fact, graph) for fact in hit.facts] or ["close in meaning"]
        why += [f"but not {lacking}" for lacking in hit.unmet]
        rows.append([hit.movie.title, hit.movie.year, round(hit.score, 2), "; ".join(why)])
    return rows


def say_fact(fact: str, graph: MovieGraph) -> str:
    """Return predicate and value of a triple in words."""
    _, predicate, value = fact.split(" ", 2)
    name = predicate.strip("<>").rpartition(":")[2].rpartition("/")[2]
    node = graph.index.nodes.get(value.strip("<>"))
    shown = node.label if node else (value.rpartition("^^")[0] or value).strip('"<>')
    return f"{WORDS.get(name, name)} {shown}"


def answer(
    text: str, parser: QueryParser, recommender: Recommender
) -> tuple[str, dict[str, Any], str, list[list[Any]]]:
    """Return intent, marked text, notes and films for a query."""
    parsed = parser.parse(text.strip()[:LONGEST])
    found = recommender.recommend(parsed, FILMS)
    notes = [found.answer] if found.answer else []
    notes += [f"- {note}" for note in found.notes]
    if not found.hits and not found.answer:
        notes.append("- no film of the catalogue fits")
    films = list_films(found, recommender.graph)
    return say_intent(parsed), mark_entities(parsed), "\n".join(notes), films


def ask(text: str) -> tuple[str, dict[str, Any] | None, str, list[list[Any]]]:
    """Return what the page shows for a query."""
    if not text.strip():
        return "Type a query.", None, "", []
    return answer(text, *load_parts())


def make_app() -> Any:  # noqa: ANN401 - gradio is not typed
    """Return the page."""
    import gradio as gr

    from moviequery.schema import ENTITY_TYPES

    names = [name for kind in ENTITY_TYPES for name in (kind.value, f"not {kind.value}")]
    colours = {name: COLOURS[number // 2 % len(COLOURS)] for number, name in enumerate(names)}
    with gr.Blocks(title=TITLE) as app:
        gr.Markdown(f"# {TITLE}\nType what you feel like watching, or a question about a film.")
        box = gr.Textbox(label="query", max_length=LONGEST, autofocus=True, submit_btn=True)
        intent = gr.Markdown(label="intent")
        marked = gr.HighlightedText(label="understood", color_map=colours, show_legend=False)
        notes = gr.Markdown()
        films = gr.Dataframe(
            label="films", headers=list(COLUMNS), column_widths=list(WIDTHS), wrap=True
        )
        shown = [intent, marked, notes, films]
        box.submit(ask, box, shown, api_name="ask")
        gr.Examples([[example] for example in EXAMPLES], box, shown, ask, run_on_click=True)
    return app


def main() -> None:
    """Load everything, then serve the page on this machine."""
    load_parts()
    make_app().launch()


if __name__ == "__main__":
    main()
