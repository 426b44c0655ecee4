"""How a room tells that long work moves on, without knowing who is listening."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Progress(Protocol):
    """Called with the step's name, how many parts are done and how many there are."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Report that `done` of `total` parts of `step` are finished."""


def silent(step: str, done: int, total: int) -> None:
    """Report nothing; the default listener."""


class Phases:
    """The phases of long work, in order: each of their steps is told with its phase, and which of how many that is.

    Parameters
    ----------
    progress
        Who is told.
    names
        All phases, as a person is to read them.

    Examples
    --------
    >>> told = []
    >>> phases = Phases(lambda step, done, total: told.append(step), ["rehearsal", "training"])
    >>> phases.begin("rehearsal")("fit", 0, 1)
    >>> phases.begin("training")("fit", 0, 1)
    >>> told
    ['1 of 2, rehearsal: fit', '2 of 2, training: fit']
    """

    def __init__(self, progress: Progress, names: Sequence[str]) -> None:
        self._progress, self._names = progress, list(names)

    def begin(self, name: str) -> Progress:
        """Return who is told of the steps of the phase `name`."""
        head = f"{self._names.index(name) + 1} of {len(self._names)}, {name}"

        def told(step: str, done: int, total: int) -> None:
            self._progress(f"{head}: {step}", done, total)

        return told
