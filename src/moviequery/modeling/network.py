"""The ONNX graph of a fast parser, run by ONNX Runtime on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..schema import Intent
from .tags import TAGS

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

INPUTS = ("input_ids", "attention_mask", "names")
# Of ONNX Runtime's rewriting. Constants that are folded early hide the scales of an 8-bit product
# from the fusion that makes one node of four of it; and its one node for Add and LayerNormalization
# takes three times as long as the two. Without both a query takes 12 % less, one of a batch 17 %.
_NOT_REWRITTEN = ["ConstantFolding", "SkipLayerNormFusion"]


class Logits(NamedTuple):
    """What the graph says of a batch.

    Attributes:
        spans: `[batch, tokens, tags]`.
        negation: `[batch, tokens]`; over 0 is negated.
        intent: `[batch, intents]`.
    """

    spans: Floats
    negation: Floats
    intent: Floats


class Network:
    """A loaded graph; safe to call from several threads."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load `model.onnx`.

        Args:
            path: of the file.
            threads: that one call may use.

        Raises:
            ModelError: it cannot be loaded, or has other inputs and outputs.
        """
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as faults

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only: it warns of GPUs that it does not find
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(path),
                options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=_NOT_REWRITTEN,
            )
        except (
            faults.Fail,
            faults.InvalidArgument,
            faults.InvalidGraph,
            faults.InvalidProtobuf,
            faults.NotImplemented,
            faults.RuntimeException,
        ) as error:
            raise ModelError(f"{path} cannot be loaded by ONNX Runtime: {error}") from error
        self._check(path)

    def run(self, ids: Ints, mask: Ints, names: Floats) -> Logits:
        """Return the logits of a batch.

        Args:
            ids: of tokens, `[batch, tokens]`.
            mask: of the same shape, 0 where there is padding.
            names: marks of known names, `[batch, tokens, MARKS]`.
        """
        feed = dict(zip(INPUTS, (ids, mask, names), strict=True))
        return Logits(*self._session.run(Logits._fields, feed))

    def _check(self, path: Path) -> None:
        inputs = sorted(node.name for node in self._session.get_inputs())
        outputs = {node.name: node.shape for node in self._session.get_outputs()}
        if inputs != sorted(INPUTS) or not outputs.keys() >= set(Logits._fields):
            raise ModelError(
                f"{path} is no fast parser: its inputs are {inputs}, its outputs "
                f"{sorted(outputs)}; {sorted(INPUTS)} and {sorted(Logits._fields)} are needed. "
                "Export it again with this version."
            )
        for name, size in (("spans", len(TAGS)), ("intent", len(Intent))):
            if outputs[name][-1] not in (size, None) and not isinstance(outputs[name][-1], str):
                raise ModelError(
                    f"{path}: {name} has {outputs[name][-1]} classes instead of {size}. Export it "
                    "again with this version."
                )
