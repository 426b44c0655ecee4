from __future__ import annotations

import numpy as np
import pytest

from training import promotion
from training.alarms import find_alarms, indicator_aucs, suspicious_columns
from training.compare import Comparison, Difference, Measure
from training.evaluate import Interval
from training.promotion import Alarm, best_incumbent
from training.settings import AlarmLimits

SETS = ("flat", "reference", "other")
ABOVE, ACROSS = Interval(5.0, 1.0, 9.0), Interval(5.0, -1.0, 9.0)


def comparison_of(above, names=("lightgbm", "v100", "recency"), aucs=None, across=()):
    """A comparison in which the (name, other) pairs of `above` hold, except for the sets in `across`."""
    measures = [
        Measure(name, metric, Interval(value, value, value))
        for name in names
        for metric, value in (("auc", (aucs or {}).get(name, 0.7)), ("harm_found:flat", 10.0))
    ]
    differences = [
        Difference(
            name, other, weights,
            ABOVE if (name, other) in above and (name, other, weights) not in across else ACROSS,
        )
        for name in names for other in names if name != other for weights in SETS
    ]  # fmt: skip
    return Comparison(tuple(measures), tuple(differences), people=1000, draws=400)


def decide(*arguments, dates=3, **settings):
    return promotion.decide(*arguments, dates=dates, **settings)


BEATS_BOTH = {("lightgbm", "v100"), ("lightgbm", "recency")}


def test_a_model_that_beats_every_incumbent_under_every_weight_set_is_promoted():
    decision = decide(comparison_of(BEATS_BOTH), ["lightgbm"], ["v100", "recency"])
    assert (decision.promoted, decision.champion, decision.incumbent) == (True, "lightgbm", "v100")


@pytest.mark.parametrize("weights", SETS)
@pytest.mark.parametrize("other", ["v100", "recency"])
def test_one_interval_across_zero_keeps_the_simple_list(weights, other):
    comparison = comparison_of(BEATS_BOTH, across={("lightgbm", other, weights)})
    decision = decide(comparison, ["lightgbm"], ["v100", "recency"])
    assert (decision.promoted, decision.champion) == (False, "v100")
    assert [c.name for c in decision.conditions if not c.holds] == [f"finds more harm than {other}"]


def test_a_later_incumbent_stays_only_if_it_clearly_beats_the_first():
    assert best_incumbent(comparison_of(set()), ["v100", "recency"]) == "v100"
    assert best_incumbent(comparison_of({("recency", "v100")}), ["v100", "recency"]) == "recency"
    across = {("recency", "v100", "other")}
    assert best_incumbent(comparison_of({("recency", "v100")}, across=across), ["v100", "recency"]) == "v100"


def test_an_alarm_stops_promotion_and_says_why():
    alarm = Alarm("indicator x", 0.97, 0.85, ("incidents.drugs",), ("x",), "Indicator x knows the future.")
    decision = decide(comparison_of(BEATS_BOTH), ["lightgbm"], ["v100", "recency"], [alarm])
    assert (decision.promoted, decision.champion) == (False, "v100")
    assert decision.conditions[-1].why == "Indicator x knows the future."


def test_while_an_alarm_sounds_only_a_list_that_learns_nothing_stays():
    alarm = Alarm("indicator x", 0.97, 0.85, ("incidents.drugs",), ("x",), "Indicator x knows the future.")
    beaten = comparison_of({("elastic", "v100")}, names=("elastic", "v100"))
    incumbents = ["v100", "elastic"]
    assert decide(beaten, [], incumbents, learned=["elastic"]).champion == "elastic"
    assert decide(beaten, [], incumbents, [alarm], learned=["elastic"]).champion == "v100"


def test_a_rehearsal_never_promotes():
    decision = decide(comparison_of(BEATS_BOTH), ["lightgbm"], ["v100", "recency"], promote="never")
    assert (decision.promoted, decision.champion) == (False, "v100")


@pytest.mark.parametrize(("dates", "promoted"), [(1, False), (2, False), (3, True), (5, True)])
def test_a_model_compared_on_fewer_than_three_dates_is_not_promoted(dates, promoted):
    decision = decide(comparison_of(BEATS_BOTH), ["lightgbm"], ["v100", "recency"], dates=dates)
    assert (decision.promoted, decision.champion) == (promoted, "lightgbm" if promoted else "v100")
    (condition,) = [c for c in decision.conditions if c.name == "compared on at least three dates"]
    assert (condition.holds, condition.why) == (promoted, f"{dates} test date{'s' * (dates > 1)}")


def test_without_a_candidate_the_simple_list_is_champion():
    decision = decide(comparison_of(set()), [], ["v100", "recency"])
    assert (decision.promoted, decision.champion, decision.candidate) == (False, "v100", None)


def test_a_further_condition_that_does_not_hold_puts_the_simple_list_back():
    decision = decide(comparison_of(BEATS_BOTH), ["lightgbm"], ["v100", "recency"])
    held = decision.with_condition("missed harm", True, "ratios 0.9 to 1.1")
    failed = decision.with_condition("missed harm", False, "ratio 1.6 for one group")
    assert held.promoted
    assert held.conditions[-1].holds
    assert (failed.promoted, failed.champion) == (False, "v100")
    assert failed.to_dict()["conditions"][-1]["why"] == "ratio 1.6 for one group"


READS = {
    "count": ("incidents.occurred_from", "involvements.role"),
    "recency": ("incidents.occurred_from", "involvements.role"),
    "leak": ("incidents.occurred_from", "incidents.drugs"),
}
AUCS = {"count": 0.62, "recency": 0.66, "leak": 0.97}


def test_the_column_that_only_strong_indicators_read_is_most_suspicious():
    assert suspicious_columns(AUCS, READS)[0] == "incidents.drugs"


def test_alarms_name_the_indicator_and_its_columns():
    alarms = find_alarms(comparison_of(set()), ["lightgbm"], AUCS, READS, AlarmLimits(), _never)
    assert [alarm.subject for alarm in alarms] == ["indicator leak"]
    assert alarms[0].columns == ("incidents.drugs", "incidents.occurred_from")


def test_a_ranker_too_good_is_refitted_without_each_suspicious_column():
    asked = []

    def refit(name, without):
        asked.append(without)
        return 0.71 if "leak" in without else 0.96

    comparison = comparison_of(set(), aucs={"lightgbm": 0.97})
    limits = AlarmLimits(candidate_auc=0.9, indicator_auc=0.99)
    (alarm,) = find_alarms(comparison, ["lightgbm"], AUCS, READS, limits, refit)
    assert (alarm.subject, alarm.columns[0], alarm.indicators) == (
        "candidate lightgbm", "incidents.drugs", ("leak",),
    )  # fmt: skip
    assert frozenset(AUCS) not in asked  # a column that every indicator reads cannot be taken out
    assert "without incidents.drugs it is 0.710" in alarm.message


def _never(name, without):
    raise AssertionError("refitted although no ranker is above its limit")


def test_an_indicator_that_ranks_the_wrong_way_or_by_being_missing_is_seen():
    import pandas as pd

    from training.lists import Lists

    outcome = np.tile([0.0, 1.0], 50)
    lists = Lists(np.arange(100), np.zeros(100, int), np.zeros(100, int), outcome, np.ones(100), {}, {})
    frame = pd.DataFrame({"down": -outcome, "missing": np.where(outcome == 1, np.nan, 3.0), "flat": np.ones(100)})
    assert indicator_aucs(frame, lists) == {"down": 1.0, "missing": 1.0, "flat": 0.5}
