"""Near-duplicates of an earlier text, beside a count over all pairs."""

from hypothesis import given
from hypothesis import strategies as st

from moviequery.synthesis.near_duplicates import count_near_duplicates


def grams(text):
    return {text.lower()[i : i + 5] for i in range(max(1, len(text) - 4))}


@given(st.lists(st.text("ab", min_size=1, max_size=14), max_size=12))
def test_the_count_is_that_over_all_pairs(texts):
    expected = 0
    for position, text in enumerate(texts):
        own = grams(text)
        expected += any(
            10 * len(own & grams(other)) >= 8 * len(own | grams(other))
            for other in texts[:position]
        )
    assert count_near_duplicates(texts) == expected


def test_every_text_after_the_first_of_a_group_counts():
    text = "is there a film about a lighthouse keeper and his dog"
    assert count_near_duplicates([text, f"{text}?", f"{text}!", "who made Heat"]) == 2
