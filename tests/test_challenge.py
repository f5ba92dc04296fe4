"""The challenge splits: of the test split's films and frames, deterministic, labelled exactly."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest
from random_queries import check_spans

from moviequery import SyntheticQueryBuilder
from moviequery.errors import GrammarError
from moviequery.knowledge.normalisation import fold
from moviequery.schema import EntityType, Intent, canonical_json
from moviequery.synthesis.challenge import CHALLENGES, ChallengeBuilder
from moviequery.synthesis.grounding import check

ROWS = 250


@pytest.fixture(scope="module")
def challenge(bundled_graph):
    return ChallengeBuilder(SyntheticQueryBuilder(bundled_graph))


@pytest.fixture(scope="module")
def splits(challenge):
    return {split: list(challenge.rows(split, ROWS)) for split in CHALLENGES}


def test_rows_are_sound_distinct_and_say_where_they_come_from(splits, challenge):
    for split, rows in splits.items():
        assert len({fold(query.text) for query in rows}) == len(rows) == ROWS
        for query in rows:
            check_spans(query)
            assert query.provenance.split == split
            assert query.provenance.seed == 7
            assert query.provenance.style in ("chat", "search", "trivia")
            assert challenge.row(split, query.provenance.index) == query


def test_every_row_is_grounded_or_marked_as_a_trap(splits, bundled_graph):
    for rows in splits.values():
        for query in rows:
            assert check(query, bundled_graph) is query
    assert {s for s, rows in splits.items() if any(q.provenance.trap for q in rows)} == {
        "adversarial"
    }


def test_films_and_frames_are_of_test_alone(splits, challenge, bundled_graph):
    films = bundled_graph.index.films
    test = {films[position].iri for position in challenge.builder.films_of("test")}
    frames = {
        query.provenance.frame
        for query in challenge.builder.iter(3_000)
        if query.provenance.split != "test"
    }
    for split, rows in splits.items():
        for query in rows:
            named = {e.iri for e in query.entities if e.type is EntityType.TITLE}
            assert named | set(query.provenance.films) <= test
            if split != "adversarial":
                assert not frames & set(query.provenance.frame.split("+"))


def test_both_intents_occur_in_every_split(splits):
    for rows in splits.values():
        assert sum(query.intent is Intent.REC for query in rows) in range(ROWS // 4, ROWS - 20)


def test_noisy_rows_say_what_struck_them(splits):
    for query in splits["noisy"]:
        assert any(clause.startswith("noise/") for clause in query.provenance.clauses)


def test_multi_intent_rows_have_two_parts(splits):
    pairs = set()
    for query in splits["multi_intent"]:
        first, second = query.parts
        assert (first.start, second.end) == (0, len(query.text))
        assert first.end < second.start
        assert (query.intent is Intent.REC) == (Intent.REC in (first.intent, second.intent))
        pairs.add((first.intent, second.intent))
    assert len(pairs) == 4


def test_seeds_and_splits_differ(bundled_graph, challenge):
    other = ChallengeBuilder(SyntheticQueryBuilder(bundled_graph, seed=8))
    assert other.fingerprint != challenge.fingerprint
    assert other.row("noisy", 0) != challenge.row("noisy", 0)


PRINT_ROWS = """
import hashlib
from moviequery import MovieGraph, SyntheticQueryBuilder
from moviequery.schema import canonical_json
from moviequery.synthesis.challenge import CHALLENGES, ChallengeBuilder
challenge = ChallengeBuilder(SyntheticQueryBuilder(MovieGraph.bundled()))
rows = [query for split in CHALLENGES for query in challenge.rows(split, 40)]
print(hashlib.sha256("".join(canonical_json(q.to_row()) for q in rows).encode()).hexdigest())
"""


def test_same_bytes_under_any_hash_seed(splits):
    rows = [query for split in CHALLENGES for query in splits[split][:40]]
    text = "".join(canonical_json(query.to_row()) for query in rows)
    done = subprocess.run(
        [sys.executable, "-c", PRINT_ROWS],
        env={"PYTHONHASHSEED": "4242", "PATH": "", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hashlib.sha256(text.encode()).hexdigest()


def test_a_builder_without_test_is_refused(bundled_graph, challenge):
    with pytest.raises(GrammarError, match="one called 'test'"):
        ChallengeBuilder(SyntheticQueryBuilder(bundled_graph, splits={"train": 1.0}))
    with pytest.raises(ValueError, match="no challenge split 'hard'"):
        challenge.row("hard", 0)
