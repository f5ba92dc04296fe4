"""MovieGraph: round trips, both stores, SPARQL, merging, validation, and hostile input."""

from __future__ import annotations

import gzip
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Dataset, Literal, URIRef
from rdflib.namespace import SKOS, XSD
from small_graph import MOVIES, NETFLIX_MATRIX, TMDB_MATRIX, read_vocabulary

from moviequery.errors import GraphError
from moviequery.knowledge.concepts import Concepts
from moviequery.knowledge.graph import MovieGraph
from moviequery.knowledge.merging import merge
from moviequery.knowledge.records import read_movies, write_movies
from moviequery.knowledge.sources import Source
from moviequery.schema import EntityType, Movie, Role

STORES = ("oxigraph", "memory")
MATRIX = "urn:moviequery:movie:the-matrix-1999"
EMPTY = Concepts({})
NASTY = (
    'The "Matrix"',
    "{curly} [square] <angle>",
    "back\\slash \\u0041 \\",
    "two\nlines\tand\r\nmore",
    '" . } ; DROP ALL ; INSERT DATA { <urn:a> <urn:b> "',
    "'''\"\"\" #no comment",
    "%41 % %%",
    "\x00\x01\x07\x1f\x7f\u0085\u2028",
    "a`b^c|d",
    "!!!",
    "…",
    "Крым 千と千尋の神隠し שלום",
    "🎬🍿",
    " <urn:moviequery:source:netflix> .",
)


@pytest.fixture(scope="module")
def concepts(tmp_path_factory):
    return read_vocabulary(tmp_path_factory.mktemp("vocabulary"))


@pytest.fixture(params=STORES)
def graph(request, concepts):
    return MovieGraph.from_movies(MOVIES, concepts, store=request.param)


def write_and_read(graph, path, store="oxigraph"):
    graph.write(path)
    return MovieGraph.read(path, store=store)


