"""Deliveries in the store: any order, any of them twice, waiting, killed in the middle."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from records import RecordStore
from records.communities import CommunityStore
from records.contract import TABLES
from records.errors import CommunitiesUnreadable, DeliveryUnreadable, NoDelivery, StoreBusy
from records.storage.locking import only_writer

INCIDENTS = "incident_id,force,area,occurred_from,reported_on,is_crime,domestic,risk_grade\n"
INVOLVED = "incident_id,person_id,role\n"


def manifest(day, source="made up", **more):
    extra = "".join(f"{key}: {value}\n" for key, value in more.items())
    return f"source: {source}\nextract_date: {day}\nperiod: 2020 to 2024\nsynthetic: true\n{extra}"


def made(day, people, grade="high", **more):
    """One incident a person, each with a partner."""
    return {
        "manifest.yaml": manifest(day, **more),
        "persons.csv": "person_id,given_name,source\n" + "".join(f"P{n},Ada,niche\n" for n in people),
        "incidents.csv": INCIDENTS + "".join(f"I{n},f,a,2023-01-01,2023-01-05,true,true,{grade}\n" for n in people),
        "involvements.csv": INVOLVED + "".join(f"I{n},P{n},suspect\n" for n in people),
    }


@pytest.fixture
def three(extract):
    return [
        extract(made("2024-01-31", range(1, 6)), "january"),
        extract(made("2024-02-29", range(1, 8), grade="medium"), "february"),
        extract(made("2024-03-31", range(2, 8), grade="medium"), "march"),
    ]


def test_any_order_of_arrival_and_any_repeat_end_in_the_same_snapshot(three, tmp_path):
    hashes = set()
    orders = list(itertools.permutations(three))
    for number, order in enumerate(orders if "INGEST_KILLS" in os.environ else orders[1::2]):
        store = RecordStore(tmp_path / str(number))
        for folder in (*order, order[0]):
            store.ingest(folder)
        hashes.add(store.latest().hash)
    assert len(hashes) == 1


def test_an_earlier_extract_that_arrives_late_changes_nothing_that_is_current(store, three):
    store.ingest(three[2])
    late = store.ingest(three[0])
    incidents = store.latest().table("incidents")
    current = incidents[incidents["known_to"].isna()]
    assert late.quarantined == 0
    assert sorted(current["incident_id"]) == [f"I{n}" for n in range(2, 8)]
    assert set(current["risk_grade"]) == {"medium"}


def test_the_same_delivery_twice_says_so_and_changes_no_file(store, three):
    first = store.ingest(three[0])
    before = {path: path.stat().st_mtime_ns for path in (store.root / "deliveries").rglob("*.parquet")}
    again = store.ingest(three[0])
    assert again.notes[0].startswith("This delivery was loaded before")
    assert (again.snapshot, again.read, again.accepted) == (first.snapshot, first.read, first.accepted)
    assert {path: path.stat().st_mtime_ns for path in (store.root / "deliveries").rglob("*.parquet")} == before


def test_a_source_may_deliver_a_part_and_the_snapshot_waits_for_the_rest(store, extract):
    hearings = "hearing_id,victim_id,perpetrator_id,heard_at\nH1,P2,P1,2024-01-15\nH2,P9,P1,2024-01-15\n"
    marac = extract(
        {
            "manifest.yaml": manifest("2024-02-01", "marac"), "marac_hearings.csv": hearings,
            "persons.csv": None, "incidents.csv": None, "involvements.csv": None,
        },
        "marac",
    )  # fmt: skip
    report = store.ingest(marac)
    assert (report.snapshot, report.to_dict()["snapshot"]) == (None, None)
    assert report.awaited == ["persons", "incidents", "involvements"]
    assert report.accepted == 2  # nobody can say yet whether P9 is anybody
    whole = store.ingest(extract(made("2024-01-31", range(1, 4)), "police"))
    assert store.latest().hash == whole.snapshot
    assert store.latest().table("marac_hearings")["hearing_id"].tolist() == ["H1"]
    assert store.ingest(marac).reasons == {"orphan": 1}


def test_an_orphan_leaves_quarantine_when_the_row_it_points_to_arrives(store, extract):
    files = made("2024-01-31", range(1, 4))
    files["involvements.csv"] += "I1,P9,victim\n"
    folder = extract(files, "first")
    first = store.ingest(folder)
    (path,) = first.quarantine_files
    assert (first.read, first.accepted, first.reasons) == (10, 9, {"orphan": 1})
    store.ingest(extract(made("2024-02-29", [*range(1, 4), 9]), "second"))
    again = store.ingest(folder)
    assert (again.quarantined, again.reasons) == (0, {})
    assert not path.exists()
    assert "P9" in set(store.latest().table("involvements")["person_id"])


def test_a_delivery_that_shrinks_a_table_waits_until_it_is_confirmed(store, extract):
    first = store.ingest(extract(made("2024-01-31", range(100)), "first")).snapshot
    report = store.ingest(extract(made("2024-02-29", range(60)), "second"))
    assert report.snapshot is None
    assert report.waiting["incidents"] == {"withdrawn": 40, "before": 100}
    assert store.latest().hash == first
    assert [each.name for each in store.deliveries() if each.waiting] == [report.delivery]
    confirmed = store.confirm(report.delivery)
    assert store.latest().hash == confirmed.hash != first
    incidents = store.latest().table("incidents")
    assert incidents["known_to"].isna().groupby(incidents["incident_id"]).any().sum() == 60
    with pytest.raises(NoDelivery, match="There is no delivery"):
        store.confirm("2020-01-01-abc")


def test_few_rows_or_an_allowed_share_may_go(store, extract):
    store.ingest(extract(made("2024-01-31", range(100)), "first"))
    assert store.ingest(extract(made("2024-02-29", range(81)), "second")).waiting == {}
    assert store.ingest(extract(made("2024-03-31", range(20)), "third"), shrink_limit=0.8).waiting == {}


def test_a_row_that_falls_into_quarantine_is_not_taken_for_withdrawn(store, extract):
    store.ingest(extract(made("2024-01-31", range(1, 4)), "first"))
    second = made("2024-02-29", range(1, 4))
    second["incidents.csv"] = second["incidents.csv"].replace("I2,f,a,2023-01-01", "I2,f,a,01/01/2023")
    assert store.ingest(extract(second, "second")).quarantined == 1
    incidents = store.latest().table("incidents")
    assert incidents[incidents["incident_id"] == "I2"]["known_to"].isna().any()


def test_of_two_extracts_of_one_day_the_higher_revision_governs(extract, tmp_path):
    one = extract(made("2024-01-31", [1], grade="high"), "one")
    two = extract(made("2024-01-31", [1], grade="standard", revision=2), "two")
    for number, order in enumerate(([one, two], [two, one])):
        store = RecordStore(tmp_path / str(number))
        for folder in order:
            store.ingest(folder)
        incidents = store.latest().table("incidents")
        assert incidents[incidents["known_to"].isna()]["risk_grade"].tolist() == ["standard"]


def test_communities_of_several_deliveries_become_one_history(store, extract):
    first = made("2024-01-31", [1, 2]) | {"communities.csv": "person_id,sex\nP1,male\nP2,female\n"}
    second = made("2024-02-29", [1, 2]) | {"communities.csv": "person_id,sex\nP1,female\nP2,female\n"}
    store.ingest(extract(first, "first"))
    report = store.ingest(extract(second, "second"))
    found = CommunityStore(store.root).read(report.snapshot)
    assert found[["person_id", "sex"]].to_numpy().tolist() == [["P1", "male"], ["P1", "female"], ["P2", "female"]]
    assert not list((store.root / "deliveries").rglob("communit*"))


def test_unreadable_communities_stop_the_ingest_and_are_named(store, extract):
    first = made("2024-01-31", [1]) | {"communities.csv": "person_id,sex\nP1,male\n"}
    store.ingest(extract(first, "first"))
    (path,) = (store.root / "communities" / "deliveries").glob("*.parquet")
    path.write_bytes(b"not Parquet")
    with pytest.raises(CommunitiesUnreadable, match="communities of the delivery"):
        store.ingest(extract(made("2024-02-29", [1, 2]), "second"))
    assert len(store.deliveries()) == 1


def test_a_damaged_delivery_is_named(store, extract):
    store.ingest(extract(made("2024-01-31", [1]), "first"))
    (delivery,) = store.deliveries()
    delivery.file("incidents").write_bytes(b"")
    with pytest.raises(DeliveryUnreadable, match=r"incidents\.parquet of the delivery"):
        store.ingest(extract(made("2024-02-29", [1]), "second"))
    (delivery.path / "delivery.json").write_text("{")
    with pytest.raises(DeliveryUnreadable, match=r"delivery\.json"):
        store.ingest(extract(made("2024-03-31", [1]), "third"))


def test_the_files_of_a_delivery_are_its_own_and_hold_only_accepted_rows(store, extract):
    incident = "I1,f,a,2023-01-01,2023-01-05,true,true,high\n"
    files = {
        **made("2024-03-31", [1, 2]),
        "persons.csv": "person_id,date_of_birth,source\nP1,1980-02-29,niche\nP3,30/2/1980,niche\nP2,,niche\n",
        "incidents.csv": INCIDENTS + incident + incident.replace("I1", "I2") + incident,
    }
    folder = store.root / "deliveries" / store.ingest(extract(files)).delivery
    persons, incidents = (pd.read_parquet(folder / f"{name}.parquet") for name in ("persons", "incidents"))
    assert list(persons["person_id"]) == ["P1", "P2"]
    assert sorted(incidents["row"]) == [0, 1]
    assert list(persons.columns) == ["row", "file", "line", *TABLES["persons"].names]
    for path in folder.glob("*.parquet"):
        assert (path.stat().st_nlink, path.stat().st_mode & 0o777) == (1, 0o600)


def test_only_one_writes_at_a_time(store):
    with only_writer(store.root), pytest.raises(StoreBusy), only_writer(store.root, wait=False):
        pass
    with only_writer(store.root, wait=False):
        pass


def _ingest_in_a_process(root, folder):
    code = "import sys, pathlib; from records import RecordStore; print('go', flush=True); "
    code += "RecordStore(pathlib.Path(sys.argv[1])).ingest(pathlib.Path(sys.argv[2]))"
    return subprocess.Popen([sys.executable, "-c", code, root, folder], stdout=subprocess.PIPE)


def test_an_ingest_killed_at_any_moment_is_completed_by_the_next(extract, tmp_path):
    folder = extract(made("2024-01-31", range(300)) | {"communities.csv": "person_id,sex\nP1,male\n"}, "one")
    expected = RecordStore(tmp_path / "whole").ingest(folder).snapshot
    unharmed = sorted(path.name for path in (tmp_path / "whole").rglob("*") if path.is_file())
    for number in range(int(os.environ.get("INGEST_KILLS", "2"))):
        root = tmp_path / f"killed{number}"
        process = _ingest_in_a_process(root, folder)
        process.stdout.readline()
        time.sleep(0.3 + 0.13 * number)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert RecordStore(root).ingest(folder).snapshot == expected
        assert sorted(path.name for path in root.rglob("*") if path.is_file()) == unharmed


def test_what_was_linked_stays_linked_when_more_is_delivered(store, three):
    from records.linkage.crosswalk import store_crosswalk

    store.ingest(three[0])
    persons = pd.DataFrame({"record_id": ["P1", "P2"], "person_id": "P1", "match_probability": 1.0, "how": "clerical"})
    grey = pd.DataFrame({"record_l": [], "record_r": [], "probability": [], "weights": []}).astype("str")
    store_crosswalk(store.root, persons, grey, {"snapshot": str(store.latest().hash)})
    assert store.ingest(three[1]).snapshot == store.latest().hash
    involved = store.latest().table("involvements").set_index("incident_id")["person_id"]
    assert involved.loc["I2"] == "P1"
    assert involved.loc["I7"] == "P7"


@pytest.mark.parametrize(
    "broken", ["I2,f,a,2023-01-01,2023-01-05,true,true,high,extra", 'I2,f,"a,2023-01-01', "I2\u200b"]
)
def test_a_table_with_a_row_whose_key_cannot_be_read_withdraws_nothing_until_it_is_mended(
    store, extract, tmp_path, broken
):
    store.ingest(extract(made("2024-01-31", range(1, 4)), "first"))
    files = made("2024-02-29", [1, 2])
    sound = "I2,f,a,2023-01-01,2023-01-05,true,true,high"
    row = broken if "," in broken else sound.replace("I2", broken)
    report = store.ingest(extract(files | {"incidents.csv": files["incidents.csv"].replace(sound, row)}, "second"))
    assert any(note.startswith("incidents: 1 rows are in quarantine whose key") for note in report.notes)
    assert _current(store) == {"I1", "I2", "I3"}
    out = tmp_path / "mend.csv"
    store.export(report.delivery, "incidents", out)
    header, line = out.read_text().splitlines()
    out.write_text(f"{header}\n{','.join(line.split(',')[:3])},,,,,{sound}\n")
    assert store.replay(out).still == 0
    assert _current(store) == {"I1", "I2"}


def test_a_key_with_blanks_around_it_and_another_fault_is_not_withdrawn(store, extract):
    store.ingest(extract(made("2024-01-31", range(1, 4)), "first"))
    files = made("2024-02-29", [1, 2])
    faulty = files["incidents.csv"].replace("I2,f,a,2023-01-01", "I2\t,f,a,01/01/2023")
    store.ingest(extract(files | {"incidents.csv": faulty}, "second"))
    assert _current(store) == {"I1", "I2"}


def _current(store):
    incidents = store.latest().table("incidents")
    return set(incidents[incidents["known_to"].isna()]["incident_id"])
