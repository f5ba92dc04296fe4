"""Short plots out of a film's overview: "a shy clerk falls for a thief", or nothing.

Overviews are long sentences full of names and praise. What can be cut from them by rule is a main
clause whose subject is some person or people, or a person and what they are or do ("a retired cop
who hunts one last killer"). Whatever is in doubt is left out: a film without a plot only misses the
queries about plots, and a plot that reads badly spoils them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..schema import Movie
from .normalisation import fold
from .verbs import CERTAIN_FORMS, DOUBTFUL_FORMS, PLAIN_VERBS

MOST_PLOTS = 2
_SENTENCES = 4  # of an overview; what comes later presumes the earlier ones
_FEWEST_WORDS, _MOST_WORDS = 4, 14
_FEWEST_EARLY = 6  # words of a clause that is ended early


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ONE = _words("a an one")
_MANY = _words("two three four five six seven eight nine ten several")
_DETERMINERS = _ONE | _MANY | _words("the his her its their some another")
_PEOPLE = _words("children kids men people police policemen teens women")
_RELATIVES = _words("who that whose where which whom")
_JOINTS = _words(
    "and or but then who that whose where which when while as after before until because if once "
    "though although since whom what how why whether"
)
_SUBJECTS = _words("he she it they everyone nobody someone nothing")
_LINKS = _words("and or then")
_TIMES = _words("when while")
_MANY_DO = PLAIN_VERBS | _words("are have must can will")
# After one of these, "plans" and "dreams" are rather nouns than verbs.
_OPENERS = _words(
    "and about across against among at behind between but by during for from in inside into near "
    "of off on or over through to toward under with without"
)
_OPEN_WORDS = _words(
    "about across against all along among at between both by during each every for from in inside "
    "into like my near no not of off on only onto other own out over so such through to toward "
    "towards under upon very with within without is are was were be been being has have had must "
    "will would can could more most much many first last young old new"
)
_DANGLING = _DETERMINERS | _JOINTS | _SUBJECTS | _OPEN_WORDS
_COMPLETE = _words("dies disappears vanishes escapes returns awakens")
_ADVERBS = _words("also even finally just never now often once only soon still then always")
# What is said of a film rather than of what happens in it.
_PRAISE = _words(
    "acclaimed action-packed adaptation adapted anthology award awards biopic blockbuster "
    "captivating cast classic comedian comedians comedic comedy comic concert critically "
    "docudrama documentary drama episode episodes feature featuring film films flashback footage "
    "gripping protagonist "
    "heartwarming hilarious installment interviews laughs legendary movie movies performances "
    "remake romp screen season sequel series show specials special stand-up starring stars story "
    "stories tale tales thriller thrilling tour viewers whodunit young-adult you your we our us "
    "my i me this these those it them him us"
)
_ACRONYMS = _words("CIA FBI DEA NYPD LAPD NASA KGB MI6 SWAT US U.S. UK USA DJ TV DNA CEO AI UFO")
# Adjectives of places and the like, which name nobody.
_PROPER = re.compile(
    r"(?:(?!Adrian|Brian|Damian|Dean|Dorian|Fabian|Ian|Jean|Julian|Lillian|Sean|Sebastian|Vivian)"
    r"[A-Z]\w+(?:ian|ican|ean|ish|ese)|Dutch|Czech|French|German|Roman|Cuban|Greek|"
    r"Irish|Iraqi|Israeli|Jewish|Latino?|Latina|Mafia|Muslim|Nazis?|Pakistani|Polish|Punjabi|Scottish|Swiss|Thai|Welsh|"
    r"Christmas|Halloween|Thanksgiving|Hollywood|Bollywood|Internet|York|Angeles|New|Los|San|"
    r"Army|Navy|Marine|Christian|Catholic|Earth|God|War|World|II)(?:['’]s)?$"
)
_PLACE_BEFORE = _words("in from to at near across of for")
_PLACE_VERBS = _words("live lives move moves travel travels return returns go goes head heads")

_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_NAME = r"(?:(?:Dr|Mr|Mrs|Ms|St)\. )?[A-Z][\w'’-]*\.?(?: (?:[A-Z][\w'’-]*\.?|de|van|von|la|the))*"
_APPOSITION = re.compile(rf",? (?:named|called|nicknamed) {_NAME}(?:,(?= \w+s ))?|, {_NAME}(?=,),")
_SENTENCE_END = re.compile(r"(?<![A-Z])(?<!Dr|Mr|Ms|St|Jr|vs)(?<!Mrs)[.!?…]+['\"”]?\s+(?=\S)")
_BREAK = re.compile(r"[;:.!?…]|, | [-–—]+ |[–—]|--")
_OPENING = re.compile(
    r"(?:After|As|Before|If|In|On|At|By|For|From|With|Without|Following|During|Under|When|While|"
    r"Once|Since|Upon|Until|Years|Decades|Months|To|Set|\w+ing|\w+ed)\b"
)
_CONJUNCTION = re.compile(
    r"(?:After|As|Before|If|Once|When|While) (?=(?:an?|two|three|four|five) )"
)
_CENTRE = re.compile(
    r"\b(?:[Ff]ollows?|[Rr]evolves around|[Cc]ent(?:er|re)s (?:on|around)|[Ff]ocuses on|[Aa]bout|"
    r"[Ss]tory of|[Tt]ale of|(?<!there )is|plays|as) "
    r"(?=(?:an?|one|two|three|four|five) (?:[\w'’-]+ ){1,5}(?:who|whose) )"
)
_FIRST_WORD = re.compile(
    r"(?:An?|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|One|Several) ", re.IGNORECASE
)
# "a cop, haunted by his past, hunts a killer"
_ASIDE = re.compile(
    r"^((?:[\w'’-]+ ){1,5}[\w'’-]+), (?:\w+ed|\w+ing|once|who|whose|desperate|eager|unable|now|"
    rf"born|torn|lost|still|both|with|on|in) [^,;:.]*, (?=(?:{'|'.join(sorted(CERTAIN_FORMS))}) )"
)
# Where a long clause may end early without leaving anything open.
_EARLY_ENDS = re.compile(
    r" (?:when|while|after|before|until|because|(?<!anything )but|although|though|unaware|only to|"
    r"in order to|so that|as (?:he|she|they|it)|where (?:he|she|they)"
    r"|(?:amid|as part|at|during|in|throughout|under)(?= )"
    rf"|and (?=(?:{'|'.join(sorted(CERTAIN_FORMS | DOUBTFUL_FORMS))}) ))\b"
)


def cut_plots(overview: str, title: str = "") -> tuple[str, ...]:
    """Return up to two things that happen in a film, as people would tell them.

    Each has 4 to 14 words, begins in lower case and names neither the film nor a person.

    Example:
        >>> cut_plots("Fired from the bank, a shy clerk (Ann Poe) falls for a thief. A must-see!")
        ('a shy clerk falls for a thief',)
        >>> cut_plots("Jo Poe is a retired cop who hunts one last killer, but time is short.")
        ('a retired cop who hunts one last killer',)
    """
    plots: dict[str, str] = {}
    text = " ".join(_BRACKETS.sub("", overview).replace("’", "'").split())
    named = fold(title)
    for sentence in _SENTENCE_END.split(text)[:_SENTENCES]:
        if any(mark in sentence for mark in '"“”'):
            continue
        found = next(filter(None, map(_finish, _pieces(_APPOSITION.sub("", sentence)))), "")
        if found and not (named and f" {named} " in f" {fold(found)} "):
            plots.setdefault(fold(found), found)
        if len(plots) == MOST_PLOTS:
            break
    return tuple(plots.values())


def add_plots(movie: Movie) -> Movie:
    """Return the film with plots out of its overview, unless it has plots of its own."""
    if movie.plots or not movie.overview:
        return movie
    return replace(movie, plots=cut_plots(movie.overview, movie.title))


def _pieces(sentence: str) -> Iterator[str]:
    """Yield the stretches of a sentence that may begin a plot, the best first."""
    if _FIRST_WORD.match(sentence):
        yield sentence
    elif _OPENING.match(sentence):
        _, _, rest = sentence.partition(", ")
        if _FIRST_WORD.match(rest):
            yield rest
        if opening := _CONJUNCTION.match(sentence):
            yield sentence[opening.end() :]
    if centre := _CENTRE.search(sentence):
        yield sentence[centre.end() :]


def _finish(piece: str) -> str:
    """Return the plot that a stretch begins with, or nothing."""
    piece = _ASIDE.sub(r"\1 ", piece)
    ends = [match.start() for match in _BREAK.finditer(piece)]
    if ends and _is_list(piece, ends[0]):
        return ""
    text = piece[: ends[0]] if ends else piece
    text = (text[0].lower() + text[1:]).strip()
    if len(text.split()) <= _MOST_WORDS:
        return text if _reads_well(text.split()) else ""
    early = [text[: match.start()] for match in _EARLY_ENDS.finditer(text)]
    fitting = (part.split() for part in reversed(early))
    return next((" ".join(part) for part in fitting if _ends_well(part) and _reads_well(part)), "")


def _ends_well(words: Sequence[str]) -> bool:
    """Return True if what was cut off may be missed: not the rest of "an island inhabited by"."""
    last = words[-1]
    is_open = last.endswith(("ed", "ing")) or last in PLAIN_VERBS or last in ("up", "love")
    return len(words) > _FEWEST_EARLY and not is_open


def _is_list(piece: str, end: int) -> bool:
    """Return True where the comma parts adjectives: "a boy meets a tall, dark stranger"."""
    before, after = piece[:end].split(), piece[end + 2 :].split()
    if not piece.startswith(", ", end) or not after:
        return False
    opened = len(before) < 2 or before[-2].lower() in _DETERMINERS or before[-2] == "of"
    return opened and after[0].islower() and after[0] not in _DANGLING


def _reads_well(words: Sequence[str]) -> bool:
    if not _FEWEST_WORDS <= len(words) <= _MOST_WORDS or _ends_openly(words):
        return False
    if any(word.lower() in _PRAISE or not _is_plain(words, n) for n, word in enumerate(words)):
        return False
    return _is_clause(words) or _is_person(words)


def _ends_openly(words: Sequence[str]) -> bool:
    """Return True where something must follow: "decides to", "when his wife", "finds himself"."""
    before, last = words[-2], words[-1].lower()
    return (
        last in _DANGLING
        or (last in CERTAIN_FORMS and last not in _COMPLETE)
        or (last in DOUBTFUL_FORMS and before in _SUBJECTS)
        or (last in PLAIN_VERBS and before in ("to", "that"))
        or last.endswith(("'", "self", "selves"))
        or not _TIMES.isdisjoint(words[-4:])
    )


def _is_plain(words: Sequence[str], number: int) -> bool:
    """Return True for a word that is no number, quotation or name of a person."""
    word = words[number]
    if word.isdigit() or word[0] in "'‘’$#@" or not word[0].isalnum() or word.endswith(("'", "’")):
        return False
    if word[0].islower() or word[0].isdigit() or word in _ACRONYMS:
        return True
    if len(word) > 1 and word.isupper():
        return False
    if _PROPER.match(word):
        return True
    before = words[number - 1] if number else ""
    return before in _PLACE_BEFORE and not {*words[max(0, number - 3) : number]}.isdisjoint(
        _PLACE_VERBS | {"in", "from", "near", "across", "at"}
    )


def _verbs(words: Sequence[str]) -> list[int]:
    """Return where the finite verbs are, as far as they can be told."""
    many = words[0] in _MANY
    places: list[int] = []
    for number, word in enumerate(words):
        before = words[number - 1] if number else ""
        if before in _ADVERBS or before.endswith("ly"):
            before = words[number - 2] if number > 1 else ""
        if before in _DETERMINERS or before == "to":
            continue
        if word in CERTAIN_FORMS:
            places.append(number)
        elif word in DOUBTFUL_FORMS:
            opened = before in _RELATIVES or before in _SUBJECTS or (places and before in _LINKS)
            if opened or not (places or many or any(map(_opens_attribute, words[:number]))):
                places.append(number)
        elif word in PLAIN_VERBS and many and _is_plural(before):
            places.append(number)
    return places


def _opens_attribute(word: str) -> bool:
    return word in _OPENERS or word.endswith(("ed", "ing"))


def _is_plural(word: str) -> bool:
    return word in _PEOPLE or (word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")))


def _are_joined(words: Sequence[str], verbs: Sequence[int]) -> bool:
    """Return True if something joins each verb to the one before it."""
    return all(
        not (_JOINTS | _SUBJECTS).isdisjoint(words[first + 1 : second])
        for first, second in zip(verbs, verbs[1:], strict=False)
    )


def _is_clause(words: Sequence[str]) -> bool:
    """Return True for "a clerk falls for a thief": some people, then what they do."""
    verbs = _verbs(words)
    if not verbs or verbs[0] < 2 or not _RELATIVES.isdisjoint(words[: verbs[0]]):
        return False
    subject = words[: verbs[0]]
    if subject[1] in ("day", "few", "kind", "night", "of"):
        return False
    if words[0] in _MANY and not (
        words[verbs[0]] in _MANY_DO and _OPENERS.isdisjoint(subject) and _is_plural(subject[-1])
    ):
        return False
    return _are_joined(words, verbs)


def _is_person(words: Sequence[str]) -> bool:
    """Return True for "a cop who hunts a killer": someone, and what they are or do."""
    place = next((n for n, word in enumerate(words) if word in ("who", "whose")), 0)
    if not 2 <= place <= 7 or _verbs(words[:place]):
        return False
    told = words[place + 1 :]
    verbs = _verbs(["he", *told])
    past = [n for n, word in enumerate(told[:3], 1) if word.endswith("ed") and n <= 2]
    first = min((*verbs, *past), default=0)
    # "who" has its verb beside it, "whose" has a noun between
    if not first or (words[place] == "who" and first > 2):
        return False
    # "a man who loves to dance crosses her path" is more than a person
    doubtful = {
        n
        for n, word in enumerate(told, 1)
        if word in DOUBTFUL_FORMS and told[n - 2] not in _DETERMINERS | _OPENERS
    }
    return _are_joined(["", *told], sorted({*past[:1], *verbs, *doubtful}))