class TestRoundTrip:
    def test_n_quads_keep_everything(self, graph, tmp_path):
        again = write_and_read(graph, tmp_path / "films.nq", graph.store)
        assert again.index == graph.index
        assert again.fingerprint == graph.fingerprint
        assert list(again.movies()) == list(graph.movies())
        assert again.concepts == graph.concepts
        assert again.sources["netflix"].licence == "CC0 1.0"
        again.write(tmp_path / "again.nq")
        assert (tmp_path / "again.nq").read_bytes() == (tmp_path / "films.nq").read_bytes()

    def test_turtle_keeps_facts_and_concepts(self, graph, tmp_path):
        again = write_and_read(graph, tmp_path / "films.ttl", graph.store)
        assert again.index == graph.index
        assert again.fingerprint == graph.fingerprint
        assert again.concepts == graph.concepts
        assert [film.sources for film in again.movies()] == [
            film.sources for film in graph.movies()
        ]
        again.write(tmp_path / "again.ttl")
        assert (tmp_path / "again.ttl").read_bytes() == (tmp_path / "films.ttl").read_bytes()

    @pytest.mark.parametrize("suffix", [".nq", ".ttl"])
    def test_both_stores_write_the_same_bytes(self, concepts, tmp_path, suffix):
        for store in STORES:
            graph = MovieGraph.from_movies(MOVIES, concepts, store=store)
            assert len(graph.dataset) > 0
            graph.write(tmp_path / f"{store}{suffix}")
        first, second = ((tmp_path / f"{store}{suffix}").read_bytes() for store in STORES)
        assert first == second

    @pytest.mark.parametrize("suffix", [".nq", ".ttl"])
    def test_rdflib_reads_the_same_triples(self, concepts, tmp_path, suffix):
        graph = MovieGraph.from_movies(MOVIES, concepts)
        graph.write(tmp_path / f"films{suffix}")
        other = Dataset().parse(tmp_path / f"films{suffix}")
        ask = f"ASK {{ GRAPH ?g {{ <{MATRIX}> ?p ?o }} }}"
        assert other.query(ask).askAnswer == (suffix == ".nq")
        assert other.value(URIRef(MATRIX), URIRef("https://schema.org/datePublished")) == Literal(
            "1999", datatype=XSD.gYear
        )

    def test_packed_files_and_files_without_a_suffix_are_read(self, graph, tmp_path):
        for suffix in (".nq", ".ttl"):
            graph.write(tmp_path / f"films{suffix}")
            content = (tmp_path / f"films{suffix}").read_bytes()
            (tmp_path / f"films{suffix}.gz").write_bytes(gzip.compress(content))
            (tmp_path / f"bare{suffix[1:]}").write_bytes(content)
            for name in (f"films{suffix}.gz", f"bare{suffix[1:]}"):
                assert MovieGraph.read(tmp_path / name).fingerprint == graph.fingerprint

    def test_two_files_are_one_graph(self, concepts, tmp_path):
        MovieGraph.from_movies(MOVIES[:2], concepts).write(tmp_path / "a.nq")
        MovieGraph.from_movies(MOVIES[2:], concepts).write(tmp_path / "b.nq")
        both = MovieGraph.read(tmp_path / "a.nq", tmp_path / "b.nq")
        assert both.index == MovieGraph.from_movies(MOVIES, concepts).index

    @pytest.mark.parametrize("seed", ["0", "1"])
    def test_bytes_do_not_depend_on_the_hash_seed(self, concepts, tmp_path, seed):
        script = (
            "from pathlib import Path\n"
            "from small_graph import MOVIES, read_vocabulary\n"
            "from moviequery import MovieGraph\n"
            f"folder = Path({str(tmp_path)!r})\n"
            "graph = MovieGraph.from_movies(MOVIES, read_vocabulary(folder))\n"
            "graph.write(folder / 'other.nq'); graph.write(folder / 'other.ttl')\n"
        )
        here = str(Path(__file__).parent)
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": here},
            check=True,
        )
        graph = MovieGraph.from_movies(MOVIES, concepts)
        for suffix in (".nq", ".ttl"):
            graph.write(tmp_path / f"films{suffix}")
            written = (tmp_path / f"films{suffix}").read_bytes()
            assert written == (tmp_path / f"other{suffix}").read_bytes()

    def test_the_order_of_casts_and_lists_is_kept(self, tmp_path):
        film = Movie(
            "Heat",
            1995,
            genres=("Thriller", "Crime", "Thriller"),
            cast=(Role("Robert De Niro", "Neil"), Role("Al Pacino"), Role("Al Pacino", "Hanna")),
            directors=("B B", "A A"),
            alternative_titles=("Z", "Y"),
            sources=("mine",),
        )
        graph = MovieGraph.from_movies([film], EMPTY)
        again = write_and_read(graph, tmp_path / "films.nq")
        assert list(again.movies()) == list(graph.movies())

    @pytest.mark.parametrize("text", NASTY)
    @pytest.mark.parametrize("store", STORES)
    def test_no_text_is_too_strange(self, tmp_path, text, store):
        film = Movie(
            text,
            2001,
            alternative_titles=(f"{text} 2",),
            genres=(text,),
            keywords=(f"{text} tag",),
            cast=(Role(f"{text} actor", f"{text} role"),),
            directors=(f"{text} director",),
            quotes=(text,),
            songs=(text,),
            certificate=text,
            overview=text,
            same_as=("http://example.org/a%20b",),
            sources=(text,),
        )
        graph = MovieGraph.from_movies([film], EMPTY, store=store)
        assert graph.index.link(EntityType.TITLE, text) == (graph.index.films[0].iri,)
        query = "SELECT ?film { ?film schema:name ?name ; schema:genre/skos:prefLabel ?name }"
        assert graph.sparql(query, {"name": text}) == [{"film": graph.index.films[0].iri}]
        again = write_and_read(graph, tmp_path / "films.nq", store)
        assert again.index == graph.index
        assert list(again.movies()) == list(graph.movies())
        assert write_and_read(graph, tmp_path / "films.ttl", store).index == graph.index

    def test_a_lone_surrogate_is_replaced(self, tmp_path):
        graph = MovieGraph.from_movies([Movie("half \ud83d emoji", sources=("mine",))], EMPTY)
        again = write_and_read(graph, tmp_path / "films.nq")
        assert next(again.movies()).title == "half \ufffd emoji"


