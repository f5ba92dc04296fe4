"""Rows depend on graph, grammar, seed and index alone; labels hold; nothing leaks or dominates."""

import hashlib
import json
import subprocess
import sys
from collections import Counter

import pytest
from catalogue_fixtures import FILMS, small_graph
from hypothesis import given, settings
from hypothesis import strategies as st

from moviequery import Grammar, MovieGraph, SyntheticQueryBuilder
from moviequery.errors import DatasetError, GrammarError
from moviequery.knowledge.concepts import Concepts
from moviequery.knowledge.normalisation import fold, title_key
from moviequery.schema import EntityType, Intent, Query, canonical_json
from moviequery.synthesis.grounding import judge, states_nothing
from moviequery.synthesis.truth import Verdict

ONE_SPLIT = {"train": 1.0}
AS_WRITTEN = {"noise": 0, "habits": False}
ROWS = 3_000


def grammar(*texts, intent="rec", style="chat"):
    frames = "".join(
        f'[[frame]]\nid = "f{number}"\nintent = "{intent}"\nstyle = "{style}"\ntext = "{text}"\n'
        for number, text in enumerate(texts)
    )
    return Grammar.parse({"test.toml": frames})


def small_builder(*texts, **more):
    return SyntheticQueryBuilder(
        small_graph(), grammar(*texts), splits=ONE_SPLIT, **AS_WRITTEN | more
    )


@pytest.fixture(scope="module")
def builder(bundled_graph):
    return SyntheticQueryBuilder(bundled_graph, seed=7)


@pytest.fixture(scope="module")
def rows(builder):
    return builder.build(ROWS)


def test_rows_are_unique_and_numbered(rows):
    assert len(rows) == ROWS == len({fold(query.text) for query in rows})
    indices = [query.provenance.index for query in rows]
    assert indices == sorted(set(indices))


def test_labels_are_exact(rows):
    for query in rows:
        for entity in query.entities:
            assert query.text[entity.start : entity.end] == entity.text
            if entity.about is not None:
                assert query.entities[entity.about].type is EntityType.TITLE
        assert Query.from_row(json.loads(canonical_json(query.to_row()))) == query


def test_every_claim_is_true_and_every_wish_can_be_met(rows, bundled_graph):
    for query in rows:
        claims = judge(query, bundled_graph)
        assert all(claim.verdict is Verdict.TRUE for claim in claims), query
        stated = [e for e in query.entities if not states_nothing(e)]
        assert len(claims) == len(stated)


def test_triples_stand_in_the_graph(rows, bundled_graph):
    index = bundled_graph.index
    for query in rows[:300]:
        stated = set(query.provenance.triples)
        for entity in query.entities:
            if entity.type is EntityType.TITLE:
                film = index.film(entity.iri)
                assert index.triple(film, EntityType.TITLE, film.title) in stated
        films = {triple.split()[0].strip("<>") for triple in stated}
        assert films == set(query.provenance.films)


def test_both_intents_and_all_types_occur(rows):
    intents = Counter(query.intent for query in rows)
    assert min(intents.values()) > 0.4 * ROWS
    assert set(intents) == set(Intent)
    assert {entity.type for query in rows for entity in query.entities} == set(EntityType)


def test_splits_share_no_title_and_no_frame(rows, bundled_graph):
    titles, frames = {}, {}
    for query in rows:
        split = query.provenance.split
        frames.setdefault(split, set()).add(query.provenance.frame)
        for iri in query.provenance.films:
            key = title_key(bundled_graph.index.film(iri).title)
            titles.setdefault(split, set()).add(key)
    assert set(frames) == {"train", "validation", "test"}
    for found in (titles, frames):
        assert sum(map(len, found.values())) == len(set().union(*found.values()))
    shares = Counter(query.provenance.split for query in rows)
    assert 0.76 < shares["train"] / ROWS < 0.84


def test_no_film_genre_or_person_dominates(rows):
    films = Counter(iri for query in rows for iri in query.provenance.films)
    assert films.most_common(1)[0][1] <= 0.004 * ROWS
    named = {kind: Counter() for kind in EntityType}
    for query in rows:
        for entity in query.entities:
            named[entity.type][entity.iri or entity.text] += 1
    assert named[EntityType.GENRE].most_common(1)[0][1] < 0.2 * named[EntityType.GENRE].total()
    for kind in (EntityType.ACTOR, EntityType.DIRECTOR):
        assert named[kind].most_common(1)[0][1] < 0.03 * named[kind].total()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_row_depends_on_its_index_alone(builder, first, second):
    before = builder.row(first)
    builder.row(second)
    assert builder.row(first) == before
    if before is not None:
        assert before.provenance.index == first


