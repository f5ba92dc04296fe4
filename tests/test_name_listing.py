"""Known names behind a text: which are listed, how they are asked about, trained on and read."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery import Movie, MovieGraph
from moviequery.errors import ModelError
from moviequery.modeling.name_lexicon import NAMES_FILE, NameLexicon
from moviequery.modeling.name_listing import (
    PLAIN_WORDS_FILE,
    NameListing,
    ask,
    read_names,
)
from moviequery.modeling.prompts import ENTITY_PROMPT, NAMES_PROMPT, TASKS, question
from moviequery.schema import FIELDS, Entity, EntityType, Intent, Query, Role

GRAPH = MovieGraph.from_movies(
    [
        Movie("Heat", 1995, genres=("crime",), directors=("Michael Mann",)),
        Movie("The Heat of the Night", 1967, genres=("mystery",)),
        Movie("Unforgiven", 1992, directors=("Clint Eastwood",), cast=(Role("Clint Eastwood"),)),
        *(Movie(f"Chase {n}", 1980 + n, cast=(Role("Michael Mann"),)) for n in range(9)),
    ]
)
LEXICON = NameLexicon.from_index(GRAPH.index)
LISTING = NameListing(LEXICON)
TEXT = "a crime film like the heat of the night"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (TEXT, {"titles": ["the heat of the night"], "genres": ["crime"]}),
        ("HEAT, heat!", {"titles": ["HEAT", "heat"]}),
        # of his ten credits one is a director's: too few to be listed
        ("michael mann", {"actors": ["michael mann"]}),
        ("clint eastwood", {"actors": ["clint eastwood"], "directors": ["clint eastwood"]}),
        ("nothing to see", {}),
        ("", {}),
    ],
)
def test_names_are_listed_by_field_as_they_are_written(text, names):
    assert json.loads(LISTING.list_names(text)) == names


@given(st.lists(st.sampled_from(["Heat", "crime", '"', "the heat of the night", "\n", "}"])))
def test_a_list_is_json_of_what_stands_in_the_text(parts):
    text = " ".join(parts)
    for field, names in json.loads(LISTING.list_names(text)).items():
        assert field in FIELDS
        assert all(name in text for name in names)
        assert len(set(names)) == len(names)


def test_the_prompt_says_what_its_last_line_is():
    system, user = ask(TEXT, "entities", LISTING)
    assert system["content"] == ENTITY_PROMPT + NAMES_PROMPT
    assert user["content"].splitlines() == [TEXT, LISTING.list_names(TEXT)]
    assert [one["content"] for one in ask(TEXT, "entities", None)] == [ENTITY_PROMPT, TEXT]
    assert ask(TEXT, "intent", LISTING) == question(TEXT, "intent")


def test_names_are_those_of_the_folder_or_of_the_bundled_films(tmp_path):
    LEXICON.write(tmp_path / NAMES_FILE)
    assert read_names(tmp_path).digest() == LEXICON.digest()
    assert read_names(tmp_path / "nowhere").digest() == read_names().digest()
    assert json.loads(NameListing.read(None).list_names("spirited away")) == {
        "titles": ["spirited away"]
    }


def say(text, kind=None, said=None):
    start = text.find(said) if said else 0
    gold = (Entity(kind, said, start, start + len(said)),) if said else ()
    return Query(text, Intent.REC, gold)


def test_names_that_are_hardly_ever_meant_are_plain_words(tmp_path):
    meant = say("Heat please", EntityType.TITLE, "Heat")
    queries = [*[say("in this heat")] * 4, *[say("CRIME does not pay")] * 5]
    assert NameListing.learn(LEXICON, queries).plain_words == {("genres", "crime")}
    queries.append(say("what heat"))
    learnt = NameListing.learn(LEXICON, queries)
    assert learnt.plain_words == {("genres", "crime"), ("titles", "heat")}
    assert json.loads(
        learnt.list_names("a Crime film like the heat of the night, in the Heat")
    ) == {"titles": ["the heat of the night"]}
    # one of six is more than one of twenty
    assert NameListing.learn(LEXICON, [*queries, meant]).plain_words == {("genres", "crime")}
    assert not NameListing.learn(LEXICON, []).plain_words
    learnt.write_plain_words(tmp_path)
    assert NameListing.read(tmp_path, LEXICON) == learnt


@pytest.mark.parametrize("content", ["{", "[]", '{"heroes": ["heat"]}', '{"titles": 3}'])
def test_a_damaged_list_of_plain_words_is_refused(tmp_path, content):
    (tmp_path / PLAIN_WORDS_FILE).write_text(content, "utf-8")
    with pytest.raises(ModelError, match="is no list of plain words"):
        NameListing.read(tmp_path)


# Trained and asked.


@pytest.fixture(scope="module")
def queries():
    return [
        Query(f"{film} please", Intent.REC, (Entity(EntityType.TITLE, film, 0, len(film)),))
        for film in ("Heat", "Unforgiven")
    ]


@pytest.fixture(scope="module")
def config():
    pytest.importorskip("trl")
    from moviequery.modeling.qlora import QLoRAConfig

    return QLoRAConfig(
        task="entities",
        list_names=True,
        max_steps=1,
        max_length=1024,
        pack_length=1024,
        batch_size=1,
        gradient_accumulation=1,
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    from tiny_llama import save_tiny_llama

    texts = [ENTITY_PROMPT, NAMES_PROMPT, TEXT]
    return save_tiny_llama(tmp_path_factory.mktemp("base"), texts, hidden=64)


@pytest.fixture(scope="module")
def adapters(queries, config, base, tmp_path_factory):
    from moviequery.modeling.qlora import train_qlora

    output = tmp_path_factory.mktemp("adapters") / "OUT"
    train_qlora(queries, config, base, output, graph=GRAPH)
    return output


def test_a_graph_needs_the_setting(queries, config, base, tmp_path):
    from moviequery.modeling.qlora import train_qlora

    with pytest.raises(ModelError, match="list_names is False"):
        train_qlora(queries, replace(config, list_names=False), base, tmp_path, graph=GRAPH)


def test_the_names_come_with_the_adapter(adapters):
    assert read_names(adapters / "entities").digest() == LEXICON.digest()


@pytest.mark.parametrize(
    ("arguments", "listed"),
    [
        ({}, '{"titles":["Heat"]}'),
        ({"names": False}, None),
        ({"index": MovieGraph.from_movies([Movie("Alien", 1979)]).index}, "{}"),
    ],
)
def test_a_parser_asks_as_it_was_trained(adapters, arguments, listed):
    from moviequery.modeling.causal_reader import load_causal_reader
    from moviequery.modeling.model_source import find_source

    reader = load_causal_reader(find_source(adapters), **arguments)
    (messages,) = (chat.ask("Heat please") for chat in reader.chats.values())
    assert messages[1]["content"].splitlines()[1:] == ([] if listed is None else [listed])


def test_a_base_alone_is_shown_names_where_it_is_told_so(base):
    from moviequery.modeling.causal_reader import load_causal_reader
    from moviequery.modeling.model_source import find_source

    for names, said in ((None, "Heat"), (True, 'Heat\n{"titles":["Heat"]}')):
        chats = load_causal_reader(find_source(base), names=names).chats
        assert [chats[task].ask("Heat")[1]["content"] for task in TASKS] == [said, "Heat"]
