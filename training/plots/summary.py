"""Each indicator's contributions in bins of people, and the strongest indicators in one picture."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training.groups import SMALLEST_BIN, cut_groups
from training.lists import Floats
from training.plots.canvas import canvas, png

_SHOWN = 12
_COLUMNS = ["indicator", "people", "value", "contribution", "spread", "level"]


def contribution_bins(
    indicators: pd.DataFrame, contributions: pd.DataFrame, smallest: int = SMALLEST_BIN
) -> pd.DataFrame:
    """Return mean value and mean contribution of each indicator in bins of at least `smallest` people.

    Parameters
    ----------
    indicators
        One row a person, one column an indicator; NaN where not known (a bin of its own).
    contributions
        The same rows: what each indicator adds to the margin (and a column ``base``, which is left out).

    Returns
    -------
    DataFrame
        indicator, people, value (mean; NaN for the not known), contribution (mean), spread (standard deviation of
        the contributions), level (rank of the value within the indicator, 0 to 1; NaN for the not known);
        strongest indicator first. What fewer people share is joined to its neighbours; fewer people of whom a value
        is not known are left out.
    """
    parts = [
        _bins_of(name, indicators[name].to_numpy(np.float64), contributions[name].to_numpy(np.float64), smallest)
        for name in strongest(contributions)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COLUMNS)


def strongest(contributions: pd.DataFrame) -> list[str]:
    """Return the indicators that move any margin, by how far they move it on average, furthest first."""
    strength = contributions.drop(columns="base", errors="ignore").abs().mean()
    ordered = strength.sort_values(ascending=False, kind="stable")
    return [str(name) for name in ordered.index if ordered[name] > 0]


def _bins_of(name: str, values: Floats, contributions: Floats, smallest: int) -> pd.DataFrame:
    known = np.flatnonzero(~np.isnan(values))
    ordered = known[np.argsort(values[known], kind="stable")]
    groups = cut_groups(ordered, values[ordered], smallest)
    rows = [
        (name, len(group), values[group].mean(), *_told(contributions[group]), (i + 0.5) / len(groups))
        for i, group in enumerate(groups)
    ]
    unknown = np.flatnonzero(np.isnan(values))
    if len(unknown) >= smallest:
        rows.append((name, len(unknown), np.nan, *_told(contributions[unknown]), np.nan))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _told(contributions: Floats) -> tuple[float, float]:
    return float(contributions.mean()), float(contributions.std())


def draw_summary(bins: pd.DataFrame) -> bytes:
    """Return a PNG of the strongest indicators: mean contribution of each bin, coloured by its value."""
    names = list(dict.fromkeys(bins["indicator"]))[:_SHOWN]
    figure = canvas(9.0, 1.2 + 0.45 * max(len(names), 1))
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
    return png(figure)
