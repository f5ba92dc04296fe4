"""The whole experiment on a tiny random model: stages, scores, report, and what a kill costs."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from movie_queries import QUERIES
from tiny_llama import save_tiny_llama

from moviequery.cli import main
from moviequery.errors import EvaluationError, ModelError
from moviequery.evaluation.answer_files import Replies, answer_all
from moviequery.evaluation.asking import Answered
from moviequery.evaluation.grid import read_combinations
from moviequery.evaluation.presets import PRESETS, find_preset
from moviequery.evaluation.report import read_results, render_report, write_report
from moviequery.evaluation.results import collect_results
from moviequery.evaluation.scoring import measure_gap, score_split
from moviequery.evaluation.stages import Stage
from moviequery.evaluation.trials import Trial
from moviequery.evaluation.workers import run_jobs
from moviequery.modeling.configuration import LAYERS
from moviequery.modeling.prompts import ENTITY_PROMPT, INTENT_PROMPT
from moviequery.modeling.training_log import TrainingReport
from moviequery.schema import Provenance, answer_json, canonical_json

GOLD = [answer_json(None, query.entities) for query in QUERIES]
TEXTS = tuple(query.text for query in QUERIES)
INTENTS = [answer_json(query.intent, ()) for query in QUERIES]


# Presets.


def test_presets_are_those_of_the_paper_and_nano():
    assert list(PRESETS) == ["nano", "llama-3.2-1b", "llama-3.2-3b", "llama-3.1-8b", "mistral-7b"]
    for preset in PRESETS.values():
        paper = ("q_proj", "v_proj", "o_proj")
        assert preset.config.target_modules == (LAYERS if preset.name == "nano" else paper)
        assert preset.config.load_in_4bit
        assert json.loads(json.dumps(preset.to_dict())) == preset.to_dict()
    nano = PRESETS["nano"]
    assert (nano.rows, nano.test_rows, nano.challenge_rows) == (20_000, 500, 100)
    with pytest.raises(EvaluationError, match="no preset 'gpt'; take one of nano, "):
        find_preset("gpt")
    with pytest.raises(EvaluationError, match="test_rows is 0"):
        replace(nano, test_rows=0)


# Stages.


def test_a_stage_is_done_once_and_says_what_has_changed(tmp_path, capsys):
    made = tmp_path / "made.txt"
    stage = Stage(tmp_path, "one", {"rows": 5, "layers": ("q", "v")}, made)
    assert stage.begin() is False
    assert stage.begin() is False  # killed before it was finished
    assert stage.facts == {}
    made.write_text("rows")
    stage.finish(loss=0.5)
    again = Stage(tmp_path, "one", {"rows": 5, "layers": ["q", "v"]}, made)
    assert again.begin() is True
    assert again.facts["loss"] == 0.5

    other = Stage(tmp_path, "one", {"rows": 6, "layers": ("q", "v")}, made)
    with pytest.raises(EvaluationError, match=r"stage one .*\(rows: 5 -> 6\).*--overwrite"):
        other.begin()
    assert made.exists()
    assert other.begin(overwrite=True) is False
    assert "one: made anew (rows: 5 -> 6)" in capsys.readouterr().err
    assert not made.exists()


def test_a_note_that_is_none_is_refused(tmp_path):
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages" / "one.json").write_text("[]")
    with pytest.raises(EvaluationError, match="no note of a stage"):
        Stage(tmp_path, "one", {}).begin()


# Answers on disk.


def test_answers_go_on_after_a_kill_in_the_order_of_the_texts(tmp_path):
    texts = ["ccc", "a", "bb", "dddd", "ee"]
    path = tmp_path / "answers.jsonl"
    asked = []

    def answer(batch):
        asked.append(list(batch))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return {"entities": [text.upper() for text in batch], "intent": [None] * len(batch)}

    with pytest.raises(KeyboardInterrupt):
        answer_all(path, texts, answer, 2, "try")
    with path.open("a") as file:
        file.write('{"row": 0, "repl')  # what the kill cut off
    replies = answer_all(path, texts, answer, 2, "try")
    assert asked == [["a", "bb"], ["ee", "ccc"], ["ee", "ccc"], ["dddd"]]
    assert replies.by_task == {"entities": ["CCC", "A", "BB", "DDDD", "EE"], "intent": [None] * 5}
    whole = path.read_text()
    assert answer_all(path, texts, answer, 2, "try") == replies
    assert path.read_text() == whole
    assert len(asked) == 4


# Scores.


def test_strict_and_lenient_reading_differ_where_json_slips():
    slips = [f"Sure! {reply}" if number % 2 else reply for number, reply in enumerate(GOLD)]
    scores = score_split({"entities": slips, "intent": INTENTS}, QUERIES)
    assert scores["parse_rate"] == 0.5
    assert scores["lenient"]["parse_rate"] == 1.0
    assert scores["lenient"]["macro_f1"] == 1.0
    assert 0 < scores["macro_f1"] < 1
    # four films are named, one of them in an even row
    assert (scores["titles"]["tp"], scores["titles"]["fn"]) == (1, 3)
    assert scores["titles"]["interval"][0] <= scores["titles"]["f1"]
    assert scores["intent"]["macro_f1"] == 1.0
    assert "songs" not in scores


def test_a_system_of_one_task_has_the_scores_of_one():
    scores = score_split({"intent": INTENTS}, QUERIES)
    assert scores["parse_rate"] == 1.0
    assert "macro_f1" not in scores
    assert scores["lenient"]["intent"] == {"macro_f1": 1.0}


def test_the_gap_is_the_difference_with_an_interval():
    nothing = {"entities": ["?"] * len(QUERIES), "intent": ["{}"] * len(QUERIES)}
    lines = measure_gap(nothing, {"entities": GOLD, "intent": INTENTS}, QUERIES)
    by_name = {line["measure"]: line for line in lines}
    assert list(by_name)[:3] == ["parse rate", "titles F1", "genres F1"]
    assert by_name["parse rate"]["difference"] == 1.0
    assert by_name["titles F1"]["interval"][1] == 1.0
    assert by_name["plots F1"]["difference"] == 0.0  # no query names one
    assert by_name["intent Macro-F1"]["fine_tuned"] == 1.0


# Results and report, of answers that are made up.


def make_results(missing=()):
    trials = [
        Trial("test", TEXTS, lambda replies: score_split(replies.by_task, QUERIES), QUERIES),
        Trial("noisy", TEXTS[:2], lambda r: score_split(r.by_task, QUERIES[:2]), QUERIES[:2]),
    ]

    def answer(title, entities, intents):
        def cut(rows):
            return Replies({"entities": entities[:rows], "intent": intents[:rows]}, [0.25] * rows)

        latency = {"p50": 100.0, "p95": 200.5, "max": 300.0, "rows": 8}
        return Answered(title, {"test": cut(8), "noisy": cut(2)}, latency, 2.0)

    ramble = ["I think `it` is | a film\n" * 30] * 8
    answered = {
        "base": answer("tiny, base", ramble, ramble),
        "fine_tuned": answer("tiny, fine-tuned", GOLD, INTENTS),
    }
    report = TrainingReport(
        "intent", 8, 0, 900, 80, 10, 1000, 4, 0, 2.5, 0.5, None, 9.0, 1, 1, "cpu"
    )
    losses = [{"step": 1, "loss": 2.5}, {"step": 4, "loss": 0.5}, {"step": 4, "eval_loss": 0.75}]
    facts = {
        "version": "1",
        "preset": PRESETS["nano"].to_dict(),
        "seed": 7,
        "machine": {"processor": "toy", "gpu": None, "threads": 1, "cores": 2},
        "training": {"intent": {**report.to_dict(), "losses": losses}},
        "missing": dict(missing),
        "grid": None,
        "seconds": {"training": 9.0},
    }
    return json.loads(json.dumps(collect_results(facts, trials, answered)))


def test_results_hold_what_others_read_from_them():
    results = make_results()
    tuned = results["fine_tuned"]
    assert tuned["parse_rate"] == tuned["titles"]["f1"] == tuned["intent"]["macro_f1"] == 1.0
    assert results["base"]["parse_rate"] == results["base"]["titles"]["f1"] == 0.0
    assert tuned["latency_ms"] == {"p50": 100.0, "p95": 200.5, "max": 300.0, "rows": 8}
    assert tuned["seconds_per_query"] == 0.25
    assert list(tuned["splits"]) == ["noisy"]
    assert results["gap"]["noisy"][0]["difference"] == 1.0
    assert results["examples"][0]["gold"] == QUERIES[0].to_json()


def test_the_report_is_a_pure_function_of_the_results(tmp_path):
    results = make_results({"ner:nobody/nothing": "it is not there"})
    written = write_report(results, tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert (
        set(first) == set(written) == {"report.md", "entities.png", "intent.png", "loss-intent.png"}
    )
    write_report(json.loads(json.dumps(results)), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
    text = first["report.md"].decode()
    assert text == render_report(results, written)
    assert "| titles F1 | 0.000 | 1.000 | +1.000 | " in text
    assert "| 0.95 reached |" in text
    assert "| plots F1 | 0.000 | 0.000 | +0.000 | [+0.000, +0.000] | 0.8 missed |" in text
    assert "Without `ner:nobody/nothing`, which this machine lacks: it is not there" in text
    assert "| tiny, fine-tuned | 100 | 200 | 300 | 0.2500 |" in text
    assert "Which layers" not in text
    assert "entities.png" not in render_report(results, ())
    with pytest.raises(EvaluationError, match=r"results\.json cannot be read"):
        read_results(tmp_path)


# The whole of it.


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    texts = [query.text for query in QUERIES] + [ENTITY_PROMPT, INTENT_PROMPT] * 4
    return save_tiny_llama(tmp_path_factory.mktemp("base"), texts, hidden=64)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    (folder / "people.bio").write_text("show\tO\nheat\tB-TITLE\n\nfunny\tB-GENRE\nfilms\tO\n")
    rows = [{"text": query.text, "intent": query.intent.value} for query in QUERIES]
    (folder / "asked.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def list_options(base, real, out):
    sizes = "--rows 24 --validation-rows 4 --test-rows 8 --challenge-rows 2 --latency-rows 2"
    sizes += " --max-new-tokens 16 --batch-size 4"
    settings = "max_steps=2 save_steps=1 logging_steps=1 batch_size=2 pack_length=1024"
    return [
        "reproduce",
        *("--preset", "nano", "--model", base, "--out", str(out), *sizes.split()),
        *(part for each in settings.split() for part in ("--set", each)),
        *("--bio", f"mit-movie={real / 'people.bio'}", "--intents", str(real / "asked.jsonl")),
        *("--baseline", "gazetteer", "--baseline", "ner:nobody/nothing"),
    ]


@pytest.mark.slow
def test_films_to_report_and_nothing_twice(base, real, tmp_path, capsys, monkeypatch):
    pytest.importorskip("trl")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    out = tmp_path / "OUT"
    options = list_options(base, real, out)
    assert main(options) == 0
    shown = capsys.readouterr()
    assert "| parse rate |" in shown.out
    assert "without ner:nobody/nothing" in shown.err
    results = read_results(out)
    assert results["rows"] == {
        **{"test": 8, "noisy": 2, "incomplete": 2, "multi_intent": 2, "adversarial": 2},
        **{"people": 2, "asked": 8},
    }
    # another base than the preset's has its own name and none of its goals
    assert results["preset"]["title"] == Path(base).name
    assert results["preset"]["goals"] == {}
    for name in ("base", "fine_tuned"):
        system = results[name]
        assert {"parse_rate", "macro_f1", "intent", "seconds_per_query"} <= set(system)
        assert system["latency_ms"]["p50"] <= system["latency_ms"]["p95"]
        assert set(system["real"]) == {"people", "asked"}
    assert results["baselines"]["gazetteer"]["titles"]["f1"] > 0.2
    assert list(results["missing"]) == ["ner:nobody/nothing"]
    assert results["training"]["intent"]["rows"] == 24
    assert results["grid"] is None

    # every figure of the report comes from results.json
    report = (out / "report.md").read_text("utf-8")
    pictures = {path.name: path.read_bytes() for path in out.glob("*.png")}
    assert set(pictures) == {"entities.png", "intent.png", "loss-entities.png", "loss-intent.png"}
    assert main(["reproduce", "--render", str(out)]) == 0
    assert (out / "report.md").read_text("utf-8") == report
    assert {path.name: path.read_bytes() for path in out.glob("*.png")} == pictures

    # a second run reads what is there, a changed setting is named
    def list_times():
        made = [*out.glob("adapters/*/*.safetensors"), *out.glob("answers/*/*.jsonl")]
        return {path: path.stat().st_mtime_ns for path in made}

    before = list_times()
    assert main(options) == 0
    assert list_times() == before
    assert read_results(out)["base"] == results["base"]
    # what a kill leaves: a stage that is not noted as done, and a line that was cut off
    for system in ("base", "gazetteer"):
        answers, note = (out / "answers" / system, out / "stages" / f"answers.{system}.test.json")
        whole = (answers / "test.jsonl").read_bytes()
        (answers / "test.jsonl").write_bytes(whole[: len(whole) // 2])
        note.write_text(note.read_text().replace('"done": true', '"done": false'))
    assert main(options) == 0
    again = read_results(out)
    assert again["baselines"]["gazetteer"]["titles"] == results["baselines"]["gazetteer"]["titles"]
    assert again["base"]["rows"] == 8
    capsys.readouterr()
    assert main([*options, "--set", "r=4"]) == 2
    assert "configs.entities.r: 32 -> 4" in capsys.readouterr().err


@pytest.mark.slow
def test_side_by_side_comes_to_what_one_after_another_does(base, real, tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    pytest.importorskip("trl")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as each of two processes on two cores has
    try:
        for number in ("1", "2"):
            options = list_options(base, real, tmp_path / number)
            assert main([*options, "--processes", number]) == 0
    finally:
        torch.set_num_threads(threads)
    one, two = (
        {
            path.relative_to(tmp_path / number).as_posix(): path
            for path in (tmp_path / number).glob("*/*/*")
            if path.suffix in (".safetensors", ".jsonl")
        }
        for number in ("1", "2")
    )
    assert list(one) and set(one) == set(two)
    for name, path in one.items():
        if name.startswith("answers/"):
            rows = [path.read_text("utf-8").splitlines() for path in (path, two[name])]
            assert len({tuple(_drop_seconds(row) for row in each) for each in rows}) == 1, name
        elif name.endswith(".safetensors"):
            assert path.read_bytes() == two[name].read_bytes(), name
    assert "2 processes side by side" in (tmp_path / "2" / "report.md").read_text("utf-8")
    assert "side by side" not in (tmp_path / "1" / "report.md").read_text("utf-8")


def _drop_seconds(line):
    return canonical_json({k: v for k, v in json.loads(line or "{}").items() if k != "seconds"})


def end_this_process(_):
    os._exit(1)


def test_jobs_run_in_order_here_and_a_lost_process_is_named(tmp_path):
    pytest.importorskip("torch")
    done = []
    run_jobs(done.append, [3, 1, 2], processes=1)
    assert done == [3, 1, 2]
    with pytest.raises(EvaluationError, match="a worker process ended before its time"):
        run_jobs(end_this_process, [1, 2], processes=2)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--baseline", "gazeter"], "there is no baseline 'gazeter'"),
        (["--intents", "test.jsonl"], "test: several files, or a file and a split of ours"),
    ],
)
def test_mistakes_are_named_before_anything_is_trained(real, tmp_path, capsys, more, message):
    (tmp_path / "test.jsonl").write_text((real / "asked.jsonl").read_text())
    more = [str(tmp_path / each) if each.endswith(".jsonl") else each for each in more]
    options = list_options("nobody/nothing", real, tmp_path / "OUT")
    assert main([*options, *more]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "OUT" / "adapters").exists()


@pytest.mark.slow
def test_a_preset_trains_each_task_with_its_own_settings(base, tmp_path):
    pytest.importorskip("trl")
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(canonical_json(query.to_row()) + "\n" for query in QUERIES), "utf-8")
    out = tmp_path / "OUT"
    settings = "max_steps=1 save_steps=1 logging_steps=1 batch_size=2 pack_length=1024"
    options = [part for each in settings.split() for part in ("--set", each)]
    options += ["--preset", "nano", "--model", base, "--out", str(out)]
    assert main(["train", str(rows), *options]) == 0
    preset = find_preset("nano")
    for task in ("entities", "intent"):
        config = json.loads((out / task / "training_config.json").read_text())["config"]
        assert config["learning_rate"] == preset.config_of(task).learning_rate
        assert config["max_steps"] == 1
    assert preset.config_of("intent").learning_rate != preset.config_of("entities").learning_rate


# The search over target layers.


def test_combinations_are_named_or_spelt():
    assert len(read_combinations([])) == 7
    assert read_combinations([])["qvo"] == ("q_proj", "v_proj", "o_proj")
    assert read_combinations(["up_proj, q_proj"]) == {"q+up": ("q_proj", "up_proj")}
    with pytest.raises(ModelError, match=r"\['lm_head'\] are not among the layers"):
        read_combinations(["q_proj,lm_head"])


@pytest.mark.slow
def test_a_search_is_done_once_and_may_grow(base, tmp_path, capsys):
    pytest.importorskip("trl")
    rows = tmp_path / "rows.jsonl"
    splits = ("train",) * 6 + ("validation",) * 2
    lines = []
    for query, split in zip(QUERIES, splits, strict=True):
        provenance = Provenance(0, 7, split, "frame")
        lines.append(canonical_json(replace(query, provenance=provenance).to_row()) + "\n")
    rows.write_text("".join(lines), "utf-8")
    out = tmp_path / "OUT"
    settings = "task=intent max_steps=1 packing=false optimizer=adamw_torch"
    options = ["train", str(rows), "--model", base, "--out", str(out), "--rows", "5", "--json"]
    options += [part for each in settings.split() for part in ("--set", each)]
    assert main([*options, "--grid", "q"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert (first["rows"], first["scored"], list(first["runs"])) == (5, 2, ["q"])
    assert first["measures"] == ["parse rate", "intent"]
    assert main([*options, "--grid", "q", "v_proj,up_proj"]) == 0
    grid = json.loads(capsys.readouterr().out)
    assert grid["runs"]["q"] == first["runs"]["q"]  # seconds too: it was not trained again
    assert grid["runs"]["v+up"]["target_modules"] == ["v_proj", "up_proj"]
    sizes = {name: run["trainable_parameters"] for name, run in grid["runs"].items()}
    assert sizes["v+up"] > sizes["q"] > 0
    assert {"grid.json", "grid.md", "grid.png"} <= {path.name for path in out.iterdir()}
    assert "| v+up | v, up |" in (out / "grid.md").read_text("utf-8")
    assert main([*options, "--grid", "q", "--rank", "4"]) == 2
    assert "config.r: 16 -> 4" in capsys.readouterr().err
    # as many rows of another dataset are another search
    rows.write_text("".join(lines[1:6] + lines[:1] + lines[6:]), "utf-8")
    assert main([*options, "--grid", "q"]) == 2
    assert "learnt: " in capsys.readouterr().err


def test_layers_are_named_once(tmp_path, capsys):
    rows = tmp_path / "rows.jsonl"
    rows.write_text(canonical_json(QUERIES[0].to_row()) + "\n", "utf-8")
    options = ["train", str(rows), "--model", "M", "--out", str(tmp_path / "OUT")]
    assert main([*options, "--grid", "q", "--target-modules", "q_proj"]) == 2
    assert "--grid and --target-modules both name layers" in capsys.readouterr().err
