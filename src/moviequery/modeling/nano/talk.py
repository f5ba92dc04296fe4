"""Questions and wishes as people type them, with replies in plain words."""

from __future__ import annotations

from random import Random

from ...schema import EntityType, Intent, Query
from .copying import exchange
from .material import Material, Statement
from .prose import join_words, phrase_facts, tell_film

Messages = list[dict[str, str]]

_SYSTEM = (
    "You are a friendly assistant who knows films.",
    "You talk with people about films.",
    "You will receive questions about Movies. Answer in a few plain words.",
    "Answer the user.",
)
_OFFER = (
    "How about {}?", "You might enjoy {}.", "Try {}.", "I would put on {}.", "My tip: {}.",
    "Have a look at {}.", "Then watch {}.", "{} could be the one for you.",
)  # fmt: skip
_HEARD = (
    "You name {}.", "You said {}.", "I see: {}.", "So it is {}.", "With {} in mind:",
    "{}? Good.", "Let me think of {}.",
)  # fmt: skip
_ANSWER = ("Here is what I know. {}", "{}", "Let me see. {}", "As far as I know: {}")
_UNKNOWN = (
    "I am sorry, I cannot look that up.",
    "That I do not know. A cinema or the service itself can tell you.",
    "I have no answer to that.",
    "Nice to hear from you. Ask me about a film.",
)
_WISHED = (
    "So you want a film {}.", "You are after a movie {}.", "I shall look for a film {}.",
    "You feel like a picture {}.", "Your wish is a film {}.",
)  # fmt: skip
_ASKED = (
    "You ask about a film {}.", "I see, you speak of a film {}.", "The question is on a movie {}.",
    "You have a picture {} in mind.", "If I hear you well, it is about a film {}.",
)  # fmt: skip
_NAMED = ("by the name of {}", "called {}", "known as {}")
_ECHO = 0.75
# Of the queries told again, those that must hold a span of so many words; of the others one in four
# does. Where a description ends is hardest to learn: fine-tuned on a base that met queries as they
# come, titles reached an F1 of .89 and plots .34.
_LONG = 0.5
_LONG_WORDS = 4


def write_talk(material: Material, rng: Random) -> Messages:
    """Return a query about train films and a plain reply: an offer to a wish, else facts."""
    query = material.draw_query(rng)
    reply = (_offer if query.intent is Intent.REC else _answer)(material, query, rng)
    if query.entities and rng.random() < _ECHO:
        reply = f"{_echo(query, rng)} {reply}"
    messages = exchange(query.text, reply)
    if rng.random() < 0.5:
        messages.insert(0, {"role": "system", "content": rng.choice(_SYSTEM)})
    return messages


def _echo(query: Query, rng: Random) -> str:
    """Return a sentence with the things that were named, alone or as they would be told."""
    if rng.random() < 0.5 and (restated := _restate(query, rng)):
        return restated
    names = list(dict.fromkeys(entity.text for entity in query.entities))
    if rng.random() < 0.5:
        names = [f'"{name}"' for name in names]
    return rng.choice(_HEARD).format(join_words(names, rng))


def write_restatement(material: Material, rng: Random) -> Messages:
    """Return a query about train films and what was said in it, told in other words."""
    is_long = rng.random() < _LONG
    query = material.draw_query(rng)
    while is_long and not _has_long_span(query):
        query = material.draw_query(rng)
    reply = _restate(query, rng)
    if not reply:
        reply = (_offer if query.intent is Intent.REC else _answer)(material, query, rng)
    return exchange(query.text, reply)


def _has_long_span(query: Query) -> bool:
    return any(len(entity.text.split()) >= _LONG_WORDS for entity in query.entities)


def _restate(query: Query, rng: Random) -> str:
    """Return what was said as prose about a film would say it; nothing if no name was said."""
    forms = _WISHED if query.intent is Intent.REC else _ASKED
    described = _describe(query, rng)
    return rng.choice(forms).format(described) if described else ""


def _describe(query: Query, rng: Random) -> str:
    named: dict[EntityType, dict[str, None]] = {}
    for entity in query.entities:
        named.setdefault(entity.type, {})[entity.text] = None
    titles = named.pop(EntityType.TITLE, None)
    said = phrase_facts([Statement(kind, tuple(names)) for kind, names in named.items()], rng)
    if titles is None:
        return said
    return f"{rng.choice(_NAMED).format(join_words(list(titles), rng))} {said}".rstrip()


def _offer(material: Material, query: Query, rng: Random) -> str:
    said = {entity.text.casefold() for entity in query.entities}
    film = material.find_film(query)
    if film is None or film.title.casefold() in said:
        film = material.draw_film(rng)
    offer = rng.choice(_OFFER).format(f"{film.title} ({film.year})")
    if rng.random() < 0.4:
        statements = material.describe(film, rng, most=2)[:2]
        offer = f"{offer} {tell_film(film.title, statements, rng)[0]}"
    return offer


def _answer(material: Material, query: Query, rng: Random) -> str:
    film = material.find_film(query)
    if film is None:
        return rng.choice(_UNKNOWN)
    statements = material.describe(film, rng, most=2)[: rng.randint(1, 3)]
    return rng.choice(_ANSWER).format(tell_film(film.title, statements, rng)[0])
