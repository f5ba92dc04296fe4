"""Challenge splits beside a dataset: a config of their own, and nothing else changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from small_builder import SmallBuilder

from moviequery import SyntheticQueryBuilder
from moviequery.cli import main
from moviequery.corpus.dataset import read_queries, write_dataset
from moviequery.corpus.loader import load_queries
from moviequery.corpus.splits import check_leaks
from moviequery.errors import DatasetError
from moviequery.synthesis.challenge import CHALLENGES

ROWS, EACH = 400, 30


@pytest.fixture(scope="module")
def folders(bundled_graph, tmp_path_factory):
    builder = SyntheticQueryBuilder(bundled_graph)
    plain, harder = (tmp_path_factory.mktemp(name) / "films" for name in ("plain", "harder"))
    return (
        *(plain, write_dataset(builder, plain, ROWS)),
        *(harder, write_dataset(builder, harder, ROWS, challenge=EACH)),
    )


def test_the_other_rows_and_counts_stay_as_they_are(folders):
    plain, plain_census, harder, census = folders
    assert census == plain_census
    names = {path.relative_to(plain) for path in plain.rglob("*") if path.is_file()}
    for name in names:
        if name.name not in ("README.md", "SHA256SUMS"):
            assert (plain / name).read_bytes() == (harder / name).read_bytes()
    more = {path.relative_to(harder) for path in harder.rglob("*") if path.is_file()} - names
    assert {path.as_posix() for path in more} == {
        f"data/challenge/{split}-00000-of-00001.parquet" for split in CHALLENGES
    }
    sums = (harder / "SHA256SUMS").read_text("utf-8")
    assert all(path.as_posix() in sums for path in more)
    assert "config_name: challenge" not in (plain / "README.md").read_text("utf-8")


def test_challenge_rows_leak_nothing_into_train_and_validation(folders):
    harder = folders[2]
    splits = read_queries(harder)
    challenge = read_queries(harder / "data" / "challenge")
    assert {name: len(rows) for name, rows in challenge.items()} == dict.fromkeys(CHALLENGES, EACH)
    rows = [query for queries in challenge.values() for query in queries]
    seen = {"train": splits["train"], "validation": splits["validation"], "challenge": rows}
    assert check_leaks(seen).clean


def test_anyone_can_load_them(folders, tmp_path):
    """In a fresh process, offline, without this library."""
    script = """
import json, sys
from datasets import load_dataset
challenge = load_dataset(sys.argv[1], "challenge")
stream = load_dataset(sys.argv[1], "challenge", streaming=True)
assert list(stream["noisy"]) == list(challenge["noisy"])
plain = load_dataset(sys.argv[1])
assert plain["test"].features == challenge["noisy"].features
assert "moviequery" not in sys.modules
print(json.dumps([sorted(plain), {name: len(rows) for name, rows in challenge.items()}]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(folders[2])],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [
        ["test", "train", "validation"],
        dict.fromkeys(sorted(CHALLENGES), EACH),
    ]


def test_our_loader_takes_the_config(folders, tmp_path):
    dataset = load_queries(folders[2], "challenge", cache_dir=tmp_path)
    assert set(dataset) == set(CHALLENGES)
    with pytest.raises(DatasetError):
        load_queries(folders[0], "challenge", cache_dir=tmp_path)


def test_mistakes_are_told_before_anything_is_built(tmp_path, bundled_graph):
    with pytest.raises(DatasetError, match="not by SmallBuilder"):
        write_dataset(SmallBuilder(), tmp_path / "films", 20, challenge=5)
    with pytest.raises(DatasetError, match="challenge is -1"):
        write_dataset(SyntheticQueryBuilder(bundled_graph), tmp_path / "f", 20, challenge=-1)
    assert not list(tmp_path.iterdir())


def test_the_command_line_writes_them(tmp_path, capsys):
    assert main(["build", "--n", "30", "--challenge", "3"]) == 2
    assert "--out" in capsys.readouterr().err
    folder = tmp_path / "films"
    assert main(["build", "--n", "30", "--challenge", "3", "--out", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 30
    rows = read_queries(folder / "data" / "challenge")
    assert {name: len(queries) for name, queries in rows.items()} == dict.fromkeys(CHALLENGES, 3)
