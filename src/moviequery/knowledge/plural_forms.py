"""One and many of a noun: "car" and "cars", whichever of them a graph knows."""

from __future__ import annotations

from collections.abc import Iterator

_IRREGULAR = {
    "child": "children",
    "knife": "knives",
    "life": "lives",
    "man": "men",
    "mouse": "mice",
    "person": "people",
    "thief": "thieves",
    "wife": "wives",
    "wolf": "wolves",
    "woman": "women",
}
_ONE_OF = {many: one for one, many in _IRREGULAR.items()}
_HISSING = ("s", "x", "z", "ch", "sh")
# "boss", "virus" and "crisis" are no plurals.
_NO_PLURAL = ("ss", "us", "is")


def list_other_numbers(name: str) -> Iterator[str]:
    """Yield what a folded name may be in the other number; only its last word changes.

    Example:
        >>> list(list_other_numbers("talking cars")), list(list_other_numbers("witch"))
        (['talking car'], ['witches'])
        >>> list(list_other_numbers("buddies")), list(list_other_numbers("wolf"))
        (['buddy', 'buddie'], ['wolves'])
    """
    head, _, last = name.rpartition(" ")
    for form in _turn(last):
        yield f"{head} {form}" if head else form


def _turn(word: str) -> Iterator[str]:
    if word in _ONE_OF:
        yield _ONE_OF[word]
    elif word in _IRREGULAR:
        yield _IRREGULAR[word]
    elif word.endswith("s") and not word.endswith(_NO_PLURAL):
        if word.endswith("ies"):
            yield f"{word[:-3]}y"
        elif word.endswith("es") and word[:-2].endswith(_HISSING):
            yield word[:-2]
        yield word[:-1]
    elif word.endswith(_HISSING):
        yield f"{word}es"
    elif word.endswith("y") and word[-2:-1] not in "aeiou":
        yield f"{word[:-1]}ies"
    elif word:
        yield f"{word}s"
