"""What the tables got wrong or say too loosely is mended or left out; only facts remain."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import rdflib

from moviequery import Movie
from moviequery.knowledge.concepts import Concepts
from moviequery.knowledge.identity import name_keys
from moviequery.knowledge.normalisation import fold
from moviequery.schema import EntityType, Role

WIKIDATA = ("wikidata",)
OWN = ("moviequery",)
LONGEST_CAST = 12
# Tags of which the words say one thing and the films another: "civil war" stands on films about
# five wars, "library" on those that somebody borrowed, "music" on those with a good score.
DOUBTFUL = frozenset(
    [
        "america",
        "book",
        "broadway",
        "brothers",
        "civil war",
        "foreign",
        "language",
        "legend",
        "library",
        "music",
        "play",
        "series",
        "song",
        "time",
        "united states",
        "usa",
    ]
)
# A language of which the people of a film have made at most this share of their other films is
# one that is heard in the film; it is not the film's own ("Valkyrie" is listed as German).
STRANGE_SHARE = 0.3
ENOUGH_FILMS = 6

_DECADE = re.compile(r"(?:19|20)?(\d)0'?s")
_EDITION = re.compile(r"\s*[(\[](?:\w+ )?Version[)\]]$")
_FULL_STOP = re.compile(r"(?<=[a-z]{3})\.$")
# Tags that name who is in the film.
_CHARACTER_TAGS = """
    007=James Bond, bond=James Bond, james bond, batman, captain america, catwoman, charlie chan,
    daredevil, dracula=Count Dracula, ebenezer scrooge, scrooge=Ebenezer Scrooge, freddy krueger,
    godzilla, hannibal lecter, harry potter, hulk, indiana jones, iron man, jack ryan,
    jason bourne, jay and silent bob=Jay and Silent Bob, john mcclane=John McClane, king arthur,
    king ghidorah, king kong, michael myers, mike hammer, mothra, peter pan, philip marlowe,
    riddick, robin hood, sherlock holmes, snake plissken, spider-man, superman, tarzan, thor,
    van helsing, wallace and gromit=Wallace and Gromit, wolverine, zatoichi, zorro
"""
CHARACTERS: Mapping[str, str] = {
    tag: name or tag.title()
    for tag, _, name in (
        entry.strip().partition("=") for entry in " ".join(_CHARACTER_TAGS.split()).split(",")
    )
}


class Cleaner:
    """Knows how people are spelled in all tables, and cleans records one by one."""

    def __init__(self, records: Iterable[Movie], concepts: Concepts) -> None:
        """Count who has how many films where names are whole: everywhere but in Wikidata's."""
        self.concepts = concepts
        self._films = Counter(
            name
            for record in records
            if record.sources != WIKIDATA
            for name in {*record.directors, *(role.actor for role in record.cast)}
        )
        self._spellings: dict[str, str] = {}
        for name in sorted(self._films, key=lambda name: (-self._films[name], name)):
            for key in sorted({*name_keys(name), fold(name)}):
                self._spellings.setdefault(key, name)

    def clean(self, record: Movie) -> Movie:
        """Return the record without sentences, tags that name no concept, and damaged names.

        The number of its tags is left in `popularity`: people tag the films that they know.
        """
        cast = self._join_names([role.actor for role in record.cast])
        directors: Sequence[str] = record.directors
        if record.sources == WIKIDATA:
            directors = self._spell(record.directors)
            cast = self._spell(cast)
            # it stands in the order of the alphabet
            cast = sorted(cast, key=lambda name: (-self._films[name], name))
        characters = [CHARACTERS[tag] for tag in record.keywords if tag in CHARACTERS]
        return replace(
            record,
            title=_EDITION.sub("", record.title),
            genres=tuple(genre for genre in record.genres if self.concepts.find_genre(genre)),
            keywords=tuple(tag for tag in record.keywords if self._says_something(tag, record)),
            cast=tuple(Role(name) for name in cast[:LONGEST_CAST]),
            directors=tuple(directors),
            writers=() if record.sources == WIKIDATA else record.writers,
            characters=tuple(dict.fromkeys(characters)),
            overview="",
            popularity=float(len(record.keywords)),
        )

    def _says_something(self, tag: str, record: Movie) -> bool:
        """Return True if a tag names a concept, and does so of this film."""
        form = fold(tag)
        if form in DOUBTFUL or not self.concepts.known_keyword(tag):
            return False
        if form in self._spellings and not self.concepts.find(EntityType.ORIGIN, tag):
            return False  # a person, such as the singer Prince
        if decade := _DECADE.fullmatch(tag):
            # on a film of that decade it tells when it was made, not when it plays
            return record.year is not None and record.year // 10 % 10 != int(decade[1])
        return True

    def _spell(self, names: Iterable[str]) -> list[str]:
        """Return the names that another source has too, spelled as there.

        The IRIs of the Wikidata table lost every letter that is not ASCII ("Elmer_Bck"), so a
        name that stands there alone may be damaged.
        """
        found = (
            next((self._spellings[key] for key in keys if key in self._spellings), None)
            for keys in (sorted(name_keys(name)) for name in names)
        )
        return list(dict.fromkeys(name for name in found if name))

    def _join_names(self, names: Iterable[str]) -> list[str]:
        """Return names with those joined that a comma too many parted: "Jesse", "Eisenberg"."""
        joined: list[str] = []
        for name in (_FULL_STOP.sub("", name) for name in names):
            both = f"{joined[-1]} {name}" if joined and " " not in joined[-1] + name else ""
            if both and fold(both) in self._spellings:
                joined[-1] = both
            else:
                joined.append(name)
        return joined


