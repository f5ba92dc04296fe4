"""Years and decades as people say them."""

import pytest

from moviequery.knowledge.years import SPOKEN_DECADES, parse_years


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("1995", (1995, 1995)),
        ("the 90s", (1990, 1999)),
        ("'90s", (1990, 1999)),
        ("90's", (1990, 1999)),
        ("1990s", (1990, 1999)),
        ("2010s", (2010, 2019)),
        ("Nineties", (1990, 1999)),
        ("the late sixties", (1960, 1969)),
        ("1980 to 1985", (1980, 1985)),
        ("between 1999 and 1991", (1991, 1999)),
        ("recent", None),
        ("", None),
        ("12345", None),
        ("00s", None),
        ("10s", None),
        ("room 237", None),
    ],
)
def test_parse_years(text, years):
    assert parse_years(text) == years


def test_every_decade_word_means_ten_years():
    for word, first in SPOKEN_DECADES.items():
        assert parse_years(word) == (first, first + 9)
