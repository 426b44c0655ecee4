# ruff: noqa: S608 - every name in the SQL is one of ours
"""How right linkage is where the truth is known: a made-up force, or a set of pairs that people decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import duckdb
import numpy as np
import pandas as pd

from records.linkage.pairs import PAIRS

CURVE = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.999)


@dataclass(frozen=True)
class Accuracy:
    """Right and wrong pairs of records, over all pairs that stand under one person key.

    Attributes
    ----------
    precision
        Share of the pairs put together that are one person's.
    recall
        Share of one person's pairs that were put together.
    true_pairs, found_pairs, right_pairs
        The counts behind them.
    persons, true_persons
        People found, and people there are.
    """

    precision: float
    recall: float
    true_pairs: int
    found_pairs: int
    right_pairs: int
    persons: int
    true_persons: int

    def to_dict(self) -> dict[str, float | int]:
        """Return plain values for JSON."""
        return asdict(self)


def accuracy(persons: pd.DataFrame, truth: pd.DataFrame) -> Accuracy:
    """Compare a crosswalk with the truth.

    Parameters
    ----------
    persons
        record_id, person_id.
    truth
        record_id, person.
    """
    both = persons[["record_id", "person_id"]].merge(truth[["record_id", "person"]], on="record_id", validate="1:1")
    right, found, true = (_pairs(both, by) for by in (["person_id", "person"], ["person_id"], ["person"]))
    return Accuracy(
        precision=right / found if found else 1.0,
        recall=right / true if true else 1.0,
        true_pairs=true,
        found_pairs=found,
        right_pairs=right,
        persons=int(both["person_id"].nunique()),
        true_persons=int(both["person"].nunique()),
    )


def _pairs(frame: pd.DataFrame, by: list[str]) -> int:
    size = frame.groupby(by).size().to_numpy(dtype=np.int64)
    return int((size * (size - 1) // 2).sum())


def look_alikes_merged(persons: pd.DataFrame, truth: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, int]:
    """Return by kind how many pairs of look-alikes (person_a, person_b, kind) share a person key."""
    both = persons[["record_id", "person_id"]].merge(truth[["record_id", "person"]], on="record_id")
    held = both[["person", "person_id"]].drop_duplicates()
    left = pairs.merge(held, left_on="person_a", right_on="person")
    right = pairs.merge(held, left_on="person_b", right_on="person")
    met = left.merge(right, on=["person_a", "person_b", "kind", "person_id"])[["person_a", "person_b", "kind"]]
    counts = met.drop_duplicates()["kind"].value_counts()
    return {str(kind): int(counts.get(kind, 0)) for kind in sorted(pairs["kind"].unique())}


def curve(db: duckdb.DuckDBPyConnection, truth: pd.DataFrame, thresholds: Iterable[float] = CURVE) -> pd.DataFrame:
    """Return threshold, precision and recall of the links that no rule stands against, pair by pair.

    Recall counts what is linked directly; persons put together from several links find more.
    """
    db.register("link_truth", truth[["record_id", "person"]])
    scored = db.execute(
        f"SELECT probability, a.person = b.person AS one FROM {PAIRS} JOIN link_truth a ON a.record_id = record_l "
        "JOIN link_truth b ON b.record_id = record_r WHERE bar IS NULL"
    ).df()
    db.unregister("link_truth")
    true = _pairs(truth, ["person"])
    rows = []
    for threshold in thresholds:
        linked = scored[scored["probability"] >= threshold]
        right = int(linked["one"].sum())
        rows.append(
            (threshold, right / len(linked) if len(linked) else 1.0, right / true if true else 1.0, len(linked))
        )
    return pd.DataFrame(rows, columns=["threshold", "precision", "recall", "links"])


def has_pairs(db: duckdb.DuckDBPyConnection) -> bool:
    """Say whether pairs were compared in this database (and not found again on disk)."""
    return bool(db.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [PAIRS]).fetchall())
