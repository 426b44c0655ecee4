"""When incidents happen: a first one, a fading background, and a raised hazard after each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthetic import parameters
from synthetic.people import EXTRACT, Floats, Ints


def _background(suspects: pd.DataFrame, rng: np.random.Generator) -> tuple[Ints, Floats]:
    onset = suspects["onset"].to_numpy().astype(np.float64)
    fade = parameters.BACKGROUND_FADE_YEARS * parameters.YEAR
    spent = 1 - np.exp(-(EXTRACT - onset) / fade)
    person = np.repeat(np.arange(len(suspects)), rng.poisson(suspects["background"].to_numpy() * fade * spent))
    return person, onset[person] - fade * np.log1p(-rng.random(len(person)) * spent[person])


def _offspring(person: Ints, day: Floats, means: Floats, rng: np.random.Generator) -> tuple[Ints, Floats]:
    counts = rng.poisson(means[person])
    child, when = np.repeat(person, counts), np.repeat(day, counts)
    short = rng.random(len(child)) < parameters.DELAY_SHARE[0]
    when = when + rng.exponential(1.0, len(child)) * np.where(short, *parameters.DELAY_DAYS)
    inside = when < EXTRACT + 1
    return child[inside], when[inside]


def _in_order(events: pd.DataFrame) -> pd.DataFrame:
    ordered: pd.DataFrame = events.sort_values(["person", "occurred"], kind="stable", ignore_index=True)
    return ordered


def draw_arrivals(suspects: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw every domestic incident of every suspect up to the extract date.

    Returns
    -------
    DataFrame
        `person` (row of `suspects`) and `occurred` (day number), sorted; nothing after a person's death.
    """
    means = suspects["offspring"].to_numpy()
    person, day = _background(suspects, rng)
    person = np.concatenate([np.arange(len(suspects)), person])
    day = np.concatenate([suspects["onset"].to_numpy().astype(np.float64), day])
    persons, days = [person], [day]
    while len(person):
        person, day = _offspring(person, day, means, rng)
        persons.append(person)
        days.append(day)
    events = pd.DataFrame(
        {"person": np.concatenate(persons), "occurred": np.floor(np.concatenate(days)).astype(np.int64)}
    )
    alive = events["occurred"].to_numpy() <= suspects["death"].to_numpy()[events["person"].to_numpy()]
    return _in_order(events[alive])


def draw_other_offending(suspects: pd.DataFrame, start: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the suspects' incidents that are not domestic: `person`, `occurred`."""
    first = np.maximum(suspects["onset"].to_numpy() - int(parameters.YEAR), start)
    last = np.minimum(suspects["death"].to_numpy(), EXTRACT)
    length = np.maximum(last - first, 0)
    rate = parameters.NON_DOMESTIC_PER_YEAR / parameters.YEAR * np.sqrt(suspects["frailty"].to_numpy())
    person = np.repeat(np.arange(len(suspects)), rng.poisson(rate * length))
    occurred = first[person] + np.floor(rng.random(len(person)) * length[person]).astype(np.int64)
    return pd.DataFrame({"person": person, "occurred": occurred}).sort_values(
        ["person", "occurred"], kind="stable", ignore_index=True
    )
