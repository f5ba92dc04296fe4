"""Forms of values that people use at a search box: stretches of years, certificates, nouns."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery import Movie, MovieGraph
from moviequery.knowledge.years import list_spans, parse_years
from moviequery.schema import Entity, EntityType, Intent, Query
from moviequery.synthesis.grammar import Grammar
from moviequery.synthesis.grounding import judge
from moviequery.synthesis.phrases import find_singular, is_short_noun
from moviequery.synthesis.sampling import FactSampler
from moviequery.synthesis.surface import say_title, say_value, supports_form
from moviequery.synthesis.template import SONG_KINDS, TemplateError, parse_slot
from moviequery.synthesis.truth import Verdict

MOVIES = (
    Movie("Silent Kites", 1931, genres=("comedy",), keywords=("kite flying",)),
    Movie("Loud Kites", 2001, genres=("comedy",), certificate="PG-13"),
    Movie("The Kite: A Story", 2019, genres=("western",), certificate="TV-MA"),
)


@pytest.fixture(scope="module")
def graph():
    return MovieGraph.from_movies(MOVIES)


@given(year=st.integers(1926, 2025))
def test_every_span_of_years_holds_its_year(year):
    spans = list_spans(year, 2025)
    assert spans
    for span in spans:
        first, last = parse_years(span, newest=2025)
        assert first <= year <= last == 2025


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("past ten years", (2015, 2025)),
        ("last decade", (2015, 2025)),
        ("past year", (2024, 2025)),
        ("last three decades", (1995, 2025)),
        ("last 10 years", (2015, 2025)),
        ("past couple of years", (2023, 2025)),
        ("past few decades", (1985, 2025)),
        ("since 2002", (2002, 9999)),
        ("after 2002", (2003, 9999)),
        ("before 1980", (0, 1979)),
        ("since the 1980s", (1980, 9999)),
        ("1990 s", (1990, 1999)),
        ("late 1990s", (1990, 1999)),
        ("1994 and 1990", (1990, 1994)),
        ("1990's", (1990, 1999)),
        ("last year's", (2024, 2025)),
        ("last umpteen years", None),
        ("since forever", None),
    ],
)
def test_stretches_of_time(text, years):
    assert parse_years(text, newest=2025) == years


def test_a_span_means_nothing_without_its_end():
    assert parse_years("past ten years") is None


@given(
    seed=st.integers(0, 10_000),
    form=st.sampled_from(["decade", "part", "span", "bound", "range", "pair", ""]),
)
def test_what_is_said_for_a_year_is_true_of_it(graph, seed, form):
    slot = parse_slot(f"year:{form}" if form else "year")
    year = Random(seed).choice([1931, 2001, 2019])
    first, last = parse_years(
        say_value(graph.index, slot, str(year), Random(seed)), graph.index.newest_year
    )
    assert first <= year <= last


def test_a_film_older_than_the_ratings_is_unrated(graph):
    old, rated, streamed = (
        next(film for film in graph.index.films if film.title == movie.title) for movie in MOVIES
    )
    assert old.is_unrated and not rated.is_unrated and not streamed.is_unrated
    claims = {}
    for text in ("unrated", "not rated", "PG-13"):
        said = f"{text} comedies"
        entity = Entity(EntityType.CERTIFICATE, text, 0, len(text))
        genre = Entity(EntityType.GENRE, "comedies", len(text) + 1, len(said))
        claims[text] = judge(Query(said, Intent.REC, (entity, genre)), graph)[0].verdict
    assert set(claims.values()) == {Verdict.TRUE}
    lone = Entity(EntityType.CERTIFICATE, "unrated", 0, 7)
    western = Entity(EntityType.GENRE, "western", 8, 15)
    assert judge(Query("unrated western", Intent.REC, (lone, western)), graph)[0].verdict is (
        Verdict.FALSE
    )


def test_only_the_boards_letters_are_said_as_certificates(graph):
    sampler = FactSampler(graph.index, range(3))
    for form, said in (("letters", {"PG-13"}), ("adjective", {"PG-13", "unrated", "not rated"})):
        slot = parse_slot(f"certificate:{form}")
        found = set()
        for seed in range(60):
            _, values = sampler.draw_film([slot], Random(seed))
            found.add(say_value(graph.index, slot, values[0], Random(str(seed))))
        assert found == said


def test_genres_as_nouns(graph):
    slot = parse_slot("genre:noun")
    assert supports_form(graph.index, slot, "urn:moviequery:genre:comedy")
    said = say_value(graph.index, slot, "urn:moviequery:genre:comedy", Random(0))
    assert said == "comedy"


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("wolves", "wolf"),
        ("zombies", "zombie"),
        ("robberies", "robbery"),
        ("witches", "witch"),
        ("serial killers", "serial killer"),
        ("being trapped", ""),
        ("politics", ""),
        ("a chase", ""),
        ("hostages in a bank", ""),
    ],
)
def test_singulars(plural, one):
    assert find_singular(plural) == one


def test_only_short_phrases_stand_before_a_noun():
    assert is_short_noun("giant monsters")
    assert not is_short_noun("a secret affair")
    assert not is_short_noun("two hitmen retrieve a briefcase")
    assert not is_short_noun("murders on a train")


def test_titles_lose_article_and_subtitle_in_a_search_only():
    said = {say_title("The Kite: A Story", "search", Random(seed)) for seed in range(80)}
    assert said == {"The Kite: A Story", "Kite: A Story", "The Kite", "Kite"}
    assert say_title("The Kite: A Story", "chat", Random(1)) == "The Kite: A Story"
    assert say_title("Thor", "search", Random(1)) == "Thor"


def test_a_kind_of_song_states_nothing(graph):
    assert parse_slot("song:kind").is_lexical and not parse_slot("song").is_lexical
    for kind in SONG_KINDS:
        song = Entity(EntityType.SONG, kind, 0, len(kind))
        assert judge(Query(kind, Intent.NON_REC, (song,)), graph) == ()
    song = Entity(EntityType.SONG, "No Such Song", 0, 12)
    assert judge(Query("No Such Song", Intent.NON_REC, (song,)), graph)[0].verdict is not (
        Verdict.TRUE
    )


def test_the_lexicon_has_words_for_each_form_of_a_rating():
    lexicon = Grammar.bundled().lexicon
    for form in ("adjective", "top", "stars", "number", "predicate", "level"):
        assert len(set(lexicon[parse_slot(f"rating:{form}").key])) >= 20
    with pytest.raises(TemplateError):
        parse_slot("rating:moons")
