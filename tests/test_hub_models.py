"""Adapters and plain models: refused, published, and loaded by the code of their own cards."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from hub_fixtures import ROOT, dataset_folder, hub, run_consumer
from huggingface_hub import ModelCard

import moviequery
from moviequery.errors import HubError
from moviequery.hub import publish
from moviequery.hub_preparation import prepare_release
from moviequery.hub_sections import say_what
from moviequery.metrics.scores import score_answers

pytest.importorskip("peft")
pytest.importorskip("evaluate")
__all__ = ["dataset_folder", "hub"]  # fixtures
TEXT = "who directed heat"
METRIC = Path(moviequery.__file__).parent / "metrics" / "macro_f1"
METRIC_CARD = ROOT / "metric_cards" / "macro_f1.md"
PREDICTIONS = ['{"intent": "rec", "titles": ["heat"], "genres": ["heist", "gore"]}', "Sorry!"]
REFERENCES = ['{"intent": "rec", "titles": ["Heat"], "genres": ["heist"]}'] * 2
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, dataset_folder):
    """The folders of an encoder's training and a causal adapter's, their bases beside them."""
    from hub_models import write_causal, write_training

    folder = tmp_path_factory.mktemp("trained")
    write_training(folder / "encoder", folder / "minilm", dataset_folder)
    write_causal(folder / "causal", folder / "llama")
    return folder


@pytest.fixture
def encoder(trained, tmp_path):
    """A copy of the encoder's training, for something to be changed in."""
    shutil.copytree(trained / "encoder", tmp_path / "encoder")
    return tmp_path / "encoder"


def prepare(folder, dataset="films/queries@v1", **options):
    return prepare_release("adapter", folder, "films/model", dataset=dataset, **options)


def results(release):
    data = ModelCard(release.card).data
    return {
        (one.task_type, one.dataset_name, one.dataset_split, one.metric_name): one.metric_value
        for one in data.eval_results
    }


def test_a_whole_training_has_a_card_with_its_results(encoder, dataset_folder):
    release = prepare(encoder, dataset=str(dataset_folder))
    found = results(release)
    ours = "moviequery queries"
    spans, texts = "token-classification", "text-classification"
    assert found[spans, f"{ours} (fp32)", "test", "span micro F1"] == 0.9123
    assert found[spans, f"{ours} (int8)", "test", "span micro F1"] == 0.9023
    assert found[texts, f"{ours} (int8)", "validation", "Macro-F1"] == 0.9777
    assert len(found) == 2 * 2 * 5
    data = ModelCard(release.card).data
    assert data.base_model == ["sentence-transformers/all-MiniLM-L6-v2"]
    assert data.license == "apache-2.0"
    assert data.moviequery["dataset_revision"] == "v0.1.0-small73-60"
    assert data.moviequery["dataset_fingerprint"] == "small-7-3"
    assert "| dataset revision | `v0.1.0-small73-60` |" in release.card
    for value in found.values():
        assert f"| {value:.4f} |" in release.card


def test_one_task_takes_results_and_settings_from_beside_it(encoder):
    release = prepare(encoder / "merged-intent")
    assert {"metrics.json", "training_config.json"} <= set(release.files)
    assert {task for task, *_ in results(release)} == {"text-classification"}
    assert {name for _, name, *_ in results(release)} == {"moviequery queries (fp32)"}
    assert ModelCard(release.card).data.library_name == "transformers"


def test_a_card_says_that_prompts_list_names(tmp_path):
    def say(tasks, **config):
        path = tmp_path / "training_config.json"
        path.write_text(json.dumps({"config": config}))
        return say_what({"training_config.json": path}, tasks, True, "nano")

    assert "names that a catalogue knows" in say(("entities",), list_names=True)
    assert "catalogue" not in say(("entities",), list_names=False)
    assert "catalogue" not in say(("intent",), list_names=True)


def test_results_on_other_data_come_from_evaluations(encoder):
    rows = [
        {
            "dataset": "MIT Movie eng",
            "split": "test",
            "command": "moviequery evaluate eng.bio --labels mit-movie --json",
            "scores": {"micro_f1": 0.87654, "macro_f1": 0.77},
        }
    ]
    (encoder / "evaluations.json").write_text(json.dumps(rows))
    release = prepare(encoder)
    key = ("token-classification", "MIT Movie eng", "test", "span micro F1")
    assert results(release)[key] == 0.8765
    assert "`moviequery evaluate eng.bio --labels mit-movie --json`" in release.card
    assert "span micro F1 0.8765 on MIT Movie eng (test)" in release.card


def test_what_the_training_s_own_card_measured_is_taken_over(encoder):
    sections = "## Use it\n\nold\n\n## How sure it is\n\nDivided by 1.18.\n\n## Limits\n\nold\n"
    (encoder / "README.md").write_text(f"---\nlicense: apache-2.0\n---\n# Parser\n\n{sections}")
    card = prepare(encoder).card
    assert card.count("## How sure it is\n\nDivided by 1.18.") == 1
    assert "old" not in card.split()
    assert (card.count("## Use it"), card.count("## Limits")) == (1, 1)


