"""The published metric: every rule by a hand count, and the folder as `evaluate` loads it."""

from __future__ import annotations

import doctest
import json
import os
import shutil
import subprocess
import sys
from functools import reduce
from operator import add
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from moviequery import schema
from moviequery.metrics import macro_f1
from moviequery.metrics.macro_f1.answers import (
    FIELDS,
    INTENTS,
    ReferenceFormatError,
    read_answer,
    read_reference,
)
from moviequery.metrics.macro_f1.counts import (
    Counts,
    Tally,
    bootstrap_macro,
    compare_sets,
    count_row,
    score_rows,
)

FOLDER = Path(macro_f1.__file__).parent
CARD = Path(__file__).parents[1] / "metric_cards" / "macro_f1.md"


def gold(**record: object) -> str:
    return json.dumps(record)


def test_the_folder_knows_the_fields_and_intents_of_the_library():
    assert FIELDS == schema.FIELDS
    assert tuple(schema.Intent) == INTENTS


@pytest.mark.parametrize(
    ("predicted", "truth", "counts"),
    [
        (["Heat"], ["Heat"], (1, 0, 0)),
        (["  HEAT "], ["heat"], (1, 0, 0)),
        (["The\t big\n heat"], ["the big heat"], (1, 0, 0)),
        (["STRASSE"], ["straße"], (1, 0, 0)),
        (["Heat", "heat", "HEAT"], ["Heat"], (1, 0, 0)),
        (["b", "a"], ["a", "b"], (2, 0, 0)),
        (["Heat", "Alien"], ["Heat", "Jaws"], (1, 1, 1)),
        (["Heat!"], ["Heat"], (0, 1, 1)),
        ([], ["Heat"], (0, 0, 1)),
        (["Heat"], [], (0, 1, 0)),
        ([], [], (0, 0, 0)),
    ],
)
def test_a_field_is_a_set_of_folded_values(predicted, truth, counts):
    scores = score_rows([gold(titles=predicted)], [gold(titles=truth)], resamples=0)
    assert tuple(scores["titles"][key] for key in ("tp", "fp", "fn")) == counts


def test_macro_is_the_mean_over_fields_with_gold_and_micro_pools_all():
    references = [gold(titles=["a", "b"], genres=["x"]), gold(genres=["y"])]
    predictions = [gold(titles=["a"], genres=["x"], moods=["dark"]), gold(genres=["z"])]
    scores = score_rows(predictions, references)
    # titles: 1 hit, 1 miss; genres: 1 hit, 1 spurious, 1 miss; moods: 1 spurious, no gold
    assert scores["titles"]["f1"] == 2 / 3
    assert scores["genres"]["f1"] == 1 / 2
    assert scores["moods"] == {
        "f1": 0.0, "precision": 0.0, "recall": 0.0, "tp": 0, "fp": 1, "fn": 0, "support": 0,
    }  # fmt: skip
    assert scores["macro_f1"] == (2 / 3 + 1 / 2) / 2
    assert scores["micro_f1"] == 2 * 2 / (2 * 2 + 2 + 2)
    assert scores["support"] == 4
    assert scores["exact_match"] == 0.0


def test_an_unreadable_answer_misses_its_gold_and_is_no_class():
    references = [
        gold(intent=label, titles=["a"]) for label in ("non_rec", "rec", "rec", "non_rec")
    ]
    predictions = [references[0], references[1], "Sorry, I cannot", references[3]]
    scores = score_rows(predictions, references)
    assert scores["parse_rate"] == 0.75
    assert (scores["titles"]["tp"], scores["titles"]["fn"], scores["titles"]["fp"]) == (3, 1, 0)
    assert scores["intent"]["macro_f1"] == pytest.approx((2 / 3 + 1) / 2)  # 0.833, not 0.556
    assert scores["intent"]["accuracy"] == 0.75
    assert scores["intent"]["unclassed"] == 1
    assert scores["intent"]["non_rec"]["fp"] == 0


@pytest.mark.parametrize("said", [{}, {"intent": "maybe"}, {"intent": "recommendation"}])
def test_an_intent_outside_the_two_is_a_miss(said):
    scores = score_rows([gold(**said)], [gold(intent="rec")])
    assert scores["parse_rate"] == 1.0
    assert scores["intent"]["rec"] | {"fn": 1, "support": 1} == scores["intent"]["rec"]
    assert scores["intent"]["non_rec"]["fp"] == 0
    assert scores["intent"]["unclassed"] == 1


def test_gold_without_intent_is_not_counted_for_intent():
    scores = score_rows([gold(intent="rec", titles=["a"])], [gold(titles=["a"])])
    assert scores["intent"]["support"] == 0
    assert scores["intent"]["rec"]["fp"] == 0
    assert score_rows(["{}"], ["{}"])["intent"]["unclassed"] == 0
    assert scores["exact_match"] == 1.0


