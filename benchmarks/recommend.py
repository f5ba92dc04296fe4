"""Films for 1,000 requests: ours, plain SBERT on the raw text, and BM25, in one run.

    pip install 'moviequery[films]' bm25s
    python benchmarks/recommend.py                      ours with gold entities, and the peers
    python benchmarks/recommend.py --model ADAPTERS     the entities of this parser as well
    python benchmarks/recommend.py --scale 100000       latency with that many films too
    python benchmarks/recommend.py --linking            names with slips, instead of all that

Requests come from the synthesis grammar, one in ten with slips. A film is acceptable if the graph
says that it meets every wish of the request; where the request names a film to be like, it must
share a genre with it too. Requests that name nothing but a title have no known answers and are left
out. Gold entities are type, span and negation, as a parser without error would give them; what they
denote is for the recommender to find. Satisfaction is the share of wishes met by the first
min(10, acceptable) films; a film too few meets none.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any

import numpy as np

from moviequery import MovieGraph, QueryParser, Recommender, SyntheticQueryBuilder
from moviequery.knowledge.index import Film, GraphIndex
from moviequery.knowledge.normalisation import fold, title_key
from moviequery.knowledge.years import parse_years
from moviequery.recommendation.encoders import find_encoder
from moviequery.recommendation.matching import EntityMatcher
from moviequery.schema import Entity, EntityType, Intent, Movie, ParsedQuery, Query
from moviequery.synthesis.grounding import states_nothing
from moviequery.synthesis.noise import Noise, add_noise

K = 10
_FACTS = tuple(kind for kind in EntityType if kind not in (EntityType.TITLE, EntityType.YEAR))
# Slips in names far thicker than people make them: one in four names has one.
_SLIPPED, _EXACT, _WIDER = (
    "names with slips or by alias",
    "names spelt right",
    "names of a wider concept",
)
_SLIPS = Noise(key=0.05, letter=0.07, misspelling=0.3, lost_word=0, contraction=0, filler=0)


@dataclass(frozen=True)
class Request:
    """A query, what it wishes for, and the positions of the films that meet all of it."""

    query: Query
    wishes: tuple[frozenset[int], ...]
    acceptable: frozenset[int]


def main() -> None:
    """Print quality, then latency."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1_000, help="requests")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--model", help="a parser; the bundled one where it is there")
    parser.add_argument("--encoder", default="auto")
    parser.add_argument("--scale", type=int, help="films of a second timing, made of copies")
    parser.add_argument("--linking", action="store_true")
    parser.add_argument("--index", metavar="DIR", help="keeps the index, to time it again")
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()

    graph = MovieGraph.bundled()
    builder = SyntheticQueryBuilder(graph, seed=options.seed)
    if options.linking:
        measure_linking(graph, builder, options.n)
        return
    requests = list(find_requests(graph.index, builder, options.n))
    sizes = np.array([len(request.acceptable) for request in requests])
    print(
        f"{len(graph):,} films, {len(requests):,} requests, {np.median(sizes):.0f} acceptable "
        f"films in the median, at most {K} for {np.mean(sizes <= K):.0%}"
    )
    find = partial(Recommender, encoder=options.encoder, folder=options.index)
    recommender, seconds = timed(lambda: find(graph))
    print(f"index: {seconds:.1f} s, encoder {recommender.encoder.name}\n")
    gold = [strip_gold(request.query) for request in requests]
    print(f"{'':<34}{'NDCG@10':>9}{'Recall@10':>11}{'satisfied':>11}{'all met':>9}")
    ours = search_ours(recommender, gold)
    report("ours, gold entities", requests, ours)
    parse = load_parser(options.model, graph)
    parsed = [parse(request.query.text) for request in requests] if parse else []
    if parse:
        report("ours, parsed entities", requests, search_ours(recommender, parsed))
    if not options.no_peers:
        texts = [describe(graph.index, film) for film in graph.index.films]
        asked = [request.query.text for request in requests]
        report("plain SBERT on the raw text", requests, search_sbert(texts, asked))
        report("BM25 (bm25s)", requests, search_bm25(texts, asked))
    print()
    measure_latency(f"{len(graph):,} films", recommender, gold)
    if parse:
        measure_parsing(parse, recommender, [request.query.text for request in requests[:300]])
    if options.scale:
        larger = CopiedGraph(graph, options.scale)
        recommender, seconds = timed(lambda: find(larger))
        print(f"index of {len(larger):,} films: {seconds:.1f} s")
        measure_latency(f"{len(larger):,} films", recommender, gold[:300])


def find_requests(index: GraphIndex, builder: SyntheticQueryBuilder, n: int) -> Iterator[Request]:
    """Yield requests with known acceptable answers."""
    movies = frozenset(at for at, film in enumerate(index.films) if film.kind == "movie")
    for query in builder.iter(None):
        if query.intent is not Intent.REC or len(query.parts) > 1:
            continue
        wishes = tuple(
            held
            for entity in query.entities
            if (held := find_holders(index, entity, query)) is not None
        )
        named = {
            at
            for entity in query.entities
            if entity.type is EntityType.TITLE
            for at in find_bearers(index, entity)
        }
        positive = any(
            not entity.negated and find_holders(index, entity, query) is not None
            for entity in query.entities
        )
        acceptable = movies.intersection(*wishes) - named
        liked = [e for e in query.entities if e.type is EntityType.TITLE and not e.negated]
        akin = frozenset(at for e in liked for at in find_akin(index, e))
        acceptable = acceptable & akin or acceptable
        if positive and acceptable:
            yield Request(query, wishes, acceptable)
            n -= 1
        if not n:
            return


