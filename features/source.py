"""What this room needs of a snapshot of records; `records.Snapshot` fits it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import pandas as pd


class RecordSource(Protocol):
    """Tables of the data contract, every row with ``known_from``, ``known_to`` and whether the first is assumed."""

    @property
    def tables(self) -> frozenset[str]:
        """Names of the tables that were delivered."""

    @property
    def extract_date(self) -> date:
        """The day the extract was taken."""

    @property
    def offences(self) -> pd.DataFrame:
        """The offence reference: ``offence_code``, ``family``, ``harm_days`` (NaN = unknown)."""

    def has(self, name: str) -> bool:
        """Say whether table `name` was delivered."""

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return table `name`, all row versions."""
