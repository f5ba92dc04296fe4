"""Replies and scores from a causal language model, a batch at a time."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from ..errors import require
from ..schema import Intent, canonical_json
from .chat import ChatFormat
from .decoding import AnswerGrammar


def generate_replies(
    model: Any,  # noqa: ANN401
    chat: ChatFormat,
    grammar: AnswerGrammar | None,
    texts: Sequence[str],
    max_new_tokens: int,
) -> list[str]:
    """Return the most likely reply to each text, in one batch.

    With a grammar each reply is valid JSON, unless it would be longer than `max_new_tokens`;
    without one it is whatever the model writes.
    """
    torch = require("torch", "train")
    transformers = require("transformers", "train")
    ids, mask = _pad_left([chat.encode_prompt(text) for text in texts], chat, model.device)
    length = ids.shape[1]
    options: dict[str, Any] = {}
    if grammar is not None:
        constraint = grammar.constrain(len(texts), length)
        options = {"logits_processor": [constraint.mask], "stopping_criteria": [constraint.ended]}
    with torch.inference_mode():
        output = model.generate(
            input_ids=ids,
            attention_mask=mask,
            generation_config=transformers.GenerationConfig(
                do_sample=False,
                max_new_tokens=max_new_tokens,
                eos_token_id=chat.stop_ids,
                pad_token_id=chat.tokenizer.pad_token_id,
            ),
            **options,
        )
    replies: list[str] = chat.tokenizer.batch_decode(
        [_until_stop(row, chat.stop_ids) for row in output[:, length:].tolist()],
        skip_special_tokens=True,
        clean_up_tokenization_spaces=False,
    )
    return replies


def score_intents(
    model: Any,  # noqa: ANN401
    chat: ChatFormat,
    texts: Sequence[str],
) -> list[dict[Intent, float]]:
    """Return the probability of each intent, given that the reply is one of their answers.

    Each answer is read by the model as if it had written it; its probability is that of all its
    tokens from the first one in which the answers differ.
    """
    torch = require("torch", "train")
    answers = [canonical_json({"intent": intent.value}) for intent in Intent]
    rows, lengths = [], []
    for text in texts:
        prompt = chat.encode_prompt(text)
        replies = [chat.encode_reply(text, answer) for answer in answers]
        shared = _common_length(replies)
        rows += [prompt + reply for reply in replies]
        lengths += [len(reply) - shared for reply in replies]
    ids, mask = _pad_left(rows, chat, model.device)
    keep = max(lengths) + 1  # the token before the first one that counts predicts it
    with torch.inference_mode():
        logits = _last_logits(model, ids, mask, keep)
        steps = logits[:, :-1].float().log_softmax(-1)
        likelihoods = steps.gather(-1, ids[:, -(keep - 1) :, None])[..., 0]
        totals = torch.stack(
            [row[-length:].sum() for row, length in zip(likelihoods, lengths, strict=True)]
        )
        shares = totals.view(len(texts), len(answers)).softmax(-1).tolist()
    return [dict(zip(Intent, row, strict=True)) for row in shares]


def _last_logits(model: Any, ids: Any, mask: Any, keep: int) -> Any:  # noqa: ANN401
    """Return the logits of the last `keep` positions; all of them would fill a small GPU."""
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    options = (
        {"logits_to_keep": keep}
        if "logits_to_keep" in inspect.signature(base.forward).parameters
        else {}
    )
    output = model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=(mask.cumsum(-1) - 1).clamp(min=0),
        use_cache=False,
        **options,
    )
    return output.logits[:, -keep:]


def _pad_left(rows: Sequence[Sequence[int]], chat: ChatFormat, device: Any) -> tuple[Any, Any]:  # noqa: ANN401
    torch = require("torch", "train")
    width = max(map(len, rows))
    pad = chat.tokenizer.pad_token_id
    ids = [[pad] * (width - len(row)) + list(row) for row in rows]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in rows]
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def _until_stop(tokens: Sequence[int], stop_ids: Sequence[int]) -> list[int]:
    end = next((i for i, token in enumerate(tokens) if token in stop_ids), len(tokens))
    return list(tokens[:end])


def _common_length(rows: Sequence[Sequence[int]]) -> int:
    length = 0
    for tokens in zip(*rows, strict=False):
        if len(set(tokens)) > 1:
            break
        length += 1
    return length
