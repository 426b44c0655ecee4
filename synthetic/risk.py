"""The true risk of a grade 2 or 3 outcome, from the mechanism that makes the incidents.

Grade 3 is serious harm, grade 2 a new victim or a MARAC hearing, in the 365 days after T. The risk is
conditional on everything that happened up to T and on the person's latent values: nobody could know more
without seeing the future. It bounds what any ranking can reach on this force.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from synthetic import parameters
from synthetic.hearings import hearing_chance
from synthetic.incidents import serious_share
from synthetic.people import EXTRACT, Bools, Floats
from synthetic.settings import EXTRACT_DATE, LOW_REPEAT_AREA, ForceSettings
from synthetic.world import World
from values import day_number

HORIZON = 365
LAG = 90
"""Days after the horizon by which an outcome must be recorded to count."""

_CELLS = 24
_STEP = HORIZON / _CELLS
_MIDDLE = (np.arange(_CELLS) + 0.5) * _STEP
_MEAN_DELAY = sum(parameters.HEARING_DELAY) / 2


def half_years(settings: ForceSettings) -> list[date]:
    """Return the half-year ends with two years of history before them."""
    first = settings.start.year + 2
    ends = [date(y, m, d) for y in range(first, EXTRACT_DATE.year + 1) for m, d in ((6, 30), (12, 31))]
    return [day for day in ends if settings.start.replace(year=first) <= day <= EXTRACT_DATE]


def cohort_at(world: World, as_of: int) -> pd.Series:
    """Return the suspects with a domestic incident in the 24 months before, on record by then."""
    events = world.events
    known = (events["recorded"] <= as_of) & (events["occurred"] <= as_of) & (events["occurred"] > as_of - 730)
    return pd.Series(np.sort(events.loc[known, "person"].unique()), name="person")


def outcomes_after(world: World, person: pd.Series, as_of: int) -> Bools:
    """Say who has a grade 2 or 3 outcome in the 365 days after, on record 90 days later."""
    events, hearings = world.events, world.hearings
    after = (events["occurred"] > as_of) & (events["occurred"] <= as_of + HORIZON)
    known = after & (events["recorded"] <= as_of + HORIZON + LAG)
    hit = events.loc[known & (events["serious"] | events["new_victim"]), "person"]
    heard = hearings.loc[(hearings["heard"] > as_of) & (hearings["heard"] <= as_of + HORIZON), "couple"]
    return person.isin(hit).to_numpy() | person.isin(world.couples["suspect"].reindex(heard)).to_numpy()


def _excitement(world: World, as_of: int) -> list[Floats]:
    """Sum the decaying traces of everyone's incidents up to T, one array a part of the kernel."""
    past = pd.concat([world.earlier, world.events[["person", "occurred"]]])
    past = past[past["occurred"] <= as_of]
    age = as_of - past["occurred"].to_numpy()
    person, size = past["person"].to_numpy(), len(world.suspects)
    return [
        np.asarray(np.bincount(person, weights=np.exp(-age / scale), minlength=size)) for scale in parameters.DELAY_DAYS
    ]


def _arrivals(world: World, person: pd.Series, as_of: int) -> Floats:
    """Return expected first-generation incidents (persons x cells); none while in custody at T."""
    suspects = world.suspects.iloc[person.to_numpy()]
    fade = parameters.BACKGROUND_FADE_YEARS * parameters.YEAR
    since = (as_of - suspects["onset"].to_numpy())[:, None] + _MIDDLE
    expected = suspects["background"].to_numpy()[:, None] * np.exp(-since / fade) * _STEP
    for part, share, scale in zip(
        _excitement(world, as_of), parameters.DELAY_SHARE, parameters.DELAY_DAYS, strict=True
    ):
        falling = np.exp(-(_MIDDLE - _STEP / 2) / scale) - np.exp(-(_MIDDLE + _STEP / 2) / scale)
        trace = (suspects["offspring"].to_numpy() * share * part[person.to_numpy()])[:, None]
        expected = expected + trace * falling
    held = world.custody[(world.custody["starts"] <= as_of) & (world.custody["ends"] > as_of)]
    until = held.groupby("person")["ends"].max().reindex(person).fillna(as_of).to_numpy() - as_of
    return np.asarray(expected * (until[:, None] <= _MIDDLE))


def _latest_couples(world: World, person: pd.Series, as_of: int) -> pd.DataFrame:
    """Return, for each person, sex of the latest victim, area with few repeats, and days since last heard."""
    past = world.events[world.events["occurred"] <= as_of]
    couple = past.groupby("person")["couple"].last().reindex(person).to_numpy()
    heard = world.hearings[(world.hearings["heard"] <= as_of) & (world.hearings["event"] >= 0)]
    last = heard.groupby("couple")["heard"].max().reindex(couple).to_numpy()
    return pd.DataFrame(
        {
            "male": world.couples["male"].to_numpy()[couple],
            "low": world.couples["area"].to_numpy()[couple] == LOW_REPEAT_AREA,
            "age": as_of - last,
        }
    )


