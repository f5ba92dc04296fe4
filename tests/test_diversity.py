"""Measures of a set of texts, and the table they stand in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery.schema import Entity, EntityType, Intent, Query
from moviequery.synthesis.diversity import (
    HUMAN_ANCHORS,
    MASKED_ANCHORS,
    mask_entities,
    measure_variety,
    render_varieties,
    replace_spans,
)


def encode_by_first_letter(texts):
    return np.eye(26)[[ord(text[0]) - ord("a") for text in texts]]


def test_measures_by_hand():
    variety = measure_variety(["a film", "a film", "a dog, sad"])
    assert (variety.texts, variety.unique) == (3, 2)
    assert variety.words == 8 / 3
    # a film a film a dog , sad; (a film) (a film) (a dog) (dog ,) (, sad)
    assert variety.distinct == (5 / 8, 4 / 5, 1, 1)
    assert variety.spread is None


def test_meanings_come_from_the_encoder():
    pytest.importorskip("vendi_score")
    variety = measure_variety(["a film", "a dog", "b", "c"], encode_by_first_letter)
    assert variety.spread.vendi == pytest.approx(2**1.5)
    assert variety.to_dict()["spread"]["chamfer"] == pytest.approx(1 / 2)


def test_one_text_is_too_few():
    with pytest.raises(ValueError, match="at least 2"):
        measure_variety(["a film"])


def test_every_entity_is_masked_by_its_type():
    text = "Heat or heist films by Mann"
    spans = ((EntityType.TITLE, 0, 4), (EntityType.GENRE, 8, 13), (EntityType.DIRECTOR, 23, 27))
    entities = tuple(Entity(kind, text[start:end], start, end) for kind, start, end in spans)
    assert mask_entities(Query(text, Intent.REC, entities)) == "title or genre films by director"


@given(st.lists(st.tuples(st.text("ab ", max_size=4), st.text("xy", max_size=4)), max_size=6))
def test_what_stands_outside_the_spans_stays(pieces):
    text, spans = "", []
    for outside, inside in pieces:
        text += outside
        spans.append((len(text), len(text) + len(inside), "TYPE"))
        text += inside
    spans = [span for span in spans if span[0] < span[1]]
    expected = "".join(outside + ("TYPE" if inside else "") for outside, inside in pieces)
    assert replace_spans(text, spans[::-1]) == expected


def test_table_has_a_row_of_equal_width_for_each_set():
    rows = {"ours": measure_variety(["a film", "a dog"]), **HUMAN_ANCHORS, **MASKED_ANCHORS}
    lines = render_varieties(rows).splitlines()
    assert len(lines) == 1 + len(rows)
    assert len({len(line) for line in lines}) == 1
    assert all(line.startswith(name) for line, name in zip(lines[1:], rows, strict=True))
    assert lines[1].split()[-3:] == ["-", "-", "-"]
