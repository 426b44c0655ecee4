from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from training import ablation, certificate, drift
from training.alarms import find_too_bad
from training.compare import compare
from training.lists import Lists
from training.over_time import over_time, regrets
from training.selection import selection
from training.selection_words import lines, tables
from training.settings import CertificateSettings
from training.stages import Stages

DATES = ["2022-12-31", "2023-12-31"]


def two_dates(margins, harm=None, outcome=None, weight=None):
    """Four people at each of two dates, in one area: person 0 to 3, then 2 to 5."""
    count = 8
    return Lists(
        person=np.array([0, 1, 2, 3, 2, 3, 4, 5]),
        split=np.repeat([0, 1], 4),
        area=np.zeros(count, dtype=np.int64),
        outcome=np.zeros(count) if outcome is None else np.asarray(outcome, float),
        weight=np.ones(count) if weight is None else np.asarray(weight, float),
        harm={"flat": np.zeros(count) if harm is None else np.asarray(harm, float)},
        margins={name: np.asarray(values, float) for name, values in margins.items()},
    )


def test_regret_is_what_the_best_ranker_of_each_date_would_have_found_beyond_this_one():
    lists = two_dates({"a": [4, 3, 2, 1, 4, 3, 2, 1], "b": [1, 2, 3, 4, 1, 2, 3, 4]}, harm=[10, 0, 0, 4, 0, 0, 0, 6])
    rows = {row["name"]: row for row in regrets(lists, [1])}
    assert rows["a"]["by_date"] == [0.0, 6.0]
    assert rows["b"]["by_date"] == [6.0, 0.0]
    assert (rows["b"]["largest"], rows["b"]["share"]) == (6.0, 6.0 / 16.0)


def test_a_list_over_time_counts_the_same_peoples_places_and_orders_only_who_is_at_both_dates():
    lists = two_dates({"a": [1, 2, 3, 4, 4, 3, 2, 1], "b": [1, 2, 4, 3, 4, 3, 2, 1], "same": np.ones(8)})
    rows = {row["name"]: row for row in over_time(lists, 2, DATES)}
    assert (rows["a"]["kept"], rows["a"]["jaccard"]) == (1.0, 1.0)
    assert rows["a"]["rank_correlation"] == pytest.approx(-1.0)
    assert rows["b"]["rank_correlation"] == pytest.approx(1.0)
    # everybody ties: half a place each, and two of four people are there again
    assert (rows["same"]["kept"], rows["same"]["rank_correlation"]) == (0.5, None)
    assert (rows["a"]["earlier"], rows["a"]["later"]) == tuple(DATES)


def test_net_benefit_weighs_people_found_against_places_given_in_vain():
    lists = two_dates({"a": [4, 3, 2, 1, 4, 3, 2, 1]}, outcome=[1, 0, 0, 0, 1, 1, 0, 0])
    found = compare(lists, [2], 2, cost_ratio=5.0, draws=50).value("a", "net_benefit_at_k").value
    assert found == ((5 - 1) + (5 + 5)) / 2


@pytest.fixture(scope="module")
def record(run_world):
    return selection(run_world("signal"))


def test_the_record_says_why_this_one_and_why_not_each_other(run_world, record):
    experiment = run_world("signal")
    assert record["champion"] == experiment.decision.champion == "elastic_net"
    why_not = {each["name"]: each["why"] for each in record["why_not"]}
    assert list(why_not) == ["lightgbm", "v100", "recency"]
    assert record["why"][0].startswith("elastic_net stays")
    assert "It clearly finds more harm than v100, recency" in record["why"][0]
    assert why_not["lightgbm"][0].startswith("Does not hold: finds more harm than elastic_net (flat: ")
    assert why_not["v100"][0].startswith("elastic_net clearly finds more harm, under every weight set: flat +")


def test_a_promoted_model_is_told_by_the_conditions_that_hold(run_world):
    experiment = run_world("signal")
    held = tuple(dataclasses.replace(each, holds=True) for each in experiment.decision.conditions)
    promoted = dataclasses.replace(experiment.decision, promoted=True, champion="lightgbm", conditions=held)
    record = selection(dataclasses.replace(experiment, decision=promoted))
    assert record["why"][0] == "lightgbm is promoted: every condition holds."
    assert len(record["why"]) == 1 + len(held)
    assert "elastic_net" in {each["name"] for each in record["why_not"]}