WORDS = st.sampled_from(
    [*NASTY[:6], "Crime", "crime", "Léa", "Lea", "loyalty", "dark", "SF", "New York", "rated r"]
)
LISTS = st.lists(WORDS, max_size=3).map(tuple)
FILMS = st.builds(
    Movie,
    title=WORDS,
    year=st.none() | st.integers(1900, 1902),
    kind=st.sampled_from(["movie", "show"]),
    alternative_titles=LISTS,
    genres=LISTS,
    keywords=LISTS,
    plots=LISTS,
    themes=LISTS,
    moods=LISTS,
    settings=LISTS,
    cast=st.lists(st.builds(Role, WORDS, st.none() | WORDS), max_size=3).map(tuple),
    directors=LISTS,
    writers=LISTS,
    characters=LISTS,
    certificate=st.none() | WORDS,
    rating=st.none() | st.floats(0, 10),
    votes=st.none() | st.integers(0, 10**9),
    popularity=st.floats(0, 1e6),
    runtime=st.none() | st.integers(0, 1000),
    awards=LISTS,
    origins=LISTS,
    quotes=LISTS,
    countries=LISTS,
    languages=LISTS,
    overview=st.just("") | WORDS,
    cast_complete=st.booleans(),
    same_as=st.just(()) | st.just(("urn:x:1", "http://example.org/2")),
    sources=st.sampled_from([(), ("netflix",), ("tmdb",), ("my films",)]),
)


class TestLaws:
    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(films=st.lists(FILMS, min_size=1, max_size=5))
    def test_a_written_graph_reads_back_the_same(self, concepts, tmp_path_factory, films):
        folder = tmp_path_factory.mktemp("law")
        graph = MovieGraph.from_movies(films, concepts)
        again = write_and_read(graph, folder / "films.nq")
        assert list(again.movies()) == list(graph.movies())
        assert again.index == graph.index
        again.write(folder / "again.nq")
        assert (folder / "again.nq").read_bytes() == (folder / "films.nq").read_bytes()
        turtle = write_and_read(graph, folder / "films.ttl")
        assert turtle.index == graph.index

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(films=st.lists(FILMS, min_size=1, max_size=5), cut=st.integers(0, 5))
    def test_adding_is_merging(self, concepts, films, cut):
        whole = MovieGraph.from_movies(films, concepts)
        pieces = MovieGraph.from_movies(films[:cut], concepts).add(films[cut:])
        assert pieces.fingerprint == whole.fingerprint
        assert pieces.add(films).fingerprint == whole.fingerprint
        other = MovieGraph.from_movies(films[cut:], concepts)
        assert other.merge(whole).merge(whole).fingerprint == whole.fingerprint


