"""Fine-tuning Llama 3.2 3B on one GPU: memory and speed, beside a plain trl script in one run.

    python benchmarks/qlora_gpu.py                    all cases, on a CUDA GPU
    python benchmarks/qlora_gpu.py --only ours-qlora trl-qlora
    python benchmarks/qlora_gpu.py --tiny             the same code on a CPU with a toy; no figures

The architecture is that of meta-llama/Llama-3.2-3B; the weights are random, since memory and speed
do not depend on their values, and so nothing is downloaded. Every case trains one epoch of the same
rows (entities) in a process of its own. Tokens per second count real tokens, no padding, and all of
the time from the first step. `trl-*` are trl's own defaults: what
`SFTTrainer(model, train_dataset, peft_config=LoraConfig())` does. Finished cases are read from
`--out`, so that a killed run goes on.

Beside it: the paper trained on cards of 24 GB (A10, L4). torchtune publishes 4.6 GiB and 8,035
tokens / s for QLoRA of Llama 3.2 3B, packed, with torch.compile, on an A100.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

LLAMA_3B = {
    "vocab_size": 128_256,
    "hidden_size": 3_072,
    "intermediate_size": 8_192,
    "num_hidden_layers": 28,
    "num_attention_heads": 24,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 131_072,
    "rope_theta": 500_000.0,
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": True,
}
TOY = LLAMA_3B | {
    "vocab_size": 1_024,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 2_048,
}
PAPER = ("q_proj", "v_proj", "o_proj")
ALL_LINEAR = (*PAPER, "k_proj", "gate_proj", "up_proj", "down_proj")
CARD, TORCHTUNE_MEMORY, TORCHTUNE_SPEED = 24, 4.6, 8_035
ANSWER_TOKENS = 40
GIB = 1 << 30


@dataclass(frozen=True)
class Training:
    """One way to fine-tune: by our recipe, or by trl's defaults."""

    by_trl: bool = False
    four_bits: bool = True
    packing: bool = True
    modules: tuple[str, ...] = PAPER


TRAININGS = {
    "ours-qlora": Training(),
    "ours-qlora-unpacked": Training(packing=False),
    "ours-qlora-all-linear": Training(modules=ALL_LINEAR),
    "ours-lora": Training(four_bits=False),
    "ours-lora-unpacked": Training(four_bits=False, packing=False),
    "trl-qlora": Training(by_trl=True),
    "trl-lora": Training(by_trl=True, four_bits=False),
}
GENERATIONS = {
    f"answer-{name}-batch-{size}": (four_bits, size)
    for name, four_bits in (("bf16", False), ("nf4", True))
    for size in (1, 16)
}