def test_costs_are_a_policy_and_what_a_list_is_worth_has_an_interval(record):
    costs = record["costs"]
    assert (costs["place_in_vain"], costs["missed"], costs["decided_by"], costs["k"]) == (1.0, 10.0, "", 20)
    benefit = {row["name"]: row for row in costs["net_benefit"]}
    assert benefit["v100"]["low"] < benefit["v100"]["value"] < benefit["v100"]["high"] < benefit["lightgbm"]["low"]
    worth = {row["name"]: row for row in costs["worth_it_from"]}
    assert worth["v100"]["low"] < worth["v100"]["value"] < worth["v100"]["high"]
    assert worth["lightgbm"]["value"] < worth["v100"]["value"]


def test_the_record_is_plain_json_and_reads_as_sentences_and_tables(record):
    assert json.loads(json.dumps(record)) == record
    told = "\n".join(lines(record))
    assert "Why elastic_net:" in told
    assert "illustrative: nobody has decided it" in told
    assert "2023-12-31 keeps" in told
    shown = tables(record)
    assert [len(table["header"]) for table in shown] == [3, 5, 6, 3]
    assert all(len(row) == len(table["header"]) for table in shown for row in table["rows"])
    assert {row[0] for row in shown[0]["rows"]} == {"lightgbm", "v100", "recency", "elastic_net"}


@pytest.fixture(scope="module")
def card(run_world, tmp_path_factory):
    experiment = run_world("signal")
    decision = dataclasses.replace(experiment.decision, champion="lightgbm")
    return experiment.save_bundle(tmp_path_factory.mktemp("certified"), decision).card


def test_shuffled_rows_and_threads_give_the_identical_list_and_people_drawn_anew_do_not(card):
    found = card["certificate"]
    assert (found["as_of"], found["k"], found["areas"], found["identical"]) == ("2024-12-31", 20, 2, True)
    assert (found["seeds"]["refits"], found["seeds"]["kept"]) == (1, 1.0)
    assert found["bootstrap"]["refits"] == 3
    assert 0.2 < found["bootstrap"]["least_kept"] <= found["bootstrap"]["kept"] < 1.0
    assert found["from_place"] <= 20 < found["to_place"]
    assert found["always_above"] < 1.0
    assert found["interchangeable"] >= 20  # half as many people as there are places, or more
    assert found["reach"] > 0.0
    assert "their order is no finding" in certificate.lines(found)[-1]


def test_a_certificate_goes_on_from_the_refits_of_a_run_that_was_stopped(run_world, kept):
    experiment = run_world("signal")
    refitting, last = experiment.refitting("elastic_net"), experiment.lists.split == experiment.lists.split.max()
    found = certificate.certify(refitting, experiment.lists.margins["elastic_net"][last], kept)
    unable = dataclasses.replace(refitting, training=(np.array([], dtype=np.int64), np.array([])))
    assert certificate.certify(unable, experiment.lists.margins["elastic_net"][last], kept) == found
    with pytest.raises(ValueError, match="0 sample"):
        certificate.certify(unable, experiment.lists.margins["elastic_net"][last])


def test_another_list_from_shuffled_rows_would_be_seen(run_world):
    experiment = run_world("signal")
    last = experiment.lists.split == experiment.lists.split.max()
    others = experiment.lists.margins["recency"][last]
    settings = experiment.settings.model_copy(
        update={"certificate": CertificateSettings(bootstrap_refits=0, seed_refits=0)}
    )
    found = certificate.certify(dataclasses.replace(experiment.refitting("lightgbm"), settings=settings), others)
    assert found["identical"] is False
    assert "do not rely on it" in certificate.lines(found)[0]


def test_the_reach_is_where_nine_in_ten_stood_who_changed_sides():
    first = np.arange(100, 0, -1, dtype=float)  # the line of 50 places lies at 51
    groups, inside = [np.arange(100)], np.zeros(100, dtype=bool)
    inside[40:60] = True  # from 9 above the line to 10 below it
    assert certificate._reach(first, [first], groups, inside, 50) == 9.0
    assert certificate._reach(first, [], groups, inside, 50) is None
    assert certificate._reach(first, [first], groups, np.arange(100) < 9, 50) is None
    assert certificate._reach(first, [first], groups, inside, 100) is None  # everybody has a place


def test_a_list_that_learns_nothing_is_not_refitted_and_who_ties_at_its_line_is_interchangeable(run_world):
    experiment = run_world("signal")
    last = experiment.lists.split == experiment.lists.split.max()
    found = certificate.certify(experiment.refitting("v100"), experiment.lists.margins["v100"][last])
    assert (found["identical"], found["bootstrap"]["refits"], found["bootstrap"]["kept"]) == (True, 0, None)
    assert found["reach"] is None
    backtest = experiment.backtest("v100")
    listed = backtest[backtest["split"] == experiment.lists.split.max()]
    size = listed.groupby(["area", "place"])["person_id"].transform("size")
    assert found["interchangeable"] == int(((listed["place"] <= 20) & (listed["place"] + size - 1 > 20)).sum())


