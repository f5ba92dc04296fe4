r"""The small language that frames and clauses are written in, parsed into choices and slots.

| written | meaning |
| --- | --- |
| `{genre}` | a fact of the film that is wanted or asked about |
| `{year:decade}` | the same, in a form of its type (`FORMS`) |
| `{actor:lead}`, `{plot:role}`, `{character:lead}` | one credit: who acts, what the part is, and \
its name; the n-th slots of each kind belong together |
| `{not mood}` | a value that the wanted film does not have |
| `{plot:figure}`, `{plot:deed}` | the halves of a part: "a waitress", "mends the lives of all" |
| `{theme:idea}`, `{plot:person}` | a theme or plot of a kind, in words that suit it (`kinds`) |
| `{plot:story}` | several facts in one phrase, by a pattern of `[plots]` (`COMPOSED_FORMS`) |
| `{title a}`, `{not title b}` | a named film, a named film that was disliked |
| `{director of a}` | a fact of the named film |
| `<by_director>` | one variant of the clause or word list of that name |
| `(any|some)` | one of these, `|` parts them |
| `[please]` | this or nothing, half of the time each |
| `\{` | the character itself |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ..schema import EntityType

FORMS: dict[EntityType, tuple[str, ...]] = {
    EntityType.GENRE: ("plural", "noun"),
    EntityType.PLOT: (
        *("clause", "premise", "premise-clause", "tale", "tale-clause"),
        *("role", "figure", "deed", "short", "singular"),
        *("person", "people", "creature", "creatures", "event", "plight"),
    ),
    EntityType.THEME: (
        *("person", "people", "creature", "creatures", "event", "idea", "goal", "trouble", "world"),
    ),
    EntityType.SETTING: ("place",),
    EntityType.ACTOR: ("lead",),
    EntityType.CHARACTER: ("lead",),
    EntityType.YEAR: ("decade", "part", "span", "bound", "range", "pair"),
    EntityType.CERTIFICATE: ("letters", "adjective"),
    EntityType.RATING: (
        "adjective",
        "degree",
        "top",
        "star",
        "stars",
        "scale",
        "number",
        "predicate",
        "verdict",
        "level",
    ),
    EntityType.REVIEW: ("superlative", "fame", "noun"),
    EntityType.AWARD: ("short",),
    EntityType.SONG: ("kind",),
    EntityType.ORIGIN: ("noun", "by"),
    EntityType.RELATIONSHIP: ("plural",),
    EntityType.COUNTRY: ("adjective",),
}
# Forms of what is of a kind, in words of its own (`kinds`).
KIND_FORMS = frozenset(
    ["person", "people", "creature", "creatures", "event", "plight"]
    + ["idea", "goal", "trouble", "world", "place"]
)
# Forms that take their values from the credits of a film, rather than from its facts, and the
# field of a credit that each takes.
CREDIT_FORMS = {
    (EntityType.ACTOR, "lead"): "actor",
    (EntityType.CHARACTER, "lead"): "character",
    (EntityType.PLOT, "role"): "description",
    (EntityType.PLOT, "figure"): "description",
    (EntityType.PLOT, "deed"): "description",
}
# Forms that are written from several facts, by patterns of a grammar: one entity each.
COMPOSED_FORMS: dict[EntityType, tuple[str, ...]] = {
    EntityType.PLOT: ("story", "story-clause", "telling", "predicate", "stage", "someone"),
    EntityType.AWARD: ("phrase",),
    EntityType.ORIGIN: ("phrase",),
    EntityType.RELATIONSHIP: ("phrase",),
}
LEXICAL_TYPES = (EntityType.RATING, EntityType.REVIEW, EntityType.TRAILER)
# What a film's music is called where no song is named: fixed words, which no graph holds either.
SONG_KINDS = (
    "theme song", "theme song", "theme song", "soundtrack", "soundtrack", "title song",
    "title track", "theme music", "main theme", "theme", "score", "musical score", "opening song",
    "closing song", "love song", "opening theme", "end credits song", "main song", "love theme",
)  # fmt: skip
# Far more than any text needs, and far from what Python's own recursion allows.
MOST_NESTED = 20

_SLOT = re.compile(
    r"^(?P<negated>not )?(?P<type>[a-z]+)(?::(?P<form>[a-z-]+))?(?: (?P<of>of )?(?P<film>[a-z]))?$"
)


class TemplateError(ValueError):
    """A template cannot be read; the text names the slot or the character at fault."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A gap that a fact fills; `film` is a named film's letter, empty for the wanted film."""

    type: EntityType
    form: str = ""
    film: str = ""
    negated: bool = False

    @property
    def credit_field(self) -> str:
        """Return the field of a credit that the slot takes, or "" for a slot that takes a fact."""
        return CREDIT_FORMS.get((self.type, self.form), "") if self.form else ""

    @property
    def key(self) -> str:
        """Return type and form as a lexicon names them: "rating", "rating:stars"."""
        return f"{self.type}:{self.form}" if self.form else str(self.type)

    @property
    def is_lexical(self) -> bool:
        """True if the slot is filled by words that no graph holds."""
        return self.type in LEXICAL_TYPES or self.key == "song:kind"

    @property
    def is_composed(self) -> bool:
        """True for a slot that several facts fill together."""
        return self.form in COMPOSED_FORMS.get(self.type, ())

    @property
    def names_film(self) -> bool:
        """True for `{title a}`: the slot is filled by the film's own title."""
        return self.type is EntityType.TITLE