def find_holders(index: GraphIndex, entity: Entity, query: Query) -> frozenset[int] | None:
    """Return the films that meet a wish; None for what is no wish or what no graph can hold."""
    if entity.type is EntityType.TITLE or states_nothing(entity):
        return None
    if entity.about is not None and not entity.negated:
        return None  # said of a named film
    everything = frozenset(range(len(index.films)))
    if entity.type is EntityType.YEAR:
        span = parse_years(entity.text, index.newest_year)
        if span is None:
            return None
        dated = {at for at in everything if index.films[at].year is not None}
        within = {at for at in dated if span[0] <= (index.films[at].year or 0) <= span[1]}
        return frozenset(dated - within if entity.negated else within)
    if entity.type is EntityType.CERTIFICATE and not entity.iri:
        return index.unrated
    values = (entity.iri,) if entity.iri else index.link(entity.type, entity.text)
    held = frozenset().union(*(index.films_with(entity.type, value) for value in values))
    return everything - held if entity.negated else held


def find_bearers(index: GraphIndex, title: Entity) -> set[int]:
    """Return the films that a title may name."""
    film = index.film(title.iri or "")
    names = {title_key(film.title)} if film else {title_key(title.text)}
    iris = {iri for name in names for iri in index.link(EntityType.TITLE, name)}
    return {at for iri in iris for at in index.films_with(EntityType.TITLE, iri)}


def find_akin(index: GraphIndex, title: Entity) -> set[int]:
    """Return the films that share a genre with the one that a title names."""
    film = index.film(title.iri or "")
    genres = film.facts.get(EntityType.GENRE, ()) if film else ()
    return {at for genre in genres for at in index.films_with(EntityType.GENRE, genre)}


def strip_gold(query: Query) -> ParsedQuery:
    """Return the gold entities without what they denote and what they are said of."""
    bare = tuple(replace(entity, iri=None, about=None) for entity in query.entities)
    return ParsedQuery(query.text, query.intent, entities=bare)


def search_ours(recommender: Recommender, queries: Sequence[ParsedQuery]) -> list[list[int]]:
    """Return the positions of our films; whatever the parser took for a question is answered."""
    places = {film.iri: at for at, film in enumerate(recommender.graph.index.films)}
    return [[places[hit.movie.iri] for hit in recommender.recommend(q, K)] for q in queries]


def search_sbert(texts: Sequence[str], asked: Sequence[str]) -> list[list[int]]:
    """Return the films whose description is closest to the text as it stands."""
    encode = find_encoder("sentence-transformers/all-MiniLM-L6-v2")
    films = np.concatenate([encode(texts[at : at + 256]) for at in range(0, len(texts), 256)])
    similarities = encode(asked) @ films.T
    return np.argsort(-similarities, axis=1, kind="stable")[:, :K].tolist()


def search_bm25(texts: Sequence[str], asked: Sequence[str]) -> list[list[int]]:
    """Return the films whose description BM25 ranks first, with stop words left out."""
    import bm25s

    retriever = bm25s.BM25()
    retriever.index(
        bm25s.tokenize(list(map(fold, texts)), show_progress=False), show_progress=False
    )
    tokens = bm25s.tokenize(list(map(fold, asked)), show_progress=False)
    found, _ = retriever.retrieve(tokens, k=K, show_progress=False)
    return found.tolist()


def describe(index: GraphIndex, film: Film) -> str:
    """Return all that the graph holds of a film, in one text."""
    parts = [f"{film.title} ({film.year})" if film.year else film.title]
    if film.year:
        parts.append(f"{film.year // 10 * 10}s")
    for kind in _FACTS:
        nodes = [index.nodes.get(value) for value in film.facts.get(kind, ())]
        names = [node.label for node in nodes if node]
        names += [name for node in nodes if node for name in node.alternatives[:2]]
        if names:
            parts.append(f"{kind.value}: {', '.join(names)}")
    return ". ".join(parts)


def report(name: str, requests: Sequence[Request], found: Sequence[Sequence[int]]) -> None:
    """Print a line of scores."""
    scores = np.array([score(r, hits) for r, hits in zip(requests, found, strict=True)])
    ndcg, recall, satisfied = scores.mean(axis=0)
    print(
        f"{name:<34}{ndcg:>9.3f}{recall:>11.3f}{satisfied:>11.3f}{(scores[:, 2] == 1).mean():>9.3f}"
    )


