"""What a process of tests made that the files it leaves do not show: scores, error pages, metrics.

Each is watched where it is made, once its module is loaded: the tests load what they need, and nothing more for this.
A program that a test starts as a process of its own is not watched: its logs and stores are searched for people, and
for the scores that were given in the processes of tests.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.sought import Scores, all_told

SCORES = Scores()
_registries: list[Any] = []
_told_by_pages: list[str] = []
_watched: set[str] = set()


def watch() -> None:
    """Watch what is loaded by now."""
    for name, (module, begin) in _MAKERS.items():
        if name not in _watched and module in sys.modules:
            _watched.add(name)
            begin(sys.modules[module])


def told() -> Iterator[str]:
    """Yield what error pages and metrics told of somebody, and forget it."""
    yield from (f"an error page tells {found!r}" for found in _told_by_pages)
    for registry in _registries:
        text = "\n".join(_samples(registry))
        yield from (f"a metric tells {found!r}" for found in all_told(text, SCORES))
    _told_by_pages.clear()
    _registries.clear()


def _scored(module: Any) -> None:
    """Watch the places on a list: each is of a person with a margin."""
    begin = module.Standing.__init__

    @functools.wraps(begin)
    def watched(self: Any, table: Any, *rest: Any, **named: Any) -> None:
        begin(self, table, *rest, **named)
        SCORES.add(table["margin"].to_numpy(dtype=float))

    module.Standing.__init__ = watched


def _backtested(module: Any) -> None:
    """Watch the table that is audited: each row is a person with a score."""
    join = module.Communities.join

    @functools.wraps(join)
    def watched(self: Any, rows: Any, *rest: Any, **named: Any) -> Any:
        if "score" in rows:
            SCORES.add(rows["score"].to_numpy(dtype=float))
        return join(self, rows, *rest, **named)

    module.Communities.join = watched


def _answered(module: Any) -> None:
    """Watch the one place where error pages and problem documents are made."""
    answer: Callable[..., Any] = module._answer

    @functools.wraps(answer)
    def watched(*arguments: Any, **named: Any) -> Any:
        made = answer(*arguments, **named)
        _told_by_pages.extend(all_told(bytes(made.body).decode(), SCORES))
        return made

    module._answer = watched


def _counted(module: Any) -> None:
    """Watch the metrics of every application."""
    begin = module.Metrics.__init__

    @functools.wraps(begin)
    def watched(self: Any, *arguments: Any, **named: Any) -> None:
        begin(self, *arguments, **named)
        _registries.append(self.registry)

    module.Metrics.__init__ = watched


def _samples(registry: Any) -> Iterator[str]:
    """Yield the samples that were counted, as a page of metrics says them; what is asked anew says no more."""
    for collector in list(registry._collector_to_names):
        if hasattr(collector, "labels"):
            for family in collector.collect():
                for sample in family.samples:
                    yield f"{sample.name} {' '.join(f'{key}={value}' for key, value in sample.labels.items())}"


_MAKERS: dict[str, tuple[str, Callable[[Any], None]]] = {
    "places": ("drive_panel.workflows.listing", _scored),
    "backtests": ("drive_panel.workflows.audited", _backtested),
    "pages": ("serving.web.problems", _answered),
    "metrics": ("serving.web.metrics", _counted),
}
