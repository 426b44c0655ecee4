"""Where a stream, and what is computed from it, comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lineage:
    """What an event stream was built from.

    Attributes
    ----------
    snapshot
        The hash of the snapshot of records.
    synthetic
        Whether every person in it is made up.
    """

    snapshot: str
    synthetic: bool