@dataclass(frozen=True, slots=True)
class Reference:
    """`<name>`: stands for any variant of a clause or word list, until `Grammar` links it."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several sequences; `clause` is the id that provenance records, if it is a clause.

    Hundreds of frames share the choices of a clause, so each keeps what is often asked of it: the
    slots that some way through it holds, and those that every way holds.
    """

    options: tuple[Template, ...]
    clause: str = ""
    slots: tuple[Slot, ...] = field(init=False, compare=False, repr=False)
    certain: frozenset[Slot] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Work out the slots."""
        slots = dict.fromkeys(slot for option in self.options for slot in walk_slots(option))
        object.__setattr__(self, "slots", tuple(slots))
        certain = frozenset.intersection(*map(certain_slots, self.options))
        object.__setattr__(self, "certain", certain)


@dataclass(frozen=True, slots=True)
class Composed:
    """A composed slot with the patterns that it may be written by; `Grammar` links them."""

    slot: Slot
    template: Template


Node: TypeAlias = "str | Slot | Reference | Choice | Composed"
Template: TypeAlias = "tuple[Node, ...]"


def parse_template(text: str) -> Template:
    """Return the template that `text` writes.

    Raises:
        TemplateError: a bracket is not closed, or a slot has an unknown type or form.

    Example:
        >>> parse_template("any {genre} films")
        ('any ', Slot(type=<EntityType.GENRE: 'genre'>, form='', film='', negated=False), ' films')
    """
    options, end = _parse_options(text, 0, "", 0)
    if end != len(text):
        raise TemplateError(f"'{text[end]}' at character {end} closes nothing")
    return options[0] if len(options) == 1 else (Choice(options),)


def _parse_options(
    text: str, start: int, closing: str, depth: int
) -> tuple[tuple[Template, ...], int]:
    """Return the options up to the closing character, and the offset where it stands."""
    options: list[Template] = []
    nodes: list[Node] = []
    literal = ""
    position = start
    while position < len(text):
        char = text[position]
        if char in ")]":
            break
        if char in "{<([|" and literal:
            nodes.append(literal)
            literal = ""
        if char == "\\" and position + 1 < len(text):
            literal += text[position + 1]
            position += 2
        elif char == "|":
            options.append(tuple(nodes))
            nodes = []
            position += 1
        elif char in "{<":
            inner, position = _read_until(text, position, "}" if char == "{" else ">")
            nodes.append(parse_slot(inner) if char == "{" else Reference(inner))
        elif char in "([":
            choice, position = _parse_choice(text, position, depth + 1)
            nodes.append(choice)
        else:
            literal += char
            position += 1
    if literal:
        nodes.append(literal)
    options.append(tuple(nodes))
    found = text[position : position + 1]
    if found != closing:
        raise TemplateError(
            f"'{closing}' is missing after character {start - 1}"
            if closing
            else f"'{found}' at character {position} closes nothing"
        )
    return tuple(options), position


def _parse_choice(text: str, start: int, depth: int) -> tuple[Choice, int]:
    """Return the choice that a bracket opens, and the offset after the one that closes it."""
    if depth > MOST_NESTED:
        raise TemplateError(f"more than {MOST_NESTED} brackets within each other")
    optional = text[start] == "["
    options, end = _parse_options(text, start + 1, "]" if optional else ")", depth)
    return Choice(options + ((),) if optional else options), end + 1


def _read_until(text: str, start: int, closing: str) -> tuple[str, int]:
    """Return what stands between brackets, and the offset after the closing one."""
    end = text.find(closing, start)
    if end < 0:
        raise TemplateError(f"'{closing}' is missing after character {start}")
    return text[start + 1 : end].strip(), end + 1


def parse_slot(text: str) -> Slot:
    """Return the slot that stands between braces.

    Raises:
        TemplateError: the type or form is unknown, or a title has no letter.

    Example:
        >>> parse_slot("director of a").film
        'a'
    """
    match = _SLOT.match(text)
    if match is None:
        raise TemplateError(f"slot {{{text}}} is not of the form {{[not] type[:form] [[of] a]}}")
    name, form, film = match["type"], match["form"] or "", match["film"] or ""
    if name not in tuple(EntityType):
        raise TemplateError(f"slot {{{text}}}: unknown type '{name}'{_closest(name)}")
    entity_type = EntityType(name)
    forms = (*FORMS.get(entity_type, ()), *COMPOSED_FORMS.get(entity_type, ()))
    if form and form not in forms:
        known = ", ".join(forms) or "none"
        raise TemplateError(f"slot {{{text}}}: '{name}' has no form '{form}' (known: {known})")
    if (entity_type is EntityType.TITLE) != bool(film and not match["of"]):
        raise TemplateError(
            f"slot {{{text}}}: a title is written {{title a}}, a fact of that film {{{name} of a}}"
        )
    slot = Slot(entity_type, form, film, bool(match["negated"]))
    if slot.is_composed and (film or slot.negated):
        raise TemplateError(f"slot {{{text}}}: what is composed tells of the wanted film alone")
    return slot


def _closest(name: str) -> str:
    """Return a suggestion for a misspelt type, or nothing."""
    from difflib import get_close_matches

    close = get_close_matches(name, [entity_type.value for entity_type in EntityType], n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def walk_slots(template: Template) -> Iterator[Slot]:
    """Yield every slot that some expansion of a linked template may hold."""
    for node in template:
        if isinstance(node, Slot):
            yield node
        elif isinstance(node, Composed):
            yield node.slot
        elif isinstance(node, Choice):
            yield from node.slots


def certain_films(template: Template) -> frozenset[str]:
    """Return the letters of the films that every expansion names."""
    return frozenset(slot.film for slot in certain_slots(template) if slot.names_film)


def find_unbound(template: Template, named: frozenset[str] = frozenset()) -> Iterator[Slot]:
    """Yield the slots that tell of a film which the text around them may not name."""
    named |= certain_films(template)
    for node in template:
        if isinstance(node, Slot) and node.film and node.film not in named:
            yield node
        elif isinstance(node, Choice) and any(slot.film for slot in node.slots):
            for option in node.options:
                yield from find_unbound(option, named)


def count_skeletons(template: Template) -> int:
    """Return the number of distinct ways through the choices, before any slot is filled."""
    total = 1
    for node in template:
        if isinstance(node, Choice):
            total *= sum(count_skeletons(option) for option in node.options)
        elif isinstance(node, Composed):
            total *= count_skeletons(node.template)
    return total


def certain_slots(template: Template) -> frozenset[Slot]:
    """Return the slots that every expansion holds."""
    slots: set[Slot] = set()
    for node in template:
        if isinstance(node, Slot):
            slots.add(node)
        elif isinstance(node, Choice):
            slots |= node.certain
        elif isinstance(node, Composed):
            slots |= certain_slots(node.template)
    return frozenset(slots)
