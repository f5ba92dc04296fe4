"""Answers held to their schema, whatever the model would rather write."""

import json
import random

import jsonschema
import pytest
from tiny_llama import make_tokenizer

from moviequery.modeling.decoding import (
    MAX_CHARACTERS,
    MAX_ITEMS,
    AnswerGrammar,
    answer_schema,
    span_grammar,
)
from moviequery.modeling.prompts import ENTITY_PROMPT, from_reply
from moviequery.schema import FIELDS, canonical_json

pytest.importorskip("llguidance")
torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer([ENTITY_PROMPT, '{"titles":["Amélie"],"genres":["heist"]}'])


@pytest.fixture(scope="module")
def grammars(tokenizer):
    stop = [tokenizer.convert_tokens_to_ids(t) for t in ("<|eot_id|>", "<|end_of_text|>")]
    return {task: AnswerGrammar(tokenizer, task, stop) for task in ("entities", "intent")}


def reads(grammars, tokenizer, task, text):
    return grammars[task].reads(tokenizer(text, add_special_tokens=False)["input_ids"])


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"titles":["Heat","Up"],"years":["90s"]}',
        '{"quotes":["\\"Say hello\\" \\\\ hm\\n"]}',
        '{"titles":["Amélie","千と千尋"]}',
        '{"titles":["Heat"]}<|eot_id|>',
        canonical_json({field: ["x"] for field in FIELDS}),
        canonical_json({"genres": ["x" * MAX_CHARACTERS] * MAX_ITEMS}),
    ],
)
def test_answers_are_read(grammars, tokenizer, text):
    assert reads(grammars, tokenizer, "entities", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        " {}",
        '{"titles": ["Heat"]}',
        '{"titles":[]}',
        '{"titles":[""]}',
        '{"titles":"Heat"}',
        '{"films":["Heat"]}',
        '{"genres":["war"],"titles":["Heat"]}',
        '{"titles":["Heat"],"titles":["Up"]}',
        '{"titles":["Heat"]',
        canonical_json({"genres": ["x" * (MAX_CHARACTERS + 1)]}),
        canonical_json({"genres": ["x"] * (MAX_ITEMS + 1)}),
    ],
)
def test_what_is_no_answer_is_not_read(grammars, tokenizer, text):
    assert not reads(grammars, tokenizer, "entities", text)


def test_an_intent_is_one_of_two_words(grammars, tokenizer):
    for intent in ("rec", "non_rec"):
        assert reads(grammars, tokenizer, "intent", f'{{"intent":"{intent}"}}')
    for text in ('{"intent":"maybe"}', '{"intent": "rec"}', "{}", '{"intent":"rec","x":1}'):
        assert not reads(grammars, tokenizer, "intent", text)


TEXTS = (
    'Anything like "Heat\'s" or Amélie?',
    "a\\b \n 千と千尋 of \ud800 the nineties",
    "\t \n",
    "x" * 200 + " short",
)


@pytest.mark.parametrize(
    ("answer", "is_taken"),
    [
        ("{}", True),
        ('{"titles":["Heat"]}', True),
        ('{"titles":["Heat\'s"],"genres":["Amélie","Amélie?"]}', True),
        ('{"titles":["like \\"Heat"]}', True),
        ('{"titles":["Hea"]}', False),
        ('{"titles":["heat"]}', False),
        ('{"titles":["Up"]}', False),
        ('{"titles":[" "]}', False),
        ('{"titles":["Heat "]}', False),
        ('{"titles":[""]}', False),
        ('{"titles":["Heat"],"titles":["Amélie"]}', False),
        ('{"genres":["Heat"],"titles":["Amélie"]}', False),
        (canonical_json({"titles": ["Heat"] * MAX_ITEMS}), True),
        (canonical_json({"titles": ["Heat"] * (MAX_ITEMS + 1)}), False),
    ],
)
def test_values_are_words_of_the_text(grammars, tokenizer, answer, is_taken):
    tokens = tokenizer(answer, add_special_tokens=False)["input_ids"]
    matcher = grammars["entities"].start(TEXTS[0])
    count = matcher.try_consume_tokens(tokens)
    assert (count == len(tokens) and matcher.is_accepting()) == is_taken


def test_a_grammar_of_any_text_is_one(grammars):
    llguidance = pytest.importorskip("llguidance")
    for text in (*TEXTS, "", '"', "{}", "/ & | \x00 %regex"):
        grammar = llguidance.LLMatcher.grammar_from_lark(span_grammar(text))
        assert not llguidance.LLMatcher.validate_grammar(grammar)


@pytest.mark.parametrize("task", ["entities", "intent"])
@pytest.mark.parametrize("seed", range(10))
def test_whatever_the_scores_the_answers_are_valid(grammars, tokenizer, task, seed):
    """Rows take random tokens among those left to them, as a random model would."""
    rng = random.Random(seed)
    rows, width = len(TEXTS), len(tokenizer) + 7  # logits may be wider than the vocabulary
    constraint = grammars[task].constrain(TEXTS)
    closing = set(tokenizer.convert_tokens_to_ids(['"', '"]', '"]}', "]", "]}", "}"]))
    written = [[] for _ in range(rows)]
    ended = [False] * rows
    for _ in range(20_000):
        scores = constraint.mask(torch.zeros((rows, width)))
        for row in range(rows):
            if ended[row]:
                continue
            allowed = torch.isfinite(scores[row]).nonzero()[:, 0].tolist()
            assert allowed
            assert max(allowed) < len(tokenizer)
            close = [token for token in allowed if token in closing]
            # strings would be at their bounds nearly always if they did not also end at will
            token = rng.choice(close if close and rng.random() < 0.2 else allowed)
            written[row].append(token)
            ended[row] = constraint.take(row, token)
        if all(ended):
            break
    assert all(ended)
    for text, row in zip(TEXTS, written, strict=True):
        reply = tokenizer.decode(row, skip_special_tokens=True)
        jsonschema.validate(json.loads(reply), answer_schema(task))
        from_reply(task, reply)
        if task == "entities":
            values = [value for own in json.loads(reply).values() for value in own]
            # half a character is one that nobody can write
            assert all(value in text.replace("\ud800", " ") for value in values)


def test_rows_end_at_their_brace_each_on_its_own(grammars, tokenizer):
    constraint = grammars["entities"].constrain(["Up", "Up"])
    short = tokenizer("{}", add_special_tokens=False)["input_ids"]
    long = tokenizer('{"titles":["Up"]}', add_special_tokens=False)["input_ids"]
    assert [constraint.take(0, token) for token in short] == [*[False] * (len(short) - 1), True]
    assert torch.isfinite(constraint.mask(torch.zeros(2, len(tokenizer)))[0]).all()
    assert [constraint.take(1, token) for token in long] == [*[False] * (len(long) - 1), True]
