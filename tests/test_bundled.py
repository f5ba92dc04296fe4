"""The catalogue that comes with the library: what stands in it, and that it can be made again."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from moviequery import Movie, MovieGraph
from moviequery.knowledge.concepts import PRECEDENCE, Concepts
from moviequery.knowledge.index import GraphIndex
from moviequery.knowledge.merging import merge
from moviequery.knowledge.normalisation import fold, title_key
from moviequery.knowledge.records import read_movies
from moviequery.schema import EntityType
from moviequery.synthesis.phrases import find_article

ROOT = Path(__file__).parents[1]
BUNDLED = ROOT / "src/moviequery/knowledge/bundled"
TABLES = [
    ROOT.parent / "shared/data/catalogues" / name
    for name in (
        "netflix_titles.csv",
        "amazon_prime_titles.csv",
        "wikimovies_kb.txt",
        "wikidata_movies.ttl",
    )
]
LONGEST_FACT = 90
MPAA = {"G", "PG", "PG-13", "R", "NC-17"}


@pytest.fixture(scope="module")
def films() -> tuple[Movie, ...]:
    return read_movies(BUNDLED / "catalogue.jsonl.gz")


@pytest.fixture(scope="module")
def index() -> GraphIndex:
    return MovieGraph.bundled().index


@pytest.fixture(scope="module")
def concepts() -> Concepts:
    return Concepts.bundled()


def find(films: tuple[Movie, ...], title: str, year: int) -> Movie:
    return next(film for film in films if (film.title, film.year) == (title, year))


def test_it_holds_thousands_of_films_with_the_facts_a_query_needs(films):
    assert len(films) >= 5_000
    assert (BUNDLED / "catalogue.jsonl.gz").stat().st_size <= 3_000_000
    for film in films:
        assert film.kind == "movie", film.iri
        assert 1915 <= film.year <= 2025, film.iri
        assert film.title and film.genres, film.iri
        assert film.directors or len(film.cast) >= 2, film.iri


def test_it_covers_a_century_and_many_countries(films):
    decades = Counter(film.year // 10 * 10 for film in films)
    assert set(decades) >= set(range(1920, 2030, 10))
    assert decades[2020] >= 300
    assert sum(decades[decade] for decade in range(1930, 1980, 10)) >= 900
    assert len({country for film in films for country in film.countries}) >= 40


def test_every_kind_of_fact_is_there(index):
    covered = Counter(kind for film in index.films for kind in film.facts)
    for kind in set(EntityType) - {
        EntityType.TITLE,
        EntityType.RATING,
        EntityType.REVIEW,
        EntityType.TRAILER,
    }:
        assert covered[kind] >= 300, kind


def test_no_sentence_of_a_source_is_in_it(films):
    for film in films:
        for record in film.records:
            assert record.overview == ""
            if record.sources == ("moviequery",):
                continue
            values = (*record.genres, *record.keywords, *record.countries, *record.languages)
            assert not record.plots and not record.quotes
            assert max(map(len, values), default=0) <= LONGEST_FACT, record


def test_only_sources_that_may_be_passed_on_are_in_it(films):
    licences = {name: source.licence for name, source in films.sources.items()}
    assert licences == {
        "amazon-prime": "CC0 1.0",
        "moviequery": "CC0 1.0",
        "netflix": "CC0 1.0",
        "wikidata": "CC0 1.0",
        "wikimovies": "CC BY 3.0",
    }
    assert {source for film in films for source in film.sources} == set(licences)
    text = (BUNDLED / "LICENSES.md").read_text("utf-8")
    for name, licence in licences.items():
        assert f"`{name}`" in text
        assert licence in text


def test_famous_films_are_right(films):
    heat = find(films, "Heat", 1995)
    assert "Michael Mann" in heat.directors
    assert {"Al Pacino", "Robert De Niro"} <= {role.actor for role in heat.cast}
    assert heat.certificate == "R"
    notebook = find(films, "The Notebook", 2004)
    assert notebook.directors == ("Nick Cassavetes",)
    assert "romance" in map(str.casefold, notebook.genres)
    matrix = find(films, "The Matrix", 1999)
    assert {"Keanu Reeves", "Laurence Fishburne"} <= {role.actor for role in matrix.cast}
    road = find(films, "Mad Max: Fury Road", 2015)
    assert road.directors == ("George Miller",)
    assert road.themes


def test_every_film_of_our_own_is_in_it(films):
    rows = tomllib.loads((BUNDLED / "own_knowledge.toml").read_text("utf-8"))["film"]
    held = {
        (record.title, record.year)
        for film in films
        for record in film.records
        if record.sources == ("moviequery",)
    }
    assert held == {(row["title"], row["year"]) for row in rows}


def test_the_claims_of_the_papers_bad_example_are_not_in_it(index):
    """Listing 4 has The Notebook and Fury Road deal with artificial intelligence."""
    wrong = {iri for kind in PRECEDENCE for iri in index.link(kind, "artificial intelligence")}
    assert wrong
    for title in ("The Notebook", "Mad Max: Fury Road"):
        for iri in index.link(EntityType.TITLE, title):
            facts = {value for values in index.film(iri).facts.values() for value in values}
            assert not facts & wrong


def test_no_film_stands_there_twice(films):
    by_title: dict[str, list[int]] = {}
    for film in films:
        by_title.setdefault(title_key(film.title), []).append(film.year)
    close = {
        title
        for title, years in by_title.items()
        for one, two in pairwise(sorted(years))
        if two - one <= 1
    }
    assert not close
    assert merge(films) == tuple(films)


def test_a_film_has_one_certificate(films):
    for film in films:
        given = [record.certificate for record in film.records if record.certificate]
        assert len(given) <= 1, film.iri
        tags = {tag.upper() for tag in film.keywords} & MPAA
        assert not (given and tags), film.iri


def test_tags_name_concepts_and_no_person(films, concepts):
    people = {fold(name) for film in films for name in film.directors}
    for film in films:
        for tag in film.keywords:
            known = concepts.known_keyword(tag)
            assert known, (film.iri, tag)
            if all(kind is not EntityType.ORIGIN for kind, _ in known):
                assert fold(tag) not in people, (film.iri, tag)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Sci-Fi", ["genre:science-fiction"]),
        ("Dramas", ["genre:drama"]),
        ("Children & Family Movies", ["genre:family"]),
        ("Suspense", ["genre:thriller"]),
        ("Romantic Movies", ["genre:romance"]),
        ("Film-Noir", ["genre:noir"]),
        ("Children's", ["genre:childrens"]),
        ("animated", ["genre:animation"]),
        ("Military and War", ["genre:military"]),
        ("International Movies", []),
        ("TV Shows", []),
    ],
)
def test_genre_labels_of_tables(concepts, label, expected):
    found = [iri.removeprefix("urn:moviequery:") for iri in concepts.find_genre(label)]
    assert found == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("zombies", ["plot:zombies"]),
        ("time travel", ["plot:time-travel"]),
        ("world war ii", ["setting:world-war-ii"]),
        ("true story", ["origin:true-story"]),
        ("based on a book", ["origin:book"]),
        ("feel-good", ["mood:feel-good"]),
        ("friendship", ["theme:friendship"]),
        ("rom-com", ["genre:romantic-comedy"]),
        ("remake", ["relationship:remake"]),
        ("pixar", ["studio:pixar"]),
        ("bd-r", []),
        ("national film registry", []),
    ],
)
def test_tags_of_tables(concepts, tag, expected):
    found = [iri.removeprefix("urn:moviequery:") for _, iri in concepts.find_keyword(tag)]
    assert found == expected


def test_broader_concepts_hold_by_meaning(concepts):
    broader = {
        iri.removeprefix("urn:moviequery:"): [
            other.removeprefix("urn:moviequery:") for other in concept.broader
        ]
        for iri, concept in concepts.concepts.items()
    }
    assert broader["genre:romantic-comedy"] == ["genre:comedy", "genre:romance"]
    assert broader["genre:kung-fu"] == ["genre:martial-arts"]
    assert broader["setting:brooklyn"] == ["setting:new-york"]
    assert broader["award:best-picture"] == ["award:oscar"]


def test_places_read_well_after_set_in(concepts):
    said = {
        find_article(word, "set in ") + word
        for concept in concepts.concepts.values()
        if concept.kind is EntityType.SETTING
        for word in (concept.label, *concept.alternatives)
    }
    expected = {"a small town", "outer space", "the future", "the moon", "high school", "WWII"}
    assert expected <= said
    assert not {"small town", "moon", "the outer space", "future"} & said


@pytest.mark.slow
@pytest.mark.skipif(not all(path.exists() for path in TABLES), reason="the tables are not here")
def test_it_can_be_built_again_byte_by_byte(tmp_path):
    out = tmp_path / "catalogue.jsonl.gz"
    command = [sys.executable, str(ROOT / "tools/build_catalogue.py")]
    command += ["--own", str(BUNDLED / "own_knowledge.toml"), "--out", str(out)]
    environment = {**os.environ, "PYTHONHASHSEED": "4"}
    subprocess.run([*command, *map(str, TABLES)], check=True, capture_output=True, env=environment)
    assert out.read_bytes() == (BUNDLED / "catalogue.jsonl.gz").read_bytes()
