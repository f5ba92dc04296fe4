"""Small tables for tests of readers, written row by row."""

import csv
import io

_STREAMING = """show_id type title director cast country date_added release_year rating duration
listed_in description"""
_TMDB = """id title vote_average vote_count status release_date adult imdb_id original_language
original_title popularity runtime genres production_companies production_countries
spoken_languages keywords"""
_MOVIELENS = """movieId title genres year tmdb_id tmdb_title tmdb_release_date tmdb_runtime
tmdb_genres tmdb_top_cast tmdb_keywords"""
STREAMING, TMDB, MOVIELENS = _STREAMING.split(), _TMDB.split(), _MOVIELENS.split()


def table(columns, *rows, delimiter=","):
    """Return a CSV; each row is a mapping, and a column it leaves out is empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def streaming_row(title, genres, **cells):
    return {
        "show_id": "s1",
        "type": "Movie",
        "title": title,
        "release_year": "1995",
        "duration": "90 min",
        "listed_in": genres,
    } | cells


def tmdb_row(**cells):
    return {
        "id": "949",
        "title": "Heat",
        "original_title": "Heat",
        "status": "Released",
        "release_date": "1995-12-15",
        "vote_average": "7.9",
        "vote_count": "1886",
        "original_language": "en",
        "genres": "Action, Crime",
    } | cells
