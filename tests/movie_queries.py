"""A few hand-written queries for the tests of models."""

from __future__ import annotations

from moviequery.schema import Entity, EntityType, Intent, Query

_ROWS = (
    ("rec", "any good {genre:heist} movies like {title:Heat}?"),
    ("non_rec", "who directed {title:Alien}?"),
    ("rec", "recommend a {genre:comedy} with {actor:Bill Murray}"),
    ("non_rec", "is {title:Up} a {genre:western}?"),
    ("rec", "something {mood:gritty} from the {year:90s}"),
    ("non_rec", "when does the cinema open?"),
    ("rec", "films by {director:Ridley Scott} about {theme:loyalty}"),
    ("non_rec", "did {actor:Tom Hanks} sing in {title:Big}?"),
)


def parse_markup(intent: str, markup: str) -> Query:
    """Return the query of a text whose entities stand as {type:words}."""
    text, entities = "", []
    for number, piece in enumerate(markup.replace("}", "{").split("{")):
        if number % 2:
            name, words = piece.split(":", 1)
            start = len(text)
            entities.append(Entity(EntityType(name), words, start, start + len(words)))
            text += words
        else:
            text += piece
    return Query(text, Intent(intent), tuple(entities))


QUERIES = tuple(parse_markup(intent, markup) for intent, markup in _ROWS)
