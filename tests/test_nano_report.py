"""The shipped run on the nano base: its report is its results, its adapters say what it says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from moviequery.evaluation.report import read_results, render_report
from moviequery.modeling.nano.folder import find_nano
from moviequery.modeling.prompts import TASKS

REPORT = Path(__file__).parents[1] / "reports" / "nano"
pytestmark = pytest.mark.skipif(not REPORT.exists(), reason="no run is shipped here")

# What anybody would write with transformers and peft alone.
PLAIN = """
import json, sys
sys.modules["moviequery"] = None
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base, adapter, asked, most = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(base)
model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
model = PeftModel.from_pretrained(model, adapter).eval()
replies = []
for messages in json.loads(asked):
    prompt = tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    stop = tokenizer.convert_tokens_to_ids("<|eot_id|>")
    with torch.inference_mode():
        output = model.generate(
            **prompt, do_sample=False, max_new_tokens=int(most), eos_token_id=stop,
            pad_token_id=stop,
        )
    new = output[0, prompt["input_ids"].shape[1]:]
    replies.append(tokenizer.decode(new, skip_special_tokens=True))
print(json.dumps(replies))
"""


@pytest.fixture(scope="module")
def results():
    return read_results(REPORT)


def test_the_report_is_rendered_from_the_results(results):
    pictures = sorted(path.name for path in REPORT.glob("*.png"))
    assert {"entities.png", "intent.png", "loss-entities.png", "loss-intent.png"} <= set(pictures)
    assert (REPORT / "report.md").read_text("utf-8") == render_report(results, pictures)


def test_base_and_fine_tuned_have_the_figures_that_others_read(results):
    for name in ("base", "fine_tuned"):
        system = results[name]
        assert 0 <= system["parse_rate"] <= 1
        assert 0 <= system["intent"]["macro_f1"] <= 1
        assert all(field in system for field in ("titles", "genres", "plots", "themes"))
        assert 0 < system["latency_ms"]["p50"] <= system["latency_ms"]["p95"]


def test_only_small_files_are_shipped():
    sizes = {path: path.stat().st_size for path in REPORT.rglob("*") if path.is_file()}
    # seven layers at rank 32, in fp32
    assert max(sizes.values()) < 4_000_000
    assert {path.suffix for path in sizes} <= {".json", ".md", ".png", ".safetensors"}


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_the_adapters_give_the_same_answers_without_this_library(results, task):
    pytest.importorskip("peft")
    system = {"role": "system", "content": results["system_prompts"][task]}
    examples = results["examples"]
    asked = [[system, {"role": "user", "content": one["prompts"][task]}] for one in examples]
    said = [one["fine_tuned"][task] for one in examples]
    most = str(results["preset"]["max_new_tokens"])
    arguments = [str(find_nano()), str(REPORT / "adapters" / task), json.dumps(asked), most]
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == said
