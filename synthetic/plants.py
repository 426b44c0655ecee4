"""Planted defects: each changes what is recorded, never what happened, and leaves a list of what it touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from synthetic import parameters
from synthetic.people import EXTRACT, Bools, communities_of
from synthetic.randomness import stream
from synthetic.recording import offence_if_crime, reversed_rows
from synthetic.settings import ForceSettings, Plant
from synthetic.world import World

DESCRIPTIONS = {
    "late_recording": "Three in ten domestic incidents of one area were recorded two to ten months late.",
    "retro_status": "Involvement statuses are overwritten in place, without the date they were reached.",
    "counter_allegation": "Victims of a repeat suspect are recorded as suspects of two incidents each.",
    "over_policed": "Suspects of one community in one area have three police-generated incidents for each true one.",
    "under_recorded": "Half the history of suspects of one community in one area was never recorded.",
    "leaking_column": "incidents.drugs was set, without a version, on the earlier incidents of people who later "
    "had a serious incident, a new victim or a MARAC hearing.",
    "duplicate_records": "Each person has several person records (3.1 on average), later ones with errors; relatives, "
    "fathers and sons of one name, and twins look alike.",
}


@dataclass(frozen=True)
class Planted:
    """The incidents as recorded with the defects in them.

    Attributes
    ----------
    rows
        As `recording.write_down` returns them.
    touched
        One row a touched incident: `plant`, `change` (added, removed, delayed, overwritten, set), `row`
        (label in `rows`, or -1 if removed), `event` (row of the world's events or -1), `suspect`.
    in_place
        Statuses are overwritten without a date.
    """

    rows: pd.DataFrame
    touched: pd.DataFrame
    in_place: bool = False


def _touch(planted: Planted, rows: pd.DataFrame, changed: pd.DataFrame, plant: Plant, change: str) -> Planted:
    kept = changed.index if change != "removed" else np.full(len(changed), -1)
    note = pd.DataFrame(
        {"plant": plant.name, "change": change, "row": np.asarray(kept, dtype=np.int64),
         "event": changed["event"].to_numpy(), "suspect": changed["suspect"].to_numpy()}
    )  # fmt: skip
    return replace(planted, rows=rows, touched=pd.concat([planted.touched, note], ignore_index=True))


def _target(planted: Planted, world: World, plant: Plant, settings: ForceSettings) -> Bools:
    """Say which rows are domestic incidents of the named community's suspects who live in the named area."""
    rows = planted.rows
    area = plant.options.get("area", next(iter(settings.areas)))
    community = plant.options.get("community", "black")
    chosen = (world.suspects["area"] == area).to_numpy() & (communities_of(world.suspects["ethnicity"]) == community)
    own = (rows["kind"] == "domestic").to_numpy()
    return np.asarray(own & chosen[np.where(own, rows["suspect"], 0)])


def _late_recording(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    rows = planted.rows.copy()
    area = plant.options.get("area", next(iter(settings.areas)))
    here = ((rows["area"] == area) & rows["domestic"]).to_numpy(dtype=bool)
    hit = here & (rng.random(len(rows)) < parameters.LATE_SHARE)
    delay = np.where(hit, rng.integers(*parameters.LATE_DAYS, len(rows)), 0)
    for column in ("recorded", "closed", "convicted", "corrected"):
        rows[column] = rows[column] + delay
    gone = rows["corrected"] > EXTRACT
    rows["correction"] = rows["correction"].mask(gone, "")
    rows["corrected"] = rows["corrected"].mask(gone)
    arrived = rows["recorded"] <= EXTRACT
    planted = _touch(planted, rows[arrived], rows[arrived & hit], plant, "delayed")
    return _touch(planted, planted.rows, rows[~arrived], plant, "removed")


def _retro_status(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    rows = planted.rows
    closed = rows[(rows["closed"] <= EXTRACT).to_numpy()]
    return replace(_touch(planted, rows, closed, plant, "overwritten"), in_place=True)


def _counter_allegation(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    rows = planted.rows
    wanted = int(plant.options.get("n", parameters.COUNTER_ALLEGATIONS))
    recent = rows[(rows["kind"] == "domestic").to_numpy() & (rows["occurred"] > EXTRACT - 900).to_numpy()]
    again = recent[recent.duplicated("couple")].drop_duplicates("couple", keep="first")
    chosen = again.iloc[rng.permutation(len(again))[:wanted]]
    copies = pd.concat([chosen] * parameters.COUNTER_ALLEGATION_INCIDENTS, ignore_index=True)
    added = _renumber(reversed_rows(copies, "planted_reversal", rng).assign(corrected=np.nan, correction=""), rows)
    return _touch(planted, pd.concat([rows, added]), added, plant, "added")


def _over_policed(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    rows = planted.rows
    true = rows[_target(planted, world, plant, settings)]
    times = int(plant.options.get("n", parameters.OVER_POLICED_EXTRA))
    extra = pd.concat([true] * times, ignore_index=True)
    size = len(extra)
    occurred = extra["occurred"].to_numpy() + rng.integers(*parameters.OVER_POLICED_DAYS, size)
    crime = rng.random(size) < 0.25
    nothing = np.full(size, np.nan)
    extra = extra.assign(
        occurred=occurred, reported=occurred, recorded=occurred, kind="police_generated", event=-1, serious=False,
        crime=crime, code=offence_if_crime(crime, np.full(size, "12509")),
        family=np.where(crime, "public_order", "non_crime"),
        reported_by="police", strangled=False, injury=False, weapon=False, both_roles=False, risk_grade="standard",
        arrested=nothing, charged=nothing, convicted=nothing, corrected=nothing, correction="",
        closed=np.where(crime, occurred + 30, np.nan), outcome=np.where(crime, "16", ""),
    )  # fmt: skip
    death = world.suspects["death"].to_numpy()[extra["suspect"].to_numpy()]
    added = _renumber(extra[(occurred <= EXTRACT) & (occurred <= death)], rows)
    return _touch(planted, pd.concat([rows, added]), added, plant, "added")


def _under_recorded(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    rows = planted.rows
    target = _target(planted, world, plant, settings)
    events = world.events
    kept = (events["serious"] | events["new_victim"]).to_numpy() | events.index.isin(world.hearings["event"])
    can_go = target & ~kept[np.maximum(rows["event"].to_numpy(), 0)]
    share = (1 - parameters.UNDER_RECORDED_SHARE) * target.sum() / max(int(can_go.sum()), 1)
    gone = can_go & (rng.random(len(rows)) < share)
    return _touch(planted, rows[~gone], rows[gone], plant, "removed")


def _leaking_column(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    events, hearings = world.events, world.hearings
    bad = events.loc[events["serious"] | events["new_victim"], ["person", "occurred"]]
    heard = pd.DataFrame(
        {"person": world.couples["suspect"].to_numpy()[hearings["couple"]], "occurred": hearings["heard"]}
    )
    last = pd.concat([bad, heard]).groupby("person")["occurred"].max()
    rows = planted.rows.copy()
    later = rows["suspect"].map(last[last > EXTRACT - parameters.LEAK_DAYS])
    hit = (rows["occurred"] < later).to_numpy() & (rows["kind"] != "reversed").to_numpy()
    rows["drugs"] = rows["drugs"] | hit
    return _touch(planted, rows, rows[hit], plant, "set")


def _renumber(added: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    first = int(rows.index.max()) + 1
    return added.set_axis(pd.RangeIndex(first, first + len(added)), axis=0)


_HOW: dict[str, Callable[[Planted, World, Plant, ForceSettings, np.random.Generator], Planted]] = {
    "late_recording": _late_recording,
    "retro_status": _retro_status,
    "counter_allegation": _counter_allegation,
    "over_policed": _over_policed,
    "under_recorded": _under_recorded,
    "leaking_column": _leaking_column,
}


def plant_all(base: pd.DataFrame, world: World, settings: ForceSettings) -> Planted:
    """Plant every defect of the recorded incidents that was asked for, in the order given."""
    nothing = pd.DataFrame(
        {"plant": pd.Series(dtype=object), "change": pd.Series(dtype=object), "row": pd.Series(dtype=np.int64),
         "event": pd.Series(dtype=np.int64), "suspect": pd.Series(dtype=np.int64)}
    )  # fmt: skip
    planted = Planted(base, nothing)
    for plant in (plant for plant in settings.plants if plant.name in _HOW):
        planted = _HOW[plant.name](planted, world, plant, settings, stream(settings.seed, f"plant {plant.name}"))
    return planted
