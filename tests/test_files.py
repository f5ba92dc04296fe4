"""Damaged, mispacked and mislabelled files: what can be read is read, the rest is counted."""

import csv
import gzip

import pytest
from film_tables import STREAMING, streaming_row, table

from moviequery.errors import CatalogueError
from moviequery.knowledge.catalogue import read_catalogue


def titles(catalogue):
    return sorted(movie.title for movie in catalogue)


def test_utf8_with_mark_and_utf16(write):
    text = table(["title"], {"title": "Amélie"})
    for encoding in ("utf-8-sig", "utf-16"):
        catalogue = read_catalogue(write(text.encode(encoding)))
        assert titles(catalogue) == ["Amélie"]
        assert catalogue.report[0].repaired == {}


def test_cp1252_is_read_and_said(write):
    catalogue = read_catalogue(write("title\nHeat\nAmélie – Paris\n".encode("cp1252")))
    assert titles(catalogue) == ["Amélie – Paris", "Heat"]
    assert catalogue.report[0].repaired == {"decoded as cp1252": 1}
    assert catalogue.report[0].examples["decoded as cp1252"].startswith("line 3: Am")


def test_nul_bytes_are_taken_out(write):
    catalogue = read_catalogue(write(b"title,year\nHe\x00at,1995\n"))
    assert titles(catalogue) == ["Heat"]
    assert catalogue.report[0].repaired == {"NUL bytes removed": 1}


def test_gzip_is_unpacked_whatever_its_name(write):
    assert titles(read_catalogue(write(gzip.compress(b"title\nHeat\n"), "films.dat"))) == ["Heat"]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_cut_gzip_gives_the_rows_before_the_cut(write, share):
    rows = [{"title": f"Film {number} {hash_like(number)}"} for number in range(20_000)]
    packed = gzip.compress(table(["title"], *rows).encode())
    catalogue = read_catalogue(write(packed[: int(len(packed) * share)]))
    report = catalogue.report[0]
    assert share * 20_000 * 0.8 < report.movies < 20_000
    reason = "the gzip file is cut off or damaged here"
    assert report.skipped[reason] == 1
    assert report.examples[reason].startswith("line ")


def hash_like(number):
    return (number * 2_654_435_761) % 2**32


def test_a_cut_gzip_of_a_small_table(write):
    packed = gzip.compress(table(["title"], *({"title": f"Film {n}"} for n in range(500))).encode())
    catalogue = read_catalogue(write(packed[:-4]))
    assert catalogue.report[0].movies == 500


def test_a_cell_of_a_megabyte(write):
    row = streaming_row("Heat", "Drama", description="x" * 1_500_000)
    before = csv.field_size_limit()
    catalogue = read_catalogue(write(table(STREAMING, row, streaming_row("Ran", "Drama"))))
    assert titles(catalogue) == ["Heat", "Ran"]
    assert csv.field_size_limit() == before
    long_title = streaming_row("x" * 1_000_000, "Drama")
    report = read_catalogue(write(table(STREAMING, long_title, row))).report[0]
    assert report.skipped == {"title longer than 250 characters": 1}
    assert len(report.examples["title longer than 250 characters"]) < 120


def test_rows_that_do_not_fit_the_header_are_counted(write):
    text = 'title,year\nHeat,1995\nRan,1985,"extra"\nAlien\n\nBig,1988\n'
    catalogue = read_catalogue(write(text))
    assert titles(catalogue) == ["Big", "Heat"]
    report = catalogue.report[0]
    assert (report.rows, report.skipped) == (4, {"wrong number of cells": 2})
    assert report.examples["wrong number of cells"].startswith("line 3: 3 cells for 2 columns")


