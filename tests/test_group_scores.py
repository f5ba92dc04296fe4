"""Scores by group: what is counted where, and that groups add up to the whole."""

import pytest

from moviequery.errors import EvaluationError
from moviequery.metrics.group_scores import score_groups
from moviequery.metrics.scores import score_entities
from moviequery.schema import Entity, EntityType, Intent, ParsedQuery, Query

HEIST = Entity(EntityType.GENRE, "heist", 4, 9)
NOIR = Entity(EntityType.GENRE, "noir", 4, 8)
GOLD = [
    Query("any heist film", Intent.REC, (HEIST,)),
    Query("any noir film", Intent.REC, (NOIR,)),
    Query("any heist show", Intent.REC, (HEIST,)),
]
FOUND = [
    ParsedQuery(GOLD[0].text, Intent.REC, entities=(HEIST,)),
    ParsedQuery(GOLD[1].text, Intent.REC),
    ParsedQuery(GOLD[2].text, Intent.REC, entities=(HEIST,)),
]
GROUPS = [{"age": ["old"]}, {"age": ["old", "new"]}, {"age": ["new"]}]


def test_each_group_is_scored_on_its_rows():
    scores = score_groups(GOLD, FOUND, GROUPS)["age"]
    assert list(scores) == ["new", "old"]
    assert scores["old"] == score_entities(GOLD[:2], FOUND[:2])
    assert scores["new"] == score_entities(GOLD[1:], FOUND[1:])
    assert scores["old"].micro_f1 == pytest.approx(2 / 3)


def test_groups_that_part_the_rows_add_up_to_the_whole():
    parted = [{"place": [name]} for name in "aba"]
    scores = score_groups(GOLD, FOUND, parted)["place"]
    assert scores["a"] + scores["b"] == score_entities(GOLD, FOUND)


def test_a_group_named_twice_counts_once():
    assert score_groups(GOLD[:1], FOUND[:1], [{"age": ["old", "old"]}])["age"]["old"].rows == 1


@pytest.mark.parametrize(
    ("found", "groups"), [(FOUND[:2], GROUPS), (FOUND, GROUPS[:2]), (FOUND[::-1], GROUPS)]
)
def test_what_does_not_belong_together_is_refused(found, groups):
    with pytest.raises(EvaluationError):
        score_groups(GOLD, found, groups)


def test_nothing_has_no_groups():
    assert score_groups([], [], []) == {}
