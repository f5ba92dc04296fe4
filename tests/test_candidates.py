"""Shards of candidates: merged they are the build in one piece, damaged they are refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_builder import SmallBuilder

from moviequery import SyntheticQueryBuilder
from moviequery.corpus.candidates import Shard, build_shard, merge_shards
from moviequery.corpus.dataset import from_queries, to_dataset
from moviequery.errors import DatasetError


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 120), st.integers(1, 7), st.integers(0, 20))
def test_a_sharded_build_equals_a_single_one(n, num_shards, seed):
    builder = SmallBuilder(seed)
    single = merge_shards(builder, [], n)
    shards = [build_shard(builder, n, shard, num_shards) for shard in range(num_shards)]
    assert merge_shards(builder, reversed(shards), n) == single
    assert len(single) == n


def test_shards_of_the_library_make_its_dataset(bundled_graph):
    builder = SyntheticQueryBuilder(bundled_graph, seed=11)
    shards = [build_shard(builder, 90, shard, 4) for shard in range(4)]
    merged = merge_shards(builder, shards, 90)
    assert merged == merge_shards(builder, [], 90)
    assert from_queries({"all": merged})["all"].to_list() == [
        row for _, row in sorted(_rows_by_index(to_dataset(builder, 90)))
    ]


def _rows_by_index(dataset):
    for split in dataset.values():
        for row in split:
            yield row["provenance"]["index"], row


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
