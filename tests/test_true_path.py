"""The whole way in one test, without mocks: table, graph, queries, QLoRA, parser, Macro-F1."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from tiny_llama import save_tiny_llama

from moviequery import MovieGraph, Recommender, SyntheticQueryBuilder, read_catalogue
from moviequery.metrics.scores import score_answers, score_entities
from moviequery.modeling.parser import QueryParser
from moviequery.modeling.prompts import ENTITY_PROMPT, INTENT_PROMPT
from moviequery.modeling.qlora import QLoRAConfig, train_qlora
from moviequery.schema import EntityType

pytestmark = pytest.mark.slow
pytest.importorskip("trl")

FILMS = """title,year,genres,director,cast
Heat,1995,"Crime, Thriller",Michael Mann,"Al Pacino, Robert De Niro"
Alien,1979,"Horror, Science Fiction",Ridley Scott,"Sigourney Weaver, John Hurt"
Jaws,1975,"Adventure, Thriller",Steven Spielberg,"Roy Scheider, Robert Shaw"
Fargo,1996,"Crime, Drama",Joel Coen,"Frances McDormand, Steve Buscemi"
Clueless,1995,"Comedy, Romance",Amy Heckerling,"Alicia Silverstone, Paul Rudd"
Rushmore,1998,"Comedy, Drama",Wes Anderson,"Bill Murray, Jason Schwartzman"
Amélie,2001,"Comedy, Romance",Jean-Pierre Jeunet,Audrey Tautou
Gladiator,2000,"Action, Drama",Ridley Scott,"Russell Crowe, Joaquin Phoenix"
The Matrix,1999,"Action, Science Fiction",Lana Wachowski,"Keanu Reeves, Carrie-Anne Moss"
Spirited Away,2001,"Animation, Fantasy",Hayao Miyazaki,Rumi Hiiragi
Unforgiven,1992,"Western, Drama",Clint Eastwood,"Clint Eastwood, Gene Hackman"
Chicago,2002,"Musical, Crime",Rob Marshall,"Renée Zellweger, Richard Gere"
"""
# The recipe is the real one. A base that is random and frozen in 4 bits has to be adapted in every
# layer of the paper's Table I, at a higher rate, and to see its few rows many times.
TABLE_I = ("q_proj", "k_proj", "v_proj", "o_proj", "up_proj", "down_proj", "gate_proj")
CONFIG = QLoRAConfig(
    target_modules=TABLE_I,
    r=64,
    alpha=128,
    dropout=0.0,
    learning_rate=1.5e-3,
    max_steps=260,
    batch_size=1,
    gradient_accumulation=1,
    pack_length=1024,
    gradient_checkpointing=False,
    save_steps=100,
    logging_steps=10,
)
INTENT_CONFIG = replace(CONFIG, task="intent", max_steps=160)


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    table = tmp_path_factory.mktemp("table") / "films.csv"
    table.write_text(FILMS, encoding="utf-8")
    return MovieGraph.from_movies(read_catalogue(table))


@pytest.fixture(scope="module")
def queries(graph):
    return SyntheticQueryBuilder(graph, seed=7, splits={"train": 1.0}).build(32)


@pytest.fixture(scope="module")
def base(queries, tmp_path_factory):
    texts = [query.text for query in queries]
    return save_tiny_llama(
        tmp_path_factory.mktemp("base"), [*texts, ENTITY_PROMPT, INTENT_PROMPT], hidden=256
    )


@pytest.fixture(scope="module")
def trained(queries, base, tmp_path_factory):
    output = tmp_path_factory.mktemp("trained") / "OUT"
    reports = train_qlora(queries, replace(CONFIG, task="entities"), base, output)
    # two answers are learnt sooner than any number of them
    return output, reports | train_qlora(queries, INTENT_CONFIG, base, output)


def test_a_trained_model_is_perfect_on_its_rows_and_its_base_is_not(graph, queries, base, trained):
    texts = [query.text for query in queries]
    output, _ = trained
    parsed = QueryParser.from_pretrained(output, graph=graph).parse(texts)
    scores = score_answers(parsed, queries)
    assert scores["macro_f1"] == 1.0
    assert scores["intent"]["macro_f1"] == 1.0
    assert scores["parse_rate"] == 1.0
    assert score_entities(queries, parsed).macro_f1 == 1.0

    untrained = QueryParser.from_pretrained(base, tasks=["entities"]).parse(texts)
    assert score_answers(untrained, queries)["macro_f1"] < 0.1

    gold = {e.text: e.iri for q in queries for e in q.entities if e.type is EntityType.TITLE}
    linked = {e.text: e.iri for q in parsed for e in q.entities if e.type is EntityType.TITLE}
    # a parse names no film for a title with a slip; a search finds it all the same
    assert {text: iri for text, iri in linked.items() if iri}.items() <= gold.items()
    assert {text for text, iri in linked.items() if iri}
    recommender = Recommender(graph, encoder=None)
    found = {
        entity.text: match and match.iri
        for query in parsed
        for entity, match in zip(query.entities, recommender.link(query.entities), strict=True)
        if entity.type is EntityType.TITLE
    }
    assert found == gold


def test_the_result_is_plain_and_complete(trained, base):
    output, reports = trained
    assert sorted(path.name for path in output.iterdir()) == ["entities", "intent"]
    for task, report in reports.items():
        folder = output / task
        names = {path.name for path in folder.iterdir()}
        assert names >= {
            "adapter_config.json",
            "adapter_model.safetensors",
            "chat_template.jinja",
            "loss.jsonl",
            "loss.png",
            "metrics.json",
            "tokenizer.json",
            "training_config.json",
        }
        assert not [name for name in names if name.endswith((".bin", ".pt", ".pkl"))]
        adapter = json.loads((folder / "adapter_config.json").read_text("utf-8"))
        assert adapter["base_model_name_or_path"] == base
        assert set(adapter["target_modules"]) == set(TABLE_I)
        assert json.loads((folder / "metrics.json").read_text("utf-8")) == report.to_dict()
        losses = [json.loads(line) for line in (folder / "loss.jsonl").open(encoding="utf-8")]
        assert [row["step"] for row in losses] == list(range(10, report.steps + 1, 10))
        assert losses[-1]["loss"] < losses[0]["loss"] / 4


def test_a_finished_training_is_not_done_again(queries, base, trained):
    output, reports = trained
    assert train_qlora(queries, INTENT_CONFIG, base, output) == {"intent": reports["intent"]}


PLAIN = """
import json, sys
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

base, adapter, system, text = sys.argv[1:]
quantized = BitsAndBytesConfig(
    load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
    bnb_4bit_compute_dtype=torch.bfloat16,
)
model = AutoModelForCausalLM.from_pretrained(
    base, quantization_config=quantized, dtype=torch.bfloat16
)
model = PeftModel.from_pretrained(model, adapter)
tokenizer = AutoTokenizer.from_pretrained(adapter)
messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt")
reply = model.generate(**ids, max_new_tokens=60, do_sample=False)[0, ids["input_ids"].shape[1]:]
assert not [name for name in sys.modules if name.startswith("moviequery")]
print(json.dumps(tokenizer.decode(reply, skip_special_tokens=True)))
"""


def test_plain_peft_loads_an_adapter_and_answers(queries, base, trained):
    output, _ = trained
    query = next(query for query in queries if len(query.entities) > 1)
    arguments = [base, str(output / "entities"), ENTITY_PROMPT, query.text]
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(json.loads(done.stdout.splitlines()[-1]))
    assert answer == {k: v for k, v in json.loads(query.to_json()).items() if k != "intent"}
