"""Rewriting by several workers: the rows of one process, none asked for twice."""

from __future__ import annotations

from functools import partial

import pytest
from crash_rewriting import make_rows
from scripted_paraphrases import instant
from scripted_rewriter import make_rewriter, read_asked

from moviequery.corpus.engines import Processes, run_here
from moviequery.corpus.rewriting_stage import RewriteStage, rewrite_in_shards
from moviequery.corpus.shards import Shard
from moviequery.errors import WriterError
from moviequery.synthesis.journal import Journal
from moviequery.synthesis.rewriting import Rewriter
from moviequery.synthesis.rewriting_run import rewrite_rows

ROWS = make_rows(450)


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    return rewrite_here(ROWS, tmp_path_factory.mktemp("single"))


def rewrite_here(rows, folder):
    """Return the outcomes of rows in one process."""
    rewriter = Rewriter(instant, model="scripted")
    with Journal(folder, rewriter.prompt, rewriter.model) as journal:
        rewrite_rows(rewriter, rows, journal)
        return [journal.outcome(query) for query in rows]


def rewrite_there(engine, folder, make=make_rewriter):
    """Return the outcomes of rows by an engine's workers."""
    rewriter = Rewriter(lambda messages: pytest.fail("asked"), model="scripted")
    with Journal(folder / "journal", rewriter.prompt, rewriter.model) as journal:
        rewrite_in_shards(engine, partial(make, folder), ROWS, journal, rewriter)
        return [journal.outcome(query) for query in ROWS]


def test_several_processes_give_the_rows_of_one(single, tmp_path):
    assert rewrite_there(Processes(2), tmp_path) == single
    asked = read_asked(tmp_path)
    assert sorted(sum(asked, [])) == sorted(query.text for query in ROWS)
    # nothing is left to ask
    assert rewrite_there(Processes(2), tmp_path) == single
    assert sum(map(len, read_asked(tmp_path))) == len(ROWS)


def test_what_a_broken_run_was_given_is_not_asked_again(single, tmp_path):
    class BrokenWriter:
        model = "scripted"

        def __init__(self, folder):
            self.writer = make_rewriter(folder)._writer
            self.left = 230

        def __call__(self, messages):
            self.left -= 1
            if self.left < 0:
                raise WriterError("the credit is used up", lasting=True)
            return self.writer(messages)

    with pytest.raises(WriterError, match="credit"):
        rewrite_there(run_here, tmp_path, lambda folder: Rewriter(BrokenWriter(folder)))
    assert sum(map(len, read_asked(tmp_path))) == 230
    assert rewrite_there(run_here, tmp_path) == single
    asked = sum(read_asked(tmp_path), [])
    assert len(asked) == len(set(asked)) == len(ROWS)


def test_rows_that_one_process_has_settled_are_left_alone(single, tmp_path):
    rewrite_here(ROWS[:300], tmp_path / "journal")
    assert rewrite_there(run_here, tmp_path) == single
    assert sorted(sum(read_asked(tmp_path), [])) == sorted(query.text for query in ROWS[300:])


def test_a_shard_without_answers_is_not_finished(tmp_path):
    def silent(messages):
        raise WriterError("no answer")

    stage = RewriteStage(lambda: Rewriter(silent, model="silent"), tmp_path)
    with pytest.raises(WriterError, match="4 rows from 10 on have no answer yet"):
        stage(Shard(10, 14, tuple(ROWS[:4])))


def test_journals_out_of_sight_are_a_clear_error(tmp_path):
    def elsewhere(stages, spans):
        moved = [stages[0], RewriteStage(stages[1].make, tmp_path / "far")]
        yield from run_here(moved, spans)

    with pytest.raises(WriterError, match="450 rows .* folder that all machines share"):
        rewrite_there(elsewhere, tmp_path)
