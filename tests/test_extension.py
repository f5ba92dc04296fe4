"""New frames by a language model: what is taken, what is refused and why, and what it costs."""

from __future__ import annotations

import json

import pytest
from film_shelf import make_graph
from scripted_frames import GRAMMAR

from moviequery import Grammar, SyntheticQueryBuilder
from moviequery.errors import WriterError
from moviequery.schema import Intent
from moviequery.synthesis.extension_checks import FrameChecker
from moviequery.synthesis.extension_plan import Plan
from moviequery.synthesis.extension_prompt import ExtensionPrompt, bundled_text
from moviequery.synthesis.families import Family, list_families
from moviequery.synthesis.proposals import Proposal, read_proposals
from moviequery.synthesis.refusals import Refusal
from moviequery.synthesis.template import parse_slot, parse_template

GOOD = "my sister keeps on about {theme}, so which {genre} film should we put on?"


@pytest.fixture(scope="module")
def graph():
    return make_graph()


@pytest.fixture
def checker(graph):
    builder = SyntheticQueryBuilder(graph, Grammar.parse({"g.toml": GRAMMAR}), 7, {"train": 1.0})
    return FrameChecker(builder)


def make_family(*slots, intent=Intent.REC, style="chat"):
    return Family(intent, style, tuple(map(parse_slot, slots)))


PAIR = make_family("genre", "theme")


def judge(checker, text, family=PAIR, intent=""):
    """Return the reason why a frame is refused; nothing where it is taken."""
    try:
        checker.take(Proposal(family, text, {}, intent))
    except Refusal as refusal:
        return refusal.kind
    return ""


def test_a_frame_that_keeps_its_slots_and_can_be_filled_is_taken_once(checker):
    assert judge(checker, GOOD) == ""
    assert judge(checker, GOOD) == "near-duplicate"
    assert judge(checker, GOOD.replace("my sister", "my sisters")) == "near-duplicate"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("what {gnre} film is there about {theme}, do you think?", "unreadable"),
        ("what {genre} film is there about {theme, do you think?", "unreadable"),
        ("what <adjective> {genre} film is there about {theme}?", "unreadable"),
        ("a {plot:story} in some {genre} film about {theme}, please", "unreadable"),
        ("which {genre} film should my sister and I see next?", "slots"),
        ("a {genre} film on {theme}, maybe one by {director}?", "slots"),
        ("a (|{genre}) film that turns on {theme}, for my sister", "slots"),
        ("we are after {genre}{theme} films, any ideas at all?", "slots"),
        ("{genre} or again {genre}, as long as it has {theme}", "slots"),
        ("a brilliant {genre} film that turns on {theme} please", "unlabelled"),
        ("a {genre} film on {theme} like they made in the 80s", "unlabelled"),
        ("something from 1994 with {theme} in it, {genre} if you can", "unlabelled"),
        ("a film by Michael Mann on {theme}, {genre} I guess", "unlabelled"),
        ("a heist film, or {genre}, in which {theme} matters most", "unlabelled"),
        ("any good {genre} film about {theme} for tonight?", "near-duplicate"),
    ],
)
def test_what_is_not_fit_is_refused_with_its_reason(checker, text, reason):
    assert judge(checker, text) == reason


def test_every_way_through_the_choices_is_looked_at(checker):
    open_ended = "my (aunt|uncle|sister|mother) wants a {genre} film in which {theme} decides"
    assert judge(checker, open_ended) == ""
    trap = "tell my (aunt|uncle|sister) which (odd|long|brilliant) {genre} film sells {theme}"
    assert judge(checker, trap) == "unlabelled"


def test_words_that_existing_frames_leave_unlabelled_are_everyday_words(checker):
    assert judge(checker, "is there a {genre} film on {theme} that kids will sit through?") == ""


def test_a_frame_whose_facts_no_film_holds_is_refused(checker):
    family = make_family("song", "theme")
    text = "that film on {theme} where somebody hums {song} all day"
    assert judge(checker, text, family) == "cannot be filled"


def test_the_intent_is_the_one_that_was_asked_for(graph):
    builder = SyntheticQueryBuilder(graph, Grammar.parse({"g.toml": GRAMMAR}), 7, {"train": 1.0})

    def read(texts):
        return [Intent.NON_REC if text.startswith("Who") else None for text in texts]

    checker = FrameChecker(builder, read)
    assert judge(checker, GOOD, intent="non_rec") == "intent"
    assert judge(checker, "who put {theme} into that {genre} film we saw?") == "intent"
    assert judge(checker, GOOD, intent="rec") == ""