def score(request: Request, hits: Sequence[int]) -> tuple[float, float, float]:
    """Return NDCG@10, Recall@10 (of at most ten) and the share of wishes that are met."""
    slots = min(K, len(request.acceptable))
    right = [at in request.acceptable for at in hits[:K]]
    gain = sum(1 / math.log2(place + 2) for place, good in enumerate(right) if good)
    ideal = sum(1 / math.log2(place + 2) for place in range(slots))
    met = sum(at in wish for at in hits[:slots] for wish in request.wishes)
    return gain / ideal, min(sum(right) / slots, 1.0), met / (slots * len(request.wishes))


def load_parser(model: str | None, graph: MovieGraph) -> Callable[[str], ParsedQuery] | None:
    """Return a parser, or None where none is given and none is bundled."""
    from moviequery import MovieQueryError

    try:
        return QueryParser.from_pretrained(model, graph=graph).parse
    except MovieQueryError as error:
        if model:
            raise
        print(f"without parsed entities: {error}")
        return None


def measure_latency(name: str, recommender: Recommender, queries: Sequence[ParsedQuery]) -> None:
    """Print how long a recommendation takes, linking and meanings included."""
    print_times(f"recommend, {name}", recommender, queries)


def measure_parsing(
    parse: Callable[[str], ParsedQuery], recommender: Recommender, texts: Sequence[str]
) -> None:
    """Print how long text to films takes."""
    print_times("text to films", recommender, texts, parse)


def print_times(
    name: str,
    recommender: Recommender,
    queries: Sequence[Any],
    read: Callable[[Any], Any] = lambda query: query,
) -> None:
    """Print median and 95th percentile in milliseconds: of the clock, and of the processor.

    On a machine that does other work too, the clock counts that as well.
    """
    for query in queries[:50]:
        recommender.recommend(read(query))
    recommender.matcher.forget()
    clock, processor = [], []
    for query in queries:
        start, start_processor = time.perf_counter(), time.process_time()
        recommender.recommend(read(query))
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - start_processor)
    low, high = np.percentile(np.array(clock) * 1_000, [50, 95])
    least, most = np.percentile(np.array(processor) * 1_000, [50, 95])
    print(
        f"{name:<28} clock p50 {low:>6.1f} p95 {high:>6.1f} ms   "
        f"processor p50 {least:>6.1f} p95 {most:>6.1f} ms"
    )


class CopiedGraph:
    """As much of a graph as a recommender asks for: films of a graph, and copies of them.

    Copies have the same facts under another title, each film is its own. To merge and link a
    hundred thousand films first, as `MovieGraph` does, would time something else.
    """

    def __init__(self, graph: MovieGraph, size: int) -> None:
        """Copy the films round by round."""
        films = graph.index.films
        movies = {movie.iri: movie for movie in graph.movies()}
        copies = [rename(films[n % len(films)], n // len(films)) for n in range(size)]
        self.index = GraphIndex(copies, graph.index.nodes.values())
        self.fingerprint = self.index.fingerprint()
        self._movies = [movies[film.iri.partition("-copy-")[0]] for film in self.index.films]

    def movies(self) -> Iterator[Movie]:
        """Yield a film for each of the index; copies share theirs."""
        yield from self._movies

    def __len__(self) -> int:
        """Return the number of films."""
        return len(self._movies)


def rename(film: Film, number: int) -> Film:
    """Return the film, or from number 1 on a copy under another title."""
    if not number:
        return film
    return replace(film, iri=f"{film.iri}-copy-{number}", title=f"{film.title} {number}")


def measure_linking(graph: MovieGraph, builder: SyntheticQueryBuilder, n: int) -> None:
    """Print how many names are linked to what they denote, with and without slips.

    Some rows name less than the fact they rest on: "an Oscar" for its best score. There the wider
    concept is what the name denotes.
    """
    matcher = EntityMatcher(graph.index)
    rng = Random(5)
    counts = {name: [0, 0, 0] for name in (_SLIPPED, _EXACT, _WIDER)}
    for query in builder.iter(n):
        noisy = add_noise(query, _SLIPS, rng)
        bare = [replace(entity, iri=None) for entity in noisy.entities]
        matches = matcher.match(bare)
        for gold, clean, match in zip(noisy.entities, query.entities, matches, strict=True):
            if gold.iri:
                known = graph.index.link(gold.type, clean.text)
                wider = graph.index.above(gold.iri).intersection(known)
                meant = wider if gold.iri not in known and wider else {gold.iri}
                if gold.iri not in meant:
                    count = counts[_WIDER]
                else:
                    slipped = fold(gold.text) != fold(clean.text) or gold.iri not in known
                    count = counts[_SLIPPED if slipped else _EXACT]
                count[0] += 1
                count[1] += match is not None and match.iri in meant
                count[2] += match is not None and not meant.isdisjoint((match.iri, *match.rivals))
    for name, (total, right, shared) in counts.items():
        print(
            f"{name:<32}{total:>7,}  top-1 {right / total:.4f}  or one of the same name "
            f"{shared / total:.4f}"
        )


def timed(call):  # noqa: ANN001, ANN201 - a benchmark's helper
    """Return what a call returns, and its seconds."""
    start = time.perf_counter()
    value = call()
    return value, time.perf_counter() - start


if __name__ == "__main__":
    main()
