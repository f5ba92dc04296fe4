"""Language models as writers: anything that takes a conversation and gives a reply.

A writer is a callable from messages to a `Reply`; a function of a few lines is one. `HubWriter`
asks a server: a hosted provider of the Hub, TGI, vLLM, `transformers serve` or whatever speaks
OpenAI's chat completions. `LocalWriter` runs a model of transformers in this process.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from json import JSONDecodeError
from random import Random
from typing import Any
from urllib.parse import urlsplit

from ..errors import WriterError
from ..http_faults import http_error, is_passing, read_retry_after, read_status
from .pacing import Pace

DEFAULT_MODEL = "meta-llama/Llama-3.1-405B-Instruct"
MAX_TOKENS = 512
_LONGEST_WAIT = 120.0
_PER_TOKEN = 4  # characters, where a server does not count: English text with a Llama tokenizer
# what a server without keys is sent, for the Hub's client would send it the user's own token
_NO_KEY = "none"
_OWN_HOSTS = ("huggingface.co", "hf.co", "huggingface.cloud", "hf.space")

# what reading half a completion ends in
_CUT = (JSONDecodeError, UnicodeDecodeError, LookupError, TypeError, AttributeError)

Message = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote, and what it took.

    Attributes:
        text: as it came.
        prompt_tokens: of the whole conversation; an estimate where the server does not count.
        completion_tokens: of the text; the same.
        requests: how many it took, with those that failed.
    """

    text: str
    prompt_tokens: int
    completion_tokens: int
    requests: int = 1


Writer = Callable[[Sequence[Message]], Reply]


