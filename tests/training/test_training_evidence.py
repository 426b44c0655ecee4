"""What a report rests on beside the comparison: rates of labels, agreement at k, regimes, kinds of abuse."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.building import build_stream
from training.breakdowns import Grouped, breakdowns, mcc_measures
from training.label_report import EVERY_DATE, OUTCOME, clustered_rate, label_report
from training.lists import Lists
from training.regimes import regime_of, split_remarks
from training.relationships import relationships
from training.settings import CohortSettings, LabelSettings
from training.splits import Split
from values import AsOf


@pytest.mark.parametrize(
    ("as_of", "regime"),
    [
        ("2022-05-31", "before June 2023"),
        ("2022-06-01", "across June 2023"),
        ("2023-05-30", "across June 2023"),
        ("2023-05-31", "from June 2023"),
    ],
)
def test_a_regime_is_told_by_the_days_on_which_outcomes_occur(as_of, regime):
    assert regime_of(AsOf.parse(as_of), 365) == regime


def test_a_split_says_which_change_of_rules_it_mixes():
    def remarks(test, *train):
        return split_remarks(Split(AsOf.parse(test), tuple(AsOf.parse(day) for day in train)), 365)

    assert remarks("2024-12-31", "2023-05-31") == ()
    assert remarks("2021-03-31", "2019-12-31") == ()
    (straddles,) = remarks("2024-12-31", "2022-06-30", "2022-12-31")
    assert straddles == "Counting rules of June 2023: the training outcomes straddle it."
    assert remarks("2023-06-30", "2021-12-31", "2022-03-31")[-1] == (
        "Counting rules of June 2023: trained on outcomes before it, tested on outcomes after it."
    )
    assert "the test outcomes straddle it" in remarks("2022-12-31", "2021-09-30")[-1]


def test_kinds_of_abuse_follow_the_pairs_that_put_somebody_on_the_list(tables):
    def incident(person, day, victim, relationship, **options):
        tables.incident(day, person, victim, **options)
        if relationship:
            tables.rows["dyads"][-1]["relationship"] = relationship

    incident("both", "2022-06-01", "V1", "partner")
    incident("both", "2022-07-01", "V2", "parent")
    incident("partner", "2022-06-01", "V3", "ex_partner")
    incident("long ago", "2020-06-01", "V4", "partner")
    incident("long ago", "2022-06-01", "V5", "sibling")
    incident("not known then", "2022-06-01", "V6", "partner", known="2023-06-01")
    incident("not recorded", "2022-06-01", "V7", None)
    spine = pd.DataFrame({"person_id": ["both", "partner", "long ago", "not known then", "not recorded"]})
    spine["as_of"] = np.datetime64("2023-01-31", "s")
    kinds = relationships(build_stream(tables), spine, CohortSettings())
    assert kinds["ipv"].tolist() == [True, True, False, False, False]
    assert kinds["familial"].tolist() == [True, False, True, False, False]
    assert relationships(build_stream(tables), spine, CohortSettings(months=None))["ipv"].tolist()[2]


def test_a_rate_is_as_sure_as_the_people_behind_it_and_not_the_rows():
    rng = np.random.default_rng(1)
    happened = (rng.random(400) < 0.2).astype(float)
    once = clustered_rate(happened, np.ones(400), np.arange(400))
    five = clustered_rate(np.tile(happened, 5), np.ones(2000), np.tile(np.arange(400), 5))
    assert (five.low, five.high) == pytest.approx((once.low, once.high))
    nobody = clustered_rate(np.zeros(50), np.ones(50), np.arange(50))
    assert (nobody.value, nobody.low, nobody.high) == pytest.approx((0.0, 0.0, 0.0713), abs=1e-4)  # Wilson, 0 of 50


def labelled(rows):
    """Rows of (person, date, outcome, censored, treated, died), everything else following; only M moved away."""
    frame = pd.DataFrame(rows, columns=["person_id", "as_of", "outcome", "censored", "treated", "died"])
    frame["as_of"] = frame["as_of"].astype("datetime64[s]")
    for part in ("serious", "new_victim", "repeat_crime"):
        frame[part] = frame["outcome"].astype("boolean")
    frame["marac"] = pd.array([pd.NA] * len(frame), dtype="boolean")
    frame["moved"] = frame["person_id"] == "M"
    without = frame[["censored", "moved", "treated", "died"]].any(axis=1)
    frame["weight"] = np.where(without, 0.0, 1.0)
    return frame


def test_labels_are_counted_by_regime_and_kind_and_the_treated_bound_the_rate():
    rows = [(f"P{i}", "2021-12-31", int(i < 20), False, False, False) for i in range(80)]
    rows += [(f"T{i}", "2021-12-31", 0, False, True, False) for i in range(20)]
    rows += [("C", "2024-12-31", 0, True, False, False), ("D", "2024-12-31", 0, False, False, True)]
    rows += [("M", "2024-12-31", 0, False, False, False)]
    rows += [("P1", "2024-12-31", 1, False, False, False), ("P2", "2024-12-31", 0, False, False, False)]
    frame = labelled(rows)
    kinds = pd.DataFrame({"ipv": frame["person_id"].str.startswith("P")})
    found = {(each.when, each.group): each for each in label_report(frame, frame, kinds, LabelSettings())}
    assert set(found) == {
        (when, group) for when in ("before June 2023", "from June 2023", EVERY_DATE) for group in ("everybody", "ipv")
    }
    before = found["before June 2023", "everybody"]
    assert (before.rows, before.people, before.treated, before.censored, before.died) == (100, 100, 20, 0, 0)
    assert before.effective_size == 80.0
    assert before.parts[OUTCOME].rows == 20
    assert before.parts[OUTCOME].rate.value == 0.25
    assert before.parts["marac"] is None
    assert (before.treated_low, before.treated_high) == pytest.approx((0.2, 0.4))
    after = found["from June 2023", "everybody"]
    assert (after.censored, after.moved, after.died, after.parts[OUTCOME].rate.value) == (1, 1, 1, 0.5)
    assert found["before June 2023", "ipv"].rows == 80
    assert found[EVERY_DATE, "ipv"].people == 80


def lists_of(margin, outcome, person=None, area=None, split=None):
    n = len(margin)
    zero = np.zeros(n, dtype=np.int64)
    return Lists(
        person=np.arange(n) if person is None else person,
        split=zero if split is None else split,
        area=zero if area is None else area,
        outcome=np.asarray(outcome, dtype=float),
        weight=np.ones(n),
        harm={},
        margins={"list": np.asarray(margin, dtype=float)},
    )


def test_the_correlation_of_list_and_outcome_is_that_of_the_two_by_two_table():
    rng = np.random.default_rng(2)
    margin = rng.permutation(200).astype(float)
    outcome = rng.random(200) < 0.1 + 0.6 * (margin > 150)
    (measure,) = mcc_measures(lists_of(margin, outcome), 50, draws=100, seed=1)
    expected = np.corrcoef(margin >= 150, outcome)[0, 1]
    assert measure.interval.value == pytest.approx(expected)
    assert measure.interval.low < expected < measure.interval.high
    assert (measure.name, measure.metric) == ("list", "mcc_at_k")


def test_a_group_is_judged_on_the_list_of_everybody():
    margin, outcome = np.arange(200.0)[::-1], np.zeros(200)
    outcome[[0, 1, 10, 150]] = 1
    group = np.arange(200) % 2 == 0
    (found,) = breakdowns(lists_of(margin, outcome), [Grouped("abuse", "ipv", group)], 20, draws=50, seed=1)
    assert (found.people, found.outcomes) == (100, 3)
    assert found.precision.value == pytest.approx(2 / 10)  # ten of the twenty places are the group's
    assert found.recall.value == pytest.approx(2 / 3)
    assert found.auc.value == pytest.approx((97 + 93 + 24) / 3 / 97)


def test_a_group_without_a_known_outcome_is_left_out():
    nobody = np.zeros(150, dtype=bool)
    assert breakdowns(lists_of(np.arange(150.0), nobody), [Grouped("area", "x", nobody)], 5, draws=50, seed=1) == ()


def test_every_ranker_of_a_run_is_told_by_area_and_regime_and_has_a_correlation(run_world):
    evidence = run_world("signal").evidence
    assert {(each.kind, each.group) for each in evidence.breakdowns} == {
        ("area", "north"), ("area", "south"), ("regime", "across June 2023"), ("regime", "from June 2023"),
    }  # fmt: skip
    found = {each.name: each.interval for each in evidence.measures if each.metric == "mcc_at_k"}
    assert set(found) == {"lightgbm", "v100", "recency", "elastic_net"}
    assert found["lightgbm"].low > found["v100"].high
    assert date(2024, 12, 31).isoformat() in {each.when for each in evidence.reliability}
    slopes = {each.name: each.interval for each in evidence.measures if each.metric == "calibration_slope:everybody"}
    assert slopes["lightgbm"].low < 1.0 < slopes["lightgbm"].high