def _qualifying(world: World, person: pd.Series, as_of: int) -> Floats:
    """Return the probability that an incident in each cell qualifies (persons x cells)."""
    suspects = world.suspects.iloc[person.to_numpy()]
    couple = _latest_couples(world, person, as_of)
    counted = as_of + _MIDDLE >= day_number(parameters.STRANGULATION_FROM)
    share = np.where(counted, serious_share(strangulation=True), serious_share(strangulation=False))
    serious = np.minimum(parameters.SERIOUS_MOST, suspects["severity"].to_numpy()[:, None] * share)
    usual = hearing_chance(np.zeros(len(person), dtype=bool), couple["male"].to_numpy())[:, None]
    again = (couple["age"].to_numpy()[:, None] + _MIDDLE < HORIZON) & ~couple["low"].to_numpy()[:, None]
    heard = np.where(again, np.maximum(parameters.HEARING_AGAIN, usual), usual)
    heard = heard * (_MIDDLE + _MEAN_DELAY <= HORIZON)  # a late incident is heard after the horizon
    newness = suspects["newness"].to_numpy()[:, None]
    return np.asarray(1 - (1 - serious) * (1 - newness) * (1 - heard))


def _spared(offspring: Floats, qualifying: Floats) -> Floats:
    """Return the probability that neither an incident in a cell nor anything it sets off qualifies."""
    edges = (np.arange(_CELLS + 1) - 0.5).clip(0) * _STEP
    left = sum(
        share * np.exp(-edges / scale)
        for share, scale in zip(parameters.DELAY_SHARE, parameters.DELAY_DAYS, strict=True)
    )
    weight = -np.diff(left)
    spared = np.ones_like(qualifying)
    for cell in range(_CELLS - 1, -1, -1):
        later = (1 - spared[:, cell + 1 :]) @ weight[1 : _CELLS - cell]
        later = later + weight[0] * qualifying[:, cell]
        spared[:, cell] = (1 - qualifying[:, cell]) * np.exp(-offspring * later)
    return spared


def _pending(world: World, person: pd.Series, as_of: int) -> Floats:
    """Return the probability that no hearing is already on its way at T."""
    events, hearings, couples = world.events, world.hearings, world.couples
    low, high = parameters.HEARING_DELAY
    held = hearings[hearings["heard"] <= as_of]
    recent = events[(events["reported"] <= as_of) & (events["reported"] > as_of - high)]
    recent = recent[~recent.index.isin(held["event"])]
    age = as_of - recent["reported"].to_numpy()
    left = np.clip((high - age) / (high - low), 0, 1)
    chance = hearing_chance(recent["serious"].to_numpy(), couples["male"].to_numpy()[recent["couple"]])
    incident = chance * left / (1 - chance + chance * left)
    last = held.groupby("couple")["heard"].max().reset_index()
    few = couples["area"].to_numpy()[last["couple"]] == LOW_REPEAT_AREA
    chance = np.where(few, parameters.REREFERRAL_LOW, parameters.REREFERRAL)
    first, final = parameters.REREFERRAL_DAYS
    left = np.clip((final - (as_of - last["heard"].to_numpy())) / (final - first), 0, 1)
    agency = chance * left / (1 - chance + chance * left)
    who = np.concatenate([recent["person"].to_numpy(), couples["suspect"].to_numpy()[last["couple"]]])
    weights = np.log1p(-np.concatenate([incident, agency]))
    total = np.bincount(who, weights=weights, minlength=len(world.suspects))
    return np.asarray(np.exp(total[person.to_numpy()]))


def risk_at(world: World, as_of: date) -> pd.DataFrame:
    """Return the true risk of everyone in the cohort.

    Returns
    -------
    DataFrame
        `person`, `as_of`, `risk` (probability of a grade 2 or 3 outcome within 365 days) and `outcome`
        (1, 0; missing while the outcome is not yet mature at the extract date).
    """
    day = day_number(as_of)
    person = cohort_at(world, day)
    spared = _spared(world.suspects["offspring"].to_numpy()[person], _qualifying(world, person, day))
    none = np.exp(-(_arrivals(world, person, day) * (1 - spared)).sum(axis=1)) * _pending(world, person, day)
    mature = day + HORIZON + LAG <= EXTRACT
    outcome = pd.Series(outcomes_after(world, person, day), dtype="Int8")
    outcome = outcome if mature else outcome.mask(outcome.notna())
    return pd.DataFrame({"person": person, "as_of": pd.Timestamp(as_of), "risk": 1 - none, "outcome": outcome})


def true_risk(world: World, settings: ForceSettings) -> pd.DataFrame:
    """Return `risk_at` every half-year end; no rows where the history is too short for one."""
    nobody = pd.DataFrame(
        {
            "person": pd.Series(dtype=np.int64),
            "as_of": pd.Series(dtype="datetime64[s]"),
            "risk": pd.Series(dtype=np.float64),
            "outcome": pd.Series(dtype="Int8"),
        }
    )
    dates = [risk_at(world, day) for day in half_years(settings)]
    return pd.concat(dates, ignore_index=True) if dates else nobody


def area_under_curve(score: Floats, outcome: Bools) -> float:
    """Return the probability that a person with the outcome scores above one without (ties count half)."""
    ranks = pd.Series(score).rank().to_numpy()
    hits = int(outcome.sum())
    if hits in (0, len(outcome)):
        return float("nan")
    return float((ranks[outcome].sum() - hits * (hits + 1) / 2) / (hits * (len(outcome) - hits)))
