"""How two indicators move the margin together, over a grid of their values whose fields hold ten people or more."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from training.groups import SMALLEST_BIN, cut_groups
from training.interactions import Pair
from training.lists import Floats, Ints
from training.plots.canvas import canvas, png

SHOWN = 3
"""Pairs drawn, the strongest."""
_BINS = 5
_COLUMNS = ["first", "second", "first_value", "second_value", "people", "interaction"]


def strengths(found: Mapping[Pair, Floats], names: list[str]) -> pd.DataFrame:
    """Return every pair and how far it moves the margin on average beyond both alone (mean of the absolute values)."""
    rows = [(names[a], names[b], float(np.abs(values).mean())) for (a, b), values in sorted(found.items())]
    table = pd.DataFrame(rows, columns=["first", "second", "strength"])
    return table.sort_values("strength", ascending=False, kind="stable", ignore_index=True)


def interaction_grids(
    indicators: pd.DataFrame, found: Mapping[Pair, Floats], smallest: int = SMALLEST_BIN
) -> tuple[pd.DataFrame, int]:
    """Return the mean interaction in each field of the strongest pairs' grids, and how many fields are withheld.

    Parameters
    ----------
    indicators
        One row a person, in the column order that the pairs count in.
    found
        As `interactions` gives it.

    Returns
    -------
    DataFrame
        first, second (indicators), first_value, second_value (the mean of the bin, NaN for the not known), people,
        interaction (mean). A field with 1 to ``smallest - 1`` people is not there.
    int
        Those fields.
    """
    names = [str(name) for name in indicators.columns]
    rows: list[tuple[str, str, float, float, int, float]] = []
    withheld = 0
    chosen = strengths(found, names).head(SHOWN)
    for first, second in zip(chosen["first"], chosen["second"], strict=True):
        values = found[names.index(first), names.index(second)]
        across, down = (indicators[name].to_numpy(np.float64) for name in (first, second))
        for one in _bins(across, smallest):
            for other in _bins(down, smallest):
                field = np.intersect1d(one, other)
                if len(field) >= smallest:
                    told = (float(across[one].mean()), float(down[other].mean()), len(field))
                    rows.append((first, second, *told, float(values[field].mean())))
                else:
                    withheld += len(field) > 0
    return pd.DataFrame(rows, columns=_COLUMNS), withheld


def _bins(values: Floats, smallest: int) -> list[Ints]:
    known = np.flatnonzero(~np.isnan(values))
    ordered = known[np.argsort(values[known], kind="stable")]
    unknown = np.flatnonzero(np.isnan(values))
    return [*cut_groups(ordered, values[ordered], smallest, _BINS), *([unknown] if len(unknown) >= smallest else [])]


def draw_interactions(grids: pd.DataFrame) -> bytes:
    """Return a PNG with one grid a pair; a field without a colour is empty or withheld."""
    pairs = list(dict.fromkeys(zip(grids["first"], grids["second"], strict=True)))
    figure = canvas(4.2 * len(pairs), 3.9)
    for number, (first, second) in enumerate(pairs):
        axes = figure.add_subplot(1, len(pairs), number + 1)
        chosen = grids[(grids["first"] == first) & (grids["second"] == second)]
        (wide, across), (high, down) = (_steps(chosen[name]) for name in ("first_value", "second_value"))
        colours = np.full((len(high), len(wide)), np.nan)
        colours[down, across] = chosen["interaction"]
        most = float(np.nanmax(np.abs(colours)))
        shown = axes.imshow(colours, cmap="PuOr", vmin=-most, vmax=most, origin="lower", aspect="auto")
        axes.set_xticks(range(len(wide)), wide, fontsize=7)
        axes.set_yticks(range(len(high)), high, fontsize=7)
        axes.set_xlabel(first, fontsize=8)
        axes.set_ylabel(second, fontsize=8)
        figure.colorbar(shown, ax=axes).ax.tick_params(labelsize=7)
    figure.suptitle(f"moved together beyond both alone (each field: at least {SMALLEST_BIN} people)", fontsize=9)
    return png(figure)


def _steps(values: pd.Series[float]) -> tuple[list[str], Ints]:
    """Return a label a bin, and which bin each field is in."""
    bins, number = np.unique(values.to_numpy(np.float64), return_inverse=True)
    return ["not known" if np.isnan(each) else f"{each:.4g}" for each in bins], np.asarray(number, dtype=np.int64)
