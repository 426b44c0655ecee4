"""Whether one ranking misses more harm than another for some community: the fairness condition of promotion.

Both rankings are judged on the same people at their own audit depths, so the comparison is paired: only people whose
harm one ranking finds and the other misses tell anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binom, norm

from fairness.errors import TableError
from fairness.metrics import OUTCOME_YES
from fairness.policy_schema import Binding, Policy
from fairness.tables import AuditTable, split_table
from fairness.verdict import holm

_EXACT_BELOW = 25  # people who tell anything; above, the normal approximation of the sign statistic is close


@dataclass(frozen=True)
class Exchange:
    """What a change of ranking does to one community's missed harm.

    Attributes
    ----------
    outcomes
        Rows of the group with the outcome.
    newly_missed, newly_found
        Rows whose harm only the present ranking finds, and only the proposed one.
    change
        Missed-harm rate of the proposed less that of the present ranking.
    p_value, p_holm
        One-sided, of "the proposed ranking does not miss more"; adjusted over all groups judged.
    worse
        True where `p_holm` lies below the policy's alpha.
    """

    table: str
    characteristic: str
    group: str
    outcomes: int
    newly_missed: int
    newly_found: int
    change: float
    p_value: float
    p_holm: float
    worse: bool


def compare_missed_harm(proposed: pd.DataFrame, present: pd.DataFrame, policy: Policy) -> list[Exchange]:
    """Return, for each binding community above the floor, what moving to `proposed` does to its missed harm.

    Parameters
    ----------
    proposed, present
        The same audited table (same people, communities and outcomes in the same order) with `selected` at each
        ranking's own audit depth.

    Raises
    ------
    TableError
        If the two tables are not about the same people and outcomes.
    """
    for column in ("person_id", "outcome"):
        left, right = proposed[column].reset_index(drop=True), present[column].reset_index(drop=True)
        if not left.equals(right):
            raise TableError(f"The two rankings differ in '{column}'.", "Audit both on the same people.")
    new, old = (split_table(table, policy.grouping_pairs) for table in (proposed, present))
    found = [
        (bound, group, *_signs(new[bound.table], old[bound.table], rows))
        for bound in policy.binding
        if bound.metric == "missed_harm" and bound.table in new
        for group, rows in _groups(new[bound.table], bound, policy)
    ]
    adjusted = holm([_p_value(by_person) for _, _, _, by_person in found]).tolist()
    return [
        _exchange(bound, group, signs, by_person, p_holm, policy.alpha)
        for (bound, group, signs, by_person), p_holm in zip(found, adjusted, strict=True)
    ]


def _groups(table: AuditTable, bound: Binding, policy: Policy) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    characteristic = table.characteristics.get(bound.characteristic)
    if characteristic is None:
        return
    outcome = table.state // 2 == OUTCOME_YES
    for code, group in enumerate(characteristic.groups):
        rows = np.flatnonzero((characteristic.codes == code) & outcome)
        if len(rows) >= policy.floor.outcomes:
            yield group, rows


def _signs(
    new: AuditTable, old: AuditTable, rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return each row's change (1 newly missed, -1 newly found) and its sum by person."""
    signs = (old.state[rows] % 2) - (new.state[rows] % 2)
    people, codes = np.unique(new.person[rows], return_inverse=True)
    by_person = np.bincount(codes, weights=signs, minlength=len(people)).astype(np.int64)
    return signs.astype(np.int64), by_person


def _p_value(by_person: npt.NDArray[np.int64]) -> float:
    telling = by_person[by_person != 0]
    if not len(telling):
        return 1.0
    if len(telling) < _EXACT_BELOW:
        return float(binom.sf((telling > 0).sum() - 1, len(telling), 0.5))
    return float(norm.sf(telling.sum() / np.sqrt((telling.astype(np.float64) ** 2).sum())))


def _exchange(
    bound: Binding,
    group: str,
    signs: npt.NDArray[np.int64],
    by_person: npt.NDArray[np.int64],
    p_holm: float,
    alpha: float,
) -> Exchange:
    return Exchange(
        table=bound.table,
        characteristic=bound.characteristic,
        group=group,
        outcomes=len(signs),
        newly_missed=int((signs > 0).sum()),
        newly_found=int((signs < 0).sum()),
        change=float(signs.mean()),
        p_value=_p_value(by_person),
        p_holm=p_holm,
        worse=p_holm < alpha,
    )
