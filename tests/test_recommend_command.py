"""`moviequery recommend`: a table for people, JSON for machines, an honest exit code."""

import json

import pytest
from film_shelf import make_graph
from toy_parser import save_toy_parser

from moviequery.cli import main
from moviequery.recommend_command import find_cache, show_recommendation
from moviequery.recommendation.results import Hit, Recommendation
from moviequery.schema import Movie


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recommend")
    make_graph().write(folder / "films.nq")
    model = save_toy_parser(folder / "parser")
    return ["--graph", folder / "films.nq", "--model", model, "--encoder", "lexical"]


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def run(capsys, *arguments):
    code = main(["recommend", *map(str, arguments)])
    return code, *capsys.readouterr()


def test_a_table_with_reasons(capsys, options):
    code, out, err = run(capsys, "heist films like Heat and funny", "--k", 2, *options)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split()[0] == "1"
    assert lines[0].endswith("Thief (1981)")  # the toy parser never wants what is funny
    assert lines[1].strip() == "genre heist; genre crime"
    assert len([line for line in lines if line.split()[0] in "12"]) == 2


def test_json_rows_have_the_five_keys(capsys, options):
    code, out, _ = run(capsys, "heist films", "--json", "--k", 3, *options)
    rows = json.loads(out)
    assert code == 0
    assert len(rows) == 3
    assert all(list(row) == ["title", "year", "iri", "score", "facts"] for row in rows)
    assert rows[0]["facts"][0].startswith(f"<{rows[0]['iri']}> ")


def test_the_index_is_kept_and_opened_again(capsys, options, cache, tmp_path):
    run(capsys, "heist films", *options)
    [manifest] = cache.glob("moviequery/films-*/index.json")
    written = manifest.stat().st_mtime_ns
    run(capsys, "heist films", *options)
    assert manifest.stat().st_mtime_ns == written
    run(capsys, "heist films", "--index", tmp_path / "mine", *options)
    assert (tmp_path / "mine" / "index.json").exists()


def test_what_is_given_up_is_told_on_stderr(capsys, options):
    code, out, err = run(capsys, "michael mann films not heist funny", *options)
    assert code == 0
    assert "given up" in err or out


@pytest.mark.parametrize("k", ["0", "-3"])
def test_a_wrong_k_is_a_mistake(capsys, options, k):
    code, out, err = run(capsys, "heist", "--k", k, *options)
    assert (code, out) == (2, "")
    assert "ask for at least 1 film" in err


def test_a_damaged_index_is_a_mistake(capsys, options, tmp_path):
    (tmp_path / "index.json").write_text("{}")
    code, _, err = run(capsys, "heist", "--index", tmp_path, *options)
    assert code == 2
    assert err.count("\n") == 1
    assert "delete the folder" in err


@pytest.mark.parametrize("text", ["", "🎬" * 20, "سينما", "heist " * 2_000, "\x1b[31mheist"])
def test_any_text_ends_well(capsys, options, text):
    code, out, _ = run(capsys, text, *options)
    assert code in (0, 1)
    assert "\x1b" not in out


def test_a_title_does_not_steer_the_terminal():
    hit = Hit(Movie("\x1b[2JHeat", 1995), 1.0)
    shown = show_recommendation(Recommendation((hit,)), make_graph(()))
    assert "\x1b" not in shown
    assert "Heat (1995)" in shown


def test_without_a_home_nothing_is_kept(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert find_cache("bundled", "lexical") is None
