"""The titles CSV of Netflix and Amazon Prime: the same columns, told apart by their words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from ...schema import Movie
from ..tally import Tally
from .people import read_cast, read_names
from .tables import Row
from .titles import read_title
from .values import read_certificate, read_countries, read_list, read_runtime, read_text, read_year

COLUMNS = frozenset({"show_id", "type", "title", "listed_in", "release_year", "rating", "duration"})
_KINDS = {"movie": "movie", "tv show": "show"}
_NETFLIX = frozenset({
    "Dramas", "Comedies", "Documentaries", "Docuseries", "Thrillers", "Action & Adventure",
    "Independent Movies", "Children & Family Movies", "Romantic Movies", "International Movies",
    "International TV Shows", "TV Dramas", "TV Comedies", "TV Mysteries", "TV Horror",
    "TV Thrillers", "TV Action & Adventure", "TV Sci-Fi & Fantasy", "Crime TV Shows",
    "Kids' TV", "Romantic TV Shows", "Reality TV", "British TV Shows",
    "Spanish-Language TV Shows", "Korean TV Shows", "Teen TV Shows", "Science & Nature TV",
    "Horror Movies", "Stand-Up Comedy", "Stand-Up Comedy & Talk Shows", "Sci-Fi & Fantasy",
    "Sports Movies", "Classic Movies", "Cult Movies", "LGBTQ Movies", "Music & Musicals",
    "Anime Series", "Anime Features", "Faith & Spirituality", "Classic & Cult TV", "Movies",
    "TV Shows",
})  # fmt: skip
_PRIME = frozenset({
    "Drama", "Comedy", "Action", "Suspense", "Kids", "Documentary", "Special Interest",
    "Horror", "Romance", "Animation", "Arts, Entertainment, and Culture", "Science Fiction",
    "International", "TV Shows", "Adventure", "Western", "Sports", "Music Videos and Concerts",
    "Unscripted", "Arthouse", "LGBTQ", "Young Adult Audience", "Fitness", "Anime", "Fantasy",
    "Faith and Spirituality", "Military and War", "Historical", "Talk Show and Variety",
})  # fmt: skip
_PRIME_CERTIFICATES = frozenset({
    "7+", "13+", "16+", "18+", "ALL",
})  # fmt: skip
# Disney+ and Hulu tables share the columns and some genres: nearly all words must be known.
_KNOWN_SHARE = 0.8
_SAMPLE = 300


def name_source(rows: Iterator[Row]) -> tuple[str | None, Iterator[Row]]:
    """Return "netflix", "amazon-prime" or None, and all the rows again."""
    sample = list(islice(rows, _SAMPLE))
    labels: Counter[str] = Counter()
    prime_certificates = False
    for _, row in sample:
        labels.update(read_list(row["listed_in"]))
        prime_certificates |= row["rating"].strip() in _PRIME_CERTIFICATES
    total = labels.total() or 1
    shares = {
        "netflix": sum(labels[label] for label in _NETFLIX) / total,
        "amazon-prime": sum(labels[label] for label in _PRIME) / total,
    }
    # a certificate such as "13+" is Prime's alone and settles a tie of few words
    name = max(shares, key=lambda key: (shares[key], (key == "amazon-prime") == prime_certificates))
    return name if shares[name] >= _KNOWN_SHARE else None, chain(sample, rows)


def read_streaming(rows: Iterable[Row], source: str, tally: Tally) -> Iterator[Movie]:
    """Yield a record per readable row."""
    for line, row in rows:
        kind = _KINDS.get(row["type"].strip().casefold())
        if kind is None:
            tally.skip("neither film nor show", line, row["type"] or "no type")
            continue
        if (named := read_title(row["title"], line, tally)) is None:
            continue
        title, title_year, language = named
        certificate, mended = read_certificate(row["rating"])
        if mended:
            tally.repair(mended, line, row["rating"])
        year = read_year(row["release_year"])
        if year is None and row["release_year"].strip():
            tally.repair("release year not understood, left out", line, row["release_year"])
        yield Movie(
            title=title,
            # "The Italian Job (1969)" is a listing of the older film, whatever the column says
            year=min((y for y in (year, title_year) if y), default=None),
            kind=kind,
            genres=read_list(row["listed_in"]),
            cast=read_cast(row.get("cast", ""), line, tally),
            directors=read_names(row.get("director", ""), line, tally),
            certificate=certificate,
            runtime=read_runtime(row["duration"]) or _slipped_runtime(row["rating"]),
            countries=read_countries(row.get("country", "")),
            languages=(language,) if language else (),
            overview=read_text(row.get("description", "")),
            sources=(source,),
        )


def _slipped_runtime(rating: str) -> int | None:
    """Return the minutes that slipped into the certificate column, as in three Netflix rows."""
    return read_runtime(rating) if "min" in rating else None