class TestAdding:
    def test_a_catalogue_added_twice_changes_nothing(self, graph, tmp_path):
        graph.write(tmp_path / "before.nq")
        before = graph.fingerprint
        assert graph.add(MOVIES) is graph
        assert graph.add(list(graph.movies())).fingerprint == before
        graph.write(tmp_path / "after.nq")
        assert (tmp_path / "before.nq").read_bytes() == (tmp_path / "after.nq").read_bytes()

    def test_a_catalogue_added_to_its_own_file_changes_nothing(self, graph, tmp_path):
        again = write_and_read(graph, tmp_path / "films.nq").add(MOVIES)
        assert again.index == graph.index
        assert len(again) == len(graph)

    def test_films_added_to_a_turtle_graph_join_its_films(self, concepts, tmp_path):
        graph = MovieGraph.from_movies([NETFLIX_MATRIX], concepts)
        again = write_and_read(graph, tmp_path / "films.ttl").add([TMDB_MATRIX])
        assert [film.iri for film in again.movies()] == [MATRIX]
        assert again.index.films[0].facts[EntityType.RATING] == ("8.2",)

    def test_added_films_reach_index_and_dataset(self, graph):
        assert graph.sparql("ASK { ?film schema:name 'Ran' }") == [{"answer": False}]
        before = graph.fingerprint
        graph.add([Movie("Ran", 1985, directors=("Akira Kurosawa",))])
        assert graph.index.link(EntityType.TITLE, "ran") == ("urn:moviequery:movie:ran-1985",)
        assert graph.sparql("ASK { ?film schema:name 'Ran' }") == [{"answer": True}]
        assert graph.fingerprint != before

    def test_merging_brings_the_other_concepts(self, graph, tmp_path):
        other = MovieGraph.from_movies(
            [Movie("Shane", 1953, genres=("oaters",))],
            read_vocabulary(tmp_path, "[genre.western]\nlabel = 'western'\nalt = ['oaters']\n"),
        )
        graph.merge(other)
        assert graph.index.link(EntityType.GENRE, "oaters") == ("urn:moviequery:genre:western",)
        assert len(graph) == 6

    def test_triples_added_by_hand_are_written_and_kept(self, graph, tmp_path):
        subject, predicate = URIRef("urn:mine:note"), URIRef("urn:mine:says")
        graph.dataset.add((subject, predicate, Literal('a "note"')))
        graph.add([Movie("Ran", 1985)])
        again = write_and_read(graph, tmp_path / "films.nq", graph.store)
        for one in (graph, again):
            assert str(one.dataset.value(subject, predicate)) == 'a "note"'
        assert again.index == graph.index

    def test_triples_removed_by_hand_are_not_written(self, graph, tmp_path):
        graph.dataset.update(f"DELETE WHERE {{ <{MATRIX}> <https://schema.org/abstract> ?text }}")
        graph.write(tmp_path / "films.ttl")
        assert "hacker learns" not in (tmp_path / "films.ttl").read_text()


