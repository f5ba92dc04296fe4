"""Replies of language models that tell untruths about films of the bundled graph: all refused.

The first is the paper's Listing 4; the others are of its kind, each with the words that are false:
all that must be refused, and what is as untrue but no plain claim.
"""

import json
from pathlib import Path

import pytest

from moviequery import QueryParser
from moviequery.synthesis.claims import check_claims

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "hallucinations.jsonl")
    .read_text("utf-8")
    .splitlines()
]
TRUE = [
    "I loved Heat, the 1995 crime thriller by Michael Mann with Al Pacino and Robert De Niro.",
    "Like 'The Notebook' (2004) directed by Nick Cassavetes, which is about a poor boy who falls "
    "for a rich girl, and 'Mad Max: Fury Road' (2015), which follows a chase across the desert.",
    "Inception was directed by Christopher Nolan in 2010 and follows thieves who steal secrets "
    "from dreams.",
    "Vertigo, which has no Tom Hanks in it, was shot by Alfred Hitchcock in 1958.",
    "Parasite (2019), a South Korean thriller directed by Bong Joon Ho, is set in Seoul.",
    "a film without Tom Hanks like Forrest Gump",
    "Something like Alien but directed by James Cameron and set in Paris.",
    "Was Casablanca directed by Steven Spielberg?",
]


@pytest.fixture(scope="module")
def check(bundled_graph):
    parser = QueryParser.from_pretrained()
    return lambda text: check_claims(parser.parse(text), bundled_graph.index)


def test_there_are_listing_4_and_thirty_more():
    assert len(ROWS) > 30
    assert "'Mad Max: Fury Road' (2015) directed by George Miller" in ROWS[0]["text"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"][:40])
def test_every_planted_falsehood_is_refused(check, row):
    false = [claim for claim in check(row["text"]) if claim.verdict == "false"]
    for words in row["false"]:
        assert any(claim.text in words or words in claim.text for claim in false), words
    untrue = [*row["false"], *row.get("untrue_as_well", ())]
    for claim in false:
        assert any(claim.text in words or words in claim.text for words in untrue), claim
        assert claim.triple.startswith(f"<{claim.film}> <")
        assert "the graph" in claim.reason


@pytest.mark.parametrize("text", TRUE)
def test_what_is_true_or_wished_for_passes(check, text):
    assert [claim for claim in check(text) if claim.verdict == "false"] == []
