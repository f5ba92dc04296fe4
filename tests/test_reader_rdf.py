"""RDF files and SPARQL endpoints give the same films as tables do."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
import rdflib

from moviequery.errors import CatalogueError
from moviequery.knowledge.catalogue import read_catalogue
from moviequery.knowledge.readers import endpoint
from moviequery.schema import Role

SHAPE = """@prefix ex: <http://example.org/movie/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:Heat ex:actor ex:Val_Kilmer, ex:Al_Pacino ; ex:director ex:Michael_Mann ;
    ex:genre ex:crime_film ; ex:runtime "170.0"^^xsd:float ;
    ex:title "Heat" ; ex:year "2023"^^xsd:gYear, "1995"^^xsd:gYear .
ex:Ran ex:title "Ran" ; ex:year "1985"^^xsd:gYear .
"""
SCHEMA = """PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
<http://films.example/heat> a schema:Movie ; schema:name "Hitze"@de, "Heat"@en ;
    schema:datePublished "1995" ; schema:director <http://films.example/p1> ;
    schema:genre <http://films.example/g1>, "Thriller" ; schema:duration "PT2H50M" ;
    schema:aggregateRating [ schema:ratingValue "8.3" ] .
<http://films.example/dark> a schema:TVSeries ; schema:name "Dark" .
<http://films.example/p1> a schema:Person ; schema:name "Michael Mann" .
<http://films.example/g1> skos:prefLabel "Krimi"@de, "crime"@en .
"""


def test_the_wikidata_shape_is_known(write):
    catalogue = read_catalogue(write(SHAPE, "wikidata_films.ttl"))
    heat, ran = catalogue
    assert catalogue.report[0].format == "Turtle, Wikidata extract"
    assert (heat.sources, catalogue.sources["wikidata"].licence) == (("wikidata",), "CC0 1.0")
    assert (heat.year, heat.runtime, heat.genres) == (1995, 170, ("crime film",))
    assert (heat.cast, heat.directors) == (
        (Role("Al Pacino"), Role("Val Kilmer")),
        ("Michael Mann",),
    )
    assert (ran.title, ran.same_as) == ("Ran", ())


def test_the_shape_alone_gives_no_publisher_and_no_licence(write):
    catalogue = read_catalogue(write(SHAPE, "ours.ttl"))
    assert {source.licence for source in catalogue.sources.values()} == {"unknown"}


def test_schema_org_terms_are_known(write):
    heat, dark = read_catalogue(write(SCHEMA))
    assert (heat.title, heat.alternative_titles, heat.year) == ("Heat", ("Hitze",), 1995)
    assert (heat.directors, heat.runtime) == (("Michael Mann",), 170)
    assert sorted(heat.genres) == ["Thriller", "crime"]
    assert heat.rating == 8.3
    assert heat.same_as == ("http://films.example/heat",)
    assert (dark.title, dark.kind) == ("Dark", "show")


def test_n_triples_and_n_quads_say_the_same_as_turtle(write):
    graph = rdflib.Dataset(default_union=True)
    graph.get_context(rdflib.URIRef("urn:g")).parse(data=SCHEMA, format="turtle")
    expected = read_catalogue(write(SCHEMA, "films.ttl")).movies
    for syntax in ("nt", "nquads"):
        lines = graph.serialize(format=syntax).splitlines()
        for order in (sorted(lines), sorted(lines, reverse=True)):
            catalogue = read_catalogue(write("\n".join(order), "films.nq"))
            assert catalogue.movies == expected
            assert catalogue.report[0].format == "N-Triples or N-Quads, schema.org terms"


def test_rdf_xml_is_read(write):
    graph = rdflib.Graph().parse(data=SCHEMA, format="turtle")
    catalogue = read_catalogue(write(graph.serialize(format="pretty-xml")))
    assert [movie.title for movie in catalogue] == ["Heat", "Dark"]


def test_a_term_map_reads_any_properties(write):
    lines = """<http://x.example/1> <http://x.example/called> "Heat" .
