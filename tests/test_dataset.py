"""Dataset folders: what they hold, how they survive a kill, and that anyone can load them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from small_builder import SmallBuilder

from moviequery import SyntheticQueryBuilder
from moviequery.corpus.candidates import BLOCK
from moviequery.corpus.dataset import from_queries, read_queries, to_dataset, write_dataset
from moviequery.corpus.features import from_example
from moviequery.corpus.loader import load_queries
from moviequery.corpus.shards import ShardStore
from moviequery.corpus.splits import check_leaks
from moviequery.corpus.stages import BuildStage, run_stages
from moviequery.errors import DatasetError
from moviequery.knowledge.sources import find_source
from moviequery.schema import Intent, Query


def digest(folder):
    return hashlib.sha256((folder / "queries.jsonl").read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built") / "films"
    census = write_dataset(SmallBuilder(), folder, 300, sources=[find_source("wikidata")])
    return folder, census


def test_a_folder_holds_exactly_n_rows_without_leaks(built):
    folder, census = built
    splits = read_queries(folder)
    assert list(splits) == ["train", "validation", "test"]
    assert sum(map(len, splits.values())) == census.rows == 300
    assert census.splits == {name: len(queries) for name, queries in splits.items()}
    assert check_leaks(splits).clean
    assert set(census.dropped) == {"near-duplicate", "repeated", "empty"}
    walked = [SmallBuilder().row(index) for index in range(census.last_index + 1)]
    assert census.dropped["empty"] == walked.count(None)
    assert sum(census.dropped.values()) + 300 == len(walked)
    for name, queries in splits.items():
        indices = [query.provenance.index for query in queries]
        assert indices == sorted(indices)
        assert {query.provenance.split for query in queries} == {name}


def test_all_forms_hold_the_same_rows(built):
    folder, _ = built
    splits = read_queries(folder)
    dataset = to_dataset(SmallBuilder(), 300)
    for name, queries in splits.items():
        assert [from_example(row) for row in dataset[name]] == queries
        table = pq.read_table(folder / "data" / f"{name}-00000-of-00001.parquet")
        assert [from_example(row) for row in table.to_pylist()] == queries
    assert from_queries(splits)["test"].to_list() == dataset["test"].to_list()


def test_parquet_alone_can_be_read(built, tmp_path):
    folder, _ = built
    (tmp_path / "data").mkdir()
    for path in folder.glob("data/*.parquet"):
        (tmp_path / "data" / path.name).write_bytes(path.read_bytes())
    assert read_queries(tmp_path) == read_queries(folder)


def test_a_smaller_build_is_the_beginning_of_a_larger_one(built, tmp_path):
    write_dataset(SmallBuilder(), tmp_path / "small", 40)
    lines = (built[0] / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    assert (tmp_path / "small" / "queries.jsonl").read_text("utf-8").splitlines() == lines[:40]


def test_checksums_cover_every_file_but_the_card(built):
    folder, _ = built
    sums = dict(
        reversed(line.split("  "))
        for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    )
    assert sums["queries.jsonl"] == digest(folder)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files - set(sums) == {"README.md", "SHA256SUMS"}


def test_anyone_can_load_the_folder(built, tmp_path):
    """In a fresh process, offline, without this library."""
    script = """
