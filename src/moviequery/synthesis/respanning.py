"""The entities of a query found again in a text that says the same in other words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ..knowledge.normalisation import fold, title_key
from ..knowledge.years import parse_years
from ..schema import Entity, EntityType, Query
from .refusals import Refusal

# From a type and a name to the IRIs that the name may stand for: `GraphIndex.link`.
Link = Callable[[EntityType, str], tuple[str, ...]]

# What is said letter for letter; the rest may be inflected.
_NAMES = frozenset(
    [
        EntityType.TITLE,
        EntityType.ACTOR,
        EntityType.DIRECTOR,
        EntityType.CHARACTER,
        EntityType.CERTIFICATE,
        EntityType.SONG,
        EntityType.QUOTE,
        EntityType.STUDIO,
    ]
)
_ARTICLES = ("a", "an", "the")
_ENDINGS = ("ings", "ing", "ers", "er", "est", "ed", "es", "s")
_SHORTEST_STEM = 3
# any year does for both sides of a comparison
_THIS_YEAR = 2_026

_WORD = re.compile(r"\w+(?:['’.-]\w+)*")

Span = tuple[int, int]


def find_entities(
    query: Query, text: str, named: Mapping[int, str], link: Link | None = None
) -> tuple[Entity, ...]:
    """Return the query's entities as they stand in the text, sorted by start.

    What stands there may be inflected ("thrillers") or, with a graph, another name of the same
    thing ("sci-fi"); `about` is turned to the new order.

    Args:
        query: whose entities are looked for.
        text: in other words.
        named: by position in `query.entities`, the words that are said to stand for an entity.
        link: tells whether two names stand for one thing.

    Raises:
        Refusal: an entity is lost, changed or said twice.

    Example:
        >>> from moviequery.schema import Intent
        >>> thriller = Entity(EntityType.GENRE, "thriller", 5, 13)
        >>> query = Query("good thriller?", Intent.REC, (thriller,))
        >>> find_entities(query, "Got any thrillers?", {0: "thrillers"})[0].start
        8
    """
    said = {number: " ".join(words.split()) for number, words in named.items()}
    # the longest first, so that "comedy" is not looked for within "romantic comedy"
    order = sorted(
        range(len(query.entities)),
        key=lambda number: (-len(said.get(number) or query.entities[number].text), number),
    )
    spans: dict[int, Span] = {}
    for number in order:
        taken = list(spans.values())
        spans[number] = _find_span(query, number, text, said.get(number, ""), taken, link)
    by_place = sorted(spans, key=lambda number: spans[number])
    places = {number: place for place, number in enumerate(by_place)}
    entities = []
    for number in by_place:
        entity, (start, end) = query.entities[number], spans[number]
        about = None if entity.about is None else places[entity.about]
        entities.append(replace(entity, text=text[start:end], start=start, end=end, about=about))
    return tuple(entities)


def is_form_of(entity: Entity, words: str, link: Link | None = None) -> bool:
    """Return True if the words say what the entity says.

    Example:
        >>> entity = Entity(EntityType.PLOT, "talking cars", 0, 12)
        >>> is_form_of(entity, "cars that talk"), is_form_of(entity, "talking car")
        (False, True)
    """
    if entity.iri and link is not None and entity.iri in link(entity.type, words):
        return True
    if entity.type is EntityType.TITLE:
        return title_key(words) == title_key(entity.text)
    if fold(words) == fold(entity.text):
        return True
    if entity.type in _NAMES:
        return False
    if entity.type is EntityType.YEAR:
        years = parse_years(entity.text, _THIS_YEAR)
        return years is not None and years == parse_years(words, _THIS_YEAR)
    return _stems(words) == _stems(entity.text)


def find_words(text: str, words: str) -> list[Span]:
    """Return where words stand in a text, whatever their case, not within longer words.

    Example:
        >>> find_words("It's it, not item", "it")
        [(0, 2), (5, 7)]
    """
    lowered, wanted = text.lower(), words.lower()
    if len(lowered) != len(text):  # by a letter that has no small one of its length: İ
        lowered, wanted = text, words
    spans = []
    start = lowered.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        if not (_is_inside(lowered, start) or _is_inside(lowered, end)):
            spans.append((start, end))
        start = lowered.find(wanted, start + 1)
    return spans


def overlaps(start: int, end: int, spans: list[Span]) -> bool:
    """Return True if `[start, end)` shares a character with one of the spans."""
    return any(start < other_end and other_start < end for other_start, other_end in spans)


def _is_inside(text: str, place: int) -> bool:
    """Return True if a word goes on from before the place to behind it."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()


def _find_span(
    query: Query, number: int, text: str, said: str, taken: list[Span], link: Link | None
) -> Span:
    entity = query.entities[number]
    # one that stands twice in the query may stand twice in the text
    wanted = sum(fold(other.text) == fold(entity.text) for other in query.entities)
    for words in dict.fromkeys([said, entity.text]):
        free = [span for span in find_words(text, words) if not overlaps(*span, taken)]
        if not free or not is_form_of(entity, words, link):
            continue
        if len(free) > wanted:
            raise Refusal("entity twice", f"{words!r} stands there {len(free)} times")
        return free[0]
    stands = find_words(text, said)
    if not stands and (forms := list(_find_forms(entity, text, taken, link))):
        if len(forms) > wanted:
            raise Refusal("entity twice", f"the {entity.type} {entity.text!r}")
        return forms[0]
    if stands:
        raise Refusal("entity changed", f"{said!r} is not the {entity.type} {entity.text!r}")
    raise Refusal("entity lost", f"the {entity.type} {entity.text!r} does not stand in the text")


def _find_forms(entity: Entity, text: str, taken: list[Span], link: Link | None) -> Iterator[Span]:
    """Yield where as many words as the entity has are a form of it."""
    words = [match.span() for match in _WORD.finditer(text)]
    count = len(_WORD.findall(entity.text))
    for first in range(len(words) - count + 1 if count else 0):
        start, end = words[first][0], words[first + count - 1][1]
        if not overlaps(start, end, taken) and is_form_of(entity, text[start:end], link):
            yield start, end


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in fold(text).split() if word not in _ARTICLES]


def _stem(word: str) -> str:
    """Return a word without what inflection puts behind it: "running" and "runs" are "run"."""
    for ending in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= _SHORTEST_STEM:
            word = rest
            break
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "sl":
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") else word.removesuffix("e")
