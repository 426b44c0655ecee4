"""Planted defects: each changes what is recorded, never what happened, and leaves a list of what it touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from synthetic import parameters
from synthetic.bias_plants import BIAS_PLANTS
from synthetic.people import EXTRACT
from synthetic.planted import Planted, RowPlant, police_generated, renumber, target, touch
from synthetic.randomness import stream
from synthetic.recording import reversed_rows
from synthetic.regime_plants import REGIME_PLANTS
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
    "feedback_loop": "People referred to the service were watched: police-generated incidents followed each referral.",
    "charge_bias": "Suspects of one community in one area were charged far more often for the same conduct.",
    "hidden_control": "Coercive control of some couples was recorded as harassment, public order or no crime.",
    "partner_agency_only": "Some people heard at MARAC were never recorded by the police.",
    "regime_break": "From June 2023 fewer incidents count as crimes, from 2023 the new tool grades higher, and no "
    "column says so.",
    "it_cutover": "Nothing that was recorded in four months is in the extract.",
    "duplicate_records": "Each person has several person records (3.1 on average), later ones with errors; relatives, "
    "fathers and sons of one name, and twins look alike.",
    "wrong_merges": "Pairs of different suspects share one person record.",
    "unrecorded_ethnicity": "Self-defined ethnicity of one community's suspects is more often blank or not stated.",
    "relationship_missing": "The relationship of three couples in five is not recorded.",
    "unmapped_codes": "One value in fifty of six coded columns is a code that no list holds.",
    "serial_flags": "Three agencies flag serial perpetrators by definitions of their own, as management schemes.",
    "bad_rows": "Rows that break the contract stand at the end of the files.",
    "deliveries": "The history comes in several extracts, with corrections, withdrawals and late rows.",
}


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
    planted = touch(planted, rows[arrived], rows[arrived & hit], plant, "delayed")
    return touch(planted, planted.rows, rows[~arrived], plant, "removed")


def _retro_status(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    rows = planted.rows
    closed = rows[(rows["closed"] <= EXTRACT).to_numpy()]
    return replace(touch(planted, rows, closed, plant, "overwritten"), in_place=True)


def _counter_allegation(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    rows = planted.rows
    wanted = int(plant.options.get("n", parameters.COUNTER_ALLEGATIONS))
    recent = rows[(rows["kind"] == "domestic").to_numpy() & (rows["occurred"] > EXTRACT - 900).to_numpy()]
    again = recent[recent.duplicated("couple")].drop_duplicates("couple", keep="first")
    chosen = again.iloc[rng.permutation(len(again))[:wanted]]
    copies = pd.concat([chosen] * parameters.COUNTER_ALLEGATION_INCIDENTS, ignore_index=True)
    added = renumber(reversed_rows(copies, "planted_reversal", rng).assign(corrected=np.nan, correction=""), rows)
    return touch(planted, pd.concat([rows, added]), added, plant, "added")


def _over_policed(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    rows = planted.rows
    true = rows[target(planted, world, plant, settings)]
    times = int(plant.options.get("n", parameters.OVER_POLICED_EXTRA))
    extra = pd.concat([true] * times, ignore_index=True)
    occurred = extra["occurred"].to_numpy() + rng.integers(*parameters.OVER_POLICED_DAYS, len(extra))
    added = police_generated(extra, occurred, planted, world, rng)
    return touch(planted, pd.concat([rows, added]), added, plant, "added")


def _under_recorded(
    planted: Planted, world: World, plant: Plant, settings: ForceSettings, rng: np.random.Generator
) -> Planted:
    rows = planted.rows
    own = target(planted, world, plant, settings)
    events = world.events
    kept = (events["serious"] | events["new_victim"]).to_numpy() | events.index.isin(world.hearings["event"])
    can_go = own & ~kept[np.maximum(rows["event"].to_numpy(), 0)]
    share = (1 - parameters.UNDER_RECORDED_SHARE) * own.sum() / max(int(can_go.sum()), 1)
    gone = can_go & (rng.random(len(rows)) < share)
    return touch(planted, rows[~gone], rows[gone], plant, "removed")


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
    return touch(planted, rows, rows[hit], plant, "set")


_HOW: Mapping[str, RowPlant] = {
    "late_recording": _late_recording,
    "retro_status": _retro_status,
    "counter_allegation": _counter_allegation,
    "over_policed": _over_policed,
    "under_recorded": _under_recorded,
    "leaking_column": _leaking_column,
    **BIAS_PLANTS,
    **REGIME_PLANTS,
}


def plant_all(base: pd.DataFrame, world: World, settings: ForceSettings, referred: pd.DataFrame) -> Planted:
    """Plant every defect of the recorded incidents that was asked for, in the order given.

    Parameters
    ----------
    base
        The incidents as recorded (see `recording.write_down`).
    referred
        People referred to the service and when: `person`, `referred` (day number).
    """
    nothing = pd.DataFrame(
        {"plant": pd.Series(dtype=object), "change": pd.Series(dtype=object), "row": pd.Series(dtype=np.int64),
         "event": pd.Series(dtype=np.int64), "suspect": pd.Series(dtype=np.int64)}
    )  # fmt: skip
    planted = Planted(base, nothing, referred=referred)
    for plant in (plant for plant in settings.plants if plant.name in _HOW):
        planted = _HOW[plant.name](planted, world, plant, settings, stream(settings.seed, f"plant {plant.name}"))
    return planted