def read_all(reply, family=PAIR):
    text = reply if isinstance(reply, str) else json.dumps(reply)
    return list(read_proposals(text, family, ExtensionPrompt.bundled().schema))


def test_clauses_go_along_under_names_of_their_own(checker):
    frame = {"intent": "rec", "text": "<opening> a {genre} film on {theme}  <when>?"}
    clauses = [
        {"name": "opening", "variants": ["could I see", "would you find me", "<wish> to get"]},
        {"name": "wish", "variants": ["I hope", "how"]},
        {"name": "when", "variants": ["after work", "on the train"]},
        {"name": "idle", "variants": ["never used"]},
    ]
    (proposal,) = read_all({"frames": [frame], "clauses": clauses})
    assert len(proposal.clauses) == 3
    assert all(name.startswith("extended_") for name in proposal.clauses)
    frame = checker.take(proposal)
    assert frame.template[0].clause in proposal.clauses
    # the same words under another name are the same clause
    clauses[2]["name"] = "later"
    again = {"intent": "rec", "text": "{theme} it is, in a {genre} film <later>"}
    (other,) = read_all({"frames": [again], "clauses": clauses})
    assert set(other.clauses) < set(proposal.clauses)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "no JSON"),
        ("I would rather not.", "no JSON"),
        ('{"frames": [{"intent": "rec", "te', "no JSON"),
        ({"frame": []}, "wrong schema"),
        ({"frames": [{"intent": "rec", "text": 7}]}, "wrong schema"),
        ({"frames": [{"intent": "rec", "text": "x"}], "clauses": {"a": ["b"]}}, "wrong schema"),
    ],
)
def test_a_reply_that_holds_no_frames_is_refused_whole(reply, reason):
    with pytest.raises(Refusal) as refusal:
        read_all(reply)
    assert refusal.value.kind == reason


def test_a_frame_that_no_file_could_hold_is_refused_alone():
    texts = ["", "a" * 500, "any\x00{genre} film", "<loop> {genre}", "<nowhere> {genre}", GOOD]
    clauses = [{"name": "loop", "variants": ["<loop>"]}]
    frames = [{"intent": "rec", "text": text} for text in texts]
    *refused, good = read_all({"frames": frames, "clauses": clauses})
    kinds = [refusal.kind for refusal in refused]
    assert kinds == ["form", "form", "form", "unreadable", "unreadable"]
    assert good.text == GOOD


def test_families_are_those_of_the_grammar():
    families = list_families(Grammar.parse({"g.toml": GRAMMAR}))
    assert (
        make_family("director of a", "title a", intent=Intent.NON_REC, style="search")
        not in families
    )
    assert make_family("title a", intent=Intent.NON_REC, style="search") in families
    assert PAIR in families


def test_the_prompt_says_what_is_asked_and_can_be_replaced(tmp_path):
    grammar = Grammar.parse({"g.toml": GRAMMAR})
    request = next(Plan(ExtensionPrompt.bundled(), grammar, "m").requests())
    system, asked = request.messages
    assert '"frames"' in system["content"] and "$" not in asked["content"]
    own = tmp_path / "mine.toml"
    own.write_text(bundled_text().replace("Write $n new frames.", "Frames wanted: $n."), "utf-8")
    prompt = ExtensionPrompt.read(own)
    assert "Frames wanted: 8." in prompt.ask(request.family, [], 8)[1]["content"]
    assert prompt.fingerprint != ExtensionPrompt.bundled().fingerprint
    for old, new, fault in (
        ("$slots", "$slot", "names 'slot'"),
        ('required = ["frames"]', 'oneOf = ["frames"]', "'oneOf'"),
        ("[styles]", "[manners]", "styles"),
    ):
        own.write_text(bundled_text().replace(old, new, 1), "utf-8")
        with pytest.raises(WriterError, match=fault):
            ExtensionPrompt.read(own)


def test_templates_are_written_as_they_are_read():
    from random import Random

    from moviequery.synthesis.skeletons import draw_skeleton

    text = "a {not genre} film {year:decade of a} like {not title a}"
    assert draw_skeleton(parse_template(text), Random(0)) == text
