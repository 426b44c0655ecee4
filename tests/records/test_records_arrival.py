"""In whatever order deliveries arrive, and however often, they end in one snapshot that keeps every earlier answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from benchmarks.arrival import compared, story
from records import RecordStore


@pytest.mark.parametrize("seed", [5])
def test_a_story_ends_in_one_snapshot_whatever_the_order_and_changes_no_earlier_answer(seed):
    found = compared(seed)
    assert found["answers"] >= 8
    assert {name: found[name] for name in ("snapshots", "miscounted", "changed")} == {
        "snapshots": 1,
        "miscounted": 0,
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