<http://x.example/1> <http://x.example/made> "1995" .
<http://x.example/1> <http://x.example/by> <http://x.example/Michael_Mann> .
"""
    path = write(lines)
    with pytest.raises(
        CatalogueError, match=r"no film terms are known among the properties \['http"
    ):
        read_catalogue(path)
    terms = {
        name: f"http://x.example/{word}"
        for name, word in (("title", "called"), ("year", "made"), ("directors", "by"))
    }
    catalogue = read_catalogue(path, terms=terms)
    assert (catalogue[0].year, catalogue[0].directors) == (1995, ("Michael Mann",))


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"year": "http://x.example/y"}, "but no title"),
        ({"title": "called"}, "is no IRI: 'called'"),
        ({"title": "http://x> } INSERT { <"}, "is no IRI"),
        ({"name": "http://x.example/y"}, "no fields of a film: name"),
    ],
)
def test_wrong_term_maps(write, terms, message):
    with pytest.raises(CatalogueError, match=message):
        read_catalogue(write(SHAPE), terms=terms)


def test_broken_statements_are_counted_with_their_line(write):
    lines = '<http://e/a> <http://example.org/movie/title> "A" .\n<http://e/b> broken\n'
    lines += '<http://e/a> <http://example.org/movie/year> "1999" .\n'
    catalogue = read_catalogue(write(lines))
    assert (catalogue[0].title, catalogue[0].year) == ("A", 1999)
    report = catalogue.report[0]
    assert report.skipped == {"not valid RDF": 1}
    assert report.examples["not valid RDF"].startswith("line 2: ")


def test_people_with_names_are_no_films(write):
    titles = '@prefix : <http://x.example/> .\n:a :title "A" ; :director :p . :p :title "Dr. P" .'
    assert [movie.title for movie in read_catalogue(write(titles))] == ["A"]


# -- endpoints -----------------------------------------------------------------------------------


@pytest.fixture
def serve():
    """Return a function that serves a graph over SPARQL 1.1 and gives the address and the log."""
    servers = []

    def start(graph, failures=()):
        waiting, log = list(failures), []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                log.append(parse_qs(body)["query"][0])
                if waiting:
                    self.answer(waiting.pop(0), b"busy")
                elif graph is None:
                    self.answer(200, b"<html>a page</html>")
                else:
                    self.answer(200, graph.query(log[-1]).serialize(format="json"))

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Retry-After", "0")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/sparql", log

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_an_endpoint_gives_what_the_file_gives(write, serve):
    url, _ = serve(rdflib.Graph().parse(data=SCHEMA, format="turtle"))
    over_http = {movie.title: movie for movie in read_catalogue(url)}
    for movie in read_catalogue(write(SCHEMA)):
        found = over_http[movie.title]
        assert (found.year, found.kind, found.directors) == (
            movie.year,
            movie.kind,
            movie.directors,
        )
        assert (found.genres, found.alternative_titles) == (movie.genres, movie.alternative_titles)
        assert found.sources == ("127-0-0-1",)


def test_an_endpoint_is_asked_page_by_page(serve, monkeypatch):
    monkeypatch.setattr(endpoint, "PAGE_SIZE", 3)
    graph = rdflib.Graph().parse(data=SHAPE, format="turtle")
    space = "http://example.org/movie/"
    for number in range(5):
        film = rdflib.URIRef(f"{space}film_{number}")
        graph.add((film, rdflib.URIRef(f"{space}title"), rdflib.Literal(f"Film {number}")))
    url, log = serve(graph)
    terms = {"title": f"{space}title", "year": f"{space}year", "cast": f"{space}actor"}
    catalogue = read_catalogue(url, terms=terms)
    assert len(catalogue) == 7
    assert ["OFFSET 0" in log[0], "OFFSET 3" in log[1], "OFFSET 6" in log[2]] == [True] * 3
    heat = next(movie for movie in catalogue if movie.title == "Heat")
    assert (heat.year, [role.actor for role in heat.cast]) == (1995, ["Al Pacino", "Val Kilmer"])


class Meddler:
    """A graph whose endpoint changes what is asked, and cuts off what it answers."""

    def __init__(self, graph, most_rows=10**6, change=lambda query: query):
        self.graph, self.most_rows, self.change = graph, most_rows, change

    def query(self, query):
        self.answer = json.loads(self.graph.query(self.change(query)).serialize(format="json"))
        return self

    def serialize(self, format):
        rows = self.answer["results"]["bindings"][: self.most_rows]
        return json.dumps({**self.answer, "results": {"bindings": rows}}).encode()


def numbered_films(count):
    graph = rdflib.Graph()
    for number in range(count):
        film = rdflib.URIRef(f"http://films.example/{number}")
        graph.add((film, rdflib.RDF.type, rdflib.URIRef("https://schema.org/Movie")))
        name = rdflib.Literal(f"Film {number}")
        graph.add((film, rdflib.URIRef("https://schema.org/name"), name))
    return graph


def test_an_endpoint_that_cuts_its_answers_loses_no_film(serve, monkeypatch):
    monkeypatch.setattr(endpoint, "PAGE_SIZE", 8)
    monkeypatch.setattr(endpoint, "CUT_ROWS", 5)
    url, log = serve(Meddler(numbered_films(9), most_rows=5))
    catalogue = read_catalogue(url)
    assert sorted(movie.title for movie in catalogue) == [f"Film {n}" for n in range(9)]
    assert "LIMIT 2 " in log[-1]


def test_an_endpoint_without_offset_is_refused(serve, monkeypatch):
    monkeypatch.setattr(endpoint, "PAGE_SIZE", 3)
    graph = Meddler(numbered_films(7), change=lambda query: query.replace("OFFSET 3", "OFFSET 0"))
    url, _ = serve(graph)
    with pytest.raises(CatalogueError, match="same films on every page.*Save its answer"):
        read_catalogue(url)


def test_a_busy_endpoint_is_asked_again(serve):
    url, log = serve(rdflib.Graph().parse(data=SCHEMA, format="turtle"), failures=[503, 429])
    assert len(read_catalogue(url)) == 2
    assert len(log) == 3


@pytest.mark.parametrize(
    ("failures", "message"),
    [([400], "refused the query: HTTP Error 400"), ([], "did not answer with SPARQL JSON")],
)
def test_endpoints_that_do_not_answer(serve, failures, message):
    url, _ = serve(None, failures)
    with pytest.raises(CatalogueError, match=message):
        read_catalogue(url)


def test_an_endpoint_that_is_not_there(serve):
    with pytest.raises(CatalogueError, match="cannot be reached"):
        read_catalogue("http://127.0.0.1:9/sparql")


def test_an_empty_endpoint(serve):
    url, _ = serve(rdflib.Graph())
    with pytest.raises(CatalogueError, match="gave no film"):
        read_catalogue(url)


def test_answers_hold_only_data(serve):
    graph = rdflib.Graph()
    title = 'Heat" . } DROP ALL ; # \\'
    film = rdflib.URIRef("http://films.example/1")
    graph.add((film, rdflib.RDF.type, rdflib.URIRef("https://schema.org/Movie")))
    graph.add((film, rdflib.URIRef("https://schema.org/name"), rdflib.Literal(title)))
    url, log = serve(graph)
    assert read_catalogue(url)[0].title == title
    assert not any("DROP" in query for query in log)
    assert json.loads(graph.query(log[0]).serialize(format="json"))["results"]["bindings"]
