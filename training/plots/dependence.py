"""How an indicator's contribution follows its value, bin by bin."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training.groups import SMALLEST_BIN
from training.plots.canvas import canvas, png

SHOWN = 6
"""Indicators drawn, the strongest."""
_ACROSS = 3


def draw_dependence(bins: pd.DataFrame) -> bytes:
    """Return a PNG with one field an indicator.

    Parameters
    ----------
    bins
        As `contribution_bins` gives them, of at most `SHOWN` indicators. A dot is a bin's mean, its bar one standard
        deviation of the contributions in the bin; the line across is the bin of those of whom the value is not known.
    """
    names = list(dict.fromkeys(bins["indicator"]))
    down = max(-(-len(names) // _ACROSS), 1)
    figure = canvas(10.5, 2.9 * down)
    for number, name in enumerate(names):
        axes = figure.add_subplot(down, _ACROSS, number + 1)
        chosen = bins[bins["indicator"] == name]
        known, unknown = chosen[chosen["value"].notna()], chosen[chosen["value"].isna()]
        axes.errorbar(known["value"], known["contribution"], yerr=known["spread"], fmt="o-", markersize=4, capsize=2)
        for height in np.asarray(unknown["contribution"], dtype=np.float64):
            axes.axhline(float(height), color="grey", linestyle="--", linewidth=1.0)
        axes.axhline(0.0, color="grey", linewidth=0.8)
        axes.set_title(name, fontsize=8)
        axes.tick_params(labelsize=7)
    figure.supxlabel("value (dashed: not known)", fontsize=8)
    figure.supylabel(f"contribution (each dot: at least {SMALLEST_BIN} people)", fontsize=8)
    return png(figure)
