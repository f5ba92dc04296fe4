"""What a query claims, against what the graph holds."""

import re

import pytest
from catalogue_fixtures import small_graph

from moviequery.errors import GroundingError
from moviequery.schema import Entity, EntityType, Intent, Part, Provenance, Query
from moviequery.synthesis.grounding import check, judge
from moviequery.synthesis.truth import Verdict

# The paper's Listing 4, a query that a small model hallucinated, as printed there.
LISTING_4 = (
    "I am looking for a mind-bending sci-fi thriller where the protagonist should have an AI "
    "sidekick with a personality inspired by Shakespearean dialogue, but the AI slowly becomes "
    "self-aware and manipulative. Like the movies 'The Notebook' (2004) directed by Nick "
    "Cassavetes, which explores the intersection of artificial intelligence and human emotions, "
    "and 'Mad Max: Fury Road' (2015) directed by George Miller, which delves into the world of "
    "AI-powered espionage."
)


@pytest.fixture(scope="module")
def graph():
    return small_graph()


def annotate(text, *marks, intent=Intent.REC, **provenance):
    """Return a query; a mark is (type, words), (type, words, about) or a negated '-type'."""
    entities, offset = [], 0
    for kind, words, *about in marks:
        start = text.index(words, offset)
        offset = start + len(words)
        entities.append(
            Entity(
                EntityType(kind.removeprefix("-")),
                words,
                start,
                offset,
                negated=kind.startswith("-"),
                about=about[0] if about else None,
            )
        )
    return Query(
        text, intent, tuple(entities), (), Provenance(**provenance) if provenance else None
    )


def listing_4():
    return annotate(
        LISTING_4,
        ("mood", "mind-bending"),
        ("genre", "sci-fi"),
        ("genre", "thriller"),
        ("character", "AI sidekick"),
        ("title", "The Notebook"),
        ("year", "2004", 4),
        ("director", "Nick Cassavetes", 4),
        ("theme", "intersection of artificial intelligence and human emotions", 4),
        ("title", "Mad Max: Fury Road"),
        ("year", "2015", 8),
        ("director", "George Miller", 8),
        ("plot", "AI-powered espionage", 8),
    )


def test_listing_4_is_refused_with_the_reason(graph):
    with pytest.raises(GroundingError) as error:
        check(listing_4(), graph)
    assert {e.text for e in error.value.missing} >= {
        "intersection of artificial intelligence and human emotions",
        "AI-powered espionage",
    }
    message = str(error.value)
    assert re.search(r"false: theme .*human emotions' of 'The Notebook' \(2004\)", message)
    assert "enduring love" in message  # what the graph does hold
    assert re.search(r"false: plot 'AI-powered espionage' of 'Mad Max: Fury Road'", message)


def test_what_listing_4_says_truly_is_true(graph):
    verdicts = {claim.entity.text: claim.verdict for claim in judge(listing_4(), graph)}
    true = ["The Notebook", "2004", "Nick Cassavetes", "Mad Max: Fury Road", "2015"]
    assert all(verdicts[text] is Verdict.TRUE for text in true)


def verdict_of(graph, text, *marks):
    return {
        claim.entity.text: claim.verdict.value for claim in judge(annotate(text, *marks), graph)
    }


@pytest.mark.parametrize(
    ("kind", "words", "verdict"),
    [
        ("year", "1995", "true"),
        ("year", "nineties", "true"),
        ("year", "1996", "false"),
        ("director", "Michael Mann", "true"),
        ("director", "Ridley Scott", "false"),
        ("actor", "Al Pacino", "true"),
        ("actor", "Tom Cruise", "unknown"),  # two credits do not make a full cast
        ("genre", "crime", "true"),
        ("genre", "comedy", "false"),
        ("theme", "loyalty", "true"),
        ("theme", "talking animals", "false"),
        ("theme", "loyalty among thieves", "unknown"),  # shares a word with what is known
        ("character", "Vincent Hanna", "true"),
        ("character", "Batman", "unknown"),
    ],
)
def test_rules_of_truth(graph, kind, words, verdict):
    text = f"Heat is {words}"
    assert verdict_of(graph, text, ("title", "Heat"), (kind, words, 0))[words] == verdict


