"""Who has a characteristic not recorded: modelled so that it can be told, never so that a blank can be filled.

If nothing here tells the unrecorded people apart, groups of recorded people may stand for them as far as these records
go; where something does, rates by community are those of the people whom somebody asked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairness.errors import TableError
from fairness.groups import Characteristic, is_unrecorded
from fairness.proxies import area_under_curve

FEWEST = 30
FOLDS = 5
_STRENGTH = 0.05  # inverse ridge penalty: two hundred indicators that say much the same
_OFTEN = 0.02  # a column that is missing, or present, for fewer people says nothing of its own by being so


def model_missing(
    indicators: pd.DataFrame, context: pd.DataFrame, characteristic: Characteristic, *, seed: int = 0, shown: int = 8
) -> dict[str, Any]:
    """Say how well being unrecorded can be told from indicators, area and year, and by what.

    Parameters
    ----------
    indicators
        One row a person, numeric; a missing value is read as the median and, where frequent, as a column of its own.
    context
        Words about the same persons (area, year), in the same index; each value is a column of its own.
    characteristic
        Of the same persons. Declining to say is an answer; an officer's observation alone is none.
    shown
        How many of the largest coefficients are named.

    Returns
    -------
    dict
        ``characteristic``, ``people``, ``unrecorded`` (share) and either ``not_modelled`` (why) or ``auc``, ``low``,
        ``high`` (of people left out of the fit, five folds), ``drivers`` (name, ``odds_ratio`` a standard deviation, of
        a ridge-penalised logistic model) and ``says``.

    Raises
    ------
    TableError
        If the tables are not of the same persons.
    """
    same = indicators.index.equals(context.index) and len(indicators) == characteristic.codes.size
    if not same:
        raise TableError("Indicators, context and characteristic are not of the same persons.", "Give one row each.")
    blank = [is_unrecorded(group) for group in characteristic.groups]
    unrecorded = np.array(blank, dtype=bool)[characteristic.codes]
    count = int(unrecorded.sum())
    head = {"characteristic": characteristic.name, "people": len(unrecorded)}
    if min(count, len(unrecorded) - count) < FEWEST:
        few = "have it recorded" if count > len(unrecorded) / 2 else "lack it"
        return head | {"unrecorded": None, "not_modelled": f"fewer than {FEWEST} people {few}"}
    head["unrecorded"] = float(unrecorded.mean())
    names, matrix = _matrix(indicators, context)
    target = unrecorded.astype(int)
    from sklearn.linear_model import LogisticRegression  # heavy, and what shows a stored diagnosis stays light
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from threadpoolctl import threadpool_limits

    # A few hundred columns: Newton's steps are few, and one thread is quicker than several that share a core.
    model = LogisticRegression(C=_STRENGTH, solver="newton-cholesky")
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    with threadpool_limits(1):
        told = cross_val_predict(model, matrix, target, cv=folds, method="decision_function")
        weights = model.fit(matrix, target).coef_[0]
    auc, low, high = area_under_curve(told[target == 1], told[target == 0])
    largest = np.argsort(-np.abs(weights), kind="stable")[:shown]
    drivers = [{"name": names[at], "odds_ratio": float(np.exp(weights[at]))} for at in largest]
    found = {"auc": auc, "low": low, "high": high, "drivers": drivers}
    return head | found | {"says": _says(characteristic.name, found)}


def _matrix(indicators: pd.DataFrame, context: pd.DataFrame) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Return standardised columns and their names, without those that are the same for everybody."""
    values = indicators.to_numpy(np.float64)
    blank = np.isnan(values)
    frequent = (blank.mean(axis=0) > _OFTEN) & (blank.mean(axis=0) < 1 - _OFTEN)
    with_value = [str(name) for name in indicators.columns]
    middle = np.array([np.median(v[~b]) if (~b).any() else 0.0 for v, b in zip(values.T, blank.T, strict=True)])
    dummies = pd.get_dummies(context.astype(str), dtype=float)
    names = [*with_value, *(f"{n} not known" for n, f in zip(with_value, frequent, strict=True) if f), *dummies.columns]
    matrix = np.column_stack([np.where(blank, middle, values), blank[:, frequent], dummies.to_numpy()])
    spread = matrix.std(axis=0)
    kept = spread > 0
    return [n for n, k in zip(names, kept, strict=True) if k], (matrix - matrix.mean(axis=0))[:, kept] / spread[kept]


def _says(name: str, found: dict[str, Any]) -> str:
    name = name.replace("_", " ")
    sure = f"area under the curve {found['auc']:.2f}, {found['low']:.2f} to {found['high']:.2f}; 0.50 tells nothing"
    if found["low"] <= 0.5:
        return (
            f"Nothing that was looked at tells people without a recorded {name} from the others ({sure}). What was not "
            "looked at may. No blank was filled."
        )
    return (
        f"People without a recorded {name} differ from the others ({sure}), most by {found['drivers'][0]['name']}: "
        f"rates by {name} are those of people whose {name} was recorded. No blank was filled."
    )
