"""One row in other words: what is asked, what is taken, and what is refused and why."""

import json
from dataclasses import replace

import pytest
from scripted_paraphrases import read_request, reply_json
from small_graph import MOVIES, read_vocabulary

from moviequery import MovieGraph
from moviequery.errors import WriterError
from moviequery.schema import Entity, EntityType, Intent, ParsedQuery, Part, Provenance, Query
from moviequery.synthesis.claims import check_claims
from moviequery.synthesis.prompt import Prompt, bundled_text
from moviequery.synthesis.refusals import Refusal
from moviequery.synthesis.respanning import find_entities, is_form_of
from moviequery.synthesis.rewriting import Rewriter
from moviequery.synthesis.second_reading import SecondReader
from moviequery.synthesis.writers import Reply


def label(text, *entities, intent=Intent.REC):
    """Return a query; an entity is a type and a text, `-` before the type means not wanted."""
    found, end = [], 0
    for kind, words in entities:
        start = text.index(words, end)
        end = start + len(words)
        negated = kind.startswith("-")
        found.append(Entity(EntityType(kind.lstrip("-")), words, start, end, negated=negated))
    return Query(text, intent, tuple(found), provenance=Provenance(3, 7, "train", "a-frame"))


QUERY = label(
    "any good heist thrillers like Heat but without Al Pacino?",
    ("genre", "heist thrillers"),
    ("title", "Heat"),
    ("-actor", "Al Pacino"),
)


def answer(*replies):
    """Return a writer that gives these replies in turn, and the list of what it was asked."""
    asked = []

    def writer(messages):
        asked.append(list(messages))
        return Reply(replies[min(len(asked), len(replies)) - 1], 10, 5)

    return writer, asked


def rewrite(text, spans=(), query=QUERY, **options):
    """Return what becomes of a query that is always answered with the text."""
    return Rewriter(answer(reply_json(text, spans))[0], **options).rewrite(query)


def test_labels_move_with_the_words():
    outcome = rewrite(
        "Loved Heat. Need another heist thriller, no al pacino please",
        ["heist thriller", "Heat", "al pacino"],
    )
    query = outcome.query
    assert [(e.type.value, e.text, e.negated) for e in query.entities] == [
        ("title", "Heat", False),
        ("genre", "heist thriller", False),
        ("actor", "al pacino", True),
    ]
    assert query.provenance == replace(
        QUERY.provenance, origin="rewritten", style=query.provenance.style
    )
    assert query.provenance.style in Prompt.bundled().registers
    assert not outcome.refusals


def test_what_is_said_of_a_title_stays_said_of_it():
    query = label("in Heat of 1995, who acts", ("title", "Heat"), ("year", "1995"))
    told = replace(query.entities[1], about=0)
    query = replace(query, entities=(query.entities[0], told))
    entities = rewrite("who acts in that 1995 film Heat", query=query).query.entities
    assert [(entity.text, entity.about) for entity in entities] == [("1995", 1), ("Heat", None)]


