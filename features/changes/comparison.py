"""Two indicator snapshots compared: who and what changed, and why, counted part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.catalogue import Catalogue
from features.changes.declared import DeclaredChange
from features.changes.pairing import DatePair, Paired, paired
from features.changes.reasons import Mask, differs, reasons_for, reasons_to_come_or_go
from features.events import EventStream
from features.snapshots import IndicatorSnapshot
from features.stored.parting import ranges
from values import Progress, silent

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
        The streams; None where they are not known.
    unknown
        The reason that is given instead, in words.
    """

    before: EventStream | None
    after: EventStream | None
    unknown: str = ""


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
    counts, total = Counts(), before.rows + after.rows
    done = 0
    for parts in paired(before, after, names, dates):
        for part in parts:
            done += len(part.people) * 2 + len(part.left) + len(part.entered)
            _count(counts, part, names, declared, records, catalogue, listen)
        progress("compare", min(done, total), total)
    progress("compare", total, total)
    return counts


def _count(
    counts: Counts,
    part: Paired,
    names: Sequence[str],
    declared: DeclaredChange,
    records: Records,
    catalogue: Catalogue,
    listen: Listen | None,
) -> None:
    changed = differs(part.before, part.after)
    told = _reasons(part, changed, names, declared, records, catalogue)
    counts.both += len(part.people)
    counts.changed += int(changed.any(axis=1).sum())
    counts.numbers.update(_sums(changed, names))
    for reason, mask in told.items():
        counts.rows_by_reason[reason] += int(mask.any(axis=1).sum())
        counts.reasons.update({(name, reason): n for name, n in _sums(mask, names).items()})
    come_and_go = _come_and_go(part, records)
    for people, tally in zip(come_and_go, (counts.left_by_reason, counts.entered_by_reason), strict=True):
        tally.update(reason for reasons in people.values() for reason in reasons)
    counts.left += len(part.left)
    counts.entered += len(part.entered)
    if listen is not None:
        listen(_listed(part, changed, told, names, come_and_go))


def _sums(mask: Mask, names: Sequence[str]) -> dict[str, int]:
    return {name: int(n) for name, n in zip(names, mask.sum(axis=0), strict=True) if n}


def _reasons(
    part: Paired,
    changed: Mask,
    names: Sequence[str],
    declared: DeclaredChange,
    records: Records,
    catalogue: Catalogue,
) -> dict[str, Mask]:
    """Return the reasons of each changed number; those of an indicator measured anew are not told apart."""
    anew = np.array([name in declared.measured_anew for name in names], dtype=np.bool_)
    told = {REDECLARED: changed & anew}
    known = frozenset(catalogue.names)
    open_to = [number for number, name in enumerate(names) if name in known and not anew[number]]
    left_over = changed & ~anew
    if records.before is None or records.after is None:
        return {**told, records.unknown: left_over}
    if open_to:
        chosen = Paired(
            part.dates, part.people, part.before[:, open_to], part.after[:, open_to], part.left, part.entered
        )
        old, new = (_events_of(stream, part.people) for stream in (records.before, records.after))
        found = reasons_for(chosen, changed[:, open_to], old, new, catalogue.only(names[each] for each in open_to))
        for reason, mask in found.items():
            told[reason] = np.zeros_like(changed)
            told[reason][:, open_to] = mask
        left_over[:, open_to] = False
    return {**told, NOT_DECLARED: left_over}


def _come_and_go(part: Paired, records: Records) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    if records.before is None or records.after is None:
        left, entered = ({str(person): {records.unknown} for person in side} for side in (part.left, part.entered))
        return left, entered
    people = np.concatenate([part.left, part.entered])
    return reasons_to_come_or_go(part, _events_of(records.before, people), _events_of(records.after, people))


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
