"""Tiny models in the folders that trainings leave, for tests of publishing."""

from __future__ import annotations

import json

from tiny_llama import make_model, make_tokenizer
from toy_parser import save_tokenizer, save_toy_parser, vocabulary

from moviequery.corpus.dataset import read_queries
from moviequery.modeling.encoder_base import BASE_ID
from moviequery.modeling.encoder_rows import fingerprint
from moviequery.modeling.tags import TAGS
from moviequery.schema import Intent

LLAMA = "films/tiny-llama"
LORA = {"r": 2, "lora_alpha": 4, "init_lora_weights": False}


def scores(shift=0.0):
    """Return what `score_entities` gives, in short."""
    return {
        "micro_f1": 0.91234567 + shift,
        "macro_f1": 0.81 + shift,
        "rows": 4,
        "intent": {"macro_f1": 0.98765 + shift, "accuracy": 0.99},
        "negation": {"f1": 0.5},
    }


def write_encoder_base(folder):
    """Write a random BERT of two layers as the base, in the form that transformers reads."""
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(7)
    configuration = BertConfig(
        vocab_size=len(vocabulary()),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=64,
    )
    folder.mkdir(parents=True)
    BertModel(configuration).save_pretrained(folder)
    save_tokenizer(folder / "raw.json")
    names = ("pad", "unk", "cls", "sep")
    marks = {f"{name}_token": f"[{name.upper()}]" for name in names}
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "raw.json"), **marks)
    (folder / "raw.json").unlink()
    tokenizer.save_pretrained(folder)
    return tokenizer


def write_training(out, base, dataset):
    """Write what `moviequery train --recipe encoder` leaves, with a random model."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification

    tokenizer = write_encoder_base(base)
    tasks = (
        ("entities", "TOKEN_CLS", AutoModelForTokenClassification, TAGS),
        ("intent", "SEQ_CLS", AutoModelForSequenceClassification, tuple(Intent)),
    )
    for task, kind, model_class, labels in tasks:
        torch.manual_seed(7)
        names = dict(enumerate(map(str, labels)))
        numbers = {name: number for number, name in names.items()}
        model = model_class.from_pretrained(base, id2label=names, label2id=numbers)
        model = get_peft_model(model, LoraConfig(kind, target_modules=["query"], **LORA))
        model.peft_config["default"].base_model_name_or_path = BASE_ID
        model.base_model.model.config._name_or_path = BASE_ID
        model.save_pretrained(out / task)
        (out / task / "README.md").unlink()
        model.base_model.model.config.save_pretrained(out / task)
        merged = model.merge_and_unload()
        for folder in (out / task, out / f"merged-{task}"):
            tokenizer.save_pretrained(folder)
        merged.save_pretrained(out / f"merged-{task}")
    save_toy_parser(out / "onnx", base=BASE_ID)
    queries = read_queries(dataset)
    metrics = {
        "recipe": "encoder",
        "base": BASE_ID,
        "dataset": fingerprint(queries["train"]),
        "rows": {name: len(rows) for name, rows in queries.items()},
        "passes": 2,
        "scores": {
            split: {"fp32": scores(), "int8": scores(-0.01)} for split in ("validation", "test")
        },
    }
    (out / "metrics.json").write_text(json.dumps(metrics))
    settings = {"recipe": "encoder", "config": {"r": 2, "learning_rate": 0.002}}
    (out / "training_config.json").write_text(json.dumps(settings))


def write_causal(out, base):
    """Write a tiny Llama, and what `moviequery train --recipe qlora` leaves of one task."""
    import torch
    from peft import LoraConfig, get_peft_model

    tokenizer = make_tokenizer(["any heist films like Heat"], vocabulary=300)
    model = make_model(tokenizer, hidden=16)
    model.save_pretrained(base)
    tokenizer.save_pretrained(base)
    torch.manual_seed(7)
    model.name_or_path = str(base)
    adapted = get_peft_model(model, LoraConfig("CAUSAL_LM", target_modules=["q_proj"], **LORA))
    adapted.save_pretrained(out)
    tokenizer.save_pretrained(out)
    metrics = {"task": "intent", "rows": 45, "last_loss": 0.25, "validation_loss": 0.333333}
    (out / "metrics.json").write_text(json.dumps(metrics))
    settings = {"recipe": "qlora", "task": "intent", "base_model": str(base), "config": {"r": 2}}
    (out / "training_config.json").write_text(json.dumps(settings))
    return adapted


def store_model(hub, name, folder):
    """Put a base model on the Hub of the tests."""
    repo = hub.store.create("model", name, False, None)
    head = repo.load("main")
    files = dict(head["files"])
    for path in sorted(folder.iterdir()):
        files[path.name] = repo.entry(path.read_bytes(), path.suffix == ".safetensors")
    commit = repo.add_commit(head["oid"], "base", "", files)
    (repo.folder / "refs.json").write_text(json.dumps({"branches": {"main": commit}, "tags": {}}))
