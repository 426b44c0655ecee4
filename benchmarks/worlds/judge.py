"""Compare the rankers in a world as `training` always does, then judge their lists by the harm to be expected.

Thresholds are part of this file: they were written before anything was measured.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.worlds.declared import WORLDS
from benchmarks.worlds.history import Floats, Grown, grow
from benchmarks.worlds.kinds import HAPPENINGS, YEAR_DAYS
from benchmarks.worlds.records import person_name, records_of, year_end
from features.building import build_stream
from records.reference import load_reference
from training.evaluate import Interval, draw_copies, found_at
from training.experiment import Experiment
from training.follow_up import days
from training.lists import Lists
from training.running import run_experiment
from training.settings import SERIOUS_FAMILIES, RankerSettings, SplitSettings, TrainSettings, WeightSet

LEAST_SHARE: Final = 0.9
"""Of the harm that the best possible list finds, what the model finds at least, under every weight set."""
MODEL: Final = "lightgbm"
INCUMBENTS: Final = ("v100", "rfgv", "recency", "elastic_net")
LEAKING: Final = "incidents.drugs"
PEOPLE: Final = 4000
YEARS: Final = 11
# Four years before the first training date: where less is recorded than the longest window looks back, that window
# and "ever" are one column, and what was learned from either is not what it says years later.
TRAIN, TEST = (5, 6, 7, 8), (8, 9, 10)
DRAWS: Final = 200


def world_row(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Grow the world `world` from `seed`, run the comparison on it and judge it.

    Returns
    -------
    dict
        people (in the lists), outcomes, promoted, stays, alarm_columns (the first column that each alarm names);
        by ranker ``share_NAME``, its share of the best possible expected harm (the least over the weight sets);
        by incumbent ``gain_on_NAME`` and ``gain_on_NAME_low``, what the model finds beyond it in a round of lists
        (harm days) and the lower bound, under the weight set where the bound is least; and `holds`.
    """
    world = WORLDS[parameters["world"]]
    rng = np.random.default_rng([parameters["seed"], *world.name.encode()])
    grown = grow(world, PEOPLE, YEARS, rng)
    records = records_of(grown, rng)
    found = run_experiment(records, build_stream(records), settings())
    figures: dict[str, Any] = {
        "people": found.comparison.people,
        "outcomes": int(found.lists.outcome.sum()),
        "promoted": found.decision.promoted,
        "stays": found.decision.champion,
        "alarm_columns": " ".join(sorted({alarm.columns[0] for alarm in found.alarms if alarm.columns})),
        **_judged(found, grown),
    }
    return {**figures, "holds": holds(world.wanted, figures)}


def settings() -> TrainSettings:
    """Return the shipped settings with the years of a world as dates and every simple list; nothing is tuned."""
    dates = SplitSettings(
        test_dates=tuple(year_end(years).day for years in TEST),
        train_dates=tuple(year_end(years).day for years in TRAIN),
    )
    return TrainSettings(
        splits=dates,
        draws=DRAWS,
        candidates=(RankerSettings(kind=MODEL),),
        incumbents=tuple(RankerSettings(kind=kind) for kind in INCUMBENTS),
    )


def holds(wanted: str, figures: Mapping[str, Any]) -> bool:
    """Say whether a world came out as it has to; `wanted` as declared with the world."""
    if wanted == "model":
        gains = [value for name, value in figures.items() if name.startswith("gain_on_") and name.endswith("_low")]
        return bool(figures[f"share_{MODEL}"] >= LEAST_SHARE and min(gains) > 0)
    stays = not figures["promoted"] and figures["stays"] == "v100"
    return stays and figures["alarm_columns"] == (LEAKING if wanted == "stop" else "")


def days_of(weights: WeightSet) -> Floats:
    """Return the harm days of each kind of incident under one weight set, read from its declaration."""
    reference = load_reference().offences.set_index("offence_code")
    return np.array([_days(each.offence, weights, reference) for each in HAPPENINGS])


def _days(offence: str | None, weights: WeightSet, reference: pd.DataFrame) -> float:
    if offence is None:
        return weights.non_crime
    family = str(reference.at[offence, "family"])
    if isinstance(weights.days, str):
        days = float(reference["harm_days"].to_dict()[offence])
    else:
        days = weights.days.get(family, weights.other)
    return max(days, TrainSettings().label.serious_harm_days) if family in SERIOUS_FAMILIES else days


def _judged(found: Experiment, grown: Grown) -> dict[str, float]:
    """Return shares of the best possible and gains over the incumbents, in expected harm."""
    lists = _with_expected_harm(found, grown)
    copies = draw_copies(lists.people, DRAWS, found.settings.seed)
    places = found.settings.capacity.places
    shares: dict[str, list[float]] = {name: [] for name in found.lists.margins}
    gains: dict[str, list[Interval]] = {name: [] for name in found.lists.margins if name != MODEL}
    for harm in lists.harm.values():
        best = float(_found(lists, harm, harm, places)[0])
        for name, margin in lists.margins.items():
            shares[name].append(float(_found(lists, margin, harm, places)[0]) / best)
        for name in gains:
            gains[name].append(_gain(lists, name, harm, places, copies))
    figures = {f"share_{name}": round(min(each), 4) for name, each in shares.items()}
    for name, intervals in gains.items():
        least = min(intervals, key=lambda interval: interval.low)
        figures |= {f"gain_on_{name}": _tenth(least.value), f"gain_on_{name}_low": _tenth(least.low)}
    return figures


def _with_expected_harm(found: Experiment, grown: Grown) -> Lists:
    """Return the lists with the harm to be expected in place of what followed; nobody's is unknown."""
    spine = found.backtest(MODEL)
    number = {person_name(person): person for person in range(len(grown.counts))}
    person = spine["person_id"].map(number).to_numpy()
    year = ((days(spine["as_of"]) - year_end(0).number) // YEAR_DAYS).astype(np.int64)
    expected = grown.expected[person, year]
    harm = {weights.name: expected @ days_of(weights) for weights in found.settings.weight_sets}
    return dataclasses.replace(found.lists, harm=harm, weight=np.ones(len(spine)))


def _found(lists: Lists, margin: Floats, harm: Floats, places: Sequence[int], copies: Any = None) -> Floats:
    """Return the harm found in a round of lists, averaged over list lengths and splits, for each draw."""
    return np.asarray(found_at(lists, margin, harm[:, None], places, copies)[:, :, 0].mean(axis=1))


def _gain(lists: Lists, name: str, harm: Floats, places: Sequence[int], copies: Any) -> Interval:
    ours, theirs = lists.margins[MODEL], lists.margins[name]
    value = float((_found(lists, ours, harm, places) - _found(lists, theirs, harm, places))[0])
    draws = _found(lists, ours, harm, places, copies) - _found(lists, theirs, harm, places, copies)
    return Interval.of(value, draws, lists.people)


def _tenth(number: float) -> float:
    return round(number, 1) + 0.0  # no minus before a zero
