"""Plots of a ranker that show groups of people and never one person."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from training.groups import SMALLEST_BIN, cut_groups
from training.lists import Floats

_SHOWN = 12


def contribution_bins(
    indicators: pd.DataFrame, contributions: pd.DataFrame, smallest: int = SMALLEST_BIN
) -> pd.DataFrame:
    """Return mean value and mean contribution of each indicator in bins of at least `smallest` people.

    Parameters
    ----------
    indicators
        One column an indicator; NaN where not known (a bin of its own).
    contributions
        The same rows: what each indicator adds to the margin (and a column ``base``, which is left out).

    Returns
    -------
    DataFrame
        indicator, people, value (mean; NaN for the not known), contribution (mean), level (rank of the value
        within the indicator, 0 to 1; NaN for the not known); strongest indicator first.
    """
    names = [name for name in contributions.columns if name != "base"]
    strength = contributions[names].abs().mean().sort_values(ascending=False, kind="stable")
    parts = [
        _bins_of(str(name), indicators[name].to_numpy(np.float64), contributions[name].to_numpy(np.float64), smallest)
        for name in strength.index
        if strength[name] > 0
    ]
    columns = ["indicator", "people", "value", "contribution", "level"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _bins_of(name: str, values: Floats, contributions: Floats, smallest: int) -> pd.DataFrame:
    known = np.flatnonzero(~np.isnan(values))
    ordered = known[np.argsort(values[known], kind="stable")]
    groups = cut_groups(ordered, values[ordered], smallest)
    rows = [
        (name, len(group), values[group].mean(), contributions[group].mean(), (i + 0.5) / len(groups))
        for i, group in enumerate(groups)
    ]
    unknown = np.flatnonzero(np.isnan(values))
    if len(unknown) >= smallest:
        rows.append((name, len(unknown), np.nan, contributions[unknown].mean(), np.nan))
    return pd.DataFrame(rows, columns=["indicator", "people", "value", "contribution", "level"])


def draw_contributions(bins: pd.DataFrame) -> bytes:
    """Return a PNG of the strongest indicators: mean contribution of each bin, coloured by its value."""
    names = list(dict.fromkeys(bins["indicator"]))[:_SHOWN]
    figure = Figure(figsize=(9.0, 1.2 + 0.45 * max(len(names), 1)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for row, name in enumerate(names):
        chosen = bins[bins["indicator"] == name]
        known = chosen[chosen["level"].notna()]
        height = np.full(len(known), float(row))
        dots = axes.scatter(known["contribution"], height, c=known["level"], cmap="viridis", vmin=0.0, vmax=1.0, s=36)
        unknown = chosen[chosen["level"].isna()]
        axes.scatter(unknown["contribution"], np.full(len(unknown), float(row)), c="none", edgecolors="grey", s=48)
        if row == 0:
            figure.colorbar(dots, ax=axes, label="value: low to high (ring: not known)", ticks=[])
    axes.axvline(0.0, color="grey", linewidth=0.8)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel(f"mean contribution to the margin (each dot: at least {SMALLEST_BIN} people)")
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=120, metadata={"Software": None})
    return image.getvalue()