@pytest.mark.parametrize(
    ("text", "spans", "kind"),
    [
        ("Heat was great, more heist thrillers please", (), "entity lost"),
        ("Heat, heist thrillers, Al Pacino, Heat, Al Pacino", (), "entity twice"),
        ("Heat but suspense, no Al Pacino", ["suspense"], "entity changed"),
        (
            "Heat heist thrillers, no Pacino",
            ["heist thrillers", "Heat", "Pacino"],
            "entity changed",
        ),
        ("Any good heist thrillers like HEAT, but without Al Pacino", (), "unchanged"),
        ("Heat heist thrillers without Al Pacino" + " very" * 60, (), "too long"),
        ("Heat heist thrillers without Al Pacino \ud83d", (), "no text"),
        ("Heat heist thrillers without Al Pacino \x07", (), "no text"),
        ("  \n ", (), "no text"),
    ],
)
def test_texts_that_are_refused(text, spans, kind):
    outcome = rewrite(text, spans)
    assert outcome.query is None
    assert [one for one, _ in outcome.refusals] == [kind] * 3
    assert outcome.usage.requests == 3
    assert outcome.reply


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("", "no JSON"),
        ("I would rather not.", "no JSON"),
        ('{"thought": "so', "no JSON"),
        ("[" * 100_000 + '{"a":' * 100_000, "no JSON"),
        ('{"text": "Heat"}', "wrong schema"),
        ('{"thought": "", "text": 7, "entities": []}', "wrong schema"),
        (
            '{"thought": "", "text": "a", "entities": [{"number": true, "text": "a"}]}',
            "wrong schema",
        ),
        ('{"thought": "", "text": "a", "entities": [], "score": 1}', "wrong schema"),
        ('{"thought": "", "text": "a", "entities": "none"}', "wrong schema"),
    ],
)
def test_replies_that_are_no_answer(reply, kind):
    outcome = Rewriter(answer(reply)[0], attempts=1).rewrite(QUERY)
    assert [one for one, _ in outcome.refusals] == [kind]


def test_a_refused_reply_is_complained_of_and_the_next_one_taken():
    good = reply_json("something like Heat, heist thrillers, just not with Al Pacino")
    writer, asked = answer("{", f"Here you are:\n```json\n{good}\n```")
    outcome = Rewriter(writer).rewrite(QUERY)
    assert outcome.query.text.startswith("something like Heat")
    assert [kind for kind, _ in outcome.refusals] == ["no JSON"]
    assert asked[1][: len(asked[0])] == asked[0]
    assert [message["role"] for message in asked[1][-2:]] == ["assistant", "user"]
    assert "no JSON" in asked[1][-1]["content"]
    assert outcome.usage.requests == 2


def test_an_answer_behind_thoughts_in_braces():
    good = reply_json("something like Heat, heist thrillers, just not with Al Pacino")
    for before in ("<think>{so, {Heat} it is}</think>", 'first {"text": "no"} but then '):
        outcome = Rewriter(answer(before + good)[0]).rewrite(QUERY)
        assert outcome.query is not None and not outcome.refusals


def test_what_is_asked_is_in_the_prompt():
    writer, asked = answer("")
    Rewriter(writer, attempts=1).rewrite(QUERY)
    system, *shots, request = asked[0]
    assert "Rules:\n1. " in system["content"] and '"required": ["thought"' in system["content"]
    assert len(shots) == 6
    text, entities, refused = read_request(asked[0])
    assert (text, refused) == (QUERY.text, 0)
    assert entities == ["heist thrillers", "Heat", "Al Pacino"]
    assert "3. actor: Al Pacino (not wanted)" in request["content"]
    again = answer("")
    Rewriter(again[0], attempts=1).rewrite(QUERY)
    assert again[1] == asked


def test_a_query_can_hold_what_templates_mean_something_by():
    query = label("who made $9.99 and ${query}", ("title", "$9.99"), intent=Intent.NON_REC)
    assert rewrite("$9.99 and ${query}, by whom", query=query).query.entities[0].start == 0


def test_the_prompts_own_examples_would_be_taken():
    shots = Prompt.bundled().shots
    assert len(shots) == 6
    for asked, reply in zip(shots[::2], shots[1::2], strict=True):
        lines = asked["content"].splitlines()
        at = lines.index("Entities:") + 1
        entities = []
        for line in lines[at:-2]:
            kind, words = line.split(". ", 1)[1].split(": ", 1)
            mark = "-" if words.endswith(" (not wanted)") else ""
            entities.append((mark + kind, words.removesuffix(" (not wanted)")))
        text = lines[0].removeprefix("Query: ")
        entities.sort(key=lambda entity: text.index(entity[1]))
        query = label(text, *entities)
        outcome = Rewriter(answer(reply["content"])[0], attempts=1).rewrite(query)
        assert outcome.query is not None, outcome.refusals