def test_a_class_without_gold_stays_out_of_the_mean_but_costs_the_other():
    scores = score_rows(
        [gold(intent=label) for label in ("rec", "non_rec")], [gold(intent="rec")] * 2
    )
    assert scores["intent"]["macro_f1"] == scores["intent"]["rec"]["f1"] == 2 / 3
    assert scores["intent"]["non_rec"]["fp"] == 1


def test_fields_restrict_and_fix_what_is_scored():
    reference = gold(titles=["a"], genres=["x"], years=["1999"])
    scores = score_rows([gold(titles=["a"], genres=["z"])], [reference], fields=["titles", "moods"])
    assert [name for name in scores if name in FIELDS] == ["titles", "moods"]
    assert (scores["macro_f1"], scores["exact_match"], scores["unknown_fields"]) == (1.0, 1.0, 0)
    with pytest.raises(ReferenceFormatError, match=r"no such fields: \['title'\]"):
        score_rows([], [], fields=["title"])


def test_unknown_fields_of_answers_are_counted_and_otherwise_ignored():
    answer = gold(titles=["a"], title=["b"], confidence=0.9)
    scores = score_rows([answer], [gold(titles=["a"])])
    assert (scores["unknown_fields"], scores["macro_f1"], scores["exact_match"]) == (2, 1.0, 1.0)


def test_no_rows_score_zero():
    scores = score_rows([], [])
    flat = [scores[key] for key in ("macro_f1", "micro_f1", "parse_rate", "exact_match", "rows")]
    assert flat == [0.0, 0.0, 0.0, 0.0, 0]
    assert scores["interval"] == scores["intent"]["interval"] == [0.0, 0.0]
    assert set(scores["titles"].values()) == {0}


def test_empty_gold_and_empty_answer_add_nothing():
    scores = score_rows(["{}", "oops"], ["{}", "{}"])
    assert (scores["macro_f1"], scores["micro_f1"], scores["support"]) == (0.0, 0.0, 0)
    # the row that says nothing is right to do so; the unreadable one is not
    assert (scores["exact_match"], scores["parse_rate"]) == (0.5, 0.5)


def test_lengths_must_agree():
    with pytest.raises(ReferenceFormatError, match="1 predictions and 2 references"):
        score_rows(["{}"], ["{}", "{}"])


values = st.lists(st.sampled_from(["a", "A ", "b", "c d", "c  D"]), max_size=3)
records = st.fixed_dictionaries(
    {}, optional={"titles": values, "genres": values, "intent": st.sampled_from(INTENTS)}
).map(json.dumps)
answers = records | st.sampled_from(["oops", '{"titles": "a"}', '{"intent": "maybe"}', '{"x": 1}'])
pairs = st.lists(st.tuples(answers, records), max_size=8)


def score(rows: list[tuple[str, str]], resamples: int = 0) -> dict:
    return score_rows([p for p, _ in rows], [r for _, r in rows], resamples=resamples)


def tally(rows: list[tuple[str, str]]) -> Tally:
    start = Tally(FIELDS, (Counts(),) * len(FIELDS))
    return reduce(add, (count_row(read_answer(p), read_reference(r)) for p, r in rows), start)


@settings(deadline=None)
@given(pairs)
def test_doubling_a_corpus_changes_no_score(rows):
    once, twice = score(rows), score(rows + rows)
    for key in ("macro_f1", "micro_f1", "parse_rate", "exact_match"):
        assert once[key] == twice[key]
    for key in (*FIELDS, "intent"):
        for name in {"f1", "precision", "recall", "macro_f1", "accuracy"} & set(once[key]):
            assert once[key][name] == twice[key][name]


@settings(deadline=None)
@given(pairs, pairs)
def test_counts_add(first, second):
    assert tally(first) + tally(second) == tally(first + second)
    summed = (tally(first) + tally(second)).to_dict()
    whole = score(first + second)
    assert whole["intent"].pop("interval") is whole.pop("interval") is None
    assert whole == summed