def test_people_stay_where_they_were_and_a_shifted_indicator_is_found_to_have_moved(run_world, card):
    experiment = run_world("signal")
    rows = experiment.test_rows[experiment.lists.split == experiment.lists.split.max()]
    people = experiment.material.indicators.iloc[rows]
    margins = experiment.lists.margins["lightgbm"][experiment.lists.split == experiment.lists.split.max()]
    frozen = drift.freeze(people, margins, "2024-12-31")
    same = drift.drift(frozen, people, margins)
    assert (same["score"], same["moved"], same["since"]) == ("none", [], "2024-12-31")
    later = people.assign(
        domestic_incidents_365=people["domestic_incidents_365"] + 3, harm_max_ever=np.full(len(people), np.nan)
    )
    found = drift.drift(frozen, later, margins + 2.0)
    assert found["score"] == "large"
    assert {row["name"]: row["level"] for row in found["moved"]} == {
        "domestic_incidents_365": "large", "harm_max_ever": "large",
    }  # fmt: skip
    gone = next(row for row in found["moved"] if row["name"] == "harm_max_ever")
    assert (gone["missing"], gone["delta"]) == (1.0, None)
    assert "score large" in drift.lines(found)[0]
    assert drift.drift(frozen, people.head(99), margins[:99])["score"] == "not compared"


def test_frozen_bins_hold_shares_of_ten_people_or_more_and_are_in_the_card(card):
    frozen = card["frozen"]
    assert drift.MARGIN in frozen["bins"]
    smallest = min(share for each in frozen["bins"].values() for share in each["shares"] if share > 0)
    assert smallest * frozen["people"] >= 10 - 1e-3
    assert all(len(each["shares"]) == len(each["edges"]) + 2 for each in frozen["bins"].values())


def test_a_ranker_turned_round_at_one_date_is_too_bad_and_the_date_is_named(run_world):
    experiment = run_world("signal")
    margins = dict(experiment.lists.margins)
    turned = np.where(experiment.lists.split == 1, -margins["lightgbm"], margins["lightgbm"])
    lists = dataclasses.replace(experiment.lists, margins={**margins, "lightgbm": turned})
    dates = [str(split.test) for split in experiment.splits]
    (alarm,) = find_too_bad(lists, ["lightgbm"], ["v100", "recency"], dates, 0.05)
    assert (alarm.subject, alarm.kind) == ("candidate lightgbm at 2023-12-31", "too bad")
    assert "clearly less than chance" in alarm.message
    noise = {**margins, "lightgbm": np.random.default_rng(0).random(len(turned))}
    alarms = find_too_bad(dataclasses.replace(lists, margins=noise), ["lightgbm"], ["v100", "recency"], dates, 0.05)
    assert [each.subject.split(" at ")[1] for each in alarms] == dates
    assert "clearly less than recency" in alarms[0].message


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder in which one test leaves what the next one goes on from."""
    return Stages(tmp_path_factory.mktemp("stages"))


def test_ablations_leave_out_what_a_group_says_and_the_first_row_is_the_whole(run_world, kept):
    experiment = run_world("signal")
    found = ablation.ablations(experiment.refitting("lightgbm"), kept)
    assert [row["without"] for row in found[:3]] == ["nothing", ablation.GRAVITY, "recency"]
    assert "risk grades" in {row["without"] for row in found}
    assert {row["without"]: row["auc"] for row in found}["risk grades"] == found[0]["auc"]  # the world has none
    assert found[0]["indicators"] == 0
    assert sum(row["indicators"] for row in found[2:]) == len(experiment.catalogue)
    assert set(found[0]["harm_found"]) == {"flat", "reference", "sentence_severity"}
    told = ablation.lines(found)
    assert len(told) == len(found)
    assert "without frequency: " in "\n".join(told)
    # a run that was stopped now goes on from them: with nothing left to fit on, nothing is fitted
    nothing = (np.array([], dtype=np.int64), np.array([]))
    unable = dataclasses.replace(experiment.refitting("lightgbm"), training=nothing)
    assert ablation.ablations(unable, kept) == found
    with pytest.raises(ValueError, match="0 sample"):
        ablation.ablations(unable)


def test_gravity_is_everything_counted_in_harm_days_wherever_it_stands(run_world):
    left_out = ablation.parts(run_world("signal").catalogue)[ablation.GRAVITY]
    assert {"harm_730", "harm_concentration_ever", "ipv_harm_max_ever", "harm_victim_reported_730"} <= left_out
    assert "harm_unknown_share_730" not in left_out
