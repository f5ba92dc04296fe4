"""The impact study: what its rows share, that a cell is done once, and its table."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from moviequery import Grammar, MovieGraph
from moviequery.schema import Intent, ParsedQuery

PATH = Path(__file__).parents[1] / "benchmarks" / "impact.py"


@pytest.fixture(scope="module")
def impact():
    spec = importlib.util.spec_from_file_location("impact_study", PATH)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows(impact):
    return impact.Rows(MovieGraph.bundled(), Grammar.bundled(), impact.Settings(test_rows=40))


def films_of(queries):
    return {film for query in queries for film in query.provenance.films}


def test_no_row_to_train_on_shares_a_film_or_frame_with_the_test(impact, rows):
    assert len(rows.test) == 40
    for arm in impact.ARMS:
        drawn = rows.train(arm, 60)
        assert len({query.text for query in drawn}) == 60
        assert films_of(drawn).isdisjoint(films_of(rows.test))
        assert drawn[:20] == rows.train(arm, 20)
        frames = {query.provenance.frame for query in drawn}
        if arm == impact.TEMPLATES:
            assert frames <= set(impact.PAPER_FRAMES)
            assert {query.intent for query in drawn} == set(Intent)
        else:
            assert frames.isdisjoint({query.provenance.frame for query in rows.test})


def test_only_the_last_arm_is_written_down_as_people_do(impact, rows):
    for arm, habits in (
        (impact.TEMPLATES, False),
        (impact.PLAIN, False),
        (impact.EVERYTHING, True),
    ):
        clauses = [one for query in rows.train(arm, 60) for one in query.provenance.clauses]
        assert any(one.startswith("habit/") for one in clauses) is habits


def test_a_cell_is_done_once(impact, rows, tmp_path):
    bio, intents = tmp_path / "mine.bio", tmp_path / "asked.jsonl"
    bio.write_text("any\tO\nnoir\tB-GENRE\n\n")
    asked = [{"text": "any noir", "intent": "rec"}, {"text": "who?", "intent": "non_rec"}]
    intents.write_text("".join(json.dumps(row) + "\n" for row in asked))
    people = impact.People({str(bio): "mit-movie"}, str(intents))
    trained = []

    def train(queries, folder, settings):
        trained.append(len(queries))
        folder.mkdir(parents=True)
        return lambda texts: [ParsedQuery(text, Intent.REC) for text in texts], {"steps": 3}

    ask = (impact.TEMPLATES, 10, rows, people, tmp_path / "out", train)
    cell = impact.run_cell(*ask)
    assert impact.run_cell(*ask) == cell == json.loads(json.dumps(cell))
    assert trained == [10]
    assert list((tmp_path / "out" / "models").iterdir()) == []
    assert cell["scores"]["mine"]["micro_f1"] == 0
    assert cell["scores"]["asked"]["macro_f1"] == pytest.approx(1 / 3)
    table = impact.render_table([cell]).splitlines()
    assert table[2].startswith("| the paper's templates, slots filled | 10 | 3 | 0.0 |")
    assert table[2].endswith("| 33.3 |")

    with pytest.raises(SystemExit, match="choose another OUT"):
        impact.run_cell(*ask[:3], impact.People(), *ask[4:])


def test_small_cells_make_more_passes(impact):
    settings = impact.Settings(passes=2, least_steps=100)
    assert [settings.count_passes(rows) for rows in (32, 320, 3_200)] == [100, 10, 2]


def test_the_picture_has_a_panel_for_each_measure(impact, tmp_path):
    pytest.importorskip("matplotlib")
    cells = [
        {"arm": arm, "rows": count, "scores": {"test": {"micro_f1": count / 1_000}}}
        for arm in impact.ARMS
        for count in (100, 900)
    ]
    impact.draw_curves(cells, tmp_path / "impact.png")
    assert (tmp_path / "impact.png").read_bytes().startswith(b"\x89PNG")
