"""What the causal language models are asked and answer: system prompts, messages, replies.

Two tasks, as in the paper (section III-B): `intent` decides between `rec` and `non_rec`, `entities`
lists what a query names. Each has its own system prompt and its own adapter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..errors import ModelError
from ..schema import FIELDS, EntityType, Intent, Query, answer_json, canonical_json

TASKS: tuple[str, ...] = ("entities", "intent")

# Listing 2, word for word.
INTENT_PROMPT = (
    "You will receive User prompt with questions about Movies. Your task is to classify the intent "
    'among items in list ["rec", "non_rec"]. Where \'rec\' means the prompt is asking for '
    "recommendations and 'non_rec' means the prompt is asking about non-recommendations general "
    "information about movie related stuff for example: Who directed 'Forrest Gump' and what other "
    'films has he made?. Respond in json for example: {"intent": "non_rec"}'
)
# Ours: the paper shows its entity prompt only as a picture (Fig. 6). Only the fields whose names
# do not say enough are explained, since every word here is read again for every query.
ENTITY_PROMPT = (
    "You will receive User prompt with questions about Movies. Your task is to extract what the "
    f"prompt names into the fields in list {json.dumps(FIELDS)}. Where 'plots' means what happens, "
    "'themes' means what it is about, 'certificates' means age ratings, 'ratings' means quality in "
    "numbers or rank words, 'reviews' means what critics or viewers say and 'origins' means what "
    "it is based on. Copy each value word for word and leave out the fields without a value. "
    'Respond in json for example: {"titles":["Forrest Gump"],"genres":["comedy"]}'
)
_SYSTEM_PROMPTS = {"entities": ENTITY_PROMPT, "intent": INTENT_PROMPT}
# Ours too: said where known names stand behind a text, see `list_names`.
NAMES_PROMPT = (
    " The last line of the prompt lists what a catalogue knows by these words, some of which may "
    "mean something else."
)
_TYPES_BY_FIELD = {entity_type.field: entity_type for entity_type in EntityType}


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply that was read: the intent, or the values in the order of the reply.

    Attributes:
        intent: None for the task `entities`.
        values: what is named, as (type, text) pairs; empty for the task `intent`.
    """

    intent: Intent | None = None
    values: tuple[tuple[EntityType, str], ...] = ()


def select_tasks(task: str) -> tuple[str, ...]:
    """Return the tasks that `task` stands for: itself, or all of them for `both`.

    Raises:
        ModelError: there is no such task.

    Example:
        >>> select_tasks("both")
        ('entities', 'intent')
    """
    if task != "both" and task not in TASKS:
        raise ModelError(f"There is no task {task!r}. Choose one of {[*TASKS, 'both']}.")
    return TASKS if task == "both" else (task,)


def question(text: str, task: str, names: str | None = None) -> list[dict[str, str]]:
    """Return the messages that ask a model about `text`.

    Args:
        text: what a person says.
        task: `entities` or `intent`.
        names: what `list_names` finds in the text, to be shown behind it; None shows nothing.

    Raises:
        ModelError: there is no such task.
    """
    if task not in _SYSTEM_PROMPTS:
        raise ModelError(f"There is no prompt for the task {task!r}. Choose one of {list(TASKS)}.")
    system, user = _SYSTEM_PROMPTS[task], text
    if names is not None:
        system, user = system + NAMES_PROMPT, f"{text}\n{names}"
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def to_messages(query: Query, task: str) -> dict[str, list[dict[str, str]]]:
    """Return the row that trains `task`: the prompt's messages and the completion's message.

    The completion is compact JSON, since every space would cost time in every answer.

    Raises:
        ModelError: there is no such task.

    Example:
        >>> to_messages(Query("any heist movies?", Intent.REC), "intent")["completion"]
        [{'role': 'assistant', 'content': '{"intent":"rec"}'}]
    """
    prompt = question(query.text, task)
    reply = (
        canonical_json({"intent": query.intent.value})
        if task == "intent"
        else answer_json(None, query.entities)
    )
    return {"prompt": prompt, "completion": [{"role": "assistant", "content": reply}]}


def from_reply(task: str, reply: str) -> Answer:
    """Return what a model's reply says; the inverse of `to_messages`, and strict.

    Raises:
        ModelError: the reply is not one JSON object of exactly the form that `task` asks for.

    Example:
        >>> from_reply("entities", '{"genres":["heist"]}').values
        ((<EntityType.GENRE: 'genre'>, 'heist'),)
    """
    try:
        fields = json.loads(reply, object_pairs_hook=_refuse_repeated_keys)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"The reply {reply[:200]!r} is not JSON: {error}.") from error
    if not isinstance(fields, dict):
        raise ModelError(f"The reply {reply[:200]!r} is not a JSON object.")
    return _read_intent(fields) if task == "intent" else _read_entities(fields)


def _refuse_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a key stands twice")
    return fields


def _read_intent(fields: dict[str, Any]) -> Answer:
    intents = [intent.value for intent in Intent]
    if list(fields) != ["intent"] or fields["intent"] not in intents:
        raise ModelError(f"The reply {fields} is not an 'intent' among {intents} and nothing else.")
    return Answer(intent=Intent(fields["intent"]))


def _read_entities(fields: dict[str, Any]) -> Answer:
    values: list[tuple[EntityType, str]] = []
    for field, texts in fields.items():
        if field not in _TYPES_BY_FIELD:
            raise ModelError(f"The reply has the field {field!r}, which is none of {list(FIELDS)}.")
        if not isinstance(texts, list) or not all(isinstance(t, str) and t for t in texts):
            raise ModelError(f"The reply's {field!r} is not a list of strings: {texts!r}.")
        values.extend((_TYPES_BY_FIELD[field], text) for text in dict.fromkeys(texts))
    return Answer(values=tuple(values))
