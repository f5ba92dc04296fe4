"""Films told in prose, and generic JSON objects of just what the prose says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from random import Random

from ...schema import ENTITY_TYPES, FIELDS, EntityType, canonical_json
from .material import Material, Statement, invent_name

_INVENTED = 0.3
_NOUNS = ("film", "movie", "picture", "flick", "feature")
_ASKED = (
    "Put this into JSON.",
    "Write what the text says as a JSON object.",
    "You will receive a text about a film. Your task is to note what it says in JSON. Copy each "
    "value word for word and leave out what the text does not say.",
    "Read the text and answer in JSON. Copy the values as they stand.",
    "Respond in json.",
)
_TITLE_KEYS = ("film", "name", "called", "movie")


@cache
def _load_forms() -> Mapping[str, Mapping[str, Sequence[str]]]:
    text = resources.files(__package__).joinpath("prose.toml").read_text("utf-8")
    return tomllib.loads(text)


def name_type(kind: EntityType, rng: Random) -> str:
    """Return what things of a type are called in plain words."""
    return rng.choice(_load_forms()[kind.value]["word"])


def name_key(kind: EntityType, rng: Random) -> str:
    """Return a key for JSON that stands for a type, and is no field of the answers to learn."""
    return rng.choice(
        _TITLE_KEYS if kind is EntityType.TITLE else _load_forms()[kind.value]["keys"]
    )


def join_words(values: Sequence[str], rng: Random) -> str:
    """Return the values in one phrase: `a, b and c`."""
    *first, last = values
    if not first:
        return last
    return (
        f"{', '.join(first)}{rng.choice((' and ', ' and ', ', ', ', and ', ' as well as '))}{last}"
    )


def tell_film(
    title: str, statements: Sequence[Statement], rng: Random
) -> tuple[str, list[Statement]]:
    """Return the statements as prose, and in the order in which it says them."""
    tellings = (_tell_in_sentences, _tell_in_one, _tell_without_name)
    text, said = rng.choices(tellings, (5, 3, 3))[0](title, statements, rng)
    return text, said


def _tell_in_sentences(
    title: str, statements: Sequence[Statement], rng: Random
) -> tuple[str, list[Statement]]:
    sentences = []
    named = False
    for statement in statements:
        form = rng.choice(_load_forms()[statement.type.value]["sentence"])
        named = named or "{film}" in form
        sentences.append(form.format(film=title, values=join_words(statement.values, rng)))
    if not named:
        sentences.insert(
            0, rng.choice(("This is {}.", "The film is called {}.", "{}.")).format(title)
        )
    return " ".join(sentences), [Statement(EntityType.TITLE, (title,)), *statements]


def phrase_facts(statements: Sequence[Statement], rng: Random) -> str:
    """Return the statements as phrases that follow a noun; types that no film has are left out."""
    forms = _load_forms()
    return rng.choice((", ", " ", ", ")).join(
        rng.choice(forms[one.type.value]["phrase"]).format(values=join_words(one.values, rng))
        for one in statements
        if one.type.value in forms
    )


def _tell_in_one(
    title: str, statements: Sequence[Statement], rng: Random
) -> tuple[str, list[Statement]]:
    start = rng.choice(("{} is a {}", '"{}" is a {}', "{}, a {}", "We saw {}, a {}"))
    text = f"{start.format(title, rng.choice(_NOUNS))} {phrase_facts(statements, rng)}."
    return text, [Statement(EntityType.TITLE, (title,)), *statements]


def _tell_without_name(
    title: str, statements: Sequence[Statement], rng: Random
) -> tuple[str, list[Statement]]:
    adjectives: list[Statement] = []
    rest: list[Statement] = []
    for one in statements:
        adverbial = one.type in (EntityType.GENRE, EntityType.MOOD) and len(one.values) == 1
        (adjectives if adverbial else rest).append(one)
    words = " ".join(one.values[0] for one in adjectives)
    text = f"{rng.choice(('A', 'There is a', 'This one is a', 'Once I saw a'))} {words}".rstrip()
    text = f"{text} {rng.choice(_NOUNS)} {phrase_facts(rest, rng)}".rstrip() + "."
    return text, [*adjectives, *rest]


def draw_telling(material: Material, rng: Random, most: int) -> tuple[str, list[Statement]]:
    """Return prose about a film, real or made up, and what it says in order."""
    film = material.draw_film(rng)
    statements = material.describe(film, rng)[: rng.randint(1, most)]
    title = film.title
    if rng.random() < _INVENTED:
        title = invent_name(rng)
        statements = [
            material.invent(one, rng) if rng.random() < 0.4 else one for one in statements
        ]
    text, said = tell_film(title, statements, rng)
    if rng.random() < 0.3:
        said = [Statement(one.type, tuple(map(str.lower, one.values))) for one in said]
        text = text.lower()
    return text, said


def write_prose(material: Material, rng: Random) -> list[dict[str, str]]:
    """Return a text about a film, by itself or as an answer."""
    text, said = draw_telling(material, rng, most=6)
    name = next((one.values[0] for one in said if one.type is EntityType.TITLE), None)
    if name is None or rng.random() < 0.5:
        return [{"role": "text", "content": text}]
    question = rng.choice(("Tell me about {}.", "What is {}?", "what do you know about {}", "{}?"))
    return [
        {"role": "user", "content": question.format(name)},
        {"role": "assistant", "content": text},
    ]


_LISTED = (
    "{field}: {values}.", "{field}: {values}", "Its {field} are {values}.",
    "The {field} of {film} are {values}.", "Of {film} the {field} are known: {values}.",
)  # fmt: skip
_UNKNOWN = (
    "No {field} are known.", "{field}: none.", "I know of no {field}.",
    "Nobody wrote down its {field}.", "The {field} of {film} are not known to me.",
)  # fmt: skip
_ASKED_WORDS = (
    "What are the {field} of {film}?", "{field} of {film}?", "Which {field} does {film} have?",
    "tell me the {field} of {film}",
)  # fmt: skip


def write_words(material: Material, rng: Random) -> list[dict[str, str]]:
    """Return prose in which facts go by the words that the answers to learn have for keys.

    Words that no text holds all end in the same place of the embedding, where an adapter cannot
    tell them apart: after a pre-training without them, "genres" and "moods" were one token to it.
    """
    film = material.draw_film(rng)
    title = film.title if rng.random() > _INVENTED else invent_name(rng)
    known = {one.type: one for one in material.describe(film, rng)}
    known[EntityType.TITLE] = Statement(EntityType.TITLE, (title,))
    sentences = []
    chosen = rng.sample(list(zip(ENTITY_TYPES, FIELDS, strict=True)), rng.randint(3, 7))
    for kind, field in chosen:
        forms = _LISTED if kind in known else _UNKNOWN
        values = join_words(known[kind].values, rng) if kind in known else ""
        sentences.append(rng.choice(forms).format(field=field, film=title, values=values))
    if rng.random() < 0.5:
        return [{"role": "text", "content": rng.choice((" ", "\n")).join(sentences)}]
    messages = []
    for (_, field), sentence in zip(chosen, sentences, strict=True):
        asked = rng.choice(_ASKED_WORDS).format(field=field, film=title)
        messages.append({"role": "user", "content": asked})
        messages.append({"role": "assistant", "content": sentence})
    return messages


def write_json(material: Material, rng: Random) -> list[dict[str, str]]:
    """Return prose and a JSON object whose fields hold only what it states."""
    text, said = draw_telling(material, rng, most=5)
    fields: dict[str, list[str]] = {}
    for one in said:
        fields.setdefault(name_key(one.type, rng), []).extend(one.values)
    asked, fields = _ask(material, fields, rng)
    answer: Mapping[str, object] = fields
    if rng.random() < 0.15:
        answer = {key: values[0] if len(values) == 1 else values for key, values in fields.items()}
    messages = [
        {"role": "user", "content": text},
        {"role": "assistant", "content": canonical_json(answer)},
    ]
    if rng.random() < 0.75:
        return [{"role": "system", "content": asked}, *messages]
    messages[0]["content"] = f"{asked}\n\n{text}"
    return messages


def _ask(
    material: Material, fields: dict[str, list[str]], rng: Random
) -> tuple[str, dict[str, list[str]]]:
    """Return a request for JSON, and the fields in the order in which it asks for them."""
    share = rng.random()
    if share < 0.5:
        return rng.choice(_ASKED), fields
    # the keys are given, some or many of them for things that are not said
    spare = rng.randint(0, 4) if share < 0.8 else rng.randint(8, 16)
    keys = list(dict.fromkeys([*fields, *(_draw_key(material, rng) for _ in range(spare))]))
    rng.shuffle(keys)
    asked = f"{rng.choice(_ASKED)} The keys are in list {canonical_json(keys)}."
    if share > 0.7:
        kind = material.draw_type(rng)
        example = {name_key(kind, rng): [material.draw_value(kind, rng)]}
        asked = f"{asked} Respond in json for example: {canonical_json(example)}"
    return asked, {key: fields[key] for key in keys if key in fields}


def _draw_key(material: Material, rng: Random) -> str:
    return name_key(material.draw_type(rng), rng)
