"""System prompts, messages and replies."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviequery.errors import ModelError
from moviequery.modeling.prompts import (
    ENTITY_PROMPT,
    INTENT_PROMPT,
    TASKS,
    Answer,
    from_reply,
    question,
    select_tasks,
    to_messages,
)
from moviequery.schema import ENTITY_TYPES, FIELDS, Entity, EntityType, Intent, Query

QUERY = Query(
    'any heist films like "Heat"?',
    Intent.REC,
    (
        Entity(EntityType.GENRE, "heist", 4, 9),
        Entity(EntityType.TITLE, "Heat", 22, 26),
    ),
)


def test_the_intent_prompt_is_listing_2():
    assert INTENT_PROMPT == (
        "You will receive User prompt with questions about Movies. Your task is to classify the "
        'intent among items in list ["rec", "non_rec"]. Where \'rec\' means the prompt is asking '
        "for recommendations and 'non_rec' means the prompt is asking about non-recommendations "
        "general information about movie related stuff for example: Who directed 'Forrest Gump' "
        'and what other films has he made?. Respond in json for example: {"intent": "non_rec"}'
    )


def test_the_entity_prompt_names_every_field_and_its_example_is_an_answer():
    assert json.dumps(FIELDS) in ENTITY_PROMPT
    example = ENTITY_PROMPT[ENTITY_PROMPT.rindex("{") :]
    assert from_reply("entities", example).values == (
        (EntityType.TITLE, "Forrest Gump"),
        (EntityType.GENRE, "comedy"),
    )


def test_rows_are_prompt_and_completion():
    assert to_messages(QUERY, "intent") == {
        "prompt": [
            {"role": "system", "content": INTENT_PROMPT},
            {"role": "user", "content": QUERY.text},
        ],
        "completion": [{"role": "assistant", "content": '{"intent":"rec"}'}],
    }
    row = to_messages(QUERY, "entities")
    assert row["prompt"][0]["content"] == ENTITY_PROMPT
    assert row["completion"][0]["content"] == '{"titles":["Heat"],"genres":["heist"]}'


@st.composite
def queries(draw):
    texts = draw(st.lists(st.text(min_size=1, max_size=12), max_size=6))
    entities, text = [], ""
    for value in texts:
        kind = draw(st.sampled_from(ENTITY_TYPES))
        entities.append(Entity(kind, value, len(text), len(text) + len(value)))
        text += value + " "
    return Query(text, draw(st.sampled_from(Intent)), tuple(entities))


@settings(deadline=None)
@given(queries())
def test_from_reply_is_the_inverse_of_to_messages(query):
    replies = {task: to_messages(query, task)["completion"][0]["content"] for task in TASKS}
    assert from_reply("intent", replies["intent"]) == Answer(intent=query.intent)
    read = from_reply("entities", replies["entities"])
    assert set(read.values) == {(entity.type, entity.text) for entity in query.entities}
    assert len(read.values) == len(set(read.values))


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "rec",
        '{"intent":"rec"',
        '{"intent":"maybe"}',
        '{"intent":["rec"]}',
        '{"intent":"rec","titles":[]}',
        '{"intent":"rec","intent":"rec"}',
        "{}",
        "[]",
        '{"intent": "rec"} Hope this helps!',
    ],
)
def test_a_reply_that_is_no_intent_is_refused(reply):
    with pytest.raises(ModelError):
        from_reply("intent", reply)


@pytest.mark.parametrize(
    "reply",
    [
        '{"title":["Heat"]}',
        '{"titles":"Heat"}',
        '{"titles":[1]}',
        '{"titles":[""]}',
        '{"titles":["Heat"],"titles":["Up"]}',
        '{"intent":"rec"}',
        "null",
        "[" * 100_000,
    ],
)
def test_a_reply_that_lists_no_entities_is_refused(reply):
    with pytest.raises(ModelError):
        from_reply("entities", reply)


def test_values_repeated_in_a_reply_count_once():
    assert from_reply("entities", '{"genres":["war","war"]}').values == ((EntityType.GENRE, "war"),)


def test_unknown_tasks_are_refused_with_the_choices():
    with pytest.raises(ModelError, match="'both'"):
        select_tasks("sentiment")
    with pytest.raises(ModelError, match="entities"):
        question("hello", "both")