import json, sys
from datasets import load_dataset
folder = sys.argv[1]
plain = load_dataset(folder)
intent = load_dataset(folder, "intent")
stream = load_dataset(folder, "intent", streaming=True)
rows = list(stream["test"])
assert rows == list(plain["test"]) == list(intent["test"])
assert "moviequery" not in sys.modules
names = plain["train"].features["intent"].names
print(json.dumps([{k: len(v) for k, v in plain.items()}, names, rows[0]]))
"""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", script, str(built[0])],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counts, names, row = json.loads(done.stdout)
    assert counts == built[1].splits
    assert names == ["rec", "non_rec"]
    assert from_example(row) == read_queries(built[0])["test"][0]


def test_a_killed_build_goes_on_and_gives_the_same_bytes(tmp_path):
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from small_builder import ShortBuilder\n"
        "from moviequery.corpus.dataset import write_dataset\n"
        f"write_dataset(ShortBuilder(last={2 * BLOCK + 500}), sys.argv[1], 2500)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "films")]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 9
    assert not (tmp_path / "films").exists()
    work = tmp_path / ".films.partial"
    assert len(list(work.glob("candidates-*.parquet"))) == 2

    # a damaged block is built again too
    block = sorted(work.glob("candidates-*.parquet"))[1]
    block.write_bytes(block.read_bytes()[:-200])
    builder = SmallBuilder()
    write_dataset(builder, tmp_path / "films", 2500)
    assert min(builder.calls) == BLOCK
    write_dataset(SmallBuilder(), tmp_path / "whole", 2500)
    assert digest(tmp_path / "films") == digest(tmp_path / "whole")
    assert not work.exists()


def test_stored_rows_of_another_builder_are_not_used(tmp_path):
    work = tmp_path / ".films.partial"
    work.mkdir()
    other = SmallBuilder(seed=8)
    stored = run_stages([BuildStage(other)], (0, BLOCK))
    ShardStore(work, other.fingerprint).keep(stored)
    write_dataset(SmallBuilder(), tmp_path / "films", 50)
    assert {q.provenance.seed for q in read_queries(tmp_path / "films")["train"]} == {7}


def test_the_same_rows_under_any_hash_seed(built, tmp_path):
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from small_builder import SmallBuilder\n"
        "from moviequery.corpus.dataset import write_dataset\n"
        "write_dataset(SmallBuilder(), sys.argv[1], 300)"
    )
    for seed in ("0", "4711"):
        command = [sys.executable, "-c", script, str(tmp_path / seed)]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
        assert digest(tmp_path / seed) == digest(built[0])


def test_queries_can_be_written_without_a_builder(built, tmp_path):
    queries = [row for rows in read_queries(built[0]).values() for row in rows]
    queries.sort(key=lambda query: query.provenance.index)
    census = write_dataset([*queries, *queries[:5]], tmp_path / "films")
    assert digest(tmp_path / "films") == digest(built[0])
    assert census.dropped == {"repeated": 5}
    assert "fingerprint `unknown`" in (tmp_path / "films" / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("source", "n", "message"),
    [
        (SmallBuilder(words=1), 200, r"only \d+ of 200 queries .* ask for fewer"),
        (SmallBuilder(), 0, "at least one"),
        ([], None, "no queries to write"),
        ([Query("any heist movies?", Intent.REC)], None, "names no split"),
        ([SmallBuilder().row(0)], 2, "only 1 of 2"),
    ],
)
def test_what_cannot_be_written_is_a_clear_error(source, n, message, tmp_path):
    with pytest.raises(DatasetError, match=message):
        write_dataset(source, tmp_path / "films", n)
    assert not (tmp_path / "films").exists()


def test_an_occupied_folder_is_left_alone(tmp_path):
    (tmp_path / "films").mkdir()
    write_dataset(SmallBuilder(), tmp_path / "films", 5)
    before = digest(tmp_path / "films")
    with pytest.raises(DatasetError, match="not an empty folder"):
        write_dataset(SmallBuilder(seed=8), tmp_path / "films", 5)
    assert digest(tmp_path / "films") == before
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DatasetError, match="not an empty folder"):
        write_dataset(SmallBuilder(), tmp_path / "file", 5)
    with pytest.raises(DatasetError, match="cannot be written"):
        write_dataset(SmallBuilder(), tmp_path / "file" / "below", 5)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody can write")
def test_a_read_only_place_is_a_clear_error():
    with pytest.raises(DatasetError, match="cannot be written"):
        write_dataset(SmallBuilder(), "/proc/films", 5)


def test_of_two_builds_at_once_one_writes_and_the_other_says_so(tmp_path):
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from small_builder import SmallBuilder\n"
        "from moviequery.corpus.dataset import write_dataset\n"
        "write_dataset(SmallBuilder(), sys.argv[1], 300)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "films")]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [process.communicate()[1] for process in running]
    assert sorted(process.returncode for process in running) == [0, 1]
    assert "not an empty folder" in "".join(errors)
    assert sum(map(len, read_queries(tmp_path / "films").values())) == 300
    assert not (tmp_path / ".films.partial").exists()


def test_json_lines_by_hand(tmp_path):
    path = tmp_path / "mine.jsonl"
    first = {"text": "any heist movies?\u2028please", "intent": "rec"}
    second = SmallBuilder().row(0).to_row()
    lines = [json.dumps(row, ensure_ascii=False) for row in (first, second)]
    path.write_text("\ufeff" + lines[0] + "\n\n" + lines[1] + "\n", encoding="utf-8")
    splits = read_queries(path)
    assert splits["train"][0] == Query("any heist movies?\u2028please", Intent.REC)
    assert Query.from_row(second) in splits[second["provenance"]["split"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"text": "hi", "intent": "rec"}\n{"text": "hi"', "mine.jsonl, line 2: "),
        (b'{"text": "hi"}\n', "line 1: the row has no 'intent'"),
        (b"[1]\n", "line 1: the row cannot be read"),
        (b"\xff\xfe\n", "cannot be read"),
        (b"", "holds no queries"),
    ],
)
def test_a_broken_file_is_a_clear_error(content, message, tmp_path):
    (tmp_path / "mine.jsonl").write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        read_queries(tmp_path / "mine.jsonl")


def test_a_folder_without_queries_is_a_clear_error(tmp_path):
    with pytest.raises(DatasetError, match="holds no queries"):
        read_queries(tmp_path)
    with pytest.raises(DatasetError, match="cannot be read"):
        read_queries(tmp_path / "nowhere")
    (tmp_path / "train.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(DatasetError, match="train.parquet: cannot be read"):
        read_queries(tmp_path)


def test_the_builder_of_the_library_makes_a_dataset(bundled_graph, tmp_path):
    builder = SyntheticQueryBuilder(bundled_graph, seed=7)
    census = write_dataset(builder, tmp_path / "films", 400)
    splits = read_queries(tmp_path / "films")
    report = check_leaks(splits)
    assert report.clean, report.summary()
    assert census.rows == 400
    assert set(census.splits) == {"train", "validation", "test"}
    assert {query.intent for query in splits["test"]} == set(Intent)
    rows = builder.to_dataset(400)
    assert {name: [from_example(row) for row in rows[name]] for name in rows} == splits
    by_index = [query for queries in splits.values() for query in queries]
    for query in by_index[::40]:
        assert builder.row(query.provenance.index) == query
    card = (tmp_path / "films" / "README.md").read_text("utf-8")
    assert builder.fingerprint in card
    for source in bundled_graph.sources.values():
        assert f"- {source.title}, {source.licence}" in card


@pytest.mark.parametrize(
    ("name", "rows_still_read"),
    [("queries.jsonl", False), ("data/train-00000-of-00001.parquet", True)],
)
def test_a_damaged_folder_is_refused(built, tmp_path, name, rows_still_read):
    folder = tmp_path / "copy"
    whole = built[0]
    shutil.copytree(whole, folder)
    # cut at the end of a line, so that what is left is well-formed
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: content.rfind(b"\n", 0, -1) + 1])
    with pytest.raises(DatasetError, match=f"{name} missing or changed"):
        load_queries(folder, cache_dir=tmp_path / "cache")
    if rows_still_read:
        assert read_queries(folder) == read_queries(whole)
        (folder / "queries.jsonl").unlink()
    with pytest.raises(DatasetError, match=f"{name}.* missing or changed"):
        read_queries(folder)


def test_a_file_of_another_form_names_what_to_pass(tmp_path):
    (tmp_path / "mit.bio").write_text("B-GENRE\thorror\n")
    with pytest.raises(DatasetError, match=r"line 1: no JSON .*--labels"):
        read_queries(tmp_path / "mit.bio")
