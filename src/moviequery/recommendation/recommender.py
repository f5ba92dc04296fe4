"""`Recommender`: a parsed query, or a text, to films of a graph that justify themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import MovieQueryError
from ..knowledge.normalisation import fold
from ..schema import Entity, EntityType, Intent, ParsedQuery, Query
from .answers import Answer, answer_question, asks
from .conditions import Selection, select_films
from .encoders import AUTO, Encode, find_encoder
from .evidence import find_facts, find_unmet
from .fact_table import Floats
from .film_index import find_index
from .matching import ABOUTNESS, EntityMatcher, Match
from .mending import mend_entities
from .ranking import Parts, Ranker
from .regrouping import regroup_entities
from .results import Hit, Recommendation
from .wishes import Wish, read_wish

if TYPE_CHECKING:
    from ..knowledge.graph import MovieGraph

Parse = Callable[[str], ParsedQuery]
# No one names more in a request; each name costs some milliseconds when it is misspelt.
MOST_ENTITIES = 40
# Below this score a question without an answer here is taken as a wish.
_SURE = 0.9
# What a text may be all about; a mood is also what someone finds a film that they saw.
_KINDS = tuple(kind for kind in ABOUTNESS if kind is not EntityType.MOOD)


class Recommender:
    """Finds films of a graph for what people ask.

    What must hold is looked up in the graph, what should be alike is scored by concepts and by
    meaning (`ranking`), and every hit says why it is there. Films that the query names are never
    recommended. A question gets the graph's answer.

    Attributes:
        graph: where the films come from; changes to it need a new recommender.
        index: facts and meanings of its films.
        matcher: what mentions are linked by.
    """

    def __init__(
        self,
        graph: MovieGraph,
        encoder: str | Path | Encode | None = AUTO,
        *,
        folder: str | Path | None = None,
        parse: Parse | None = None,
    ) -> None:
        """Make the index of a graph, or open it.

        Args:
            graph: films with their facts.
            encoder: what meanings are compared by: "auto" is MiniLM where the extra `films` is
                installed and "lexical" elsewhere; a sentence-transformers id or folder; or a
                function from texts to vectors. See `encoders.find_encoder`.
            folder: keeps the index; the next recommender opens it in no time, and one of a graph
                with more films only reads what is new.
            parse: reads texts; None takes the bundled parser, with the names of the graph.

        Raises:
            GraphError: the folder holds a damaged index.
            ModelError: the encoder cannot be loaded, or returns no vectors.

        Example:
            >>> from moviequery import Movie, MovieGraph
            >>> from moviequery.schema import EntityType
            >>> films = [Movie("Heat", 1995, genres=("Crime",)), Movie("Up", 2009)]
            >>> recommender = Recommender(MovieGraph.from_movies(films), encoder=None)
            >>> crime = Entity(EntityType.GENRE, "crime", 2, 7)
            >>> query = ParsedQuery("a crime film", Intent.REC, entities=(crime,))
            >>> [(film.title, facts) for film, _, facts in recommender.recommend(query, k=1)]
            [('Heat', ('<urn:moviequery:movie:heat-1995> <https://schema.org/genre> \
<urn:moviequery:genre:crime>',))]
        """
        self.graph = graph
        self.encoder = find_encoder(encoder)
        self.index = find_index(graph, self.encoder, folder)
        self.matcher = EntityMatcher(graph.index)
        self._movies = tuple(graph.movies())
        self._ranker = Ranker(self.index, graph.index, self.encoder)
        self._parse = parse

    def recommend(self, query: ParsedQuery | Query | str, k: int = 10) -> Recommendation:
        """Return up to k films for a query, best first, or the answer to a question.

        Fewer than k are returned where no more films meet its conditions. Where none does, the
        least important condition is given up, and the result says so. A question that has no
        answer here, and of which the parser is not sure that it is one, is taken as a wish.

        Raises:
            MovieQueryError: k is below 1.
            ModelError: a text is given, and there is no parser.
        """
        if k < 1:
            raise MovieQueryError(f"k is {k}; ask for at least 1 film")
        if isinstance(query, str):
            query = self._read(query)
        entities = self._mend(query)
        unread = tuple(
            f"the {len(query.entities) - MOST_ENTITIES} names after the first {MOST_ENTITIES}"
            for _ in query.entities[MOST_ENTITIES : MOST_ENTITIES + 1]
        )
        read = ParsedQuery(query.text, query.intent, entities=entities)
        matches = self.link(entities)
        if query.intent is Intent.NON_REC and not _only_names(read, matches):
            answer = answer_question(read, matches, self.graph.index)
            if answer.known or _is_sure(query):
                return self._answer(answer, k)
        wish = read_wish(read, matches, self.graph.index)
        found = self._find(wish, k)
        return replace(found, unknown=found.unknown + unread)

    def link(self, entities: Sequence[Entity]) -> tuple[Match | None, ...]:
        """Return what each mention denotes in the graph, with a score; see `EntityMatcher`."""
        return self.matcher.match(entities)

    def _mend(self, query: ParsedQuery | Query) -> tuple[Entity, ...]:
        entities = mend_entities(query.text, query.entities[:MOST_ENTITIES])
        if any(entity.about is not None for entity in entities):
            return entities  # places in `about` hold for these alone
        return regroup_entities(query.text, entities, self.matcher)

    def _find(self, wish: Wish, k: int) -> Recommendation:
        facts = self.index.facts
        excluded = [self._ranker.positions[iri] for iri in wish.excluded]
        selection = select_films(wish, facts, excluded)
        scores, parts = self._ranker.rank(wish, selection.flags)
        chosen = np.flatnonzero(selection.flags)
        hits = [
            self._make_hit(int(chosen[place]), place, scores, parts, wish, selection)
            for place in _top(scores, k)
        ]
        return Recommendation(
            hits=tuple(hits),
            given_up=tuple(condition.mention for condition in selection.given_up),
            unknown=wish.unknown,
        )

    def _make_hit(
        self,
        position: int,
        place: int,
        scores: Floats,
        parts: Parts,
        wish: Wish,
        selection: Selection,
    ) -> Hit:
        film = self.graph.index.films[position]
        return Hit(
            movie=self._movies[position],
            score=float(scores[place]),
            facts=find_facts(position, wish, selection, self._ranker),
            parts={name: float(values[place]) for name, values in parts.items()},
            unmet=find_unmet(film, position, wish, selection, self._ranker),
        )

    def _answer(self, answer: Answer, k: int) -> Recommendation:
        hits = tuple(
            Hit(self._movies[self._ranker.positions[film.iri]], 1.0, triples)
            for film, triples in answer.films[:k]
        )
        return Recommendation(hits, answer=answer.text, known=answer.known)

    def _read(self, text: str) -> ParsedQuery:
        if self._parse is None:
            # the one door that opens upward, when a text comes and nobody has said who reads it
            from ..modeling.parser import QueryParser

            self._parse = QueryParser.from_pretrained(graph=self.graph).parse
        return self._parse(text)


def _only_names(query: ParsedQuery, matches: Sequence[Match | None]) -> bool:
    """Return True for a text that a parser may take for a question, though it asks nothing.

    It names what films are about and no film, as "documentary about a teenage addict" does, or is
    a title and nothing else.
    """
    if asks(query.text) or not any(matches):
        return False
    if any(entity.type is EntityType.TITLE for entity in query.entities):
        return len(query.entities) == 1 and fold(query.entities[0].text) == fold(query.text)
    return any(match.type in _KINDS for match in matches if match)


def _is_sure(query: ParsedQuery | Query) -> bool:
    """Return False for a question that may as well be a wish, by the parser's own score."""
    scores = query.scores if isinstance(query, ParsedQuery) else {}
    return scores.get(Intent.NON_REC, 1.0) >= _SURE


def _top(scores: Floats, k: int) -> list[int]:
    """Return the places of the k highest scores, the first place first among equals."""
    if len(scores) > k:
        least = np.partition(scores, len(scores) - k)[len(scores) - k]
        places = np.flatnonzero(scores >= least)
    else:
        places = np.arange(len(scores))
    order = np.lexsort((places, -scores[places]))
    return [int(place) for place in places[order[:k]]]
