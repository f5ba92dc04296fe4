"""The diversity card: the sample, the sides that are set against each other, and how it reads."""

import json
from random import Random

import pytest
from small_builder import SmallBuilder

from moviequery.errors import EvaluationError
from moviequery.evaluation.diversity_card import describe_queries, make_card, pair_queries
from moviequery.knowledge.index import GraphIndex
from moviequery.schema import Intent, Provenance, Query
from moviequery.synthesis.diversity import measure_variety

NO_FILMS = GraphIndex([], [])


def make_queries(count):
    builder = SmallBuilder()
    rows = (builder.row(index) for index in range(2 * count))
    return [query for query in rows if query][:count]


def make_searches(count, seed, style):
    rng = Random(seed)
    texts = [
        " ".join(rng.choices(["good", "sad", "film", "about", "dog", "heist", "old"], k=8))
        for _ in range(count)
    ]
    return [
        Query(text, Intent.REC, provenance=Provenance(i, 7, "train", "f", style=style))
        for i, text in enumerate(texts)
    ]


def test_the_sample_is_drawn_with_seed_0():
    queries = make_queries(60)
    card = describe_queries(queries, NO_FILMS, 40)
    drawn = Random(0).sample([query.text for query in queries], 40)
    assert card.texts == {"these queries": measure_variety(drawn)}
    # without their genres, the same rows differ in fewer words
    masked = card.masked["these queries"]
    assert masked.texts == 40
    assert masked.distinct[0] < card.texts["these queries"].distinct[0]
    assert make_card(pair_queries(queries), 1_000).texts["these queries"].texts == 60


def test_all_queries_are_counted_not_only_the_sample():
    queries = make_queries(60)
    card = describe_queries([*queries, queries[0]], NO_FILMS, 10)
    assert card.coverage.rows == 61
    assert card.near_duplicates >= 1
    assert json.loads(json.dumps(card.to_dict()))["coverage"]["rows"] == 61


def test_only_searches_are_set_against_people():
    pytest.importorskip("sklearn")
    real = [query.text for query in make_searches(200, 1, "search")]
    odd = [
        Query(f"pray {q.text}", q.intent, provenance=q.provenance)
        for q in make_searches(200, 3, "chat")
    ]
    queries = [*make_searches(150, 2, "search"), *odd]
    card = describe_queries(queries, NO_FILMS, 20, real=real)
    assert card.real_texts == 150
    assert card.separability < 0.65
    assert f"AUC of {card.separability:.3f}" in card.render()
    with pytest.raises(EvaluationError, match="0 synthetic and 200 real"):
        describe_queries(odd, NO_FILMS, 20, real=real)


def test_it_reads_as_two_tables_and_what_is_covered():
    text = describe_queries(make_queries(30), NO_FILMS).render()
    tables = text.split("\n\n")
    assert tables[0].splitlines()[1].startswith("these queries")
    assert tables[1].startswith("with every entity replaced by its type")
    assert "people: ReDial" in tables[0]
    assert "of 30 rows" in tables[2]
    assert "AUC" not in text


def test_too_few_texts_are_refused():
    for queries, n in ((make_queries(1), 10), (make_queries(5), 1), ([], 10)):
        with pytest.raises(EvaluationError, match="at least 2"):
            describe_queries(queries, NO_FILMS, n)
