"""The grammar that comes with the library: its breadth, and that it labels what it says."""

import re
from collections import Counter
from itertools import pairwise
from math import prod

import pytest

from moviequery.knowledge.concepts import Concepts
from moviequery.knowledge.normalisation import fold
from moviequery.schema import ENTITY_TYPES, EntityType, Intent
from moviequery.synthesis.grammar import STYLES, Grammar
from moviequery.synthesis.template import (
    LEXICAL_TYPES,
    Choice,
    Composed,
    Slot,
    certain_slots,
    parse_template,
    walk_slots,
)


@pytest.fixture(scope="module")
def grammar():
    return Grammar.bundled()


def literals(template):
    """Yield every run of words between slots."""
    for node in template:
        if isinstance(node, Choice):
            for option in node.options:
                yield from literals(option)
        elif isinstance(node, str):
            yield node


def count_bare(template):
    """Return the number of ways through a template that meet no slot."""
    if any(isinstance(node, (Slot, Composed)) for node in template):
        return 0
    return prod(sum(map(count_bare, node.options)) for node in template if isinstance(node, Choice))


def test_there_are_frames_of_both_intents_in_like_number(grammar):
    counts = Counter(frame.intent for frame in grammar.frames)
    assert min(counts.values()) >= 100
    # the intent is drawn first; what is not a wish has more kinds: facts, errands, descriptions
    assert max(counts.values()) <= 1.6 * min(counts.values())


def test_ids_are_distinct_and_sorted(grammar):
    assert all(first.id < second.id for first, second in pairwise(grammar.frames))


def test_each_style_has_frames_of_both_intents_where_it_can(grammar):
    held = {(frame.style, frame.intent) for frame in grammar.frames}
    # who describes a film to be named does not ask what to watch
    assert held == {(s, i) for s in STYLES for i in Intent} - {("trivia", Intent.REC)}


def test_every_entity_type_occurs_in_both_intents_where_it_can(grammar):
    held = {
        intent: {
            slot.type
            for frame in grammar.frames
            if frame.intent is intent
            for slot in walk_slots(frame.template)
        }
        for intent in Intent
    }
    assert held[Intent.NON_REC] == set(ENTITY_TYPES)
    # whoever asks to see a trailer does not ask for a film to watch
    assert held[Intent.REC] == set(ENTITY_TYPES) - {EntityType.TRAILER}


def test_what_is_not_wanted_is_asked_for_in_many_types(grammar):
    negated = {
        slot.type for frame in grammar.frames for slot in walk_slots(frame.template) if slot.negated
    }
    assert negated >= {
        EntityType.TITLE,
        EntityType.GENRE,
        EntityType.MOOD,
        EntityType.ACTOR,
        EntityType.THEME,
        EntityType.YEAR,
        EntityType.SETTING,
    }


@pytest.mark.parametrize(
    "text",
    [
        "I loved {title a}. Any recommendations along those lines?",
        "Can you recommend a movie (about {plot}|about {theme})?",
        "Are there any good {genre} films set in {setting}?",
    ],
)
def test_the_papers_examples_of_grammar_are_frames(grammar, text):
    templates = [frame.template for frame in grammar.frames if frame.intent is Intent.REC]
    assert parse_template(text) in templates


@pytest.mark.parametrize(
    "text",
    [
        "Who directed '{title a}' and what other films has he made?",
        "Can you provide information on the production company behind '{title a}'?",
    ],
)
def test_the_papers_examples_of_other_questions_are_frames(grammar, text):
    templates = [frame.template for frame in grammar.frames if frame.intent is Intent.NON_REC]
    assert parse_template(text) in templates


def test_choices_give_a_million_texts_before_any_slot_is_filled(grammar):
    assert grammar.count_skeletons() >= 10**6


def test_texts_without_any_slot_are_many(grammar):
    for frame in grammar.frames:
        assert count_bare(frame.template) == 0 or count_bare(frame.template) >= 1000, frame.id


def test_no_frame_is_drawn_much_more_often_than_its_fellows(grammar):
    for intent in Intent:
        weights = [frame.weight for frame in grammar.frames if frame.intent is intent]
        assert max(weights) / sum(weights) <= 0.015


def test_no_frame_always_asks_for_more_than_three_facts_of_one_film(grammar):
    for frame in grammar.frames:
        facts = Counter(
            slot.film
            for slot in certain_slots(frame.template)
            if not slot.names_film and not slot.is_lexical
        )
        assert all(count <= 3 for count in facts.values()), frame.id


def test_the_lexicon_has_many_words_for_each_type(grammar):
    assert {key.partition(":")[0] for key in grammar.lexicon} == set(LEXICAL_TYPES)
    for key, words in grammar.lexicon.items():
        assert len(set(words)) >= (20 if ":" in key else 25)
        assert all(word == word.strip() for word in words)


def test_words_of_the_lexicon_are_never_left_unlabelled(grammar):
    words = {word for kind in LEXICAL_TYPES for word in grammar.lexicon[kind]}
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words)))})\b(?!-)", re.IGNORECASE)
    found = {
        (frame.id, match[0])
        for frame in grammar.frames
        for text in literals(frame.template)
        for match in pattern.finditer(text)
    }
    assert not found


def test_words_of_the_lexicon_are_no_concepts(grammar):
    concepts = Concepts.bundled().concepts.values()
    said = {fold(word) for concept in concepts for word in (concept.label, *concept.alternatives)}
    said -= {"classic"}  # a genre where it stands alone, an opinion in "this comedy classic"
    words = {word for held in grammar.lexicon.values() for word in held}
    assert not said & {fold(word) for word in words if not word.isdecimal()}


def test_slots_never_touch(grammar):
    def check(template, frame_id):
        for first, second in pairwise(template):
            assert not (isinstance(first, Slot) and isinstance(second, Slot)), frame_id
        for node in template:
            if isinstance(node, Choice):
                for option in node.options:
                    check(option, frame_id)

    for frame in grammar.frames:
        check(frame.template, frame.id)
