"""MARAC hearings: of couples after incidents, of couples heard before, and by partner agencies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthetic import parameters
from synthetic.people import EXTRACT, Bools, Floats, Ints, pick
from synthetic.settings import LOW_REPEAT_AREA

YEAR_DAYS = 365


def hearing_chance(serious: Bools, victim_male: Bools) -> Floats:
    """Return the probability that an incident of a couple not heard in the last year leads to a hearing."""
    chance = parameters.HEARING * np.where(serious, parameters.HEARING_SERIOUS, 1.0)
    return np.asarray(np.minimum(0.6, chance * np.where(victim_male, parameters.HEARING_MALE_VICTIM, 1.0)))


def _after_incidents(events: pd.DataFrame, couples: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    couple, reported = events["couple"].to_numpy(), events["reported"].to_numpy()
    chance = hearing_chance(events["serious"].to_numpy(), couples["male"].to_numpy()[couple])
    low = couples["area"].to_numpy()[couple] == LOW_REPEAT_AREA
    draw = rng.random(len(events))
    delay = rng.integers(parameters.HEARING_DELAY[0], parameters.HEARING_DELAY[1] + 1, len(events))
    last = np.full(len(couples), -(10**6), dtype=np.int64)
    rank = events.groupby("person").cumcount().to_numpy()
    order = np.argsort(rank, kind="stable")
    heard = np.zeros(len(events), dtype=bool)
    for rows in np.split(order, np.flatnonzero(np.diff(rank[order])) + 1):  # each person at most once a turn
        age = reported[rows] - last[couple[rows]]
        again = (age >= 0) & (age < YEAR_DAYS) & ~low[rows]
        heard[rows] = draw[rows] < np.where(again, np.maximum(parameters.HEARING_AGAIN, chance[rows]), chance[rows])
        hit = rows[heard[rows]]
        last[couple[hit]] = reported[hit] + delay[hit]
    rows = np.flatnonzero(heard)
    wait = np.minimum(rng.integers(1, 8, len(rows)), delay[rows])
    return pd.DataFrame(
        {
            "couple": couple[rows],
            "event": events.index.to_numpy()[rows],
            "referred": reported[rows] + wait,
            "heard": reported[rows] + delay[rows],
            "route": "incident",
        }
    )


def _rereferred(previous: pd.DataFrame, low: Bools, rng: np.random.Generator) -> pd.DataFrame:
    chance = np.where(low[previous["couple"].to_numpy()], parameters.REREFERRAL_LOW, parameters.REREFERRAL)
    kept = previous[rng.random(len(previous)) < chance]
    referred = kept["heard"].to_numpy() + rng.integers(
        parameters.REREFERRAL_DAYS[0], parameters.REREFERRAL_DAYS[1] - 30, len(kept)
    )
    heard = referred + rng.integers(7, 30, len(kept))
    chained: pd.DataFrame = kept.assign(referred=referred, heard=heard, event=-1, route="rereferral")
    return chained


def _agencies(route: npt.NDArray[np.object_], rng: np.random.Generator) -> npt.NDArray[np.object_]:
    police = rng.random(len(route)) < pd.Series(route).map(dict(parameters.POLICE_REFERS)).to_numpy()
    return np.where(police, "police", pick(rng, parameters.PARTNER_AGENCIES, len(route)))


def repeat_within_year(couple: Ints, referred: Ints) -> Bools:
    """Say which hearings follow another of the same couple within 365 days of its referral.

    The current SafeLives definition: any instance of abuse between the two within 12 months of the last
    referral.
    """
    frame = pd.DataFrame({"couple": couple, "referred": referred}).sort_values(["couple", "referred"], kind="stable")
    gap = frame.groupby("couple")["referred"].diff()
    return np.asarray((gap <= YEAR_DAYS).reindex(range(len(frame))).to_numpy())


def draw_hearings(events: pd.DataFrame, couples: pd.DataFrame, deaths: Ints, rng: np.random.Generator) -> pd.DataFrame:
    """Draw all hearings held up to the extract date.

    Returns
    -------
    DataFrame
        `couple`, `event` (row of `events`, -1 for a partner agency's re-referral), `referred`, `heard` (day
        numbers), `route`, `agency`, `criterion`, `repeat`, `children`.
    """
    low = couples["area"].to_numpy() == LOW_REPEAT_AREA
    parts = [_after_incidents(events, couples, rng)]
    while len(parts[-1]):
        chained = _rereferred(parts[-1], low, rng)
        parts.append(chained[chained["heard"] <= EXTRACT])
    hearings = pd.concat(parts, ignore_index=True)
    death = deaths[couples["suspect"].to_numpy()[hearings["couple"].to_numpy()]]
    hearings = hearings[(hearings["heard"] <= EXTRACT) & (hearings["heard"] <= death)]
    hearings = hearings.sort_values(["heard", "couple"], kind="stable", ignore_index=True)
    size = len(hearings)
    described: pd.DataFrame = hearings.assign(
        agency=_agencies(hearings["route"].to_numpy(dtype=object), rng),
        criterion=pick(rng, parameters.CRITERIA, size),
        repeat=repeat_within_year(hearings["couple"].to_numpy(), hearings["referred"].to_numpy()),
        children=rng.poisson(parameters.CHILDREN_A_CASE, size),
    )
    return described
