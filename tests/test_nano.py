"""The nano base: a pre-training resumes to the same weights, and its folder is a plain model."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from moviequery.errors import ModelError
from moviequery.modeling.model_source import find_source
from moviequery.modeling.nano import find_nano, folder, resolve_base
from moviequery.modeling.nano.configuration import NanoConfig
from moviequery.modeling.nano.marks import ReplyMarks, weigh_tokens
from moviequery.modeling.nano.network import measure_loss
from moviequery.modeling.nano.packing import cut_batch
from moviequery.modeling.nano.pretraining import pretrain_nano

pytest.importorskip("trl")

LARGEST = 15_000_000
TINY = NanoConfig(
    vocabulary=600,
    hidden=32,
    intermediate=64,
    layers=2,
    documents=120,
    tokenizer_documents=120,
    length=64,
    batch_size=2,
    steps=12,
    warmup_steps=2,
    decay=0.25,
    short_steps=10,
    first_documents=40,
    learning_rate=4e-3,
    closing_steps=0,
    save_steps=4,
    probe_steps=6,
)


@pytest.fixture(scope="module")
def run(bundled_graph, tmp_path_factory):
    """A pre-training of twelve steps from start to end."""
    output = tmp_path_factory.mktemp("run")
    pretrain_nano(bundled_graph, output, TINY)
    return output


def read_weights(folder):
    from safetensors.torch import load_file

    return load_file(folder / "final" / "model.safetensors")


def read_log(output):
    return [json.loads(line) for line in (output / "log.jsonl").read_text("utf-8").splitlines()]


def test_the_model_is_a_plain_llama(run):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(run / "final")
    tokenizer = AutoTokenizer.from_pretrained(run / "final")
    assert type(model).__name__ == "LlamaForCausalLM"
    assert {str(weight.dtype) for weight in model.state_dict().values()} == {"torch.bfloat16"}
    assert model.config.vocab_size == len(tokenizer) == TINY.vocabulary
    assert model.config.eos_token_id == tokenizer.convert_tokens_to_ids("<|eot_id|>")
    assert "<|eot_id|>" in tokenizer.chat_template


def test_the_log_tells_losses_and_copying(run):
    log = read_log(run)
    assert [row["step"] for row in log] == [6, 10, 12]
    assert log[-1]["tokens"] == TINY.tokens
    assert log[-1]["loss"] < log[0]["loss"]
    assert {"first_token", "later_tokens"} <= set(log[-1])
    notes = json.loads((run / "final" / "pretraining.json").read_text("utf-8"))
    assert notes["config"] == TINY.to_dict()
    assert notes["parameters"] > 0
    assert len(notes["graph"]) == len(notes["grammar"]) == 64
    assert (run / "final" / "frames.txt").read_text("utf-8").count("\n") > 100


def test_a_killed_run_goes_on_to_the_same_weights(run, bundled_graph, tmp_path):
    import torch

    # as a kill between steps 8 and 12 leaves it
    shutil.copytree(run, tmp_path / "killed")
    shutil.rmtree(tmp_path / "killed" / "final")
    (tmp_path / "killed" / "checkpoints" / "step-000012.safetensors").unlink()
    pretrain_nano(bundled_graph, tmp_path / "killed", TINY)
    ours, gold = read_weights(tmp_path / "killed"), read_weights(run)
    assert ours.keys() == gold.keys()
    assert all(torch.equal(ours[name], gold[name]) for name in gold)
    assert [row["step"] for row in read_log(tmp_path / "killed")] == [6, 10, 12]


def test_a_run_is_closed_with_documents_of_its_own(run, bundled_graph, tmp_path):
    import torch

    config = replace(TINY, closing_steps=2, closing_rounds=2, closing_documents=60)
    for name in ("closed", "killed"):
        shutil.copytree(run, tmp_path / name)
        pretrain_nano(bundled_graph, tmp_path / name, config)
    (tmp_path / "killed" / "checkpoints" / "step-000016.safetensors").unlink()
    pretrain_nano(bundled_graph, tmp_path / "killed", config)
    ours, gold = (read_weights(tmp_path / name) for name in ("killed", "closed"))
    assert all(torch.equal(ours[name], gold[name]) for name in gold)
    before = read_weights(run)
    name = "model.embed_tokens.weight"
    assert not torch.equal(gold[name], before[name])
    assert read_log(tmp_path / "closed")[-1]["tokens"] == config.tokens == 16 * 2 * 64
    with pytest.raises(ModelError, match="closing_rate"):
        (tmp_path / "closed" / "checkpoints" / "step-000012.safetensors").unlink()
        pretrain_nano(bundled_graph, tmp_path / "closed", replace(config, closing_rate=1e-3))


def test_further_rounds_go_on_from_a_finished_base(run, bundled_graph, tmp_path):
    import torch

    config = replace(TINY, closing_steps=2, closing_rounds=1, closing_documents=60)
    shutil.copytree(run, tmp_path / "closed")
    base = pretrain_nano(bundled_graph, tmp_path / "closed", config)
    longer = replace(config, closing_rounds=2, batch_size=4, prompt_weight=0.0)
    pretrain_nano(bundled_graph, tmp_path / "longer", longer, base)
    notes = json.loads((tmp_path / "longer" / "final" / "pretraining.json").read_text("utf-8"))
    assert (notes["step"], notes["start"]["step"]) == (16, 14)
    assert notes["tokens"] == notes["start"]["tokens"] + 2 * 4 * 64
    assert notes["start"]["config"]["batch_size"] == TINY.batch_size
    assert {"grammar", "closing-0", "closing-1"} <= notes.keys()
    assert [row["step"] for row in read_log(tmp_path / "longer")] == [16]
    ours, gold = read_weights(tmp_path / "longer"), read_weights(tmp_path / "closed")
    name = "model.embed_tokens.weight"
    assert not torch.equal(ours[name], gold[name])
    # the frames and the text of the first round are not made again
    assert not (tmp_path / "longer" / "closing-0.npy").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"closing_rounds": 0}, "give a higher number than closing_rounds=0"),
        ({"hidden": 64}, "'hidden': 32"),
        ({"steps": 13}, "'steps': 12"),
    ],
)
def test_a_base_of_other_settings_is_not_gone_on_from(
    run, bundled_graph, tmp_path, settings, message
):
    config = replace(TINY, **{"closing_rounds": 1, "closing_steps": 2, **settings})
    with pytest.raises(ModelError, match=message):
        pretrain_nano(bundled_graph, tmp_path / "out", config, run / "final")


def test_a_folder_without_notes_is_no_base_to_go_on_from(run, bundled_graph, tmp_path):
    (tmp_path / "start").mkdir()
    with pytest.raises(ModelError, match=r"has no pretraining.json"):
        pretrain_nano(bundled_graph, tmp_path / "out", TINY, tmp_path / "start")


def test_two_processes_learn_what_one_does(run, bundled_graph, tmp_path):
    import torch

    config = replace(TINY, closing_steps=3, closing_rounds=1, closing_documents=60)
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        pretrain_nano(bundled_graph, folder, replace(config, processes=processes), run / "final")
    one, two = (read_weights(tmp_path / name) for name in "12")
    # sums in another order, in bf16; three steps move weights by about 1e-2
    for name, weight in one.items():
        assert torch.allclose(weight, two[name], atol=2e-3), name
    assert [row["tokens"] for row in read_log(tmp_path / "1")] == [
        row["tokens"] for row in read_log(tmp_path / "2")
    ]


def test_a_run_with_other_settings_is_not_taken_up(run, bundled_graph):
    with pytest.raises(ModelError, match="learning_rate"):
        pretrain_nano(bundled_graph, run, replace(TINY, learning_rate=1e-3))
    with pytest.raises(ModelError, match="falls already"):
        pretrain_nano(bundled_graph, run, replace(TINY, steps=20))


def test_a_run_can_be_made_longer_while_the_rate_is_constant(run, bundled_graph, tmp_path):
    import torch

    kept = shutil.ignore_patterns("final", "step-000012*")
    shutil.copytree(run, tmp_path / "longer", ignore=kept)
    shutil.copytree(run, tmp_path / "anew", ignore=shutil.ignore_patterns("final", "checkpoints"))
    config = replace(TINY, steps=14)
    pretrain_nano(bundled_graph, tmp_path / "longer", config)
    pretrain_nano(bundled_graph, tmp_path / "anew", config)
    ours, gold = read_weights(tmp_path / "longer"), read_weights(tmp_path / "anew")
    assert all(torch.equal(ours[name], gold[name]) for name in gold)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"heads": 3}, "hidden=256"),
        ({"steps": 0}, "steps is 0"),
        ({"decay": 2.0}, "decay is 2.0"),
        ({"prompt_weight": 2.0}, "prompt_weight is 2.0"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, message):
    with pytest.raises(ModelError, match=message):
        NanoConfig(**settings)


def test_the_learning_rate_rises_stays_and_falls_to_zero():
    config = NanoConfig(steps=100, warmup_steps=10, decay=0.2, closing_steps=0)
    rates = [config.rate_at(step) for step in range(101)]
    assert rates[0] == 0.1
    assert rates[9:80] == [1.0] * 71
    assert all(before > after for before, after in zip(rates[80:-1], rates[81:], strict=True))
    assert rates[100] == 0
    config = replace(config, closing_steps=10, closing_rate=config.learning_rate / 2)
    closing = [config.rate_at(step) for step in range(100, config.all_steps)]
    falling = [0.5 - 0.05 * number for number in range(10)]
    assert closing == pytest.approx(falling * config.closing_rounds)


def test_a_pass_takes_every_row_once():
    config = NanoConfig(length=8, batch_size=3)
    tokens = np.arange(8 * 14 + 1, dtype=np.uint16)
    rows = [row for step in range(4) for row in cut_batch(tokens, config, step)]
    starts = sorted(int(row[0]) for row in rows)
    assert len(set(starts)) == 12
    assert {start % 8 for start in starts} == {starts[0] % 8}
    assert all((row[1:] - row[:-1] == 1).all() for row in rows)


def test_what_has_no_weight_is_not_learnt_from(bundled):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(bundled, dtype=torch.float32)
    ids = np.array([[5, 6, 7, 8, 9], [5, 6, 7, 0, 0]])
    weights = np.array([[0, 0, 1, 0.5], [0, 1, 0, 0]], dtype=np.float32)
    loss = measure_loss(model, ids, weights)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        scores = model(torch.from_numpy(ids)).logits.float().log_softmax(-1)
    by_hand = -(scores[0, 2, 8] + 0.5 * scores[0, 3, 9] + scores[1, 1, 7])
    assert float(loss) == pytest.approx(float(by_hand), rel=0.01)
    assert float(measure_loss(model, ids[:0], weights[:0])) == 0


def test_replies_and_plain_texts_weigh_more_than_what_they_answer(bundled):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(bundled)
    asked = [{"role": "system", "content": "Answer."}, {"role": "user", "content": "who made Heat"}]
    talk = tokenizer.apply_chat_template(
        [*asked, {"role": "assistant", "content": "Michael Mann."}], tokenize=False
    )
    text = f"{talk}<|begin_of_text|>Heat is long.<|end_of_text|>"
    ids = np.array([tokenizer(text, add_special_tokens=False)["input_ids"]])
    weights = weigh_tokens(ids, ReplyMarks.of(tokenizer), 0.1)
    assert set(weights[0].tolist()) == {np.float32(0.1), 1.0}
    heavy = tokenizer.decode(ids[weights == 1], skip_special_tokens=True)
    light = tokenizer.decode(ids[weights < 1], skip_special_tokens=True)
    assert "Michael Mann." in heavy
    assert "Heat is long." in heavy
    assert "who" not in heavy
    assert "Answer." in light
    assert "who made Heat" in light
    assert "Mann" not in light


def test_the_first_heads_look_one_and_two_tokens_back():
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from moviequery.modeling.nano.wiring import wire_copying

    torch.manual_seed(3)
    shape = {"hidden_size": 256, "num_attention_heads": 8, "num_key_value_heads": 4}
    small = {"vocab_size": 500, "num_hidden_layers": 2, "intermediate_size": 64}
    rope = {"rope_type": "default", "rope_theta": 500_000.0}
    config = LlamaConfig(**shape, **small, rope_parameters=rope, tie_word_embeddings=True)
    config._attn_implementation = "eager"
    model = LlamaForCausalLM(config)
    wire_copying(model)
    tokens = torch.randperm(500)[:20]
    with torch.inference_mode():
        # the same twenty tokens twice
        first, second = model(tokens.repeat(2)[None], output_attentions=True).attentions
    for head, back in ((0, 1), (1, 2)):
        looked = first[0, head].argmax(-1)[back:]
        assert (looked == torch.arange(40 - back)).all()
    # what came next the first time: the place behind the token, or two behind the one before it
    for head in (0, 2):
        looked = second[0, head].argmax(-1)[21:39]
        assert (looked == torch.arange(2, 20)).float().mean() > 0.7


# The bundled weights.


@pytest.fixture
def bundled():
    if not (folder._BUNDLED / "model.safetensors").is_file():
        pytest.skip("the weights are not there")
    return find_nano()


def test_the_bundle_is_small(bundled):
    assert sum(path.stat().st_size for path in bundled.iterdir()) <= LARGEST


def test_the_bundle_loads_with_transformers_alone_and_copies(bundled):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from moviequery.modeling.nano.probe import measure_copying

    model = AutoModelForCausalLM.from_pretrained(bundled)
    tokenizer = AutoTokenizer.from_pretrained(bundled)
    copied = measure_copying(model, tokenizer, names=40)
    assert copied["first_token"] > 0.9
    assert copied["later_tokens"] > 0.9


def test_nano_is_a_name_like_any_other(bundled, tmp_path):
    from peft import LoraConfig, get_peft_model

    from moviequery.modeling.base_model import load_base
    from moviequery.modeling.chat import load_tokenizer

    assert find_source("nano").base == "nano"
    assert resolve_base("nano") == str(bundled)
    model = load_base("nano", load_in_4bit=False)
    adapted = get_peft_model(model, LoraConfig(target_modules=["q_proj"], task_type="CAUSAL_LM"))
    adapted.save_pretrained(tmp_path, save_embedding_layers=False)
    settings = json.loads((tmp_path / "adapter_config.json").read_text("utf-8"))
    # not a folder of this machine
    assert settings["base_model_name_or_path"] == "nano"
    assert load_tokenizer("nano").pad_token == "<|finetune_right_pad_id|>"


def test_a_missing_bundle_says_how_to_make_it(monkeypatch, tmp_path):
    monkeypatch.setattr(folder, "_BUNDLED", tmp_path)
    with pytest.raises(ModelError, match="pretrain_nano"):
        find_nano()
    assert resolve_base("some/model") == "some/model"
