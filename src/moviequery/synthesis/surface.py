"""What a fact looks like in a text: labels, alternative labels, plurals, stretches of years."""

from __future__ import annotations

import re
from random import Random

from ..knowledge.index import GraphIndex, Node
from ..knowledge.years import SPOKEN_DECADES, list_spans
from ..schema import EntityType
from .kinds import find_kind_words
from .phrases import find_singular, is_sentence, is_short_noun
from .template import KIND_FORMS, Slot

# A label is said as it is, rather than by one of its alternatives, this often: people say
# "sci-fi" about as often as "science fiction".
_PREFERRED_SHARE = 0.5
_ONLY_SHARE = 0.8
_WHOLE_SHARE = 0.7
# People who type a title leave out "The" and what follows a colon this often.
_BARE_TITLE_SHARE = 0.15
_SHORT_TITLE_SHARE = 0.5
_FARTHEST_BOUND = 12
_LONGEST_RANGE = 10
_DECADE_WORDS = {first: word for word, first in SPOKEN_DECADES.items()}
# "based on a {origin:noun}" needs something countable: a novel, but not Shakespeare.
_COUNT_NOUNS = frozenset(
    [
        "ballet",
        "book",
        "cartoon",
        "comic",
        "documentary",
        "event",
        "fable",
        "game",
        "legend",
        "manga",
        "musical",
        "myth",
        "novel",
        "novella",
        "opera",
        "play",
        "podcast",
        "poem",
        "series",
        "show",
        "song",
        "story",
        "tale",
        "toy",
    ]
)
# Certificates of the board that people in front of a search box know.
_BOARD = frozenset(["G", "PG", "PG-13", "R", "NC-17"])
# What stands for the certificate of a film that has none; it is no value of the graph.
UNRATED = "unrated"
_UNRATED_WORDS = (UNRATED, UNRATED, UNRATED, UNRATED, "not rated")
# "a short film movie" says it twice.
_NAMES_FILMS = re.compile(r"(?:film|movie)s?$", re.I)
_ARTICLE = re.compile(r"(?:The|An?) (?=\w)")
_SUBTITLE = re.compile(r"(?<=\w): .*| - .*")
# "about a shark that terrorises a town" becomes "where a shark terrorises a town".
_RELATIVE = re.compile(r" (?:who|that) ")
# "a shy waitress" and "decides to mend the lives of strangers".
_PART = re.compile(
    r"(?P<figure>[^,]*?) who (?P<deed>(?!(?:he|she|they|it|nobody|everyone|no|in|after|while)\b).+)"
)
# A work that is called by who wrote it: "Stephen King novel".
_BY = re.compile(
    r"(?P<author>(?:[A-Z][\w.'’-]+ )+[A-Z][\w.'’-]+) (?P<work>novel|story|book|play|novella)"
)
_SHORT_AWARDS = (
    "Oscar",
    "Oscar",
    "Academy Award",
    "Golden Globe",
    "Golden Lion",
    "Golden Bear",
    "Palme d'Or",
)
# What people put into a request is short; `{plot:premise}` takes whole stories too.
_MOST_PLOT_WORDS = 9
# ... and `{plot:tale}` takes nothing else.
_LEAST_TALE_WORDS = 5
# "French films", but not "USA films": a country's alternative labels hold both kinds.
_ADJECTIVE = re.compile(r"[A-Z][\w ]*(?:an|ish|ese|ch|sh|ic|ss|[aeio]k|i|iet|iot|ine|ois)$")
_SPOKEN_ALTERNATIVES = frozenset(
    {
        EntityType.GENRE,
        EntityType.THEME,
        EntityType.PLOT,
        EntityType.MOOD,
        EntityType.SETTING,
        EntityType.AWARD,
    }
)


# "Set in the 1940s": a film's time reads as its year, which is another fact.
_TIME = re.compile(
    r"(?:the )?(?:(?:early|mid|late)[ -])?"
    r"(?:\d{2,4}s?|(?:twen|thir|for|fif|six|seven|eigh|nine)ties)",
    re.IGNORECASE,
)
_OWN_WORDS = frozenset(["genre:noun", "award:short", "country:adjective", "origin:by"])


def supports_form(index: GraphIndex, slot: Slot, value: str) -> bool:
    """Return True if the value can be said in the form that the slot asks for."""
    if slot.type is EntityType.YEAR:
        return slot.form != "span" or bool(list_spans(int(value), index.newest_year or 0))
    if slot.type is EntityType.SETTING and _TIME.fullmatch(index.nodes[value].label):
        return False
    if value == UNRATED:
        return slot.form == "adjective"
    if slot.form in ("lead", "role") or (not slot.form and slot.type is not EntityType.PLOT):
        return True
    node = index.nodes[value]
    if slot.form in KIND_FORMS:
        return bool(find_kind_words(slot.key, node.label))
    if slot.type is EntityType.CERTIFICATE:
        return node.label in _BOARD
    if slot.type is EntityType.PLOT:
        return _supports_plot(node.label, slot.form)
    if slot.form == "plural" or slot.key in _OWN_WORDS:
        return bool(_list_forms(node, slot))
    return node.label.split()[-1].casefold() in _COUNT_NOUNS


def _short_awards(node: Node) -> tuple[str, ...]:
    """Return what an award is called without its category: "an Oscar" for one of Best Picture."""
    forms = " ".join((node.label, *node.alternatives))
    return tuple(name for name in _SHORT_AWARDS if name in forms)


