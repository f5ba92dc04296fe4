"""Grammar files: linking, and errors that name file, line and slot."""

import pytest

from moviequery.errors import GrammarError
from moviequery.schema import EntityType, Intent
from moviequery.synthesis.grammar import Grammar
from moviequery.synthesis.template import Choice, walk_slots

GOOD = """
[[frame]]
id = "rec.plain"
intent = "rec"
text = "<greeting>, any {review} {genre} films <by>?"

[clauses]
by = ["by {director}", "with {actor}"]

[words]
greeting = ["hi", "hello"]

[lexicon]
review = ["must see", "good"]
"""

PINNED = '[[frame]]\nid = "rec.pin"\nintent = "rec"\ntext = "any {genre} films?"'


def test_links_clauses_and_words():
    grammar = Grammar.parse({"a.toml": GOOD})
    (frame,) = grammar.frames
    assert frame.intent is Intent.REC
    assert {slot.type.value for slot in walk_slots(frame.template)} == {
        "review",
        "genre",
        "director",
        "actor",
    }
    clauses = [node.clause for node in frame.template if isinstance(node, Choice)]
    assert clauses == ["", "by"]  # words leave no trace in the provenance, clauses do
    assert grammar.lexicon == {EntityType.REVIEW: ("must see", "good")}
    assert grammar.count_skeletons() == 4


def test_files_may_use_each_others_clauses(tmp_path):
    frame, rest = GOOD.split("[clauses]")
    (tmp_path / "a.toml").write_text(frame)
    (tmp_path / "b.toml").write_text("[clauses]" + rest)
    assert len(Grammar.read(tmp_path / "a.toml", tmp_path / "b.toml").frames) == 1
    with pytest.raises(GrammarError, match="<greeting>"):
        Grammar.read(tmp_path / "a.toml")


def test_fingerprint_follows_the_content_and_not_the_place():
    one = Grammar.parse({"a.toml": GOOD}).fingerprint
    assert Grammar.parse({"b.toml": GOOD}).fingerprint == one
    assert Grammar.parse({"a.toml": GOOD.replace("hello", "hey")}).fingerprint != one


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("{genre}", "{genr}", 5, "unknown type 'genr'; did you mean 'genre'?"),
        ("{actor}", "{actor of a}", 5, "{title a}"),
        ("{actor}", "{actor", 8, "'}' is missing"),
        ("<by>", "<bye>", 5, "<bye> is in no"),
        ('"hello"', '"<greeting>"', 11, "leads back to itself"),
        ('intent = "rec"', 'intent = "buy"', 5, "neither rec nor non_rec"),
        ('intent = "rec"', 'intent = "rec"\nstyle = "loud"', 6, "style 'loud'"),
        ('intent = "rec"', 'intent = "rec"\nweight = 0', 6, "weight 0"),
        ('intent = "rec"', 'intent = "rec"\ncolour = "red"', 6, "colour"),
        ('["hi", "hello"]', '"hi"', 11, "list of texts"),
        ('["hi", "hello"]', "[]", 11, "list of texts"),
        ('intent = "rec"', 'intent = "rec"\nweight = nan', 6, "weight nan"),
        ("{actor}", "(" * 3000 + "{actor}" + ")" * 3000, 8, "brackets within each other"),
        ('review = ["must see", "good"]', 'genre = ["drama"]', 14, "come from the graph"),
        ('review = ["must see", "good"]', "", 5, "needs words in [lexicon]"),
    ],
)
def test_errors_name_file_line_and_slot(old, new, line, reason):
    assert old in GOOD
    with pytest.raises(GrammarError) as error:
        Grammar.parse({"mine.toml": GOOD.replace(old, new)})
    assert f"mine.toml, line {line}:" in str(error.value)
    assert reason in str(error.value)


def test_broken_toml_is_named_with_its_line():
    with pytest.raises(GrammarError, match=r"mine\.toml: not valid TOML.*line 2"):
        Grammar.parse({"mine.toml": "[[frame]]\nid = \n"})


def test_a_frame_id_stands_once():
    with pytest.raises(GrammarError, match=r"rec\.plain.*already"):
        Grammar.parse({"a.toml": GOOD, "b.toml": GOOD.split("[clauses]")[0]})


def test_no_frames_and_unknown_tables_are_refused():
    with pytest.raises(GrammarError, match=r"no \[\[frame\]\]"):
        Grammar.parse({"a.toml": "[words]\nx = ['y']"})
    with pytest.raises(GrammarError, match="unknown tables"):
        Grammar.parse({"a.toml": "[frames]\n"})


def test_missing_or_binary_file_is_one_clear_error(tmp_path):
    with pytest.raises(GrammarError, match=r"nowhere\.toml"):
        Grammar.read(tmp_path / "nowhere.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(GrammarError, match="UTF-8"):
        Grammar.read(tmp_path / "binary.toml")


@pytest.mark.parametrize("text", ["frame = 'x'", "frame = ['x']", "[frame]", "clauses = 'x'"])
def test_a_table_of_another_form_is_refused(text):
    with pytest.raises(GrammarError, match=r"mine\.toml, line 1: .* must be a table headed \["):
        Grammar.parse({"mine.toml": text})


def test_a_long_chain_of_references_is_refused():
    words = "\n".join(f'w{number} = ["<w{number + 1}>"]' for number in range(500))
    frame = '[[frame]]\nid = "x"\nintent = "rec"\ntext = "<w0>"\n'
    with pytest.raises(GrammarError, match="references within each other"):
        Grammar.parse({"mine.toml": f'{frame}[words]\n{words}\nw500 = ["end"]\n'})


def test_a_file_may_name_the_split_of_its_frames():
    grammar = Grammar.parse({"a.toml": GOOD, "b.toml": f'split = "train"\n{PINNED}'})
    splits = {frame.id: frame.split for frame in grammar.frames}
    assert splits == {"rec.plain": "", "rec.pin": "train"}


def test_the_split_of_a_file_is_a_name():
    with pytest.raises(GrammarError, match=r"a\.toml.*name of a split"):
        Grammar.parse({"a.toml": f"split = 3\n{GOOD}"})
