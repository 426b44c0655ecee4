"""The evaluation report: what it says of a run, of a drift, and what it must not show."""

from __future__ import annotations

import dataclasses
import json
import re
import zlib

import pytest

from training.promotion import Alarm
from training.reliability import reliability
from training.report import beside, evaluation, page
from training.report.findings import last_judged
from training.report.pdf import pdf
from values import AsOf, canonical_json

SETS = ("flat", "reference", "sentence_severity")


@pytest.fixture(scope="module")
def run(run_world, tmp_path_factory):
    experiment = run_world("signal")
    return experiment, experiment.save_bundle(tmp_path_factory.mktemp("bundles"))


@pytest.fixture(scope="module")
def document(run):
    return evaluation(*run, synthetic=True)


def told(run, **evidence):
    experiment, bundle = run
    changed = dataclasses.replace(experiment, evidence=dataclasses.replace(experiment.evidence, **evidence))
    return evaluation(changed, bundle)


def test_every_part_of_the_evaluation_has_its_section_and_every_plot_its_table(document):
    text = page(document)
    assert re.findall(r'<h2 id="(\w+)" tabindex', text) == [
        "use", "decision", "selection", "beside", "splits", "labels", "rankers", "kinds", "regimes", "areas",
        "calibration", "limits", "method",
    ]  # fmt: skip
    assert text.count("<svg") == 2
    assert "<script" not in text
    for ranker in ("lightgbm", "v100", "recency", "elastic net"):
        assert ranker in text
    assert "MCC at k" in text


def test_the_page_of_the_stored_document_is_the_page(document):
    assert page(json.loads(canonical_json(document))) == page(document)


def test_the_page_says_what_rankers_are_made_with_and_what_a_search_found(document):
    found = {"name": "lightgbm", "dates": ["2021-12-31"], "trials": 7, "found": {"num_leaves": 8}, "adopted": True}
    text = page({**document, "tuning": [found]})
    assert "min people 30; threads 1; trees 60" in text
    assert "<td>num leaves 8</td><td>yes</td>" in text
    assert "Search for parameters" not in page(document)


def test_no_person_is_in_the_report(document):
    assert "SYNTHETIC-" not in json.dumps(document)
    assert "SYNTHETIC-" not in page(document)


def test_the_splits_are_told_with_gap_and_lag(document):
    first = document["splits"][0]
    assert (first["test"], first["train_until"], first["train_known"]) == ("2022-12-31", "2021-12-31", "2022-03-31")
    assert (first["gap_days"], first["until"], first["known"]) == (275, "2023-12-31", "2024-03-30")
    assert first["regime"] == "across June 2023"
    assert all(split["gap_days"] >= 0 for split in document["splits"])


def test_training_dates_with_less_record_than_the_longest_window_are_named(run, document):
    experiment, bundle = run
    record = document["record"]
    assert (record["longest_window"], record["train"]) == (1095, 2)
    assert record["short"] == ["2019-12-31", "2020-12-31"]
    assert record["from"].startswith("2018-12-")
    (finding,) = [each for each in document["findings"] if "longest windows" in each["text"]]
    assert "At 2 of 2 training dates less than 1095 days are on record" in finding["text"]
    assert "warm_up_days: 1095" in finding["do"]
    longer = dataclasses.replace(experiment, history_start=AsOf.parse("2016-12-31"))
    record = evaluation(longer, bundle)["record"]
    assert record["short"] == []
    almost = dataclasses.replace(experiment, history_start=AsOf.parse("2017-01-01"))
    assert evaluation(almost, bundle)["record"]["short"] == ["2019-12-31"]


def test_where_calibration_drifted_the_report_says_so_first(run, calibrated_lists):
    experiment, _ = run
    champion = experiment.decision.champion

    def at_last(**world):
        lists, y, kinds = calibrated_lists(1, **world)
        lists = dataclasses.replace(lists, margins={champion: lists.margins["model"]})
        found = reliability(lists, y, kinds, experiment.splits, experiment.settings.label, draws=100)
        return told(run, reliability=found)

    steady, drifted = at_last(slopes=(0.8,) * 3), at_last(slopes=(0.8, 0.8, 0.3))
    assert [each["section"] for each in steady["findings"] if each["level"] == "act"] == []
    assert page(steady).count("and the interval holds 1") == 3
    acts = [each["text"] for each in drifted["findings"] if each["level"] == "act"]
    assert len(acts) == 3
    assert acts[0].startswith("On the last split, expected grades of everybody are too extreme: the slope is 0.")
    assert "partners and former partners (IPV)" in acts[1]
    assert "other family (familial)" in acts[2]
    assert "and the interval does not hold 1" in page(drifted)


