"""Which files tell one model from another."""

from pathlib import Path

import pytest

from moviequery.modeling.model_files import describe_model

_FILES = ("adapter_model.safetensors", "tokenizer.json", "names.json", "plain_words.json")


@pytest.fixture
def adapters(tmp_path: Path) -> Path:
    folder = tmp_path / "adapters" / "entities"
    folder.mkdir(parents=True)
    for name in (*_FILES, "metrics.json", "README.md"):
        (folder / name).write_text(name, "utf-8")
    return folder.parent


def test_all_that_decides_an_answer_is_told(adapters: Path) -> None:
    assert sorted(describe_model(str(adapters))) == sorted(f"entities/{name}" for name in _FILES)


@pytest.mark.parametrize("name", _FILES)
def test_another_file_makes_another_model(adapters: Path, name: str) -> None:
    before = describe_model(str(adapters))
    (adapters / "entities" / name).write_text("another", "utf-8")
    after = describe_model(str(adapters))
    assert {path for path in before if before[path] != after[path]} == {f"entities/{name}"}


def test_what_decides_nothing_is_left_out(adapters: Path) -> None:
    before = describe_model(str(adapters))
    (adapters / "entities" / "metrics.json").write_text("another", "utf-8")
    assert describe_model(str(adapters)) == before


def test_an_id_of_the_hub_stands_for_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert describe_model("someone/something") == {"id": "someone/something"}
