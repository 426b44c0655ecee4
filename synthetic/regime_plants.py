"""Planted breaks in how incidents are recorded: new rules that no column names, a system change that lost months."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synthetic import parameters
from synthetic.planted import Planted, RowPlant, no_crimes, touch
from synthetic.settings import ForceSettings, Plant
from synthetic.world import World
from values import day_number

_RULES, _TOOL = day_number(parameters.COUNTING_RULE_FROM), day_number(parameters.DARA_FROM)
_HIGHER = {"standard": "medium", "medium": "high", "high": "high", "": ""}


def _regime_break(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    """Sharpen the default's breaks; `table_plants` blanks the columns that would name them."""
    rows = planted.rows
    reported = rows["reported"].to_numpy()
    domestic = rows["domestic"].to_numpy(dtype=bool)
    counted = domestic & rows["crime"].to_numpy(dtype=bool) & rows["family"].isin(parameters.BREAK_FAMILIES).to_numpy()
    dropped = counted & (reported >= _RULES) & (rng.random(len(rows)) < parameters.BREAK_DROPPED)
    higher = domestic & (reported >= _TOOL) & (rng.random(len(rows)) < parameters.BREAK_HIGHER)
    higher &= rows["risk_grade"].isin(["standard", "medium"]).to_numpy()
    changed = no_crimes(rows, dropped)
    changed["risk_grade"] = changed["risk_grade"].mask(higher, changed["risk_grade"].map(_HIGHER))
    return touch(planted, changed, changed[dropped | higher], plant, "set")


def _it_cutover(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    """Lose the months of a system change: ONS dropped a whole force's series for one."""
    rows = planted.rows
    first, last = (day_number(day) for day in parameters.CUTOVER)
    gone = rows["recorded"].between(first, last).to_numpy()
    if "area" in plant.options:
        gone &= (rows["area"] == plant.options["area"]).to_numpy()
    return touch(planted, rows[~gone], rows[gone], plant, "removed")


REGIME_PLANTS: Mapping[str, RowPlant] = {"regime_break": _regime_break, "it_cutover": _it_cutover}
