"""How often somebody may sign in, change something or call the API."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, fields

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from serving.errors import ServingError


class TooMany(ServingError):
    """Too many requests of one kind came from one person or address.

    Parameters
    ----------
    seconds
        How long to wait.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many requests came in a short time.", f"Try again in {seconds} seconds.")
        self.seconds = seconds


@dataclass(frozen=True)
class RateSettings:
    """How many requests are answered, each as the library `limits` writes it (``30/minute``).

    Parameters
    ----------
    sign_in
        Attempts to sign in from one address.
    writes
        Forms and calls of one person that change something.
    api
        Calls of the API by one person.
    """

    sign_in: str = "30/minute"
    writes: str = "60/minute"
    api: str = "600/minute"


class Rates:
    """Counts requests in a moving window, in the memory of this process."""

    def __init__(self, settings: RateSettings) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._items: dict[str, RateLimitItem] = {
            field.name: parse(getattr(settings, field.name)) for field in fields(settings)
        }

    def count(self, kind: str, who: str) -> None:
        """Count a request of `who`, or raise `TooMany`."""
        item = self._items[kind]
        if not self._limiter.hit(item, kind, who):
            reset = self._limiter.get_window_stats(item, kind, who).reset_time
            raise TooMany(max(1, math.ceil(reset - time.time())))
