"""What a Hub's faults mean: whether they pass, how long to wait, and what to tell people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import HubError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

TRIES = 5
_PASSING = (408, 425, 429, 500, 502, 503, 504)
# another commit, or another operation on the repository, came in between
_CONFLICTS = (409, 412)
_LONGEST_WAIT = 120.0


def http_error() -> type[Exception]:
    """Return the base of all errors of the HTTP library that the Hub's library is built upon."""
    from huggingface_hub.errors import HfHubHTTPError

    # httpx in its version 1, httpx2 in version 2
    return next(base for base in HfHubHTTPError.__bases__ if base.__name__ == "HTTPError")


def read_status(error: BaseException | None) -> int | None:
    """Return the HTTP status behind an error; None where the Hub did not answer at all."""
    while error is not None:
        status = getattr(getattr(error, "response", None), "status_code", None)
        if isinstance(status, int):
            return status
        error = error.__cause__
    return None


def is_passing(error: BaseException) -> bool:
    """Return True for a fault after which the same request may well succeed."""
    status = read_status(error)
    return status in _PASSING if status else _is_transport(error)


def is_conflict(error: BaseException) -> bool:
    """Return True where another commit came first, so that the comparison must be made again."""
    return read_status(error) in _CONFLICTS


def wait_for(error: BaseException, number: int) -> float:
    """Return the seconds to wait before the next try: what the Hub asks for, or 1, 2, 4, ..."""
    at: BaseException | None = error
    while at is not None:
        headers = getattr(getattr(at, "response", None), "headers", {})
        asked = str(headers.get("Retry-After", ""))
        if asked.isdecimal():
            return min(float(asked), _LONGEST_WAIT)
        at = at.__cause__
    return float(2 ** (number - 1))


def _is_transport(error: BaseException | None) -> bool:
    """Return True for a connection that was refused, cut or too slow."""
    from huggingface_hub.errors import OfflineModeIsEnabled

    while error is not None:
        if isinstance(error, OfflineModeIsEnabled):
            return False
        if isinstance(error, (http_error(), ConnectionError, TimeoutError)):
            return True
        error = error.__cause__
    return False


def explain(error: BaseException, what: str, repo_id: str, api: HfApi, token: str) -> HubError:
    """Return the fault as one that says what to do; the token never stands in it."""
    if isinstance(error, HubError):
        return error
    status = read_status(error)
    said = " ".join(str(error).replace(token, "(token)").split())[:300]
    if status is None and _is_transport(error):
        return HubError(
            f"could not {what}: the Hub at {api.endpoint} cannot be reached ({said}); check the "
            "network and run the same command again, what was uploaded is kept"
        )
    reasons = {
        401: f"the Hub does not accept the token; make a new one at {api.endpoint}/settings/tokens "
        "and run `hf auth login`, or set HF_TOKEN",
        402: "the Hub wants to be paid for this kind of Space",
        403: f"no right to write to {repo_id}; use a token with the right to write to that "
        "namespace, or another namespace",
        404: f"{repo_id} is not there, or this token cannot see it",
        409: f"the name is taken, or another operation on {repo_id} is in the way",
        412: f"somebody else commits to {repo_id} all the time; run the same command again",
    }
    if status in _PASSING:
        return HubError(
            f"could not {what}: the Hub still answers {status} after {TRIES} tries; run the same "
            "command again later, what was uploaded is kept"
        )
    if status in reasons:
        return HubError(f"could not {what}: {reasons[status]} (HTTP {status})")
    return HubError(f"could not {what}: the Hub refuses it: {said}")
