"""The journal of answers: healed after every crash, and never mixed with another's."""

import json

import pytest
from crash_rewriting import make_rows
from scripted_paraphrases import instant

from moviequery.errors import DatasetError
from moviequery.synthesis.journal import Journal
from moviequery.synthesis.prompt import Prompt, bundled_text
from moviequery.synthesis.rewriting import Outcome, Rewriter
from moviequery.synthesis.usage import Usage

ROWS = make_rows(4)


@pytest.fixture(scope="module")
def prompt():
    return Prompt.bundled()


def fill(folder, prompt, rows=ROWS):
    """Write the outcomes of rows; return them and the file."""
    rewriter = Rewriter(instant, prompt, model="m")
    outcomes = [(query, rewriter.rewrite(query)) for query in rows]
    with Journal(folder, prompt, "m") as journal:
        journal.append(outcomes)
    return dict(outcomes), journal.path


def test_outcomes_come_back_as_they_were(tmp_path, prompt):
    outcomes, _ = fill(tmp_path, prompt)
    refused = Outcome(None, (("entity lost", "the “genre”"),), Usage(3, 1, 9, 9, 9), reply="{}")
    more = make_rows(5)[4]
    with Journal(tmp_path, prompt, "m") as journal:
        journal.append([(more, refused)])
    with Journal(tmp_path, prompt, "m") as journal:
        assert journal.opening.settled == len(journal) == 5
        for query, outcome in [*outcomes.items(), (more, refused)]:
            assert query in journal
            assert journal.outcome(query) == outcome
        assert journal.usage == Usage(4 + 3, 1, 4 * 100 + 9, 4 * 20 + 9, 9)


def test_a_line_cut_at_any_byte_costs_that_row_alone(tmp_path, prompt):
    _, path = fill(tmp_path, prompt)
    content = path.read_bytes()
    start = content.rindex(b"\n", 0, -1) + 1
    for cut in range(start, len(content)):
        path.write_bytes(content[:cut])
        with Journal(tmp_path, prompt, "m") as journal:
            assert (len(journal), journal.opening.healed) == (3, cut - start)
            assert ROWS[3] not in journal
        assert path.read_bytes() == content[:start]


@pytest.mark.parametrize("cut", [0, 1, 40])
def test_a_cut_first_line_begins_the_journal_anew(tmp_path, prompt, cut):
    _, path = fill(tmp_path, prompt)
    path.write_bytes(path.read_bytes()[:cut])
    with Journal(tmp_path, prompt, "m") as journal:
        assert len(journal) == 0
    outcomes, _ = fill(tmp_path, prompt)
    with Journal(tmp_path, prompt, "m") as journal:
        assert journal.outcome(ROWS[0]) == outcomes[ROWS[0]]


def test_a_damaged_line_is_counted_and_its_row_free_again(tmp_path, prompt):
    _, path = fill(tmp_path, prompt)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"\0" * 50 + b"\n", b'{"key": 1}\n', *lines[3:]]))
    with Journal(tmp_path, prompt, "m") as journal:
        assert (len(journal), journal.opening.damaged) == (3, 2)
        assert ROWS[1] not in journal


def test_a_row_is_written_down_once(tmp_path, prompt):
    outcomes, path = fill(tmp_path, prompt)
    before = path.read_bytes()
    fill(tmp_path, prompt)
    assert path.read_bytes() == before


def test_a_failure_settles_nothing_and_yet_is_counted(tmp_path, prompt):
    failed = Outcome(None, (), Usage(5, 5, failed_tokens=50), "HTTP 500")
    with Journal(tmp_path, prompt, "m") as journal:
        journal.append([(ROWS[0], failed)])
        assert ROWS[0] not in journal
    with Journal(tmp_path, prompt, "m") as journal:
        assert ROWS[0] not in journal
        assert journal.usage == failed.usage
        assert journal.outcome(ROWS[0]) is None


def test_another_prompt_or_model_has_a_journal_of_its_own(tmp_path, prompt):
    fill(tmp_path, prompt)
    other = tmp_path / "other.toml"
    other.write_text(bundled_text().replace("a fan who", "a critic who"), "utf-8")
    with Journal(tmp_path, prompt, "n") as journal:
        assert len(journal) == 0
        assert journal.opening.others == [(prompt.fingerprint, "m")]
    with Journal(tmp_path, Prompt.read(other), "m") as journal:
        assert len(journal) == 0
        assert len(journal.opening.others) == 2
    with Journal(tmp_path, prompt, "m") as journal:
        assert len(journal) == 4


def test_a_changed_row_is_another_row(tmp_path, prompt):
    from dataclasses import replace

    fill(tmp_path, prompt)
    with Journal(tmp_path, prompt, "m") as journal:
        assert replace(ROWS[0], provenance=None) not in journal
        assert replace(ROWS[0], text=ROWS[0].text + "?") not in journal


def test_a_file_of_somebody_else_is_left_alone(tmp_path, prompt):
    _, path = fill(tmp_path, prompt)
    path.write_text(json.dumps({"journal": 99}) + "\n")
    with pytest.raises(DatasetError, match="move it away"):
        Journal(tmp_path, prompt, "m")
    assert path.read_text() == '{"journal": 99}\n'
    path.unlink()
    with Journal(tmp_path, prompt, "m") as journal:
        assert len(journal) == 0
