"""Tables become one catalogue: maps for unknown columns, one clear error, a full report."""

import json
from pathlib import Path

import pytest
from film_tables import table

from moviequery.errors import CatalogueError
from moviequery.knowledge.catalogue import read_catalogue
from moviequery.schema import Role

SHARED = Path(__file__).parents[2] / "shared" / "data" / "catalogues"


# -- maps ----------------------------------------------------------------------------------------


def test_any_csv_with_a_column_map(write):
    rows = table(
        ["name", "jahr", "tags", "wer", "stars10"],
        {"name": "Heat", "jahr": "1995", "tags": "a|b", "wer": '["Al Pacino"]', "stars10": "8.2"},
        {"name": "Ran", "jahr": "long ago", "tags": "a; b", "wer": "", "stars10": "82"},
        delimiter=";",
    )
    columns = {
        "title": "name",
        "year": "jahr",
        "genres": "tags",
        "cast": "wer",
        "rating": "stars10",
    }
    heat, ran = read_catalogue(write(rows, "films.csv"), columns=columns)
    assert (heat.year, heat.genres, heat.rating) == (1995, ("a", "b"), 8.2)
    assert heat.cast == (Role("Al Pacino"),)
    assert (ran.year, ran.genres, ran.rating) == (None, ("a", "b"), None)


def test_columns_that_speak_for_themselves_need_no_map(write):
    rows = table(["Title", "Release_Date", "genre", "Type"], {"Title": "Heat", "Type": "Film"})
    assert read_catalogue(write(rows))[0].title == "Heat"


def test_json_lines_with_a_path_into_objects(write):
    row = {"film": {"name": "Heat", "when": 1995}, "people": [{"name": "Al Pacino"}]}
    columns = {"title": "film.name", "year": "film.when", "cast": "people"}
    heat = read_catalogue(write(json.dumps(row), "x.jsonl"), columns=columns)[0]
    assert (heat.title, heat.year, heat.cast) == ("Heat", 1995, (Role("Al Pacino"),))


def test_kinds_are_read_and_chosen(write):
    shows = {"title": "B", "kind": "tvSeries"}, {"title": "C", "kind": "podcast"}
    path = write(table(["title", "kind"], {"title": "A"}, *shows))
    assert [movie.title for movie in read_catalogue(path)] == ["A", "B"]
    chosen = read_catalogue(path, kinds=("show",))
    assert [movie.title for movie in chosen] == ["B"]
    assert (chosen.report[0].movies, chosen.report[0].shows) == (1, 1)
    assert chosen.report[0].skipped == {"neither film nor show": 1}
    with pytest.raises(CatalogueError, match="choose some of"):
        read_catalogue(path, kinds=("film",))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (None, r"found the columns: a, b\. Say which column"),
        ({"title": "c"}, r"has no column c; found the columns: a, b"),
        ({"titel": "a"}, r"no fields of a film: titel\. Use: title, year"),
    ],
)
def test_unknown_columns_are_one_clear_error(write, columns, message):
    with pytest.raises(CatalogueError, match=message):
        read_catalogue(write(table(["a", "b"], {"a": "1"})), columns=columns)


# -- the catalogue -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["netflix.csv", "moviequery.csv.gz", "wikidata.jsonl"])
def test_a_file_name_brings_no_licence(write, name):
    catalogue = read_catalogue(write("title,year\nHeat,1995\n", name))
    assert [source.licence for source in catalogue.sources.values()] == ["unknown"]


def test_summary_and_sequence(write):
    one = write(table(["title", "year"], {"title": "Heat", "year": "1995"}), "one.csv")
    two = write(table(["title", "year"], {"title": "HEAT", "year": "1995"}, {}), "two.csv")
    catalogue = read_catalogue(one, two)
    assert (len(catalogue), catalogue.merged, catalogue[0].sources) == (1, 1, ("one", "two"))
    assert catalogue[0] in catalogue
    assert catalogue[:1] == (catalogue[0],)
    summary = catalogue.summary()
    assert "skipped" not in summary
    assert "1 films and 0 shows; 1 records joined" in summary
    assert "two: two, unknown" in summary


def test_no_table():
    with pytest.raises(CatalogueError, match="no table was given"):
        read_catalogue()


@pytest.mark.parametrize(
    ("name", "source", "movies", "shows"),
    [
        ("netflix_titles.csv", "netflix", 6131, 2676),
        ("amazon_prime_titles.csv", "amazon-prime", 7814, 1854),
        ("tmdb_5000_movies.csv", "tmdb", 4798, 0),
        ("movielens_movies_tmdb.csv", "movielens", 3883, 0),
        ("wikimovies_kb.txt", "wikimovies", 17341, 0),
        ("wikidata_movies.ttl", "wikidata", 9195, 0),
    ],
)
def test_public_tables(name, source, movies, shows):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    report = read_catalogue(path).report[0]
    assert (report.source, report.movies, report.shows) == (source, movies, shows)
    assert report.rows == movies + shows + sum(report.skipped.values())