class TestContent:
    def test_each_source_states_its_own(self, graph):
        query = """
            SELECT ?source ?licence ?name {
                GRAPH ?source { <urn:moviequery:movie:the-matrix-1999> schema:name ?name }
                ?source a prov:Entity ; dcterms:license ?licence
            } ORDER BY ?source"""
        assert graph.sparql(query) == [
            {
                "source": "urn:moviequery:source:netflix",
                "licence": "CC0 1.0",
                "name": "The Matrix",
            },
            {
                "source": "urn:moviequery:source:tmdb",
                "licence": "TMDB terms of use: attribution",
                "name": "Matrix, The",
            },
        ]

    def test_a_fact_of_two_sources_is_one_fact(self, graph):
        # on Oxigraph a union of all graphs would count Lana Wachowski three times
        query = "SELECT (COUNT(*) AS ?n) { ?film schema:name ?name ; schema:director ?person }"
        assert graph.sparql(query, {"name": "The Matrix"}) == [{"n": 2}]

    def test_performances_tell_who_plays_whom(self, graph):
        query = """
            SELECT ?actor ?name {
                ?film term:performance [ a schema:PerformanceRole ; schema:characterName ?name ;
                    schema:actor/schema:name ?actor ; schema:character/skos:prefLabel ?name ]
            } ORDER BY ?actor"""
        assert graph.sparql(query, {"film": MATRIX}) == [
            {"actor": "Carrie-Anne Moss", "name": "Trinity"},
            {"actor": "Keanu Reeves", "name": "Neo"},
        ]

    def test_concepts_are_skos(self, graph):
        romcom = URIRef("urn:moviequery:genre:romantic-comedy")
        alternatives = {str(label) for label in graph.dataset.objects(romcom, SKOS.altLabel)}
        assert alternatives == {"rom-com", "romcom"}
        query = """
            SELECT DISTINCT ?title {
                ?film schema:name ?title ; schema:genre/skos:broader*/skos:prefLabel ?label
            } ORDER BY ?title"""
        assert graph.sparql(query, {"label": "crime"}) == [{"title": "Dark"}, {"title": "Heat"}]
        within = "ASK { GRAPH <urn:moviequery:concepts> { genre:comedy skos:prefLabel ?label } }"
        assert graph.sparql(within) == [{"answer": True}]

    def test_counts(self, graph):
        counts = graph.counts()
        assert (counts["films"], counts["shows"], len(graph)) == (4, 1, 5)
        assert counts["people"] == 8
        assert counts["concepts"]["country"] == 1
        assert {name: source["films"] for name, source in counts["sources"].items()} == {
            "netflix": 3,
            "tmdb": 2,
        }
        assert counts["triples"] == graph.sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0]["n"]
        for name, source in counts["sources"].items():
            query = f"SELECT (COUNT(*) AS ?n) {{ GRAPH source:{name} {{ ?s ?p ?o }} }}"
            assert source["triples"] == graph.sparql(query)[0]["n"]

    def test_two_rows_of_one_source_stay_apart(self, concepts, tmp_path):
        rows = merge([NETFLIX_MATRIX, TMDB_MATRIX])[0]
        again = replace(rows, records=(*rows.records, replace(rows.records[0], runtime=137)))
        graph = MovieGraph.from_movies([again], concepts)
        assert graph.sparql(
            "SELECT ?time { GRAPH ?g { ?film schema:duration ?time } } ORDER BY ?time"
        ) == [{"time": "PT136M"}, {"time": "PT137M"}]
        read = write_and_read(graph, tmp_path / "films.nq")
        assert len(next(read.movies()).records) == 3

    def test_an_iri_of_the_source_is_kept(self, tmp_path):
        iri = "http://www.wikidata.org/entity/Q83495"
        graph = MovieGraph.from_movies([Movie("The Matrix", 1999, iri=iri)], EMPTY)
        assert graph.index.films[0].iri == iri
        again = write_and_read(graph, tmp_path / "films.nq").add([Movie("Heat", 1995)])
        assert again.index.film(iri).title == "The Matrix"

    def test_sources_given_with_films_are_described(self, tmp_path):
        sources = {"mine": Source("mine", "My own list", "CC BY 4.0", "http://example.org/a b")}
        write_movies(tmp_path / "films.jsonl", [Movie("Heat", 1995, sources=("mine",))], sources)
        graph = MovieGraph.from_movies(read_movies(tmp_path / "films.jsonl"), EMPTY)
        again = write_and_read(graph, tmp_path / "films.nq")
        assert again.sources["mine"].licence == "CC BY 4.0"
        assert again.sources["mine"].url == "http://example.org/a%20b"


