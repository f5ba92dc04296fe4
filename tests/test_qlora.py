"""The recipe: what it refuses, what it writes, and that a killed training goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from movie_queries import QUERIES, parse_markup
from tiny_llama import make_tokenizer, save_tiny_llama

from moviequery.errors import DatasetError, ModelError
from moviequery.modeling.chat import ChatFormat, set_pad_token
from moviequery.modeling.configuration import QLoRAConfig
from moviequery.modeling.prompts import ENTITY_PROMPT, INTENT_PROMPT
from moviequery.modeling.qlora import train_qlora
from moviequery.modeling.training_folder import CONFIG_FILE, TrainingFolder
from moviequery.modeling.training_log import select_losses
from moviequery.modeling.training_rows import encode_rows, read_splits

pytest.importorskip("trl")

TEXTS = [query.text for query in QUERIES] + [ENTITY_PROMPT, INTENT_PROMPT]
SMALL = QLoRAConfig(
    task="intent",
    max_steps=24,
    save_steps=3,
    logging_steps=1,
    batch_size=1,
    gradient_accumulation=1,
    max_length=512,
    pack_length=512,
    learning_rate=5e-3,
    dropout=0.0,
)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return save_tiny_llama(tmp_path_factory.mktemp("base"), TEXTS, hidden=64)


@pytest.fixture(scope="module")
def chat():
    tokenizer = make_tokenizer(TEXTS)
    set_pad_token(tokenizer)
    return ChatFormat(tokenizer, "entities")


# What is refused, before anything is trained.


def test_the_paper_is_the_default():
    config = QLoRAConfig()
    assert config.target_modules == ("q_proj", "v_proj", "o_proj")
    assert config.load_in_4bit
    assert config.optimizer.startswith("paged_adamw")
    assert QLoRAConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"precision": "fp16"}, "fp16 with a 4-bit base"),
        ({"target_modules": ("q_proj", "lm_head")}, "lm_head cannot be"),
        ({"target_modules": ()}, "give a tuple of layer names"),
        ({"target_modules": "q_proj"}, "give a tuple of layer names"),
        ({"task": "plots"}, "no task 'plots'"),
        ({"template": "alpaca"}, "template is 'alpaca'"),
        ({"overlong": "cut"}, "overlong is 'cut'"),
        ({"r": 0}, "r is 0"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"max_steps": 0}, "max_steps is 0"),
        ({"max_length": 4096}, "might not fit into a pack"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, message):
    with pytest.raises(ModelError, match=message):
        QLoRAConfig(**settings)


def test_unknown_settings_are_refused():
    with pytest.raises(ModelError, match="rank"):
        QLoRAConfig.from_dict({"rank": 8})


def test_fp16_without_4_bits_is_allowed():
    assert QLoRAConfig(precision="fp16", load_in_4bit=False).precision == "fp16"


def test_layers_that_the_model_lacks_are_refused_with_those_it_has(base, tmp_path):
    config = replace(SMALL, target_modules=("q_proj", "query"))
    with pytest.raises(ModelError, match=r"\['query'\].*'down_proj', .*'v_proj'\]"):
        train_qlora(QUERIES, config, base, tmp_path)


@pytest.mark.parametrize("setting", [{"schedule": "cosinus"}, {"optimizer": "adamm"}])
def test_what_the_trainer_refuses_is_said_in_one_line(base, tmp_path, setting):
    config = replace(SMALL, **setting)
    with pytest.raises(ModelError, match=f"refuses these settings.*{[*setting.values()][0]}"):
        train_qlora(QUERIES, config, model=base, output=tmp_path / "OUT")


def test_a_base_with_other_weights_is_not_taken_for_the_one_that_was_trained_on(tmp_path):
    config = replace(SMALL, task="intent", max_steps=1, load_in_4bit=False)
    base = save_tiny_llama(tmp_path / "base", TEXTS, hidden=64)
    train_qlora(QUERIES, config, base, tmp_path / "OUT")
    save_tiny_llama(tmp_path / "base", TEXTS, hidden=32)
    with pytest.raises(ModelError, match=r"base_files\.model\.safetensors"):
        train_qlora(QUERIES, config, base, tmp_path / "OUT")


def test_an_adapter_may_lie_in_the_folder_of_its_base(tmp_path):
    config = replace(SMALL, task="intent", max_steps=1, load_in_4bit=False)
    base = save_tiny_llama(tmp_path, TEXTS, hidden=64)
    first, again = (train_qlora(QUERIES, config, base, tmp_path / "OUT") for _ in range(2))
    assert first == again


def test_a_model_that_is_quantised_already_is_refused(base, tmp_path):
    from moviequery.modeling.base_model import load_base

    load_base(base, load_in_4bit=True).save_pretrained(tmp_path / "quantised")
    with pytest.raises(ModelError, match="quantised already"):
        load_base(str(tmp_path / "quantised"), load_in_4bit=True)


def test_weights_that_are_a_pickle_are_refused(base, tmp_path):
    import torch

    from moviequery.modeling.base_model import load_base

    for name in ("config.json", "generation_config.json"):
        (tmp_path / name).write_bytes((Path(base) / name).read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="safetensors"):
        load_base(str(tmp_path), load_in_4bit=False)


def test_a_model_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ModelError, match="nobody/nothing"):
        train_qlora(QUERIES, SMALL, "nobody/nothing", tmp_path)


def test_rows_that_are_too_long_are_refused_or_counted(chat):
    lengths = [len(chat.encode_example(query).input_ids) for query in QUERIES]
    limit = sorted(lengths)[-2]  # one row is longer
    assert sorted(lengths)[-1] > limit
    config = QLoRAConfig(max_length=limit)
    with pytest.raises(ModelError, match=rf"1 of 8 rows .* row {lengths.index(max(lengths))}, "):
        encode_rows(chat, QUERIES, config)
    rows = encode_rows(chat, QUERIES, replace(config, overlong="drop"))
    assert (len(rows.examples), rows.dropped) == (7, 1)
    with pytest.raises(ModelError, match="No row is as short"):
        encode_rows(chat, QUERIES, QLoRAConfig(max_length=10, overlong="drop"))


def test_supervised_tokens_are_counted(chat):
    rows = encode_rows(chat, QUERIES, SMALL)
    answers = [chat.tokenizer.decode(example.supervised) for example in rows.examples]
    assert answers[0] == '{"titles":["Heat"],"genres":["heist"]}<|eot_id|>'
    assert answers[5] == "{}<|eot_id|>"
    assert rows.supervised_tokens == sum(len(example.supervised) for example in rows.examples)
    assert 0 < rows.supervised_tokens < rows.tokens
    assert rows.fingerprint() != encode_rows(chat, QUERIES[:7], SMALL).fingerprint()


def test_an_answer_that_the_parser_could_not_write_is_refused(chat):
    long = parse_markup("non_rec", "{quote:" + "x" * 200 + "}")
    with pytest.raises(ModelError, match="Row 1 .* not one that the parser may write"):
        encode_rows(chat, [QUERIES[0], long], SMALL)
    rows = encode_rows(chat, [QUERIES[0], long], replace(SMALL, overlong="drop"))
    assert (len(rows.examples), rows.dropped) == (1, 1)
    # its intent is as short as any
    asked = ChatFormat(chat.tokenizer, "intent")
    roomy = replace(SMALL, max_length=2048, pack_length=2048)
    assert len(encode_rows(asked, [long], roomy).examples) == 1


def test_splits_are_read_from_queries_mappings_and_datasets():
    datasets = pytest.importorskip("datasets")
    from moviequery.corpus.features import features, to_example

    rows = datasets.Dataset.from_list([to_example(q) for q in QUERIES], features=features())
    expected = {"train": list(QUERIES)}
    assert read_splits(QUERIES) == expected
    assert read_splits({"train": QUERIES}) == expected
    assert read_splits(rows) == expected
    assert read_splits(datasets.DatasetDict(train=rows, test=rows))["test"] == list(QUERIES)
    with pytest.raises(DatasetError, match="nothing to train on"):
        read_splits({"test": QUERIES})


# The folder of a training.


def test_a_checkpoint_that_was_cut_short_is_not_resumed_from(tmp_path):
    folder = TrainingFolder(tmp_path, "intent")
    folder.open({"r": 8}, overwrite=False)
    assert folder.last_checkpoint() is None
    for step, state in ((5, '{"global_step": 5}'), (10, '{"global_step": 10}'), (15, '{"glob')):
        checkpoint = folder.checkpoints / f"checkpoint-{step}"
        checkpoint.mkdir()
        (checkpoint / "trainer_state.json").write_text(state)
    (folder.checkpoints / "checkpoint-20").mkdir()
    last = folder.last_checkpoint()
    assert last is not None
    assert last.name == "checkpoint-10"
    assert sorted(p.name for p in folder.checkpoints.iterdir()) == ["checkpoint-10", "checkpoint-5"]


@pytest.mark.parametrize("finished", [False, True])
def test_other_settings_are_refused_and_named(tmp_path, finished):
    folder = TrainingFolder(tmp_path, "intent")
    settings = {"config": {"r": 8, "alpha": 16}, "rows": {"train": "a"}}
    folder.open(settings, overwrite=False)
    if finished:
        (folder.begin_result() / CONFIG_FILE).write_text(json.dumps(settings))
        folder.finish()
    assert folder.open(settings, overwrite=False) is finished
    with pytest.raises(ModelError, match=r"config\.r: 8 -> 32.*overwrite"):
        folder.open({"config": {"r": 32, "alpha": 16}, "rows": {"train": "a"}}, overwrite=False)
    assert folder.open({"config": {"r": 32}}, overwrite=True) is False


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path):
    (tmp_path / "intent").mkdir()
    (tmp_path / "intent" / "thesis.txt").write_text("years of work")
    with pytest.raises(ModelError, match="no training of ours"):
        TrainingFolder(tmp_path, "intent").open({}, overwrite=True)
    assert (tmp_path / "intent" / "thesis.txt").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ModelError, match="cannot be written"):
        TrainingFolder(tmp_path, "intent").open({}, overwrite=False)


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "OUT").write_text("")
    with pytest.raises(ModelError, match="cannot be written"):
        TrainingFolder(tmp_path / "OUT", "intent").open({}, overwrite=False)


def test_losses_are_picked_from_the_history():
    history = [
        {"step": 1, "loss": 2.0, "num_tokens": 7, "learning_rate": 0.1},
        {"step": 2, "eval_loss": 1.5, "eval_runtime": 3.0},
        {"step": 2, "train_runtime": 9.0},
    ]
    assert select_losses(history) == [
        {"step": 1, "loss": 2.0, "learning_rate": 0.1},
        {"step": 2, "eval_loss": 1.5},
    ]


# Real trainings of a few steps.

CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
from test_qlora import QUERIES, SMALL, train_qlora
train_qlora(QUERIES, SMALL, sys.argv[2], sys.argv[3])
"""


