"""What changed between two indicator snapshots, and why: people, numbers, declarations, events."""

from features.changes.comparison import Counts, Records, compare
from features.changes.declared import DeclaredChange, declared_change
from features.changes.pairing import DatePair, date_pairs

__all__ = ["Counts", "DatePair", "DeclaredChange", "Records", "compare", "date_pairs", "declared_change"]
