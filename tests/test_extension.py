"""New frames by a language model: what is taken, what is refused and why, and what it costs."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

import pytest
from film_shelf import make_graph
from scripted_server import Answer, ScriptedServer

from moviequery import Grammar, SyntheticQueryBuilder
from moviequery.cli import main
from moviequery.errors import WriterError
from moviequery.schema import Intent, Query
from moviequery.synthesis.extension import extend_grammar
from moviequery.synthesis.extension_checks import FrameChecker
from moviequery.synthesis.extension_plan import Plan
from moviequery.synthesis.extension_prompt import ExtensionPrompt
from moviequery.synthesis.families import Family, list_families
from moviequery.synthesis.proposals import Proposal, read_proposals
from moviequery.synthesis.refusals import Refusal
from moviequery.synthesis.replies import ReplyLog
from moviequery.synthesis.template import parse_slot, parse_template
from moviequery.synthesis.writers import Reply

GRAMMAR = """
[[frame]]
id = "rec.genre"
intent = "rec"
text = "(any good|some nice) {genre} films about {theme} for tonight?"

[[frame]]
id = "rec.like"
intent = "rec"
text = "I really liked {title a}, what else would I enjoy?"

[[frame]]
id = "fact.director"
intent = "non_rec"
style = "search"
text = "who was the director of {title a}"

[[frame]]
id = "rec.kids"
intent = "rec"
text = "{review} {genre} films to see with my kids, please"

[[frame]]
id = "rec.kids-too"
intent = "rec"
text = "what {genre} film could the kids and I watch after school"

[[frame]]
id = "rec.kids-again"
intent = "rec"
text = "my kids are bored: which {genre} film would you put on"

