"""BIO files: reading every layout, placing spans on tokens, and seqeval's numbers."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score

from moviequery.errors import EvaluationError
from moviequery.metrics.bio import (
    BioScores,
    LabelMap,
    Sentence,
    read_bio,
    read_chunks,
    score_bio,
    spans_to_bio,
)
from moviequery.metrics.macro_f1.counts import Counts
from moviequery.schema import Entity, EntityType, ParsedQuery

SHARED = Path(__file__).parents[2] / "shared" / "data" / "real_queries"
MOVIE = LabelMap.read("mit-movie")
TRIVIA = LabelMap.read("mit-trivia")
APART = replace(MOVIE, join=False)


def locate(sentence: Sentence, kind: str, text: str) -> Entity:
    start = sentence.text.index(text)
    return Entity(EntityType(kind), text, start, start + len(text))


EXPECTED = (
    Sentence(("who", "directed", "die", "hard"), ("O", "O", "B-TITLE", "I-TITLE"), line=1),
    Sentence(("heat",), ("B-TITLE",), line=6),
)


@pytest.mark.parametrize(
    ("entities", "tags"),
    [
        ([("title", "die hard")], "O O B-TITLE I-TITLE"),
        ([("title", "e hard")], "O O B-TITLE I-TITLE"),  # part of a token takes the token
        ([("title", "die"), ("title", "hard")], "O O B-TITLE B-TITLE"),
        ([("mood", "die"), ("genre", "hard")], "O O B-GENRE B-GENRE"),
        ([("studio", "die"), ("title", "die hard")], "O O B-TITLE I-TITLE"),  # studio is O here
        ([("title", "hard"), ("plot", "directed die")], "O B-PLOT I-PLOT B-TITLE"),
        ([("title", "die hard"), ("plot", "directed die")], "O B-PLOT I-PLOT B-TITLE"),
        ([("year", "die"), ("title", "die hard")], "O O B-TITLE I-TITLE"),
        ([], "O O O O"),
    ],
)
def test_spans_take_tokens(entities, tags):
    sentence = EXPECTED[0]
    spans = [locate(sentence, *each) for each in entities]
    assert spans_to_bio(sentence, spans, APART) == tuple(tags.split())
    assert spans_to_bio(sentence, spans[::-1], APART) == tuple(tags.split())


def parse(sentence: Sentence, *entities: Entity, valid: bool = True) -> ParsedQuery:
    return ParsedQuery(sentence.text, None, entities=entities, valid=valid)


def test_scores_by_hand():
    first, second = EXPECTED
    said = [
        parse(first, locate(first, "title", "die hard"), locate(first, "mood", "who")),
        parse(second, locate(second, "song", "heat")),
    ]
    scores = score_bio(EXPECTED, said, MOVIE)
    assert scores.counts == {
        "GENRE": Counts(fp=1), "SONG": Counts(fp=1), "TITLE": Counts(tp=1, fn=1),
    }  # fmt: skip
    assert scores.micro_f1 == 2 / (2 + 2 + 1)
    assert scores.macro_f1 == pytest.approx((2 / 3) / 3)
    record = scores.to_dict()
    assert (record["support"], record["sentences"], record["parse_rate"]) == (2, 2, 1.0)
    rows = {line.split()[0]: line.split()[1:] for line in scores.to_table().splitlines()[1:6]}
    assert rows["TITLE"] == ["1.0000", "0.5000", "0.6667", "2"]
    assert rows["macro"] == ["0.2222"]


def test_labels_are_compared_without_case_and_shown_as_the_map_has_them():
    sentence = Sentence(("neo", "1999"), ("B-CHARACTER_NAME", "B-year"))
    said = parse(sentence, locate(sentence, "character", "neo"), locate(sentence, "year", "1999"))
    scores = score_bio([sentence], [said], TRIVIA)
    assert scores.counts == {"Character_Name": Counts(tp=1), "Year": Counts(tp=1)}


def test_an_invalid_answer_misses_its_gold():
    sentence = EXPECTED[1]
    said = parse(sentence, locate(sentence, "title", "heat"), valid=False)
    scores = score_bio([sentence], [said], MOVIE)
    assert scores.total == Counts(fn=1)
    assert scores.parse_rate == 0.0


def test_gold_labels_that_no_type_answers_to_are_missed_and_named():
    sentence = Sentence(("heat", "paris"), ("B-TITLE", "B-city"))
    scores = score_bio([sentence], [parse(sentence, locate(sentence, "title", "heat"))], MOVIE)
    assert scores.counts["CITY"] == Counts(fn=1)
    assert scores.to_dict()["unmapped_labels"] == ["CITY"]
    assert "no type answers to CITY: counted as missed" in scores.to_table()


def test_a_map_that_fits_no_label_of_the_file_is_refused():
    sentence = Sentence(("paris",), ("B-city",))
    with pytest.raises(EvaluationError, match=r"no label of the file \(CITY\) stands in .*mit-mov"):
        score_bio([sentence], [parse(sentence)], MOVIE)


def test_a_file_without_entities_scores_zero_and_raises_nothing():
    sentence = Sentence(("hello",), ("O",))
    scores = score_bio([sentence], [parse(sentence)], MOVIE)
    assert (scores.micro_f1, scores.macro_f1, scores.total) == (0.0, 0.0, Counts())


def test_entities_that_lose_tokens_are_counted():
    sentence = EXPECTED[0]
    beyond = Entity(EntityType.TITLE, " ", 3, 4)
    said = parse(
        sentence, locate(sentence, "plot", "directed die"), locate(sentence, "title", "die"), beyond
    )
    assert score_bio([sentence], [said], MOVIE).clipped == 2


def test_answers_to_other_texts_are_refused():
    with pytest.raises(EvaluationError, match="row 0: parsed 'other'"):
        score_bio(EXPECTED[:1], [ParsedQuery("other", None)], MOVIE)


LABELS = ("TITLE", "GENRE", "PLOT")
bio_tags = st.sampled_from(["O", *(f"{p}-{label}" for p in "BI" for label in LABELS)])


def to_parse(sentence: Sentence, tags: list[str]) -> ParsedQuery:
    spans = [
        (EntityType(label.lower()), sentence.offsets[start][0], sentence.offsets[end - 1][1])
        for label, start, end in read_chunks(tags)
    ]
    return parse(sentence, *(Entity(kind, sentence.text[s:e], s, e) for kind, s, e in spans))


sentences = st.lists(st.tuples(bio_tags, bio_tags), min_size=1, max_size=8)
corpora = st.lists(sentences, min_size=1, max_size=5)


def build(corpus: list[list[tuple[str, str]]]) -> tuple[list[Sentence], list[ParsedQuery]]:
    gold = [
        Sentence(tuple(f"w{i}" for i in range(len(row))), tuple(tag for tag, _ in row))
        for row in corpus
    ]
    said = [to_parse(s, [tag for _, tag in row]) for s, row in zip(gold, corpus, strict=True)]
    return gold, said


def score(corpus: list[list[tuple[str, str]]]) -> BioScores:
    return score_bio(*build(corpus), APART)


@settings(deadline=None)
@given(corpora)
def test_scores_are_those_of_seqeval(corpus):
    scores = score(corpus)
    truth = [[tag for tag, _ in row] for row in corpus]
    said = [[tag for _, tag in row] for row in corpus]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # seqeval warns of every 0 / 0
        assert scores.micro_f1 == pytest.approx(f1_score(truth, said, zero_division=0))
        assert scores.total.precision == pytest.approx(precision_score(truth, said))
        assert scores.total.recall == pytest.approx(recall_score(truth, said))
        if scores.counts:  # for none at all seqeval's macro mean is nan
            macro = f1_score(truth, said, average="macro", zero_division=0)
            assert scores.macro_f1 == pytest.approx(macro)


@settings(deadline=None)
@given(corpora, corpora)
def test_scores_add_up_and_doubling_changes_none(first, second):
    assert score(first) + score(second) == score(first + second)
    once, twice = score(first), score(first * 2)
    assert (once.micro_f1, once.macro_f1) == (twice.micro_f1, twice.macro_f1)


@settings(deadline=None)
@given(sentences)
def test_gold_spans_come_back_as_gold_tags(row):
    gold, said = build([[(tag, tag) for tag, _ in row]])
    tags = spans_to_bio(gold[0], said[0].entities, APART)
    assert read_chunks(tags) == read_chunks(gold[0].tags)


@pytest.mark.skipif(not SHARED.exists(), reason="real queries are not distributed")
@pytest.mark.parametrize(("name", "label_map"), [("mit_eng", MOVIE), ("mit_trivia", TRIVIA)])
def test_real_files_read_whole_and_every_label_has_a_type(name, label_map):
    gold = read_bio(SHARED / f"{name}_dev.bio")
    assert len(gold) == 300
    scores = score_bio(gold, [parse(sentence) for sentence in gold], label_map)
    assert not scores.unmapped
    assert scores.repaired == 0
    assert set(scores.counts) <= set(label_map.labels.values())
    assert scores.total.support == sum(tag[0] == "B" for each in gold for tag in each.tags)


def test_neighbours_of_one_label_join_where_the_map_says_so():
    sentence = Sentence(
        ("a", "dark", "comedy", "and", "horror"), ("O", "B-GENRE", "I-GENRE", "O", "B-GENRE"), 1
    )
    found = tuple(
        locate(sentence, *one)
        for one in (("mood", "dark"), ("genre", "comedy"), ("genre", "horror"))
    )
    parsed = [ParsedQuery(sentence.text, None, {}, found)]
    assert score_bio([sentence], parsed, MOVIE).counts["GENRE"] == Counts(tp=2)
    assert score_bio([sentence], parsed, APART).counts["GENRE"] == Counts(tp=1, fp=2, fn=1)


@pytest.mark.skipif(not SHARED.exists(), reason="the real queries are not here")
@pytest.mark.parametrize("name", ["mit_eng_dev", "mit_trivia_dev"])
def test_no_annotator_of_the_corpus_tags_neighbours_of_one_label_apart(name):
    for sentence in read_bio(SHARED / f"{name}.bio"):
        chunks = sorted(read_chunks(sentence.tags), key=lambda chunk: chunk[1])
        assert not any(
            first[0] == second[0] and first[2] == second[1]
            for first, second in zip(chunks, chunks[1:], strict=False)
        )
