"""The GPU benchmark: its whole logic on a CPU with a toy, and its refusal without a GPU."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from movie_queries import QUERIES

torch = pytest.importorskip("torch")
pytest.importorskip("trl")
pytest.importorskip("bitsandbytes")
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def benchmark():
    sys.path.insert(0, str(BENCHMARKS))
    import qlora_gpu

    return qlora_gpu


def test_without_a_gpu_it_says_so_in_one_line(benchmark, tmp_path, capsys):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    assert benchmark.main(["--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "no CUDA GPU" in error


def test_the_architecture_is_that_of_llama_3_2_3b(benchmark):
    """3,212,749,824 parameters, as the model's own card counts them."""
    from transformers import LlamaConfig, LlamaForCausalLM

    with torch.device("meta"):
        network = LlamaForCausalLM(LlamaConfig(**benchmark.LLAMA_3B))
    assert sum(one.numel() for one in network.parameters()) == 3_212_749_824


def test_the_toy_goes_through_every_kind_of_case_once(benchmark, tmp_path, capsys):
    data = tmp_path / "rows.jsonl"
    data.write_text("\n".join(json.dumps(q.to_row()) for q in QUERIES) + "\n", encoding="utf-8")
    out = tmp_path / "out"
    cases = ["ours-qlora", "ours-lora-unpacked", "trl-qlora", "answer-nf4-batch-1"]
    arguments = ["--tiny", "--out", str(out), "--data", str(data), "--only", *cases]
    assert benchmark.main(arguments) == 0
    results = json.loads((out / "results.json").read_text("utf-8"))
    assert list(results) == cases
    for name in cases[:3]:
        assert results[name]["tokens_per_second"] > 0
        assert results[name]["steps"] == 1
    assert results["trl-qlora"]["tokens"] == results["ours-qlora"]["tokens"]
    assert 0 < results[cases[3]]["p50_ms"] <= results[cases[3]]["p95_ms"]
    table = capsys.readouterr().out
    assert "ours-qlora " in table
    # what is done is not done again
    marked = {**results, "ours-qlora": {**results["ours-qlora"], "steps": 99}}
    (out / "results.json").write_text(json.dumps(marked), encoding="utf-8")
    assert benchmark.main(arguments) == 0
    assert json.loads((out / "results.json").read_text("utf-8")) == marked