[lexicon]
review = ["must see", "brilliant"]
"""
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
    own.write_text(_bundled_prompt().replace("Write $n new frames.", "Frames wanted: $n."), "utf-8")
    prompt = ExtensionPrompt.read(own)
    assert "Frames wanted: 8." in prompt.ask(request.family, [], 8)[1]["content"]
    assert prompt.fingerprint != ExtensionPrompt.bundled().fingerprint
    for old, new, fault in (
        ("$slots", "$slot", "names 'slot'"),
        ('required = ["frames"]', 'oneOf = ["frames"]', "'oneOf'"),
        ("[styles]", "[manners]", "styles"),
    ):
        own.write_text(_bundled_prompt().replace(old, new, 1), "utf-8")
        with pytest.raises(WriterError, match=fault):
            ExtensionPrompt.read(own)


def _bundled_prompt():
    from moviequery.synthesis.extension_prompt import bundled_text

    return bundled_text()


def _reply_with(messages):
    """Return a reply of eight frames, made of the slots that were asked for."""
    asked = messages[-1]["content"]
    line = next(line for line in asked.splitlines() if line.startswith("Slots"))
    slots = line.split(": ", 1)[1].split("} ")
    slots = [slot if slot.endswith("}") else slot + "}" for slot in slots]
    intent = "non_rec" if "non_rec" in asked else "rec"
    openings = ("so tell me then", "hear me out", "quick one", "it has been on my mind")
    frames = [
        {"intent": intent, "text": f"{opening}, {' beside '.join(slots)}{ending}"}
        for opening in openings
        for ending in (", is that a thing?", " would do me, or what do you say?")
    ]
    return json.dumps({"thought": "people", "frames": frames})


def test_a_killed_run_pays_for_no_reply_twice(graph, tmp_path):
    grammar = Grammar.parse({"g.toml": GRAMMAR})
    plan = Plan(ExtensionPrompt.bundled(), grammar, "scripted")

    def extend(writer, path, concurrency):
        builder = SyntheticQueryBuilder(graph, grammar, 7, {"train": 1.0})
        with ReplyLog(path) as log:
            return extend_grammar(writer, plan, FrameChecker(builder), 20, log, concurrency)

    calls, lock = [], threading.Lock()

    def writer(messages):
        with lock:
            calls.append(messages[-1]["content"])
        return Reply(_reply_with(messages), 10, 20)

    whole = extend(writer, tmp_path / "whole.jsonl", 1)
    assert len(whole.proposals) == 20
    asked = len(calls)
    assert (whole.usage.requests, whole.usage.prompt_tokens, whole.kept) == (asked, 10 * asked, 0)

    def breaks(messages):
        if len(calls) == asked + 1:
            raise WriterError("the credit is used up", lasting=True)
        return writer(messages)

    with pytest.raises(WriterError, match="1 replies are kept in .*the same command goes on"):
        extend(breaks, tmp_path / "cut.jsonl", 1)
    with (tmp_path / "cut.jsonl").open("ab") as file:
        file.write(b'{"key": "half a li')
    again = extend(writer, tmp_path / "cut.jsonl", 3)
    assert again.proposals == whole.proposals
    assert again.kept == 1
    assert set(calls[asked:]) >= set(calls[:asked])
    assert len(calls[asked:]) == len(set(calls[asked:]))  # none was asked for twice

    rerun = extend(None, tmp_path / "whole.jsonl", 2)  # nobody is asked
    assert rerun.proposals == whole.proposals
    assert rerun.usage.requests == 0


def script(payload, number):
    """Answer as language models do: well, badly, twice the same, half, or not at once."""
    key = sum(map(ord, payload["messages"][-1]["content"])) % 5
    if number == 0 and key == 0:
        return Answer(status=500)
    if key == 1:
        return Answer("Here are some frames you could use: I hope they help!")
    if key == 2:
        return Answer('{"frames": [{"intent": "rec", "text": "any {gen')
    good = json.loads(_reply_with(payload["messages"]))
    bad = [
        {"intent": "rec", "text": "who is in {tittle a} by the way?"},
        {"intent": "rec", "text": "just some brilliant film from 1999, thanks"},
    ]
    return Answer(f"```json\n{json.dumps({**good, 'frames': [*bad, *good['frames'], *bad]})}\n```")


@pytest.fixture
def files(tmp_path, graph, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)  # the server is on this machine
    (tmp_path / "g.toml").write_text(GRAMMAR, "utf-8")
    graph.write(tmp_path / "films.nq")
    return tmp_path


def extend_arguments(folder, url, out, *more):
    return [
        *("extend", "--out", str(folder / out), "--grammar", str(folder / "g.toml")),
        *("--graph", str(folder / "films.nq"), "--base-url", url, "--model", "scripted"),
        *("--n", "20", "--trust-intents", *more),
    ]


def test_the_command_extends_a_grammar_that_then_builds_rows(files, capsys):
    with ScriptedServer(script) as server:
        arguments = extend_arguments(files, server.url, "new.toml")
        assert main([*arguments, "--dry-run", "--json"]) == 0
        estimate = json.loads(capsys.readouterr().out)
        assert estimate["least"]["requests"] == 3 and estimate["most"]["requests"] == 10
        assert not server.payloads
        assert main([*arguments, "--json", "--date", "2026-01-31"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert main([*arguments]) == 2  # a finished file is left alone
        paid = len(server.payloads)
        # without the file, the replies that lie there make it again
        first = (files / "new.toml").read_text("utf-8")
        (files / "new.toml").unlink()
        assert main([*arguments, "--date", "2026-01-31"]) == 0
        assert (files / "new.toml").read_text("utf-8") == first
        assert len(server.payloads) == paid
    assert report["frames"] == 20
    assert {"no JSON", "slots", "unreadable", "near-duplicate"} >= set(report["refused"])
    assert {"no JSON", "unreadable"} <= set(report["refused"])
    assert "{tittle a}" in report["examples"]["unreadable"][0]
    assert report["usage"]["requests"] == paid
    table = Grammar.read(files / "g.toml", files / "new.toml")
    assert sum(frame.id.startswith("extended.") for frame in table.frames) == 20
    for line in ('model = "scripted"', 'date = "2026-01-31"', "prompt = "):
        assert line in first
    capsys.readouterr()
    build = ["build", str(files / "films.nq"), "--n", "60", "--splits", "train=1"]
    build += ["--grammar", str(files / "g.toml"), "--grammar", str(files / "new.toml")]
    assert main(build) == 0
    rows = [Query.from_row(json.loads(line)) for line in capsys.readouterr().out.splitlines()]
    ours = [row for row in rows if row.provenance.frame.startswith("extended.")]
    assert len(ours) > 20
    for row in ours:
        assert all(row.text[one.start : one.end] == one.text for one in row.entities)
        assert row.entities


def test_a_server_without_answers_is_one_clear_error(files, capsys):
    with ScriptedServer(lambda payload, number: Answer(status=401)) as server:
        assert main(extend_arguments(files, server.url, "new.toml")) == 2
    assert "key is not accepted" in capsys.readouterr().err
    assert not (files / "new.toml").exists()


def test_wrong_options_are_clear_errors(files, capsys):
    for more, words in (
        (["extend"], "--out"),
        (["extend", "--out", str(files / "nowhere" / "a.toml")], "no such folder"),
        (["extend", "--out", str(files / "a.toml"), "--price", "1"], "IN,OUT"),
        (["extend", "--out", str(files / "a.toml"), "--prompt", str(files / "g.toml")], "lacks"),
    ):
        assert main(more) == 2
        assert words in capsys.readouterr().err
    assert main(["extend", "--show-prompt"]) == 0
    assert capsys.readouterr().out == _bundled_prompt()


def test_two_runs_on_one_log_do_not_mix(tmp_path):
    code = "import sys; from moviequery.synthesis.replies import ReplyLog; ReplyLog(sys.argv[1])"
    with ReplyLog(tmp_path / "log.jsonl"):
        command = [sys.executable, "-c", code, str(tmp_path / "log.jsonl")]
        ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "another run is at work" in ended.stderr


def test_templates_are_written_as_they_are_read():
    from random import Random

    from moviequery.synthesis.skeletons import draw_skeleton

    text = "a {not genre} film {year:decade of a} like {not title a}"
    assert draw_skeleton(parse_template(text), Random(0)) == text
