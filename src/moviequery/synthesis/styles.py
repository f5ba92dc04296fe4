"""How a query is written down: joining its pieces, casing, articles; spans stay exact throughout.

A piece is a text with the index of the slot that it fills, or None for the words between slots.
Every rule works on pieces before they are joined, so no rule can move a span off its text.
"""

from __future__ import annotations

import re

Piece = tuple[str, int | None]

_SENTENCE_END = re.compile(r"(?:^|[.?!…])[\"')]*\s*$")
_TRAILING_A = re.compile(r"(?:^|(?<=\W))([Aa])n? $")
# Letters whose names begin with a vowel sound count too: "an R-rated film", "an NC-17 film".
_VOWEL_SOUND = re.compile(r"(?i:[aeiou]|hour|heir|honest)|[FHLMNRSX](?![a-z])")
_CONSONANT_SOUND = re.compile(r"(?i:one\b|once\b|eu|u\.?[sk]\b|us[eu]|uni(?![nm])|uto)")
_SPACE_BEFORE = re.compile(r"\s+(?=[,.?!;:])")


def write_pieces(pieces: list[Piece], style: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the text of the pieces in a style, and `[start, end)` of each slot, in order.

    Styles: `chat` begins sentences with a capital; `search` and `trivia` are lower case throughout,
    and `search` ends without punctuation.

    Example:
        >>> write_pieces([("is there a ", None), ("action", 0), ("  film ?", None)], "chat")
        ('Is there an action film?', [(12, 18)])
    """
    text = ""
    spans: list[tuple[int, int]] = []
    lower = style != "chat"
    for position, (piece, slot) in enumerate(pieces):
        if slot is None:
            # the stop of "Crazy, Stupid, Love." ends no sentence unless the words bring their own
            is_inside = position > 0 and not piece.lstrip("\"')").startswith((".", "?", "!"))
            piece = _tidy(piece, text)
            if position + 1 < len(pieces):
                piece = _agree_article(piece, text, pieces[position + 1][0])
            piece = piece.lower() if lower else _capitalise(piece, "-" if is_inside else text)
            text += piece
        else:
            piece = piece.lower() if lower else piece
            spans.append((len(text), len(text) + len(piece)))
            text += piece
    return _trim(text, spans, style)


def join_pieces(pieces: list[Piece]) -> str:
    """Return the text of pieces as they stand, with single spaces and fitting articles.

    Example:
        >>> join_pieces([("a ", None), ("assassin", 0), (" in ", None), ("Rome", 1)])
        'an assassin in Rome'
    """
    text = ""
    for position, (piece, slot) in enumerate(pieces):
        if slot is None:
            piece = _tidy(piece, text)
            if position + 1 < len(pieces):
                piece = _agree_article(piece, text, pieces[position + 1][0])
        text += piece
    return text.strip()


def _trim(text: str, spans: list[tuple[int, int]], style: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the text without outer spaces, and without a final mark in a search."""
    last = spans[-1][1] if spans else 0
    tail = text[last:].rstrip()
    text = text[:last] + (tail.rstrip(".?!") if style == "search" else tail)
    lead = len(text) - len(text.lstrip())
    return text[lead:], [(start - lead, end - lead) for start, end in spans]


def _tidy(piece: str, before: str) -> str:
    """Return words with single spaces, none before a comma or a stop, no stop after a stop."""
    piece = re.sub(r"\s{2,}", " ", _SPACE_BEFORE.sub("", piece))
    if before.endswith((".", "?", "!")) and piece.startswith((".", before[-1])):
        piece = piece[1:]
    return piece.lstrip() if before.endswith(" ") or not before else piece


def _agree_article(piece: str, before: str, following: str) -> str:
    """Return words whose last `a` or `an` fits the sound that follows."""
    if not _TRAILING_A.search((before + piece)[-4:]):
        return piece
    is_vowel = _VOWEL_SOUND.match(following) and not _CONSONANT_SOUND.match(following)
    article = "an " if is_vowel else "a "
    return _TRAILING_A.sub(lambda match: match[1] + article[1:], piece)


def _capitalise(piece: str, before: str) -> str:
    """Return words that begin with a capital wherever a sentence begins."""
    letters = list(piece)
    for position, char in enumerate(letters):
        begins_word = char.isalpha() and (position == 0 or not letters[position - 1].isalnum())
        if begins_word and _SENTENCE_END.search(before + "".join(letters[:position])):
            # one character stays one character: "ß".upper() would be two
            letters[position] = char.upper() if len(char.upper()) == 1 else char
    return "".join(letters)
