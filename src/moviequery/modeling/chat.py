"""How messages become tokens, the same way for training and for parsing.

`template="paper"` is Listing 1; `template="tokenizer"` is the chat template that the tokenizer
brings. Either is stored with the adapter, so a parser never has to know which one was chosen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..errors import ModelError, require
from ..schema import Query
from .name_listing import NameListing, ask
from .nano.folder import resolve_base
from .prompts import to_messages

TEMPLATES: tuple[str, ...] = ("tokenizer", "paper")

# Listing 1: one newline after each header and after each <|eot_id|>, and <|end_of_text|> at the
# end. The template of Llama 3 itself has two newlines after a header and ends at <|eot_id|>.
PAPER_TEMPLATE = (
    "{{- '<|begin_of_text|>' }}"
    "{%- for message in messages %}"
    "{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n' }}"
    "{{- message['content'] + '<|eot_id|>\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}"
    "{{- '<|start_header_id|>assistant<|end_header_id|>\\n' }}"
    "{%- else %}{{- '<|end_of_text|>' }}{%- endif %}"
)
_PAPER_TOKENS = (
    "<|begin_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|end_of_text|>",
)
# The templates of Llama 3.1 and 3.2 write today's date into the system prompt unless they are
# given one; a model trained in May would be asked something else in June.
_TEMPLATE_ARGUMENTS = {"date_string": "26 Jul 2024"}
# Tokens that exist for padding, or that no text uses, in the order of preference.
_PAD_TOKENS = ("<|finetune_right_pad_id|>", "<pad>", "[PAD]", "<|reserved_special_token_0|>")
_PROBE = "{}"
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def load_tokenizer(source: str, template: str = "tokenizer") -> Any:  # noqa: ANN401 - of transformers
    """Return the tokenizer of a folder, Hub id or `nano`, with its template and a pad token set.

    Raises:
        ModelError: there is no tokenizer, it is not a fast one, or the template does not fit it.
    """
    transformers = require("transformers", "train")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            resolve_base(source), trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        raise ModelError(f"No tokenizer can be read from {source!r}: {error}") from error
    if not tokenizer.is_fast:
        raise ModelError(
            f"The tokenizer of {source!r} has no fast form, which constrained decoding needs; "
            "use a model that brings a tokenizer.json."
        )
    set_template(tokenizer, template)
    set_pad_token(tokenizer)
    return tokenizer


def set_template(tokenizer: Any, template: str) -> None:  # noqa: ANN401
    """Give the tokenizer the template of that name.

    Raises:
        ModelError: the name is unknown, the tokenizer has no template of its own, or it lacks the
            header tokens of Listing 1.
    """
    if template not in TEMPLATES:
        raise ModelError(f"There is no template {template!r}. Choose one of {list(TEMPLATES)}.")
    if template == "paper":
        missing = [token for token in _PAPER_TOKENS if token not in tokenizer.get_vocab()]
        if missing:
            raise ModelError(
                "template='paper' is the Llama 3 layout of Listing 1, but this tokenizer lacks "
                f"{missing}. Use template='tokenizer'."
            )
        tokenizer.chat_template = PAPER_TEMPLATE
    elif not tokenizer.chat_template:
        raise ModelError(
            "The tokenizer has no chat template of its own. Use template='paper' (Listing 1, for "
            "Llama 3 models), an instruction-tuned model, or set tokenizer.chat_template."
        )


def set_pad_token(tokenizer: Any) -> None:  # noqa: ANN401
    """Give a tokenizer that has no pad token one that no text uses; the end token if need be.

    Padding is masked by position, never by token id, so an end token that also pads stays learnt.

    Raises:
        ModelError: there is no token that could pad.
    """
    if tokenizer.pad_token is not None:
        return
    vocabulary = tokenizer.get_vocab()
    found = [token for token in _PAD_TOKENS if token in vocabulary]
    pad_token = found[0] if found else tokenizer.unk_token or tokenizer.eos_token
    if pad_token is None:
        raise ModelError("The tokenizer has neither a pad nor an end token; set one of them.")
    tokenizer.pad_token = pad_token


@dataclass(frozen=True, slots=True)
class Example:
    """A training row in tokens; the labels of tokens without loss are -100."""

    input_ids: list[int]
    labels: list[int]

    @property
    def supervised(self) -> list[int]:
        """The tokens that are learnt: the answer and the end of the turn."""
        return [label for label in self.labels if label != -100]


class ChatFormat:
    """The prompts and training rows of one task in the words of one tokenizer.

    Args:
        tokenizer: a fast tokenizer with a chat template; see `load_tokenizer`.
        task: `entities` or `intent`.
        names: those that are listed behind each text; none are without.

    Raises:
        ModelError: the chat template cannot express a question followed by an answer.
    """

    def __init__(
        self,
        tokenizer: Any,  # noqa: ANN401
        task: str,
        names: NameListing | None = None,
    ) -> None:
        """Find out how the template treats system prompts and what it writes round an answer."""
        self.tokenizer = tokenizer
        self.task = task
        self.names = names
        # longest first, so that a token which is part of another does not hide it
        control = {str(t) for t in tokenizer.added_tokens_decoder.values() if t.special}
        self._control = sorted(control, key=lambda token: (-len(token), token))
        self._system_role = self._accepts_system_role()
        messages = self.ask("probe")
        prompt = self._render(messages)
        full = self._render([*messages, {"role": "assistant", "content": _PROBE}])
        if not full.startswith(prompt) or _PROBE not in full[len(prompt) :]:
            raise ModelError(
                "The chat template does not write a conversation as the question followed by the "
                f"answer: {prompt[-60:]!r} is not the beginning of {full[-80:]!r}. Use "
                "template='paper' or another model."
            )
        # what stands between prompt and answer (a space for Mistral) belongs to the prompt, so
        # that a constrained answer begins at its brace
        self._lead, self._ending = full[len(prompt) :].split(_PROBE, 1)
        if not self._ending.strip():
            self._ending = tokenizer.eos_token or ""  # else the model would never learn to stop

    @property
    def stop_ids(self) -> list[int]:
        """Tokens that end an answer: the template's end of turn and the tokenizer's end of text."""
        ending = self._encode(self._ending)[:1]
        own = [] if self.tokenizer.eos_token_id is None else [self.tokenizer.eos_token_id]
        return list(dict.fromkeys([*ending, *own]))

    def neutralise(self, text: str) -> str:
        """Return text of the same length that cannot pose as control tokens of the template.

        Characters that no tokenizer can encode (lone surrogates) become U+FFFD.
        """
        text = _SURROGATES.sub("\ufffd", text)
        for token in self._control:
            text = text.replace(token, " " + token[1:])
        return text

    def ask(self, text: str) -> list[dict[str, str]]:
        """Return the messages that ask about `text`."""
        return ask(self.neutralise(text), self.task, self.names)

    def encode_prompt(self, text: str) -> list[int]:
        """Return the tokens after which the answer to `text` begins."""
        return self._encode(self._render(self.ask(text)) + self._lead)

    def encode_answer(self, prompt_ids: list[int], prompt: str, reply: str) -> list[int]:
        """Return the tokens of the reply and the end of the turn, as they follow the prompt."""
        full = self._encode(prompt + reply + self._ending)
        if full[: len(prompt_ids)] == prompt_ids:
            return full[len(prompt_ids) :]
        # Tokens merge across the boundary. Encoding the reply alone keeps the context of training
        # the same as that of parsing.
        return self._encode(reply + self._ending)

    def encode_example(self, query: Query) -> Example:
        """Return the training row of a query, with loss on the answer and the end of the turn."""
        reply = to_messages(query, self.task)["completion"][0]["content"]
        prompt = self._render(self.ask(query.text)) + self._lead
        prompt_ids = self._encode(prompt)
        answer_ids = self.encode_answer(prompt_ids, prompt, self.neutralise(reply))
        return Example(prompt_ids + answer_ids, [-100] * len(prompt_ids) + answer_ids)

    def encode_reply(self, text: str, reply: str) -> list[int]:
        """Return the tokens of `reply` as the answer to `text`, with the end of the turn."""
        prompt = self._render(self.ask(text)) + self._lead
        return self.encode_answer(self._encode(prompt), prompt, reply)

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Return the characters `[start, end)` of each token of `text` alone."""
        encoded = self.tokenizer(
            self.neutralise(text), add_special_tokens=False, return_offsets_mapping=True
        )
        return [(start, end) for start, end in encoded["offset_mapping"]]

    def _accepts_system_role(self) -> bool:
        """Tell whether the template takes a system message; that of Mistral 7B v0.1 refuses."""
        jinja2 = require("jinja2", "train")
        try:
            rendered = self.tokenizer.apply_chat_template(
                self.ask("probe"), tokenize=False, **_TEMPLATE_ARGUMENTS
            )
        except jinja2.TemplateError:
            return False
        return self.ask("probe")[0]["content"] in rendered

    def _render(self, messages: list[dict[str, str]]) -> str:
        if not self._system_role:
            system, user, *rest = messages
            content = f"{system['content']}\n\n{user['content']}"
            messages = [{"role": "user", "content": content}, *rest]
        rendered: str = self.tokenizer.apply_chat_template(
            messages,
            tokenize=False,
            add_generation_prompt=messages[-1]["role"] == "user",
            **_TEMPLATE_ARGUMENTS,
        )
        return rendered

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids
