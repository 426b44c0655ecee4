"""Does the interval of an outcome rate hold the rate there would be, had nobody been taken into custody?

People have one to eight domestic crimes on record at T. After it an outcome (serious harm), death and custody come
at constant rates, and whichever comes first hides the others; so the rate that would be seen without custody is
known exactly, with death as a competing event. Rates and thresholds were written before anything was measured.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.worlds.records import WorldRecords
from features.building import build_stream
from training.cohorts import cohorts
from training.compare import compare
from training.evaluate import Interval
from training.follow_up import FollowUp
from training.labels import label_spine
from training.lists import Lists
from training.settings import TrainSettings
from values import AsOf

T: Final = AsOf(date(2018, 6, 30))
PEOPLE: Final = 1500
REPLICATES: Final = 20
"""Worlds in one row of the table."""
LISTED: Final = 100
"""Places of the list of those with most on record: fewer than have eight crimes, so that the rest is by lot."""
SHARES: Final = {1: 0.35, 2: 0.25, 3: 0.15, 5: 0.15, 8: 0.10}
"""Share of people by domestic crimes on record at T."""
OUTCOME: Final = {crimes: 0.12 * crimes for crimes in SHARES}
"""Serious harm a year, by crimes on record."""
CUSTODY: Final[Mapping[str, Mapping[int, float]]] = {
    "alike": dict.fromkeys(SHARES, 0.8),
    "by_record": {crimes: 0.1 + 0.16 * crimes for crimes in SHARES},
}
"""Custody a year, by crimes on record: at random, or soonest for those who would come to harm."""
DEATH: Final = 0.05


def true_rate(crimes: int) -> float:
    """Return the share of people with `crimes` on record who do serious harm within a year if nobody is in custody."""
    total = OUTCOME[crimes] + DEATH
    return OUTCOME[crimes] / total * (1.0 - math.exp(-total))


def is_below(covered: int, of: int, claimed: float = 0.95, alpha: float = 0.01) -> bool:
    """Say whether `covered` intervals `of` all are too few for the claim (exact one-sided binomial test)."""
    chances = (
        math.comb(of, number) * claimed**number * (1 - claimed) ** (of - number) for number in range(covered + 1)
    )
    return sum(chances) < alpha


NAIVE_BELOW: Final = 0.5
"""What the naive interval covers less often than, or the worlds would not tell the two apart."""


def censoring_row(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Grow `REPLICATES` worlds of one kind of custody and count the intervals that hold the true rate.

    Returns
    -------
    dict
        For the rate among `everybody` and among those `listed`: ``covered_`` and ``naive_covered_`` (censored people
        counted as without the outcome), and ``bias_``, the mean of estimate less truth, in percentage points.
    """
    truth = {
        "everybody": sum(share * true_rate(crimes) for crimes, share in SHARES.items()),
        "listed": true_rate(max(SHARES)),
    }
    found = [
        _intervals(parameters["custody"], np.random.default_rng([parameters["block"], replicate]))
        for replicate in range(REPLICATES)
    ]
    figures: dict[str, Any] = {"replicates": len(found)}
    for who, rate in truth.items():
        for how, prefix in (("weighted", ""), ("naive", "naive_")):
            intervals = [each[how, who] for each in found]
            figures[f"{prefix}covered_{who}"] = sum(one.low <= rate <= one.high for one in intervals)
            figures[f"{prefix}bias_{who}"] = round(100 * float(np.mean([one.value for one in intervals]) - rate), 2)
    return figures


def _intervals(custody: str, rng: np.random.Generator) -> dict[tuple[str, str], Interval]:
    records, crimes = _records(_lives(custody, rng))
    lists = _lists(records, crimes)
    naive = dataclasses.replace(lists, weight=np.ones(len(lists.weight)))
    return {
        (how, who): compare(each, (places,), places, seed=int(rng.integers(2**31))).value("crimes", "precision_at_k")
        for how, each in (("weighted", lists), ("naive", naive))
        for who, places in (("everybody", PEOPLE), ("listed", LISTED))
    }


@dataclass(frozen=True)
class _Lives:
    """Crimes on record at T, and the days after it on which something came; NaN where nothing did within reach."""

    crimes: Any
    outcome: Any
    death: Any
    custody: Any


