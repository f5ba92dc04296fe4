"""Dataset folders: what they hold, how they survive a kill, and that anyone can load them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from moviequery.corpus.candidates import BLOCK, Shard, build_shard, merge_shards
from moviequery.corpus.dataset import from_queries, read_queries, to_dataset, write_dataset
from moviequery.corpus.features import from_example
from moviequery.corpus.splits import check_leaks
from moviequery.errors import DatasetError
from moviequery.knowledge.sources import find_source
from moviequery.schema import Entity, EntityType, Intent, Provenance, Query

GENRES = ("heist", "noir", "comedy")
WORDS = ("amber", "bronze", "copper", "dune", "ember", "flint", "grove", "harbour", "iron", "jade")


class SmallBuilder:
    """Writes rows with a few words each, so that repetitions and near-duplicates do occur."""

    def __init__(self, seed=7, words=3):
        self.seed = seed
        self.words = words
        self.calls = []

    @property
    def fingerprint(self):
        return f"small-{self.seed}-{self.words}"

    def row(self, index):
        self.calls.append(index)
        rng = Random(f"{self.seed}:{index}")
        split = rng.choice(["train"] * 8 + ["validation", "test"])
        if rng.random() < 0.05:
            return None
        genre, words = rng.choice(GENRES), " ".join(rng.choices(WORDS, k=self.words))
        text = f"any {genre} films about {words}?"
        entities = (
            Entity(EntityType.GENRE, genre, 4, 4 + len(genre), iri=f"urn:moviequery:genre:{genre}"),
        )
        provenance = Provenance(index, self.seed, split, f"about-{split}", films=(f"urn:{split}",))
        return Query(text, rng.choice(list(Intent)), entities, provenance=provenance)


class ShortBuilder(SmallBuilder):
    """Stops the process in the middle of a build, as a kill would."""

    def __init__(self, last):
        super().__init__()
        self.last = last

    def row(self, index):
        if index > self.last:
            os._exit(9)
        return super().row(index)


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
    assert set(census.dropped) == {"near-duplicate", "repeated"}
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


def test_the_card_says_what_the_folder_holds(built):
    folder, census = built
    card = (folder / "README.md").read_text(encoding="utf-8")
    metadata, text = card.split("---\n")[1], card.split("---\n", 2)[2]
    header = yaml.safe_load(metadata)
    assert [config["config_name"] for config in header["configs"]] == ["entities", "intent"]
    assert [config.get("default", False) for config in header["configs"]] == [True, False]
    for info in header["dataset_info"]:
        counts = {split["name"]: split["num_examples"] for split in info["splits"]}
        assert counts == census.splits
    assert (header["language"], header["size_categories"]) == (["en"], ["n<1K"])
    assert header["license"] == "cc-by-4.0"
    assert "Wikidata, CC0 1.0" in text
    assert "`small-7-3`" in text
    assert "seed 7" in text
    for name, count in census.splits.items():
        rec = census.intents[name, Intent.REC]
        assert f"| {name} | {rec} | {count - rec} | {count} |" in text
    share = census.genres["urn:moviequery:genre:heist"] / 300
    assert f"heist {share:.2%}" in text
    assert "$" not in text


def test_the_licence_is_unknown_where_a_source_is(tmp_path):
    write_dataset(SmallBuilder(), tmp_path / "a", 5, sources=[find_source("our-films")])
    write_dataset(SmallBuilder(), tmp_path / "b", 5, licence="cc0-1.0")
    licences = [
        yaml.safe_load((tmp_path / name / "README.md").read_text("utf-8").split("---\n")[1])
        for name in "ab"
    ]
    assert [header["license"] for header in licences] == ["unknown", "cc0-1.0"]


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
        "from test_dataset import ShortBuilder, write_dataset\n"
        f"write_dataset(ShortBuilder(last={2 * BLOCK + 500}), sys.argv[1], 2500)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "films")]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 9
    assert not (tmp_path / "films").exists()
    work = tmp_path / ".films.partial"
    assert len(list(work.glob("candidates-*.jsonl"))) == 2

    # a damaged block is built again too
    block = sorted(work.glob("candidates-*.jsonl"))[1]
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
    build_shard(other, BLOCK, 0, 1).write(
        work / f"candidates-{0:09d}-{BLOCK:09d}.jsonl", other.fingerprint
    )
    write_dataset(SmallBuilder(), tmp_path / "films", 50)
    assert {q.provenance.seed for q in read_queries(tmp_path / "films")["train"]} == {7}


def test_the_same_rows_under_any_hash_seed(built, tmp_path):
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_dataset import SmallBuilder, write_dataset\n"
        "write_dataset(SmallBuilder(), sys.argv[1], 300)"
    )
    for seed in ("0", "4711"):
        command = [sys.executable, "-c", script, str(tmp_path / seed)]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
        assert digest(tmp_path / seed) == digest(built[0])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 120), st.integers(1, 7), st.integers(0, 20))
def test_a_sharded_build_equals_a_single_one(n, num_shards, seed):
    builder = SmallBuilder(seed)
    single = merge_shards(builder, [], n)
    shards = [build_shard(builder, n, shard, num_shards) for shard in range(num_shards)]
    assert merge_shards(builder, reversed(shards), n) == single
    assert len(single) == n


def test_shards_must_be_all_there_once():
    builder = SmallBuilder()
    shards = [build_shard(builder, 30, shard, 3) for shard in range(3)]
    with pytest.raises(DatasetError, match="leave out the indices from 10 to 19"):
        merge_shards(builder, [shards[0], shards[2]], 30)
    with pytest.raises(DatasetError, match="repeat the indices from 0 to 9"):
        merge_shards(builder, [shards[0], shards[0]], 30)
    with pytest.raises(DatasetError, match="shard 3 of 3"):
        build_shard(builder, 30, 3, 3)


def test_a_shard_is_read_back_whole_or_not_at_all(tmp_path):
    shard = build_shard(SmallBuilder(), 30, 1, 2)
    shard.write(tmp_path / "shard.jsonl", "a")
    assert Shard.read(tmp_path / "shard.jsonl", "a") == shard
    with pytest.raises(DatasetError, match="build it again"):
        Shard.read(tmp_path / "shard.jsonl", "b")
    text = (tmp_path / "shard.jsonl").read_text("utf-8")
    for length in (0, 10, len(text) // 2, len(text) - 3):
        (tmp_path / "shard.jsonl").write_text(text[:length], "utf-8")
        with pytest.raises(DatasetError, match="build it again"):
            Shard.read(tmp_path / "shard.jsonl", "a")


def test_queries_can_be_written_without_a_builder(built, tmp_path):
    queries = merge_shards(SmallBuilder(), [], 300)
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
        "from test_dataset import SmallBuilder, write_dataset\n"
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