@pytest.mark.parametrize("broken", ['"Ran,1985', 'Ran,"1985'])
def test_a_quote_that_never_closes_costs_its_own_line(write, broken):
    rows = [f"Film {number},1990" for number in range(50)]
    catalogue = read_catalogue(write("\n".join(["title,year", "Heat,1995", broken, *rows, ""])))
    assert titles(catalogue) == sorted(["Heat", *(f"Film {number}" for number in range(50))])
    report = catalogue.report[0]
    assert (report.rows, report.skipped) == (52, {"a quote that is never closed": 1})
    assert report.examples["a quote that is never closed"] == f"line 3: {broken}"


def test_a_quote_over_lines_is_a_cell(write):
    catalogue = read_catalogue(write('title,year\n"Dr.\nStrangelove",1964\nHeat,1995\n'))
    assert titles(catalogue) == ["Dr. Strangelove", "Heat"]
    assert catalogue.report[0].skipped == {}


def test_carriage_returns_alone_end_lines(write):
    assert titles(read_catalogue(write("title,year\rHeat,1995\rRan,1985\r"))) == ["Heat", "Ran"]


def test_two_columns_of_one_name(write):
    catalogue = read_catalogue(write("title,year,title\nHeat,1995,Other\n"))
    assert titles(catalogue) == ["Heat"]
    assert catalogue.report[0].repaired == {"two columns of one name, the first was taken": 1}


def test_json_that_python_or_a_file_cannot_hold(write):
    half, whole = r'{"title": "A \ud83c B"}', r'{"title": "\ud83c\udfac"}'
    long = '{"title": "C", "year": ' + "9" * 5000 + "}"
    catalogue = read_catalogue(write("\n".join([half, whole, long])))
    assert titles(catalogue) == ["A ? B", "\N{CLAPPER BOARD}"]
    assert catalogue.report[0].repaired == {"half a character replaced by ?": 1}
    assert catalogue.report[0].skipped == {"not a JSON object": 1}


def test_signs_in_titles_survive(write):
    names = [
        'He said "No"',
        "{x} [y]",
        "<b & c>",
        "a, b; c | d",
        "💥",
        "'; DROP TABLE --",
        "\\n\\t",
    ]
    catalogue = read_catalogue(write(table(["title"], *({"title": name} for name in names))))
    assert titles(catalogue) == sorted(names)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"\x00" * 5000, "is empty"),
        (bytes(range(256)) * 40, "is not text"),
        (b"PK\x03\x04rest", "zip archive: unpack it"),
        (b"PAR1rest", "Parquet file"),
        (b"\x1f\x8bnot gzip at all", "damaged from its beginning: fetch or pack it again"),
        ("title\nHeat\n".encode("utf-32"), "text in UTF-32: save it as UTF-8"),
        ("title,year\nHeat,1995\n".encode("utf-16-le"), "best saved as UTF-8"),
        (b'title,"year\nHeat,1995\n', r"a quote in the header is never closed \(line 1"),
        (b"<!DOCTYPE html><html>", "web page or XML"),
        (b'[{"title": "Heat"}]', "one JSON array. Write one object per line"),
        (b'{\n "title": "Heat"\n}', "no line of its beginning is a whole object"),
        (b"title,year\n", "gave no film: it has a header but no rows"),
        (b"title,year\n,1995\n,1996\n", r"gave no film: 2 x no title \(line 2\)"),
        (b"just some words", "found the columns: just some words"),
    ],
)
def test_wrong_files_are_one_clear_error(write, content, message):
    path = write(content)
    with pytest.raises(CatalogueError, match=message) as caught:
        read_catalogue(path)
    assert str(path) in str(caught.value)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(CatalogueError, match="does not exist"):
        read_catalogue(tmp_path / "none.csv")
    with pytest.raises(CatalogueError, match="is a folder"):
        read_catalogue(tmp_path)


def test_shows_alone_name_the_choice(write):
    with pytest.raises(CatalogueError, match="only of the kind show.*--shows"):
        read_catalogue(write("title,kind\nDark,show\n"), kinds=("movie",))
