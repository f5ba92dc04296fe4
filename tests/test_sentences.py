"""Tagged files: every layout reads alike, and entities are those of seqeval."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from moviequery.errors import EvaluationError
from moviequery.metrics.sentences import Sentence, read_bio, read_chunks

LABELS = ("TITLE", "GENRE", "PLOT")
all_tags = st.sampled_from(["O", *(f"{p}-{label}" for p in "BIES" for label in LABELS)])

EXPECTED = (
    Sentence(("who", "directed", "die", "hard"), ("O", "O", "B-TITLE", "I-TITLE"), line=1),
    Sentence(("heat",), ("B-TITLE",), line=6),
)


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "queries.bio"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        "who\tO\ndirected\tO\ndie\tB-TITLE\nhard\tI-TITLE\n\nheat\tB-TITLE\n",
        "O\twho\nO\tdirected\nB-TITLE\tdie\nI-TITLE\thard\n\nB-TITLE\theat\n",
        "who O\ndirected O\ndie B-TITLE\nhard I-TITLE\n\nheat B-TITLE",
        "who WP x  O\ndirected VB y O\ndie VB z B-TITLE\nhard JJ z I-TITLE\n \nheat NN z B-TITLE\n",
        "who\tO\r\ndirected\tO\r\ndie\tB-TITLE\r\nhard\tI-TITLE\r\n\r\nheat\tB-TITLE\r\n\r\n\r\n",
        "\ufeffwho\tO\ndirected\tO\ndie\tB-TITLE\nhard\tE-TITLE\n\nheat\tS-TITLE\n",
    ],
)
def test_every_layout_reads_alike(tmp_path, content):
    assert read_bio(write(tmp_path, content)) == EXPECTED


def test_tokens_that_look_like_tags_leave_the_tag_in_the_last_column(tmp_path):
    sentence = read_bio(write(tmp_path, "O\tB-TITLE\nO\tO\n"))[0]
    assert (sentence.tokens, sentence.tags) == (("O", "O"), ("B-TITLE", "O"))


def test_text_and_offsets_agree():
    sentence = EXPECTED[0]
    assert sentence.text == "who directed die hard"
    assert [sentence.text[start:end] for start, end in sentence.offsets] == list(sentence.tokens)


def test_an_inside_tag_that_opens_an_entity_is_repaired_and_counted(tmp_path):
    sentence = read_bio(
        write(tmp_path, "a\tI-TITLE\nb\tI-TITLE\nc\tO\nd\tI-YEAR\ne\tI-GENRE\nf\tB-GENRE\n")
    )[0]
    assert sentence.tags == ("B-TITLE", "I-TITLE", "O", "B-YEAR", "B-GENRE", "B-GENRE")
    assert sentence.repaired == 3


def test_document_lines_part_sentences_and_odd_line_breaks_do_not(tmp_path):
    path = write(tmp_path, "-DOCSTART- -X- -X- O\n\na\u2028b\tO\nc\u0085\tO\n-DOCSTART- O\nd\tO\n")
    assert [sentence.tokens for sentence in read_bio(path)] == [("a\u2028b", "c\u0085"), ("d",)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tO\nb\n", r"queries\.bio, line 2: expected a token and a tag .* found \['b'\]"),
        ("a\tO\nb\tTITLE\n", r"line 2: .* found \['b', 'TITLE'\]"),
        ("a\tO\n\n\tO\n", r"line 3: .* found \['', 'O'\]"),
        ("O\ta\nB-X\tb\nO\n", r"line 3: .* found \['O'\]"),
        ("a\tO\nb\tB-\n", r"line 2: "),
        ("", "no token with a tag"),
        ("\n \n", "no token with a tag"),
        (b"a\tO\nb\xff\tO\n", r"line 2: not UTF-8"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path, content, message):
    with pytest.raises(EvaluationError, match=message):
        read_bio(write(tmp_path, content))


def test_a_missing_file_and_a_folder_are_user_errors(tmp_path):
    with pytest.raises(EvaluationError, match="absent.bio cannot be read"):
        read_bio(tmp_path / "absent.bio")
    with pytest.raises(EvaluationError, match="cannot be read"):
        read_bio(tmp_path)


@settings(deadline=None)
@given(st.lists(all_tags))
def test_chunks_are_those_of_seqeval(tags):
    expected = [(label, start, end + 1) for label, start, end in get_entities(tags)]
    assert list(read_chunks(tags)) == expected


@settings(deadline=None)
@given(st.lists(all_tags, min_size=1))
def test_reading_keeps_the_entities_of_any_tagging(tmp_path_factory, tags):
    path = tmp_path_factory.getbasetemp() / "any.bio"
    path.write_text("".join(f"w\t{tag}\n" for tag in tags), encoding="utf-8")
    sentence = read_bio(path)[0]
    assert read_chunks(sentence.tags) == read_chunks(tags)
    assert all(tag[0] in "BIO" for tag in sentence.tags)
