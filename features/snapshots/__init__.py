"""Indicator snapshots: indicators of people and dates in one Parquet file with content hash and lineage."""

from features.snapshots.content import Content
from features.snapshots.reading import IndicatorSnapshot
from features.snapshots.writing import Blocks, Written, snapshot_at

__all__ = ["Blocks", "Content", "IndicatorSnapshot", "Written", "snapshot_at"]
