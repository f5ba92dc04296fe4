"""Films of a SPARQL endpoint, page by page, over plain HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from ...errors import CatalogueError
from ...schema import Movie
from ..tally import Tally
from .triples import LABELS, RDF_TYPE, SCHEMA, Facts, Value, check_terms

PAGE_SIZE = 500
# Public endpoints cut long answers without a word, at 1,000 or 10,000 rows. An answer of just a
# multiple of that is asked for again with half the films.
CUT_ROWS = 1_000
_TIMEOUT = 60
_ATTEMPTS = 3
_BUSY = frozenset({429, 502, 503, 504})
_FILM_CLASSES = tuple(
    f"{scheme}://schema.org/{name}"
    for scheme in ("https", "http")
    for name in ("Movie", "TVSeries")
)


def is_endpoint(path: str) -> bool:
    """Tell a URL from a file.

    Example:
        >>> is_endpoint("https://query.wikidata.org/sparql"), is_endpoint("films.csv")
        (True, False)
    """
    return path.startswith(("http://", "https://"))


def read_endpoint(
    url: str, terms: Mapping[str, str] | None, source: str, tally: Tally
) -> Iterator[Movie]:
    """Yield a record per film; schema.org terms are asked for unless others are given.

    Raises:
        CatalogueError: a term is no IRI, or the endpoint does not answer as SPARQL 1.1 says.
    """
    fields = check_terms(terms) if terms else SCHEMA
    offset, size = 0, PAGE_SIZE
    last_page: set[str] = set()
    while True:
        rows = _ask(url, _page_query(fields, bool(terms), offset, size))
        if rows and len(rows) % CUT_ROWS == 0 and size > 1:
            size //= 2
            continue
        # a page holds whole films, so each can be built and let go
        facts, films = Facts(fields), set()
        for row in rows:
            if not {"film", "p", "value"} <= row.keys():
                continue
            film, value = row["film"]["value"], _value(row["value"])
            films.add(film)
            facts.add(film, row["p"]["value"], value)
            if "label" in row:
                facts.add(value.text, LABELS[0], _value(row["label"]))
        if films and films <= last_page:
            raise CatalogueError(
                f"{url} gives the same films on every page, so it does not know OFFSET. Save its "
                "answer as Turtle or N-Triples and pass that file."
            )
        yield from facts.movies(source, tally)
        if len(films) < size:
            return
        last_page, offset = films, offset + size


def _page_query(fields: Mapping[str, str], by_title: bool, offset: int, size: int) -> str:
    """Return the query for one page; every IRI in it was checked for signs that end an IRI."""
    titles = _iris(iri for iri, name in fields.items() if name == "title")
    films = f"VALUES ?t {{ {titles} }} ?film ?t ?title ."
    if not by_title:
        films = f"VALUES ?class {{ {_iris(_FILM_CLASSES)} }} ?film a ?class . {films}"
    return f"""SELECT ?film ?p ?value ?label WHERE {{
  {{ SELECT DISTINCT ?film WHERE {{ {films} }} ORDER BY ?film LIMIT {size} OFFSET {offset} }}
  VALUES ?p {{ {_iris([*fields, RDF_TYPE])} }}
  ?film ?p ?value .
  OPTIONAL {{
    VALUES ?named {{ {_iris(LABELS)} }}
    ?value ?named ?label . FILTER(LANG(?label) = "" || LANGMATCHES(LANG(?label), "en"))
  }}
}}"""


def _iris(iris: Any) -> str:  # noqa: ANN401 - any iterable of strings
    return " ".join(f"<{iri}>" for iri in iris)


def _ask(url: str, query: str) -> list[dict[str, Any]]:
    request = Request(  # noqa: S310 - the scheme was checked to be http or https
        url,
        data=urlencode({"query": query}).encode(),
        headers={
            "Accept": "application/sparql-results+json",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "moviequery (https://pypi.org/project/moviequery)",
        },
    )
    answer = _fetch(request, url)
    try:
        bindings = json.loads(answer)["results"]["bindings"]
    except (ValueError, KeyError, TypeError) as error:
        raise CatalogueError(
            f"{url} did not answer with SPARQL JSON results but with {answer[:80]!r}. "
            "Pass the address that takes queries, which often ends in /sparql."
        ) from error
    return list(bindings)


def _fetch(request: Request, url: str) -> str:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 - see _ask
                return str(response.read().decode("utf-8", errors="replace"))
        except HTTPError as error:
            if error.code in _BUSY and attempt < _ATTEMPTS:
                time.sleep(_waiting_time(error, attempt))
                continue
            said = error.read()[:200].decode("utf-8", errors="replace")
            raise CatalogueError(f"{url} refused the query: {error} {said!r}") from error
        except (URLError, TimeoutError, OSError) as error:
            raise CatalogueError(
                f"{url} cannot be reached: {error}. Check the address and the network."
            ) from error
    raise AssertionError("the last attempt returns or raises")


def _waiting_time(error: HTTPError, attempt: int) -> float:
    asked = error.headers.get("Retry-After", "")
    return min(float(asked), 30.0) if asked.isdecimal() else float(2**attempt)


def _value(binding: Mapping[str, str]) -> Value:
    is_node = binding["type"] in ("uri", "bnode")
    text = f"_:{binding['value']}" if binding["type"] == "bnode" else binding["value"]
    return Value(text, binding.get("xml:lang", ""), is_node)
