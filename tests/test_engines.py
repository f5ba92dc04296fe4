"""Engines: several processes write the files that one writes, and end with it."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_builder import ShortBuilder, SmallBuilder
from small_graph import MOVIES, read_vocabulary

from moviequery import MovieGraph
from moviequery.cli import main
from moviequery.corpus.candidates import BLOCK
from moviequery.corpus.dataset import write_dataset
from moviequery.corpus.engines import Processes, run_here
from moviequery.corpus.stages import BuildStage
from moviequery.errors import DatasetError

ROWS = 2 * BLOCK + 500


def contents(folder):
    """Return the bytes of every file of a folder by its path there."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    folder = tmp_path_factory.mktemp("single") / "films"
    return write_dataset(SmallBuilder(), folder, ROWS), contents(folder)


def test_processes_write_the_same_bytes_as_one(single, tmp_path):
    census = write_dataset(SmallBuilder(), tmp_path / "films", ROWS, engine=Processes(2))
    assert (census, contents(tmp_path / "films")) == single
    assert not (tmp_path / ".films.partial").exists()


def test_processes_go_on_where_a_killed_build_stopped(single, tmp_path):
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from small_builder import ShortBuilder\n"
        "from moviequery.corpus.dataset import write_dataset\n"
        f"write_dataset(ShortBuilder(last={BLOCK + 500}), sys.argv[1], {ROWS})"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "films")]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 9
    write_dataset(SmallBuilder(), tmp_path / "films", ROWS, engine=Processes(2))
    assert contents(tmp_path / "films") == single[1]


def test_shards_come_in_order_and_no_more_than_are_asked_for():
    builder = SmallBuilder()
    spans = [(start, start + 10) for start in range(0, 60, 10)]
    expected = list(run_here([BuildStage(builder)], spans))
    assert list(Processes(3)([BuildStage(SmallBuilder())], spans)) == expected
    shards = Processes(2)([BuildStage(SmallBuilder())], spans)
    assert next(shards) == expected[0]
    shards.close()  # ends the processes, else this test would not return


def test_a_worker_that_dies_is_one_clear_error(tmp_path):
    with pytest.raises(DatasetError, match="worker process ended before its time.*--processes"):
        write_dataset(ShortBuilder(last=10), tmp_path / "films", ROWS, engine=Processes(2))
    with pytest.raises(DatasetError, match="0 processes"):
        Processes(0)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_no_worker_outlives_a_killed_build(tmp_path):
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from slow_builder import SlowBuilder\n"
        "from moviequery.corpus.dataset import write_dataset\n"
        "from moviequery.corpus.engines import Processes\n"
        "if __name__ == '__main__':\n"
        f"    write_dataset(SlowBuilder({str(tmp_path)!r}), sys.argv[1], {ROWS}, "
        "engine=Processes(2))\n"
    )
    (tmp_path / "build.py").write_text(script, "utf-8")
    command = [sys.executable, str(tmp_path / "build.py"), str(tmp_path / "films")]
    build = subprocess.Popen(command)
    while len(pids := list(tmp_path.glob("worker-*"))) < 2:
        assert build.poll() is None
        time.sleep(0.05)
    build.send_signal(signal.SIGKILL)
    build.wait()
    workers = [int(path.name.removeprefix("worker-")) for path in pids]
    assert os.getpid() not in workers
    while any(map(is_running, workers)):
        time.sleep(0.05)


def test_a_graph_travels_without_its_store(tmp_path):
    graph = MovieGraph.from_movies(MOVIES, read_vocabulary(tmp_path))
    added = "<urn:mine:a> <urn:mine:b> <urn:mine:c> ."
    graph.dataset.parse(data=added, format="nt")
    again = pickle.loads(pickle.dumps(graph))
    assert again.fingerprint == graph.fingerprint
    assert again.sparql("ASK { <urn:mine:a> <urn:mine:b> <urn:mine:c> }") == [{"answer": True}]
    assert len(again) == len(graph)


def test_the_command_takes_processes(capsys, tmp_path):
    table = tmp_path / "films.csv"
    names = [f"{word} {number}" for number in range(30) for word in ("Amber", "Birch")]
    table.write_text("title,year\n" + "".join(f"{name},1990\n" for name in names), "utf-8")
    grammar = tmp_path / "mine.toml"
    grammar.write_text(
        '[[frame]]\nid = "a"\nintent = "rec"\ntext = "(any|some|more) films like {title a}?"\n'
    )
    build = ["build", str(table), "--n", "40", "--splits", "train=1", "--grammar", str(grammar)]
    for name, more in (("one", []), ("two", ["--processes", "2"])):
        assert main([*build, "--json", "--out", str(tmp_path / "data" / name), *more]) == 0
        assert json.loads(capsys.readouterr().out)["rows"] == 40
    one, two = (contents(tmp_path / "data" / name) for name in ("one", "two"))
    for files in (one, two):
        files.pop("README.md")  # names its folder
    assert one == two
    for wrong in (["--processes", "2"], ["--address", "auto", "--out", "x"], ["--engine", "ray"]):
        assert main([*build, *wrong]) == 2
