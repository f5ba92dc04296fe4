"""The verb `extend`: what it pays for, what it keeps after a kill, and what its file builds."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

import pytest
from film_shelf import make_graph
from scripted_frames import GRAMMAR, reply_with, script
from scripted_server import Answer, ScriptedServer

from moviequery import Grammar, SyntheticQueryBuilder
from moviequery.cli import main
from moviequery.errors import WriterError
from moviequery.schema import Query
from moviequery.synthesis.extension import extend_grammar
from moviequery.synthesis.extension_checks import FrameChecker
from moviequery.synthesis.extension_plan import Plan
from moviequery.synthesis.extension_prompt import ExtensionPrompt, bundled_text
from moviequery.synthesis.replies import ReplyLog
from moviequery.synthesis.writers import Reply


@pytest.fixture(scope="module")
def graph():
    return make_graph()


def test_a_killed_run_pays_for_no_reply_twice(graph, tmp_path):
    grammar = Grammar.parse({"g.toml": GRAMMAR})
    plan = Plan(ExtensionPrompt.bundled(), grammar, "scripted")

    def extend(writer, path, concurrency):
        builder = SyntheticQueryBuilder(graph, grammar, 7, {"train": 1.0})
        with ReplyLog(path) as log:
            return extend_grammar(writer, plan, FrameChecker(builder), 20, log, concurrency)

    calls, lock = [], threading.Lock()

    def writer(messages):
        with lock:
            calls.append(messages[-1]["content"])
        return Reply(reply_with(messages), 10, 20)

    whole = extend(writer, tmp_path / "whole.jsonl", 1)
    assert len(whole.proposals) == 20
    asked = len(calls)
    assert (whole.usage.requests, whole.usage.prompt_tokens, whole.kept) == (asked, 10 * asked, 0)

    def breaks(messages):
        if len(calls) == asked + 1:
            raise WriterError("the credit is used up", lasting=True)
        return writer(messages)

    with pytest.raises(WriterError, match="1 replies are kept in .*the same command goes on"):
        extend(breaks, tmp_path / "cut.jsonl", 1)
    with (tmp_path / "cut.jsonl").open("ab") as file:
        file.write(b'{"key": "half a li')
    again = extend(writer, tmp_path / "cut.jsonl", 3)
    assert again.proposals == whole.proposals
    assert again.kept == 1
    assert set(calls[asked:]) >= set(calls[:asked])
    assert len(calls[asked:]) == len(set(calls[asked:]))  # none was asked for twice

    rerun = extend(None, tmp_path / "whole.jsonl", 2)  # nobody is asked
    assert rerun.proposals == whole.proposals
    assert rerun.usage.requests == 0


@pytest.fixture
def files(tmp_path, graph, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)  # the server is on this machine
    (tmp_path / "g.toml").write_text(GRAMMAR, "utf-8")
    graph.write(tmp_path / "films.nq")
    return tmp_path


def extend_arguments(folder, url, out, *more):
    return [
        *("extend", "--out", str(folder / out), "--grammar", str(folder / "g.toml")),
        *("--graph", str(folder / "films.nq"), "--base-url", url, "--model", "scripted"),
        *("--n", "20", "--trust-intents", *more),
    ]


def test_the_command_extends_a_grammar_that_then_builds_rows(files, capsys):
    with ScriptedServer(script) as server:
        arguments = extend_arguments(files, server.url, "new.toml")
        assert main([*arguments, "--dry-run", "--json"]) == 0
        estimate = json.loads(capsys.readouterr().out)
        assert estimate["least"]["requests"] == 3 and estimate["most"]["requests"] == 10
        assert not server.payloads
        assert main([*arguments, "--json", "--date", "2026-01-31"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert main([*arguments]) == 2  # a finished file is left alone
        paid = len(server.payloads)
        # without the file, the replies that lie there make it again
        first = (files / "new.toml").read_text("utf-8")
        (files / "new.toml").unlink()
        assert main([*arguments, "--date", "2026-01-31"]) == 0
        assert (files / "new.toml").read_text("utf-8") == first
        assert len(server.payloads) == paid
    assert report["frames"] == 20
    assert {"no JSON", "slots", "unreadable", "near-duplicate"} >= set(report["refused"])
    assert {"no JSON", "unreadable"} <= set(report["refused"])
    assert "{tittle a}" in report["examples"]["unreadable"][0]
    assert report["usage"]["requests"] == paid
    table = Grammar.read(files / "g.toml", files / "new.toml")
    assert sum(frame.id.startswith("extended.") for frame in table.frames) == 20
    for line in ('model = "scripted"', 'date = "2026-01-31"', "prompt = "):
        assert line in first
    capsys.readouterr()
    build = ["build", str(files / "films.nq"), "--n", "60", "--splits", "train=1"]
    build += ["--grammar", str(files / "g.toml"), "--grammar", str(files / "new.toml")]
    assert main(build) == 0
    rows = [Query.from_row(json.loads(line)) for line in capsys.readouterr().out.splitlines()]
    ours = [row for row in rows if row.provenance.frame.startswith("extended.")]
    assert len(ours) > 20
    for row in ours:
        assert all(row.text[one.start : one.end] == one.text for one in row.entities)
        assert row.entities


def test_a_server_without_answers_is_one_clear_error(files, capsys):
    with ScriptedServer(lambda payload, number: Answer(status=401)) as server:
        assert main(extend_arguments(files, server.url, "new.toml")) == 2
    assert "key is not accepted" in capsys.readouterr().err
    assert not (files / "new.toml").exists()


def test_wrong_options_are_clear_errors(files, capsys):
    for more, words in (
        (["extend"], "--out"),
        (["extend", "--out", str(files / "nowhere" / "a.toml")], "no such folder"),
        (["extend", "--out", str(files / "a.toml"), "--price", "1"], "IN,OUT"),
        (["extend", "--out", str(files / "a.toml"), "--prompt", str(files / "g.toml")], "lacks"),
    ):
        assert main(more) == 2
        assert words in capsys.readouterr().err
    assert main(["extend", "--show-prompt"]) == 0
    assert capsys.readouterr().out == bundled_text()


def test_two_runs_on_one_log_do_not_mix(tmp_path):
    code = "import sys; from moviequery.synthesis.replies import ReplyLog; ReplyLog(sys.argv[1])"
    with ReplyLog(tmp_path / "log.jsonl"):
        command = [sys.executable, "-c", code, str(tmp_path / "log.jsonl")]
        ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "another run is at work" in ended.stderr
