from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.building import build_stream
from models import Bundle
from training.banding import cut_bands
from training.errors import NotEnoughHistory, NotEnoughOutcomes
from training.material import Labelled
from training.running import run_experiment
from training.settings import TrainSettings
from values import AsOf


def test_a_model_wins_where_the_past_predicts_what_a_sum_of_harm_does_not_see(run_world):
    experiment = run_world("signal")
    for simple in ("v100", "recency"):
        assert experiment.comparison.beats("lightgbm", simple)
        assert not experiment.comparison.beats(simple, "lightgbm")
    assert experiment.comparison.value("lightgbm", "auc").low > 0.6
    assert experiment.alarms == ()


def test_on_noise_the_simple_list_stays(run_world):
    experiment = run_world("noise")
    interval = experiment.comparison.value("lightgbm", "auc")
    assert interval.low < 0.55
    assert (experiment.decision.promoted, experiment.decision.champion) == (False, "v100")
    assert experiment.alarms == ()


def test_a_planted_leak_stops_promotion_and_its_column_is_named(run_world):
    experiment = run_world("leak")
    (alarm,) = [alarm for alarm in experiment.alarms if alarm.subject == "candidate lightgbm"]
    assert alarm.columns[0] == "incidents.drugs"
    assert all("incidents.drugs" in experiment.catalogue.reads_of(name) for name in alarm.indicators)
    assert not experiment.decision.promoted
    failed = [condition for condition in experiment.decision.conditions if not condition.holds]
    assert "incidents.drugs" in failed[-1].why


def test_candidates_are_the_rows_that_scripts_rely_on(run_world):
    rows = run_world("signal").candidates
    assert {tuple(row) for row in rows} == {("name", "metric", "value", "low", "high")}
    assert {row["name"] for row in rows} == {"lightgbm", "v100", "recency", "elastic_net"}
    by_key = {(row["name"], row["metric"]): row for row in rows}
    auc = by_key["lightgbm", "auc"]
    assert auc["low"] < auc["value"] < auc["high"]
    assert 0 < by_key["lightgbm", "brier"]["value"] < 0.25


def test_no_ranker_is_trained_on_what_its_test_date_could_not_know(run_world):
    experiment = run_world("signal")
    need = experiment.settings.label.horizon_days + experiment.settings.label.lag_days
    assert len(experiment.splits) == 3
    for split in experiment.splits:
        assert max(day.number for day in split.train) + need <= split.test.number


def test_backtest_holds_every_tested_person_once_a_split_with_places_and_selections(run_world):
    experiment = run_world("signal")
    backtest = experiment.backtest("lightgbm")
    assert not backtest.duplicated(["person_id", "as_of"]).any()
    assert len(backtest) == len(experiment.test_rows)
    lists = backtest.groupby(["split", "area"])
    assert (lists["selected_at_k"].sum() == 20).all()
    assert (lists["selected_at_k3"].sum() == 60).all()
    first = backtest.loc[lists["margin"].idxmax()]
    assert (first["place"] == 1).all()
    assert backtest.loc[backtest["selected_at_k"] == 1, "place"].max() <= 20
    known = backtest["outcome"].notna()
    assert (backtest.loc[known, "outcome"] == (backtest.loc[known, "grade"] >= 2)).all()


def test_the_audit_depth_finds_half_of_all_outcomes_and_one_place_less_does_not(run_world):
    experiment = run_world("signal")
    for name, depth in experiment.depth.items():
        backtest = experiment.backtest(name)
        outcomes = backtest["outcome"].fillna(0).astype(int)
        found = int((outcomes * backtest["selected_at_depth"]).sum())
        assert found >= outcomes.sum() / 2
        shorter = dataclasses.replace(experiment, depth={**experiment.depth, name: depth - 1}).backtest(name)
        assert int((outcomes * shorter["selected_at_depth"]).sum()) < outcomes.sum() / 2


def test_people_who_tie_are_selected_by_a_lot_that_does_not_depend_on_row_order(run_world):
    experiment = run_world("signal")
    backtest = experiment.backtest("v100")
    ties = backtest[backtest["margin"] == 0.0]
    assert ties["selected_at_depth"].nunique() == 2  # the lot cuts through the tie
    assert backtest.equals(experiment.backtest("v100"))


def test_the_bundle_loads_again_and_scores_as_fitted(run_world, tmp_path):
    experiment = run_world("signal")
    promoted = dataclasses.replace(experiment.decision, promoted=True, champion="lightgbm")
    bundle = experiment.save_bundle(tmp_path, promoted)
    assert bundle.kind == "lightgbm"
    assert Bundle.load(bundle.path).hash == bundle.hash
    table = experiment.material.indicators.head(50)
    fitted = experiment.fitted("lightgbm")
    assert np.array_equal(bundle.margin(table), fitted.ranker.predict(table[list(fitted.indicators)]))
    assert bundle.card["decision"]["champion"] == "lightgbm"
    assert bundle.bands is not None


