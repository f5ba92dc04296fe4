"""How long a causal language model takes to answer: one query at a time, and in batches.

    python benchmarks/generate.py --model OUT                 adapters that `train` wrote
    python benchmarks/generate.py --model BASE --tokens 40    any model; answers of 40 tokens
    python benchmarks/generate.py --random                    the size of the nano base, no weights

The paper wants answers in under 500 ms. Each query is timed as a user would wait for it: entities
(generated, greedy, held to the JSON schema) and intent (scored), by the clock and by the time of
the processor. One thread. The system prompt is read once for all queries; `--whole-prompt` reads
it for each, to compare.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

GOAL_P95 = 500
BATCH = 16
WARM_UP = 3


def main() -> None:
    """Print p50 and p95 of one query, and the throughput of batches."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--model", help="adapters, or a base that is only prompted")
    source.add_argument("--random", action="store_true", help="random weights of the nano's size")
    parser.add_argument("--base", help="the base of the adapters, if it is elsewhere")
    parser.add_argument("--n", type=int, default=100, help="queries (default 100)")
    parser.add_argument("--tokens", type=int, default=256, help="most tokens of an answer")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", help="default: the best there is")
    parser.add_argument("--no-4bit", action="store_true", help="do not quantise the base")
    parser.add_argument("--free", action="store_true", help="without the JSON schema")
    parser.add_argument("--whole-prompt", action="store_true", help="do not share the prompt")
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    options = parser.parse_args()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")

    import torch

    from moviequery import MovieGraph, SyntheticQueryBuilder

    torch.set_num_threads(options.threads)
    builder = SyntheticQueryBuilder(MovieGraph.bundled(), seed=11)
    queries = builder.build(options.n)
    with tempfile.TemporaryDirectory() as folder:
        model = save_random(Path(folder), queries) if options.random else options.model
        figures = measure(load(model, options), [query.text for query in queries])
    if options.json:
        print(json.dumps(figures))
        return
    print(f"{model if options.model else 'random weights'}, {options.n} queries:")
    for task, times in figures.items():
        print(show(task, times))
    print(f"goal: p95 of both together < {GOAL_P95} ms")


def load(model, options):  # noqa: ANN001, ANN201 - a benchmark's helper
    """Return the reader of the model that the options describe."""
    from moviequery.modeling.causal_reader import load_causal_reader
    from moviequery.modeling.model_source import find_source

    reader = load_causal_reader(
        find_source(model, options.base),
        device=options.device,
        batch_size=BATCH,
        load_in_4bit=False if options.no_4bit else None,
        constrained=not options.free,
        max_new_tokens=options.tokens,
    )
    reader.shares_prompt = not options.whole_prompt
    return reader


def measure(reader, texts):  # noqa: ANN001, ANN201
    """Return per task, and for both together, how long one query and all in batches take."""
    figures = {}
    tasks = reader.tasks
    for chosen in [*([task] for task in tasks), list(tasks)][: 1 if len(tasks) == 1 else None]:
        reader.tasks = tuple(chosen)
        for text in texts[:WARM_UP]:
            reader.read([text])
        walls, works, replies = [], [], []
        for text in texts:
            wall, work = time.perf_counter(), time.process_time()
            (parsed,), _ = reader.read([text])
            walls.append(1_000 * (time.perf_counter() - wall))
            works.append(1_000 * (time.process_time() - work))
            replies.append(parsed.raw)
        wall = time.perf_counter()
        reader.read(texts)
        figures["+".join(chosen)] = {
            "p50": at(walls, 50),
            "p95": at(walls, 95),
            "slowest": max(walls),
            "p50_processor": at(works, 50),
            "p95_processor": at(works, 95),
            "characters_p95": at([len(reply) for reply in replies], 95),
            "batched_per_second": len(texts) / (time.perf_counter() - wall),
        }
    reader.tasks = tasks
    return figures


def at(values, percent):  # noqa: ANN001, ANN201
    """Return the percentile of values, the nearest that occurs."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def show(task, times):  # noqa: ANN001, ANN201
    """Return one line of figures."""
    return (
        f"{task:<16} one query p50 {times['p50']:6.0f} ms, p95 {times['p95']:6.0f} ms, slowest "
        f"{times['slowest']:6.0f} ms (processor {times['p50_processor']:.0f} and "
        f"{times['p95_processor']:.0f}); batches of {BATCH}: "
        f"{times['batched_per_second']:.1f} queries / s"
    )


def save_random(folder, queries):  # noqa: ANN001, ANN201
    """Write a Llama of the nano's size and its adapters, all random; return their folder's name."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    import torch
    from tiny_llama import make_tokenizer
    from transformers import LlamaConfig, LlamaForCausalLM

    from moviequery.modeling.nano.configuration import NanoConfig
    from moviequery.modeling.prompts import ENTITY_PROMPT, INTENT_PROMPT

    size = NanoConfig()
    texts = [line for query in queries for line in (query.text, query.to_json())]
    tokenizer = make_tokenizer(texts + [ENTITY_PROMPT, INTENT_PROMPT] * 50, size.vocabulary)
    torch.manual_seed(7)
    network = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=size.hidden,
            intermediate_size=size.intermediate,
            num_hidden_layers=size.layers,
            num_attention_heads=size.heads,
            num_key_value_heads=size.kv_heads,
            max_position_embeddings=2048,
            tie_word_embeddings=True,
            initializer_range=0.08,
        )
    )
    network.save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    from peft import LoraConfig, get_peft_model

    from moviequery.modeling.configuration import QLoRAConfig
    from moviequery.modeling.prompts import TASKS

    recipe = QLoRAConfig()
    for task in TASKS:
        adapter = LoraConfig(
            r=recipe.r,
            lora_alpha=recipe.alpha,
            target_modules=list(recipe.target_modules),
            init_lora_weights=False,
            task_type="CAUSAL_LM",
            base_model_name_or_path=str(folder / "base"),
        )
        adapted = get_peft_model(network, adapter)
        adapted.save_pretrained(folder / "adapters" / task, save_embedding_layers=False)
        network = adapted.unload()
    return str(folder / "adapters")


if __name__ == "__main__":
    main()
