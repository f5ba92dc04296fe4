"""Rows behind one copy of their prompt: the loss and gradient of the rows one by one."""

import pytest
from movie_queries import QUERIES
from tiny_llama import make_model, make_tokenizer

from moviequery.errors import ModelError
from moviequery.modeling.chat import ChatFormat, Example, set_pad_token
from moviequery.modeling.configuration import QLoRAConfig
from moviequery.modeling.prompts import ENTITY_PROMPT, INTENT_PROMPT, TASKS
from moviequery.modeling.qlora import train_qlora
from moviequery.modeling.shared_prompt import collate, share_prompt

TEXTS = [query.text for query in QUERIES] + [ENTITY_PROMPT, INTENT_PROMPT]


def to_rows(packs):
    names = ("input_ids", "labels", "position_ids", "rows")
    return [{name: getattr(pack, name) for name in names} for pack in packs]


@pytest.mark.parametrize("task", TASKS)
def test_loss_and_gradient_are_those_of_the_rows_alone(task):
    torch = pytest.importorskip("torch")
    tokenizer = make_tokenizer(TEXTS)
    set_pad_token(tokenizer)
    chat = ChatFormat(tokenizer, task)
    examples = [chat.encode_example(query) for query in QUERIES]
    model = make_model(tokenizer, hidden=32).double()
    sizes = [len(example.input_ids) for example in examples]
    packs = share_prompt(examples, min(sizes) + 60)
    assert 1 < len(packs) < len(examples)
    assert sum(len(pack.input_ids) for pack in packs) < 0.6 * sum(sizes)

    def learn(batches):
        model.zero_grad()
        losses = []
        for batch in batches:
            labels = batch.pop("labels")
            logits = model(**batch, use_cache=False).logits
            losses.append(
                torch.nn.functional.cross_entropy(
                    logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
                )
            )
        sum(losses).backward()
        return sum(losses).item(), [weight.grad.clone() for weight in model.parameters()]

    together = learn([collate(to_rows(packs), tokenizer.pad_token_id)])
    alone = learn(
        [
            {"input_ids": torch.tensor([one.input_ids]), "labels": torch.tensor([one.labels])}
            for one in examples
        ]
    )
    assert together[0] == pytest.approx(alone[0], rel=1e-9)
    # softmax and rotary positions are computed in fp32, whatever the weights are
    for ours, theirs in zip(together[1], alone[1], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_packs_keep_every_row_and_the_answer_behind_its_question():
    rows = [Example([1, 2, number, 9], [-100, -100, -100, 9]) for number in (3, 4, 5)]
    packs = share_prompt(rows, 6)
    assert [pack.input_ids for pack in packs] == [[1, 2, 3, 9, 4, 9], [1, 2, 5, 9]]
    assert [pack.rows for pack in packs] == [[0, 0, 1, 1, 2, 2], [0, 0, 1, 1]]
    # one row alone: its question shares nothing with another, and is not all taken for the prompt
    (alone,) = share_prompt(rows[:1], 2)
    assert alone.rows == [0, 0, 1, 1]
    assert sum(label != -100 for pack in packs for label in pack.labels) == 3


def test_rows_go_into_packs_of_one_kind():
    with pytest.raises(ModelError, match="both put rows into packs"):
        QLoRAConfig(share_prompt=True)
    with pytest.raises(ModelError, match="might not fit into a pack"):
        QLoRAConfig(share_prompt=True, packing=False, pack_length=100)


@pytest.mark.slow
def test_the_recipe_trains_on_such_packs(tmp_path):
    pytest.importorskip("trl")
    tokenizer = make_tokenizer(TEXTS)
    make_model(tokenizer, hidden=64).save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    config = QLoRAConfig(
        task="intent",
        packing=False,
        share_prompt=True,
        max_length=512,
        pack_length=512,
        batch_size=1,
        gradient_accumulation=1,
        max_steps=12,
        learning_rate=5e-3,
        logging_steps=1,
    )
    splits = {"train": QUERIES, "validation": QUERIES[:4]}
    report = train_qlora(splits, config, str(tmp_path / "base"), tmp_path / "OUT")["intent"]
    assert report.rows == 8
    assert report.last_loss < report.first_loss
    assert report.validation_loss is not None
