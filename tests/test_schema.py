"""The value types: round trips, exact spans, the paper's answer form."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery.schema import (
    ENTITY_TYPES,
    FIELDS,
    Entity,
    EntityType,
    Intent,
    ParsedQuery,
    Part,
    Provenance,
    Query,
    canonical_json,
)

texts = st.text(max_size=20)


@st.composite
def queries(draw):
    """Queries with spans at random places, through any Unicode."""
    text = draw(st.text(min_size=1, max_size=60))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    entities = tuple(
        Entity(
            draw(st.sampled_from(ENTITY_TYPES)),
            text[start:end],
            start,
            end,
            draw(st.none() | texts),
            draw(st.booleans()),
            draw(st.none() | st.integers(0, 3)),
        )
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    )
    middle = draw(st.integers(0, len(text)))
    parts = (Part(0, middle, Intent.REC), Part(middle, len(text), Intent.NON_REC))
    provenance = Provenance(
        draw(st.integers(0)),
        draw(st.integers()),
        "train",
        draw(texts),
        tuple(draw(st.lists(texts))),
    )
    return Query(
        text,
        draw(st.sampled_from(Intent)),
        entities,
        draw(st.sampled_from([(), parts])),
        draw(st.sampled_from([None, provenance])),
    )


@given(queries())
def test_row_round_trip(query):
    assert Query.from_row(query.to_row()) == query
    assert Query.from_row(json.loads(canonical_json(query.to_row()))) == query


@given(queries())
def test_span_text_equals_the_entity(query):
    for entity in query.entities:
        assert query.text[entity.start : entity.end] == entity.text


@given(queries())
def test_answer_lists_every_entity_once_in_order(query):
    answer = json.loads(query.to_json())
    assert next(iter(answer)) == "intent"
    assert [field for field in FIELDS if field in answer] == list(answer)[1:]
    for entity_type in ENTITY_TYPES:
        said = [entity.text for entity in query.entities if entity.type is entity_type]
        assert answer.get(entity_type.field, []) == list(dict.fromkeys(said))


def test_answer_by_hand():
    text = "French films like Heat, then Up and heat"
    spans = [("country", "French"), ("title", "Heat"), ("title", "Up")]
    entities = tuple(
        Entity(EntityType(kind), words, text.index(words), text.index(words) + len(words))
        for kind, words in spans
    )
    assert (
        ParsedQuery(text, Intent.REC, entities=entities).to_json()
        == '{"intent":"rec","titles":["Heat","Up"],"countries":["French"]}'
    )
    assert ParsedQuery(text, None).to_json() == "{}"


@pytest.mark.parametrize(
    "entities",
    [
        (Entity(EntityType.TITLE, "Heat", 0, 4),),
        (Entity(EntityType.TITLE, "like Heat", 0, 9), Entity(EntityType.TITLE, "Heat", 5, 9)),
        (Entity(EntityType.TITLE, "Heat", 5, 9), Entity(EntityType.TITLE, "like", 0, 4)),
        (Entity(EntityType.TITLE, "Heat", 5, 10),),
        (Entity(EntityType.TITLE, "Heat", -4, 9),),
        (Entity(EntityType.TITLE, "", 5, 5),),
    ],
)
def test_spans_that_lie_are_refused(entities):
    with pytest.raises(ValueError, match="span"):
        Query("like Heat", Intent.REC, entities)


def test_a_query_has_one_part_unless_told_otherwise():
    assert Query("hello", Intent.NON_REC).parts == (Part(0, 5, Intent.NON_REC),)
