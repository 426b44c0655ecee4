"""Every cell of every engine beside ours: ``python -m benchmarks.indicators.equal --incidents 200000 --dates 12``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.indicators.inputs import FOLDER, Events
from benchmarks.indicators.run import RIVALS, asked, engine
from features.catalogue import CATALOGUE

TOLERANCE = 1e-5  # of the value, or absolute below 1


def answers(name: str, events: Events, dates: int) -> pd.DataFrame:
    """Return an engine's answers, sorted by person and date."""
    module = engine(name)
    table = module.frame(module.compute(events, dates, asked(events, dates)))
    table["as_of"] = table["as_of"].astype("datetime64[s]")
    return table.sort_values(["person_id", "as_of"], ignore_index=True)


def differences(ours: pd.DataFrame, theirs: pd.DataFrame) -> dict[str, int]:
    """Return how many cells of each indicator differ; all of them where the persons and dates do."""
    keys = ["person_id", "as_of"]
    if len(ours) != len(theirs) or not (ours[keys].astype("str") == theirs[keys].astype("str")).all(axis=None):
        return dict.fromkeys(CATALOGUE.names, max(len(ours), len(theirs)))
    return {name: int(_differ(ours[name], theirs[name]).sum()) for name in CATALOGUE.names}


def _differ(ours: pd.Series[Any], theirs: pd.Series[Any]) -> Any:
    """Say which cells differ: at all where the indicator has whole numbers only, else by more than the tolerance."""
    one, two = ours.to_numpy(np.float64), theirs.to_numpy(np.float64, na_value=np.nan)
    whole = bool((np.isnan(one) | (one == np.rint(one))).all())
    near = np.abs(one - two) <= (0 if whole else TOLERANCE * np.maximum(1, np.abs(one)))
    return ~(near | (np.isnan(one) & np.isnan(two)))


def main() -> int:
    """Compare and tell; 1 where any cell differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=200_000)
    parser.add_argument("--dates", type=int, default=12)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--engines", default=",".join(RIVALS))
    from benchmarks.indicators.events import made
    from drive_panel.output import progress_bars

    said = parser.parse_args()
    with progress_bars() as progress:
        events = made(said.folder, said.incidents, progress)
    ours, any_differ = answers("ours", events, said.dates), False
    for name in said.engines.split(","):
        found = differences(ours, answers(name, events, said.dates))
        wrong = {indicator: cells for indicator, cells in found.items() if cells}
        any_differ |= bool(wrong)
        print(f"{name}: {sum(wrong.values())} of {len(ours) * len(CATALOGUE)} cells differ {wrong or ''}")
    return int(any_differ)


if __name__ == "__main__":
    sys.exit(main())