@pytest.mark.slow
def test_a_killed_training_goes_on_and_ends_as_if_it_had_not_been(base, tmp_path):
    import torch
    from safetensors.torch import load_file

    output = tmp_path / "killed"
    here = str(Path(__file__).parent)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, here, base, str(output)], stderr=subprocess.DEVNULL
    )
    state = output / "intent.unfinished" / "checkpoints" / "checkpoint-6" / "trainer_state.json"
    while child.poll() is None and not state.exists():
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not (output / "intent").exists()

    resumed = train_qlora(QUERIES, SMALL, base, output)["intent"]
    whole = train_qlora(QUERIES, SMALL, base, tmp_path / "whole")["intent"]
    assert resumed.resumed_from >= 3
    assert resumed.steps == whole.steps == 24
    assert [path.name for path in output.iterdir()] == ["intent"]
    losses = [
        [json.loads(line)["step"] for line in (folder / "intent" / "loss.jsonl").open()]
        for folder in (output, tmp_path / "whole")
    ]
    assert losses[0] == losses[1] == list(range(1, 25))
    weights = [
        load_file(folder / "intent" / "adapter_model.safetensors")
        for folder in (output, tmp_path / "whole")
    ]
    assert weights[0].keys() == weights[1].keys()
    for name, value in weights[0].items():
        assert torch.equal(value, weights[1][name]), name
        # learnt in full precision, though the base computes in bf16
        assert not torch.equal(value, value.bfloat16().float()), name


