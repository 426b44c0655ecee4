"""Compute a snapshot on this machine: one pass over the parts, all dates, no more than a part in memory."""

from __future__ import annotations

from features.catalogue import CATALOGUE, Catalogue
from features.engines.asked import Asked
from features.lineage import Lineage
from features.places import Place
from features.snapshots import Written, snapshot_at
from features.stored import Parts
from values import Progress, silent


def compute_locally(
    parts: Parts,
    asked: Asked,
    out: Place,
    lineage: Lineage,
    catalogue: Catalogue = CATALOGUE,
    progress: Progress = silent,
) -> Written:
    """Compute the indicators of the cohort of each date and write them as a snapshot.

    Parameters
    ----------
    parts
        The event stream.
    asked
        Dates and area.
    out
        The Parquet file to write.
    lineage
        What the stream was built from.
    catalogue
        The indicators.
    progress
        Told after each part.

    Raises
    ------
    PlaceUnusable
        If `out` cannot be written.
    """
    with snapshot_at(out, asked.dates, asked.area, catalogue, lineage) as blocks:
        for number in range(len(parts)):
            progress("indicators", number, len(parts))
            for block in asked.blocks(parts.part(number), catalogue):
                blocks.write(block)
        progress("indicators", len(parts), len(parts))
    return blocks.written
