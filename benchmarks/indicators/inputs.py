"""Where an input of the measurements lies and what it says about itself; nothing heavy is imported here."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

FOLDER = Path(tempfile.gettempdir()) / "drive-panel-indicator-speed"
DATES = (1, 12, 24)


@dataclass(frozen=True)
class Events:
    """One input: a folder with rows, people, what holds for all rows, and the persons and dates asked."""

    folder: Path

    @property
    def rows(self) -> Path:
        """The rows of the stream in the order of their recording."""
        return self.folder / "rows.parquet"

    @property
    def people(self) -> Path:
        """``person`` (the number in the rows) and ``person_id``."""
        return self.folder / "people.parquet"

    def column(self, name: str) -> npt.NDArray[Any]:
        """Read one column of the rows."""
        return np.asarray(self._rows.read(columns=[name])[name])

    @cached_property
    def _rows(self) -> pq.ParquetFile:
        return pq.ParquetFile(self.rows)

    def spine(self, dates: int) -> Path:
        """``person``, ``person_id``, ``as_of`` for so many dates."""
        return self.folder / f"spine-{dates}.parquet"

    @cached_property
    def about(self) -> dict[str, Any]:
        """What holds for all rows: areas, tables delivered, when which column was recorded; counts and hashes."""
        told: dict[str, Any] = json.loads((self.folder / "about.json").read_text(encoding="utf-8"))
        return told

    @property
    def recorded(self) -> Mapping[str, npt.NDArray[np.int32]]:
        """For each optional column the days on which a value of it was known."""
        return {name: np.array(spans, np.int32).reshape(-1, 2) for name, spans in self.about["recorded"].items()}

    def days(self, dates: int) -> list[int]:
        """Return the day numbers of so many dates asked, a quarter apart, back from the end of the records."""
        days: list[int] = self.about["days"]
        return days[-dates:]
