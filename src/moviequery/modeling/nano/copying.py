"""Rows that teach to copy: names quoted, repeated, listed and picked out, most of them new."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from ...schema import EntityType, canonical_json
from .material import Material, invent_name, invent_word
from .prose import name_key, name_type

Messages = list[dict[str, str]]

_REPEAT = (
    ("Repeat: {}", "{}"),
    ("Say {} again.", "{}"),
    ("Copy the words after the colon: {}", "{}"),
    ("Put this in quotes: {}", '"{}"'),
    ('Say it back to me: "{}"', '"{}"'),
    ("Write {} as a JSON list.", '["{}"]'),
    ("What did I say? I said {}.", "You said {}."),
    ("Say {} twice.", "{0} {0}"),
    ("{}", '"{}"'),
    ("Write {} into a JSON object with the key {key}.", '{{"{key}":["{}"]}}'),
)
_QUOTED = (
    "List the names in quotes.",
    "Which names stand in quotes? Answer with a JSON list.",
    "Give me a list of what is quoted.",
)
_LISTED = ("Make a list of these: {}", "List them: {}", "{}. Write them down as a list.")
_SORTED = ("Sort these, in JSON.", "What is what? Answer in JSON.", "Put them in order.")
_FILLERS = (
    "the other day", "in my house", "not that one", "we talked for a while", "and then",
    "they all said", "once more", "please note", "as far as I know", "on the shelf there was",
    "and next to it", "nobody knew", "if you ask me", "my friend wanted", "I never liked",
)  # fmt: skip


_FORMS: tuple[Callable[[list[str]], str], ...] = (
    " ".join,
    ", ".join,
    canonical_json,
    lambda names: "\n".join(f"- {name}" for name in names),
    lambda names: ", ".join(f'"{name}"' for name in names),
)


def exchange(asked: str, answer: str) -> Messages:
    """Return a question and its answer."""
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]


def draw_name(material: Material, rng: Random) -> str:
    """Return something to copy: mostly made up, else what a film is or has."""
    share = rng.random()
    if share < 0.55:
        name = invent_name(rng)
    elif share < 0.65:
        name = " ".join(invent_word(rng) for _ in range(rng.randint(2, 7)))
    elif share < 0.8:
        name = material.draw_film(rng).title
    else:
        name = material.draw_value(material.draw_type(rng), rng)
    name = name.replace('"', "").replace("\\", "")
    return name.lower() if rng.random() < 0.3 else name


def write_recitation(material: Material, rng: Random) -> Messages:
    """Return a few names said again and again, each time in another form."""
    names = [draw_name(material, rng) for _ in range(rng.randint(1, 6))]
    forms = rng.choices(_FORMS, k=rng.randint(2, 5))
    return [{"role": "text", "content": "\n".join(form(names) for form in forms)}]


def write_repetition(material: Material, rng: Random) -> Messages:
    """Return a request to say a name again, and the name."""
    asked, answer = rng.choice(_REPEAT)
    names = [draw_name(material, rng) for _ in range(rng.choice((1, 1, 2, 3)))]
    key = invent_word(rng)
    messages: Messages = []
    for name in names:
        messages += exchange(asked.format(name, key=key), answer.format(name, key=key))
    return messages


def write_listing(material: Material, rng: Random) -> Messages:
    """Return a request to list names, in quotes or not, and the list."""
    names = [draw_name(material, rng) for _ in range(rng.randint(1, 5))]
    answer = _list(names, rng)
    if rng.random() < 0.4:
        return exchange(rng.choice(_LISTED).format(", ".join(names)), answer)
    words = []
    for name in names:
        words += [rng.choice(_FILLERS), f'"{name}"']
    text = " ".join([*words, rng.choice(_FILLERS)]) + "."
    asked = rng.choice(_QUOTED)
    if rng.random() < 0.5:
        return [{"role": "system", "content": asked}, *exchange(text, answer)]
    return exchange(f"{asked} {text}", answer)


def _list(names: list[str], rng: Random) -> str:
    return rng.choices(_FORMS, (0, 0, 3, 1, 1))[0](names)


def write_record(material: Material, rng: Random) -> Messages:
    """Return lines of made-up fields and the JSON object of some or all of them."""
    fields: dict[str, list[str]] = {}
    for _ in range(rng.randint(1, 6)):
        values = [draw_name(material, rng) for _ in range(rng.choice((1, 1, 2, 3)))]
        fields[invent_word(rng)] = values
    if rng.random() < 0.5:
        text = "\n".join(f"{key}: {', '.join(values)}" for key, values in fields.items())
    else:
        text = ". ".join(f"The {key} is {' and '.join(values)}" for key, values in fields.items())
    wanted = rng.sample(sorted(fields), rng.randint(1, len(fields)))
    answer = canonical_json({key: fields[key] for key in wanted})
    asked = f"Answer in JSON with the fields in list {canonical_json(wanted)}."
    if rng.random() < 0.5:
        return [{"role": "system", "content": asked}, *exchange(text, answer)]
    return exchange(f"{asked}\n{text}", answer)


def write_sorting(material: Material, rng: Random) -> Messages:
    """Return names in any order and which of them are of which type, in words or as JSON."""
    kinds = list(dict.fromkeys(material.draw_type(rng) for _ in range(rng.randint(1, 4))))
    names = {
        kind: list(dict.fromkeys(material.draw_value(kind, rng) for _ in range(rng.randint(1, 2))))
        for kind in kinds
    }
    if rng.random() < 0.4:
        names[EntityType.TITLE] = [material.draw_film(rng).title]
    pairs = [(kind, name) for kind, values in names.items() for name in values]
    rng.shuffle(pairs)
    if rng.random() < 0.5:
        pairs = [(kind, name.lower()) for kind, name in pairs]
    text = rng.choice((", ", " ", "; ", " and ")).join(name for _, name in pairs)
    if rng.random() < 0.4:
        said = [f'"{name}" is a {_word(kind, rng)}.' for kind, name in pairs]
        return exchange(f"What is what? {text}", " ".join(said))
    fields: dict[str, list[str]] = {}
    words = {kind: name_key(kind, rng) for kind, _ in pairs}
    for kind, name in pairs:
        fields.setdefault(words[kind], []).append(name)
    asked = rng.choice(_SORTED)
    if rng.random() < 0.5:
        return [{"role": "system", "content": asked}, *exchange(text, canonical_json(fields))]
    return exchange(f"{asked} {text}", canonical_json(fields))


def _word(kind: EntityType, rng: Random) -> str:
    return "film" if kind is EntityType.TITLE else name_type(kind, rng)
