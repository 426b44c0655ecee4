"""How far indicators and scores have moved from what a bundle was trained on, by size of effect.

The bins are frozen with the bundle: round cut points and the share of people between them, nobody's value. What a
movement counts as is judged as in the profile of indicators (`features.profile`): the stability index beyond what
chance gives, Cliff's delta, and the share missing. Cliff's delta is taken over the bins, within which all count as
equal, so that it is somewhat smaller than over the numbers themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from features.profile import ProfileSettings
from features.profile.bins import Bins, Counts, frozen_bins
from features.profile.drift import chance_index, cliffs_delta, level_of, stability_index
from training.lists import Floats

MARGIN = "score"
"""The name under which the margin stands among the indicators; no indicator has it."""
_SETTINGS = ProfileSettings()
_DIGITS = 6


def freeze(indicators: pd.DataFrame, margins: Floats, as_of: str) -> dict[str, Any]:
    """Return cut points and shares of a bundle's indicators and margin, as plain JSON values for its card.

    Parameters
    ----------
    indicators
        The people of one date, with the columns that the bundle reads.
    margins
        Their margins.
    as_of
        The date.

    Returns
    -------
    dict
        as_of, people, and by name: edges, whole (numbers), shares (of all people, one a bin, then the share missing;
        fewer than ten people missing count as none).
    """
    table = {**{str(name): indicators[name].to_numpy(np.float64) for name in indicators.columns}, MARGIN: margins}
    return {"as_of": as_of, "people": len(margins), "bins": {name: _frozen(values) for name, values in table.items()}}


def _frozen(values: Floats) -> dict[str, Any]:
    bins = frozen_bins([values], _SETTINGS.bins, _SETTINGS.smallest_cell)
    counts = _counts(bins, values)
    if counts[-1] < _SETTINGS.smallest_cell:
        counts[-1] = 0
    if len(values) and counts[:-1].sum() < _SETTINGS.smallest_cell:
        counts[:-1] = 0
    shares = [float(f"{share:.{_DIGITS}g}") for share in counts / max(int(counts.sum()), 1)]
    return {"edges": list(bins.edges), "whole": bins.whole, "shares": shares}


def _counts(bins: Bins, values: Floats) -> Counts:
    missing = np.isnan(values)
    return np.append(bins.count(values[~missing]), missing.sum())


def drift(frozen: Mapping[str, Any], indicators: pd.DataFrame, margins: Floats) -> dict[str, Any]:
    """Return how far people have moved from a bundle's frozen bins.

    Parameters
    ----------
    frozen
        As `freeze` made it.
    indicators, margins
        The people now; more columns do no harm.

    Returns
    -------
    dict
        since (the date of the bins), people, score (the level of the margin: none, moderate, large; not compared
        where there are too few people), and moved: the indicators that moved, farthest first, each with name, level,
        stability_index, delta, missing_before and missing.
    """
    people = len(margins)
    told = {"since": frozen["as_of"], "people": people}
    if people < _SETTINGS.fewest_compared or frozen["people"] < _SETTINGS.fewest_compared:
        return {**told, "score": "not compared", "moved": []}
    now = {name: margins if name == MARGIN else indicators[name].to_numpy(np.float64) for name in frozen["bins"]}
    rows = [_moved(name, bins, frozen["people"], now[name]) for name, bins in frozen["bins"].items()]
    moved = [row for row in rows if row["level"] != "none" and row["name"] != MARGIN]
    moved.sort(key=lambda row: (row["level"] != "large", -row["stability_index"], row["name"]))
    return {**told, "score": next(row["level"] for row in rows if row["name"] == MARGIN), "moved": moved}


def _moved(name: str, frozen: Mapping[str, Any], people: int, values: Floats) -> dict[str, Any]:
    first = np.round(np.asarray(frozen["shares"]) * people).astype(np.int64)
    later = _counts(Bins(tuple(frozen["edges"]), frozen["whole"]), values)
    index, chance = stability_index(first, later), chance_index(first, later, _SETTINGS.false_alarm)
    known = min(first[:-1].sum(), later[:-1].sum())
    delta = _binned_delta(first[:-1], later[:-1]) if known >= _SETTINGS.fewest_compared else None
    later[-1] *= later[-1] >= _SETTINGS.smallest_cell  # as in the frozen bins: a few people missing are nobody's sign
    before, missing = (float(counts[-1] / max(counts.sum(), 1)) for counts in (first, later))
    return {
        "name": name,
        "level": level_of(index, chance, delta, missing - before, _SETTINGS),
        "stability_index": round(index, 4),
        "delta": None if delta is None else round(delta, 4),
        "missing_before": round(before, 4),
        "missing": round(missing, 4),
    }


def _binned_delta(first: Counts, later: Counts) -> float:
    """Return Cliff's delta of counts in the same bins.

    >>> _binned_delta(np.array([10, 0]), np.array([0, 10]))
    1.0
    """
    numbers = np.arange(len(first), dtype=np.float64)
    return cliffs_delta(np.repeat(numbers, first), np.repeat(numbers, later))


def lines(found: Mapping[str, Any]) -> list[str]:
    """Return a drift in plain English lines."""
    if found["score"] == "not compared":
        return [f"Drift since {found['since']}: too few people to compare."]
    moved = ", ".join(f"{row['name']} ({row['level']})" for row in found["moved"][:8])
    more = f" and {len(found['moved']) - 8} more" if len(found["moved"]) > 8 else ""
    said = f"indicators that moved: {moved}{more}" if moved else "no indicator moved"
    return [f"Drift since {found['since']}, by size of effect: score {found['score']}; {said}."]
