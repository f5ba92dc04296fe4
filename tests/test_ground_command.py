"""`moviequery ground`: claims for people and machines, and an exit code that tells."""

import json

import pytest
from catalogue_fixtures import small_graph
from toy_parser import save_toy_parser

from moviequery.cli import main


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ground")
    small_graph().write(folder / "films.nq")
    model = save_toy_parser(folder / "parser")
    return ["--graph", folder / "films.nq", "--model", model]


@pytest.fixture
def ground(capsys, options):
    def run(*arguments):
        code = main(["ground", *map(str, arguments), *map(str, options)])
        return code, *capsys.readouterr()

    return run


def test_true_claims_end_well(ground):
    code, out, err = ground("Heat was directed by Michael Mann", "--json")
    assert (code, err) == (0, "")
    claims = json.loads(out)["claims"]
    assert [(claim["text"], claim["verdict"]) for claim in claims] == [
        ("Heat", "true"),
        ("Michael Mann", "true"),
    ]


def test_a_false_claim_ends_with_one(ground):
    code, out, _ = ground("Heat was directed by Peter Jackson", "--json")
    [_, claim] = json.loads(out)["claims"]
    assert code == 1
    assert claim["verdict"] == "false"
    assert claim["triple"] == (
        "<urn:moviequery:movie:heat-1995> <https://schema.org/director> "
        "<urn:moviequery:person:peter-jackson>"
    )
    assert "the graph holds Michael Mann" in claim["reason"]


def test_unknown_claims_are_no_mistake(ground):
    code, out, _ = ground("Heat stars Tom Hardy", "--json")
    assert code == 0
    assert json.loads(out)["claims"][1]["verdict"] == "unknown"


def test_a_person_reads_the_same(ground):
    code, out, _ = ground("the 1996 film Heat", "nothing of the kind")
    assert code == 1
    assert out.splitlines() == [
        "the 1996 film Heat",
        "  FALSE    year '1996' of 'Heat' (1995): the graph holds 1995",
        "           needed: <urn:moviequery:movie:heat-1995> <https://schema.org/datePublished> "
        '"1996"^^<http://www.w3.org/2001/XMLSchema#gYear>',
        "  true     the graph has 'Heat' (1995)",
        "nothing of the kind",
        "  says nothing of a film",
    ]


def test_a_file_is_read_line_by_line(ground, tmp_path):
    file = tmp_path / "replies.txt"
    file.write_text("Heat (1995)\n\nHeat (1996)\n", encoding="utf-8")
    code, out, _ = ground("--file", file, "--json")
    verdicts = [
        [claim["verdict"] for claim in json.loads(line)["claims"]] for line in out.splitlines()
    ]
    assert code == 1
    assert verdicts == [["true", "true"], [], ["true", "false"]]


def test_texts_and_a_file_are_a_mistake(ground, tmp_path):
    code, out, err = ground("Heat", "--file", tmp_path / "no.txt")
    assert (code, out) == (2, "")
    assert "not both" in err


def test_a_missing_file_is_a_mistake(ground, tmp_path):
    code, _, err = ground("--file", tmp_path / "no.txt")
    assert code == 2
    assert "cannot be read" in err


@pytest.mark.parametrize("text", ["", "\x1b[31mHeat (1996)", "سينما", "Heat " * 2_000])
def test_any_text_ends_well(ground, text):
    code, out, _ = ground(text)
    assert code in (0, 1)
    assert "\x1b" not in out
