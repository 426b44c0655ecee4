"""The audit depth: the shortest list that finds a declared share of all outcomes.

At the few tens of places of one meeting every community misses almost all harm, so a community missed entirely would
look like the others. The audit therefore looks further down the same order, and says of a table with a shallower line
that nothing follows from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairness.cells import Cell
from fairness.errors import TableError
from fairness.groups import texts
from fairness.policy_schema import Policy


def select_at_audit_depth(table: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return `table` with `selected` set to 1 above the audit depth of its list, 0 below.

    The depth is found in each `split` by itself (so that no split's misses weigh more), over distinct persons.
    People with the same score stand on the same side; a blank score is below every line.

    Parameters
    ----------
    table
        With `person_id`, `score` (higher = earlier), `outcome` (0/1/blank) and optionally `split`.

    Raises
    ------
    TableError
        If a column is missing, a score is no number, or a split has no outcome to find.
    """
    missing = [c for c in ("person_id", "score", "outcome") if c not in table]
    if missing:
        raise TableError(f"The table lacks {', '.join(missing)}.", "The audit depth needs scores and outcomes.")
    score = np.asarray(pd.to_numeric(table["score"], errors="coerce"), dtype=np.float64)
    if (np.isnan(score) & (texts(table["score"]) != "")).any():
        raise TableError("Column 'score' holds something that is not a number.", "Correct the value.")
    found = np.asarray(pd.to_numeric(table["outcome"], errors="coerce"), dtype=np.float64) == 1
    person = texts(table["person_id"])
    split = texts(table["split"]) if "split" in table else np.full(len(table), "", dtype=object)
    selected = np.zeros(len(table), dtype=np.int64)
    for name in np.unique(split.astype(str)):
        rows = np.flatnonzero(split == name)
        first = rows[np.unique(person[rows].astype(str), return_index=True)[1]]
        line = audit_line(score[first], found[first], policy.audit_depth_share)
        selected[rows] = score[rows] >= line
    return table.assign(selected=selected)


def audit_line(
    score: npt.NDArray[np.float64],
    found: npt.NDArray[np.bool_],
    share: float,
) -> float:
    """Return the score at and above which the shortest list finds at least `share` of the outcomes.

    >>> audit_line(np.array([4.0, 3.0, 2.0, 1.0]), np.array([True, False, True, True]), 0.5)
    2.0

    Raises
    ------
    TableError
        If there is no outcome, or too many of the people with one have no score.
    """
    scored = ~np.isnan(score)
    order = np.argsort(-score[scored], kind="stable")
    hits = np.cumsum(found[scored][order])
    wanted = share * found.sum()
    if found.sum() == 0 or hits.size == 0 or hits[-1] < wanted:
        raise TableError(
            "A backtest list has too few scored people with the outcome to find an audit depth.",
            "Use a longer follow-up or leave the list out.",
        )
    # Tied people share a side: the line is a score, not a place.
    return float(score[scored][order][np.searchsorted(hits, wanted - 1e-9)])


def least_found(policy: Policy) -> float:
    """Return the share of outcomes up to which a list passes however it treats a small group.

    Of a list that finds a share r of all outcomes, everyone else's missed harm is 1 - r: a small group of which nobody
    is found is missed 1 / (1 - r) times as often, which lies within the margin up to r = 1 - 1 / its upper end.
    """
    return 1 - 1 / policy.margin.high


def is_shallow(cells: Sequence[Cell], policy: Policy) -> bool:
    """Say whether a table that is judged by missed harm finds no more of its outcomes than `least_found`."""
    missed: Counter[tuple[str, str]] = Counter()
    harmed: Counter[tuple[str, str]] = Counter()
    for cell in cells:
        if cell.metric == "missed_harm":  # the groups of a characteristic sum to the table
            missed[cell.table, cell.characteristic] += cell.events
            harmed[cell.table, cell.characteristic] += cell.n
    return any(missed[key] >= (1 - least_found(policy)) * harmed[key] > 0 for key in harmed)
