"""What became of a delivery: how much was read, what was kept out and why, and what it costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from values import Hash


@dataclass(frozen=True)
class Tally:
    """Rows read, accepted and quarantined; the last two always sum to the first."""

    read: int
    quarantined: int

    @property
    def accepted(self) -> int:
        """Rows that were loaded."""
        return self.read - self.quarantined

    def to_dict(self) -> dict[str, int]:
        """Return the three counts."""
        return {"read": self.read, "accepted": self.accepted, "quarantined": self.quarantined}


@dataclass(frozen=True)
class LoadReport:
    """What became of a delivery.

    Parameters
    ----------
    snapshot
        The latest snapshot, of which it is now a part; None while it waits or tables are awaited.
    synthetic
        True where the manifest says that every row is made up.
    by_table
        Rows made for each table of the contract.
    by_file
        Rows of each delivered file; a row is accepted if everything made from it was.
    reasons
        Quarantined rows of tables by reason, each counted once, and of files that could not be split into fields.
    unmapped
        For each ``table.column`` the codes that its list does not know, with their number of rows.
    contradictions
        For each ``table.column`` the keys for which a mapping had to choose between different values.
    notes
        What a reader must know, in plain words.
    quarantine_files
        The files that hold the rows kept out.
    delivery
        The name under which it is kept.
    waiting
        For each table that it would shrink too much the rows withdrawn and the rows before; it then waits to be
        confirmed and changes nothing.
    awaited
        Mandatory tables that no delivery has brought yet; without them there is no snapshot.
    """

    snapshot: Hash | None
    synthetic: bool
    by_table: dict[str, Tally]
    by_file: dict[str, Tally]
    reasons: dict[str, int]
    unmapped: dict[str, dict[str, int]]
    contradictions: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    quarantine_files: list[Path] = field(default_factory=list)
    delivery: str = ""
    waiting: dict[str, dict[str, int]] = field(default_factory=dict)
    awaited: list[str] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Rows read from all files."""
        return sum(tally.read for tally in self.by_file.values())

    @property
    def accepted(self) -> int:
        """Rows of files that were loaded."""
        return sum(tally.accepted for tally in self.by_file.values())

    @property
    def quarantined(self) -> int:
        """Rows of files that were kept out, wholly or in part."""
        return sum(tally.quarantined for tally in self.by_file.values())

    @property
    def tables(self) -> dict[str, dict[str, int]]:
        """Read, accepted and quarantined rows of each table."""
        return {name: tally.to_dict() for name, tally in self.by_table.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON; quarantine files by name, without their folder."""
        return {
            "snapshot": self.snapshot,
            "synthetic": self.synthetic,
            "read": self.read,
            "accepted": self.accepted,
            "quarantined": self.quarantined,
            "tables": self.tables,
            "files": {name: tally.to_dict() for name, tally in self.by_file.items()},
            "reasons": dict(self.reasons),
            "unmapped": self.unmapped,
            "contradictions": self.contradictions,
            "notes": list(self.notes),
            "delivery": self.delivery,
            "waiting": self.waiting,
            "awaited": list(self.awaited),
            "quarantine_files": [f"{path.parent.name}/{path.name}" for path in self.quarantine_files],
        }


def merged(counts: list[Counter[str]]) -> dict[str, int]:
    """Sum counters, the most frequent first."""
    return dict(sum(counts, Counter()).most_common())
