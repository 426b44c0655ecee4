"""In whatever order deliveries arrive, and however often, they end in one snapshot that keeps every earlier answer."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import pytest

from benchmarks.arrival import Telling, compared, story
from records import RecordStore


@pytest.mark.parametrize("seed", [5])
def test_a_story_ends_in_one_snapshot_whatever_the_order_and_changes_no_earlier_answer(seed):
    found = compared(seed)
    assert found["answers"] >= 8
    assert found["replays"] > 0
    assert {name: found[name] for name in ("snapshots", "miscounted", "apart", "changed")} == {
        "snapshots": 1,
        "miscounted": 0,
        "apart": 0,
        "changed": 0,
    }


def test_the_stories_hold_corrections_withdrawals_changes_orphans_and_days_with_two_deliveries():
    stories = [story(seed) for seed in range(1, 41)]
    every = [sent for told in stories for sent in told]
    assert sum(sent.kind == "changes" for sent in every) > 20
    assert sum(sent.source == "marac" for sent in every) > 20
    assert any(row.get("known_to") for sent in every for rows in sent.tables.values() for row in rows)
    assert sum(len({sent.extract_date for sent in told}) < len(told) for told in stories) > 10
    corrected = withdrawn = missing = 0
    for told in stories:
        first, last = told[0].tables["incidents"], [sent for sent in told if "incidents" in sent.tables][-1]
        now = {row["incident_id"]: row for row in last.tables["incidents"]}
        corrected += sum(row["incident_id"] in now and now[row["incident_id"]] != row for row in first)
        withdrawn += sum(row["incident_id"] not in now for row in first) if last.kind == "full" else 0
        people = {row["person_id"] for sent in told for row in sent.tables.get("persons", ())}
        hearings = [row for sent in told for row in sent.tables.get("marac_hearings", ())]
        missing += sum(row["perpetrator_id"] not in people for row in hearings)
    assert min(corrected, withdrawn, missing) > 5


def test_the_stories_hold_rows_to_mend_and_deliveries_that_empty_a_table():
    stories = [story(seed) for seed in range(1, 41)]
    spoilt = [column for told in stories for sent in told for rows in sent.spoilt.values() for column in rows.values()]
    assert set(spoilt) == {"person_id", "deceased_on", "incident_id", "occurred_from", "is_crime", "status_at",
                           "starts_on", "heard_at"}  # fmt: skip
    assert sum(any(sent.spoilt for sent in told) for told in stories) > 20
    emptied = 0
    for told in stories:
        full = [sent for sent in told if sent.kind == "full" and "incidents" in sent.tables]
        for before, after in itertools.pairwise(full):
            left = {row["incident_id"] for row in after.tables["incidents"]}
            emptied += sum(row["incident_id"] not in left for row in before.tables["incidents"]) >= 20
    assert emptied > 8


def test_a_delivery_that_waits_and_rows_that_are_mended_leave_no_trace_of_when(tmp_path):
    first = story(5)[0]
    incidents = [
        {"incident_id": f"A{number}", "force": "f", "area": "east", "occurred_from": "2022-01-01", "is_crime": "true",
         "domestic": "true", "risk_grade": "", "injury": ""}
        for number in range(30)
    ]  # fmt: skip
    tables = {**first.tables, "incidents": incidents, "involvements": []}
    told = [
        replace(first, name="whole", tables=tables, spoilt={"incidents": {3: "occurred_from"}}),
        replace(
            first, name="emptied", extract_date=date(2022, 3, 1), tables={**tables, "incidents": incidents[:5]},
            spoilt={"incidents": {1: "is_crime"}},
        ),
    ]  # fmt: skip
    ends = set()
    for number, (order, settled) in enumerate(itertools.product(((0, 1), (1, 0)), ((0, 1), (1, 0)))):
        telling = Telling(told, tmp_path / str(number), None)
        for at in order:
            telling.arrive(at)
        assert telling.waited == (1 if order == (0, 1) else 0)
        for at in settled:
            telling.settle(at)
        assert telling.replays == 2
        ends.add(telling.store.latest().hash)
    assert len(ends) == 1


def test_a_change_of_what_was_known_earlier_would_be_found(tmp_path):
    from benchmarks.arrival import known

    first, *_ = story(1)
    incidents = [dict(row) for row in first.tables["incidents"]]
    other = replace(first, name="other", tables={**first.tables, "incidents": [{**incidents[0], "area": "north"}]})
    stores = [RecordStore(tmp_path / name) for name in ("first", "other")]
    for store, sent in zip(stores, (first, other), strict=True):
        store.ingest(sent.write(tmp_path / "sent"))
    was, now = [known(store.latest(), "incidents", first.extract_date) for store in stores]
    assert not was.equals(now)


def test_the_same_bytes_from_another_source_or_of_another_day_are_another_delivery(tmp_path):
    sent = story(1)[0]
    other = replace(sent, name="other", source="another force")
    later = replace(sent, name="later", extract_date=date(2023, 1, 1))
    store = RecordStore(tmp_path / "records")
    for each in (sent, other, later):
        store.ingest(each.write(tmp_path / "sent"))
    assert len(store.deliveries()) == 3
