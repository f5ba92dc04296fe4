"""Constant ranges of activations for a graph in 8 bits, so that an answer stands by itself.

A graph of `quantize_dynamic` measures the range of each layer's input anew in every run, over all
texts of a batch: what stands beside a text changes its answer, for 9 % of the rows of a trained
parser. With ranges that were measured once a text has one answer, alone or in any batch, and F1 is
the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError, require
from .words import Ints

# Of the unsigned 8 bits that ONNX gives an activation.
_STEPS = 255
_MEASURED = "DynamicQuantizeLinear"


def fix_ranges(path: Path, batches: Iterable[Mapping[str, Ints]]) -> int:
    """Measure the ranges on inputs, write them into the graph, and return how many there are.

    Args:
        path: of a graph that `quantize_dynamic` wrote; it is replaced.
        batches: inputs of the graph by name, such as those of 500 texts, without padding.

    Raises:
        ModelError: there is nothing to measure, or nothing to measure it on.
    """
    onnx: Any = require("onnx", "train")
    graph = onnx.load(str(path))
    names = [node.input[0] for node in graph.graph.node if node.op_type == _MEASURED]
    ranges = _measure(graph, names, batches) if names else {}
    if not ranges:
        raise ModelError(f"{path}: no ranges to measure, or no texts to measure them on.")
    nodes = []
    for node in graph.graph.node:
        if node.op_type == _MEASURED:
            low, high = ranges[node.input[0]]
            values, scale, zero = node.output
            step = np.float32((high - low) / _STEPS) or np.float32(1)
            graph.graph.initializer.extend(
                (
                    onnx.numpy_helper.from_array(np.array(step, np.float32), scale),
                    onnx.numpy_helper.from_array(np.array(round(-low / step), np.uint8), zero),
                )
            )
            node = onnx.helper.make_node("QuantizeLinear", [node.input[0], scale, zero], [values])
        nodes.append(node)
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    temporary = path.with_name(path.name + ".tmp")
    onnx.save(graph, str(temporary))
    temporary.replace(path)
    return len(ranges)


def _measure(
    graph: Any,  # noqa: ANN401 - an onnx.ModelProto
    names: list[str],
    batches: Iterable[Mapping[str, Ints]],
) -> dict[str, tuple[float, float]]:
    """Return the least and greatest value of each of the tensors, 0 included."""
    onnx: Any = require("onnx", "train")
    runtime: Any = require("onnxruntime", "train")
    watched = type(graph)()
    watched.CopyFrom(graph)
    shown = {output.name for output in graph.graph.output}
    watched.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        for name in dict.fromkeys(names)
        if name not in shown
    )
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(
        watched.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    ranges: dict[str, tuple[float, float]] = {}
    for batch in batches:
        for name, values in zip(names, session.run(names, dict(batch)), strict=True):
            low, high = ranges.get(name, (0.0, 0.0))
            ranges[name] = (min(low, float(values.min())), max(high, float(values.max())))
    return ranges
