"""A fast parser of a few kilobytes: its graph looks each word piece up in a table."""

from __future__ import annotations

import json

import numpy as np

from moviequery.modeling.tags import TAGS
from moviequery.schema import Intent

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
MARKS = "[]().,;:!?'\"-&“”"
WORDS = {
    "heist": "B-genre",
    "heat": "B-title",
    "casino": "B-title",
    "funny": "B-mood",
    "michael": "B-actor",
    "mann": "I-actor",
    "de": "I-director",
    "niro": "I-director",
    "nineties": "B-year",
    "never": "O",
    "not": "O",
    "films": "O",
    "like": "O",
    "the": "O",
    "who": "O",
    "directed": "O",
    "by": "O",
    "and": "O",
}
SETTINGS = {
    "format": 1,
    "labels": list(TAGS),
    "intents": list(Intent),
    "temperature": {"spans": 1.0, "intent": 1.0},
    "threshold": 0.5,
    "max_tokens": 256,
    "dataset": "toy",
}


def vocabulary():
    pieces = [*LETTERS, *(f"##{letter}" for letter in LETTERS), *MARKS, *WORDS]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    return {piece: number for number, piece in enumerate([*special, *pieces])}


def save_tokenizer(path):
    """Write a BERT tokenizer that knows `WORDS` and single letters."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.WordPiece(vocabulary(), unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.save(str(path))


def plain_tables():
    """Return logits per piece by which a parser finds `WORDS`, and nothing else."""
    pieces = vocabulary()
    spans = np.zeros((len(pieces), len(TAGS)), np.float32)
    spans[:, 0] = 4.0
    negation = np.full(len(pieces), -1.0, np.float32)
    negation[pieces["funny"]] = 1.0
    intent = np.zeros((len(pieces), 2), np.float32)
    intent[pieces["films"], 0] = 8.0
    intent[pieces["who"], 1] = 8.0
    for word, tag in WORDS.items():
        spans[pieces[word], 0] = 0.0
        spans[pieces[word], TAGS.index(tag)] = 9.0
    return spans, negation, intent


def random_tables(seed=0):
    """Return logits per piece that make all kinds of tags follow each other."""
    random = np.random.default_rng(seed)
    size = len(vocabulary())
    return tuple(
        random.normal(size=shape).astype(np.float32)
        for shape in ((size, len(TAGS)), (size,), (size, 2))
    )


def save_graph(path, tables, names=("spans", "negation", "intent")):
    """Write a graph with the inputs and outputs of the fast parser.

    The intent is the mean over the tokens of the mask.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])
    mask = helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch", "tokens"])
    # nothing reads it: the toy knows its words by heart
    known = helper.make_tensor_value_info("names", TensorProto.FLOAT, ["batch", "tokens", "marks"])
    shapes = (["batch", "tokens", tables[0].shape[-1]], ["batch", "tokens"], ["batch", 2])
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in zip(names, shapes, strict=True)
    ]
    axes = [numpy_helper.from_array(np.array([axis]), f"axis{axis}") for axis in (1, 2)]
    constants = [
        numpy_helper.from_array(table, f"table{number}") for number, table in enumerate(tables)
    ]
    node = helper.make_node
    nodes = [
        node("Gather", ["table0", "input_ids"], [names[0]]),
        node("Gather", ["table1", "input_ids"], [names[1]]),
        node("Gather", ["table2", "input_ids"], ["each"]),
        node("Cast", ["attention_mask"], ["real"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["real", "axis2"], ["column"]),
        node("Mul", ["each", "column"], ["kept"]),
        node("ReduceSum", ["kept", "axis1"], ["sum"], keepdims=0),
        node("ReduceSum", ["column", "axis1"], ["count"], keepdims=0),
        node("Div", ["sum", "count"], [names[2]]),
    ]
    graph = helper.make_graph(nodes, "toy", [ids, mask, known], outputs, [*constants, *axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(path))


def save_toy_parser(folder, tables=None, **settings):
    """Write a bundle and return its folder; `settings` change `parser.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    save_tokenizer(folder / "tokenizer.json")
    save_graph(folder / "model.onnx", tables or plain_tables())
    (folder / "parser.json").write_text(json.dumps(SETTINGS | settings))
    return folder