@settings(deadline=None)
@given(pairs, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert score(shuffled, resamples=20) == score(rows, resamples=20)


@settings(deadline=None)
@given(pairs)
def test_gold_against_itself_is_perfect_wherever_there_is_gold(rows):
    scores = score([(r, r) for _, r in rows], resamples=20)
    assert scores["macro_f1"] == scores["micro_f1"] == (1.0 if scores["support"] else 0.0)
    assert scores["interval"][1] == scores["macro_f1"]
    assert scores["parse_rate"] == scores["exact_match"] == (1.0 if rows else 0.0)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(INTENTS), st.sampled_from([*INTENTS, "maybe"])), min_size=1)
)
def test_intent_agrees_with_scikit_learn_over_the_labels_of_gold(rows):
    truth, said = [t for t, _ in rows], [s for _, s in rows]
    expected = f1_score(truth, said, labels=sorted(set(truth)), average="macro", zero_division=0)
    scores = score([(gold(intent=s), gold(intent=t)) for t, s in rows])
    assert scores["intent"]["macro_f1"] == pytest.approx(expected)


sets = st.frozensets(st.integers(0, 6))


@settings(deadline=None)
@given(sets, sets)
def test_f1_is_symmetric_and_lies_between_precision_and_recall(predicted, truth):
    counts = compare_sets(predicted, truth)
    assert counts.f1 == compare_sets(truth, predicted).f1
    low, high = sorted([counts.precision, counts.recall])
    assert low - 1e-12 <= counts.f1 <= high + 1e-12
    assert counts.support == len(truth)


def test_the_interval_holds_the_score_and_narrows_with_more_rows():
    hit, miss = (Counts(tp=1),), (Counts(fn=1),)
    few = bootstrap_macro([hit] * 15 + [miss] * 5)
    many = bootstrap_macro(([hit] * 15 + [miss] * 5) * 50)
    assert few is not None and many is not None
    f1 = Counts(tp=15, fn=5).f1
    assert few[0] < many[0] < f1 < many[1] < few[1]
    # recall's binomial interval at n = 1000, p = 0.75 is 0.723 to 0.777; as F1 0.839 to 0.874
    assert many == pytest.approx([0.839, 0.874], abs=0.002)


def test_a_field_that_a_resample_does_not_hold_stays_out_of_its_mean():
    common, rare = (Counts(tp=1), Counts()), (Counts(tp=1), Counts(tp=1))
    assert bootstrap_macro([common] * 19 + [rare]) == [1.0, 1.0]


def test_the_interval_is_fixed_by_its_seed():
    rows = [(Counts(tp=i % 3, fp=i % 2, fn=1),) for i in range(50)]
    assert bootstrap_macro(rows, seed=1) == bootstrap_macro(rows, seed=1)
    assert bootstrap_macro(rows, seed=1) != bootstrap_macro(rows, seed=2)
    assert bootstrap_macro(rows, resamples=0) is None


def test_the_folder_imports_nothing_of_the_library():
    for path in FOLDER.glob("*.py"):
        assert "moviequery." not in path.read_text(encoding="utf-8").replace(
            "moviequery.metrics.scores.score_answers",
            "",  # named in the docstring
        )


def test_the_card_says_what_happens_and_names_every_field():
    metric = SimpleNamespace(compute=score_rows)
    done = doctest.testfile(str(CARD), module_relative=False, globs={"metric": metric})
    assert (done.attempted > 5, done.failed) == (True, 0)
    text = CARD.read_text(encoding="utf-8").replace("\n", " ")
    assert ", ".join(FIELDS) in text
    keys = score_rows(["{}"], ["{}"]).keys() - {*FIELDS}
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []


LOADED = """
import json, sys
import evaluate
metric = evaluate.load(sys.argv[1])
predictions, references = json.loads(sys.argv[2])
whole = metric.compute(predictions=predictions, references=references)
for prediction, reference in zip(predictions, references):
    metric.add_batch(predictions=[prediction], references=[reference])
batched = metric.compute()
one = metric.compute(predictions=predictions, references=references, fields=["titles"],
                     lenient=True, resamples=0)
empty = metric.compute(predictions=[], references=[])
print(json.dumps([whole, batched, one, empty, "moviequery" in sys.modules]))
"""


def test_evaluate_loads_the_folder_offline_and_agrees_with_the_plain_function(tmp_path):
    # a copy of what the Hub would serve, away from our package
    copy = tmp_path / "macro_f1"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__*__*"))
    predictions = [gold(intent="rec", titles=["heat"]), 'Well: {"titles": "Alien"}', "oops"]
    references = [gold(intent=i, titles=[t]) for i, t in
                  (("rec", "Heat"), ("rec", "Alien"), ("non_rec", "Jaws"))]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(copy), json.dumps([predictions, references])],
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    whole, batched, one, empty, ours = json.loads(done.stdout.splitlines()[-1])
    assert whole == batched == score_rows(predictions, references)
    assert one == score_rows(predictions, references, ["titles"], lenient=True, resamples=0)
    assert (whole["parse_rate"], one["parse_rate"]) == (1 / 3, 2 / 3)
    assert empty == score_rows([], [])
    assert not ours
