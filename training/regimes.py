"""On which side of a change of recording rules outcomes lie.

The changes are those that the data-quality report declares (`records.quality.regimes.BREAKS`). An outcome counted
before one and an outcome counted after it are not the same thing, so figures are told apart by where the year of
outcomes lies, and a split that mixes both says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from records.quality.regimes import BREAKS, Break
from training.splits import Split
from values import AsOf, day_number

COUNTING: Break = next(each for each in BREAKS if each.month == "2023-06")
"""The change by which figures are told apart: one crime each time a victim comes forward, from June 2023 on."""
Regime = Literal["before June 2023", "across June 2023", "from June 2023"]
REGIMES: tuple[Regime, ...] = ("before June 2023", "across June 2023", "from June 2023")


def first_day(change: Break) -> int:
    """Return the number of the first day of a changed rule."""
    return day_number(date.fromisoformat(f"{change.month}-01"))


def regime_of(as_of: AsOf, horizon_days: int) -> Regime:
    """Say by which counting rules the outcomes of a date are recorded, by the days on which they occur.

    >>> regime_of(AsOf.parse("2022-05-31"), 365), regime_of(AsOf.parse("2023-05-31"), 365)
    ('before June 2023', 'from June 2023')
    """
    change = first_day(COUNTING)
    if as_of.number + horizon_days < change:
        return "before June 2023"
    return "from June 2023" if as_of.number + 1 >= change else "across June 2023"


def split_remarks(split: Split, horizon_days: int) -> tuple[str, ...]:
    """Return, for each change of rules that a split's training and test outcomes do not share, what it mixes."""
    return tuple(_remarks(split, horizon_days))


def _remarks(split: Split, horizon_days: int) -> Iterator[str]:
    trained = min(split.train).number + 1, max(split.train).number + horizon_days
    tested = split.test.number + 1, split.test.number + horizon_days
    for change in BREAKS:
        day = first_day(change)
        if trained[0] < day <= trained[1]:
            yield f"{change.name}: the training outcomes straddle it."
        elif trained[1] < day <= tested[0]:
            yield f"{change.name}: trained on outcomes before it, tested on outcomes after it."
        if tested[0] < day <= tested[1]:
            yield f"{change.name}: the test outcomes straddle it."