def test_the_dataset_must_be_the_one_that_was_trained_on(encoder, dataset_folder):
    with pytest.raises(HubError, match="what the adapter was trained on.*--dataset"):
        prepare(encoder, dataset=None)
    with pytest.raises(HubError, match="neither a dataset's folder nor"):
        prepare(encoder, dataset="films/queries")
    metrics = json.loads((encoder / "metrics.json").read_text())
    (encoder / "metrics.json").write_text(json.dumps({**metrics, "dataset": "other"}))
    with pytest.raises(HubError, match="the training saw other"):
        prepare(encoder, dataset=str(dataset_folder))


def test_a_card_whose_numbers_are_not_those_of_the_results_is_refused(encoder):
    card = prepare(encoder).card
    (encoder / "README.md").write_text(card)
    prepare(encoder)
    (encoder / "README.md").write_text(card.replace("value: 0.9123", "value: 0.9923"))
    with pytest.raises(HubError, match=r"span micro F1.* 0\.9923; the results say 0\.9123"):
        prepare(encoder)
    (encoder / "README.md").write_text(card.replace("| 0.9123 |", "| 0.9923 |"))
    with pytest.raises(HubError, match="its table of results is not that of the results"):
        prepare(encoder)


def test_a_base_in_a_local_folder_is_refused_or_renamed(trained, tmp_path):
    shutil.copytree(trained / "causal", tmp_path / "causal")
    with pytest.raises(HubError, match=r"adapter_config\.json: holds the local path"):
        prepare(tmp_path / "causal", licence="apache-2.0")
    renamed = {"base_model": "films/tiny-llama", "licence": "apache-2.0"}
    release = prepare(tmp_path / "causal", **renamed)
    for name in ("adapter_config.json", "training_config.json"):
        assert b"films/tiny-llama" in release.files[name]
    assert release.left_out == ("README.md",)  # the form that peft leaves to be filled in
    with pytest.raises(HubError, match="the licence of films/tiny-llama is not known"):
        prepare(tmp_path / "causal", base_model="films/tiny-llama")


def test_what_a_model_repository_must_not_be(encoder, tmp_path):
    (encoder / "entities" / "training_args.bin").write_bytes(b"x")
    (encoder / "entities" / "adapter_model.safetensors").unlink()
    with pytest.raises(HubError, match=r"entities/training_args\.bin: is not a kind of file"):
        prepare(encoder)
    (encoder / "entities" / "training_args.bin").unlink()
    with pytest.raises(HubError, match="there are no weights beside it"):
        prepare(encoder)


def test_models_and_metric_by_the_code_of_their_cards(hub, trained, tmp_path):
    """One fresh process runs what the cards tell people to run, and gives the scores of here."""
    import torch
    from hub_models import LLAMA, store_model
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, pipeline

    store_model(hub, LLAMA, trained / "llama")
    store_model(hub, "sentence-transformers/all-MiniLM-L6-v2", trained / "minilm")
    sources = {
        "spans": (trained / "encoder" / "merged-entities", {}),
        "intents": (trained / "encoder" / "merged-intent", {}),
        "adapter": (trained / "encoder" / "entities", {}),
        "causal": (trained / "causal", {"base_model": LLAMA, "licence": "apache-2.0"}),
    }
    code = "import hashlib, json\nimport torch\nfrom huggingface_hub import hf_hub_download\n"
    release = prepare_release("metric", METRIC, "films/macro_f1", card=METRIC_CARD)
    publish(release, endpoint=hub.url)
    code += BLOCK.findall(release.card)[0]
    code += f"scores = metric.compute(predictions={PREDICTIONS!r}, references={REFERENCES!r})\n"
    for name, (folder, options) in sources.items():
        release = prepare_release(
            "adapter", folder, f"films/{name}", dataset="films/queries@v1", **options
        )
        publish(release, endpoint=hub.url)
        code += BLOCK.findall(release.card)[0]
        code += f"{name} = {'find' if 'find =' in BLOCK.findall(release.card)[0] else 'model'}\n"
    code += f"""
ids = torch.arange(5)[None]
spans = [[one["entity"], one["start"], round(float(one["score"]), 5)] for one in spans({TEXT!r})]
with torch.no_grad():
    tags = adapter(input_ids=ids).logits[0].argmax(1).tolist()
    logits = causal(input_ids=ids).logits[0, -1, :5].tolist()
weights = hf_hub_download("films/causal", "adapter_model.safetensors")
print(json.dumps([spans, intents({TEXT!r})[0], tags, logits,
    hashlib.sha256(open(weights, "rb").read()).hexdigest(), scores]))
"""
    got = json.loads(run_consumer(hub, tmp_path, code).splitlines()[-1])
    here = pipeline("token-classification", model=str(sources["spans"][0]))(TEXT)
    assert got[0] == [[one["entity"], one["start"], round(float(one["score"]), 5)] for one in here]
    assert got[1] == pytest.approx(
        pipeline("text-classification", model=str(sources["intents"][0]))(TEXT)[0]
    )
    base = AutoModelForCausalLM.from_pretrained(trained / "llama")
    model = PeftModel.from_pretrained(base, trained / "causal")
    with torch.no_grad():
        logits = model(input_ids=torch.arange(5)[None]).logits[0, -1, :5]
    assert got[3] == pytest.approx(logits.tolist(), abs=1e-5)
    assert len(got[2]) == 5
    data = (trained / "causal" / "adapter_model.safetensors").read_bytes()
    assert got[4] == hashlib.sha256(data).hexdigest()
    assert got[5] == json.loads(json.dumps(score_answers(PREDICTIONS, REFERENCES)))
    assert got[5]["macro_f1"] == pytest.approx(0.5833333333333333)
