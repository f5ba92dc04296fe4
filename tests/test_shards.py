"""Shards of candidates: read back whole or not at all."""

from __future__ import annotations

import pytest
from small_builder import SmallBuilder

from moviequery.corpus.shards import Shard, ShardStore
from moviequery.corpus.stages import BuildStage, run_stages
from moviequery.errors import DatasetError

SPAN = (15, 45)


def test_a_shard_holds_the_rows_of_its_indices():
    builder = SmallBuilder()
    shard = run_stages([BuildStage(builder)], SPAN)
    rows = tuple(filter(None, map(builder.row, range(*SPAN))))
    assert shard == Shard(*SPAN, rows)
    assert len(rows) < SPAN[1] - SPAN[0]  # an index without a row leaves none


def test_a_shard_is_read_back_whole_or_not_at_all(tmp_path):
    shard = run_stages([BuildStage(SmallBuilder())], SPAN)
    store = ShardStore(tmp_path, "a")
    assert not store.holds(SPAN)
    store.keep(shard)
    assert store.holds(SPAN)
    assert store.read(SPAN) == shard
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    for length in (0, 10, len(content) // 2, len(content) - 3):
        path.write_bytes(content[:length])
        assert not store.holds(SPAN)
        with pytest.raises(DatasetError, match=f"{path.name}: .*build it again"):
            store.read(SPAN)


def test_every_changed_byte_of_the_rows_is_noticed(tmp_path):
    store = ShardStore(tmp_path, "a")
    shard = run_stages([BuildStage(SmallBuilder())], SPAN)
    store.keep(shard)
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    start = content.index(b"\x28\xb5\x2f\xfd")  # where the compressed rows begin
    for place in range(start, start + 200, 20):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(DatasetError, match="build it again"):
            store.read(SPAN)


def test_rows_of_another_fingerprint_are_refused(tmp_path):
    shard = run_stages([BuildStage(SmallBuilder())], SPAN)
    ShardStore(tmp_path, "a").keep(shard)
    other = ShardStore(tmp_path, "b")
    assert not other.holds(SPAN)
    with pytest.raises(DatasetError, match="rows of 'a', not of 'b'"):
        other.read(SPAN)