def test_a_run_on_a_world_that_drifted_says_so_and_one_on_a_steady_world_does_not(run_world, tmp_path):
    def slopes(kind):
        experiment = run_world(kind)
        model = dataclasses.replace(experiment.decision, champion="lightgbm")
        experiment = dataclasses.replace(experiment, decision=model)
        document = evaluation(experiment, experiment.save_bundle(tmp_path))
        acts = [each["text"] for each in document["findings"] if each["section"] == "calibration"]
        return {each["group"]: each["holds"] for each in last_judged(document)}, acts

    held, said = slopes("related")
    assert held == {"everybody": True, "ipv": True, "familial": True}
    assert not any("expected grades" in each for each in said)
    held, said = slopes("drift")
    assert held == {"everybody": False, "ipv": False, "familial": False}
    assert sum("are too extreme" in each for each in said) == 3


def plain(text: str) -> str:
    return re.sub(r' class="[^"]*"', "", text)


LIVE = "ab" * 32


def against(**changes):
    """How a run compares with a bundle that scored, as the front door has it."""
    moved = {"name": "harm_730", "level": "large", "stability_index": 0.31, "delta": 0.4, "missing_before": 0.0}
    drift = {"since": "2024-12-31", "people": 2000, "score": "moderate", "moved": [{**moved, "missing": 0.2}]}
    groups = {"enters": {"recency": 30, "marac": 4}, "leaves": {"harm": 9}}
    found = {"live": LIVE, "as_of": "2026-03-31", "areas": 2, "places": 40, "enter": 30, "leave": 30, "groups": groups}
    return {**found, "drift": drift, "file": "/home/somebody/who.csv", **changes}


def test_a_report_says_who_would_change_sides_and_how_far_people_moved_since_the_bundle_that_scored(run):
    document = evaluation(*run, live=against())
    text = plain(page(document))
    assert "of 40 places in 2 areas 30 would go to somebody else" in text
    assert "counts for more with those who enter: recency (30)." in text  # fewer than ten people are not told
    assert "counts for less with those who leave: no group with ten people or more." in text
    assert "Movement of the score: moderate." in text
    assert "<td>large</td><td>0.310</td><td>+0.400</td><td>0.0%, then 20.0%</td>" in text
    assert "who.csv" not in json.dumps(document)
    (finding,) = [each for each in document["findings"] if each["section"] == "beside"]
    assert "its score moderate, and 1 indicators by a large effect" in finding["text"]
    assert "It was a rehearsal" not in text
    assert "It was a rehearsal, of which no list could ever be released" in page(
        evaluation(*run, live=against(rehearsal=True))
    )
    few = evaluation(*run, live=against(enter=3, leave=3))
    assert (few["live"]["enter"], few["live"]["leave"]) == (None, None)
    assert "fewer than 10 would go to somebody else" in page(few)


def test_a_report_says_what_it_could_not_compare_with(run, document):
    assert beside.NO_LIVE in page(document)
    assert beside.NO_SHADOW in page(document)
    assert not [each for each in document["findings"] if each["section"] == "beside"]
    other = evaluation(*run, live={"live": LIVE, "not_compared": "it was made for another cohort"})
    assert "The two were not compared: it was made for another cohort." in page(other)
    assert "nobody enters or leaves a list" in page(evaluation(*run, live={"live": LIVE, "same": True}))
    few = against(drift={"since": "2024-12-31", "people": 60, "score": "not compared", "moved": []})
    assert "Too few people to compare with 2024-12-31." in page(evaluation(*run, live=few))
    still = against(drift={"since": "2024-12-31", "people": 600, "score": "none", "moved": []})
    assert "No indicator moved beyond what chance gives." in page(evaluation(*run, live=still))
    assert "no bins were frozen" in page(evaluation(*run, live=against(drift=None)))


