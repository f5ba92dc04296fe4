"""The diversity card as files, and as a section of a dataset's card."""

import json
import sys

import pytest
from small_builder import SmallBuilder

from moviequery.cli import main
from moviequery.corpus.dataset import read_queries, write_dataset
from moviequery.errors import DatasetError
from moviequery.evaluation.diversity_card import add_scores, describe_queries
from moviequery.evaluation.diversity_report import add_section, render_markdown, write_report
from moviequery.knowledge.graph import MovieGraph
from moviequery.schema import Movie, ParsedQuery
from moviequery.synthesis.slot_filling import fill_slots

FILMS = [Movie(f"Film {number}", 1990 + number, genres=("Noir",)) for number in range(20)]


@pytest.fixture(scope="module")
def index():
    return MovieGraph.from_movies(FILMS).index


@pytest.fixture(scope="module")
def card(index):
    queries = [query for query in map(SmallBuilder().row, range(60)) if query]
    card = describe_queries(queries, index, 40)
    parsed = [ParsedQuery(query.text, query.intent, entities=query.entities) for query in queries]
    return add_scores(card, queries, parsed, index, "the parser 'tiny'")


def test_scores_are_part_of_the_card(card):
    assert card.scores["decade"]["no film"].micro_f1 == 1
    assert "F1 of the parser 'tiny'" in card.render()
    values = json.loads(json.dumps(card.to_dict()))
    assert values["scores"]["people"]["nobody named"]["f1"] == 1
    assert values["scored"] == card.coverage.rows


def test_the_markdown_has_a_row_for_each_set_and_group(card):
    text = render_markdown(card)
    assert text.startswith("## Diversity\n")
    assert "| these queries | 40 |" in text
    assert text.count("| people: MIT Movie eng |") == 2
    assert "| decade | no film |" in text
    assert "png" not in text
    assert "![" in render_markdown(card, has_picture=True)
    widths = [line.count("|") for line in text.splitlines() if line.startswith("|")]
    assert set(widths) == {14, 3, 8}


def test_files_are_written_and_the_same_each_time(card, tmp_path):
    pytest.importorskip("matplotlib")
    for name in "ab":
        assert write_report(card, tmp_path / name) == [
            "diversity.json",
            "diversity.md",
            "diversity.png",
        ]
    first, second = ((tmp_path / name) for name in "ab")
    assert sorted(path.name for path in first.iterdir()) == sorted(
        ["diversity.json", "diversity.md", "diversity.png"]
    )
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
    assert (first / "diversity.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((first / "diversity.json").read_text()) == json.loads(
        json.dumps(card.to_dict())
    )


def test_without_matplotlib_there_is_no_picture(card, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    (tmp_path / "diversity.png").write_bytes(b"of an older card")
    assert write_report(card, tmp_path) == ["diversity.json", "diversity.md"]
    assert not (tmp_path / "diversity.png").exists()
    assert "![" not in (tmp_path / "diversity.md").read_text()


def test_a_file_in_the_way_is_refused(card, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(DatasetError, match="taken"):
        write_report(card, tmp_path / "taken")
    with pytest.raises(DatasetError, match=r"README\.md"):
        add_section(card, tmp_path / "README.md", has_picture=False)


def test_the_section_of_a_card_is_put_in_once(card, tmp_path):
    folder = tmp_path / "films"
    write_dataset(SmallBuilder(), folder, 100)
    readme = folder / "README.md"
    before = readme.read_text(encoding="utf-8")
    add_section(card, readme, has_picture=False)
    once = readme.read_text(encoding="utf-8")
    assert once.replace(render_markdown(card) + "\n", "") == before
    assert once.index("## Distribution") < once.index("## Diversity") < once.index("## How to")
    add_section(card, readme, has_picture=True)
    add_section(card, readme, has_picture=False)
    assert readme.read_text(encoding="utf-8") == once
    assert sum(map(len, read_queries(folder).values())) == 100  # its sums still hold

    own = tmp_path / "README.md"
    own.write_text("# Mine\n")
    add_section(card, own, has_picture=False)
    assert own.read_text().startswith("# Mine\n\n## Diversity\n")


def test_slot_filling_stands_in_the_picture_too(index, tmp_path):
    pytest.importorskip("matplotlib")
    queries = fill_slots(index, 20)
    card = describe_queries(queries, index, 20, slot_filling=True)
    assert "diversity.png" in write_report(card, tmp_path)


def test_the_command_writes_files_card_and_scores(tmp_path, capsys):
    toys = pytest.importorskip("toy_parser")
    pytest.importorskip("onnxruntime")
    model = toys.save_toy_parser(tmp_path / "parser")
    folder = tmp_path / "films"
    write_dataset(SmallBuilder(), folder, 200)
    arguments = ["evaluate", str(folder), "--diversity", "--n", "50", "--card", "--json"]
    assert main([*arguments, "--model", str(model), "--out", str(tmp_path / "out")]) == 0
    values = json.loads(capsys.readouterr().out)
    tests = len(read_queries(folder)["test"])
    assert values["scored"] == tests == values["scores"]["people"]["nobody named"]["rows"]
    assert "## Diversity" in (folder / "README.md").read_text(encoding="utf-8")
    assert (folder / "diversity.json").read_bytes() == (
        tmp_path / "out" / "diversity.json"
    ).read_bytes()


def test_the_command_refuses_a_card_where_there_is_none(tmp_path, capsys):
    (tmp_path / "rows.jsonl").write_text("")
    assert main(["evaluate", str(tmp_path / "rows.jsonl"), "--diversity", "--card"]) == 2
    assert "no dataset folder" in capsys.readouterr().err
    assert main(["evaluate", "x.jsonl", "--out", str(tmp_path)]) == 2
    assert "--diversity" in capsys.readouterr().err
