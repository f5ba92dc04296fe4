"""The typed columns, and the way between queries and rows."""

from __future__ import annotations

import datasets
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviequery.corpus.features import features, from_example, to_example
from moviequery.errors import DatasetError
from moviequery.schema import ENTITY_TYPES, Entity, EntityType, Intent, Part, Provenance, Query

WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@st.composite
def queries(draw):
    """Any valid query: spans cut anywhere, labels and provenance drawn freely."""
    text = draw(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    entities = tuple(
        Entity(
            type=draw(st.sampled_from(ENTITY_TYPES)),
            text=text[start:end],
            start=start,
            end=end,
            iri=draw(st.none() | WORDS),
            negated=draw(st.booleans()),
            about=draw(st.none() | st.integers(0, len(spans) - 1)),
        )
        for start, end in spans
    )
    middle = draw(st.integers(0, len(text)))
    intents = [draw(st.sampled_from(list(Intent))) for _ in range(3)]
    parts = (Part(0, middle, intents[0]), Part(middle, len(text), intents[1]))
    names = st.lists(WORDS, max_size=3).map(tuple)
    provenance = st.builds(
        Provenance,
        index=st.integers(0, 2**40),
        seed=st.integers(-(2**40), 2**40),
        split=WORDS,
        frame=WORDS,
        clauses=names,
        films=names,
        triples=names,
        style=WORDS,
        origin=WORDS,
        trap=st.booleans(),
    )
    return Query(
        text=text,
        intent=intents[2],
        entities=entities,
        parts=draw(st.sampled_from([(), parts])),
        provenance=draw(st.none() | provenance),
    )


@given(queries())
def test_a_row_gives_its_query_back(query):
    assert from_example(to_example(query)) == query


@given(queries())
def test_a_row_with_names_for_labels_gives_its_query_back(query):
    assert from_example(query.to_row()) == query


@settings(max_examples=25, deadline=None)
@given(st.lists(queries(), min_size=1, max_size=5))
def test_rows_pass_through_a_dataset_unchanged(rows):
    dataset = datasets.Dataset.from_list([to_example(query) for query in rows], features())
    assert dataset.features == features()
    assert [from_example(row) for row in dataset] == rows


def test_columns_and_labels_have_their_order():
    columns = features()
    assert list(columns) == ["text", "intent", "entities", "parts", "provenance"]
    assert columns["intent"].names == ["rec", "non_rec"]
    assert columns["entities"].feature["type"].names == [kind.value for kind in ENTITY_TYPES]
    query = Query(
        "heist films", Intent.NON_REC, (Entity(EntityType.GENRE, "heist", 0, 5),), provenance=None
    )
    row = to_example(query)
    assert (row["intent"], row["entities"][0]["type"], row["provenance"]) == (1, 1, None)


def test_dataset_turns_names_into_numbers():
    dataset = datasets.Dataset.from_list([Query("hi", Intent.NON_REC).to_row()], features())
    assert dataset[0]["intent"] == 1


def test_a_hand_written_row_may_leave_out_the_rest():
    row = {
        "text": "any heist movies?",
        "intent": "rec",
        "entities": [{"type": "genre", "text": "heist", "start": 4, "end": 9}],
    }
    expected = Query("any heist movies?", Intent.REC, (Entity(EntityType.GENRE, "heist", 4, 9),))
    assert from_example(row) == expected


def test_numpy_numbers_are_labels_too():
    assert from_example({"text": "hi", "intent": np.int64(1)}).intent is Intent.NON_REC


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"intent": 2}, "unknown label 2; known are rec, non_rec"),
        ({"intent": -1}, "unknown label -1"),
        ({"intent": "recommend"}, "unknown label 'recommend'"),
        ({"intent": None}, "NoneType"),
        ({"entities": [{"type": "genre", "text": "heist", "start": 0, "end": 5}]}, "span"),
        ({"entities": [{"type": "genre", "text": "heist", "start": 4}]}, "no 'end'"),
        ({"entities": ["heist"]}, "cannot be read"),
        ({"parts": [{"start": 0, "end": 3}]}, "no 'intent'"),
        ({"provenance": {"index": 3}}, "no 'clauses'"),
        ({"text": None}, "cannot be read"),
    ],
)
def test_a_wrong_row_is_a_clear_error(change, message):
    row = {"text": "any heist movies?", "intent": "rec", **change}
    with pytest.raises(DatasetError, match=message):
        from_example(row)


def test_a_missing_column_is_named():
    with pytest.raises(DatasetError, match=r"no 'text' \(columns: \['intent'\]\)"):
        from_example({"intent": "rec"})
