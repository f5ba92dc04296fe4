"""What the nano base is pre-trained on: train films and frames alone, and no task labels."""

import json
import re
from collections import Counter
from random import Random

import pytest

from moviequery import SyntheticQueryBuilder
from moviequery.knowledge.normalisation import fold, title_key
from moviequery.modeling.nano.documents import (
    LAST_SHARES,
    SHARES,
    render_document,
    write_document,
)
from moviequery.modeling.nano.material import Material, invent_name
from moviequery.modeling.nano.prose import draw_telling, name_key
from moviequery.modeling.nano.talk import write_restatement
from moviequery.modeling.prompts import ENTITY_PROMPT, INTENT_PROMPT
from moviequery.schema import FIELDS, EntityType

COUNT = 1_500


@pytest.fixture(scope="module")
def material(bundled_graph):
    return Material(bundled_graph)


@pytest.fixture(scope="module")
def documents(material):
    last = [write_document(material, 7, COUNT + index, LAST_SHARES) for index in range(COUNT // 3)]
    return [write_document(material, 7, index) for index in range(COUNT)] + last


def test_films_and_frames_are_those_of_the_train_split(material, bundled_graph):
    builder = SyntheticQueryBuilder(bundled_graph)
    index = bundled_graph.index
    train = {index.films[position].iri for position in builder.films_of("train")}
    assert {film.iri for film in material.films} == train
    assert set(material.frames) == {frame.id for frame in builder.frames_of("train")}
    others = {
        title_key(index.films[position].title)
        for split in ("validation", "test")
        for position in builder.films_of(split)
    }
    assert not others & {title_key(film.title) for film in material.films}


def test_queries_are_put_by_the_frames_that_are_named(material):
    rng = Random(3)
    queries = [material.draw_query(rng) for _ in range(200)]
    assert {query.provenance.frame for query in queries} <= set(material.frames)
    assert {query.provenance.split for query in queries} == {"train"}


def test_no_film_of_another_split_is_talked_about(documents, bundled_graph):
    builder = SyntheticQueryBuilder(bundled_graph)
    index = bundled_graph.index
    text = fold(" ".join(message["content"] for one in documents for message in one))
    known = {fold(index.films[n].title) for n in builder.films_of("train")}
    known |= {fold(node.label) for node in index.nodes.values()}
    unseen = {fold(index.films[n].title) for n in builder.films_of("test")} - known
    # short titles are words ("Once"), and longer ones may be part of a train film's
    long = [title for title in unseen if len(title.split()) >= 4]
    found = [t for t in long if f" {t} " in text and not any(t in one for one in known)]
    assert len(long) > 50
    assert not found


def test_documents_depend_on_seed_and_index_alone(material, documents, bundled_graph):
    assert write_document(Material(bundled_graph), 7, 12) == documents[12]
    assert write_document(material, 8, 12) != documents[12]


def test_there_are_no_task_labels(documents):
    for one in documents:
        for message in one:
            assert not re.search(r'\bnon_rec\b|"rec"|"intent"', message["content"])
            assert message["content"] not in (ENTITY_PROMPT, INTENT_PROMPT)


def test_queries_are_never_answered_in_json(material):
    write_talk = next(write for write in SHARES if write.__name__ == "write_talk")
    rng = Random(5)
    for _ in range(300):
        *_, reply = write_talk(material, rng)
        assert "{" not in reply["content"].replace("{}", "")


def test_half_of_the_queries_told_again_hold_a_long_span(material, monkeypatch):
    drawn = []
    draw = material.draw_query
    monkeypatch.setattr(Material, "draw_query", lambda _, rng: drawn.append(draw(rng)) or drawn[-1])
    rng, told = Random(6), []
    for _ in range(400):
        write_restatement(material, rng)
        told.append(drawn[-1])
    longest = [max((len(one.text.split()) for one in q.entities), default=0) for q in told]
    assert 0.5 < sum(words >= 4 for words in longest) / len(told) < 0.75
    assert sum(not q.entities for q in told) > 5


def test_keys_of_json_are_no_fields_of_the_answers(material, documents):
    rng = Random(1)
    kinds = {kind for film in material.films for kind in film.facts} | {EntityType.TITLE}
    keys = {name_key(kind, rng) for kind in kinds for _ in range(40)}
    assert not keys & {*FIELDS, "intent"}
    objects = [answer for one in documents if (answer := read_object(one[-1]["content"]))]
    assert len(objects) > COUNT / 4
    assert not {key for answer in objects for key in answer} & {*FIELDS, "intent"}


def test_fields_hold_only_what_the_text_states(documents):
    objects = 0
    for *before, reply in documents:
        if answer := read_object(reply["content"]):
            asked = " ".join(message["content"] for message in before)
            values = [
                v for one in answer.values() for v in ([one] if isinstance(one, str) else one)
            ]
            assert not [value for value in values if value not in asked]
            objects += 1
    assert objects > COUNT / 4


def read_object(text):
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def test_what_a_telling_says_stands_in_its_text(material):
    rng = Random(2)
    for _ in range(300):
        text, said = draw_telling(material, rng, most=5)
        assert said
        assert not [value for one in said for value in one.values if value not in text]


def test_the_last_documents_hold_the_word_of_every_field(documents):
    words = Counter(
        re.findall(r"\w+", " ".join(m["content"] for d in documents[COUNT:] for m in d))
    )
    assert min(words[field] for field in FIELDS) > 10


def test_every_kind_of_document_gets_its_share(material):
    assert sum(SHARES.values()) == pytest.approx(1)
    assert sum(LAST_SHARES.values()) == pytest.approx(1)
    quotes = [write for write in SHARES if write.__module__.endswith("copying")]
    assert sum(SHARES[write] for write in quotes) > 1 / 6


def test_made_up_names_are_many_and_their_own(bundled_graph):
    rng = Random(4)
    names = [invent_name(rng) for _ in range(2_000)]
    assert len(set(names)) > 1_900
    titles = {title_key(film.title) for film in bundled_graph.index.films}
    assert sum(title_key(name) in titles for name in names) < 5


def test_documents_are_conversations_or_texts(documents):
    roles = Counter(tuple(message["role"] for message in one[-2:]) for one in documents)
    assert set(roles) == {("text",), ("user", "assistant")}
    assert all(message["content"].strip() for one in documents for message in one)


def test_a_text_alone_is_no_conversation():
    class Tokens:
        bos_token = "<|begin_of_text|>"

    rendered = render_document([{"role": "text", "content": "Heat."}], Tokens())
    assert rendered == "<|begin_of_text|>Heat.<|end_of_text|>"
