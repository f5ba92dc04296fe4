"""What a Hub's faults mean: how long to wait, and what to tell people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import HubError
from .http_faults import PASSING, is_transport, read_retry_after, read_status

if TYPE_CHECKING:
    from huggingface_hub import HfApi

TRIES = 5
# another commit, or another operation on the repository, came in between
_CONFLICTS = (409, 412)
_LONGEST_WAIT = 120.0


def is_conflict(error: BaseException) -> bool:
    """Return True where another commit came first, so that the comparison must be made again."""
    return read_status(error) in _CONFLICTS


def wait_for(error: BaseException, number: int) -> float:
    """Return the seconds to wait before the next try: what the Hub asks for, or 1, 2, 4, ..."""
    asked = read_retry_after(error)
    return float(2 ** (number - 1)) if asked is None else min(asked, _LONGEST_WAIT)


def explain(error: BaseException, what: str, repo_id: str, api: HfApi, token: str) -> HubError:
    """Return the fault as one that says what to do; the token never stands in it."""
    if isinstance(error, HubError):
        return error
    status = read_status(error)
    said = " ".join(str(error).replace(token, "(token)").split())[:300]
    if status is None and is_transport(error):
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
    if status in PASSING:
        return HubError(
            f"could not {what}: the Hub still answers {status} after {TRIES} tries; run the same "
            "command again later, what was uploaded is kept"
        )
    if status in reasons:
        return HubError(f"could not {what}: {reasons[status]} (HTTP {status})")
    return HubError(f"could not {what}: the Hub refuses it: {said}")