def main(arguments: list[str] | None = None) -> int:
    """Run the cases that are not done yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="qlora-gpu", help="folder of base, adapters, results.json")
    parser.add_argument("--only", nargs="+", choices=[*TRAININGS, *GENERATIONS], metavar="CASE")
    parser.add_argument("--rows", type=int, help="rows to train on (default 1500)")
    parser.add_argument("--data", help="queries as JSONL, instead of the bundled films'")
    parser.add_argument("--tiny", action="store_true", help="a toy on the CPU: does it run at all?")
    parser.add_argument("--case", choices=[*TRAININGS, *GENERATIONS], help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    import torch

    if not options.tiny and not torch.cuda.is_available():
        print(
            "qlora_gpu: no CUDA GPU here, and these figures mean nothing without one; "
            "--tiny tries the script on the CPU",
            file=sys.stderr,
        )
        return 2
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    options.rows = options.rows or (12 if options.tiny else 1_500)
    if options.case:
        print(json.dumps(run_case(options.case, out, options)))
        return 0
    prepare(out, options)
    results = run_all(out, options)
    print(format_results(results))
    return 0


def prepare(out, options):  # noqa: ANN001, ANN201 - a benchmark's helper
    """Write the rows, and the base with its tokenizer, unless they are there."""
    rows = out / "rows.jsonl"
    if not rows.exists():
        queries = read_or_build(options)
        lines = [json.dumps(query.to_row(), ensure_ascii=False) for query in queries]
        rows.write_text("\n".join(lines) + "\n", encoding="utf-8")
    base = out / "base"
    if (base / "tokenizer_config.json").exists():  # written last
        return
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = make_tokenizer(read_rows(out), 1_024 if options.tiny else 8_192)
    torch.manual_seed(7)
    torch.set_default_dtype(torch.float32 if options.tiny else torch.bfloat16)
    with torch.device("cpu" if options.tiny else "cuda"):
        network = LlamaForCausalLM(LlamaConfig(**(TOY if options.tiny else LLAMA_3B)))
    torch.set_default_dtype(torch.float32)
    network.save_pretrained(base)
    tokenizer.save_pretrained(base)
    del network
    torch.cuda.empty_cache()


def read_or_build(options):  # noqa: ANN001, ANN201
    """Return the queries to train on."""
    if options.data:
        from moviequery.corpus.dataset import read_queries

        return [query for rows in read_queries(options.data).values() for query in rows]
    from moviequery import MovieGraph, SyntheticQueryBuilder

    return SyntheticQueryBuilder(MovieGraph.bundled(), seed=11).build(options.rows)


def read_rows(out):  # noqa: ANN001, ANN201
    """Return the queries that `prepare` wrote."""
    from moviequery.schema import Query

    lines = (out / "rows.jsonl").read_text("utf-8").splitlines()
    return [Query.from_row(json.loads(line)) for line in lines]


def make_tokenizer(queries, vocabulary):  # noqa: ANN001, ANN201
    """Return a tokenizer of Llama 3's kind; the tests have one."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from tiny_llama import make_tokenizer as make

    from moviequery.modeling.prompts import ENTITY_PROMPT, INTENT_PROMPT

    texts = [line for query in queries for line in (query.text, query.to_json())]
    return make(texts + [ENTITY_PROMPT, INTENT_PROMPT] * 50, vocabulary)


def run_all(out, options):  # noqa: ANN001, ANN201
    """Return the figures of every chosen case, each kept in `results.json` once it is done."""
    path = out / "results.json"
    results = json.loads(path.read_text("utf-8")) if path.exists() else {}
    for name in options.only or [*TRAININGS, *GENERATIONS]:
        if name in results:
            continue
        print(f"{name} ...", file=sys.stderr, flush=True)
        # a toy says nothing of memory, so it need not have a process for each case
        found = run_case(name, out, options) if options.tiny else run_apart(name, options)
        results[name] = found
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(results, indent=2), encoding="utf-8")
        temporary.replace(path)
    return results


def run_apart(name, options):  # noqa: ANN001, ANN201
    """Return the figures of one case from a process of its own; `failed` where it dies."""
    command = [sys.executable, __file__, "--out", options.out, "--case", name]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return {"failed": lines[-1] if lines else f"exit code {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def run_case(name, out, options):  # noqa: ANN001, ANN201
    """Return the figures of one case, run here."""
    if name in GENERATIONS:
        return time_answers(out, *GENERATIONS[name], tiny=options.tiny)
    training = TRAININGS[name]
    train = train_by_trl if training.by_trl else train_by_us
    return train(training, out, name, options.tiny)


def train_by_us(training, out, name, tiny):  # noqa: ANN001, ANN201
    """Return the figures of an epoch by `train_qlora`; everything not named is its default."""
    from moviequery.modeling.qlora import QLoRAConfig, train_qlora

    config = QLoRAConfig(
        task="entities",
        load_in_4bit=training.four_bits,
        packing=training.packing,
        target_modules=training.modules,
        # as many rows a step unpacked as a pack of 2,048 tokens holds
        batch_size=2 if training.packing else 16,
        max_steps=1 if tiny else None,
        epochs=1,
        save_steps=1_000_000,
        optimizer="adamw_torch" if tiny else "paged_adamw_8bit",
    )
    report = train_qlora(
        {"train": read_rows(out)}, config, str(out / "base"), out / name, overwrite=True
    )["entities"]
    return figures(report.tokens, report.seconds, report.steps, report.load_memory)


def train_by_trl(training, out, name, tiny):  # noqa: ANN001, ANN201
    """Return the figures of an epoch by trl with its defaults, as its own guide has it."""
    import datasets
    import peft
    import torch
    import transformers
    import trl

    from moviequery.modeling.prompts import to_messages

    quantised = transformers.BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
    )
    trainer = trl.SFTTrainer(
        model=str(out / "base"),
        args=trl.SFTConfig(
            output_dir=str(out / name),
            num_train_epochs=1,
            max_steps=1 if tiny else -1,
            save_strategy="no",
            report_to="none",
            use_cpu=tiny,
        ),
        train_dataset=datasets.Dataset.from_list(
            [to_messages(query, "entities") for query in read_rows(out)]
        ),
        peft_config=peft.LoraConfig(task_type="CAUSAL_LM"),
        **({"quantization_config": quantised} if training.four_bits else {}),
    )
    loaded = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0
    tokens = sum(map(len, trainer.train_dataset["input_ids"]))
    started = time.perf_counter()
    trainer.train()
    return figures(tokens, time.perf_counter() - started, trainer.state.global_step, loaded)