class TestSparql:
    def test_values_are_python_values(self, graph):
        rows = graph.sparql(
            "SELECT ?film ?year ?rating ?votes ?done { ?film schema:name ?name ;"
            " schema:datePublished ?year ; term:castComplete ?done ;"
            " schema:aggregateRating [ schema:ratingValue ?rating ; schema:ratingCount ?votes ] }",
            {"name": "The Matrix"},
        )
        assert rows == [{"film": MATRIX, "year": 1999, "rating": 8.2, "votes": 25000, "done": True}]

    def test_what_is_unbound_is_left_out(self, graph):
        query = "SELECT ?name ?year { ?f schema:name ?name OPTIONAL { ?f term:none ?year } }"
        assert graph.sparql(query, {"name": "Heat"}) == [{"name": "Heat"}]

    def test_bindings_reach_filters_and_counts(self, graph):
        query = "SELECT (COUNT(?f) AS ?n) { ?f schema:genre ?genre }"
        assert graph.sparql(query, {"genre": "urn:moviequery:genre:crime"}) == [{"n": 2}]
        query = """SELECT ?name { ?f schema:name ?name ;
            schema:aggregateRating/schema:ratingValue ?r FILTER(?r > ?least) }"""
        assert graph.sparql(query, {"least": 8.1}) == [{"name": "The Matrix"}]

    def test_braces_in_front_of_the_group_are_no_groups(self, graph):
        query = """# { a comment
            PREFIX odd: <urn:odd#{>
            SELECT ("}{" AS ?x) (CONCAT(?name, '{') AS ?y) WHERE { ?f schema:name ?name }"""
        with pytest.raises(GraphError):  # the IRI is wrong, and that is what is told
            graph.sparql(query, {"name": "Heat"})
        query = query.replace("#{>", ">")
        assert graph.sparql(query, {"name": "Heat"}) == [{"x": "}{", "y": "Heat{"}]

    @pytest.mark.parametrize(
        "text", ['" } } ; DROP ALL #', "Heat'", "'''", 'a"""b', "x\\", "?name", "{", "\n"]
    )
    def test_bound_text_is_only_text(self, graph, text):
        before = graph.counts()
        assert graph.sparql("SELECT ?f { ?f schema:name ?name }", {"name": text}) == []
        assert graph.counts() == before

    @pytest.mark.parametrize(
        "update",
        [
            "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
            "PREFIX x: <urn:x> # insert\nDELETE WHERE { ?s ?p ?o }",
            "drop all",
            "LOAD <http://example.org/x>",
            "CLEAR DEFAULT",
        ],
    )
    def test_updates_are_refused(self, graph, update):
        with pytest.raises(GraphError, match="only reads"):
            graph.sparql(update)
        assert len(graph) == 5

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("SELECT ?x {\n ?x ?y }", "line 2"),
            ("SELECT ?x { ?x nope:y ?z }", "line 1"),
            ("", "SPARQL"),
            ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "CONSTRUCT"),
        ],
    )
    def test_a_wrong_query_says_where(self, graph, query, message):
        with pytest.raises(GraphError, match=message):
            graph.sparql(query)

    @pytest.mark.parametrize(
        ("bindings", "message"),
        [({"nme": "Heat"}, r"\['nme'\]"), ({"name": ["Heat"]}, "cannot bind")],
    )
    def test_wrong_bindings_are_refused(self, graph, bindings, message):
        with pytest.raises(GraphError, match=message):
            graph.sparql("SELECT ?f { ?f schema:name ?name }", bindings)


class TestErrors:
    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("a.nq", b"<urn:a> <urn:b> <urn:c> .\n<urn:a> oops .\n", r"a\.nq: line 2"),
            ("a.ttl", b"@prefix x: <urn:x> .\nx:a x:b .\n", r"a\.ttl: line 2"),
            ("a.nq", b'<urn:a> <urn:b> "\xff" .\n', r"a\.nq: line 1"),
            ("a.nq", b"", r"no film in .*a\.nq"),
            ("a.nq.gz", gzip.compress(b"<urn:a> <urn:b> <urn:c> ." * 99)[:-9], "cannot be read"),
            ("a.csv", b"title,year\nHeat,1995\n", r"a\.csv: line 1"),
            ("a.nq", b"<urn:a> <urn:b> <urn:c> .\n", "no subject is a https://schema.org/Movie"),
            ("a.ttl", b"<urn:f> a <https://schema.org/Movie> .", "urn:f has no https"),
            (
                "a.ttl",
                b'<urn:f> a <https://schema.org/Movie> ; <https://schema.org/name> "F" ;\n'
                b'<https://schema.org/datePublished> "soon" .',
                "urn:f: .*datePublished is 'soon'",
            ),
        ],
    )
    def test_a_wrong_file_says_where(self, tmp_path, name, content, message):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(GraphError, match=message):
            MovieGraph.read(tmp_path / name)

    def test_a_missing_file_is_named(self, tmp_path):
        with pytest.raises(GraphError, match=r"none\.nq"):
            MovieGraph.read(tmp_path / "none.nq")

    def test_an_unknown_store_names_the_known(self):
        with pytest.raises(GraphError, match="'oxigraph', 'memory'"):
            MovieGraph.from_movies([], EMPTY, store="rocksdb")

    def test_an_unknown_suffix_names_the_known(self, graph, tmp_path):
        with pytest.raises(GraphError, match=r"\.nq"):
            graph.write(tmp_path / "films.xml")

    def test_a_rating_must_be_a_number(self):
        graph = MovieGraph.from_movies([Movie("Heat", 1995, rating=float("nan"))], EMPTY)
        with pytest.raises(GraphError, match="heat-1995: rating nan"):
            _ = graph.index

    def test_a_kind_must_be_known(self):
        with pytest.raises(GraphError, match="'Heat': kind is 'film'"):
            MovieGraph.from_movies([Movie("Heat", 1995, kind="film")], EMPTY)

    def test_a_failed_write_leaves_the_old_file(self, tmp_path):
        path = tmp_path / "films.nq"
        path.write_text("old")
        broken = MovieGraph.from_movies([Movie("Heat", 1995, popularity=float("inf"))], EMPTY)
        with pytest.raises(GraphError):
            broken.write(path)
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]

    def test_an_empty_graph_is_a_graph(self, tmp_path):
        graph = MovieGraph.from_movies([], EMPTY)
        assert len(graph) == 0
        assert graph.counts()["films"] == 0
        assert graph.sparql("ASK { ?s schema:name ?o }") == [{"answer": False}]


