"""A trained network in the forms that others read: plain peft adapters, plain models, ONNX.

Imported only where torch is there.
"""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from ..errors import require
from ..schema import Intent
from .encoder_base import BASE_ID
from .encoder_network import TARGETS, JointEncoder
from .name_marks import MARKS
from .network import INPUTS
from .tags import TAGS

if TYPE_CHECKING:
    from .encoder_configuration import EncoderConfig

NEGATION_FILE = "negation.safetensors"
NAME_MARKS_FILE = "names.safetensors"
_OPSET = 17
_OUTPUTS = ("spans", "negation", "intent")


def write_adapters(network: JointEncoder, base: Path, config: EncoderConfig, out: Path) -> None:
    """Write `entities/`, `intent/` and, with the adapters folded in, `merged-*/`.

    Each is what `from_pretrained` of peft or transformers reads, and reads the text alone. The head
    that says which entities are not wanted and the weights of the marks of known names have no
    place in their classes; they lie beside the entities' adapter.
    """
    transformers: Any = require("transformers", "train")
    tasks = (
        ("entities", "TOKEN_CLS", transformers.BertForTokenClassification, TAGS, network.spans),
        ("intent", "SEQ_CLS", transformers.BertForSequenceClassification, Intent, network.intent),
    )
    tokenizer = load_tokenizer(base)
    for task, kind, model_class, labels, head in tasks:
        model = model_class.from_pretrained(str(base), **_name_labels(labels), dtype=torch.float32)
        model = _add_adapter(model, kind, config)
        _copy_weights(network, head, model)
        _clean_names(model)
        folder = out / task
        model.save_pretrained(folder, safe_serialization=True, save_embedding_layers=False)
        (folder / "README.md").unlink()  # a form to be filled in
        model.base_model.model.config.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        merged = model.merge_and_unload()
        merged.save_pretrained(out / f"merged-{task}", safe_serialization=True)
        tokenizer.save_pretrained(out / f"merged-{task}")
    weights = {
        name: weight.detach().clone() for name, weight in network.negation.named_parameters()
    }
    save: Any = require("safetensors.torch", "train").save_file
    save(weights, out / "entities" / NEGATION_FILE)
    save({"weight": network.names.weight.detach().clone()}, out / "entities" / NAME_MARKS_FILE)


def load_tokenizer(base: Path) -> Any:  # noqa: ANN401 - a PreTrainedTokenizerFast
    """Return the tokenizer of the base, which neither cuts nor pads."""
    tokenizer = require("transformers", "train").AutoTokenizer.from_pretrained(str(base))
    # the file of the base cuts texts at 128 pieces, and pads to that
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    return tokenizer


def _name_labels(labels: Iterable[str]) -> dict[str, Any]:
    names = [str(label) for label in labels]
    return {
        "num_labels": len(names),
        "id2label": dict(enumerate(names)),
        "label2id": {name: number for number, name in enumerate(names)},
    }


def _add_adapter(model: Any, kind: str, config: EncoderConfig) -> Any:  # noqa: ANN401
    peft: Any = require("peft", "train")
    return peft.get_peft_model(
        model,
        peft.LoraConfig(
            task_type=kind,
            r=config.r,
            lora_alpha=config.alpha,
            lora_dropout=config.lora_dropout,
            target_modules=TARGETS,  # and the classifier, by the type of the task
        ),
    )


def _copy_weights(network: JointEncoder, head: nn.Linear, model: Any) -> None:  # noqa: ANN401
    """Copy adapter and head into a model of transformers that has the same encoder."""
    ours = dict(network.encoder.base_model.model.named_parameters())
    with torch.no_grad():
        for name, weight in model.base_model.model.bert.named_parameters():
            if "lora_" in name:
                weight.copy_(ours[name])
        classifier = model.base_model.model.classifier.modules_to_save["default"]
        classifier.weight.copy_(head.weight)
        classifier.bias.copy_(head.bias)


def _clean_names(model: Any) -> None:  # noqa: ANN401
    """Name the base by its Hub id, not by the folder it happened to be in."""
    model.peft_config["default"].base_model_name_or_path = BASE_ID
    model.base_model.model.config._name_or_path = BASE_ID
    model.base_model.model.name_or_path = BASE_ID


@contextmanager
def be_quiet() -> Iterator[None]:
    """Keep libraries from reporting what is as it should be, such as new heads on the base."""
    logs: Any = require("transformers.utils.logging", "train")
    verbosity, disabled = logs.get_verbosity(), logging.root.manager.disable
    bars = logs.is_progress_bar_enabled()
    logs.set_verbosity_error()
    logs.disable_progress_bar()
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        logs.set_verbosity(verbosity)
        if bars:
            logs.enable_progress_bar()


class _Answers(nn.Module):
    """The network as a graph has it: outputs by position."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, input_ids: torch.Tensor, mask: torch.Tensor, names: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        answer = self.network(input_ids, mask, names)
        return tuple(answer[name] for name in _OUTPUTS)


def write_graph(network: JointEncoder, path: Path) -> None:
    """Write the network in fp32 as an ONNX graph, its adapter folded in.

    Inputs are `input_ids` and `attention_mask` (int64, batch by tokens) and `names` (float, with
    the marks of each token); outputs are `spans`, `negation` and `intent`, as
    `JointEncoder.forward` has them.
    """
    require("onnx", "train")
    merged = copy.deepcopy(network).eval()
    merged.encoder = merged.encoder.merge_and_unload()
    # the fused kernel makes a graph with more nodes in it
    merged.encoder.config._attn_implementation = "eager"
    ids = torch.ones((2, 7), dtype=torch.int64)
    mask = ids.clone()
    mask[1, 5:] = 0
    sizes = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        _Answers(merged),
        (ids, mask, torch.zeros((*ids.shape, MARKS))),
        str(path),
        input_names=list(INPUTS),
        output_names=list(_OUTPUTS),
        dynamic_axes={
            **dict.fromkeys((*INPUTS, "spans", "negation"), sizes),
            "intent": {0: "batch"},
        },
        opset_version=_OPSET,
        dynamo=False,  # the quantisation cannot read the newer exporter's shapes
    )


def quantise_graph(source: Path, target: Path) -> None:
    """Write a graph with 8-bit weights, embeddings included: a quarter of the bytes."""
    quantization: Any = require("onnxruntime.quantization", "train")
    quantization.quantize_dynamic(
        str(source),
        str(target),
        per_channel=True,
        weight_type=quantization.QuantType.QInt8,
    )
