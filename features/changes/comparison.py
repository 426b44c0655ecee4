"""Two indicator snapshots compared: who and what changed, and why, counted part by part."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.catalogue import Catalogue
from features.changes.declared import DeclaredChange
from features.changes.pairing import DatePair, Paired, paired
from features.changes.reading import EventReading
from features.changes.reasons import Mask, differs, reasons_for, reasons_to_come_or_go
from features.events import EventStream
from features.snapshots import IndicatorSnapshot
from features.stored import Parts
from features.stored.parting import ranges
from values import BUCKETS, Progress, silent

REDECLARED = "declared anew"
NOT_DECLARED = "not known: this version of the catalogue measures it otherwise"

Listen = Callable[[pd.DataFrame], None]


@dataclass
class Counts:
    """People and numbers that changed.

    Attributes
    ----------
    both, left, entered
        People and dates (rows) in both files, in the earlier only, in the later only.
    changed
        Rows of both files in which at least one number changed.
    numbers
        By indicator: in how many rows its number changed.
    reasons
        By indicator and reason: in how many rows. A number may have changed for several reasons.
    rows_by_reason
        By reason: in how many rows at least one number changed for it.
    left_by_reason, entered_by_reason
        By reason: how many came or went.
    """

    both: int = 0
    left: int = 0
    entered: int = 0
    changed: int = 0
    numbers: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows_by_reason: Counter[str] = field(default_factory=Counter)
    left_by_reason: Counter[str] = field(default_factory=Counter)
    entered_by_reason: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Records:
    """The events of the two snapshots of records, or why they cannot be looked at.

    Attributes
    ----------
    before, after
        The streams in parts, the same object twice where the records are the same; None where they are not known.
    unknown
        The reason that is given instead, in words.
    """

    before: Parts | None
    after: Parts | None
    unknown: str = ""


Events = tuple[EventStream, EventStream]


def compare(
    before: IndicatorSnapshot,
    after: IndicatorSnapshot,
    dates: Sequence[DatePair],
    declared: DeclaredChange,
    records: Records,
    catalogue: Catalogue,
    listen: Listen | None = None,
    progress: Progress = silent,
) -> Counts:
    """Count what changed between two files, and why.

    Parameters
    ----------
    before, after
        The two files.
    dates
        Which dates are compared.
    declared
        How their catalogues differ.
    records
        The events behind them.
    catalogue
        The indicators that can be computed again: only for these are reasons looked for in the events.
    listen
        Called with the changed numbers of each part: ``person_id``, ``as_of`` (of the later file), ``indicator``,
        ``before``, ``after``, ``reasons``. People who left or entered have a row without an indicator.
    progress
        Told after each part.
    """
    names = [name for name in after.names if name in set(before.names)]
    counts, explain = Counts(), _Explaining(names, declared, records, catalogue)
    for bound, parts in paired(before, after, names, dates):
        events = explain.events_below(bound)
        for part in parts:
            _count(counts, part, explain, events, listen)
        progress("compare", bound, BUCKETS)
    return counts


def _count(counts: Counts, part: Paired, explain: _Explaining, events: Events | None, listen: Listen | None) -> None:
    changed = differs(part.before, part.after)
    told = explain.numbers(part, changed, events)
    counts.both += len(part.people)
    counts.changed += int(changed.any(axis=1).sum())
    counts.numbers.update(_sums(changed, explain.names))
    for reason, mask in told.items():
        counts.rows_by_reason[reason] += int(mask.any(axis=1).sum())
        counts.reasons.update({(name, reason): n for name, n in _sums(mask, explain.names).items()})
    come_and_go = explain.people(part, events)
    for people, tally in zip(come_and_go, (counts.left_by_reason, counts.entered_by_reason), strict=True):
        tally.update(reason for reasons in people.values() for reason in reasons)
    counts.left += len(part.left)
    counts.entered += len(part.entered)
    if listen is not None:
        listen(_listed(part, changed, told, explain.names, come_and_go))


def _sums(mask: Mask, names: Sequence[str]) -> dict[str, int]:
    return {name: int(n) for name, n in zip(names, mask.sum(axis=0), strict=True) if n}


class _Explaining:
    """What can be said of why a number changed, or somebody came or went."""

    def __init__(self, names: Sequence[str], declared: DeclaredChange, records: Records, catalogue: Catalogue) -> None:
        self.names = names
        self._unknown = records.unknown
        self._anew = np.array([name in declared.measured_anew for name in names], dtype=np.bool_)
        known = frozenset(catalogue.names)
        self._open_to = [n for n, name in enumerate(names) if name in known and not self._anew[n]]
        self._catalogue = catalogue.only(names[number] for number in self._open_to)
        self._readings: tuple[EventReading, EventReading] | None = None
        if records.before is not None and records.after is not None:
            old = EventReading(records.before)
            self._readings = (old, old if records.after is records.before else EventReading(records.after))

    def events_below(self, bound: int) -> Events | None:
        """Return the events of the next part in both snapshots of records; None where they are not known."""
        if self._readings is None:
            return None
        old, new = self._readings
        return old.below(bound), new.below(bound)

    def numbers(self, part: Paired, changed: Mask, events: Events | None) -> dict[str, Mask]:
        """Return the reasons of each changed number; those of an indicator measured anew are not told apart."""
        told, left_over = {REDECLARED: changed & self._anew}, changed & ~self._anew
        if events is None:
            return {**told, self._unknown: left_over}
        open_to = self._open_to
        if open_to:
            before, after = part.before[:, open_to], part.after[:, open_to]
            chosen = dataclasses.replace(part, before=before, after=after)
            old, new = (_events_of(stream, part.people) for stream in events)
            for reason, mask in reasons_for(chosen, changed[:, open_to], old, new, self._catalogue).items():
                told[reason] = np.zeros_like(changed)
                told[reason][:, open_to] = mask
            left_over[:, open_to] = False
        return {**told, NOT_DECLARED: left_over}

    def people(self, part: Paired, events: Events | None) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """Return the reasons of who left and who entered."""
        if events is None:
            left, entered = ({str(each): {self._unknown} for each in side} for side in (part.left, part.entered))
            return left, entered
        people = np.concatenate([part.left, part.entered])
        old, new = (_events_of(stream, people) for stream in events)
        return reasons_to_come_or_go(part, old, new)


def _events_of(stream: EventStream, people: npt.NDArray[np.str_]) -> EventStream:
    known = stream.persons(people.tolist())
    known = np.sort(known[known >= 0])
    return stream.take(ranges(stream.offsets[known], stream.offsets[known + 1]))


def _listed(
    part: Paired,
    changed: Mask,
    told: Mapping[str, Mask],
    names: Sequence[str],
    come_and_go: tuple[Mapping[str, set[str]], Mapping[str, set[str]]],
) -> pd.DataFrame:
    """Return one row a changed number, and one a person who left or entered."""
    rows, columns = np.nonzero(changed)
    reasons = ["; ".join(_of(told, row, column)) for row, column in zip(rows, columns, strict=True)]
    moved = pd.DataFrame(
        {
            "person_id": part.people[rows],
            "indicator": np.array(names, dtype=object)[columns],
            "before": part.before[rows, columns],
            "after": part.after[rows, columns],
            "reasons": reasons,
        }
    )
    others = [
        {"person_id": person, "indicator": word, "reasons": "; ".join(sorted(why))}
        for word, people in zip(("left", "entered"), come_and_go, strict=True)
        for person, why in people.items()
    ]
    told_all = pd.concat([moved, pd.DataFrame(others, columns=moved.columns)], ignore_index=True) if others else moved
    told_all.insert(1, "as_of", str(part.dates.after))
    return told_all


def _of(told: Mapping[str, Mask], row: np.intp, column: np.intp) -> Iterator[str]:
    return (reason for reason, mask in told.items() if mask[row, column])
