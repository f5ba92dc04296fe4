"""The bundled parser and graph as second readers of rewrites that people wrote."""

from collections import Counter

from rewrites_by_hand import REWRITES
from scripted_paraphrases import reply_json
from test_rewriting import label

from moviequery import QueryParser
from moviequery.schema import Intent
from moviequery.synthesis.claims import check_claims
from moviequery.synthesis.rewriting import Rewriter
from moviequery.synthesis.second_reading import SecondReader
from moviequery.synthesis.writers import Reply


def test_rewrites_by_hand(bundled_graph):
    index = bundled_graph.index
    parser = QueryParser.from_pretrained(graph=bundled_graph)
    reader = SecondReader(parser.parse, lambda parsed: check_claims(parsed, index), index)
    taken, given, slipped = 0, 0, Counter()
    for text, entities, intent, true, false in REWRITES:
        query = label(text, *entities, intent=Intent(intent))

        def rewrite(new, query=query):
            def write(messages):
                return Reply(reply_json(new), 1, 1)

            rewriter = Rewriter(write, reader=reader, link=index.link, attempts=1)
            return rewriter.rewrite(query).query

        given += len(true)
        taken += sum(rewrite(new) is not None for new in true)
        slipped.update(kind for kind, new in false.items() if rewrite(new) is not None)
    planted = sum(len(false) for *_, false in REWRITES)
    print(f"true rewrites taken: {taken} of {given}; planted changes taken: {dict(slipped)}")
    assert planted >= 35
    # no name may slip in at all; a parser may miss one change of another kind
    assert not slipped.keys() & {"title", "person", "year", "claim"}
    assert slipped.total() <= 1
    assert taken >= 0.9 * given
