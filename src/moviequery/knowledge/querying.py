"""SPARQL for users: read-only, with values bound and never pasted into the text."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyoxigraph as ox
from rdflib import Dataset, Literal, URIRef
from rdflib.namespace import XSD

from ..errors import GraphError
from .store import is_oxigraph
from .vocabulary import PREFIXES, has_half_character, safe_iri

Value = str | int | float | bool
Bindings = Mapping[str, Value | URIRef | Literal]

# Whatever may hold a brace that opens no group: strings, IRIs and comments. Then braces and words.
_TOKENS = re.compile(
    r"""'{3}(?:\\.|(?!'{3}).)*'{3}|"{3}(?:\\.|(?!"{3}).)*"{3}"""
    r"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|<[^\s<>"{}|^`\\]*>|\#[^\n]*"""
    r"""|(?P<variable>[?$]\w+)|(?P<name>\w*:[\w.%-]*)|(?P<word>\w+)|(?P<sign>[{}()])""",
    re.DOTALL,
)
_FORMS = {"select", "ask", "construct", "describe"}
_UPDATES = {"insert", "delete", "load", "clear", "drop", "create", "add", "move", "copy", "with"}
_IRI = re.compile(r"(?:urn:|https?://)\S+\Z")
_INTEGERS = {XSD.integer, XSD.int, XSD.long, XSD.nonNegativeInteger, XSD.gYear}
_REALS = {XSD.decimal, XSD.double, XSD.float}
_PLACE = re.compile(r"error at (\d+):\d+: (.*)", re.DOTALL)


def run_query(
    dataset: Dataset, query: str, bindings: Bindings | None = None
) -> list[dict[str, Value]]:
    """Return the solutions of a SELECT or ASK query as Python values; see `MovieGraph.sparql`.

    Raises:
        GraphError: the query is wrong, of another form, or has no variable of a binding's name.
    """
    form, where = _outline(query)
    if form in _UPDATES:
        raise GraphError(
            f"sparql() only reads, and {form.upper()} writes; use add() or merge() for films"
        )
    if form in ("construct", "describe"):
        raise GraphError(f"sparql() answers SELECT and ASK; ask {form.upper()} of graph.dataset")
    _check_syntax(query)
    if any((token["word"] or "").lower() == "from" for token in _TOKENS.finditer(query)):
        # Oxigraph's store passes over it, and rdflib's would fetch what it names
        raise GraphError("FROM chooses no graph here; write GRAPH <IRI> { ... } in the WHERE group")
    terms = _bound_terms(query, bindings or {})
    try:
        return _solve(dataset, query, where, terms)
    except OSError as error:
        raise GraphError(f"SPARQL: a SERVICE cannot be reached: {error}") from error


def _solve(
    dataset: Dataset, query: str, where: int, terms: Mapping[str, URIRef | Literal]
) -> list[dict[str, Value]]:
    """Return the solutions of a checked query; `where` is the offset its values are put at."""
    if is_oxigraph(dataset):
        # oxrdflib's initBindings refuse variables that are not selected
        query = f"{query[:where]} {_values_clause(terms)} {query[where:]}" if terms else query
        result = dataset.query(query, initNs=dict(PREFIXES))
    else:
        # within a query's text rdflib unescapes u0041 even behind two backslashes
        result = dataset.query(query, initNs=dict(PREFIXES), initBindings=terms)
    if result.type == "ASK":
        return [{"answer": bool(result.askAnswer)}]
    return [
        {str(name): to_python(term) for name, term in row.items() if term is not None}
        for row in result.bindings
    ]


def to_python(term: object) -> Value:
    """Return a literal as a number, a truth value or text, and anything else as text.

    Example:
        >>> to_python(Literal("1995", datatype=XSD.gYear)), to_python(URIRef("urn:x"))
        (1995, 'urn:x')
    """
    if isinstance(term, Literal):
        try:
            if term.datatype in _INTEGERS:
                return int(str(term))
            if term.datatype in _REALS:
                return float(str(term))
        except ValueError:
            return str(term)  # a literal outside its datatype is only text
        if term.datatype == XSD.boolean:
            return str(term) in ("true", "1")
    return str(term)


def _outline(query: str) -> tuple[str, int]:
    """Return what the query does, in lower case, and where the group of its WHERE begins."""
    form, depth = "", 0
    for token in _TOKENS.finditer(query):
        if token["word"] and not form and token["word"].lower() in _FORMS | _UPDATES:
            form = token["word"].lower()
        elif token["sign"] in ("(", ")"):
            depth += 1 if token["sign"] == "(" else -1
        elif token["sign"] == "{" and depth == 0:
            return form, token.end()
    return form, len(query)


def _values_clause(terms: Mapping[str, URIRef | Literal]) -> str:
    names = " ".join(f"?{name}" for name in terms)
    return f"VALUES ({names}) {{ ({' '.join(term.n3() for term in terms.values())}) }}"


def _bound_terms(query: str, bindings: Bindings) -> dict[str, URIRef | Literal]:
    """Return the bindings as RDF terms, sorted by variable.

    Raises:
        GraphError: the query has no such variable, or a value is no RDF term.
    """
    variables = {token["variable"][1:] for token in _TOKENS.finditer(query) if token["variable"]}
    if unknown := sorted(set(bindings) - variables):
        raise GraphError(f"bindings has {unknown}; the query's variables are {sorted(variables)}")
    return {name: to_term(bindings[name]) for name in sorted(bindings)}


def to_term(value: object) -> URIRef | Literal:
    """Return the RDF term of a Python value; text that is an http or urn IRI becomes that IRI.

    Raises:
        GraphError: the value is of another type.

    Example:
        >>> to_term("urn:moviequery:genre:western"), to_term('} DROP ALL # "')
        (rdflib.term.URIRef('urn:moviequery:genre:western'), rdflib.term.Literal('} DROP ALL # "'))
    """
    if isinstance(value, URIRef):
        return URIRef(safe_iri(str(value)))
    if isinstance(value, Literal):
        if value.datatype is not None and safe_iri(str(value.datatype)) != str(value.datatype):
            raise GraphError(f"cannot bind {value!r}: its datatype is no IRI")
        return value
    if isinstance(value, str):
        if has_half_character(value):
            raise GraphError(f"cannot bind {value!r}: it holds half a character")
        return URIRef(safe_iri(value)) if _IRI.match(value) else Literal(value)
    if isinstance(value, (bool, int, float)):
        return Literal(value)
    raise GraphError(f"cannot bind {value!r}: pass text, a number, or an rdflib URIRef or Literal")


def _check_syntax(query: str) -> None:
    """Refuse a wrong query with its line; Oxigraph's parser serves both stores.

    Raises:
        GraphError: naming the line.
    """
    try:
        ox.Store().query(query, prefixes=dict(PREFIXES))
    except SyntaxError as error:
        message = str(error.msg)
        if match := _PLACE.match(message):
            raise GraphError(f"SPARQL, line {match[1]}: {match[2]}") from error
        raise GraphError(f"SPARQL: {message}") from error
