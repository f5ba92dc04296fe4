"""`moviequery parse` and `evaluate` with a fast parser: streams, files, colours, JSON."""

import io
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_parser import save_toy_parser

from moviequery.cli import main
from moviequery.parse_command import read_lines, show_parsed
from moviequery.schema import Entity, EntityType, Intent, ParsedQuery

HEIST = "not funny heist films like Heat"
ANSWER = '{"intent":"rec","titles":["Heat"],"genres":["heist"],"moods":["funny"]}'


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(save_toy_parser(tmp_path_factory.mktemp("toy") / "parser"))


def succeed(capsys, *arguments):
    assert main([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


def test_a_text_is_shown_with_its_entities(capsys, model):
    shown = succeed(capsys, "parse", HEIST, "--model", model).splitlines()
    assert shown[0] == HEIST
    assert shown[1].split()[0] == "rec"
    assert [line.split()[0] for line in shown[2:]] == ["mood", "genre", "title"]
    assert "(not wanted)" in shown[2]
    assert "[27, 31)" in shown[4]
    unsure = succeed(capsys, "parse", HEIST, "--model", model, "--threshold", "1")
    assert "(not sure)" in unsure


def test_json_is_the_answer_and_full_json_the_whole_parse(capsys, model):
    assert succeed(capsys, "parse", "--json", HEIST, "--model", model) == ANSWER + "\n"
    row = json.loads(succeed(capsys, "parse", "--full", HEIST, "--model", model))
    assert row["text"] == HEIST
    assert row["confident"] is True
    assert row["scores"].keys() == {"rec", "non_rec"}
    assert [(e["type"], e["start"], e["negated"]) for e in row["entities"]] == [
        ("mood", 4, True),
        ("genre", 10, False),
        ("title", 27, False),
    ]


def test_names_are_linked_to_a_graph(capsys, model, tmp_path):
    graph = tmp_path / "films.ttl"
    table = tmp_path / "films.csv"
    table.write_text("title,year\nHeat,1995\n")
    columns = ["--column", "title=title", "--column", "year=year"]
    assert main(["graph", str(table), *columns, "--out", str(graph)]) == 0
    capsys.readouterr()
    shown = succeed(capsys, "parse", "like Heat", "--model", model, "--graph", graph)
    assert "urn:moviequery:movie:heat-1995" in shown


def test_files_are_read_line_by_line(capsys, model, tmp_path):
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_bytes(b"\xef\xbb\xbfheat\r\n\r\nlike \xff casino")
    second.write_text("who directed Heat\n")
    out = succeed(capsys, "parse", "--full", "--model", model, "--file", first, "--file", second)
    texts = [json.loads(line)["text"] for line in out.splitlines()]
    assert texts == ["heat", "", "like \ufffd casino", "who directed Heat"]
    assert main(["parse", "--model", model, "--file", str(tmp_path / "none.txt")]) == 2
    assert "none.txt" in capsys.readouterr().err


def test_a_line_is_answered_before_the_next_one_comes(model):
    command = [sys.executable, "-m", "moviequery", "parse", "--json", "--model", model]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        for text, answer in ((HEIST, ANSWER), ("who", '{"intent":"non_rec"}')):
            process.stdin.write(text + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == answer + "\n"
        process.stdin.close()
    assert process.returncode == 0


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=9)))
def test_lines_are_found_again_however_they_arrive(lines):
    data = "\n".join(lines).encode()
    if not data.startswith(b"\xef\xbb\xbf"):
        for stream in (io.BytesIO(data), Dripping(data)):
            found = [line for some in read_lines(stream) for line in some]
            assert found == (lines if lines and lines[-1] else lines[:-1])


class Dripping(io.BytesIO):
    """A stream that gives a byte at a time."""

    def read1(self, size=-1):
        return super().read1(1)


def test_colours_mark_the_spans_and_controls_are_pictures():
    text = "\x1b[2J like Heat"
    heat = Entity(EntityType.TITLE, "Heat", 10, 14, negated=True)
    parsed = ParsedQuery(text, Intent.REC, entities=(heat,))
    plain = show_parsed(parsed)
    assert "\x1b" not in plain
    assert plain.startswith("␛[2J like Heat\n  rec\n")
    first = show_parsed(parsed, coloured=True).splitlines()[0]
    assert first.startswith("␛[2J like \x1b[1m")
    assert first.endswith("Heat\x1b[0m")


def test_pipes_get_no_colours_and_nothing_breaks_on_bytes(model):
    result = subprocess.run(
        [sys.executable, "-m", "moviequery", "parse", b"heat \xff", "--model", model],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert result.returncode == 0, result.stderr
    assert b"\x1b" not in result.stdout
    assert result.stdout.startswith(b"heat \\udcff")


def test_a_fast_parser_is_scored_on_bio(capsys, model, tmp_path):
    bio = tmp_path / "queries.bio"
    bio.write_text("who\tO\ndirected\tO\nheat\tB-TITLE\n\nfunny\tB-GENRE\nfilms\tO\n")
    arguments = ["--labels", "mit-movie", "--model", model, "--json"]
    scores = json.loads(succeed(capsys, "evaluate", bio, *arguments))
    assert scores["micro_f1"] == scores["macro_f1"] == 1.0
