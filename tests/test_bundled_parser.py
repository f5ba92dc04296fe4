"""The parser that comes with the package: there, whole, and right about plain queries."""

import pytest

from moviequery import QueryParser
from moviequery.modeling.bundle import BUNDLED, read_bundle
from moviequery.schema import Intent

pytestmark = pytest.mark.skipif(not BUNDLED.is_dir(), reason="a checkout without the weights")


@pytest.fixture(scope="module")
def parser():
    return QueryParser.from_pretrained()


def test_the_licence_and_origin_of_the_base_come_with_it():
    bundle = read_bundle(BUNDLED)
    assert bundle.notes["base"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert bundle.notes["licence"] == "Apache-2.0"
    assert "Apache" in (BUNDLED / "LICENSE.md").read_text("utf-8")
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) < 27_000_000


@pytest.mark.parametrize(
    ("text", "intent", "entities"),
    [
        ("who directed Heat?", Intent.NON_REC, [("title", "Heat")]),
        (
            "any good horror movies from the 1990s?",
            Intent.REC,
            [("genre", "horror"), ("year", "1990s")],
        ),
        ("show me comedies starring tom hanks", Intent.REC, [("actor", "tom hanks")]),
        ("films directed by quentin tarantino", Intent.REC, [("director", "quentin tarantino")]),
    ],
)
def test_plain_queries(parser, text, intent, entities):
    parsed = parser.parse(text)
    assert parsed.intent is intent
    found = [(entity.type.value, entity.text) for entity in parsed.entities]
    assert [entity for entity in entities if entity not in found] == []


def test_a_text_has_one_answer_alone_and_in_a_batch(parser):
    texts = ["heat", "any comedies, nothing with adam sandler", "", "who is in it 🎬 " * 90]
    assert parser.parse(texts) == [parser.parse(text) for text in texts]
