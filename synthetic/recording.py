"""What the police write down: one row an incident, with recorded roles, late rows and counter-allegations."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthetic import parameters
from synthetic.people import EXTRACT, Bools, pick
from synthetic.randomness import stream
from synthetic.settings import ForceSettings
from synthetic.world import World
from values import day_number

_COUNTING = day_number(parameters.COUNTING_RULE_FROM)
_DARA = day_number(parameters.DARA_FROM)


def victim_numbers(world: World) -> pd.Series:
    """Return the person number of each couple's victim: victims follow the suspects."""
    return len(world.suspects) + world.couples["victim"]


def _domestic(world: World) -> pd.DataFrame:
    events = world.events
    victim = victim_numbers(world).to_numpy()[events["couple"].to_numpy()]
    return events.assign(
        suspect=events["person"], victim=victim, domestic=True, kind="domestic", event=np.arange(len(events))
    )


def _not_domestic(world: World) -> pd.DataFrame:
    other = world.other
    return other.assign(
        suspect=other["person"],
        victim=-1,
        couple=-1,
        event=-1,
        domestic=False,
        kind="other",
        area=world.suspects["area"].to_numpy()[other["person"].to_numpy()],
        family="other",
        strangled=False,
        serious=False,
    )


def offence_if_crime(crime: Bools, code: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the offence codes of crimes; a non-crime incident has none."""
    return np.asarray(pd.Series(code, dtype=object).where(crime, None).to_numpy())


def reversed_rows(rows: pd.DataFrame, kind: str, rng: np.random.Generator) -> pd.DataFrame:
    """Turn incidents round: the victim is recorded as suspect of a lesser incident of its own soon after."""
    size = len(rows)
    occurred = rows["occurred"].to_numpy() + rng.integers(0, 30, size)
    reported = np.maximum(occurred, rows["reported"].to_numpy())
    crime = rng.random(size) < parameters.CRIMED
    code = offence_if_crime(crime, np.where(rng.random(size) < 0.7, "10501", "14900"))
    arrested = np.where(crime & (rng.random(size) < 0.4), reported, np.nan)
    closed = np.where(crime, reported + 4 + np.floor(rng.gamma(*parameters.OUTCOME_DAYS, size)), np.nan)
    swapped = rows.assign(
        suspect=rows["victim"], victim=rows["suspect"], event=-1, kind=kind, occurred=occurred, reported=reported,
        recorded=reported + rows["lag"], crime=crime, code=code, arrested=arrested, charged=np.nan, closed=closed,
        convicted=np.nan, outcome=np.where(crime, np.where(rng.random(size) < 0.6, "16", "15"), ""),
        family=np.where(crime, "violence_no_injury", "non_crime"), strangled=False, serious=False,
        reported_by=np.where(rng.random(size) < 0.8, "victim", "police"), both_roles=False,
    )  # fmt: skip
    return swapped[swapped["recorded"] <= EXTRACT]


def add_flags(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add the circumstances that an officer ticks, and the risk grade."""
    size = len(rows)
    family = rows["family"]
    injury = family.map(dict(parameters.INJURY)).fillna(parameters.INJURY_OTHERWISE).to_numpy()
    weapon = np.where(family == "violence_injury", parameters.WEAPON_WITH_INJURY, parameters.FLAGS["weapon"])
    edges = np.cumsum([parameters.RISK_GRADES["other"], parameters.RISK_GRADES["serious"]], axis=1)[
        rows["serious"].to_numpy(dtype=int)
    ]
    grade = (rng.random(size)[:, None] > edges[:, :2]).sum(axis=1)
    return rows.assign(
        injury=rng.random(size) < injury,
        weapon=rng.random(size) < weapon,
        children_present=(rng.random(size) < parameters.CHILDREN) & rows["domestic"],
        alcohol=rng.random(size) < parameters.FLAGS["alcohol"],
        drugs=rng.random(size) < parameters.FLAGS["drugs"],
        risk_grade=np.where(rows["domestic"], np.array(["standard", "medium", "high"])[grade], ""),
    )


def write_down(world: World, settings: ForceSettings) -> pd.DataFrame:
    """Return the incidents as recorded, before any planted defect.

    Returns
    -------
    DataFrame
        One row an incident: `suspect`, `victim` (person numbers, victim -1 where none), `both_roles`,
        `event` (row of `world.events`, -1 where there is none behind it), `kind` (domestic, other, reversed),
        day numbers `occurred`, `reported`, `recorded`, and what the contract's columns need.
    """
    rng = stream(settings.seed, "recording")
    domestic = _domestic(world)
    domestic = domestic.assign(
        reported_by=pick(rng, parameters.REPORTED_BY, len(domestic)),
        both_roles=rng.random(len(domestic)) < parameters.BOTH_ROLES,
    )
    other = _not_domestic(world)
    other = other.assign(reported_by=pick(rng, {"third_party": 0.6, "police": 0.4}, len(other)), both_roles=False)
    turned = reversed_rows(domestic[rng.random(len(domestic)) < parameters.ROLE_REVERSED], "reversed", rng)
    rows = pd.concat([domestic, other, turned], ignore_index=True)
    rows = add_flags(rows[rows["recorded"] <= EXTRACT].reset_index(drop=True), rng)
    return add_corrections(rows, rng)


def add_corrections(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add `corrected` (day number of a second version, NaN where none) and what the first version said."""
    size = len(rows)
    when = rows["recorded"].to_numpy() + rng.integers(5, 400, size)
    has = (rng.random(size) < parameters.CORRECTED) & (when <= EXTRACT)
    what = pick(rng, {"domestic": 0.4, "code": 0.4, "crime": 0.2}, size)
    crime = rows["crime"].to_numpy(dtype=bool)
    what = np.where((what != "domestic") & ~crime, "domestic", what)  # only a crime has a code to correct
    return rows.assign(corrected=np.where(has, when, np.nan), correction=np.where(has, what, ""))


def tool_of(reported: pd.Series) -> pd.DataFrame:
    """Return risk tool and version in use on the day: DASH, later DARA."""
    dara = (reported >= _DARA).to_numpy()
    return pd.DataFrame(
        {"risk_tool": np.where(dara, "dara", "dash"), "risk_tool_version": np.where(dara, "2022", "2009")}
    )


def regime_of(reported: pd.Series) -> np.ndarray:
    """Return the Home Office counting rules in force on the day of the report."""
    return np.where(reported >= _COUNTING, "from_2023_06", "before_2023_06")
