"""The card of a dataset folder: its metadata and its numbers are those of the rows."""

from __future__ import annotations

import pytest
import yaml
from small_builder import SmallBuilder

from moviequery.corpus.dataset import write_dataset
from moviequery.knowledge.sources import find_source
from moviequery.schema import Intent, Provenance, Query


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built") / "films"
    census = write_dataset(SmallBuilder(), folder, 300, sources=[find_source("wikidata")])
    return folder, census


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


def test_the_card_says_when_a_language_model_wrote(tmp_path):
    provenance = Provenance(0, 7, "train", "f", origin="rewritten")
    write_dataset([Query("any heist?", Intent.REC, provenance=provenance)], tmp_path / "a")
    write_dataset(SmallBuilder(), tmp_path / "b", 5)
    cards = [(tmp_path / name / "README.md").read_text("utf-8") for name in "ab"]
    assert "put 1 of the texts in other words" in cards[0]
    assert "No text was written or labelled by a person or by a language model." in cards[1]
