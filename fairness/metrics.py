"""What is measured of each group: six rates over the same six counts.

A row is one of six states, ``outcome * 2 + selected`` with outcome 0 no, 1 yes, 2 not (yet) known. A metric says
which states are trials and which of those are events.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

OUTCOME_NO, OUTCOME_YES, OUTCOME_UNKNOWN = 0, 1, 2
STATES = 6


@dataclass(frozen=True)
class Metric:
    """A rate: events among trials.

    Attributes
    ----------
    question
        What the rate answers, as the end of a sentence that begins with "the share of".
    trials, events
        States counted below and above the line of the fraction.
    labelled
        True where the rate needs known outcomes, so that the floor on outcomes applies.
    of_the_list
        False where selection has no part in the rate: it is told for comparison and neither binds nor alerts.
    """

    name: str
    question: str
    trials: frozenset[int]
    events: frozenset[int]
    labelled: bool = True
    of_the_list: bool = True

    def __post_init__(self) -> None:
        if not self.events < self.trials:
            raise ValueError(f"{self.name}: events must be some of the trials.")

    @cached_property
    def trial_mask(self) -> npt.NDArray[np.bool_]:
        """Shape (6,): is the state a trial."""
        return np.isin(np.arange(STATES), list(self.trials))

    @cached_property
    def event_mask(self) -> npt.NDArray[np.bool_]:
        """Shape (6,): is the state an event."""
        return np.isin(np.arange(STATES), list(self.events))


def _states(outcomes: tuple[int, ...], selected: tuple[int, ...]) -> frozenset[int]:
    return frozenset(o * 2 + s for o in outcomes for s in selected)


_ANY = (OUTCOME_NO, OUTCOME_YES, OUTCOME_UNKNOWN)
_KNOWN = (OUTCOME_NO, OUTCOME_YES)

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "selection",
            "everyone in the group who was selected",
            _states(_ANY, (0, 1)),
            _states(_ANY, (1,)),
            labelled=False,
        ),
        Metric(
            "outcome",
            "everyone in the group whose outcome is known who had it",
            _states(_KNOWN, (0, 1)),
            _states((OUTCOME_YES,), (0, 1)),
            of_the_list=False,
        ),
        Metric(
            "missed_harm",
            "people with the outcome who were not selected",
            _states((OUTCOME_YES,), (0, 1)),
            _states((OUTCOME_YES,), (0,)),
        ),
        Metric(
            "found",
            "people with the outcome who were selected",
            _states((OUTCOME_YES,), (0, 1)),
            _states((OUTCOME_YES,), (1,)),
        ),
        Metric(
            "precision",
            "selected people who had the outcome",
            _states(_KNOWN, (1,)),
            _states((OUTCOME_YES,), (1,)),
        ),
        Metric(
            "fpr",
            "people without the outcome who were selected",
            _states((OUTCOME_NO,), (0, 1)),
            _states((OUTCOME_NO,), (1,)),
        ),
    )
}
