"""What each incident is: its victim, offence, police response and place in the couple's history."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthetic import parameters
from synthetic.people import EXTRACT, Bools, Floats, Ints, draw_victims, pick
from synthetic.settings import ForceSettings
from values import day_number

_STRANGULATION = day_number(parameters.STRANGULATION_FROM)
_COUNTING = day_number(parameters.COUNTING_RULE_FROM)
OFFENCE_OF_CODE = {offence.code: offence for offence in parameters.OFFENCES} | {
    "19F": parameters.Offence("19F", "rape", 0.0, 1825.0, 0.50, 0.04, False)
}


def is_serious(offence: parameters.Offence) -> bool:
    """Say whether an offence is serious harm: a floor family, or harm days over the threshold."""
    return offence.family in parameters.SERIOUS_FAMILIES or offence.harm_days >= parameters.SERIOUS_HARM_DAYS


def serious_share(strangulation: bool) -> float:
    """Return the probability that an incident of a person with severity 1 is serious harm."""
    total = sum(offence.share for offence in parameters.OFFENCES)
    wanted = [o for o in parameters.OFFENCES if is_serious(o) and (strangulation or o.family != "strangulation")]
    return parameters.CRIMED * sum(offence.share for offence in wanted) / total


def add_reporting(events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add `reported` and `recorded` (day numbers): mostly at once, three in a hundred 10 to 700 days late."""
    size = len(events)
    late = rng.random(size) < parameters.LATE_REPORT
    delay = np.where(late, rng.integers(10, 701, size), np.where(rng.random(size) < 0.9, 0, 1))
    lag = np.where(rng.random(size) < parameters.RECORDED_SAME_DAY, 0, rng.integers(1, 4, size))
    reported = events["occurred"].to_numpy() + delay
    return events.assign(reported=reported, recorded=reported + lag, lag=lag)


