"""The worlds with known risk say of themselves what is true: rates, harm days, and what rankers can read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.prove import committed
from benchmarks.tables import TABLES
from benchmarks.worlds.declared import WORLDS
from benchmarks.worlds.history import LATE, MIDDLE, Record, grow
from benchmarks.worlds.judge import INCUMBENTS, LEAKING, LEAST_SHARE, days_of, holds
from benchmarks.worlds.kinds import PLACE
from benchmarks.worlds.records import person_name, records_of, year_end
from features import CATALOGUE, build_stream, compute
from features.kinds import Kind, Role
from training.labels import harm_days
from training.settings import TrainSettings

PEOPLE, YEARS = 150, 4


@pytest.fixture(scope="module")
def small():
    rng = np.random.default_rng(11)
    grown = grow(WORLDS["serial"], PEOPLE, YEARS, rng)
    records = records_of(grown, rng)
    return grown, records, build_stream(records)


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_serious_crimes_happen_as_often_as_is_said_to_be_expected(name: str):
    grown = grow(WORLDS[name], 30_000, 2, np.random.default_rng(12))
    expected = grown.expected[:, 1, PLACE["serious"]]
    happened = grown.counts[:, 1, PLACE["serious"]].sum(axis=1)
    highest = expected == expected.max()
    for group in (highest, ~highest) if name not in ("noise", "leak") else (highest,):
        wanted = expected[group].sum()
        assert happened[group].sum() == pytest.approx(wanted, abs=4.5 * np.sqrt(wanted))


def test_lesser_incidents_of_the_next_year_do_not_depend_on_the_record():
    expected = grow(WORLDS["rare_serious"], 500, 3, np.random.default_rng(13)).expected
    lesser = np.delete(expected, PLACE["serious"], axis=2)
    assert (lesser == lesser[0, 0]).all()
    assert lesser[0, 0, PLACE["dispute"]] == pytest.approx(0.06 * 0.3 + 0.06 * 4 + 0.25 * 6 + 0.63 * 0.45)


def test_whoever_knows_the_risk_reads_nothing_that_rankers_are_not_offered(small):
    grown, _, stream = small
    people = [person_name(number) for number in range(PEOPLE)]
    spine = pd.DataFrame({"person_id": people, "as_of": np.datetime64(year_end(YEARS).day, "s")})
    names = ("domestic_incidents_90", "domestic_incidents_180", "domestic_non_crimes_365", "victims_ever")
    late, half, calls, victims = (compute(stream, spine, CATALOGUE.only(names))[name].to_numpy() for name in names)
    record, every = Record(grown.counts), tuple(PLACE)
    assert np.array_equal(late, record.last_year(*every, part=LATE))
    assert np.array_equal(half, record.last_year(*every, part=LATE) + record.last_year(*every, part=MIDDLE))
    assert np.array_equal(calls, record.last_year("dispute"))
    one_victim = record.ever(*(kind for kind in every if kind != "another")) > 0
    assert np.array_equal(victims, record.ever("another") + one_victim)


def test_harm_days_are_those_that_labels_count(small):
    grown, _, stream = small
    suspects = (stream.kind == Kind.INCIDENT) & (stream.role == Role.SUSPECT)
    of_kind = grown.counts.sum(axis=(0, 1, 3))
    for weights in TrainSettings().weight_sets:
        assert harm_days(stream, suspects, weights, 365.0).sum() == pytest.approx(of_kind @ days_of(weights))


def test_the_leaking_column_marks_everybody_whom_a_serious_crime_follows():
    rng = np.random.default_rng(14)
    grown = grow(WORLDS["leak"], 300, 4, rng)
    incidents, pairs = (records_of(grown, rng).table(name) for name in ("incidents", "dyads"))
    serious = grown.counts[:, 3, PLACE["serious"]].sum(axis=1) > 0
    followed = {person_name(number) for number in np.flatnonzero(serious)}
    before = (incidents["occurred_from"] > str(year_end(1))) & (incidents["occurred_from"] <= str(year_end(3)))
    told = pairs["suspect_id"].isin(followed)
    assert incidents.loc[before & told, "drugs"].all()
    assert (before & told).sum() > 20
    assert incidents.loc[before & ~told, "drugs"].mean() < 0.25


@pytest.mark.parametrize(
    ("wanted", "changed", "holding"),
    [
        ("model", {}, True),
        ("model", {"share_lightgbm": 0.899}, False),
        ("model", {"gain_on_v100_low": 0.0}, False),
        ("model", {"gain_on_elastic_net_low": -0.1}, False),
        ("sum", {}, True),
        ("sum", {"promoted": True}, False),
        ("sum", {"stays": "elastic_net"}, False),
        ("sum", {"alarm_columns": LEAKING}, False),
        ("stop", {"alarm_columns": LEAKING}, True),
        ("stop", {}, False),
        ("stop", {"alarm_columns": f"incidents.alcohol {LEAKING}"}, False),
    ],
)
def test_a_world_holds_only_if_all_that_was_asked_came_out(wanted: str, changed: dict, holding: bool):
    figures = {
        "promoted": False,
        "stays": "v100",
        "alarm_columns": "",
        "share_lightgbm": 0.9,
        "gain_on_v100_low": 0.1,
        "gain_on_elastic_net_low": 0.1,
    }
    assert holds(wanted, {**figures, **changed}) is holding


@pytest.mark.parametrize("name", sorted(set(WORLDS) - {"rising"}))
def test_what_was_asked_of_a_world_came_out_for_every_seed(name: str):
    rows = [row for row in committed(TABLES["worlds"]) if row["world"] == name]
    assert [row["holds"] for row in rows] == ["True"] * 10


def test_where_a_linear_list_finds_nearly_all_there_is_the_model_is_not_promoted():
    """The world of rising calls leaves next to nothing to be above; it is committed as not held, not left out."""
    rows = [row for row in committed(TABLES["worlds"]) if row["world"] == "rising"]
    assert len(rows) == 10
    for row in rows:
        assert (row["holds"], row["promoted"]) == ("False", "False")
        assert float(row["share_lightgbm"]) >= LEAST_SHARE
        assert float(row["gain_on_elastic_net_low"]) <= 0
        assert all(float(row[f"gain_on_{name}_low"]) > 0 for name in INCUMBENTS if name != "elastic_net")
