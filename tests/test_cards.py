"""The cards of this repository: complete for the Hub, and with the numbers of their results."""

from __future__ import annotations

import importlib.util
import re

import pytest
from hub_fixtures import ROOT
from huggingface_hub import DatasetCard, ModelCard, SpaceCard
from small_builder import SmallBuilder

from moviequery.corpus.dataset import write_dataset
from moviequery.hub_cards import find_card_faults, read_header
from moviequery.hub_model_card import ModelFacts, render_model_card
from moviequery.hub_origin import DatasetOrigin
from moviequery.hub_results import find_results
from moviequery.knowledge.sources import find_source

FAST_PARSER = ROOT / "model_cards" / "fast_parser"
PLACE = re.compile(r"/(work|home|root|tmp)/")


def load_tool():
    spec = importlib.util.spec_from_file_location(
        "write_model_card", ROOT / "tools" / "write_model_card.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_dataset_card(tmp_path):
    sources = [find_source("wikidata"), find_source("netflix")]
    write_dataset(SmallBuilder(), tmp_path / "films", 120, sources=sources)
    card = DatasetCard((tmp_path / "films" / "README.md").read_text("utf-8"))
    data = card.data
    assert (data.language, data.license) == (["en"], "cc-by-4.0")
    assert data.size_categories == ["n<1K"]
    assert data.task_ids == ["named-entity-recognition", "intent-classification"]
    assert data.moviequery["rows"] == 120
    assert [config["config_name"] for config in data.configs] == ["entities", "intent"]
    for risk in ("unrepresentative data", "bias", "evasion"):
        assert f"| {risk} |" in card.text
    for source in sources:
        assert f"- {source.title}, {source.licence}" in card.text
    assert not PLACE.search(card.text)


@pytest.mark.parametrize(("path", "kind"), [("metric_cards/macro_f1.md", "metric")])
def test_the_metric_card(path, kind):
    text = (ROOT / path).read_text("utf-8")
    files = {"README.md": text.encode(), "macro_f1.py": b""}
    assert find_card_faults(kind, "macro_f1", read_header(text), files) == []
    assert SpaceCard(text).data.license == "apache-2.0"


def test_the_space_card():
    text = (ROOT / "space" / "README.md").read_text("utf-8")
    files = {"README.md": text.encode(), "app.py": b"", "requirements.txt": b""}
    assert find_card_faults("space", "search", read_header(text), files) == []
    assert SpaceCard(text).data.sdk == "gradio"


@pytest.mark.skipif(not (FAST_PARSER / "metrics.json").exists(), reason="no parser is bundled yet")
def test_the_bundled_parser_s_card_is_what_its_results_render_to():
    tool = load_tool()
    text = (FAST_PARSER / "README.md").read_text("utf-8")
    files = tool.list_results(FAST_PARSER)
    said = ModelCard(text).data.moviequery
    origin = DatasetOrigin(tool.DATASET_ID, said["dataset_revision"], said["dataset_fingerprint"])
    before = (FAST_PARSER / tool.TRAINING_CARD).read_text("utf-8")
    rendered = render_model_card(files, ModelFacts(tool.REPO_ID, origin, training_card=before))
    # the version is that of the day it was written
    assert rendered.replace(f"version: {_version(rendered)}", "") == text.replace(
        f"version: {_version(text)}", ""
    )
    assert find_results(files)
    assert (
        find_card_faults("adapter", "x", read_header(text), files | {"README.md": text.encode()})
        == []
    )


def _version(text):
    return ModelCard(text).data.moviequery["version"]
