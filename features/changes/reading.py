"""Read a stream that lies in parts from its beginning, some buckets of people at a time."""

from __future__ import annotations

import numpy as np

from features.changes.states import pooled
from features.events import EventStream
from features.stored import Parts
from features.stored.parting import buckets_of


class EventReading:
    """The events of everybody, given out bucket by bucket; no more than a few parts are held.

    Parameters
    ----------
    parts
        The stream, in memory or stored.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._next = 0
        self._held: list[EventStream] = []
        self._bound = 0
        self._told: EventStream | None = None

    def below(self, bound: int) -> EventStream:
        """Return the events of the people in buckets below `bound` that were not given out for a lower one.

        Asked again for the same bound, it gives the same.
        """
        if self._told is None or bound > self._bound:
            self._read_up_to(bound)
            rows = [_buckets(each) < bound for each in self._held]
            told = [each.take(chosen) for each, chosen in zip(self._held, rows, strict=True)]
            rest = [each.take(~chosen) for each, chosen in zip(self._held, rows, strict=True)]
            self._told, self._bound = pooled(told), bound
            self._held = [each for each in rest if len(each)] or rest[
                -1:
            ]  # one without rows still says what is recorded
        return self._told

    def _read_up_to(self, bound: int) -> None:
        while self._next < len(self._parts) and (not self._held or _last(self._held[-1]) < bound):
            self._held.append(self._parts.part(self._next))
            self._next += 1


def _buckets(stream: EventStream) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return buckets_of(stream.person_ids)[stream.person]


def _last(stream: EventStream) -> int:
    return int(_buckets(stream).max()) if len(stream) else -1
