"""How many requests a server is asked at once: fewer when it says that it is too much."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_CUT = 0.75


class Pace:
    """Lets up to `most` threads through; additive increase, multiplicative decrease.

    A refusal cuts the limit to three quarters, one cut for all requests that were under way, and
    makes every thread wait for as long as the server asks; each answer adds a share of one.
    """

    def __init__(
        self,
        most: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Begin with all of `most`."""
        self.most = most
        self.limit = float(most)
        self._clock, self._sleep = clock, sleep
        self._under_way = 0
        self._not_before = 0.0
        self._cuts = 0
        self._free = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[int]:
        """Hold one of the places; gives what `refused` wants to know."""
        with self._free:
            while self._under_way >= max(int(self.limit), 1):
                self._free.wait()
            self._under_way += 1
            cuts, pause = self._cuts, self._not_before - self._clock()
        try:
            if pause > 0:
                self._sleep(pause)
            yield cuts
        finally:
            with self._free:
                self._under_way -= 1
                self._free.notify_all()

    def answered(self) -> None:
        """Raise the limit a little."""
        with self._free:
            self.limit = min(self.limit + 1 / self.limit, self.most)

    def refused(self, cuts: int, seconds: float) -> None:
        """Cut the limit, unless that was done since the request went out; hold all back."""
        with self._free:
            self._not_before = max(self._not_before, self._clock() + seconds)
            if cuts == self._cuts:
                self.limit = max(self.limit * _CUT, 1.0)
                self._cuts += 1
