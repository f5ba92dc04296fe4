"""What goes wrong between a client and a server: whether it passes, and how long to wait."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

PASSING = (408, 425, 429, 500, 502, 503, 504, 529)


def http_error() -> type[Exception]:
    """Return the base of all errors of the HTTP library that the Hub's library is built upon."""
    from huggingface_hub.errors import HfHubHTTPError

    # httpx in its version 1, httpx2 in version 2
    return next(base for base in HfHubHTTPError.__bases__ if base.__name__ == "HTTPError")


def read_status(error: BaseException | None) -> int | None:
    """Return the HTTP status behind an error; None where the server did not answer at all."""
    for cause in _causes(error):
        status = getattr(getattr(cause, "response", None), "status_code", None)
        if isinstance(status, int):
            return status
    return None


def is_passing(error: BaseException) -> bool:
    """Return True for a fault after which the same request may well succeed."""
    status = read_status(error)
    return status in PASSING if status else is_transport(error)


def is_transport(error: BaseException | None) -> bool:
    """Return True for a connection that was refused, cut or too slow."""
    from huggingface_hub.errors import OfflineModeIsEnabled

    for cause in _causes(error):
        if isinstance(cause, OfflineModeIsEnabled):
            return False
        if isinstance(cause, (http_error(), ConnectionError, TimeoutError)):
            return True
    return False


def read_retry_after(error: BaseException | None) -> float | None:
    """Return the seconds that the server asks to wait for, by number or by date, if it does."""
    for cause in _causes(error):
        headers = getattr(getattr(cause, "response", None), "headers", {})
        asked = str(headers.get("Retry-After", "")).strip()
        if re.fullmatch(r"\d+(\.\d+)?", asked):
            return float(asked)
        try:
            date = parsedate_to_datetime(asked)
        except ValueError:
            continue
        # a date without a zone is one of Greenwich (RFC 9110)
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        return max((date - datetime.now(UTC)).total_seconds(), 0.0)
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
