from __future__ import annotations

import json
import random

import pytest

from records import RecordStore
from records.communities import CommunityStore
from records.contract import TABLES
from records.errors import CommunitiesUnreadable, NoSnapshot, SnapshotCorrupt, TableNotAvailable
from values import AsOf, Hash

COMMUNITIES = "person_id,sex,ethnicity_self,ethnicity_observed\nP1,male,W1,IC1\nP2,female,NS,\n"


def shuffled(text, seed):
    header, *rows = text.splitlines()
    random.Random(seed).shuffle(rows)
    return "\n".join([header, *rows]) + "\n"


def test_the_same_rows_in_another_order_are_the_same_snapshot(store, extract, tmp_path):
    incidents = "incident_id,force,area,occurred_from,reported_on,is_crime,domestic\n" + "".join(
        f"I{number},f,a,2023-01-01,2023-01-{number % 28 + 1:02d},true,true\n" for number in range(1, 40)
    )
    first = store.ingest(extract({"incidents.csv": incidents})).snapshot
    for seed in range(3):
        folder = extract({"incidents.csv": shuffled(incidents, seed)}, f"shuffled{seed}")
        assert store.ingest(folder).snapshot == first
    assert len(store.snapshots()) == 1


def test_ingesting_the_same_content_again_changes_no_file(store, extract):
    folder = extract()
    first = store.ingest(folder).snapshot
    before = {path: path.stat().st_mtime_ns for path in store.latest().path.rglob("*")}
    assert store.ingest(folder).snapshot == first
    assert {path: path.stat().st_mtime_ns for path in store.latest().path.rglob("*")} == before


@pytest.mark.parametrize(
    "change",
    [
        {"manifest.yaml": "source: made up\nextract_date: 2024-03-30\nperiod: 2020 to 2024\nsynthetic: true\n"},
        {"manifest.yaml": "source: made up\nextract_date: 2024-03-31\nperiod: 2020 to 2024\n"},
        {"manifest.yaml": "source: other\nextract_date: 2024-03-31\nperiod: 2020 to 2024\nsynthetic: true\n"},
        {"persons.csv": "person_id,given_name,date_of_birth,source\nP1,Ada,1980-02-28,niche\nP2,,,niche\n"},
        {"orders.csv": "order_id,person_id,kind,starts_on\n"},
    ],
)
def test_any_change_of_content_is_another_snapshot(store, extract, change):
    assert store.ingest(extract()).snapshot != store.ingest(extract(change, "changed")).snapshot


def test_the_latest_snapshot_is_the_one_ingested_last(store, extract):
    first = store.ingest(extract()).snapshot
    second = store.ingest(extract({"orders.csv": "order_id,person_id,kind,starts_on\n"}, "second")).snapshot
    assert store.latest().hash == second
    assert {snapshot.hash for snapshot in store.snapshots()} == {first, second}
    assert store.snapshot(first).tables == {"persons", "incidents", "involvements"}


def test_a_store_without_a_snapshot_says_what_to_do(tmp_path):
    with pytest.raises(NoSnapshot, match="drive-panel ingest"):
        RecordStore(tmp_path).latest()
    with pytest.raises(NoSnapshot, match="There is no snapshot"):
        RecordStore(tmp_path).snapshot("0" * 64)
    with pytest.raises(NoSnapshot, match="not a snapshot's hash"):
        RecordStore(tmp_path).snapshot("latest")


def test_snapshots_describe_themselves(store, extract):
    store.ingest(extract())
    snapshot = store.latest()
    assert (snapshot.source, snapshot.period, snapshot.synthetic) == ("made up", "2020 to 2024", True)
    assert snapshot.extract_date.isoformat() == "2024-03-31"


def test_every_table_frame_fits_its_declared_schema(store, extract):
    store.ingest(extract())
    incidents = store.latest().table("incidents")
    TABLES["incidents"].schema().validate(incidents)
    assert str(incidents["occurred_from"].dtype) == "datetime64[s]"
    assert str(incidents["is_crime"].dtype) == "boolean"
    assert str(incidents["incident_id"].dtype) == "str"


def test_writing_into_a_table_does_not_change_what_the_next_reader_sees(store, extract):
    store.ingest(extract())
    snapshot = store.latest()
    mine = snapshot.table("incidents")
    mine["area"] = "elsewhere"
    mine.loc[0, "force"] = "elsewhere"
    assert snapshot.table("incidents")["area"].tolist() == ["east", "west"]
    assert "elsewhere" not in snapshot.table("incidents")["force"].tolist()


@pytest.mark.parametrize("column", ["date_of_birth", "given_name", "family_name", "pnc_id", "nationality"])
def test_what_identifies_a_person_does_not_leave_with_the_table(store, extract, column):
    store.ingest(extract())
    assert column not in store.latest().table("persons").columns
    with pytest.raises(TableNotAvailable, match=f"no column '{column}' that leaves records"):
        store.latest().table("persons", ["person_id", column])


def test_a_table_that_is_not_there_is_named(store, extract):
    store.ingest(extract())
    with pytest.raises(TableNotAvailable, match="no table 'custody'"):
        store.latest().table("custody")
    with pytest.raises(TableNotAvailable, match="no table 'communities'"):
        store.latest().table("communities")


def test_adult_turns_on_the_eighteenth_birthday_and_is_unknown_without_a_birth_date(store, extract):
    persons = (
        "person_id,date_of_birth,source,known_from\n"
        "P1,2005-06-15,n,2020-01-01\nP2,,n,2020-01-01\nP3,1980-01-01,n,2023-07-01\n"
    )
    store.ingest(extract({"persons.csv": persons}))

    def adult(day, years=18):
        return dict(store.latest().adult_at(AsOf.parse(day), years).itertuples(index=False))

    assert adult("2023-06-14") == {"P1": "no", "P2": "unknown", "P3": "unknown"}
    assert adult("2023-06-15") == {"P1": "yes", "P2": "unknown", "P3": "unknown"}
    assert adult("2023-07-01")["P3"] == "yes"
    assert adult("2021-06-15", years=16)["P1"] == "yes"


