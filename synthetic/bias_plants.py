"""Planted defects by which the records tilt: watching, charging, hiding a pattern, knowing only from partners.

Failures are numbered as in docs/synthetic-force.md.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from synthetic import parameters
from synthetic.people import EXTRACT, Ints, pick
from synthetic.planted import Planted, RowPlant, no_crimes, police_generated, target, touch
from synthetic.randomness import stream
from synthetic.settings import ForceSettings, Plant
from synthetic.world import World


def _feedback_loop(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    """Record more of people because they were selected: a score would then rise by itself (failure 10)."""
    rows = planted.rows
    times = int(plant.options.get("n", parameters.FEEDBACK_INCIDENTS))
    own = rows[(rows["kind"] == "domestic").to_numpy() & (rows["victim"] >= 0).to_numpy()]
    referred = planted.referred.rename(columns={"person": "suspect"})
    pairs = referred.merge(own, on="suspect")
    pairs = pairs[pairs["recorded"] <= pairs["referred"]].sort_values(["suspect", "recorded"], kind="stable")
    last = pairs.drop_duplicates("suspect", keep="last")
    last = last.loc[last.index.repeat(times)].reset_index(drop=True)
    occurred = last["referred"].to_numpy() + rng.integers(1, 366, len(last))
    added = police_generated(last[rows.columns], occurred, planted, world, rng)
    return touch(planted, pd.concat([rows, added]), added, plant, "added")


def _charge_bias(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    """Let a charge depend on who is charged: a label of charges would learn it (failure 12)."""
    rows = planted.rows.copy()
    closed = rows["crime"].to_numpy(dtype=bool) & (rows["closed"] <= EXTRACT).to_numpy()
    closed &= rows["charged"].isna().to_numpy()
    hit = target(planted, world, plant, settings) & closed & (rng.random(len(rows)) < parameters.CHARGE_BIAS)
    rows["charged"] = rows["charged"].mask(hit, rows["closed"])
    rows["outcome"] = rows["outcome"].mask(hit, "1")
    return touch(planted, rows, rows[hit], plant, "set")


def controlled_couples(world: World, wanted: int, rng: np.random.Generator) -> Ints:
    """Return couples with coercive control among three or more incidents."""
    events = world.events
    often = events.groupby("couple").size()
    control = events.loc[(events["family"] == "coercive_control").to_numpy(), "couple"].unique()
    found = np.sort(control[often.reindex(control).to_numpy() >= parameters.HIDDEN_LEAST])
    return np.asarray(found[rng.permutation(len(found))[:wanted]])


def _hidden_control(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    """Record a pattern without a grave offence: what a harm index does not see (failure 13)."""
    chosen = controlled_couples(world, int(plant.options.get("n", parameters.HIDDEN_COUPLES)), rng)
    rows = planted.rows
    hit = (rows["kind"] == "domestic").to_numpy() & rows["couple"].isin(chosen).to_numpy()
    light = pick(rng, parameters.HIDDEN_AS, len(rows))
    crime = rows["crime"].to_numpy(dtype=bool)
    family = pd.Series(light).map(dict(parameters.HIDDEN_FAMILY)).to_numpy(dtype=object)
    changed = rows.assign(
        code=np.where(hit & crime, light, rows["code"].to_numpy(dtype=object)),
        family=np.where(hit & crime, family, rows["family"]),
        serious=rows["serious"].to_numpy(dtype=bool) & ~hit,
        risk_grade=np.where(hit, "standard", rows["risk_grade"]),
        **{name: rows[name].to_numpy(dtype=bool) & ~hit for name in ("strangled", "injury", "weapon")},
    )
    first = changed["correction"].isin(["code", "crime"]).to_numpy() & hit  # an older version would tell
    changed["corrected"] = changed["corrected"].mask(first)
    changed["correction"] = changed["correction"].mask(first, "")
    changed = no_crimes(changed, hit & crime & (light == ""))
    return touch(planted, changed, changed[hit], plant, "overwritten")


def partners_only(world: World, plant: Plant, settings: ForceSettings) -> Ints:
    """Return suspects, heard at MARAC, whom the plant takes out of the police's records; the same wherever asked."""
    rng = stream(settings.seed, "known to partners only")
    heard = np.unique(world.couples["suspect"].to_numpy()[world.hearings["couple"].to_numpy()])
    return np.sort(heard[rng.permutation(len(heard))[: int(plant.options.get("n", parameters.PARTNERS_ONLY))]])


def _partner_agency_only(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    """Leave people out of police records: no ranking of those can find them (failure 3)."""
    rows = planted.rows
    hidden = partners_only(world, plant, settings)
    gone = rows["suspect"].isin(hidden).to_numpy() | rows["victim"].isin(hidden).to_numpy()
    return touch(planted, rows[~gone], rows[gone], plant, "removed")


BIAS_PLANTS: Mapping[str, RowPlant] = {
    "feedback_loop": _feedback_loop,
    "charge_bias": _charge_bias,
    "hidden_control": _hidden_control,
    "partner_agency_only": _partner_agency_only,
}
