"""Phrases that several facts write together: one span, resting on all of its facts."""

import re
from dataclasses import replace
from random import Random

import pytest
from catalogue_fixtures import small_graph

from moviequery.errors import GrammarError, GroundingError
from moviequery.knowledge.graph import MovieGraph
from moviequery.schema import EntityType, Intent, Movie
from moviequery.synthesis.builder import SyntheticQueryBuilder
from moviequery.synthesis.filling import fill_frame
from moviequery.synthesis.grammar import Frame, Grammar
from moviequery.synthesis.grounding import check
from moviequery.synthesis.kinds import _read_kinds, find_kind_words
from moviequery.synthesis.sampling import FactSampler
from moviequery.synthesis.template import (
    FORMS,
    KIND_FORMS,
    Composed,
    count_skeletons,
    parse_slot,
)

FRAME = """
[[frame]]
id = "what.story"
intent = "non_rec"
style = "trivia"
text = "what {genre} film is about {plot:story}"

[plots]
story = ["a {theme} and {theme} {setting:place}"]
"""
SPLITS = {"train": 1.0}


def walk_nodes(template):
    """Yield every node, those within choices too."""
    for node in template:
        yield node
        for option in getattr(node, "options", ()):
            yield from walk_nodes(option)


def build(text=FRAME, graph=None):
    return SyntheticQueryBuilder(
        graph or small_graph(), Grammar.parse({"a": text}), splits=SPLITS, noise=0, habits=False
    )


def test_a_composed_phrase_is_one_entity_with_all_its_facts():
    query = build().row(0)
    plot = query.entities[-1]
    assert (plot.type, plot.iri) == (EntityType.PLOT, None)
    facts = [re.findall(r"<([^>]*)>", triple) for triple in query.provenance.triples]
    predicates = sorted(
        predicate.rpartition(":")[2].rpartition("/")[2] for _, predicate, _ in facts
    )
    assert predicates == ["about", "about", "genre", "setting"]
    for _, predicate, value in facts:
        if "genre" not in predicate:
            assert value.rpartition(":")[2].replace("-", " ") in plot.text.replace("-", " ")


def test_grounding_refuses_a_phrase_of_which_one_fact_is_not_held():
    builder = build()
    query = builder.row(0)
    assert check(query, builder.graph) is query
    other = query.provenance.triples[1].rpartition(":")[0] + ":cheese>"
    triples = (query.provenance.triples[0], other, *query.provenance.triples[2:])
    wrong = replace(query, provenance=replace(query.provenance, triples=triples))
    with pytest.raises(GroundingError, match="no plot called"):
        check(wrong, builder.graph)
    with pytest.raises(GroundingError, match="no plot called"):
        check(replace(query, provenance=None), builder.graph)


def test_grounding_refuses_a_phrase_that_names_none_of_its_facts():
    builder = build()
    query = builder.row(0)
    plot = query.entities[-1]
    text = f"{query.text[: plot.start]}zyzzyx"
    entity = replace(plot, text="zyzzyx", end=plot.start + 6)
    with pytest.raises(GroundingError):
        check(
            replace(query, text=text, entities=(*query.entities[:-1], entity), parts=()),
            builder.graph,
        )


def test_articles_and_spaces_within_a_phrase_are_right():
    film = Movie("X", 2001, themes=("ambition", "honor"), settings=("Rome",), genres=("drama",))
    text = FRAME.replace("a {theme} and", "a  {theme:idea} and").replace("and {theme}", "and a cat")
    query = build(text, MovieGraph.from_movies([film])).row(0)
    assert query.entities[-1].text in (
        "an ambition and a cat in rome",
        "an honor and a cat in rome",
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[plots]", "[moods]", "unknown tables"),
        ("story = [", "tale = [", "has no 'tale'"),
        ("{setting:place}", "{title a}", "cannot stand in a pattern"),
        ("{setting:place}", "{not setting}", "cannot stand in a pattern"),
        ("{setting:place}", "{plot:story}", "leads back to itself"),
        ("{plot:story}", "{not plot:story}", "of the wanted film alone"),
        ("{plot:story}", "{plot:story-clause}", "needs 'story-clause'"),
    ],
)
def test_wrong_patterns_are_refused(old, new, reason):
    with pytest.raises(GrammarError, match=re.escape(reason)):
        Grammar.parse({"a": FRAME.replace(old, new, 1)})


def test_the_ways_through_patterns_count():
    text = FRAME.replace('["a {theme}', '["two {theme}", "(one|no) {theme}", "a {theme}')
    (frame,) = Grammar.parse({"a": text}).frames
    assert count_skeletons(frame.template) == 4


def test_kinds_are_forms_and_name_what_the_vocabulary_has():
    index = MovieGraph.bundled().index
    held = {(node.kind, node.label) for node in index.nodes.values()}
    for key, words in _read_kinds().items():
        slot = parse_slot(key)
        assert slot.form in KIND_FORMS and slot.form in FORMS[slot.type]
        assert {(slot.type.value, label) for label in words} <= held
        assert all(
            forms and all(form == form.strip() for form in forms) for forms in words.values()
        )


def test_a_place_takes_its_preposition():
    assert find_kind_words("setting:place", "World War II")[0] == "during world war ii"
    assert find_kind_words("setting:place", "New York") == ("in New York",)
    assert find_kind_words("setting:place", "Greek island") == ()


def test_every_bundled_pattern_can_be_filled():
    index = MovieGraph.bundled().index
    sampler = FactSampler(index, range(len(index.films)))
    templates = {}
    for frame in Grammar.bundled().frames:
        for node in walk_nodes(frame.template):
            if isinstance(node, Composed) and node.slot.type is EntityType.PLOT:
                (choice,) = node.template
                templates.setdefault(node.slot.form, choice.options)
    assert sum(map(len, templates.values())) >= 150
    for form, patterns in templates.items():
        for number, pattern in enumerate(patterns):
            frame = Frame(f"{form}.{number}", Intent.NON_REC, pattern, "trivia")
            rng = Random(number)
            filled = (fill_frame(frame, index, sampler, {}, rng) for _ in range(40))
            assert any(filled), (form, number)
