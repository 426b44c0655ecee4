"""What the fold can do with an event, as the small integers of its program.

Every operation feeds one *register*: a row of integers, one for each band of ages. A *band* is what lies between two
neighbouring edges of all windows that are asked for, so that one update serves every window and a window is a run of
bands.
"""

from __future__ import annotations

from typing import Final

# Registers that add up over bands.
COUNT: Final = 0  # events
HARM_SUM: Final = 1  # of known harm, hundredths of days
AGE_SUM: Final = 2  # over events of known harm
AGE_SQUARES: Final = 3
AGE_HARM: Final = 4  # sum of age x harm
DELAY_SUM: Final = 5  # days from the event to its report
AFTER: Final = 6  # events that followed the report of an anchor with the same counterpart
DISTINCT: Final = 10  # groups with an event
AT_LEAST: Final = 11  # groups with at least so many events
ACROSS_ONE: Final = 12  # the events whose groups are looked for ...
ACROSS_OTHER: Final = 13  # ... and how many of these events lie in such a group
MOST: Final = 14  # events in the largest group (of these the largest band value counts)
GAP_SQUARES: Final = 20  # sum of squared steps between neighbouring events

# Registers of which the smallest band value counts; NONE where there is none.
GAP_MIN: Final = 21  # smallest step between neighbouring events
GAP_LAST: Final = 22  # step between the last two events
NEAREST: Final = 30  # smallest age in days

# Registers of which the largest band value counts; -1 where there is none.
GAP_MAX: Final = 23  # largest step
FARTHEST: Final = 31  # largest age
HARM_MAX: Final = 32  # of known harm
DELAY_MAX: Final = 33

FIRST_GROUPED: Final = DISTINCT
LAST_GROUPED: Final = MOST
FIRST_GAP: Final = GAP_SQUARES
LAST_GAP: Final = GAP_MAX
SMALLEST: Final = frozenset({GAP_MIN, GAP_LAST, NEAREST})
LARGEST: Final = frozenset({MOST, GAP_MAX, FARTHEST, HARM_MAX, DELAY_MAX})

BY_COUNTERPART: Final = 0
BY_EVENT: Final = 1
BY_FAMILY: Final = 2

ON_OCCURRED: Final = 0
ON_REPORTED: Final = 1

TILE: Final = 8  # asked rows whose results are written together
NONE: Final = 2**40  # no such event; larger than any age or step


def first_value(operation: int) -> int:
    """Return what a register of the operation holds before the first event."""
    if operation in SMALLEST:
        return NONE
    return -1 if operation in LARGEST and operation != MOST else 0


def sort_of(operation: int) -> int:
    """Return 0 for a register that adds up, 1 where the smallest value counts, 2 where the largest."""
    return 1 if operation in SMALLEST else 2 if operation in LARGEST else 0