def test_row_is_independent_of_n_and_start(builder, rows):
    assert builder.build(50) == rows[:50]
    start = rows[20].provenance.index
    assert list(builder.iter(5, start=start)) == rows[20:25]
    for query in rows[:20]:
        assert builder.row(query.provenance.index) == query


def test_a_frame_stays_in_its_split_when_the_grammar_grows(builder, bundled_graph):
    grown = builder.grammar
    kept = [frame for number, frame in enumerate(grown.frames) if number % 4]
    smaller = SyntheticQueryBuilder(bundled_graph, Grammar(kept, grown.lexicon, "three quarters"))
    for split in ("train", "validation", "test"):
        of_smaller = {frame.id for frame in smaller.frames_of(split)}
        of_grown = {frame.id for frame in builder.frames_of(split)}
        assert of_smaller < of_grown, split


def test_frames_of_a_file_that_names_a_split_go_there_and_move_no_other(builder, bundled_graph):
    frames = [
        f'[[frame]]\nid = "x.{number}"\nintent = "rec"\ntext = "any {{genre}} no. {number}?"'
        for number in range(9)
    ]
    own = Grammar.parse({"mine.toml": "\n".join(['split = "validation"', *frames])})
    grammar = Grammar([*builder.grammar.frames, *own.frames], builder.grammar.lexicon, "with mine")
    grown = SyntheticQueryBuilder(bundled_graph, grammar)
    mine = {frame.id for frame in own.frames}
    assert mine < {frame.id for frame in grown.frames_of("validation")}
    for split in ("train", "validation", "test"):
        before = {frame.id for frame in builder.frames_of(split)}
        assert {frame.id for frame in grown.frames_of(split)} - mine == before, split


def test_a_split_that_is_not_made_binds_no_frame(bundled_graph):
    grammar = Grammar.parse(
        {"mine.toml": 'split = "other"\n[[frame]]\nid="x"\nintent="rec"\ntext="any {genre} films?"'}
    )
    builder = SyntheticQueryBuilder(bundled_graph, grammar, splits={"train": 1.0})
    assert [frame.id for frame in builder.frames_of("train")] == ["x"]


def test_another_seed_gives_other_rows_over_the_same_partition(bundled_graph, rows):
    other = SyntheticQueryBuilder(bundled_graph, seed=8)
    fresh = other.build(300)
    assert not {query.text for query in fresh} & {query.text for query in rows[:300]}
    split_of = {query.provenance.frame: query.provenance.split for query in rows}
    for query in fresh:
        assert split_of.get(query.provenance.frame, query.provenance.split) == (
            query.provenance.split
        )