def test_the_same_data_and_seed_give_the_same_bundle_whatever_the_order_of_rows(run_world, tmp_path, world_tables):
    first = run_world("noise")
    tables = world_tables("noise")
    rng = np.random.default_rng(0)
    for rows in tables.rows.values():
        rng.shuffle(rows)
    second = run_experiment(tables, build_stream(tables), first.settings)
    decision = dataclasses.replace(first.decision, champion="lightgbm")
    assert first.candidates == second.candidates
    assert first.save_bundle(tmp_path / "a", decision).hash == second.save_bundle(tmp_path / "b", decision).hash


def test_no_person_is_in_bundle_or_card(run_world, tmp_path):
    experiment = run_world("signal")
    bundle = experiment.save_bundle(tmp_path, dataclasses.replace(experiment.decision, champion="lightgbm"))
    for file in bundle.path.iterdir():
        assert b"SYNTHETIC-" not in file.read_bytes()


def test_small_counts_are_withheld_from_the_card(run_world):
    from training.card import model_card

    experiment = run_world("signal")
    report = ({**experiment.report[0], "censored": 3, "treated": 0},)
    card = model_card(dataclasses.replace(experiment, report=report))
    assert (card["dates"][0]["censored"], card["dates"][0]["treated"]) == ("fewer than 10", 0)
    assert card["dates"][0]["effective_size"] is None  # people less effective size would say how many


def test_a_rehearsal_with_one_date_runs_and_does_not_promote(run_world, world_tables):
    tables, declared = world_tables("signal"), run_world("signal").settings
    one = declared.splits.model_copy(update={"test_dates": declared.splits.test_dates[-1:]})
    dead = tables.rows["incidents"][0]["incident_id"]
    (suspect,) = [
        r["person_id"] for r in tables.rows["involvements"] if (r["incident_id"], r["role"]) == (dead, "suspect")
    ]
    tables.add("persons", "2018-12-31", person_id=suspect, deceased_on="2018-12-31")
    experiment = run_experiment(tables, build_stream(tables), declared.model_copy(update={"splits": one}))
    assert len(experiment.splits) == 1
    assert not experiment.decision.promoted
    (condition,) = [c for c in experiment.decision.conditions if c.name == "compared on at least three dates"]
    assert (condition.holds, condition.why) == (False, "1 test date")
    assert suspect not in set(experiment.material.spine["person_id"])
    assert suspect in set(run_world("signal").material.spine["person_id"])


def test_too_little_history_is_refused(make_tables):
    tables = make_tables()
    tables.add("persons", "2025-01-01", person_id="P", deceased_on=None)
    tables.incident("2025-01-01", "P", "V")
    with pytest.raises(NotEnoughHistory, match="no test date with a training date"):
        run_experiment(tables, build_stream(tables), TrainSettings())


def labelled(y):
    n = len(y)
    spine = pd.DataFrame({"person_id": [f"P{i}" for i in range(n)], "area": "north"})
    spine["as_of"] = np.datetime64("2021-09-30", "s")
    labels = pd.DataFrame({"y": y, "outcome": (np.asarray(y) > 0.3).astype(int), "weight": np.ones(n)})
    return Labelled(spine, labels, 1)


def test_sampling_keeps_everybody_with_a_grade_and_the_drawn_stand_for_the_rest():
    y = np.repeat([0.0, 0.2, 0.5], [900, 60, 40])
    rows, weight = labelled(y).drawn([AsOf(date(2021, 9, 30))], 300)
    assert len(rows) == 300
    assert (y[rows] > 0).sum() == 100
    assert weight.sum() == pytest.approx(1000)
    assert set(weight[y[rows] == 0]) == {4.5}


def test_too_few_outcomes_to_train_on_are_refused():
    with pytest.raises(NotEnoughOutcomes, match="hold 110 people with a known outcome"):
        labelled(np.repeat([0.0, 0.5], [100, 10])).drawn([AsOf(date(2021, 9, 30))], 300)


def test_bands_do_not_lift_everybody_who_ties():
    expected = np.array([0.05] * 900 + [0.2] * 60 + [0.4] * 32 + [0.6] * 8)
    bands = cut_bands(expected)
    shares = pd.Series([bands.label(value) for value in expected]).value_counts(normalize=True)
    assert shares["lower"] == 0.9
    assert shares["very high"] == 0.008
    assert cut_bands(np.full(50, 0.3)).label(0.3) == "lower"
