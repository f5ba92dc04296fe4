"""Runs over many rows: faults, kills, budgets, and what is known before and after."""

import json

import pytest
from crash_rewriting import crash, make_rows
from scripted_paraphrases import fail, find_kind, instant, paraphrase
from scripted_server import ScriptedServer

from moviequery.errors import DatasetError, WriterError
from moviequery.synthesis.journal import Journal
from moviequery.synthesis.prompt import Prompt
from moviequery.synthesis.rewriting import Rewriter
from moviequery.synthesis.rewriting_report import RewritingReport
from moviequery.synthesis.rewriting_run import estimate_run, rewrite_rows
from moviequery.synthesis.usage import Budget, Prices, Usage
from moviequery.synthesis.writers import HubWriter, Reply


@pytest.fixture
def online(monkeypatch):
    """Let clients of this process reach a server on loopback."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


def run(writer, rows, folder, **options):
    """Return the rewriter, what was used, and the outcomes."""
    rewriter = Rewriter(writer, model="scripted", **options)
    with Journal(folder, rewriter.prompt, rewriter.model) as journal:
        used = rewrite_rows(rewriter, rows, journal)
        return rewriter, used, [journal.outcome(query) for query in rows]


def test_every_row_has_an_outcome_and_is_asked_once(tmp_path):
    rows = make_rows(60)
    _, used, outcomes = run(instant, rows, tmp_path)
    assert used == Usage(60, 0, 6_000, 1_200)
    for query, outcome in zip(rows, outcomes, strict=True):
        entity = outcome.query.entities[0]
        assert entity.iri == query.entities[0].iri
        assert outcome.query.text[entity.start : entity.end] == query.entities[0].text
        assert outcome.query.provenance.origin == "rewritten"
        assert outcome.query.provenance.index == query.provenance.index
    rewriter, used, again = run(lambda messages: pytest.fail("asked"), rows, tmp_path)
    assert used == Usage() and again == outcomes


def test_a_faulty_server_costs_no_row(tmp_path, online):
    rows = make_rows(120)
    with ScriptedServer(fail) as server:
        writer = HubWriter("scripted", server.url, sleep=lambda seconds: None)
        _, used, outcomes = run(writer, rows, tmp_path)
    refused = {"entity lost": "entity lost", "nothing": "no JSON"}
    refused["refused"] = "refused by the server"
    again = {"half a JSON": "no JSON", "wrong schema": "wrong schema"}
    met = set()
    for query, outcome in zip(rows, outcomes, strict=True):
        kind = find_kind(query.text)
        met.add(kind)
        assert (outcome.query is None) == (kind in refused), kind
        kinds = {one for one, _ in outcome.refusals}
        assert kinds == {name for name in (refused.get(kind), again.get(kind)) if name}
        assert (outcome.usage.failed > 0) == (
            kind in ("429", "500", "half a body", "broken off", "refused")
        )
    assert len(met) == 10
    assert used.requests == len(server.payloads)


def test_a_killed_run_ends_like_one_in_peace(tmp_path):
    killed, peace, lines, kills = crash(60, 3, tmp_path)
    assert kills == 3
    assert len(killed) == 60 and killed == peace
    assert set(lines.values()) == {1}


def test_a_server_that_is_down_stops_the_run_and_keeps_what_it_gave(tmp_path):
    rows = make_rows(80)
    given = []

    def writer(messages):
        if len(given) >= 20:
            raise WriterError("HTTP 503", requests=5)
        given.append(messages)
        return instant(messages)

    with pytest.raises(WriterError, match="without an answer; the last: HTTP 503"):
        run(writer, rows, tmp_path)
    rewriter = Rewriter(instant, model="scripted")
    with Journal(tmp_path, rewriter.prompt, "scripted") as journal:
        assert len(journal) == 20
        assert journal.usage.failed >= 50
        rewrite_rows(rewriter, rows, journal)
        assert len(journal) == 80


def test_a_refused_key_stops_at_once(tmp_path):
    def writer(messages):
        raise WriterError("HTTP 401", lasting=True)

    with pytest.raises(WriterError, match="401"):
        run(writer, make_rows(500), tmp_path)
    prompt = Prompt.bundled()
    with Journal(tmp_path, prompt, "scripted") as journal:
        assert len(journal) == 0
        assert 1 <= journal.usage.failed <= 16


def test_other_errors_lose_nothing_either(tmp_path):
    rows = make_rows(40)

    def writer(messages):
        if rows[30].text in messages[-1]["content"]:
            raise ZeroDivisionError
        return instant(messages)

    with pytest.raises(ZeroDivisionError):
        run(writer, rows, tmp_path)
    with Journal(tmp_path, Prompt.bundled(), "scripted") as journal:
        assert len(journal) >= 15
        assert rows[30] not in journal


def test_a_budget_is_never_exceeded(tmp_path):
    rows = make_rows(100)
    prices = Prices(1_000.0, 1_000.0)
    budget = Budget(8.0, prices)
    _, used, outcomes = run(instant, rows, tmp_path, budget=budget)
    assert 0 < prices.cost(used) <= 8.0
    assert budget.is_spent
    assert 0 < sum(outcome is not None for outcome in outcomes) < 100


def test_estimates_hold_what_is_then_measured(tmp_path):
    rows = make_rows(50)
    rewriter = Rewriter(instant, model="scripted")
    with Journal(tmp_path, rewriter.prompt, "scripted") as journal:
        before = estimate_run(rewriter, rows, journal)
        assert (before.rows, before.settled, before.likely.requests) == (50, 0, 60)
        assert before.most.requests == 150
        rewrite_rows(rewriter, rows[:20], journal)
        after = estimate_run(rewriter, rows, journal)
        # now it is known how long a reply is, and that one will do
        assert (after.rows, after.settled) == (30, 20)
        assert (after.likely.requests, after.likely.completion_tokens) == (30, 600)
        assert after.most.tokens > after.likely.tokens


def test_the_report_counts_rows_and_replies(tmp_path):
    rows = make_rows(80)
    said = {}

    def writer(messages):
        reply = fail({"messages": messages}, 1).text
        said[messages[-1]["content"]] = reply
        return Reply(paraphrase(messages) if reply is None else reply, 10, 1)

    run(writer, rows, tmp_path)
    with Journal(tmp_path, Prompt.bundled(), "scripted") as journal:
        report = RewritingReport.count(rows, journal)
    kinds = [find_kind(query.text) for query in rows]
    assert report.refused == {
        "no JSON": kinds.count("nothing"),
        "entity lost": kinds.count("entity lost"),
    }
    assert report.retried == kinds.count("half a JSON") + kinds.count("wrong schema")
    assert report.kept + report.refused.total() == 80
    assert report.replies["entity lost"] == 3 * kinds.count("entity lost")
    summary = report.summary(Prices(1.0, 1.0))
    assert f"{report.kept} rows in new words" in summary and "cost 0.00" in summary
    assert json.loads(json.dumps(report.to_dict()))["kept"] == report.kept


def test_two_runs_on_one_journal_refuse_each_other(tmp_path):
    prompt = Prompt.bundled()
    with (
        Journal(tmp_path, prompt, "scripted"),
        pytest.raises(DatasetError, match="another run"),
    ):
        Journal(tmp_path, prompt, "scripted")
    with Journal(tmp_path, prompt, "scripted") as journal:
        assert len(journal) == 0
