"""The made-up world before anyone writes it down: people, incidents, hearings, custody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synthetic import parameters
from synthetic.arrivals import draw_arrivals, draw_other_offending
from synthetic.hearings import draw_hearings
from synthetic.incidents import (
    add_offences,
    add_police_response,
    add_reporting,
    assign_victims,
    delay_rape_reports,
    draw_custody,
    outside_custody,
)
from synthetic.people import EXTRACT, draw_suspects, pick
from synthetic.randomness import stream
from synthetic.settings import ForceSettings
from values import day_number


@dataclass(frozen=True)
class World:
    """Everything that happened.

    Attributes
    ----------
    suspects
        One row a suspect (see `people.draw_suspects`).
    couples
        One row a suspect and victim pair (see `incidents.assign_victims`).
    events
        One row a domestic incident since the start of history that reached the records.
    earlier
        `person`, `occurred` of domestic incidents before the start: no longer on record, still felt.
    other
        Incidents of the suspects that are not domestic.
    hearings, custody
        See `hearings.draw_hearings`, `incidents.draw_custody`.
    """

    suspects: pd.DataFrame
    couples: pd.DataFrame
    events: pd.DataFrame
    earlier: pd.DataFrame
    other: pd.DataFrame
    hearings: pd.DataFrame
    custody: pd.DataFrame


def _population(settings: ForceSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw candidates until enough of them are on record, then keep the first `settings.persons`."""
    start = day_number(settings.start)
    span = settings.years + parameters.BURN_IN_YEARS
    size = int(settings.persons * span / settings.years) + 200  # onsets inside the history are always on record
    rng = stream(settings.seed, "population")
    suspects = draw_suspects(settings, size, rng)
    arrivals = add_reporting(draw_arrivals(suspects, rng), rng)
    arrivals = arrivals[arrivals["recorded"] <= EXTRACT]
    active = arrivals["person"][arrivals["occurred"] >= start].unique()
    chosen = np.sort(active)[: settings.persons]
    if len(chosen) < settings.persons:  # unreachable at the declared rates; a guard for changed parameters
        raise AssertionError("too few candidates were drawn")
    number = np.full(size, -1)
    number[chosen] = np.arange(len(chosen))
    arrivals = arrivals.assign(person=number[arrivals["person"].to_numpy()])
    return (
        suspects.iloc[chosen].reset_index(drop=True),
        arrivals[arrivals["person"] >= 0].reset_index(drop=True),
    )


def _other(suspects: pd.DataFrame, settings: ForceSettings) -> pd.DataFrame:
    rng = stream(settings.seed, "other offending")
    other = add_reporting(draw_other_offending(suspects, day_number(settings.start), rng), rng)
    other = other[other["recorded"] <= EXTRACT].reset_index(drop=True)
    code = pick(rng, parameters.NON_DOMESTIC_MIX, len(other)).astype(object)
    return add_police_response(other.assign(code=code, crime=True), rng)


def make_world(settings: ForceSettings) -> World:
    """Simulate the force; the same settings give the same world, whatever is planted later."""
    start = day_number(settings.start)
    suspects, arrivals = _population(settings)
    events = arrivals[arrivals["occurred"] >= start].reset_index(drop=True)
    events, couples = assign_victims(events, suspects, settings, stream(settings.seed, "victims"))
    rng = stream(settings.seed, "offences")
    events = delay_rape_reports(add_offences(events, suspects, couples, rng), rng)
    events = add_police_response(events, stream(settings.seed, "police response"))
    custody = draw_custody(events, stream(settings.seed, "custody"))
    free = outside_custody(events, custody)
    events, custody = events[free], custody[custody["event"].isin(events.index[free])]
    new_row = pd.Series(np.arange(len(events)), index=events.index)
    custody = custody.assign(event=new_row[custody["event"]].to_numpy()).reset_index(drop=True)
    events = events.reset_index(drop=True)
    deaths = suspects["death"].to_numpy()
    hearings = draw_hearings(events, couples, deaths, stream(settings.seed, "hearings"))
    new = ~events.duplicated(["person", "couple"]) & events.duplicated("person")
    area = couples["area"].to_numpy()[events["couple"].to_numpy()]
    away = stream(settings.seed, "places").random(len(events)) < 0.25
    area = np.where(away, suspects["area"].to_numpy()[events["person"].to_numpy()], area)
    return World(
        suspects=suspects,
        couples=couples,
        events=events.assign(new_victim=new, area=area),
        earlier=arrivals.loc[arrivals["occurred"] < start, ["person", "occurred"]].reset_index(drop=True),
        other=_other(suspects, settings),
        hearings=hearings,
        custody=custody,
    )