PRINT_ROWS = """
import hashlib
from moviequery import MovieGraph, SyntheticQueryBuilder
from moviequery.schema import canonical_json
rows = SyntheticQueryBuilder(MovieGraph.bundled(), seed=7).build(200)
text = "".join(canonical_json(query.to_row()) + chr(10) for query in rows)
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_same_bytes_under_any_hash_seed(rows):
    text = "".join(canonical_json(query.to_row()) + "\n" for query in rows[:200])
    expected = hashlib.sha256(text.encode()).hexdigest()
    for hash_seed in ("0", "4242"):
        result = subprocess.run(
            [sys.executable, "-c", PRINT_ROWS],
            env={"PYTHONHASHSEED": hash_seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stdout.strip() == expected


def test_every_python_and_machine_gives_these_rows():
    """Another digest here means other rows for the seeds that people have published."""
    graph = MovieGraph.from_movies(FILMS, Concepts({}))
    texts = (
        "(any|some) {genre} films from the {year:decade}[, please]?",
        "something like {title a}, but {not genre} free",
        "{theme} films by {director} with {actor}",
    )
    builder = SyntheticQueryBuilder(graph, grammar(*texts), splits=ONE_SPLIT, **AS_WRITTEN)
    text = "".join(canonical_json(query.to_row()) + "\n" for query in builder.build(40))
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "3cf767f81791e31cf655541e5c39cdf66318ea2d7b62584ec71e53d26e873c3d"
    )


def test_the_order_of_splits_is_part_of_the_fingerprint():
    splits = {"train": 0.5, "test": 0.5}
    frames = [f"{{genre}} {number}" for number in range(4)]
    one, other = (
        SyntheticQueryBuilder(small_graph(), grammar(*frames), splits=dict(order))
        for order in (splits.items(), reversed(splits.items()))
    )
    assert one.build(10) != other.build(10)
    assert one.fingerprint != other.fingerprint


def test_same_rows_on_either_store(bundled_graph):
    memory = MovieGraph.from_movies(list(bundled_graph.movies())[:300], store="memory")
    default = MovieGraph.from_movies(list(bundled_graph.movies())[:300])
    one, other = SyntheticQueryBuilder(memory), SyntheticQueryBuilder(default)
    assert one.fingerprint == other.fingerprint
    assert one.build(100) == other.build(100)


def test_a_frame_by_hand():
    query = small_builder("I loved {title a} by {director of a}.").row(0)
    title, director = query.entities
    film = small_graph().index.film(title.iri)
    assert query.text == f"I loved {film.title} by {director.text}."
    assert director.about == 0
    assert director.iri in film.facts[EntityType.DIRECTOR]
    assert query.provenance.films == (film.iri,)


def test_values_of_one_type_differ_and_films_too():
    builder = small_builder("{genre} and {genre} like {title a} or {title b}")
    for query in builder.build(20):
        genres = [entity.iri for entity in query.entities if entity.type is EntityType.GENRE]
        titles = [title_key(e.text) for e in query.entities if e.type is EntityType.TITLE]
        assert len(set(genres)) == 2 == len(set(titles))


def test_what_is_not_wanted_is_not_true_of_the_wanted_film():
    graph = small_graph()
    for query in small_builder("{genre} but not {not genre}").build(15):
        wanted, unwanted = query.entities
        assert unwanted.negated and not wanted.negated
        film = graph.index.film(query.provenance.films[0])
        assert graph.index.holds(film, EntityType.GENRE, wanted.iri)
        assert not graph.index.holds(film, EntityType.GENRE, unwanted.iri)
        assert len(query.provenance.triples) == 1


def test_lower_case_styles_keep_spans():
    builder = SyntheticQueryBuilder(
        small_graph(),
        grammar("films by {director}", style="search"),
        splits=ONE_SPLIT,
        noise=0,
    )
    for query in builder.build(5):
        assert query.text == query.text.lower()
        assert query.entities[0].iri


def test_titles_with_braces_quotes_and_queries_in_them_are_only_text():
    from moviequery import Movie, MovieGraph

    nasty = ["{genre}", 'He said "no"', "<by>", "a } . DROP ALL ; #", "[Rec]", "日本 🎬", "it's\\x"]
    movies = [Movie(title=title, year=2000 + n, genres=("Drama",)) for n, title in enumerate(nasty)]
    builder = SyntheticQueryBuilder(
        MovieGraph.from_movies(movies),
        grammar("I liked {title a}"),
        splits=ONE_SPLIT,
        **AS_WRITTEN,
    )
    assert {query.entities[0].text for query in builder.build(7)} == set(nasty)


def test_a_grammar_that_has_said_all_says_so():
    with pytest.raises(GrammarError, match="only 8 distinct texts.*ask for"):
        small_builder("{title a} ({year of a})").build(100)


def test_noise_strikes_its_share_of_rows():
    def struck(share):
        rows = small_builder("I liked {title a}. Any {genre} films {year}?", noise=share).build(40)
        return sum(any("noise/" in one for one in row.provenance.clauses) for row in rows)

    assert struck(0) == 0
    assert 0 < struck(0.3) < struck(1)
    with pytest.raises(DatasetError, match="noise=1.5"):
        small_builder("{title a}", noise=1.5)


def test_unfillable_grammars_and_splits_are_refused():
    with pytest.raises(GrammarError, match=r"pass splits=\{'train': 1.0\}"):
        SyntheticQueryBuilder(small_graph(), grammar("any {genre} films?"))
    with pytest.raises(GrammarError, match="no frame"):
        small_builder("the film with {song}")
    with pytest.raises(DatasetError, match="add up to 1"):
        SyntheticQueryBuilder(small_graph(), grammar("{genre}"), splits={"train": 0.5})
