"""Where a stream, and what is computed from it, comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, Self

from values import Hash


class Recorded(Protocol):
    """What this room needs to know of a snapshot of records, besides its tables."""

    @property
    def hash(self) -> Hash:
        """The hash of its content."""

    @property
    def synthetic(self) -> bool:
        """Whether every person in it is made up."""

    @property
    def extract_date(self) -> date:
        """The day on which it was taken."""


@dataclass(frozen=True)
class Lineage:
    """What an event stream was built from.

    Attributes
    ----------
    snapshot
        The hash of the snapshot of records.
    synthetic
        Whether every person in it is made up.
    records_end
        The day on which the records were taken: as of a later one nothing is known.
    """

    snapshot: str
    synthetic: bool
    records_end: date

    @classmethod
    def of(cls, records: Recorded) -> Self:
        """Return the lineage of what is built from these records."""
        return cls(str(records.hash), records.synthetic, records.extract_date)

    @classmethod
    def told(cls, description: Mapping[str, Any]) -> Self:
        """Return the lineage that a description holds; see `to_dict`."""
        ends = date.fromisoformat(description["records_end"])
        return cls(description["snapshot"], description["synthetic"], ends)

    def to_dict(self) -> dict[str, Any]:
        """Return the lineage as plain JSON values."""
        return {"snapshot": self.snapshot, "synthetic": self.synthetic, "records_end": self.records_end.isoformat()}