def find_mixed_titles(tables: Sequence[str]) -> frozenset[str]:
    """Return the titles of Turtle tables under which several films were thrown together.

    The Wikidata table names films by their title alone; namesakes show by years far apart, by two
    running times or by many directors.
    """
    mixed = set()
    for table in tables:
        if not table.endswith(".ttl"):
            continue
        graph = rdflib.Graph().parse(table, format="turtle")
        values: dict[rdflib.term.Node, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for subject, predicate, value in graph:
            values[subject][str(predicate).rsplit("/", 1)[-1]].add(str(value))
        for facts in values.values():
            years = sorted(map(int, facts["year"]))
            gap = years[-1] - years[0] if years else 0
            several = len(facts["director"]) > 1
            if gap > 1 or len(facts["runtime"]) > 1 or (gap and several):
                mixed |= facts["title"]
    return frozenset(mixed)


def drop_mixtures(films: Iterable[Movie]) -> Iterator[Movie]:
    """Yield all records but those of Wikidata that mix in a namesake's director.

    With several directors and no other source, nobody can tell; two brothers pass.
    """
    for film in films:
        others = [record for record in film.records if record.sources != WIKIDATA]
        known = {key for one in others for name in one.directors for key in name_keys(name)}
        for record in film.records:
            names = record.directors
            if record.sources == WIKIDATA:
                strange = any(not name_keys(name) & known for name in names)
                families = {name.split()[-1] for name in names}
                if (known and strange) or (not known and len(families) > 1):
                    continue
            yield record


def drop_strange_languages(films: Sequence[Movie]) -> Iterator[Movie]:
    """Yield all records, those of WikiMovies without languages that are merely heard in the film.

    WikiMovies lists German for an American film on the German army. People tell: what else its
    actors and directors made is in the film's own language.
    """
    spoken: dict[str, Counter[str]] = defaultdict(Counter)
    for film in films:
        for name in _people(film):
            spoken[name].update({"": 1, **dict.fromkeys(film.languages, 1)})
    for film in films:
        total: Counter[str] = Counter()
        for name in _people(film):
            total.update(spoken[name])
            total.subtract({"": 1, **dict.fromkeys(film.languages, 1)})
        strange = {
            language
            for language in film.languages
            if total[""] >= ENOUGH_FILMS and total[language] <= STRANGE_SHARE * total[""]
        }
        for record in film.records:
            if record.sources == OWN:
                yield record
            else:
                kept = tuple(one for one in record.languages if one not in strange - {"English"})
                yield replace(record, languages=kept)


def _people(film: Movie) -> list[str]:
    return sorted({*film.directors, *(role.actor for role in film.cast)})