def test_rows_that_are_not_asked():
    trap = replace(QUERY, provenance=replace(QUERY.provenance, trap=True))
    half = len(QUERY.text) // 2
    parts = (Part(0, half, Intent.REC), Part(half, len(QUERY.text), Intent.NON_REC))
    for query in (trap, replace(QUERY, parts=parts)):
        writer, asked = answer("")
        outcome = Rewriter(writer).rewrite(query)
        assert outcome.refusals[0][0] == "not asked" and not asked


def test_a_writer_that_fails_settles_nothing():
    def writer(messages):
        raise WriterError("HTTP 500", requests=5)

    outcome = Rewriter(writer).rewrite(QUERY)
    assert outcome.failure == "HTTP 500" and not outcome.lasting
    assert (outcome.usage.requests, outcome.usage.failed) == (5, 5)


@pytest.mark.parametrize(
    ("kind", "words", "other", "same"),
    [
        ("genre", "thrillers", "thriller", True),
        ("genre", "romantic comedy", "Romantic Comedies", True),
        ("genre", "comedy", "drama", False),
        ("plot", "a thief runs away", "thief running away", True),
        ("plot", "talking cars", "cars that talk", False),
        ("mood", "scary", "scariest", True),
        ("year", "1990s", "the nineties", True),
        ("year", "1990s", "1980s", False),
        ("title", "The Matrix", "matrix", True),
        ("title", "Aliens", "Alien", False),
        ("actor", "Penélope Cruz", "penelope cruz", True),
        ("actor", "Penélope Cruz", "Cruz", False),
        ("quote", "I'll be back", "I was back", False),
    ],
)
def test_forms_of_an_entity(kind, words, other, same):
    assert is_form_of(Entity(EntityType(kind), words, 0, len(words)), other) is same


def test_longer_entities_are_looked_for_first():
    query = label("comedy or romantic comedy", ("genre", "comedy"), ("genre", "romantic comedy"))
    found = find_entities(query, "a romantic comedy, or any comedy", {})
    assert [(one.start, one.text) for one in found] == [(2, "romantic comedy"), (26, "comedy")]


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    concepts = read_vocabulary(tmp_path_factory.mktemp("vocabulary"))
    return MovieGraph.from_movies(MOVIES, concepts=concepts)


def read_with(*entities, intent=Intent.REC):
    """Return a parser that finds these words wherever they stand; `-` means not wanted."""

    def read(text):
        found = []
        for kind, words in entities:
            if (start := text.lower().find(words.lower())) >= 0:
                found.append(
                    Entity(
                        EntityType(kind.lstrip("-")),
                        text[start : start + len(words)],
                        start,
                        start + len(words),
                        negated=kind.startswith("-"),
                        score=0.9,
                    )
                )
        return ParsedQuery(text, intent, {}, tuple(sorted(found, key=lambda one: one.start)))

    return read


GOOD = "something like Heat, heist thrillers, just not with Al Pacino"


@pytest.mark.parametrize(
    ("text", "read", "kind"),
    [
        (f"{GOOD}, maybe Casino", read_with(("title", "Casino")), "entity added"),
        (f"{GOOD}, funny", read_with(("mood", "funny")), "entity added"),
        (GOOD, read_with(("-title", "Heat")), None),
        (GOOD, read_with(("-genre", "heist thrillers"), ("actor", "Al Pacino")), None),
        (GOOD, read_with(intent=Intent.NON_REC), None),
    ],
)
def test_what_a_second_reader_says_of_new_words(text, read, kind):
    outcome = rewrite(text, reader=SecondReader(read))
    assert [one for one, _ in outcome.refusals[:1]] == ([kind] if kind else [])


def test_a_reader_that_was_right_before_is_believed():
    def turned(text):
        return read_with(("genre" if text == QUERY.text else "-genre", "heist thrillers"))(text)

    def other_intent(text):
        intent = Intent.REC if text == QUERY.text else Intent.NON_REC
        return ParsedQuery(text, intent)

    for read, kind in ((turned, "negation changed"), (other_intent, "intent changed")):
        outcome = rewrite(GOOD, reader=SecondReader(read))
        assert outcome.refusals[0][0] == kind


