"""How a room tells that long work moves on, without knowing who is listening."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with the step's name, how many parts are done and how many there are."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Report that `done` of `total` parts of `step` are finished."""


def silent(step: str, done: int, total: int) -> None:
    """Report nothing; the default listener."""
