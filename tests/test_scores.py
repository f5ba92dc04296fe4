"""Scores of parsed queries: spans, negation and intent by hand counts, and the laws of counts."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviequery.errors import EvaluationError
from moviequery.metrics.macro_f1.counts import Counts, score_rows
from moviequery.metrics.scores import (
    EntityScores,
    format_answers,
    score_answers,
    score_entities,
)
from moviequery.schema import ENTITY_TYPES, Entity, EntityType, Intent, ParsedQuery, Query

TEXT = "no horror films like heat"


def entity(kind: str, text: str, negated: bool = False) -> Entity:
    start = TEXT.index(text)
    return Entity(EntityType(kind), text, start, start + len(text), negated=negated)


HORROR = entity("genre", "horror", negated=True)
HEAT = entity("title", "heat")
GOLD = Query(TEXT, Intent.REC, (HORROR, HEAT))


def parsed(
    *entities: Entity, intent: Intent | None = Intent.REC, valid: bool = True
) -> ParsedQuery:
    return ParsedQuery(TEXT, intent, entities=entities, valid=valid)


def types(scores: EntityScores) -> dict[str, Counts]:
    return {each.value: counts for each, counts in zip(ENTITY_TYPES, scores.types, strict=True)}


def test_a_perfect_parse_scores_one_everywhere():
    scores = score_entities([GOLD], [parsed(HORROR, HEAT)])
    assert (scores.macro_f1, scores.micro_f1, scores.parse_rate) == (1.0, 1.0, 1.0)
    assert scores.intent is not None and scores.intent["macro_f1"] == 1.0
    assert (scores.negation_accuracy, scores.negation.f1) == (1.0, 1.0)


def test_start_end_and_type_must_all_be_right():
    said = parsed(entity("genre", "horror films"), entity("plot", "heat"))
    counts = types(score_entities([GOLD], [said]))
    assert counts["genre"] == Counts(fp=1, fn=1)
    assert counts["title"] == Counts(fn=1)
    assert counts["plot"] == Counts(fp=1)


def test_macro_is_over_the_types_with_gold_and_micro_over_all():
    scores = score_entities([GOLD], [parsed(HORROR, entity("mood", "like"))])
    assert scores.macro_f1 == (1.0 + 0.0) / 2  # genre found, title missed, mood has no gold
    assert scores.micro_f1 == 2 * 1 / (2 * 1 + 1 + 1)


def test_negation_is_scored_apart_over_the_spans_that_were_found():
    rows = [
        parsed(entity("genre", "horror"), HEAT),  # found, negation missed
        parsed(HORROR, entity("title", "heat", negated=True)),  # found, one negation too many
        parsed(entity("genre", "horror films", negated=True)),  # not found: no count
    ]
    scores = score_entities([GOLD] * 3, rows)
    assert scores.negation == Counts(tp=1, fp=1, fn=1)
    assert scores.negation_accuracy == 2 / 4
    assert types(scores)["genre"] == Counts(tp=2, fp=1, fn=1)


def test_an_invalid_answer_misses_everything_and_nothing_of_it_counts():
    scores = score_entities([GOLD], [parsed(HORROR, intent=Intent.REC, valid=False)])
    assert scores.total == Counts(fn=2)
    assert scores.parse_rate == 0.0
    assert scores.intent is not None and scores.intent["rec"]["fn"] == 1


def test_a_parser_without_intents_has_no_intent_score_but_silence_on_one_row_is_a_miss():
    silent = parsed(HORROR, HEAT, intent=None)
    assert score_entities([GOLD], [silent]).intent is None
    both = score_entities([GOLD, GOLD], [silent, parsed(HORROR, HEAT)])
    assert both.intent is not None and both.intent["accuracy"] == 0.5
    assert both == score_entities([GOLD], [silent]) + score_entities([GOLD], [parsed(HORROR, HEAT)])


def test_a_repeated_span_counts_once():
    assert score_entities([GOLD], [parsed(HEAT, HEAT, HORROR)]).total == Counts(tp=2)
    plain = entity("genre", "horror")
    for twice in ((HORROR, plain), (plain, HORROR)):  # negated if either of the two is
        assert score_entities([GOLD], [parsed(*twice)]).negation == Counts(tp=1)


def test_no_rows_score_zero():
    scores = score_entities([], [])
    assert scores == EntityScores()
    assert (scores.macro_f1, scores.micro_f1, scores.parse_rate) == (0.0, 0.0, 0.0)
    assert scores.negation_accuracy == 0.0
    assert "micro" in scores.to_table()


def test_answers_to_other_texts_are_refused():
    with pytest.raises(EvaluationError, match="row 1: parsed 'other', but gold is 'no horror"):
        score_entities([GOLD, GOLD], [parsed(), ParsedQuery("other", Intent.REC)])
    with pytest.raises(EvaluationError, match="1 gold texts and 0 parsed"):
        score_entities([GOLD], [])


def test_the_table_shows_what_counts():
    table = score_entities([GOLD], [parsed(HORROR, entity("plot", "heat"))]).to_table()
    rows = {line.split()[0]: line.split()[1:] for line in table.splitlines()[1:] if line}
    assert rows["genre"] == ["1.0000", "1.0000", "1.0000", "1"]
    assert rows["title"] == ["0.0000", "0.0000", "0.0000", "1"]
    assert rows["plot"] == ["0.0000", "0.0000", "0.0000", "0"]
    assert rows["macro"] == ["0.5000"]
    assert "mood" not in rows
    assert "intent macro-F1 1.0000 (rec 1.0000, non_rec 0.0000), accuracy 1.0000 of 1" in table
    assert "negation accuracy 1.0000 of 1 spans found, F1 1.0000 of 1 negated" in table


def test_the_dictionary_is_json_with_every_type():
    record = json.loads(json.dumps(score_entities([GOLD], [parsed(HEAT)]).to_dict()))
    assert list(record["types"]) == [each.value for each in ENTITY_TYPES]
    assert record["types"]["title"]["tp"] == 1
    assert record["negation"]["accuracy"] == 1.0


def test_plain_answers_score_as_the_published_metric_does():
    predictions = ['{"intent":"rec","titles":["heat"]}', "oops"]
    references = [GOLD.to_json()] * 2
    assert score_answers(predictions, references) == score_rows(predictions, references)
    assert score_answers(predictions, [GOLD] * 2) == score_rows(predictions, references)


def test_a_parsed_query_stands_for_its_json_unless_it_is_not_valid():
    scores = score_answers([parsed(HORROR, HEAT), parsed(valid=False), None], [GOLD] * 3)
    assert scores["parse_rate"] == 1 / 3
    assert (scores["titles"]["tp"], scores["titles"]["fn"]) == (1, 2)


def test_a_wrong_reference_is_a_user_error():
    with pytest.raises(EvaluationError, match=r"reference 0 is not a gold answer \(fields"):
        score_answers(["{}"], ['{"title": ["Heat"]}'])


def test_answers_as_a_table():
    table = format_answers(score_answers([GOLD.to_json()], [GOLD.to_json()]))
    rows = {line.split()[0]: line.split()[1:] for line in table.splitlines()[1:] if line}
    assert rows["titles"] == ["1.0000", "1.0000", "1.0000", "1"]
    assert rows["macro"] == ["1.0000", "[1.0000,", "1.0000]"]
    assert "parse rate 1.0000, exact match 1.0000, unknown fields 0" in table
    assert "[" not in format_answers(score_answers(["{}"], ["{}"], resamples=0))


@st.composite
def rows(draw: st.DrawFn) -> tuple[Query, ParsedQuery]:
    cuts = draw(st.lists(st.integers(0, len(TEXT)), max_size=8, unique=True).map(sorted))
    spans = [
        Entity(kind, TEXT[start:end], start, end, negated=negated)
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
        for kind in [draw(st.sampled_from(ENTITY_TYPES[:3]))]
        for negated in [draw(st.booleans())]
    ]
    kept = draw(st.lists(st.sampled_from(spans), unique=True)) if spans else []
    more = [HORROR] if draw(st.booleans()) else []
    intent = draw(st.none() | st.sampled_from(Intent))
    answer = parsed(*more, *kept, intent=intent, valid=draw(st.booleans()))
    return Query(TEXT, draw(st.sampled_from(Intent)), tuple(spans)), answer


def score(pairs: list[tuple[Query, ParsedQuery]]) -> EntityScores:
    return score_entities([gold for gold, _ in pairs], [answer for _, answer in pairs])


@settings(deadline=None)
@given(st.lists(rows(), max_size=5), st.lists(rows(), max_size=5))
def test_the_scores_of_two_corpora_add_up(first, second):
    assert score(first) + score(second) == score(first + second)


@settings(deadline=None)
@given(st.lists(rows(), max_size=5))
def test_doubling_a_corpus_changes_no_score(pairs):
    once, twice = score(pairs), score(pairs * 2)
    assert once.macro_f1 == twice.macro_f1
    assert once.micro_f1 == twice.micro_f1
    assert once.negation_accuracy == twice.negation_accuracy
    assert (once.intent or {}).get("macro_f1") == (twice.intent or {}).get("macro_f1")


@settings(deadline=None)
@given(st.lists(rows(), max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_of_answers_is_irrelevant(pairs, random):
    mixed = [
        (gold, ParsedQuery(TEXT, each.intent, {}, each.entities[::-1], each.valid))
        for gold, each in random.sample(pairs, len(pairs))
    ]
    assert score(mixed) == score(pairs)


def test_scoring_loads_no_heavy_library():
    code = (
        "import sys, moviequery.metrics.scores, moviequery.metrics.bio\n"
        "print(sorted({'torch', 'evaluate', 'datasets', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