def figures(tokens, seconds, steps, load_memory):  # noqa: ANN001, ANN201
    """Return what a training took, with the most memory of this process."""
    import torch

    on_gpu = torch.cuda.is_available()
    return {
        "tokens": tokens,
        "seconds": seconds,
        "steps": steps,
        "tokens_per_second": tokens / seconds,
        "load_gib": load_memory / GIB,
        "peak_gib": torch.cuda.max_memory_allocated() / GIB if on_gpu else 0.0,
        "reserved_gib": torch.cuda.max_memory_reserved() / GIB if on_gpu else 0.0,
    }


def time_answers(out, four_bits, size, tiny):  # noqa: ANN001, ANN201
    """Return p50 and p95 of answers of 40 tokens, in milliseconds per batch of `size` queries."""
    import torch

    from moviequery.modeling.causal_reader import load_causal_reader
    from moviequery.modeling.model_source import find_source

    adapter = out / "ours-qlora" / "entities"
    source = find_source(adapter if adapter.exists() else out / "base", str(out / "base"))
    reader = load_causal_reader(
        source,
        load_in_4bit=four_bits,
        batch_size=size,
        # random weights write on until the budget is spent, held to the schema as usual
        max_new_tokens=4 if tiny else ANSWER_TOKENS,
    )
    texts = [query.text for query in read_rows(out)]
    rounds = 2 if tiny else 40
    times = []
    for number in range(rounds + 3):
        batch = [texts[(number * size + place) % len(texts)] for place in range(size)]
        started = time.perf_counter()
        reader.reply("entities", batch)  # its text reaches the CPU, so the GPU has finished
        times.append(1_000 * (time.perf_counter() - started))
    times = sorted(times[3:])
    on_gpu = torch.cuda.is_available()
    return {
        "p50_ms": times[len(times) // 2],
        "p95_ms": times[min(len(times) - 1, len(times) * 95 // 100)],
        "batch": size,
        "peak_gib": torch.cuda.max_memory_allocated() / GIB if on_gpu else 0.0,
    }


def format_results(results):  # noqa: ANN001, ANN201
    """Return the results as text."""
    lines = ["training               load GiB  peak GiB  tokens/s  against trl-qlora  24 GB card"]
    peer = results.get("trl-qlora", {}).get("tokens_per_second")
    for name in (name for name in TRAININGS if name in results):
        one = results[name]
        if "failed" in one:
            lines.append(f"{name:<22} {one['failed']}")
            continue
        ratio = f"{one['tokens_per_second'] / peer:.2f}" if peer else "-"
        fits = "fits" if one["reserved_gib"] < CARD else "does not fit"
        lines.append(
            f"{name:<22} {one['load_gib']:8.2f}  {one['peak_gib']:8.2f}  "
            f"{one['tokens_per_second']:8.0f}  {ratio:>17}  {fits}"
        )
    lines.append(f"torchtune (A100)       {'':8}  {TORCHTUNE_MEMORY:8.2f}  {TORCHTUNE_SPEED:8}")
    for name in (name for name in GENERATIONS if name in results):
        one = results[name]
        lines.append(
            f"{name:<22} {one['failed']}"
            if "failed" in one
            else f"{name:<22} p50 {one['p50_ms']:.0f} ms, p95 {one['p95_ms']:.0f} ms, "
            f"peak {one['peak_gib']:.2f} GiB"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