def estimate_tokens(messages: Iterable[Message]) -> int:
    """Return about how many tokens a conversation takes.

    Example:
        >>> estimate_tokens([{"role": "user", "content": "any good heist movies?"}])
        10
    """
    # a template puts about four tokens round each message
    return sum(4 + -(-len(message["content"]) // _PER_TOKEN) for message in messages)


def write_all(
    writer: Writer, conversations: Iterable[Sequence[Message]], concurrency: int = 8
) -> Iterator[Reply | WriterError]:
    """Yield the reply to each conversation in their order, or the error instead of it.

    Example:
        >>> echo = lambda messages: Reply(messages[-1]["content"].upper(), 1, 1)
        >>> [reply.text for reply in write_all(echo, [[{"role": "user", "content": "hello"}]])]
        ['HELLO']
    """

    def attempt(messages: Sequence[Message]) -> Reply | WriterError:
        try:
            return writer(messages)
        except WriterError as error:
            return error

    with ThreadPoolExecutor(max(concurrency, 1)) as pool:
        yield from pool.map(attempt, conversations)


class _CutAnswerError(ValueError):
    """What came is not the JSON of a completion, or not all of it."""


class HubWriter:
    """Asks a server by `huggingface_hub.InferenceClient`; safe to call from many threads.

    Faults that pass (429, 5xx, a cut connection, half an answer) are tried again after the time
    that the server asks for, or one that doubles, with jitter.

    Attributes:
        model: a Hub id, or the name that the server knows the model by.
        base_url: of the server, None for the Hub's hosted providers.
        pace: how many requests are under way at most, less after a 429 or 503.
    """

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        base_url: str | None = None,
        *,
        provider: str | None = None,
        token: str | None = None,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = MAX_TOKENS,
        temperature: float = 0.8,
        concurrency: int = 8,
        tries: int = 5,
        timeout: float = 120.0,
        first_wait: float = 1.0,
        seed: int = 7,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Ask nothing yet.

        Args:
            model: see above.
            base_url: such as `http://localhost:8000/v1`.
            provider: of the Hub, such as `together`; the user's own order by default.
            token: None is the user's Hub token for the Hub's own hosts, and none for others.
            schema: JSON schema of the replies; a server may ignore it, so check each reply. (The
                Hub's client sends it in TGI's form: OpenAI's servers see that JSON is wanted.)
            max_tokens: of a reply.
            temperature: 0 for the likeliest words.
            concurrency: requests at once.
            tries: of one request.
            timeout: seconds for one answer.
            first_wait: seconds before the second try, twice as long before each one more.
            seed: of the jitter, and of the words where the server heeds it.
            sleep: what waits.

        Raises:
            WriterError: an argument is out of its range.
        """
        if min(concurrency, tries, max_tokens) < 1 or timeout <= 0:
            raise WriterError("concurrency, tries, max_tokens and timeout must be above 0")
        if base_url and urlsplit(base_url).scheme not in ("http", "https"):
            raise WriterError(f"{base_url!r} is no address; give one like http://localhost:8000/v1")
        self.model = model
        self.base_url = base_url
        self.pace = Pace(concurrency, sleep=sleep)
        self._tries = tries
        self._first_wait = first_wait
        self._seed = seed
        self._sleep = sleep
        self._options: dict[str, Any] = {"max_tokens": max_tokens, "temperature": temperature}
        self._schema = schema
        self._token = token or (_NO_KEY if _is_foreign(base_url) else None)
        self._client = self._connect(provider, timeout)

    def __repr__(self) -> str:
        """Return model and address, never the token."""
        return f"HubWriter(model={self.model!r}, base_url={self.base_url!r})"

    def __call__(self, messages: Sequence[Message]) -> Reply:
        """Return the model's reply.

        Raises:
            WriterError: the server refuses, or still fails after all tries.
        """
        jitter = Random(f"{self._seed}:{messages[-1]['content'] if messages else ''}")
        for number in range(1, self._tries + 1):
            wait = self._first_wait * 2 ** (number - 1) * (0.5 + jitter.random())
            with self.pace.slot() as cuts:
                try:
                    reply = self._ask(messages, number)
                except (http_error(), OSError, RuntimeError, ValueError) as error:
                    status = read_status(error)
                    if self._drops_schema(status):
                        continue
                    passing = is_passing(error) or isinstance(error, _CutAnswerError)
                    if number == self._tries or not passing:
                        raise self._explain(error, status, number, passing) from None
                    wait = min(read_retry_after(error) or wait, _LONGEST_WAIT)
                    if status in (429, 503, 529):
                        self.pace.refused(cuts, wait)
                else:
                    self.pace.answered()
                    return reply
            self._sleep(wait)
        raise WriterError(f"{self.model} takes no JSON schema; tries=1 is too few to find that out")

    def _connect(self, provider: str | None, timeout: float) -> Any:  # noqa: ANN401
        from huggingface_hub import InferenceClient

        chosen: Any = provider
        address = {"base_url": self.base_url} if self.base_url else {"provider": chosen}
        return InferenceClient(token=self._token, timeout=timeout, **address)

    def _ask(self, messages: Sequence[Message], number: int) -> Reply:
        options = dict(self._options)
        if self._schema is not None:
            described = {"name": "reply", "schema": dict(self._schema), "strict": True}
            options["response_format"] = {"type": "json_schema", "json_schema": described}
        try:
            answer = self._client.chat_completion(
                [dict(one) for one in messages], model=self.model, seed=self._seed, **options
            )
            text = answer.choices[0].message.content or ""
            usage = answer.usage
            taken = (usage.prompt_tokens, usage.completion_tokens) if usage else None
        except (
            JSONDecodeError,
            UnicodeDecodeError,
            LookupError,
            TypeError,
            AttributeError,
        ) as error:
            raise _CutAnswerError(f"half an answer ({error})") from error
        prompt, completion = taken or (estimate_tokens(messages), -(-len(text) // _PER_TOKEN))
        return Reply(text, prompt, completion, number)

    def _drops_schema(self, status: int | None) -> bool:
        """Return True once, for a server that may have refused the schema and nothing else."""
        if status not in (400, 422) or self._schema is None:
            return False
        self._schema = None
        return True

    def _explain(
        self, error: Exception, status: int | None, requests: int, passing: bool
    ) -> WriterError:
        """Return the fault as one that says what to do; the token never stands in it."""
        said = " ".join(str(error).split())
        for secret in (self._token, os.environ.get("HF_TOKEN")):
            said = said.replace(secret, "(token)") if secret and secret != _NO_KEY else said
        where = self.base_url or "the Hub's providers"
        if passing:
            text = (
                f"{where}: still no answer after {requests} tries "
                f"({f'HTTP {status}' if status else said[:200]}); run the same command again later"
            )
            return WriterError(text, requests=requests)
        reasons = {
            401: "the key is not accepted; run `hf auth login`, or set the variable that "
            "--token-variable names",
            402: "the credit is used up; buy more, or choose another provider",
            403: f"no right to use {self.model}; ask for access on its page, or choose another",
            404: f"there is no model {self.model!r} or no such address",
        }
        text = f"{where}: {reasons.get(status or 0, said[:300])}"
        text += f" (HTTP {status})" if status else ""
        refused = status in (400, 413, 422)
        return WriterError(text, lasting=not refused, refused=refused, requests=requests)


def _is_foreign(base_url: str | None) -> bool:
    """Return True for a host that the user's Hub token is no business of."""
    host = urlsplit(base_url or "https://huggingface.co").hostname or ""
    return not any(host == own or host.endswith(f".{own}") for own in _OWN_HOSTS)
