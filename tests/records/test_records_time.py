from __future__ import annotations

import pandas as pd

from records.knowledge import as_known
from values import AsOf

INCIDENTS = (
    "incident_id,force,area,occurred_from,reported_on,is_crime,domestic,risk_grade,known_from,known_to\n"
    "I1,f,a,2023-01-01,2023-01-05,true,true,standard,2023-01-05,\n"
    "I1,f,a,2023-01-01,2023-01-05,true,true,high,2023-06-01,\n"
    "I2,f,a,2023-01-01,2023-01-05,true,true,,2023-01-05,2023-02-01\n"
)


def known_at(frame, day):
    moment = pd.Timestamp(day)
    return frame[(frame["known_from"] <= moment) & ~(frame["known_to"] <= moment)]


def test_a_correction_replaces_the_earlier_version_from_its_day_on(store, extract):
    assert store.ingest(extract({"incidents.csv": INCIDENTS})).quarantined == 0
    incidents = store.latest().table("incidents")
    grade = incidents[incidents["incident_id"] == "I1"]
    assert known_at(grade, "2023-01-04").empty
    assert known_at(grade, "2023-05-31")["risk_grade"].tolist() == ["standard"]
    assert known_at(grade, "2023-06-01")["risk_grade"].tolist() == ["high"]


def test_a_withdrawn_row_is_unknown_from_the_day_of_its_withdrawal(store, extract):
    store.ingest(extract({"incidents.csv": INCIDENTS}))
    incidents = store.latest().table("incidents")
    withdrawn = incidents[incidents["incident_id"] == "I2"]
    assert len(known_at(withdrawn, "2023-01-31")) == 1
    assert known_at(withdrawn, "2023-02-01").empty


def test_involvements_are_assumed_known_from_the_first_version_of_their_incident(store, extract):
    store.ingest(extract({"incidents.csv": INCIDENTS}))
    involvements = store.latest().table("involvements")
    first = involvements[involvements["incident_id"] == "I1"]
    assert set(first["known_from"]) == {pd.Timestamp("2023-01-05")}
    assert first["known_from_assumed"].all()
    assert not store.latest().table("incidents")["known_from_assumed"].any()


def test_an_incident_without_a_report_date_counts_from_the_extract_date_and_the_report_says_so(store, extract):
    incidents = (
        "incident_id,force,area,occurred_from,is_crime,domestic\n"
        "I1,f,a,2019-01-01,true,true\nI2,f,a,2019-01-01,true,true\n"
    )
    report = store.ingest(extract({"incidents.csv": incidents}))
    assert set(store.latest().table("incidents")["known_from"]) == {pd.Timestamp("2024-03-31")}
    (note,) = [note for note in report.notes if note.startswith("incidents: ")]
    assert "2 of 2 rows" in note
    assert "unusable for any earlier date" in note


def test_overwritten_columns_without_a_date_are_named_with_what_that_costs(store, extract):
    incidents = (
        "incident_id,force,area,occurred_from,reported_on,is_crime,domestic,risk_grade,outcome_code,outcome_at\n"
        "I1,f,a,2023-01-01,2023-01-05,true,true,high,16,2023-03-01\n"
        "I2,f,a,2023-01-01,2023-01-05,true,true,,16,\n"
    )
    notes = store.ingest(extract({"incidents.csv": incidents})).notes
    assert any(note.startswith("incidents.risk_grade: 1 of 2 rows") for note in notes)
    assert any(note.startswith("incidents.outcome_code: 1 of 2 rows") for note in notes)


def test_versions_that_say_since_when_cost_nothing(store, extract):
    assert not [
        note
        for note in store.ingest(extract({"incidents.csv": INCIDENTS})).notes
        if note.startswith("incidents.risk_grade")
    ]


def test_the_two_sides_of_a_correction_stay_in_one_table_sorted_by_key_and_version(store, extract):
    store.ingest(extract({"incidents.csv": INCIDENTS}))
    frame = store.latest().table("incidents", ["incident_id", "known_from", "known_to"])
    assert frame["incident_id"].tolist() == ["I1", "I1", "I2"]
    assert frame["known_to"].isna().tolist() == [False, True, False]
    assert str(frame["known_from"].dtype) == "datetime64[s]"


def test_what_was_known_at_a_date_leaves_out_later_versions_and_values_learnt_later(store, extract):
    incidents = (
        "incident_id,force,area,occurred_from,reported_on,is_crime,domestic,risk_grade,outcome_code,outcome_at\n"
        "I1,f,a,2023-01-01,2023-01-05,true,true,high,16,2023-03-01\n"
        "I2,f,a,2023-01-01,2023-06-01,true,true,,,\n"
    )
    store.ingest(extract({"incidents.csv": incidents}))

    def known(day):
        rows = as_known(store.latest(), "incidents", AsOf.parse(day)).set_index("incident_id")
        return {name: row.dropna().to_dict() for name, row in rows[["risk_grade", "outcome_code"]].iterrows()}

    assert known("2023-02-28") == {"I1": {}}
    assert known("2023-03-01") == {"I1": {"outcome_code": "16"}}
    assert known("2023-06-01") == {"I1": {"outcome_code": "16"}, "I2": {}}
    assert known("2024-03-31") == {"I1": {"outcome_code": "16", "risk_grade": "high"}, "I2": {}}


def test_a_value_dated_after_the_day_is_unknown_even_where_its_date_is_blanked_too(store, extract):
    files = {
        "referrals.csv": "referral_id,person_id,area,referred_at,route\nR1,P1,a,2023-01-01,police\n",
        "interventions.csv": (
            "referral_id,decision,decided_at,started_on,ended_on,completed,known_from\n"
            "R1,accepted,2023-01-10,2023-01-20,2023-12-01,true,2023-01-10\n"
        ),
    }
    assert store.ingest(extract(files)).quarantined == 0
    row = as_known(store.latest(), "interventions", AsOf.parse("2023-06-01")).iloc[0]
    assert row[["ended_on", "completed"]].isna().all()
    assert row["started_on"] == pd.Timestamp("2023-01-20")