def assign_victims(
    events: pd.DataFrame, suspects: pd.DataFrame, settings: ForceSettings, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give every incident a couple (suspect and victim).

    Returns
    -------
    tuple
        `events` with `couple` (row of the couples), and the couples: `suspect`, `victim` (row of the
        victims, shared by some couples) and the victim's own columns.
    """
    person = events["person"].to_numpy()
    sequence = events.groupby("person").cumcount().to_numpy()
    new = (sequence == 0) | (rng.random(len(events)) < suspects["newness"].to_numpy()[person])
    known = new.astype(np.int64)
    known = pd.Series(known).groupby(person).cumsum().to_numpy()  # victims so far
    earlier = np.floor(rng.random(len(events)) * known).astype(np.int64)
    latest = rng.random(len(events)) < parameters.LATEST_VICTIM
    ordinal = np.where(new | latest, known - 1, earlier)
    first = np.flatnonzero(new)
    starts = np.searchsorted(person[first], np.arange(len(suspects)))
    events = events.assign(couple=starts[person] + ordinal)
    couples = draw_victims(suspects.iloc[person[first]].reset_index(drop=True), settings, rng)
    couples.insert(0, "suspect", person[first])
    return events, couples.assign(victim=_share_victims(couples, rng))


def _share_victims(couples: pd.DataFrame, rng: np.random.Generator) -> Ints:
    """Let some couples take a victim already known with another suspect of the same area."""
    shared = rng.random(len(couples)) < parameters.SHARED_VICTIM
    own = pd.Series(np.where(shared, np.nan, np.arange(len(couples), dtype=np.float64)))
    taken = own.groupby([couples["area"], couples["male"]]).ffill()
    same = taken.notna() & (
        couples["suspect"].reindex(taken.fillna(0).astype(np.int64)).to_numpy() != couples["suspect"]
    )
    return np.where(same, taken.fillna(0), np.arange(len(couples))).astype(np.int64)


def _codes(rng: np.random.Generator, offences: list[parameters.Offence], size: int) -> npt.NDArray[Any]:
    return pick(rng, {offence.code: offence.share for offence in offences}, size)


def _offence_codes(
    serious: Bools, suspect_male: Bools, victim_male: Bools, rng: np.random.Generator
) -> npt.NDArray[Any]:
    size = len(serious)
    heavy = _codes(rng, [o for o in parameters.OFFENCES if is_serious(o)], size)
    light = _codes(rng, [o for o in parameters.OFFENCES if not is_serious(o)], size)
    code = np.where(serious, heavy, light).astype(object)
    code[(code == "19C") & ~suspect_male] = "00867"  # rape needs a male suspect
    code[(code == "19C") & victim_male] = "19F"
    code[(code == "20A") & victim_male] = "17A"
    return code


def add_offences(
    events: pd.DataFrame, suspects: pd.DataFrame, couples: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Add `code`, `crime`, `strangled`, `family`, `harm` (days) and `serious` to domestic incidents."""
    person, day = events["person"].to_numpy(), events["occurred"].to_numpy()
    share = serious_share(strangulation=True)
    serious = rng.random(len(events)) < np.minimum(
        parameters.SERIOUS_MOST, share * suspects["severity"].to_numpy()[person]
    )
    crime = serious | (rng.random(len(events)) < (parameters.CRIMED - share) / (1 - share))
    victim_male = couples["male"].to_numpy()[events["couple"].to_numpy()]
    code = _offence_codes(serious, suspects["male"].to_numpy()[person], victim_male, rng)
    strangled = (crime & (code == "00877")) | (rng.random(len(events)) < 0.015)
    assault = np.where(rng.random(len(events)) < 0.5, "00806", "10501")
    code = np.where((code == "00877") & (day < _STRANGULATION), assault, code)
    family = pd.Series(code).map({c: o.family for c, o in OFFENCE_OF_CODE.items()}).to_numpy()
    dropped = np.isin(family.astype(str), sorted(parameters.NO_LONGER_COUNTED)) & (
        rng.random(len(events)) < parameters.NO_LONGER_CRIMES
    )
    crime &= ~(dropped & (events["reported"].to_numpy() >= _COUNTING))
    harm = pd.Series(code).map({c: o.harm_days for c, o in OFFENCE_OF_CODE.items()}).to_numpy()
    heavy = {c: is_serious(o) for c, o in OFFENCE_OF_CODE.items()}
    return events.assign(
        code=pd.Series(code, dtype=object).where(crime, None).to_numpy(),
        crime=crime,
        strangled=strangled,
        family=np.where(crime, family, "non_crime"),
        harm=np.where(crime, harm, 0.0),
        serious=crime & pd.Series(code).map(heavy).to_numpy(dtype=bool),
    )


def delay_rape_reports(events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Make some rapes non-recent reports, still inside the extract."""
    late = (events["family"] == "rape").to_numpy() & (rng.random(len(events)) < parameters.LATE_RAPE)
    room = np.maximum(EXTRACT - 3 - events["occurred"].to_numpy(), 0)
    delay = np.minimum(rng.integers(90, 1500, len(events)), room)
    reported = np.where(late, np.maximum(events["reported"], events["occurred"] + delay), events["reported"])
    return events.assign(reported=reported, recorded=reported + events["lag"])


def add_police_response(events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add `arrested`, `charged`, `closed`, `convicted` (day numbers, NaN where not) and `outcome` code."""
    size = len(events)
    crime = events["crime"].to_numpy()
    code = events["code"]
    recorded = events["recorded"].to_numpy().astype(np.float64)
    arrest = code.map({c: o.arrest for c, o in OFFENCE_OF_CODE.items()}).fillna(0).to_numpy()
    charge = code.map({c: o.charge for c, o in OFFENCE_OF_CODE.items()}).fillna(0).to_numpy()
    is_arrested = crime & (rng.random(size) < arrest)
    wait = np.where(rng.random(size) < 0.7, rng.integers(0, 2, size), rng.integers(2, 30, size))
    arrested: Floats = np.where(is_arrested, events["reported"].to_numpy() + wait, np.nan)
    # Most charges follow an arrest; a few are by summons.
    chance = np.where(
        is_arrested, 0.96 * charge / np.maximum(arrest, 0.01), 0.04 * charge / np.maximum(1 - arrest, 0.01)
    )
    is_charged = crime & (rng.random(size) < chance)
    start = np.fmax(recorded, np.nan_to_num(arrested, nan=0.0)) + 1
    closed: Floats = np.where(crime, start + np.floor(rng.gamma(*parameters.OUTCOME_DAYS, size)), np.nan)
    guilty = is_charged & (rng.random(size) < parameters.CONVICTED)
    convicted: Floats = np.where(guilty, closed + 60 + np.floor(rng.gamma(2.0, 70.0, size)), np.nan)
    outcome = np.where(is_charged, "1", np.where(crime, pick(rng, parameters.OUTCOMES, size), ""))
    return events.assign(
        arrested=arrested,
        charged=np.where(is_charged, closed, np.nan),
        closed=closed,
        convicted=convicted,
        outcome=outcome,
    )


def draw_custody(events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw custody spells: `person`, `event`, `starts`, `ends` (day numbers), `kind`."""
    murder = events["family"].eq("homicide").to_numpy()
    charged, convicted = events["charged"].to_numpy(), events["convicted"].to_numpy()
    weight = np.where(events["serious"], 2.5, 1.0)
    remand = ~np.isnan(charged) & ((rng.random(len(events)) < parameters.CUSTODY_AFTER_CHARGE * weight) | murder)
    jail = ~np.isnan(convicted) & ((rng.random(len(events)) < parameters.CUSTODY_AFTER_CONVICTION * weight) | murder)
    length = np.where(murder, 7300, rng.gamma(2.0, 90.0, len(events)) * weight).astype(np.int64)
    short = rng.integers(20, 150, len(events))
    parts = []
    for mask, starts, days, kind in (
        (remand, charged, np.where(murder, 7300, short), "remand"),
        (jail, convicted, length, "sentence"),
    ):
        rows = np.flatnonzero(mask)
        begin = starts[rows].astype(np.int64)
        parts.append(
            pd.DataFrame(
                {
                    "person": events["person"].to_numpy()[rows],
                    "event": events.index.to_numpy()[rows],
                    "starts": begin,
                    "ends": begin + days[rows],
                    "kind": kind,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def outside_custody(events: pd.DataFrame, custody: pd.DataFrame) -> Bools:
    """Say which incidents happen while the person is not in custody."""
    pairs = events[["person", "occurred"]].reset_index(names="row").merge(custody, on="person")
    inside = pairs["row"][(pairs["occurred"] > pairs["starts"]) & (pairs["occurred"] < pairs["ends"])]
    return ~events.index.isin(inside)
