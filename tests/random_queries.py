"""Random labelled queries with any Unicode in them, for laws that must hold of every query."""

from __future__ import annotations

from hypothesis import strategies as st

from moviequery.schema import Entity, EntityType, Intent, Part, Query

SENTENCES = (
    "I would recommend the really scary films",
    "please don't bore friends in the theatre, ok?",
    "what is a comedy like",
    "you are so good. Colour!",
    "the director's beautiful thief",
)

_pieces = st.one_of(
    st.sampled_from(SENTENCES),
    st.text(min_size=1, max_size=12),
    st.sampled_from(
        ["Straße", "İstanbul", "日本 🎬", "e\u0301clair", "ŒUVRE", "Crazy, Stupid, Love."]
    ),
)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """Return a query of up to four entities, some about a title, and one part or two."""
    text = draw(st.one_of(st.just(""), _pieces))
    entities: list[Entity] = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(tuple(EntityType)))
        words = draw(_pieces)
        titles = [n for n, entity in enumerate(entities) if entity.type is EntityType.TITLE]
        about = draw(st.sampled_from([None, *titles]))
        start = len(text)
        iri = draw(st.sampled_from([None, "urn:x"]))
        negated = draw(st.booleans())
        entities.append(Entity(kind, words, start, start + len(words), iri, negated, about))
        text += words + draw(st.one_of(st.just(""), st.just(" "), _pieces.map(" {} ".format)))
    cuts = [place for place in range(1, len(text)) if not _is_inside(entities, place)]
    intents = draw(st.tuples(*[st.sampled_from(tuple(Intent))] * 2))
    if not cuts or draw(st.booleans()):
        return Query(text, intents[0], tuple(entities))
    cut = draw(st.sampled_from(cuts))
    parts = (Part(0, cut, intents[0]), Part(cut, len(text), intents[1]))
    intent = Intent.REC if Intent.REC in intents else Intent.NON_REC
    return Query(text, intent, tuple(entities), parts)


def _is_inside(entities: list[Entity], place: int) -> bool:
    return any(entity.start < place < entity.end for entity in entities)


def check_spans(query: Query) -> None:
    """Fail unless every offset of the query is sound."""
    end = 0
    for entity in query.entities:
        assert end <= entity.start < entity.end <= len(query.text)
        assert query.text[entity.start : entity.end] == entity.text
        end = entity.end
        if entity.about is not None:
            assert query.entities[entity.about].type is EntityType.TITLE
    end = 0
    for part in query.parts:
        assert end <= part.start <= part.end <= len(query.text)
        end = part.end


def labels(query: Query) -> list[object]:
    """Return all that is said of each entity and part but where it stands."""
    return [
        query.intent,
        [(e.type, e.iri, e.negated, e.about) for e in query.entities],
        [part.intent for part in query.parts],
    ]
