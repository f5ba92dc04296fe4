"""Constant ranges in a graph of 8 bits: as exact as measuring anew, and one answer per text."""

import numpy as np
import pytest

from moviequery.errors import ModelError
from moviequery.modeling.activation_ranges import fix_ranges

pytest.importorskip("onnx")


def save_layers(path, width=24, seed=0):
    """Write two linear layers of random weights over an embedding, in fp32."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(seed)
    weights = {
        "table": random.normal(size=(50, width)),
        "first": random.normal(size=(width, width)) / width**0.5,
        "second": random.normal(size=(width, width)) / width**0.5,
    }
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["embedded"]),
        helper.make_node("MatMul", ["embedded", "first"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["active"]),
        helper.make_node("MatMul", ["active", "second"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "layers",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "tokens", width])],
        [numpy_helper.from_array(w.astype(np.float32), name) for name, w in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(path))


def run(path, ids):
    import onnxruntime

    return onnxruntime.InferenceSession(str(path)).run(None, {"input_ids": ids})[0]


@pytest.fixture
def graphs(tmp_path):
    """Return an fp32 graph, and that graph in 8 bits as `quantize_dynamic` leaves it."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    fine, small = tmp_path / "fine.onnx", tmp_path / "small.onnx"
    save_layers(fine)
    options = {"op_types_to_quantize": ["MatMul"], "weight_type": QuantType.QInt8}
    quantize_dynamic(str(fine), str(small), per_channel=True, **options)
    return fine, small


def test_a_text_has_one_answer_in_any_batch(graphs):
    fine, small = graphs
    texts = np.arange(50).reshape(10, 5)
    measured_anew = run(small, texts)
    alone = np.concatenate([run(small, text[None]) for text in texts])
    assert np.abs(alone - measured_anew).max() > 0
    assert fix_ranges(small, [{"input_ids": texts}]) == 2
    fixed = run(small, texts)
    for text, together in zip(texts, fixed, strict=True):
        np.testing.assert_array_equal(run(small, text[None])[0], together)
    error = np.abs(fixed - run(fine, texts)).mean()
    assert error <= 1.1 * np.abs(measured_anew - run(fine, texts)).mean()


def test_ranges_need_a_quantised_graph_and_texts(graphs):
    fine, small = graphs
    with pytest.raises(ModelError, match="no ranges"):
        fix_ranges(small, [])
    with pytest.raises(ModelError, match="no ranges"):
        fix_ranges(fine, [{"input_ids": np.zeros((1, 1), np.int64)}])
