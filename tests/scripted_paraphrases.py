"""Replies to the bundled prompt without a language model, good ones and bad ones."""

from __future__ import annotations

import json
from zlib import crc32

from scripted_server import Answer

from moviequery.synthesis.writers import Reply

OPENINGS = ("so i was wondering,", "ok here goes:", "quick one,", "Hi!", "honestly now,")
ENDINGS = ("thanks a lot", "if you know", "for tonight", "please and thank you", "cheers")
KINDS = ["good"] * 3 + ["429", "500", "half a body", "half a JSON", "wrong schema"]
KINDS += ["entity lost", "nothing", "broken off", "refused"]


def read_request(messages):
    """Return the query that is asked for, its entities, and how often a reply was refused."""
    asked = [message["content"] for message in messages if message["role"] == "user"]
    last = max(number for number, text in enumerate(asked) if text.startswith("Query: "))
    lines = asked[last].splitlines()
    start, end = lines.index("Entities:") + 1, -2
    entities = [line.partition(": ")[2].removesuffix(" (not wanted)") for line in lines[start:end]]
    entities = [] if lines[start] == "none" else entities
    return lines[0].removeprefix("Query: "), entities, len(asked) - 1 - last


def reply_json(text, entities=()):
    """Return a reply of the bundled schema."""
    spans = [{"number": number, "text": one} for number, one in enumerate(entities, start=1)]
    return json.dumps({"thought": "they ask", "text": text, "entities": spans})


def paraphrase(messages):
    """Return the query with other words round it, all entities in their places."""
    query, entities, _ = read_request(messages)
    code = crc32(query.encode())
    opening, ending = OPENINGS[code % 5], ENDINGS[code // 5 % 5]
    return reply_json(f"{opening} {query.rstrip('?.! ')} {ending}", entities)


def instant(messages):
    """Return the paraphrase at once: a writer of no cost."""
    return Reply(paraphrase(messages), 100, 20)


def find_kind(query):
    """Return what the faulty server does with a query, of `KINDS`."""
    return KINDS[crc32(b"fault" + query.encode()) % len(KINDS)]


def fail(payload, number):
    """Answer as `find_kind` says; what passes has passed at the second request."""
    messages = payload["messages"]
    query, _, refused = read_request(messages)
    kind = find_kind(query)
    good = Answer(paraphrase(messages))
    once = {
        "429": Answer(status=429, headers={"Retry-After": "0"}),
        "500": Answer(status=500, body=b"oops"),
        "half a body": Answer(body=b'{"id": "x", "choices": [{"ind'),
        "broken off": Answer(body=b'{"id": "x", "choi', promised=400),
    }
    if kind in once:
        return good if number else once[kind]
    if kind == "refused":
        return Answer(status=422, body=b'{"error": "content filter"}')
    if kind == "entity lost":
        return Answer(reply_json("any films at all?"))
    if kind == "nothing":
        return Answer("")
    bad = {"half a JSON": '{"thought": "', "wrong schema": '{"text": 7}'}
    return Answer(bad[kind]) if kind in bad and not refused else good
