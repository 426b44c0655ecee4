"""The whole profile as one document of plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from features.profile.bins import Bins, Values, frozen_bins
from features.profile.clusters import clusters
from features.profile.distribution import counted, spread, standing, together
from features.profile.drift import chance_index, cliffs_delta, level_of, stability_index
from features.profile.findings import findings
from features.profile.rules import across, dates_around
from features.profile.settings import ProfileSettings
from features.profile.source import NOTHING_DECLARED, Facts, IndicatorColumns, RuleChange
from values import Progress, number_day, silent

VERSION = 1


def profile(
    table: IndicatorColumns,
    facts: Mapping[str, Facts],
    changes: Sequence[RuleChange] = (),
    lineage: Mapping[str, Any] | None = None,
    settings: ProfileSettings | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Return how every indicator of a table is spread, missing, moving and alike.

    One column is held at a time, so memory grows with the rows and not with the indicators.

    Parameters
    ----------
    table
        Numbers of people as of one or more dates.
    facts
        What is declared of each indicator.
    changes
        Changes of recording rules to look around.
    lineage
        What the table says of itself (hash, records snapshot, catalogue version, synthetic): taken over as it is.
    settings
        What counts as small, moved or alike.
    progress
        Told after each indicator.

    Returns
    -------
    dict
        Plain values for JSON. None is withheld or not known; no mean, least or largest value is in it.
    """
    settings = settings or ProfileSettings()
    rows = _rows_by_date(table.days)
    dates = list(rows)
    sampled = _sample(rows[dates[-1]], settings) if dates else np.empty(0, dtype=np.int64)
    sample = np.empty((len(sampled), len(table.names)), dtype=np.float64)
    told = []
    for number, name in enumerate(table.names):
        progress("profile", number, len(table.names))
        column = table.column(name)
        sample[:, number] = column[sampled]
        own = facts.get(name, NOTHING_DECLARED)
        told.append(_indicator(name, own, {day: column[chosen] for day, chosen in rows.items()}, changes, settings))
    progress("profile", len(table.names), len(table.names))
    smallest = settings.smallest_cell
    document: dict[str, Any] = {
        "document": "indicator profile",
        "version": VERSION,
        **(lineage or {}),
        "settings": settings.to_dict(),
        "dates": [
            {"as_of": day.isoformat(), "people": len(chosen) if len(chosen) >= smallest else None}
            for day, chosen in rows.items()
        ],
        "indicators": told,
        "rule_changes": [dates_around(change, dates) for change in changes],
        "clusters": {
            "as_of": dates[-1].isoformat() if dates else None,
            "people": len(sampled) if len(sampled) >= smallest else None,
            "found": clusters(table.names, sample, settings),
        },
    }
    document["findings"] = findings(document)
    return document


def _rows_by_date(days: npt.NDArray[np.int32]) -> dict[date, npt.NDArray[np.int64]]:
    return {number_day(int(day)): np.flatnonzero(days == day) for day in np.unique(days)}


def _sample(rows: npt.NDArray[np.int64], settings: ProfileSettings) -> npt.NDArray[np.int64]:
    if len(rows) <= settings.sample:
        return rows
    return np.sort(np.random.default_rng(settings.seed).choice(rows, settings.sample, replace=False))


def _indicator(
    name: str,
    facts: Facts,
    values: Mapping[date, Values],
    changes: Sequence[RuleChange],
    settings: ProfileSettings,
) -> dict[str, Any]:
    parts = list(values.values())
    bins = frozen_bins(parts, settings.bins, settings.smallest_cell)
    spreads = [{"as_of": day.isoformat(), **spread(part, bins, settings.smallest_cell)} for day, part in values.items()]
    present = {day: part[~np.isnan(part)] for day, part in values.items()}
    around = {change.name: across(change, facts, present, settings) for change in changes}
    return {
        "name": name,
        "group": facts.group,
        "question": facts.question,
        "unit": facts.unit,
        "window": facts.window,
        "standing": standing(parts),
        "bins": list(bins.labels),
        "dates": spreads,
        "drift": [
            {"as_of": later["as_of"], **_drift(parts[0], part, bins, (spreads[0], later), settings)}
            for later, part in zip(spreads[1:], parts[1:], strict=True)
        ],
        "rule_changes": {change: told for change, told in around.items() if told is not None},
    }


def _drift(
    first: Values, later: Values, bins: Bins, told: tuple[Mapping[str, Any], ...], settings: ProfileSettings
) -> dict[str, Any]:
    """Compare a later date with the first; nothing is said of what is withheld on either."""
    if any(each["people"] is None for each in told):
        return {"psi": None, "chance": None, "delta": None, "missing": None, "level": "not known"}
    counts = together(told[0], told[1], [np.append(*counted(part, bins)) for part in (first, later)])
    index, chance = stability_index(*counts), chance_index(counts[0], counts[1], settings.false_alarm)
    present = [part[~np.isnan(part)] for part in (first, later)]
    known = min(len(part) for part in present) >= settings.fewest_compared
    delta = cliffs_delta(present[0], present[1]) if known else None
    shares = [each["share_missing"] for each in told]
    missing = None if None in shares else shares[1] - shares[0]
    return {
        "psi": round(index, 3),
        "chance": round(chance, 3),
        "delta": None if delta is None else round(delta, 2),
        "missing": missing,
        "level": level_of(index, chance, delta, missing or 0.0, settings),
    }
