"""What is asked of an engine: the cohort of which dates, and in which area."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.catalogue import Catalogue
from features.cohort import select_cohort
from features.events import EventStream
from features.indicators import compute_blocks
from features.stored.parting import buckets_of
from values import AsOf

BLOCK = 32_768  # rows computed and written together, so that memory does not grow with the number of dates


@dataclass(frozen=True)
class Asked:
    """The cohort as of each date, as `features.select_cohort` finds it.

    Attributes
    ----------
    dates
        Ascending, each once.
    area
        One area only; all where None.
    """

    dates: tuple[AsOf, ...]
    area: str | None = None

    def spine(self, part: EventStream) -> pd.DataFrame:
        """Return person and date of every row asked of a part, sorted by bucket, person and date."""
        cohorts = [part.persons(select_cohort(part, date, self.area)["person_id"]) for date in self.dates]
        people = np.concatenate([np.empty(0, dtype=np.int64), *cohorts])
        dates = np.repeat(np.arange(len(self.dates)), [len(cohort) for cohort in cohorts])
        order = np.lexsort([dates, people, buckets_of(part.person_ids)[people]])
        days = np.array([date.day for date in self.dates], dtype="datetime64[s]")
        return pd.DataFrame(
            {"person_id": pd.array(part.person_ids[people[order]], dtype="str"), "as_of": days[dates[order]]}
        )

    def blocks(self, part: EventStream, catalogue: Catalogue) -> Iterator[pd.DataFrame]:
        """Yield the indicators of a part, some thousand rows at a time, in the order of `spine`."""
        yield from compute_blocks(part, self.spine(part), BLOCK, catalogue)
