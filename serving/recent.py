"""What was made of stored texts a moment ago: equal texts need not be read, hashed or opened again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

SECONDS = 60.0
MOST = 3000
Made = TypeVar("Made")


class Recent:
    """Remembers, for a minute or two after it was last asked for, what follows from a text and from nothing else.

    Whatever is asked for is read from the database first: a text that differs in a single character is made anew.
    What was made is shared, so that nobody may change it.

    Parameters
    ----------
    clock
        Gives seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = 0.0
        self._new: dict[Any, tuple[str, Any]] = {}
        self._old: dict[Any, tuple[str, Any]] = {}

    def made(self, name: Any, text: str, make: Callable[[str], Made]) -> Made:
        """Return what `make` makes of a text, or made of the same text under the same name."""
        self._forget()
        kept = self._new.get(name) or self._old.get(name)
        if kept is None or kept[0] != text:
            kept = text, make(text)
        self._new[name] = kept
        made: Made = kept[1]
        return made

    def _forget(self) -> None:
        """Forget what nobody asked for during the last turn; a turn ends with its time or when it holds too much."""
        now = self._clock()
        if now >= self._until or len(self._new) >= MOST:
            self._old = {} if now >= self._until + SECONDS else self._new
            self._new, self._until = {}, now + SECONDS
