"""Reading answers: what strict and lenient take, and which gold is refused."""

from __future__ import annotations

import pytest

from moviequery.metrics.macro_f1.answers import (
    ReferenceFormatError,
    choose_fields,
    read_answer,
    read_reference,
)


@pytest.mark.parametrize(
    ("text", "lenient_values"),
    [
        ('Sure! {"titles": ["Heat"]} Enjoy.', {"heat"}),
        ('```json\n{"titles": ["Heat"]}\n```', {"heat"}),
        ('{"titles": ["Heat"]} {"titles": ["Alien"]}', {"heat"}),
        ('{"titles": "Heat"}', {"heat"}),
        ('{"titles": null}', set()),
        ('{"titles": [1917]}', {"1917"}),
        ('[{"titles": ["Heat"]}]', {"heat"}),
        ('{"titles": ["Heat"], "intent": null}', {"heat"}),
        ('{"titles": [true]}', None),
        ('{"titles": [["Heat"]]}', None),
        ('{"titles": {"name": "Heat"}}', None),
        ('{"titles": ["Heat"], "intent": 1}', None),
        ('{"titles": ["Heat"', None),
        ("{'titles': ['Heat']}", None),
        ("Heat", None),
        ("", None),
        (None, None),
        ("null", None),
        ("[" * 100_000, None),
        ('{"a":' * 100_000, None),
        ('{"titles": [' + "9" * 10_000 + "]}", None),
    ],
)
def test_strict_reads_none_of_these_and_lenient_forgives_the_listed_slips(text, lenient_values):
    assert read_answer(text) is None
    answer = read_answer(text, lenient=True)
    assert (answer and set(answer.values["titles"])) == lenient_values


def test_both_ways_read_a_good_answer_alike():
    text = '{"intent": " REC ", "titles": ["Heat"], "genres": []}'
    answer = read_answer(text)
    assert answer == read_answer(text, lenient=True)
    assert answer is not None
    assert answer.intent == "rec"
    assert answer.values == {"titles": frozenset({"heat"}), "genres": frozenset()}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not JSON", "Expecting value"),
        ('{"title": ["Heat"]}', r"fields \['title'\]"),
        ('{"intent": "maybe"}', "intent 'maybe'"),
        ('{"titles": "Heat"}', "not a list of strings: 'Heat'"),
    ],
)
def test_gold_that_is_wrong_is_refused_with_its_row(text, reason):
    with pytest.raises(ReferenceFormatError, match=rf"reference 1 is not a gold answer \({reason}"):
        read_reference(text, row=1)


def test_fields_are_chosen_once_each_in_the_order_given():
    assert choose_fields(["years", "titles", "years"]) == ("years", "titles")
    assert choose_fields([]) == ()
