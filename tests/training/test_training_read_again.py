"""The backtest read again is the same where nothing is left out, and another where something is."""

from __future__ import annotations

import numpy as np
import pytest

from features.building import build_stream
from features.kinds import Flag
from training.follow_up import FollowUp
from training.read_again import (
    contributions,
    order_without_police_generated,
    outcome_reported_by,
    share_with_reporter,
)


@pytest.fixture(scope="module")
def world(run_world, grown_world):
    tables = grown_world("signal")
    return run_world("signal"), tables, build_stream(tables)


def test_where_victims_reported_everything_their_outcomes_are_the_outcomes(world):
    experiment, tables, stream = world
    follow_up = FollowUp.of(tables)
    assert share_with_reporter(stream) == 1.0
    whole = experiment.backtest("lightgbm")["outcome"]
    victims = outcome_reported_by(experiment, stream, follow_up, "victim")
    assert whole.sum() > 100
    assert victims.equals(whole)
    assert outcome_reported_by(experiment, stream, follow_up, "police").sum() == 0


def test_a_list_changes_only_where_the_police_generated_what_is_known(world):
    experiment, tables, stream = world
    order = experiment.backtest("lightgbm")["order"].to_numpy()
    assert np.array_equal(order_without_police_generated(experiment, stream, "lightgbm"), order)
    halved = grown_police(tables)
    again = order_without_police_generated(experiment, build_stream(halved), "lightgbm")
    assert not np.array_equal(again, order)


def grown_police(tables):
    """Let the police have generated every incident of every second person."""
    for incident in tables.rows["incidents"]:
        incident["reported_by"] = "victim"
    suspects = {row["incident_id"]: row["person_id"] for row in tables.rows["involvements"] if row["role"] == "suspect"}
    for incident in tables.rows["incidents"]:
        if int(suspects[incident["incident_id"]].split("-")[1]) % 2:
            incident["reported_by"] = "police"
    stream = build_stream(tables)
    assert ((stream.flags & int(Flag.POLICE_REPORTED)) != 0).any()
    return tables


def test_contributions_of_people_sum_to_the_margins_of_the_ranker_that_had_not_seen_them(world):
    experiment, _, _ = world
    rows = np.array([3, 5, len(experiment.test_rows) - 2])
    parts = contributions(experiment, "lightgbm", rows)
    assert parts.index.tolist() == rows.tolist()
    margins = experiment.lists.margins["lightgbm"][rows]
    bases = [experiment.of_split(int(experiment.lists.split[row]), "lightgbm") for row in rows]
    added = [
        ranker.contributions(experiment.material.table(np.array([0]), parts.columns))["base"][0] for ranker in bases
    ]
    assert parts.sum(axis=1).to_numpy() + added == pytest.approx(margins)
