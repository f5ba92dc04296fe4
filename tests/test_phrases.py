"""Plots are told apart by their shape, and places get the article that English wants."""

import pytest

from moviequery.knowledge.index import Film, GraphIndex, Node
from moviequery.schema import EntityType
from moviequery.synthesis.phrases import find_article, is_sentence
from moviequery.synthesis.styles import write_pieces
from moviequery.synthesis.surface import say_value, supports_form
from moviequery.synthesis.template import Slot


@pytest.mark.parametrize(
    "label",
    [
        "a tramp falls in love",
        "a frozen spy wakes up decades later",
        "two hitmen retrieve a briefcase",
        "rebels fight machines that enslave humanity",
        "an underfunded club wins twenty games in a row",
        "a man with bipolar disorder meets a widow",
        "a boy and his dog must cross a desert",
        "the ring is carried to Mount Doom",
        "Jewish soldiers hunt Nazis",
        "police tail a contract killer",
        "a couple go through a bitter divorce",
    ],
)
def test_sentences(label):
    assert is_sentence(label)


@pytest.mark.parametrize(
    "label",
    [
        "time travel",
        "cars",
        "insider trading",
        "a nose that grows with every lie",
        "a man mistaken for the Messiah",
        "a nerd with rules for staying alive",
        "a hero who wants a quiet life",
        "lovers parted by revolution",
        "prisoners forced to play Russian roulette",
        "an artificial man with blades for hands",
        "three young men the day after a riot",
        "the rise of the Nazis",
        "a couple trapped in a lift",
        "Manhattan turned into a prison",
        "a champion's rise and fall",
        "",
    ],
)
def test_noun_phrases(label):
    assert not is_sentence(label)


@pytest.mark.parametrize(
    ("before", "label", "article"),
    [
        ("a film set in ", "small town", "a "),
        ("Set in ", "enchanted castle", "a "),
        ("set in ", "cabin in the woods", "a "),
        ("set in ", "near future", "the "),
        ("dreaming of ", "Vietnam War", "the "),
        ("films from ", "United States", "the "),
        ("set in ", "outer space", ""),
        ("set in ", "high school", ""),
        ("set in ", "New York City", ""),
        ("set in ", "a galaxy far, far away", ""),
        ("set in ", "World War II", ""),
        ("did it win ", "palme d'or", "the "),
        ("a film that won ", "golden globe", "a "),
        ("did it win ", "best picture", ""),
        ("a ", "golden globe", ""),
        ("with a ", "small town", ""),
        ("horror ", "small town", ""),
        ("", "small town", ""),
    ],
)
def test_articles(before, label, article):
    assert find_article(label, before) == article


def test_a_plot_is_said_in_the_form_that_fits_it():
    labels = ["a tramp falls in love", "a nose that grows with every lie", "time travel"]
    nodes = [
        Node(f"urn:x:{number}", "plot", label, (), (), (), ())
        for number, label in enumerate(labels)
    ]
    facts = {EntityType.PLOT: tuple(node.iri for node in nodes)}
    index = GraphIndex([Film("urn:x:film", "A", 1999, "movie", (), facts, 0.0, False)], nodes)
    said = {
        form: [
            say_value(index, slot, node.iri, None)
            for node in nodes
            if supports_form(index, slot, node.iri)
        ]
        for form in ("", "clause")
        for slot in [Slot(EntityType.PLOT, form)]
    }
    assert said[""] == ["a nose that grows with every lie", "time travel"]
    assert said["clause"] == ["a tramp falls in love", "a nose grows with every lie"]


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([("watch ", None), ("Airplane!", 0), (".", None)], "Watch Airplane!"),
        ([("like ", None), ("Up.", 0), (". any ideas?", None)], "Like Up. Any ideas?"),
        ([("is ", None), ("Love.", 0), (" on the telly?", None)], "Is Love. on the telly?"),
        ([("who is in ", None), ("Art Thou?", 0), ("?", None)], "Who is in Art Thou?"),
        ([("who made ", None), ("Mother!", 0), ("?", None)], "Who made Mother!?"),
        ([("I saw '", None), ("Up.", 0), ("'. any ideas?", None)], "I saw 'Up.'. Any ideas?"),
    ],
)
def test_marks_after_titles_that_end_in_one(pieces, text):
    assert write_pieces(pieces, "chat")[0] == text
