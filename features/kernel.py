"""One pass over each person's sorted events for every date asked: the fold.

The fold knows no indicator. It is given, for each selection of events, the *slots* it feeds (one integer each:
a count, a sum, a maximum ...) and the *groups* it counts by counterpart or by event; afterwards the groups are
folded into slots too. Everything is an integer, so the result does not depend on the order of additions and
is the same bit for bit in machine code and in plain Python.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import numpy as np

_log = logging.getLogger(__name__)

COUNT: Final = 0  # events
HARM_SUM: Final = 1  # of known harm, hundredths of days
HARM_MAX: Final = 2  # of known harm; -1 where none
NEAREST: Final = 3  # smallest age in days; NONE where no event
FARTHEST: Final = 4  # largest age; -1 where no event
GAP_MIN: Final = 5  # smallest step between neighbouring events; NONE where fewer than two
GAP_SQUARES: Final = 6  # sum of squared steps
AGE_SUM: Final = 7  # over events of known harm
AGE_SQUARES: Final = 8
AGE_HARM: Final = 9  # sum of age x harm

DISTINCT: Final = 0  # groups with an event
MOST: Final = 1  # events in the largest group
ACROSS: Final = 2  # events of the second grouping whose group also occurs in the first

ON_OCCURRED: Final = 0
ON_REPORTED: Final = 1
BY_COUNTERPART: Final = 0
BY_EVENT: Final = 1
NONE: Final = 2**40  # no such event; larger than any age or step
FIRST_VALUE: Final = {HARM_MAX: -1, NEAREST: NONE, FARTHEST: -1, GAP_MIN: NONE}

Fold = Callable[..., None]


def fold(
    occurred: Any,
    reported: Any,
    known_from: Any,
    known_to: Any,
    stated: Any,
    harm: Any,
    counterpart: Any,
    event: Any,
    picks_from: Any,
    picks: Any,
    row_from: Any,
    row_to: Any,
    row_width: Any,
    days: Any,
    slot_from: Any,
    slots: Any,
    group_from: Any,
    groups: Any,
    folds: Any,
    afters: Any,
    first: Any,
    previous: Any,
    counts: Any,
    out: Any,
) -> None:
    """Fill `out` (rows x slots) with the slots of each asked row.

    Parameters
    ----------
    occurred, reported, known_from, known_to, stated, harm, counterpart, event
        Columns of the stream; counterpart and event as small codes within the person (-1 = none).
    picks_from, picks
        For event i of n the selections that hold it: ``picks[picks_from[i]:picks_from[i + 1]]`` from the day on
        which its overwritten flags were stated, before it those of place n + i.
    row_from, row_to, row_width, days
        For each asked row its person's events, the number of codes to clear, and the day number T.
    slot_from, slots
        For selection s the rows ``slots[slot_from[s]:slot_from[s + 1]]`` of (operation, clock, youngest age,
        age that is too old, column of `out`).
    group_from, groups
        The same for groups: (clock, youngest age, too old, key, group number).
    folds
        Rows of (operation, group, second group, column of `out`).
    afters
        Rows of (selection, anchor selection, clock, youngest age, too old, days within, column of `out`): count
        events that followed the report of an anchor with the same counterpart.
    first
        Starting value of each slot.
    previous, counts
        Room to work in: slots; groups x widest code.
    out
        The result, 64-bit integers.
    """
    n = len(occurred)
    for row in range(len(days)):
        day = days[row]
        for slot in range(len(first)):
            out[row, slot] = first[slot]
            previous[slot] = -1
        for group in range(counts.shape[0]):
            for code in range(row_width[row]):
                counts[group, code] = 0
        for i in range(row_from[row], row_to[row]):
            if known_from[i] > day or known_to[i] <= day or occurred[i] > day:
                continue
            at_i = i if day >= stated[i] else n + i
            for pick in range(picks_from[at_i], picks_from[at_i + 1]):
                selection = picks[pick]
                for k in range(slot_from[selection], slot_from[selection + 1]):
                    age = day - (occurred[i] if slots[k, 1] == ON_OCCURRED else reported[i])
                    if age < slots[k, 2] or age >= slots[k, 3]:
                        continue
                    op, at = slots[k, 0], slots[k, 4]
                    if op == COUNT:
                        out[row, at] += 1
                    elif op == HARM_SUM:
                        if harm[i] >= 0:
                            out[row, at] += harm[i]
                    elif op == HARM_MAX:
                        out[row, at] = max(out[row, at], harm[i])
                    elif op == NEAREST:
                        out[row, at] = min(out[row, at], age)
                    elif op == FARTHEST:
                        out[row, at] = max(out[row, at], age)
                    elif op in (GAP_MIN, GAP_SQUARES):
                        if previous[at] >= 0:
                            step = previous[at] - age
                            if op == GAP_SQUARES:
                                out[row, at] += step * step
                            else:
                                out[row, at] = min(out[row, at], step)
                        previous[at] = age
                    elif harm[i] >= 0:
                        if op == AGE_SUM:
                            out[row, at] += age
                        elif op == AGE_SQUARES:
                            out[row, at] += age * age
                        elif op == AGE_HARM:
                            out[row, at] += age * harm[i]
                for k in range(group_from[selection], group_from[selection + 1]):
                    age = day - (occurred[i] if groups[k, 0] == ON_OCCURRED else reported[i])
                    if age < groups[k, 1] or age >= groups[k, 2]:
                        continue
                    code = counterpart[i] if groups[k, 3] == BY_COUNTERPART else event[i]
                    if code >= 0:
                        counts[groups[k, 4], code] += 1
        for k in range(len(folds)):
            op, one, two, at = folds[k, 0], folds[k, 1], folds[k, 2], folds[k, 3]
            for code in range(row_width[row]):
                if counts[one, code] > 0:
                    if op == DISTINCT:
                        out[row, at] += 1
                    elif op == MOST:
                        out[row, at] = max(out[row, at], counts[one, code])
                    else:
                        out[row, at] += counts[two, code]
        for k in range(len(afters)):
            for i in range(row_from[row], row_to[row]):
                age = day - (occurred[i] if afters[k, 2] == ON_OCCURRED else reported[i])
                if known_from[i] > day or known_to[i] <= day or occurred[i] > day:
                    continue
                if age < afters[k, 3] or age >= afters[k, 4] or counterpart[i] < 0:
                    continue
                wanted = False
                at_i = i if day >= stated[i] else n + i
                for pick in range(picks_from[at_i], picks_from[at_i + 1]):
                    if picks[pick] == afters[k, 0]:
                        wanted = True
                if not wanted:
                    continue
                followed = False
                for j in range(row_from[row], row_to[row]):
                    if counterpart[j] != counterpart[i] or occurred[j] > day:
                        continue
                    if known_from[j] > day or known_to[j] <= day:
                        continue
                    since = occurred[i] - reported[j]
                    if since <= 0 or since > afters[k, 5]:
                        continue
                    at_j = j if day >= stated[j] else n + j
                    for pick in range(picks_from[at_j], picks_from[at_j + 1]):
                        if picks[pick] == afters[k, 1]:
                            followed = True
                if followed:
                    out[row, afters[k, 6]] += 1


@lru_cache(maxsize=1)
def compiled_fold() -> Fold:
    """Return the fold as machine code, or in plain Python where it cannot be compiled.

    numba keeps the machine code beside this file, or in the user's cache folder where this one is read-only;
    where neither can be written the fold is compiled anew in each process. Both losses are logged.
    """
    try:
        import numba
    except ImportError as missing:
        return _plain(missing)
    try:
        return _checked(numba.njit(fold, cache=True, nogil=True))
    except (RuntimeError, OSError) as unwritable:
        _log.warning(
            "The compiled fold cannot be kept (%s); it is compiled again in each process, which takes "
            "seconds. Set NUMBA_CACHE_DIR to a folder that can be written.",
            unwritable,
        )
    except numba.errors.NumbaError as failure:
        return _plain(failure)
    try:
        return _checked(numba.njit(fold, nogil=True))
    except numba.errors.NumbaError as failure:
        return _plain(failure)


def _checked(jitted: Fold) -> Fold:
    """Compile for the types that a loaded plan passes, so that a failure shows here and not later."""
    flat, table, start = np.zeros(0, np.int64), np.zeros((0, 0), np.int64), np.zeros(1, np.int64)
    events, asked = (flat,) * 8 + (start, flat), (flat,) * 4
    jitted(*events, *asked, start, table, start, table, table, table, flat, flat, table, table)
    return jitted


def _plain(reason: Exception) -> Fold:
    _log.warning(
        "numba cannot compile the fold (%s); indicators are computed in plain Python: the same numbers, "
        "about a hundred times slower. Reinstall the locked numba and llvmlite.",
        type(reason).__name__,
    )
    return fold
