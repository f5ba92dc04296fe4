"""A small grammar, and replies to the bundled prompt for new frames without a language model."""

from __future__ import annotations

import json

from scripted_server import Answer

GRAMMAR = """
[[frame]]
id = "rec.genre"
intent = "rec"
text = "(any good|some nice) {genre} films about {theme} for tonight?"

[[frame]]
id = "rec.like"
intent = "rec"
text = "I really liked {title a}, what else would I enjoy?"

[[frame]]
id = "fact.director"
intent = "non_rec"
style = "search"
text = "who was the director of {title a}"

[[frame]]
id = "rec.kids"
intent = "rec"
text = "{review} {genre} films to see with my kids, please"

[[frame]]
id = "rec.kids-too"
intent = "rec"
text = "what {genre} film could the kids and I watch after school"

[[frame]]
id = "rec.kids-again"
intent = "rec"
text = "my kids are bored: which {genre} film would you put on"

[lexicon]
review = ["must see", "brilliant"]
"""


def reply_with(messages):
    """Return a reply of eight frames, made of the slots that were asked for."""
    asked = messages[-1]["content"]
    line = next(line for line in asked.splitlines() if line.startswith("Slots"))
    slots = line.split(": ", 1)[1].split("} ")
    slots = [slot if slot.endswith("}") else slot + "}" for slot in slots]
    intent = "non_rec" if "non_rec" in asked else "rec"
    openings = ("so tell me then", "hear me out", "quick one", "it has been on my mind")
    frames = [
        {"intent": intent, "text": f"{opening}, {' beside '.join(slots)}{ending}"}
        for opening in openings
        for ending in (", is that a thing?", " would do me, or what do you say?")
    ]
    return json.dumps({"thought": "people", "frames": frames})


def script(payload, number):
    """Answer as language models do: well, badly, twice the same, half, or not at once."""
    key = sum(map(ord, payload["messages"][-1]["content"])) % 5
    if number == 0 and key == 0:
        return Answer(status=500)
    if key == 1:
        return Answer("Here are some frames you could use: I hope they help!")
    if key == 2:
        return Answer('{"frames": [{"intent": "rec", "text": "any {gen')
    good = json.loads(reply_with(payload["messages"]))
    bad = [
        {"intent": "rec", "text": "who is in {tittle a} by the way?"},
        {"intent": "rec", "text": "just some brilliant film from 1999, thanks"},
    ]
    return Answer(f"```json\n{json.dumps({**good, 'frames': [*bad, *good['frames'], *bad]})}\n```")