def test_a_leap_day_birthday_counts_from_the_first_of_march(store, extract):
    persons = "person_id,date_of_birth,source,known_from\nP1,2004-02-29,n,2020-01-01\nP2,,n,\n"
    store.ingest(extract({"persons.csv": persons}))
    before, after = (
        store.latest().adult_at(AsOf.parse(day))["adult"].tolist()[0] for day in ("2022-02-28", "2022-03-01")
    )
    assert (before, after) == ("no", "yes")


def test_age_bands_are_whole_years_at_the_date(store, extract):
    persons = (
        "person_id,date_of_birth,source,known_from\n"
        "P1,1998-04-01,n,2020-01-01\nP2,1998-03-31,n,2020-01-01\nP3,1950-01-01,n,2020-01-01\nP4,,n,\n"
    )
    store.ingest(extract({"persons.csv": persons}))
    bands = store.latest().age_band_at(AsOf.parse("2023-03-31"))
    assert bands["age_band"].tolist() == ["18_24", "25_34", "65_over", "unknown"]


def test_identities_are_the_last_known_version_of_those_asked_for(store, extract):
    persons = (
        "person_id,given_name,source,known_from\nP1,Old,n,2020-01-01\nP1,New,n,2022-01-01\nP2,Other,n,2020-01-01\n"
    )
    store.ingest(extract({"persons.csv": persons}))
    found = store.latest().identities(["P1", "P9"])
    assert found[["person_id", "given_name"]].to_numpy().tolist() == [["P1", "New"]]
    assert list(found.columns) == ["person_id", "given_name", "family_name", "date_of_birth"]


def test_a_changed_byte_in_a_table_is_found_and_the_file_named(store, extract):
    store.ingest(extract())
    path = store.latest().path / "incidents.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(SnapshotCorrupt, match=r"incidents\.parquet does not hold what was stored"):
        store.latest().table("incidents")
    assert len(store.latest().table("persons")) == 2


def test_a_table_rewritten_together_with_its_file_hash_is_still_found(store, extract):
    from values import digest_bytes

    store.ingest(extract())
    folder = store.latest().path
    other = RecordStore(store.root.parent / "other")
    rows = "incident_id,person_id,role\nI1,P2,suspect\nI1,P1,victim\nI2,P1,suspect\nI2,P2,victim\n"
    other.ingest(extract({"involvements.csv": rows}, "forged"))
    forged = (other.latest().path / "involvements.parquet").read_bytes()
    (folder / "involvements.parquet").write_bytes(forged)
    card = json.loads((folder / "snapshot.json").read_text())
    card["tables"]["involvements"]["sha256"] = digest_bytes(forged)
    (folder / "snapshot.json").write_text(json.dumps(card))
    with pytest.raises(SnapshotCorrupt, match=r"involvements\.parquet does not hold what was stored"):
        store.latest().table("involvements")


def test_a_changed_card_is_found(store, extract):
    store.ingest(extract())
    path = store.latest().path / "snapshot.json"
    path.write_text(path.read_text().replace('"synthetic":true', '"synthetic":false'))
    with pytest.raises(SnapshotCorrupt, match=r"snapshot\.json .* does not hold what was stored"):
        store.latest()
    path.write_text("{")
    with pytest.raises(SnapshotCorrupt, match="cannot be read"):
        store.latest()


def test_a_missing_file_is_found(store, extract):
    store.ingest(extract())
    (store.latest().path / "persons.parquet").unlink()
    with pytest.raises(SnapshotCorrupt, match=r"persons\.parquet cannot be read"):
        store.latest().table("persons")


def test_only_the_owner_may_read_the_store(store, extract):
    store.ingest(extract({"communities.csv": COMMUNITIES}))
    for path in store.root.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path.name


def test_communities_live_outside_the_snapshot(store, extract):
    report = store.ingest(extract({"communities.csv": COMMUNITIES}))
    assert report.tables["communities"]["accepted"] == 2
    assert not store.latest().has("communities")
    assert not list(store.latest().path.rglob("*communit*"))
    found = CommunityStore(store.root).read(report.snapshot)
    assert found["ethnicity_self"].tolist() == ["W1", "NS"]
    assert found["ethnicity_observed"].isna().tolist() == [False, True]


def test_communities_do_not_move_the_snapshot_hash(store, extract):
    plain = store.ingest(extract()).snapshot
    assert store.ingest(extract({"communities.csv": COMMUNITIES}, "with")).snapshot == plain


def test_faulty_community_rows_never_lie_in_the_open_quarantine(store, extract):
    report = store.ingest(extract({"communities.csv": COMMUNITIES + "P9,male,B1,\n"}))
    (path,) = report.quarantine_files
    assert path.is_relative_to(store.root / "communities" / "quarantine")


def test_unreadable_communities_are_named_and_leave_the_snapshot_usable(store, extract):
    snapshot = store.ingest(extract({"communities.csv": COMMUNITIES})).snapshot
    communities = CommunityStore(store.root)
    path = store.root / "communities" / f"{snapshot}.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CommunitiesUnreadable, match="does not hold what was stored"):
        communities.read(snapshot)
    path.unlink()
    path.mkdir()
    with pytest.raises(CommunitiesUnreadable, match="cannot be read"):
        communities.read(snapshot)
    with pytest.raises(CommunitiesUnreadable, match="There are no communities"):
        communities.read(Hash("0" * 64))
    assert len(store.latest().table("persons")) == 2