@pytest.mark.slow
def test_plain_lora_with_validation_and_padding(base, tmp_path):
    """Full precision, no packing, Listing 1, an evaluation each epoch, ids of the base kept."""
    config = replace(
        SMALL,
        load_in_4bit=False,
        packing=False,
        template="paper",
        max_steps=None,
        epochs=2.0,
        batch_size=4,
        optimizer="adamw_torch",
    )
    splits = {"train": QUERIES, "validation": QUERIES[:4], "test": QUERIES[:2]}
    report = train_qlora(splits, config, base, tmp_path)["intent"]
    assert report.steps == 4
    assert report.rows == 8
    assert report.validation_loss is not None
    assert report.last_loss < report.first_loss
    assert report.trainable_parameters < report.total_parameters / 5
    assert "supervised tokens" in report.summary()
    template = (tmp_path / "intent" / "chat_template.jinja").read_text("utf-8")
    assert template.endswith("{{- '<|end_of_text|>' }}{%- endif %}")


@pytest.mark.slow
def test_two_processes_train_one_adapter(base, tmp_path):
    """What `accelerate launch` starts on two GPUs, on two CPU processes."""
    here = Path(__file__).parent
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    done = subprocess.run(
        [*launcher, str(script), str(here), base, str(tmp_path / "OUT")],
        env={**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "OUT").iterdir()] == ["intent"]
    alone = train_qlora(QUERIES, SMALL, base, tmp_path / "alone")["intent"]
    together = json.loads((tmp_path / "OUT" / "intent" / "metrics.json").read_text("utf-8"))
    assert together["steps"] == alone.steps
    assert together["first_loss"] != alone.first_loss  # each step saw two packs, not one