class TestValidation:
    def test_our_own_graphs_conform(self, graph):
        pytest.importorskip("pyshacl")
        report = graph.validate()
        assert report.conforms
        assert report.films == 5
        assert "5 films checked" in report.summary()

    def test_what_is_broken_is_counted_and_shown(self, graph):
        pytest.importorskip("pyshacl")
        film, schema = URIRef(MATRIX), "https://schema.org/"
        graph.dataset.add((film, URIRef(f"{schema}name"), Literal("Another name")))
        graph.dataset.add((film, URIRef(f"{schema}actor"), URIRef("urn:nobody")))
        graph.dataset.add((film, URIRef(f"{schema}genre"), Literal("Action")))
        report = graph.validate()
        assert not report.conforms
        assert report.violations == {
            "a film has exactly one name": 1,
            "what a film is linked to is a skos:Concept": 1,
            "who acts, directs or writes is a schema:Person": 1,
        }
        assert any("urn:nobody" in example for example in report.examples)
        assert "3 violations" in report.summary()


class TestFilmsAsJsonLines:
    def test_round_trip(self, tmp_path):
        films = merge(MOVIES)
        for name in ("films.jsonl", "films.jsonl.gz"):
            assert write_movies(tmp_path / name, films) == len(films)
            assert tuple(read_movies(tmp_path / name)) == films
        assert read_movies(tmp_path / "films.jsonl").sources["tmdb"].name == "tmdb"

    def test_the_bytes_are_the_same_every_time(self, tmp_path):
        for name in ("a.jsonl.gz", "b.jsonl.gz"):
            write_movies(tmp_path / name, merge(reversed(MOVIES)))
        assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "line 1"),
            (b'{"format":"other"}\n', "line 1: .*'other'"),
            (b'{"format":"moviequery-films-1","sources":[]}\n{"iri":\n', "line 2"),
            (b'{"format":"moviequery-films-1","sources":[]}\n{"iri":"x","records":[{}]}', "line 2"),
            (b"\xff\xfe", "cannot be read"),
        ],
    )
    def test_a_wrong_file_says_where(self, tmp_path, content, message):
        (tmp_path / "films.jsonl").write_bytes(content)
        with pytest.raises(GraphError, match=message):
            read_movies(tmp_path / "films.jsonl")


def test_the_bundled_graph_is_large_and_conforms(bundled_graph):
    pytest.importorskip("pyshacl")
    assert len(bundled_graph) >= 5_000
    assert bundled_graph.validate().conforms
