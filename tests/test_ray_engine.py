"""The builder as Ray Data stages, on a local cluster of two machines with a worker each."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from scripted_rewriter import read_asked
from small_builder import SmallBuilder
from small_graph import MOVIES
from test_engines import contents
from test_rewriting_stage import ROWS as ROWS_TO_REWRITE
from test_rewriting_stage import rewrite_here, rewrite_there

import moviequery
from moviequery.cli import main
from moviequery.corpus.candidates import BLOCK
from moviequery.corpus.dataset import write_dataset
from moviequery.corpus.engines import run_here
from moviequery.corpus.ray_engine import RayEngine
from moviequery.corpus.stages import BuildStage
from moviequery.errors import DatasetError

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.slow
ROWS = 2 * BLOCK + 500
TESTS = Path(__file__).parent
SOURCE = str(Path(moviequery.__file__).parents[1])


@pytest.fixture(scope="module")
def cluster():
    """A cluster of two nodes with one CPU each; its processes find the tests' own modules."""
    with pytest.MonkeyPatch.context() as patch:
        # a slow machine is no failure, and a test leaves no key in the user's home
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_raylet_start_wait_time_s", "240")
        patch.setenv("RAY_agent_register_timeout_ms", "240000")
        patch.setenv("RAY_worker_register_timeout_seconds", "240")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), SOURCE]))
        cluster = start_cluster()
        yield cluster
        ray.shutdown()
        cluster.shutdown()


def start_cluster(tries=4):
    """Return two nodes; Ray itself gives a node 30 seconds to start, no more."""
    from ray.cluster_utils import Cluster

    for number in range(1, tries + 1):
        cluster = Cluster()
        try:
            for _ in range(2):
                cluster.add_node(num_cpus=1)
            cluster.wait_for_nodes(timeout=120)
        except Exception:  # it has no class of its own for it
            cluster.shutdown()
            if number == tries:
                raise
        else:
            break
    return cluster


def test_a_cluster_writes_the_same_bytes_as_one_process(cluster, tmp_path):
    one = write_dataset(SmallBuilder(), tmp_path / "one" / "films", ROWS)
    engine = RayEngine(address=cluster.address)
    many = write_dataset(SmallBuilder(), tmp_path / "many" / "films", ROWS, engine=engine)
    assert many == one
    assert contents(tmp_path / "many" / "films") == contents(tmp_path / "one" / "films")
    assert not ray.is_initialized()  # the engine leaves what it has joined


class WhereStage(BuildStage):
    """Builds rows that name the node they were built on."""

    def __call__(self, shard):
        node = ray.get_runtime_context().get_node_id()
        built = super().__call__(shard)
        rows = [
            replace(row, provenance=replace(row.provenance, style=node)) for row in built.queries
        ]
        return replace(built, queries=tuple(rows))


def _mark(query, node):
    return replace(query, provenance=replace(query.provenance, style=node))


class OddStage:
    """Keeps every second row."""

    def __call__(self, shard):
        return replace(shard, queries=shard.queries[::2])


def test_stages_run_on_both_machines_and_keep_order(cluster):
    spans = [(start, start + 5) for start in range(0, 200, 5)]
    builder = SmallBuilder()
    engine = RayEngine(address=cluster.address)
    shards = list(engine([WhereStage(builder), OddStage()], spans))
    assert [(shard.start, shard.stop) for shard in shards] == spans
    plain = run_here([BuildStage(builder), OddStage()], spans)
    assert [_texts(shard) for shard in shards] == [_texts(shard) for shard in plain]
    assert len({query.provenance.style for shard in shards for query in shard.queries}) == 2


def _texts(shard):
    return [query.text for query in shard.queries]


class BrokenStage:
    """Fails for one shard."""

    def __call__(self, shard):
        if shard.start == 10:
            raise DatasetError("no words left; add some")
        return shard


def test_an_error_of_a_stage_comes_through_as_one_line(cluster):
    shards = RayEngine(address=cluster.address)([BrokenStage()], [(0, 10), (10, 20)])
    with pytest.raises(DatasetError, match="^no words left; add some$"):
        list(shards)


def test_the_command_builds_on_a_cluster(cluster, capsys, tmp_path):
    table = tmp_path / "films.csv"
    lines = [f"{film.title},{film.year or ''}\n" for film in MOVIES if film.kind == "movie"]
    table.write_text("title,year\n" + "".join(lines), "utf-8")
    grammar = tmp_path / "mine.toml"
    grammar.write_text(
        '[[frame]]\nid = "a"\nintent = "rec"\ntext = "(any|some|more) films like {title a}?"\n'
    )
    build = ["build", str(table), "--n", "6", "--splits", "train=1", "--grammar", str(grammar)]
    on_ray = ["--engine", "ray", "--address", cluster.address]
    for place, more in (("one", []), ("many", on_ray)):
        assert main([*build, "--json", "--out", str(tmp_path / place / "films"), *more]) == 0
        assert json.loads(capsys.readouterr().out)["rows"] == 6
    assert contents(tmp_path / "many" / "films") == contents(tmp_path / "one" / "films")


def test_no_cluster_is_one_clear_error():
    with pytest.raises(DatasetError, match="0 workers"):
        RayEngine(workers=0)


def test_a_cluster_rewrites_like_one_process(cluster, tmp_path):
    expected = rewrite_here(ROWS_TO_REWRITE, tmp_path / "one")
    assert rewrite_there(RayEngine(address=cluster.address), tmp_path) == expected
    assert sorted(sum(read_asked(tmp_path), [])) == sorted(one.text for one in ROWS_TO_REWRITE)
