from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from features.building import build_stream
from training.cohorts import UNKNOWN_AREA, cohorts
from training.follow_up import FollowUp
from training.settings import CohortSettings, load_settings
from values import AsOf

DAY = AsOf(date(2023, 1, 31))
EXAMPLE = Path(__file__).parents[2] / "docs/examples/seattle_terry_stops"
STOPS = Path(__file__).parents[2].parent / "shared" / "data" / "seattle_terry_stops"


def areas(tables, **settings):
    spine = cohorts(build_stream(tables), [DAY], CohortSettings(**settings), FollowUp())
    return dict(zip(spine["person_id"], spine["area"], strict=True))


def test_each_person_competes_in_the_area_of_the_latest_incident_known_by_then(tables):
    tables.incident("2022-01-01", "P", "V", area="north")
    tables.incident("2022-06-01", "P", "V", area="south")
    tables.incident("2022-12-01", "P", "V", area="north", known="2023-03-01")
    tables.incident("2022-12-02", "P", area="north", domestic=False)
    assert areas(tables) == {"P": "south"}


def test_an_incident_without_area_leaves_the_area_not_recorded(tables):
    tables.incident("2022-06-01", "P", "V", area=None)
    tables.incident("2022-06-01", "Q", "V", area="north")
    assert areas(tables) == {"P": UNKNOWN_AREA, "Q": "north"}


def test_the_rehearsal_cohort_takes_everybody_ever_recorded(tables):
    tables.incident("2018-06-01", "P", domestic=False)
    tables.incident("2023-06-01", "Q", domestic=False)
    tables.incident("2022-06-01", "R", "V")
    assert set(areas(tables)) == {"R"}
    assert set(areas(tables, months=None, domestic_only=False)) == {"P", "R"}


def test_dates_are_one_spine_sorted_by_date_then_person(tables):
    tables.incident("2022-06-01", "Q", "V")
    tables.incident("2022-06-01", "P", "V")
    spine = cohorts(build_stream(tables), [DAY, AsOf(date(2022, 9, 30)), DAY], CohortSettings(), FollowUp())
    rows = [(str(day.date()), person) for day, person in zip(spine["as_of"], spine["person_id"], strict=True)]
    assert rows == [("2022-09-30", "P"), ("2022-09-30", "Q"), ("2023-01-31", "P"), ("2023-01-31", "Q")]


def test_nobody_known_to_be_dead_is_in_a_cohort_and_later_or_unknown_deaths_change_nothing(tables):
    for person in ("alive", "dead", "dies later", "told later", "corrected"):
        tables.incident("2022-06-01", person, f"V {person}")
    tables.add("persons", "2018-01-01", person_id="alive", deceased_on=None)
    tables.add("persons", "2023-01-31", person_id="dead", deceased_on="2023-01-31")
    tables.add("persons", "2023-02-01", person_id="dies later", deceased_on="2023-02-01")
    tables.add("persons", "2023-02-01", person_id="told later", deceased_on="2023-01-15")
    tables.add("persons", "2022-12-01", person_id="corrected", deceased_on="2022-11-30")
    tables.rows["persons"][-1]["known_to"] = "2023-01-20"
    dates = [AsOf(date(2023, 1, 30)), DAY, AsOf(date(2023, 2, 1))]
    spine = cohorts(build_stream(tables), dates, CohortSettings(), FollowUp.of(tables))
    assert list(spine.index) == list(range(len(spine)))
    people = {str(day.date()): set(rows["person_id"]) for day, rows in spine.groupby("as_of")}
    assert people["2023-01-30"] == {"alive", "dead", "dies later", "told later", "corrected"}
    assert people["2023-01-31"] == {"alive", "dies later", "told later", "corrected"}
    assert people["2023-02-01"] == {"alive", "corrected"}


def test_importing_the_room_does_not_import_mlflow():
    code = "import sys, training; sys.exit('mlflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


@pytest.mark.skipif(
    not STOPS.is_dir(),
    reason="the real stops are not beside this checkout",
)
@pytest.mark.slow
def test_the_rehearsal_on_real_stops_meets_the_published_counts(tmp_path):
    from records import RecordStore
    from training.running import run_experiment

    store = RecordStore(tmp_path)
    store.ingest(STOPS, mapping=EXAMPLE / "mapping.yaml")
    snapshot = store.latest()
    experiment = run_experiment(snapshot, build_stream(snapshot), load_settings(EXAMPLE / "train.yaml"))
    tested = experiment.report[-1]
    assert (tested["as_of"], tested["people"], tested["outcomes"]) == ("2021-12-31", 10_562, 299)
    baseline = experiment.comparison.value("prior_count", "auc")
    model = experiment.comparison.value("lightgbm", "auc")
    assert 0.66 < baseline.value < 0.71
    assert baseline.value < model.value < 0.80
    assert (experiment.decision.promoted, experiment.decision.champion) == (False, "prior_count")
    assert not experiment.save_bundle(tmp_path / "bundles").for_panel
