"""Is what a text says of films true? Each claim of a text, with the graph's verdict.

A claim is what is said OF a named film; what somebody wishes for claims nothing: "a film like Heat
but with Tom Hanks" is no falsehood, "Heat, which has no De Niro in it" is one. The rules of truth
are those of `truth`. Further:

- A title is true where the graph has a film of that name, and unknown where it has not; all that is
  said of an unknown film is unknown.
- Of several films of one name that one is meant of which most of the claims are true.
- A denial is true where the fact is false, and false where it is true.
- The words behind "like T" may tell of T or of what is wanted: "a film like Heat with Tom Hanks".
  Where they are not true of T they are unknown.

The paper's Listing 4 is the example of what must be refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..knowledge.index import Film, GraphIndex, write_fact
from ..knowledge.normalisation import fold
from ..schema import Entity, EntityType, ParsedQuery, Query
from .naming import NameFinder
from .reading import read_statements
from .statements import Statement, read_labels
from .truth import PEOPLE, Judgement, Verdict, find_player, judge_fact, list_labels

_SHOWN = 6  # of the values that a film holds, in a reason


@dataclass(frozen=True, slots=True)
class Claim:
    """What a text says of a film, and what the graph says to it.

    Attributes:
        text: the words: `query.text[start:end]`.
        start: offset of the first character.
        end: offset after the last character.
        type: as what they are said; "title" for the name of a film itself.
        film: IRI of the film that is meant; None where the graph has none of that name.
        verdict: what the graph says.
        reason: the claim in words, and what the graph holds instead.
        triple: as N-Triples without the final dot: the fact of the graph if the claim is true, the
            one that it would need if not; for a denial, the fact that is denied. "" where there is
            no film to state it of.
        negated: True for a denial.
    """

    text: str
    start: int
    end: int
    type: EntityType
    film: str | None
    verdict: Verdict
    reason: str
    triple: str = ""
    negated: bool = False

    def to_row(self) -> dict[str, Any]:
        """Return the claim as plain JSON values."""
        return {
            "text": self.text,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "type": self.type.value,
            "film": self.film,
            "triple": self.triple,
            "start": self.start,
            "end": self.end,
            "negated": self.negated,
        }


def check_claims(query: ParsedQuery | Query, index: GraphIndex) -> tuple[Claim, ...]:
    """Return the claims of a text in the order of their words, each with its verdict.

    A `Query` says by its labels what is claimed of which film (`Entity.about`). Of a `ParsedQuery`
    that is read from the text, with the parser's entities and with the names that the graph knows.

    The names are made ready at the first call for an index, which takes a while.

    Example:
        >>> from moviequery import Movie, MovieGraph
        >>> index = MovieGraph.from_movies([Movie("Heat", 1995)]).index
        >>> parsed = ParsedQuery("the 1996 film Heat", None)
        >>> [(claim.text, claim.verdict.value) for claim in check_claims(parsed, index)]
        [('1996', 'false'), ('Heat', 'true')]
    """
    if isinstance(query, Query):
        titles, statements = read_labels(query)
    else:
        marked = index.remember(NameFinder).mark(query)
        titles, statements = marked.titles, read_statements(marked)
    claims: list[Claim] = []
    for place, title in enumerate(titles):
        about = [statement for statement in statements if statement.title == place]
        claims += _judge_film(index, title, about)
    return tuple(sorted(claims, key=lambda claim: (claim.start, claim.end)))


def _judge_film(index: GraphIndex, title: Entity, about: Sequence[Statement]) -> list[Claim]:
    """Return the claim of the title itself, then those of what is said of the film."""
    iris = (title.iri,) if title.iri else index.link(EntityType.TITLE, title.text)
    films = [film for iri in iris if (film := index.film(iri))]
    # "Heat" may be short for "The Heat", but only where no film is called just so
    films = [film for film in films if _is_called(film, title.text)] or films
    if not films:
        reason = f"no film called {title.text!r} is in the graph"
        unknown = Claim(
            title.text, title.start, title.end, title.type, None, Verdict.UNKNOWN, reason
        )
        return [
            unknown,
            *(
                replace(unknown, text=one.text, start=one.start, end=one.end, type=one.type)
                for one in about
            ),
        ]
    judged = [(film, [_judge(index, film, one) for one in about]) for film in films]
    film, claims = max(judged, key=lambda pair: _merit(*pair))
    named = Claim(
        text=title.text,
        start=title.start,
        end=title.end,
        type=title.type,
        film=film.iri,
        verdict=Verdict.TRUE,
        reason=f"the graph has {_name(film)}",
        triple=index.triple(film, EntityType.TITLE, film.iri),
    )
    return [named, *claims]


def _is_called(film: Film, name: str) -> bool:
    return fold(name) in map(fold, (film.title, *film.alternative_titles))


def _merit(film: Film, claims: Sequence[Claim]) -> tuple[int, int, float]:
    """Return what speaks for a film among those of one name: its true claims, then its fame."""
    true = sum(claim.verdict is Verdict.TRUE for claim in claims)
    false = sum(claim.verdict is Verdict.FALSE for claim in claims)
    return true, -false, film.popularity


def _judge(index: GraphIndex, film: Film, said: Statement) -> Claim:
    """Return the claim that a statement makes of a film."""
    found = _find_judgement(index, film, said)
    verdict, held = found.verdict, _describe(index, film, found, said)
    if said.negated:
        opposite = {Verdict.TRUE: Verdict.FALSE, Verdict.FALSE: Verdict.TRUE}
        verdict = opposite.get(verdict, verdict)
    if said.doubtful and verdict is Verdict.FALSE:
        verdict, held = Verdict.UNKNOWN, f"{held}; it may be a wish"
    return Claim(
        text=said.text,
        start=said.start,
        end=said.end,
        type=said.type,
        film=film.iri,
        verdict=verdict,
        reason=f"{'not ' if said.negated else ''}{said.type.value} {said.text!r} of "
        f"{_name(film)}: {held}",
        triple=write_fact(film, found.type, found.value) if found.value else "",
        negated=said.negated,
    )


def _find_judgement(index: GraphIndex, film: Film, said: Statement) -> Judgement:
    """Return what the rules say, for people in either role and for the players of a part."""
    found = judge_fact(index, film, said.type, said.text, said.iri)
    if said.either_role:
        other = PEOPLE[1 - PEOPLE.index(said.type)]
        also = judge_fact(index, film, other, said.text, said.iri)
        if also.verdict is Verdict.TRUE:
            return also
    if said.player and found.verdict is Verdict.TRUE:
        players = find_player(index, film, found.value)
        by = judge_fact(index, film, EntityType.ACTOR, said.player)
        named = by.value in index.nodes and index.nodes[by.value].label in players
        if players and not named:
            return replace(found, verdict=Verdict.FALSE)
    return found


def _describe(index: GraphIndex, film: Film, found: Judgement, said: Statement) -> str:
    """Return why a statement is true, false or unknown."""
    if found.verdict is Verdict.TRUE:
        return "the graph holds it"
    if said.player and (players := find_player(index, film, found.value)):
        return f"the graph has {', '.join(players)} in that part, not {said.player}"
    if said.type in PEOPLE:
        other = PEOPLE[1 - PEOPLE.index(said.type)]
        if judge_fact(index, film, other, said.text, said.iri).verdict is Verdict.TRUE:
            return f"the graph holds them as {other.value} only"
    held = list_labels(index, film, said.type)
    shown = ", ".join(sorted(held, key=len)[:_SHOWN]) + (", ..." if len(held) > _SHOWN else "")
    return f"the graph holds {shown or 'nothing of that kind'}"


def _name(film: Film) -> str:
    return f"{film.title!r} ({film.year})" if film.year else repr(film.title)