def test_alarms_say_what_they_stop(run):
    experiment, bundle = run
    alarms = [
        Alarm("candidate lightgbm", 0.95, 0.9, ("incidents.drugs",), (), "Too good."),
        Alarm("candidate lightgbm at 2023-12-31", 0.4, 0.45, (), (), "Too bad.", kind="too bad"),
    ]
    document = evaluation(dataclasses.replace(experiment, alarms=tuple(alarms)), bundle)
    said = {each["text"]: each["do"] for each in document["findings"] if each["section"] == "decision"}
    assert said["Too good."].startswith("No model is promoted while this stands.")
    assert said["Too bad."].startswith("It stops nothing by itself")
    assert page(document).count("Too bad.") == 2


def test_a_part_that_was_left_out_is_told_with_what_that_changed(run):
    experiment, bundle = run
    found = [
        {"without": "nothing", "indicators": 0, "auc": 0.75, "harm_found": dict.fromkeys(SETS, 1000.0)},
        {"without": "risk grades", "indicators": 9, "auc": 0.74, "harm_found": dict.fromkeys(SETS, 900.0)},
    ]
    text = plain(page(evaluation(dataclasses.replace(experiment, ablations=tuple(found)), bundle)))
    assert "<td>0</td><td>0.750</td><td>1,000</td>" in text
    assert "<td>9</td><td>0.740 (-0.010)</td><td>900 (-100)</td>" in text


def test_small_counts_are_withheld_and_so_is_the_total_that_would_tell_them(run):
    from training.label_report import EVERY_DATE, OUTCOME

    counts = run[0].evidence.labels
    (total,) = [each for each in counts if (each.when, each.group) == (EVERY_DATE, "everybody")]
    part = dataclasses.replace(total.parts[OUTCOME], rows=4)
    few = dataclasses.replace(total, when="from June 2023", censored=3, treated=0, parts={**total.parts, OUTCOME: part})
    labels = told(run, labels=(few, total))["labels"]
    assert (labels[0]["censored"], labels[0]["treated"]) == (None, 0)
    assert labels[0]["parts"][OUTCOME] == {"rows": None, "value": None, "low": None, "high": None}
    assert (labels[0]["treated_low"], labels[1]["censored"]) == (None, None)
    assert labels[1]["parts"][OUTCOME]["rows"] is None
    # Rows less effective size would say how many were censored.
    assert (labels[0]["effective_size"], labels[1]["effective_size"]) == (None, None)


def test_a_regime_is_withheld_where_it_would_tell_a_small_count_of_one_of_its_dates(run):
    experiment, bundle = run
    counts = tuple(dataclasses.replace(each, treated=40) for each in experiment.evidence.labels)
    (early, late) = [dict(row) for row in experiment.report if str(row["as_of"]) > "2023"]
    early["treated"], late["treated"] = 38, 2
    changed = dataclasses.replace(
        experiment, report=(early, late), evidence=dataclasses.replace(experiment.evidence, labels=counts)
    )
    labels = {(each["when"], each["group"]): each for each in evaluation(changed, bundle)["labels"]}
    assert labels["from June 2023", "everybody"]["treated"] is None
    assert labels["from June 2023", "everybody"]["effective_size"] is None
    assert labels["all dates", "everybody"]["treated"] is None
    assert labels["across June 2023", "everybody"]["treated"] == 40


def test_an_area_with_few_outcomes_is_withheld_with_another(run):
    breakdowns = run[0].evidence.breakdowns
    few = tuple(
        dataclasses.replace(each, outcomes=3) if (each.kind, each.group) == ("area", "north") else each
        for each in breakdowns
    )
    areas = [each for each in told(run, breakdowns=few)["breakdowns"] if each["kind"] == "area"]
    assert {each["group"] for each in areas} == {"north", "south"}
    assert all(each["outcomes"] is None and each["auc"] is None for each in areas)


def test_the_page_prints_as_a_tagged_pdf_in_its_language(document):
    printed = pdf(page(document))
    assert printed.startswith(b"%PDF-1.7")
    streams = re.findall(rb"stream\r?\n(.*?)endstream", printed, re.DOTALL)
    objects = b"".join(zlib.decompressobj().decompress(each) for each in streams if each[:1] == b"x")
    assert b"/StructTreeRoot" in objects
    assert b"/Lang (en-GB)" in objects