def _supports_plot(label: str, form: str) -> bool:
    """Return True if a plot is a clause, or a noun phrase as short as the form needs it."""
    if form in ("figure", "deed"):
        return _PART.fullmatch(label) is not None
    if form in ("short", "singular"):
        return is_short_noun(label) and (form == "short" or bool(find_singular(label)))
    if form.startswith("tale") and label.count(" ") < _LEAST_TALE_WORDS:
        return False
    if not form.startswith(("premise", "tale")) and label.count(" ") >= _MOST_PLOT_WORDS:
        return False
    is_clause = is_sentence(label)
    if form.endswith("clause"):
        return is_clause or _RELATIVE.search(label) is not None
    return not is_clause


def say_value(index: GraphIndex, slot: Slot, value: str, rng: Random) -> str:
    """Return words for a value: an IRI, or the literal itself for years."""
    if slot.type is EntityType.YEAR:
        return _say_year(index, slot.form, int(value), rng)
    if value == UNRATED:
        return _pick(_UNRATED_WORDS, rng)
    node = index.nodes[value]
    if forms := _list_forms(node, slot):
        return _pick(forms, rng)
    if slot.type is EntityType.PLOT and slot.form:
        return _say_plot(node.label, slot.form)
    if slot.type not in _SPOKEN_ALTERNATIVES or not node.alternatives:
        return node.label
    # "film noir" says more than "noir", which it ends in
    whole = tuple(other for other in node.alternatives if other.endswith(f" {node.label}"))
    if slot.type is EntityType.GENRE and whole and rng.random() < _WHOLE_SHARE:
        return _pick(whole, rng)
    # a single alternative ("dramatic") is said less often than one of many ("sci-fi", "scifi")
    share = _PREFERRED_SHARE if len(node.alternatives) > 1 else _ONLY_SHARE
    if rng.random() < share:
        return node.label
    return _pick(tuple(filter(_stands_before_film, node.alternatives)) or (node.label,), rng)


def _list_forms(node: Node, slot: Slot) -> tuple[str, ...]:
    """Return the words of a form that has words of its own."""
    if slot.form in KIND_FORMS:
        return find_kind_words(slot.key, node.label)
    if slot.form == "plural":
        return node.plurals
    if slot.key == "genre:noun":
        return tuple(filter(None, map(_say_one, node.plurals)))
    if slot.key == "country:adjective":
        return tuple(filter(_ADJECTIVE.match, node.alternatives))
    if slot.key == "origin:by":
        match = _BY.fullmatch(node.label)
        return (f"{match['work']} by {match['author']}",) if match else ()
    return _short_awards(node) if slot.key == "award:short" else ()


def _say_plot(label: str, form: str) -> str:
    if form == "singular":
        return find_singular(label)
    if form in ("figure", "deed") and (match := _PART.fullmatch(label)):
        return match[form]
    if form.endswith("clause") and not is_sentence(label):
        return _RELATIVE.sub(" ", label, count=1)
    return label


def say_title(title: str, style: str, rng: Random) -> str:
    """Return the title; in a search, now and then without its article or its subtitle.

    Example:
        >>> say_title("Heat", "search", Random(0)), say_title("The Matrix", "chat", Random(0))
        ('Heat', 'The Matrix')
    """
    if style != "search":
        return title
    if rng.random() < _SHORT_TITLE_SHARE:
        title = _SUBTITLE.sub("", title)
    return _ARTICLE.sub("", title, count=1) if rng.random() < _BARE_TITLE_SHARE else title


def _say_one(plural: str) -> str:
    """Return "western" for "westerns", and nothing for "art films", which a film follows."""
    return "" if _NAMES_FILMS.search(plural) else find_singular(plural)


def _stands_before_film(label: str) -> bool:
    return not _NAMES_FILMS.search(label)


def _say_year(index: GraphIndex, form: str, year: int, rng: Random) -> str:
    if form == "span":
        return _pick(list_spans(year, index.newest_year or year), rng)
    if form == "bound":
        return _say_bound(year, index.newest_year or year, rng)
    if form == "part":
        part = ("early", "mid", "late")[min(year % 10 // 3, 2)]
        return f"{part} {_say_decade(year, rng)}"
    if form in ("range", "pair"):
        return _say_range(year, index.newest_year or year, form, rng)
    return _say_decade(year, rng) if form == "decade" else str(year)


def _say_decade(year: int, rng: Random) -> str:
    decade = year // 10 * 10
    forms = [f"{decade}s", f"{decade}s", f"{decade}'s"]
    if decade in _DECADE_WORDS:
        short = decade % 100
        forms += [f"{short}s", f"{short}s", f"{short}'s", _DECADE_WORDS[decade]]
    return _pick(tuple(forms), rng)


def _say_range(year: int, newest: int, form: str, rng: Random) -> str:
    """Return years around the year: "1990 to 1995" as a range, "1990 and 1995" as a pair."""
    first = year - int(rng.random() * _LONGEST_RANGE)
    last = max(min(first + 1 + int(rng.random() * _LONGEST_RANGE), newest), year)
    return f"{first} {'to' if form == 'range' else 'and'} {last}"


def _say_bound(year: int, newest: int, rng: Random) -> str:
    """Return "since 2002", "before 1980" or the like, true of the year."""
    distance = 1 + int(rng.random() * _FARTHEST_BOUND)
    forms = (f"since {year}", f"since {year - distance}", f"after {year - distance}")
    return _pick((*forms, f"before {min(year + distance, newest + 1)}"), rng)


def _pick(options: tuple[str, ...], rng: Random) -> str:
    return options[int(rng.random() * len(options))]
