"""README, examples and cards are run: a sample that breaks is a failing test."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from toy_parser import save_toy_parser

from moviequery.cli import _make_parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"(?:<!-- needs: (.*?) -->\n)?```(\w+)\n(.*?)```", re.DOTALL)
BLOCKS = BLOCK.findall(README)
TABLE = "name,tags\nNosferatu,horror\nThe Kid,comedy|drama\nMetropolis,drama|science fiction\n"


def run(arguments, folder, **more):
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hf"), **more}
    return subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=folder, env=env, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with what README samples need: a table and a dataset."""
    path = tmp_path_factory.mktemp("samples")
    (path / "my_films.csv").write_text(TABLE + "".join(f"Film {n},drama\n" for n in range(30)))
    built = run(["-m", "moviequery", "build", "--n", "200", "--out", "queries"], path)
    assert built.returncode == 0, built.stderr
    return path


@pytest.mark.parametrize(
    "code",
    [
        code
        for needs, kind, code in BLOCKS
        if kind == "python" and needs not in ("a model", "the Hub")
    ],
)
def test_readme_python(code, folder):
    result = run(["-c", code], folder)
    assert result.returncode == 0, result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "code", [code for needs, kind, code in BLOCKS if kind == "python" and needs == "a model"]
)
def test_readme_training(code, folder, tiny_llama):
    model = "meta-llama/Llama-3.2-3B-Instruct"
    assert model in code
    result = run(["-c", code.replace(model, str(tiny_llama))], folder)
    assert result.returncode == 0, result.stderr
    assert result.stdout.rstrip().endswith("}")


def test_readme_commands_are_ones_the_command_line_knows():
    commands = [
        line
        for _, kind, code in BLOCKS
        if kind == "bash"
        for line in code.splitlines()
        if line.startswith("moviequery ")
    ]
    assert len(commands) >= 6
    for command in commands:
        _make_parser().parse_args(shlex.split(command, comments=True)[1:])


def test_help_examples_are_ones_the_command_line_knows(capsys):
    for verb in ("graph", "build", "train", "parse", "recommend", "evaluate"):
        with pytest.raises(SystemExit):
            _make_parser().parse_args([verb, "--help"])
        lines = capsys.readouterr().out.split("examples:\n")[1].splitlines()
        commands = [line.split("   ")[0] for line in map(str.strip, lines) if line]
        assert commands
        for command in commands:
            words = shlex.split(command.split(" < ")[0])
            start = words.index("moviequery")
            _make_parser().parse_args(words[start + 1 :])


def test_readme_make_targets_exist():
    targets = re.findall(r"^make (\w+)", README, re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert targets[:2] == ["quickstart", "test"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_readme_counts_are_those_of_the_library(bundled_graph):
    from moviequery import Grammar

    assert f"({len(Grammar.bundled().frames)} frames)" in README
    assert f"{len(bundled_graph):,} films" in README
    assert "@@" not in README


def test_readme_files_exist():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert all((ROOT / link).exists() for link in links)


def test_quickstart(tmp_path):
    for expected in ("the dataset is in", "is there already"):
        result = run([ROOT / "examples" / "quickstart.py", "--n", "300", "--out", "out"], tmp_path)
        assert result.returncode == 0, result.stderr
        assert expected in result.stdout
    assert (tmp_path / "out" / "queries" / "README.md").exists()


@pytest.mark.parametrize("name", ["own_catalogue", "score_answers"])
def test_small_examples(name, tmp_path):
    result = run([ROOT / "examples" / f"{name}.py"], tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout


def test_parsing_example(tmp_path):
    model = save_toy_parser(tmp_path / "parser")
    result = run([ROOT / "examples" / "parse_queries.py", "--model", model], tmp_path)
    assert result.returncode == 0, result.stderr
    assert "urn:moviequery:movie:heat-1995" in result.stdout
    assert '"titles":["Heat"]' in result.stdout


@pytest.mark.slow
def test_training_example(folder, tiny_llama, tmp_path):
    script = ROOT / "examples" / "train_adapters.py"
    options = ["--model", tiny_llama, "--out", tmp_path / "adapters", "--epochs", 1, "--rows", 4]
    result = run([script, "--data", folder / "queries", *options], folder)
    assert result.returncode == 0, result.stderr
    assert "macro" in result.stdout


def test_every_example_is_tested():
    tested = {"quickstart", "own_catalogue", "parse_queries", "score_answers", "train_adapters"}
    assert {path.stem for path in (ROOT / "examples").glob("*.py")} == tested
