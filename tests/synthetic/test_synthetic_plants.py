from __future__ import annotations

import pandas as pd
import pytest

from synthetic import Plant
from values import digest_file

AREA, COMMUNITY = "castlebridge", "black"


def _targets(made) -> set[str]:
    people = made.truth("persons").query("suspect and area == @AREA and community == @COMMUNITY")
    return set(people["person_id"])


@pytest.mark.parametrize(
    "plant",
    [
        "late_recording:area=eastmere",
        "retro_status",
        "counter_allegation:n=25",
        "over_policed:area=castlebridge,community=black",
        "under_recorded:area=castlebridge,community=black",
        "leaking_column",
    ],
)
def test_a_plant_changes_the_records_and_not_what_happened(plant: str, make, null_force) -> None:
    made = make(plant)
    for name in ("risk", "persons"):
        same = digest_file(made.folder / "truth" / f"{name}.parquet")
        assert same == digest_file(null_force.folder / "truth" / f"{name}.parquet")
    kept = ["marac_hearings", "communities", "persons", "custody"]
    for name in kept:
        same = digest_file(made.folder / "extract" / f"{name}.csv")
        assert same == digest_file(null_force.folder / "extract" / f"{name}.csv")
    told = made.truth("plants")
    assert told["plant"].tolist() == [str(Plant.parse(plant))]
    assert told["description"].str.len().min() > 20
    assert len(made.truth("planted_rows")) > 0


def test_over_policing_multiplies_the_history_of_one_community_with_police_reports(make, null_force) -> None:
    made = make("over_policed:area=castlebridge,community=black")
    hit = _targets(made)
    before, after = null_force.suspects(), made.suspects()
    own = after["person_id"].isin(hit)
    true = before["person_id"].isin(hit).sum()
    assert 2.0 <= own.sum() / true <= 4.0
    assert (~own).sum() == (~before["person_id"].isin(hit)).sum()
    added = made.truth("planted_rows")
    assert set(added["person_id"]) <= hit
    rows = after[after["incident_id"].isin(added["incident_id"])]
    assert (rows["reported_by"] == "police").all()
    assert rows["offence_code"].dropna().isin(["12509"]).all()


def test_over_policing_brings_no_new_victim(make, null_force) -> None:
    made = make("over_policed:area=castlebridge,community=black")

    def pairs(force) -> set[tuple[str, str]]:
        dyads = force.extract("dyads")
        return set(zip(dyads["suspect_id"], dyads["victim_id"], strict=True))

    assert pairs(made) == pairs(null_force)


def test_under_recording_halves_a_history_and_leaves_serious_outcomes(make, null_force) -> None:
    made = make("under_recorded:area=castlebridge,community=black")
    hit = _targets(made)
    before, after = null_force.suspects(), made.suspects()
    share = after["person_id"].isin(hit).sum() / before["person_id"].isin(hit).sum()
    assert share == pytest.approx(0.5, abs=0.06)
    events = made.truth("events")
    outcomes = events[events["serious"] | events["new_victim"] | events["heard"]]
    assert outcomes["incident_id"].notna().all()
    lost = events[events["incident_id"].isna()]
    assert set(lost["person_id"]) <= hit


def test_late_recording_delays_one_area_only(make, null_force) -> None:
    made = make("late_recording:area=eastmere")
    delayed = made.truth("planted_rows")
    rows = made.extract("incidents").drop_duplicates("incident_id")
    touched = rows[rows["incident_id"].isin(delayed["incident_id"])]
    assert set(touched["area"]) == {"eastmere"}
    wait = (touched["known_from"] - touched["reported_on"]).dt.days
    assert wait.between(60, 310).all()
    there = rows[(rows["area"] == "eastmere") & rows["domestic"]]
    assert len(touched) / len(there) == pytest.approx(0.3, abs=0.06)


def test_retro_status_keeps_one_undated_row_where_there_were_versions(make) -> None:
    roles = make("retro_status").extract("involvements")
    assert not roles.duplicated(["incident_id", "person_id", "role"]).any()
    assert roles["status_at"].isna().all()
    assert {"nfa", "charged", "convicted"} <= set(roles["status"].dropna())


def test_counter_allegations_record_the_asked_number_of_victims_as_suspects(make, null_force) -> None:
    made = make("counter_allegation:n=25")
    roles = made.truth("roles").query("kind == 'planted_reversal'")
    assert roles["recorded_suspect"].nunique() == 25
    assert (roles["primary_perpetrator"] == roles["recorded_victim"]).all()
    assert len(made.truth("roles")) - len(null_force.truth("roles")) == len(roles)
    dyads = made.extract("dyads")
    planted = dyads[dyads["incident_id"].isin(roles["incident_id"])]
    assert set(planted["suspect_id"]) == set(roles["recorded_suspect"])


def test_the_leaking_column_tells_the_future_and_leaves_no_version(make, null_force) -> None:
    made = make("leaking_column")
    leak, honest = made.extract("incidents"), null_force.extract("incidents")
    pd.testing.assert_frame_equal(leak.drop(columns="drugs"), honest.drop(columns="drugs"))
    as_of = pd.Timestamp("2024-12-31")
    risk = made.truth("risk").query("as_of == @as_of").set_index("person_id")
    rows = made.suspects()
    rows = rows[(rows["occurred_from"] <= as_of) & (rows["occurred_from"] > as_of - pd.Timedelta(days=730))]
    ticked = rows.groupby("person_id")["drugs"].max().reindex(risk.index).fillna(value=False).astype(bool)
    share = risk["outcome"].astype(float).groupby(ticked).mean()
    assert share.loc[False] < 0.02
    assert share.loc[True] > 0.15
