"""Plain rows as a source of records, typed as the contract says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from records import contract

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

OFFENCES = pd.DataFrame(
    [
        ("10501", "violence_no_injury", 1.0),
        ("00806", "violence_injury", 19.5),
        ("00506", "violence_injury", 1460.0),
        ("00877", "strangulation", 365.0),
        ("00866", "stalking_fear", 182.25),
        ("00872", "stalking", 14.01),
        ("00802", "harassment", 10.0),
        ("00867", "coercive_control", 365.0),
        ("06639", "breach", 10.0),
        ("00301", "threats", 10.0),
        ("19C", "rape", 1825.0),
        ("17A", "sexual", 547.5),
        ("00101", "homicide", 5475.0),
        ("05801", "damage", 2.0),
        ("03603", "kidnap", 1460.0),
        ("01107", "child_cruelty", 20.0),
        ("19011", "malicious_communications", 3.33),
        ("12511", "public_order", 1.0),
        ("02802", "robbery_burglary", 18.25),
        ("10404", "emergency_worker", 5.0),
        ("99000", "other", None),
        ("99001", "other", 0.0),
    ],
    columns=["offence_code", "family", "harm_days"],
)
"""An offence reference with every family, one offence without a known weight and one that weighs nothing."""


class PlainSource:
    """The rows of one history with the dtypes of the contract; fits `features.source.RecordSource`."""

    def __init__(self, rows: Rows, extract_date: date, offences: pd.DataFrame = OFFENCES) -> None:
        self._frames = {name: _typed(name, table) for name, table in rows.items()}
        self.extract_date = extract_date
        self.offences = offences

    @property
    def tables(self) -> frozenset[str]:
        """Names of the tables that were delivered."""
        return frozenset(self._frames)

    def has(self, name: str) -> bool:
        """Say whether table `name` was delivered."""
        return name in self._frames

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return table `name`, all row versions."""
        frame = self._frames[name]
        return frame.copy() if columns is None else frame[list(columns)].copy()


def _typed(name: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    dtypes = contract.TABLES[name].dtypes
    frame = pd.DataFrame([{contract.ASSUMED: False, **row} for row in rows])
    return frame.reindex(columns=list(dtypes)).astype(dtypes)
