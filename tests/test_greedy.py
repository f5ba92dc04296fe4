"""Our greedy loop against that of transformers."""

from __future__ import annotations

import pytest
from movie_queries import QUERIES
from tiny_llama import make_model, make_tokenizer

from moviequery.modeling.greedy import write_greedily
from moviequery.modeling.prompt_prefix import make_cache

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

LENGTH = 12


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer([query.text for query in QUERIES], vocabulary=400)


@pytest.fixture(scope="module")
def model(tokenizer):
    return make_model(tokenizer, hidden=32).eval()


@pytest.mark.parametrize("lengths", [(7,), (5, 5), (9, 1, 4)])
def test_it_writes_what_transformers_writes(model, tokenizer, lengths):
    torch.manual_seed(1)
    width, pad = max(lengths), 5
    ids = torch.randint(10, len(tokenizer), (len(lengths), width))
    mask = torch.ones_like(ids)
    for row, length in enumerate(lengths):
        ids[row, : width - length], mask[row, : width - length] = pad, 0
    free = write_greedily(model, ids, mask, make_cache(model), LENGTH, [])
    # a token that a row would write stops it
    for stop_ids in ([], [free[0][3]]):
        theirs = model.generate(
            input_ids=ids,
            attention_mask=mask,
            generation_config=transformers.GenerationConfig(
                do_sample=False,
                max_new_tokens=LENGTH,
                eos_token_id=stop_ids or None,
                pad_token_id=pad,
            ),
        )
        expected = []
        for row in theirs[:, width:].tolist():
            ends = [place for place, token in enumerate(row) if token in stop_ids]
            expected.append(row[: ends[0]] if ends else row)
        assert write_greedily(model, ids, mask, make_cache(model), LENGTH, stop_ids) == expected


def test_an_adapter_takes_part(model, tokenizer):
    peft = pytest.importorskip("peft")
    import copy

    adapted = peft.get_peft_model(
        copy.deepcopy(model),
        peft.LoraConfig(target_modules=["v_proj"], init_lora_weights=False, task_type="CAUSAL_LM"),
    ).eval()
    ids = torch.arange(10, 17)[None]
    mask = torch.ones_like(ids)
    written = [
        write_greedily(one, ids, mask, make_cache(one), LENGTH, [])
        for one in (model, adapted, adapted.merge_and_unload())
    ]
    assert written[1] == written[2] != written[0]
