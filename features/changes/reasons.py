"""Why a number changed: what would it be, had one thing not happened in between?

A reason counts for a number if without it the number would be another (a but-for cause):

- *time*: with nothing learnt in between, the later date alone gives another number, because windows moved.
- *new events*, *corrections*, *withdrawn events*: without them the later number would be another.
- *recording*: with the columns recorded that were recorded before, it would be another; a number can become known, or
  stop being known, for everybody at once.

Several changes can each be enough, so that none of them counts alone: *several at once*. Where today's records and
catalogue do not give the numbers that the files hold, nothing is said of why: *not reproduced*.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.catalogue import Catalogue
from features.changes.pairing import DatePair, Numbers, Paired
from features.changes.states import TwoStates, frozen, two_states
from features.events import EventStream
from features.indicators import compute
from values import AsOf

TIME, NEW, CORRECTED, WITHDRAWN, RECORDING = "time", "new events", "corrections", "withdrawn events", "recording"
SEVERAL, NOT_REPRODUCED = "several at once", "not reproduced"
REASONS = (TIME, NEW, CORRECTED, WITHDRAWN, RECORDING, SEVERAL, NOT_REPRODUCED)

Mask = npt.NDArray[np.bool_]


def differs(one: Numbers, other: Numbers) -> Mask:
    """Say which numbers are not the same bit for bit; all NaN are one, and so are both zeros."""
    return np.asarray((one != other) & ~(np.isnan(one) & np.isnan(other)), dtype=np.bool_)


def reasons_for(
    part: Paired, changed: Mask, before: EventStream, after: EventStream, catalogue: Catalogue
) -> dict[str, Mask]:
    """Return for each reason the numbers that it changed.

    Parameters
    ----------
    part
        People of both files and their numbers.
    changed
        Which of these numbers differ: one row a person, one column an indicator of the catalogue.
    before, after
        The events of these people in the two snapshots of records.
    catalogue
        The indicators, in the order of the columns of `part`.
    """
    told = {reason: np.zeros_like(changed) for reason in REASONS}
    rows = np.flatnonzero(changed.any(axis=1))
    if len(rows):
        world = _Worlds(part.people[rows], part.dates, before, after, catalogue)
        found = world.reasons(part.before[rows], part.after[rows])
        for reason, mask in found.items():
            told[reason][rows] = mask & changed[rows]
    return told


class _Worlds:
    """The numbers of some people in worlds in which one thing did not happen."""

    def __init__(
        self,
        people: npt.NDArray[np.str_],
        dates: DatePair,
        before: EventStream,
        after: EventStream,
        catalogue: Catalogue,
    ) -> None:
        self._people, self._dates, self._catalogue = people, dates, catalogue
        self._states = two_states(frozen(before, dates.before), frozen(after, dates.after))

    def reasons(self, before: Numbers, after: Numbers) -> dict[str, Mask]:
        strange = differs(self._numbers(self._states.before, self._dates.before), before)
        strange |= differs(self._numbers(self._states.after, self._dates.after), after)
        told = {NOT_REPRODUCED: strange}
        if self._dates.moved:
            told[TIME] = differs(self._numbers(self._states.before, self._dates.after), before) & ~strange
        for reason, stream in self._otherwise(self._states):
            told[reason] = differs(self._numbers(stream, self._dates.after), after) & ~strange
        told[SEVERAL] = ~np.logical_or.reduce(list(told.values()))
        return told

    def _otherwise(self, states: TwoStates) -> Iterator[tuple[str, EventStream]]:
        """Yield each reason that there can be, and the later state without it."""
        was, now = states.changes
        if (now == "new").any():
            yield NEW, states.without_new()
        if (now == "corrected").any() or (was == "corrected").any():
            yield CORRECTED, states.uncorrected()
        if (was == "withdrawn").any():
            yield WITHDRAWN, states.with_withdrawn()
        if states.recording_changed:
            yield RECORDING, states.recorded_as_before()

    def _numbers(self, stream: EventStream, as_of: AsOf) -> Numbers:
        spine = pd.DataFrame({"person_id": pd.Series(self._people, dtype="str"), "as_of": pd.Timestamp(as_of.day)})
        names = list(self._catalogue.names)
        return np.asarray(compute(stream, spine, self._catalogue)[names].to_numpy(dtype=np.float64))


def reasons_to_come_or_go(
    part: Paired, before: EventStream, after: EventStream
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return for who left and who entered which changes there are among their events; time where there are none.

    Not a but-for cause: whom a cohort holds also depends on the area and on addresses.
    """
    states = two_states(frozen(before, part.dates.before), frozen(after, part.dates.after))
    words = {"new": NEW, "corrected": CORRECTED, "withdrawn": WITHDRAWN}
    sides = []
    for people in (part.left, part.entered):
        found = states.changes_of(people)
        told = {person: {words[each] for each in changes} for person, changes in found.items()}
        sides.append({person: changes or {TIME} for person, changes in told.items()})
    return sides[0], sides[1]
