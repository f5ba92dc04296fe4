"""A language model of transformers as a writer, in this process."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from typing import Any

from ..errors import ModelError, require
from .writers import MAX_TOKENS, Message, Reply


class LocalWriter:
    """Writes with a causal language model of a folder or Hub id; the same messages, same words.

    Attributes:
        model: the folder or id.
    """

    def __init__(
        self,
        model: str,
        *,
        device: str | None = None,
        max_tokens: int = MAX_TOKENS,
        temperature: float = 0.8,
        seed: int = 7,
    ) -> None:
        """Load the model: safetensors only, and none of its repository's code is run.

        Raises:
            ModelError: there is no such model, or it has no chat template.
            MissingExtraError: transformers is not installed.
        """
        torch = require("torch", "train")
        transformers = require("transformers", "train")
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(
                model, trust_remote_code=False
            )
            self._network = transformers.AutoModelForCausalLM.from_pretrained(
                model, use_safetensors=True, trust_remote_code=False, device_map={"": device}
            ).eval()
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{model!r} is no causal language model that can be read: {error}"
            ) from error
        if not self._tokenizer.chat_template:
            raise ModelError(
                f"{model!r} has no chat template: take a model that follows instructions"
            )
        self.model = model
        self._max_tokens = max_tokens
        self._temperature = temperature
        self._seed = seed
        # one model, one conversation at a time
        self._lock = threading.Lock()

    def __call__(self, messages: Sequence[Message]) -> Reply:
        """Return the model's reply.

        Example:
            >>> writer = LocalWriter("llama-folder")  # doctest: +SKIP
            >>> writer([{"role": "user", "content": "hello"}]).completion_tokens  # doctest: +SKIP
            12
        """
        torch = require("torch", "train")
        conversation: list[Any] = [dict(message) for message in messages]
        with self._lock, torch.inference_mode():
            inputs = self._tokenizer.apply_chat_template(
                conversation, add_generation_prompt=True, return_tensors="pt", return_dict=True
            ).to(self._network.device)
            given = inputs["input_ids"].shape[1]
            sampling: dict[str, Any] = {"do_sample": self._temperature > 0}
            if self._temperature > 0:
                sampling["temperature"] = self._temperature
            with torch.random.fork_rng(enabled=True):
                torch.manual_seed(self._derive_seed(conversation))
                output = self._network.generate(
                    **inputs,
                    max_new_tokens=self._max_tokens,
                    pad_token_id=self._tokenizer.eos_token_id,
                    **sampling,
                )
            written = output[0, given:]
        text = self._tokenizer.decode(written, skip_special_tokens=True)
        return Reply(text, given, len(written))

    def _derive_seed(self, conversation: Sequence[Message]) -> int:
        """Return a seed of the conversation, so that the order of rows does not matter."""
        digest = hashlib.sha256(f"{self._seed}:{conversation}".encode()).digest()
        return int.from_bytes(digest[:8], "big") >> 1