def test_no_name_of_the_graph_slips_in(graph):
    reader = SecondReader(read_with(), index=graph.index)
    for name in ("The Matrix", "the matrix", "Amélie", "audrey tautou"):
        outcome = rewrite(f"{GOOD}, or is it {name}", reader=reader)
        found = [("name added", f"{name!r} is not in the query")]
        # two words without capitals may be any words
        assert list(outcome.refusals[:1]) == ([] if name == "the matrix" else found)
    assert rewrite(GOOD, reader=reader).query


def test_a_false_claim_is_refused_with_the_triple_it_would_take(graph):
    film = next(
        film
        for film in graph.index.films
        if film.year and len(graph.index.link(EntityType.TITLE, film.title)) == 1
    )
    query = label(f"who made {film.title}", ("title", film.title), intent=Intent.NON_REC)
    reader = SecondReader(
        read_with(("title", film.title), ("year", str(film.year + 7)), intent=Intent.NON_REC),
        lambda parsed: check_claims(parsed, graph.index),
    )
    # said to be known to the parser in the old words too, so that the check alone speaks
    said = f"{film.title} ({film.year + 7}), who made it"
    outcome = rewrite(said, query=query, reader=reader)
    assert outcome.refusals[0][0] in ("entity added", "claim is false")
    claims = check_claims(reader._read(said), graph.index)
    [false] = [claim for claim in claims if claim.verdict == "false"]
    assert str(film.year + 7) in false.triple


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("instructions = ", "instruction = ", "lacks instructions"),
        ("$query", "$question", "request names"),
        ("Query: $query", "Query", "does not name"),
        ('type = "integer"', 'oneOf = ["integer"]', "oneOf"),
        ('type = "integer"', 'type = "whole"', "whole"),
        ('rec = "asks for films to watch"', "", "lacks rec"),
        ('register = "chat"', 'register = "letter"', "unknown intent or register"),
        ("[[examples]]", "[[examples", "no TOML"),
        ("personas = [", "personas = 7\nfolks = [", "nobody asked for|is no array"),
    ],
)
def test_prompt_files_that_are_wrong(write, old, new, message):
    assert old in bundled_text()
    path = write(bundled_text().replace(old, new), "mine.toml")
    with pytest.raises(WriterError, match=message):
        Prompt.read(path)


def test_a_prompt_of_ones_own(write):
    own = Prompt.read(write(bundled_text().replace("a film critic", "a film fan"), "mine.toml"))
    assert own.fingerprint != Prompt.bundled().fingerprint
    assert Prompt.read(write(bundled_text(), "same.toml")) == Prompt.bundled()
    with pytest.raises(WriterError, match="cannot be read"):
        Prompt.read("no such file")
    assert json.loads(own.shots[1]["content"])["entities"][0]["number"] == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("something with a stalker in it", "stalker"),
        ("there is stalking in it, ok", "stalking"),
        ("stalkers and a stalker", "stalkers"),
        ("a talker", None),
    ],
)
def test_forms_that_the_reply_does_not_name(text, found):
    query = label("a film with stalkers", ("plot", "stalkers"))
    if found is None:
        with pytest.raises(Refusal, match="entity lost"):
            find_entities(query, text, {})
    else:
        assert [entity.text for entity in find_entities(query, text, {})] == [found]


def test_words_that_turn_a_wish_round():
    reader = SecondReader(read_with())
    liked = label("films like Heat", ("title", "Heat"))
    assert rewrite("anything like Heat tonight", query=liked, reader=reader).query
    outcome = rewrite("I hated Heat, anything better", query=liked, reader=reader)
    assert outcome.refusals[0] == ("negation changed", "'hated' is new")
    outcome = rewrite("Heat, heist thrillers, more Al Pacino", reader=reader)
    assert outcome.refusals[0][0] == "negation changed"
