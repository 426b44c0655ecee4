"""Every number with a shared definition against fairlearn and scikit-learn, which count it in their own way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate, true_positive_rate
from sklearn.metrics import dcg_score, precision_score, roc_auc_score

from benchmarks.audited.tables import generated
from fairness import read_policy
from fairness.breakdown import break_down
from fairness.tables import AuditTable, split_table

Flags = npt.NDArray[np.bool_]
Cells = dict[tuple[str, str, str], dict[str, Any]]
TABLES_A_BLOCK = 5
CLOSE = 1e-12
AXES = (("sex",), ("ethnicity",), ("ethnicity_group",), ("sex", "ethnicity_group"))
ON_EVERYBODY: dict[str, Callable[..., float]] = {"selection": partial(selection_rate, pos_label=1)}
ON_KNOWN: dict[str, Callable[..., float]] = {
    "found": partial(true_positive_rate, pos_label=1),
    "missed_harm": partial(false_negative_rate, pos_label=1),
    "fpr": partial(false_positive_rate, pos_label=1),
    "precision": partial(precision_score, zero_division=0.0),
}


def compared(block: int) -> dict[str, Any]:
    """Return how many numbers of five generated tables have a second answer, and how many differ from it."""
    apart = [
        difference
        for seed in range(block * TABLES_A_BLOCK, (block + 1) * TABLES_A_BLOCK)
        for _, difference in differences(generated(seed))
    ]
    return {"tables": TABLES_A_BLOCK, "numbers": len(apart), "beyond": sum(not each <= CLOSE for each in apart)}


def differences(table: pd.DataFrame) -> Iterator[tuple[str, float]]:
    """Return what was compared and by how much the two answers differ, for everything that has both."""
    policy = read_policy()
    found = break_down(table, policy).table
    subjects = split_table(table, policy.grouping_pairs)["subjects"]
    score = table["score"].to_numpy()
    for names in AXES:
        groups = pd.DataFrame({name: _labels(subjects, name) for name in names})
        ours = found[(found["characteristic"] == names[0]) & (found["and_characteristic"] == "".join(names[1:]))]
        keys = zip(ours["group"], ours["and_group"], ours["metric"], strict=True)
        cells = dict(zip(keys, ours.to_dict("records"), strict=True))
        yield from _rates(cells, subjects, groups)
        for group in groups.drop_duplicates().itertuples(index=False):
            member = (groups == list(group)).all(axis=1).to_numpy()
            key = (group[0], group[1] if len(names) > 1 else "")
            yield from _beside_others(cells, key, subjects, member)
            yield from _in_the_order(cells, key, subjects, member, score)


def _labels(subjects: AuditTable, name: str) -> npt.NDArray[np.object_]:
    one = subjects.characteristics[name]
    return np.asarray(one.groups, dtype=object)[one.codes]


def _answers(subjects: AuditTable) -> Iterator[tuple[dict[str, Callable[..., float]], Flags]]:
    """Return the library's metrics with the rows that each is defined on."""
    yield ON_EVERYBODY, np.ones(subjects.rows, dtype=bool)
    yield ON_KNOWN, subjects.state // 2 != 2


def _rates(cells: Cells, subjects: AuditTable, groups: pd.DataFrame) -> Iterator[tuple[str, float]]:
    for metrics, rows in _answers(subjects):
        if not rows.any():
            continue
        outcome, selected = np.divmod(subjects.state[rows], 2)
        frame = MetricFrame(
            metrics=metrics,
            y_true=np.minimum(outcome, 1),
            y_pred=selected,
            sensitive_features=groups[rows].reset_index(drop=True),
        )
        for at, answers in frame.by_group.iterrows():
            key = at if isinstance(at, tuple) else (at, "")
            for metric, value in answers.items():
                if (*key, metric) in cells and cells[*key, metric]["n"] > 0:
                    yield f"{metric} of {key}", abs(cells[*key, metric]["value"] - value)


def _beside_others(
    cells: Cells, key: tuple[str, str], subjects: AuditTable, member: Flags
) -> Iterator[tuple[str, float]]:
    for metrics, rows in _answers(subjects):
        for metric, function in metrics.items():
            cell = cells[*key, metric]
            if not (cell["n"] > 0 and cell["others_n"] > 0):
                continue
            own, rest = (_value(function, subjects, rows & side) for side in (member, ~member))
            yield f"{metric} of others than {key}", abs(cell["others_value"] - rest)
            yield f"difference in {metric} of {key}", abs(cell["difference"] - (own - rest))
            if rest > 0:
                yield f"ratio in {metric} of {key}", abs(cell["ratio"] - own / rest)


def _value(function: Callable[..., float], subjects: AuditTable, rows: Flags) -> float:
    outcome, selected = np.divmod(subjects.state[rows], 2)
    return float(function(np.minimum(outcome, 1), selected))


def _in_the_order(
    cells: Cells, key: tuple[str, str], subjects: AuditTable, member: Flags, score: npt.NDArray[np.float64]
) -> Iterator[tuple[str, float]]:
    if member.all() or len(member) < 2:
        return
    gap = cells[*key, "rank_gap"]
    yield f"rank gap of {key}", abs(gap["difference"] - (0.5 - roc_auc_score(member, score)))
    line = int((subjects.state % 2).sum())
    seen = dcg_score([member.astype(float)], [score], k=line) / member.sum() if line else 0.0
    yield f"exposure of {key}", abs(cells[*key, "exposure"]["value"] - seen)
