"""Replies and scores from a causal language model, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import require
from ..schema import Intent, canonical_json
from .chat import ChatFormat
from .decoding import AnswerGrammar
from .greedy import logits_option, unwrap, write_greedily
from .prompt_prefix import PromptPrefix, common_prefix, make_cache


def generate_replies(
    model: Any,  # noqa: ANN401
    chat: ChatFormat,
    grammar: AnswerGrammar | None,
    texts: Sequence[str],
    max_new_tokens: int,
    prefix: PromptPrefix | None = None,
) -> list[str]:
    """Return the most likely reply to each text, in one batch.

    With a grammar each reply is valid JSON of spans of its text, unless it would be longer than
    `max_new_tokens`;
    without one it is whatever the model writes. With a prefix the prompts' common beginning is
    not read again; the replies are the same.
    """
    rows = [chat.encode_prompt(text) for text in texts]
    cache, shared = prefix.begin(rows) if prefix else (None, 0)
    ids, mask = _pad(rows, shared, chat, model.device)
    written = write_greedily(
        model,
        ids,
        mask,
        make_cache(model) if cache is None else cache,
        max_new_tokens,
        chat.stop_ids,
        None if grammar is None else grammar.constrain(texts),
    )
    replies: list[str] = chat.tokenizer.batch_decode(
        written, skip_special_tokens=True, clean_up_tokenization_spaces=False
    )
    return replies


def score_intents(
    model: Any,  # noqa: ANN401
    chat: ChatFormat,
    texts: Sequence[str],
    prefix: PromptPrefix | None = None,
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
        same = len(common_prefix(replies))
        rows += [prompt + reply for reply in replies]
        lengths += [len(reply) - same for reply in replies]
    keep = max(lengths) + 1  # the token before the first one that counts predicts it
    cache, shared = prefix.begin([row[: 1 - keep] for row in rows]) if prefix else (None, 0)
    ids, mask = _pad(rows, shared, chat, model.device)
    with torch.inference_mode():
        logits = _last_logits(model, ids, mask, keep, cache, shared)
        steps = logits[:, :-1].float().log_softmax(-1)
        likelihoods = steps.gather(-1, ids[:, -(keep - 1) :, None])[..., 0]
        totals = torch.stack(
            [row[-length:].sum() for row, length in zip(likelihoods, lengths, strict=True)]
        )
        shares = totals.view(len(texts), len(answers)).softmax(-1).tolist()
    return [dict(zip(Intent, row, strict=True)) for row in shares]


def _last_logits(
    model: Any,  # noqa: ANN401
    ids: Any,  # noqa: ANN401
    mask: Any,  # noqa: ANN401
    keep: int,
    cache: Any,  # noqa: ANN401
    shared: int,
) -> Any:  # noqa: ANN401
    """Return the logits of the last `keep` positions."""
    network = unwrap(model)
    output = network(
        input_ids=ids[:, shared:],
        attention_mask=mask,
        position_ids=(mask.cumsum(-1) - 1).clamp(min=0)[:, shared:],
        past_key_values=cache,
        use_cache=cache is not None,
        **logits_option(network, keep),
    )
    return output.logits[:, -keep:]


def _pad(
    rows: Sequence[Sequence[int]],
    shared: int,
    chat: ChatFormat,
    device: Any,  # noqa: ANN401
) -> tuple[Any, Any]:
    """Return the rows as one tensor, padded behind the `shared` first tokens, and its mask."""
    torch = require("torch", "train")
    width = max(map(len, rows))
    pad = chat.tokenizer.pad_token_id
    ids, mask = [], []
    for row in rows:
        gap = width - len(row)
        ids.append([*row[:shared], *[pad] * gap, *row[shared:]])
        mask.append([1] * shared + [0] * gap + [1] * (len(row) - shared))
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)