def test_cast_of_five_is_closed(graph):
    marks = ("title", "King Kong"), ("year", "2005", 0), ("actor", "Tom Cruise", 0)
    found = verdict_of(graph, "King Kong (2005) with Tom Cruise", *marks)
    assert found == {"King Kong": "true", "2005": "true", "Tom Cruise": "false"}


def test_of_two_films_with_one_title_the_one_that_fits_is_meant(graph):
    for year, director in (("1933", "Merian C. Cooper"), ("2005", "Peter Jackson")):
        text = f"King Kong of {year} by {director}"
        marks = ("title", "King Kong"), ("year", year, 0), ("director", director, 0)
        assert set(verdict_of(graph, text, *marks).values()) == {"true"}
    text = "King Kong of 1933 by Peter Jackson"
    marks = ("title", "King Kong"), ("year", "1933", 0), ("director", "Peter Jackson", 0)
    assert "false" in verdict_of(graph, text, *marks).values()


def test_what_is_wanted_must_fit_one_film(graph):
    check(
        annotate("crime by Michael Mann", ("genre", "crime"), ("director", "Michael Mann")), graph
    )
    check(annotate("comedy of the 80s", ("genre", "comedy"), ("year", "80s")), graph)
    with pytest.raises(GroundingError, match="no film of the graph is 'romance', 'Michael Mann'"):
        query = annotate(
            "romance by Michael Mann", ("genre", "romance"), ("director", "Michael Mann")
        )
        check(query, graph)
    with pytest.raises(GroundingError, match="no film"):
        check(annotate("comedy of the 50s", ("genre", "comedy"), ("year", "50s")), graph)


def test_what_is_not_wanted_is_kept_out(graph):
    check(annotate("comedy, not animation", ("genre", "comedy"), ("-genre", "animation")), graph)
    with pytest.raises(GroundingError, match="not 'drama'"):
        query = annotate("romance but no drama", ("genre", "romance"), ("-genre", "drama"))
        check(query, graph)


def test_unknown_titles_stay_unknown(graph):
    with pytest.raises(GroundingError, match="no film called 'Zyzzyx Road'"):
        check(annotate("like Zyzzyx Road", ("title", "Zyzzyx Road")), graph)


def test_foreign_iris_and_claims_of_no_title_stay_unknown(graph):
    text = "Heat and kaiju"
    for foreign in ({"iri": "http://films.example/kaiju", "about": 0}, {"about": 1}, {"about": 7}):
        entities = (
            Entity(EntityType.TITLE, "Heat", 0, 4),
            Entity(EntityType.GENRE, "kaiju", 9, 14, **foreign),
        )
        claims = judge(Query(text, Intent.REC, entities), graph)
        assert [claim.verdict for claim in claims] == [Verdict.TRUE, Verdict.UNKNOWN]
        assert claims[1].reason


def test_words_without_a_counterpart_state_nothing(graph):
    assert judge(annotate("a must see", ("review", "must see")), graph) == ()


def test_a_marked_trap_passes(graph):
    marks = ("title", "Heat"), ("year", "1950", 0)
    query = annotate("Heat of 1950", *marks, index=0, seed=0, split="test", frame="x", trap=True)
    assert check(query, graph) is query


def test_one_film_need_not_meet_the_wishes_of_two_parts(graph):
    text = "a desert film, and a silly film"
    one = annotate(text, ("setting", "desert"), ("mood", "silly"))
    assert {claim.verdict for claim in judge(one, graph)} == {Verdict.FALSE}
    parts = (Part(0, 13, Intent.REC), Part(19, len(text), Intent.REC))
    two = Query(text, Intent.REC, one.entities, parts)
    assert [claim.verdict for claim in judge(two, graph)] == [Verdict.TRUE] * 2
