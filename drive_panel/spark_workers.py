"""What a Spark worker runs.

A worker starts in a folder that it did not choose, and Python puts that folder first on the import path. The function
sent to it is named by its place in this package, so that unpickling it imports `drive_panel` first, which takes the
working folder off the path, or stops and names both places where a room is hidden all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any


def worker(task: str) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """Return the function that computes the parts of a task on a worker."""
    return partial(_run, task)


def _run(task: str, batches: Iterator[Any]) -> Iterator[Any]:
    from features.engines.worker import parts_computed

    yield from parts_computed(task, batches)
