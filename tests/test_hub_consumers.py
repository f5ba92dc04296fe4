"""What is published is loaded back by processes that cannot import moviequery."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hub_fixtures import ROOT, dataset_folder, hub, run_consumer, start_publisher

import moviequery
from moviequery.corpus.dataset import read_queries
from moviequery.corpus.loader import load_queries
from moviequery.errors import DatasetError
from moviequery.hub import publish
from moviequery.hub_preparation import prepare_release

__all__ = ["dataset_folder", "hub"]  # fixtures
METRIC = Path(moviequery.__file__).parent / "metrics" / "macro_f1"
METRIC_CARD = ROOT / "metric_cards" / "macro_f1.md"


def run_publisher(hub, home, *arguments):
    process = start_publisher(hub, home, *arguments)
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out


def test_a_dataset_by_load_dataset(hub, dataset_folder, tmp_path):
    report = run_publisher(
        hub, tmp_path, "dataset", dataset_folder, "films/queries", "--private", "--json"
    )
    tag = json.loads(report)["tag"]
    code = f"""
import hashlib, json
from datasets import load_dataset
from huggingface_hub import hf_hub_download

whole = load_dataset("films/queries", "entities")
stream = load_dataset("films/queries", "intent", split="test", streaming=True)
part = load_dataset("films/queries", split="train[:10%]", revision="{tag}")
rows = hf_hub_download("films/queries", "queries.jsonl", repo_type="dataset")
print(json.dumps({{
    "rows": {{name: split.num_rows for name, split in whole.items()}},
    "stream": [row["text"] for row in stream],
    "test": list(whole["test"]["text"]),
    "part": list(part["text"]),
    "train": list(whole["train"]["text"]),
    "intents": whole["train"].features["intent"].names,
    "sha256": hashlib.sha256(open(rows, "rb").read()).hexdigest(),
}}))
"""
    got = json.loads(run_consumer(hub, tmp_path, code).splitlines()[-1])
    ours = read_queries(dataset_folder)
    texts = {name: [query.text for query in queries] for name, queries in ours.items()}
    assert got["rows"] == {name: len(queries) for name, queries in ours.items()}
    assert got["test"] == got["stream"] == texts["test"]
    assert got["train"] == texts["train"]
    assert got["part"] == texts["train"][: round(len(texts["train"]) / 10)]
    assert got["intents"] == ["rec", "non_rec"]
    data = (dataset_folder / "queries.jsonl").read_bytes()
    assert got["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_metric_s_name_must_be_that_of_its_module():
    from moviequery.errors import HubError

    with pytest.raises(HubError, match=r"wants a module other\.py.*macro_f1\.py"):
        prepare_release("metric", METRIC, "films/other", card=METRIC_CARD)


def test_the_card_s_examples_load_from_the_hub(dataset_folder):
    dataset = prepare_release("dataset", dataset_folder, "films/mine")
    assert 'load_dataset("films/mine", "intent")' in dataset.card
    assert 'load_dataset("queries"' not in dataset.card
    metric = prepare_release("metric", METRIC, "films/macro_f1", card=METRIC_CARD)
    assert 'evaluate.load("films/macro_f1")' in metric.card
    assert metric.left_out == tuple(sorted(metric.left_out))
    assert all("__pycache__" in name for name in metric.left_out)
    assert set(metric.files) == {
        *("README.md", "__init__.py", "answers.py", "counts.py", "macro_f1.py")
    }


def test_load_queries_takes_a_revision(dataset_folder):
    with pytest.raises(DatasetError, match="revision belongs to a dataset on the Hub"):
        load_queries(dataset_folder, revision="v1")
    with pytest.raises(DatasetError, match="revision belongs to a dataset on the Hub"):
        load_queries(revision="v1")


def test_load_queries_of_a_revision(hub, dataset_folder, tmp_path):
    import subprocess
    import sys

    from hub_fixtures import client_env

    release = prepare_release("dataset", dataset_folder, "films/queries")
    tag = publish(release, endpoint=hub.url).tag
    code = f"""
from moviequery import load_queries
print(load_queries("films/queries", revision="{tag}")["train"].num_rows)
try:
    load_queries("films/queries", revision="none")
except Exception as error:
    print(type(error).__name__)
"""
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=client_env(hub, tmp_path / "hf"),
        capture_output=True,
        text=True,
    )
    train = len(read_queries(dataset_folder)["train"])
    assert result.stdout.splitlines() == [str(train), "DatasetError"], result.stderr
