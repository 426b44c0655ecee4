"""The search for parameters: on which dates, how it is judged, and what it may change."""

from __future__ import annotations

import dataclasses
from datetime import date
from itertools import pairwise

import lightgbm
import numpy as np
import pytest

from features.building import build_stream
from training.running import run_experiment
from training.settings import RankerSettings, TrainSettings, TuningSettings
from training.splits import earlier_splits, time_splits, training_dates
from training.stages import Stages
from training.tuning import RANGES, Tuned, adopted, tune
from values import AsOf

EXTRACT, START = AsOf(date(2026, 3, 31)), AsOf(date(2016, 3, 31))


@pytest.fixture(scope="module")
def searched(tuned_settings, grown_world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stages")
    tables = grown_world("signal")
    return run_experiment(tables, build_stream(tables), tuned_settings, stages=Stages(folder)), folder


@pytest.mark.parametrize(("tests", "apart_months"), [(8, 6), (3, 12), (5, 12)])
def test_every_outcome_searched_on_was_known_at_the_first_date_compared(tests: int, apart_months: int):
    splits = time_splits(EXTRACT, START, tests=tests, apart_months=apart_months)
    found = earlier_splits(splits[0], lambda day: training_dates(day, START), 365)
    assert 1 <= len(found) <= 2
    for split in found:
        assert split.test.number + 365 + 90 <= splits[0].test.number
        assert max(day.number for day in split.train) + 365 + 90 <= split.test.number
    assert all(later.test.number - earlier.test.number >= 365 for earlier, later in pairwise(found))


def test_eight_half_yearly_dates_leave_two_to_search_on_in_ten_years():
    splits = time_splits(EXTRACT, START, tests=8, apart_months=6)
    found = earlier_splits(splits[0], lambda day: training_dates(day, START), 365)
    assert (len(splits), str(splits[0].test)) == (8, "2021-06-30")
    assert [str(split.test) for split in found] == ["2019-03-31", "2020-03-31"]


def test_short_history_leaves_nothing_to_search_on():
    start = AsOf(date(2021, 3, 31))
    first = time_splits(EXTRACT, start)[0]
    assert earlier_splits(first, lambda day: training_dates(day, start), 365) == ()


def test_rankers_that_learn_are_searched_alike_and_lists_that_do_not_are_left(searched, tuned_settings):
    experiment, _ = searched
    assert [each.name for each in experiment.tuned] == ["lightgbm", "elastic_net"]
    for each in experiment.tuned:
        assert each.trials == tuned_settings.tuning.trials
        assert each.dates == ("2020-12-31", "2021-12-31")
        assert set(each.declared) == set(each.found) == set(RANGES[each.name])
        assert all(RANGES[each.name][name].low <= value <= RANGES[each.name][name].high
                   for name, value in each.found.items())  # fmt: skip


def test_a_ranker_that_is_not_to_be_tuned_stays_as_declared(searched):
    experiment, _ = searched
    kept = {each.name: each.model_copy(update={"tune": False}) for each in experiment.settings.rankers}
    settings = experiment.settings.with_rankers(kept)
    assert tune(experiment.material, settings, experiment.splits[:1], experiment.catalogue, Stages()) == ()
    one = experiment.settings.with_rankers({"lightgbm": kept["lightgbm"]})
    tuning = TuningSettings(trials=1, rows=1000)
    (net,) = tune(
        experiment.material,
        one.model_copy(update={"tuning": tuning}),
        experiment.splits[:1],
        experiment.catalogue,
        Stages(),
    )
    assert net.name == "elastic_net"


def test_what_was_found_is_fitted_elsewhere_and_recorded(searched, tuned_settings):
    experiment, _ = searched
    for each in experiment.tuned:
        declared, used = tuned_settings.ranker(each.name).parameters, experiment.settings.ranker(each.name).parameters
        assert used == ({**declared, **each.found} if each.adopted else declared)
    (net,) = [each for each in experiment.tuned if each.name == "elastic_net"]
    assert net.adopted  # an alpha of 2 was declared, under which everybody is alike
    assert experiment.fitted("elastic_net").ranker.alpha == net.found["alpha"] < 0.1


def test_a_trial_that_is_worse_than_most_is_given_up_after_the_first_date(searched):
    experiment, folder = searched
    for each in experiment.tuned:
        losses = list(folder.glob(f"tuning-{each.name}-0*.json"))
        assert len(losses) == 2 * each.trials - each.pruned
    assert sum(each.pruned for each in experiment.tuned) > 0


def test_a_search_that_was_stopped_goes_on_to_the_same_end(searched, tuned_settings, grown_world):
    experiment, folder = searched
    for later in folder.glob("tuning-*-00[4-9]-*.json"):
        later.unlink()
    for file in folder.glob("margin-*"):
        file.unlink()
    tables = grown_world("signal")
    again = run_experiment(tables, build_stream(tables), tuned_settings, stages=Stages(folder))
    assert again.tuned == experiment.tuned
    assert again.candidates == experiment.candidates


def test_parameters_that_are_not_better_at_every_date_are_not_adopted():
    settings = TrainSettings(tuning=TuningSettings(trials=1))
    lost = Tuned("lightgbm", ("2020-03-31",), 1, 0, {"trees": 300}, (0.2,), {"trees": 50}, (0.3,), False)
    assert adopted(settings, (lost,)) == settings
    won = dataclasses.replace(lost, found_loss=(0.1,), adopted=True)
    after = adopted(settings, (won,))
    assert after.ranker("lightgbm").parameters == {"trees": 50}
    assert after.ranker("lightgbm_outcome").parameters == {}
    assert after.incumbents == settings.incumbents


def test_a_ranker_may_be_fitted_on_the_outcome_under_a_name_of_its_own(grown_world, run_world):
    declared = run_world("signal").settings
    outcome = declared.candidates[0].model_copy(update={"name": "lightgbm_outcome", "target": "outcome"})
    update = {"candidates": (*declared.candidates, outcome), "incumbents": declared.incumbents[:1]}
    tables = grown_world("signal")
    experiment = run_experiment(tables, build_stream(tables), declared.model_copy(update=update))
    assert np.array_equal(experiment.lists.margins["lightgbm"], run_world("signal").lists.margins["lightgbm"])
    material = experiment.material
    rows, weight = material.use.final
    for name, column in (("lightgbm", "y"), ("lightgbm_outcome", "outcome")):
        margin = experiment.fitted(name).ranker.predict(material.indicators.iloc[rows])
        expected = np.average(1 / (1 + np.exp(-margin)), weights=weight)
        target = np.average(material.labels[column].to_numpy(float)[rows], weights=weight)
        assert expected == pytest.approx(target, abs=0.005)
    assert experiment.comparison.beats("lightgbm_outcome", "v100")
    assert RankerSettings(kind="lightgbm").name == "lightgbm"


def test_a_ranking_objective_depends_on_the_order_of_rows_and_is_not_offered():
    rng = np.random.default_rng(4)
    X, grade = rng.integers(0, 6, (3_000, 8)).astype(float), rng.integers(0, 4, 3_000)

    def first_hundred(order):
        ranker = lightgbm.LGBMRanker(
            n_estimators=30, deterministic=True, force_row_wise=True, n_jobs=1, random_state=1, verbosity=-1
        )
        ranker.fit(X[order], grade[order], group=[1_500, 1_500])
        return set(np.argsort(-ranker.predict(X), kind="stable")[:100].tolist())

    halves = np.concatenate([rng.permutation(1_500), 1_500 + rng.permutation(1_500)])  # each list's people shuffled
    assert len(first_hundred(np.arange(3_000)) & first_hundred(halves)) < 90
    with pytest.raises(lightgbm.basic.LightGBMError, match="exceeds upper limit of 10000"):
        lightgbm.LGBMRanker(n_estimators=1, verbosity=-1).fit(
            np.zeros((10_001, 1)) + np.arange(10_001)[:, None], np.arange(10_001) % 2, group=[10_001]
        )
    assert not any("rank" in kind for kind in RANGES)
