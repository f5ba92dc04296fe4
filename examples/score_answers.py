"""Macro-F1 over the JSON answers of any model: what it counts, and what it does with bad JSON.

python examples/score_answers.py
"""

from __future__ import annotations

from moviequery.metrics.scores import format_answers, score_answers

REFERENCES = [
    '{"intent": "rec", "titles": ["Heat"], "genres": ["heist"]}',
    '{"intent": "non_rec", "titles": ["Up"]}',
    '{"intent": "rec", "genres": ["comedy"], "moods": ["dark"]}',
]
PREDICTIONS = [
    '{"intent": "rec", "titles": ["heat"], "genres": ["heist"]}',
    '{"intent": "rec", "titles": ["Up"]}',
    'Sure! Here is the JSON: {"intent": "rec", "genres": ["comedy"]}',
]


def main() -> None:
    """Score strictly, then after cutting the JSON out of the prose around it."""
    for lenient in (False, True):
        print(f"lenient={lenient}")
        print(format_answers(score_answers(PREDICTIONS, REFERENCES, lenient=lenient)))
        print()


if __name__ == "__main__":
    main()