def _lives(custody: str, rng: np.random.Generator) -> _Lives:
    crimes = rng.choice(list(SHARES), PEOPLE, p=list(SHARES.values()))

    def times(rates: Mapping[int, float]) -> Any:
        return 365 * rng.exponential(1 / np.array([rates[number] for number in crimes.tolist()]))

    outcome, death, taken = times(OUTCOME), times(dict.fromkeys(SHARES, DEATH)), times(CUSTODY[custody])
    outcome = np.where(outcome < np.minimum(death, taken), outcome, np.nan)
    return _Lives(crimes, outcome, death, np.where(taken < death, taken, np.nan))


def _records(lives: _Lives) -> tuple[WorldRecords, pd.Series]:
    names = pd.Series([f"SYNTHETIC-{number:04d}" for number in range(PEOPLE)])
    reach = 2 * 365
    person = np.concatenate([np.repeat(np.arange(PEOPLE), lives.crimes), np.flatnonzero(lives.outcome <= reach)])
    past = len(person) - int((lives.outcome <= reach).sum())
    after = _days(lives.outcome[person[past:]])
    back = -30.0 * (1 + np.arange(past) - np.searchsorted(person[:past], person[:past]))
    day = _dates(np.concatenate([back, after]))
    incident = np.array([f"E{number:05d}" for number in range(len(person))], dtype=object)
    suspect, victim = names.to_numpy()[person], ("V-" + names).to_numpy()[person]
    code = np.array(["10501"] * past + ["00877"] * (len(person) - past), dtype=object)
    incidents = {"incident_id": incident, "area": "north", "occurred_from": day, "reported_on": day}
    incidents |= {"offence_code": pd.array(code, dtype="str")}
    incidents |= {name: pd.array([True] * len(day), dtype="boolean") for name in ("is_crime", "domestic")}
    people = {"incident_id": np.tile(incident, 2), "person_id": np.concatenate([suspect, victim])}
    people |= {"role": np.repeat(["suspect", "victim"], len(day)), "arrested_at": np.datetime64("NaT", "s")}
    dead, taken = lives.death <= reach, lives.custody <= reach
    died = _dates(np.where(dead, _days(lives.death), np.nan))
    jailed = _dates(_days(lives.custody[taken]))
    tables = {
        "incidents": _known(incidents, day),
        "involvements": _known(people, np.tile(day, 2)),
        "dyads": _known({"incident_id": incident, "suspect_id": suspect, "victim_id": victim}, day),
        "persons": _known({"person_id": names, "deceased_on": died}, np.where(dead, died, _dates(np.zeros(PEOPLE)))),
        "custody": _known({"person_id": names[taken].to_numpy(), "starts_on": jailed, "kind": "remand"}, jailed),
    }
    return WorldRecords(tables, T.plus(reach).day), pd.Series(lives.crimes, index=names)


def _days(times: Any) -> Any:
    return np.ceil(times)


def _dates(days_after: Any) -> Any:
    known = np.isfinite(days_after)
    dates = np.datetime64(T.day, "s") + np.where(known, days_after, 0).astype(np.int64).astype("timedelta64[D]")
    return np.where(known, dates, np.datetime64("NaT", "s"))


def _known(columns: Mapping[str, Any], day: Any) -> pd.DataFrame:
    return pd.DataFrame({**columns, "known_from": day, "known_to": np.full(len(day), np.datetime64("NaT", "s"))})


def _lists(records: WorldRecords, crimes: pd.Series) -> Lists:
    """Return everybody's outcome and weight as `training` makes them, ranked by crimes on record."""
    settings, stream, follow_up = TrainSettings(), build_stream(records), FollowUp.of(records)
    spine = cohorts(stream, [T], settings.cohort, follow_up)
    extract_date = AsOf(records.extract_date)
    labels = label_spine(stream, spine, settings.label, follow_up, settings.weight_sets, extract_date)
    once = np.arange(len(spine))
    return Lists(
        person=once,
        split=np.zeros_like(once),
        area=np.zeros_like(once),
        outcome=labels["outcome"].to_numpy(np.float64),
        weight=labels["weight"].to_numpy(np.float64),
        harm={},
        margins={"crimes": crimes[spine["person_id"].to_numpy()].to_numpy(np.float64)},
    )
