"""Rows in quarantine leave as a file, are mended, and come back as if they had been delivered so."""

from __future__ import annotations

import csv

import openpyxl
import pytest

from records import RecordStore
from records.communities import CommunityStore
from records.erasing.erasure import begin, carry_out
from records.errors import NoDelivery, ReplayError

MANIFEST = "source: made up\nextract_date: 2024-03-31\nperiod: 2020 to 2024\nsynthetic: true\n"
INCIDENTS = (
    "incident_id,force,area,occurred_from,reported_on,is_crime,domestic\n"
    "I1,northshire,east,2023-01-01,2023-01-05,true,true\n"
    "I2,=cmd,west,01/02/2023,2023-02-01,false,true\n"
    "I3,northshire,west,2023-02-01,2023-02-01,false,perhaps\n"
    'I4,"northshire,west,2023-02-01,2023-02-01,false,true\n'
)


def mend(path, changes, drop=()):
    with path.open(encoding="utf-8", newline="") as file:
        rows = [{**row, **changes.get(int(row["_line"]), {})} for row in csv.DictReader(file)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [name for name in rows[0] if name not in drop], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def loaded(store, extract):
    return store.ingest(extract({"incidents.csv": INCIDENTS}))


def test_quarantine_is_counted_by_delivery_table_and_reason(store, loaded):
    assert store.quarantine() == [
        {"delivery": loaded.delivery, "table": "incidents", "reason": "bad_date", "rows": 1},
        {"delivery": loaded.delivery, "table": "incidents", "reason": "bad_flag", "rows": 1},
        {"delivery": loaded.delivery, "table": "incidents", "reason": "bad_quoting", "rows": 1},
        {"delivery": loaded.delivery, "table": "involvements", "reason": "orphan", "rows": 2},
    ]
    with pytest.raises(NoDelivery):
        store.quarantine("2020-01-01-nothing")


def test_the_export_has_the_shape_of_the_source_and_runs_nothing(store, loaded, tmp_path):
    out = tmp_path / "mend.csv"
    assert store.export(loaded.delivery, "incidents.csv", out) == 3
    assert out.stat().st_mode & 0o777 == 0o600
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:7] == ["_delivery", "_file", "_line", "_column", "_reason", "_remedy", "_row"]
    assert list(rows[0])[7:] == INCIDENTS.splitlines()[0].split(",")
    assert [(row["_line"], row["_column"], row["_reason"]) for row in rows] == [
        ("3", "occurred_from", "bad_date"),
        ("4", "domestic", "bad_flag"),
        ("5", "", "bad_quoting"),
    ]
    assert rows[0]["force"] == "'=cmd"
    assert rows[2]["_row"].startswith('I4,"northshire')
    with pytest.raises(NoDelivery, match=r"had no file 'orders.csv'. Name one of persons.csv"):
        store.export(loaded.delivery, "orders.csv", out)


@pytest.mark.parametrize("place", ["", "nowhere/mend.csv"])
def test_an_export_that_cannot_be_written_is_told(store, loaded, tmp_path, place):
    with pytest.raises(ReplayError, match="cannot be written"):
        store.export(loaded.delivery, "incidents.csv", tmp_path / place)


def test_columns_named_with_a_nul_or_like_our_own_go_through_quarantine_and_back(store, extract, tmp_path):
    header, *rows = INCIDENTS.splitlines()[:3]
    named = "\n".join([f"{header},a\0b,a\0c,raw_text", *(f"{row},one,two,three" for row in rows)]) + "\n"
    folder = extract({"incidents.csv": named})
    report = store.ingest(folder)
    (path,) = [each for each in report.quarantine_files if each.name == "incidents.csv"]
    assert ",one,two,three" in path.read_text(encoding="utf-8")
    assert store.ingest(folder).reasons == report.reasons == {"bad_date": 1, "orphan": 2}
    out = tmp_path / "mend.csv"
    assert store.export(report.delivery, "incidents.csv", out) == 1
    assert out.read_text(encoding="utf-8").rstrip().endswith(",one,two,three")


def test_mended_rows_count_as_delivered_and_the_others_stay(store, loaded, tmp_path, extract):
    out = tmp_path / "mend.csv"
    store.export(loaded.delivery, "incidents.csv", out)
    whole = {
        "incident_id": "I4", "force": "northshire", "area": "west", "occurred_from": "2023-02-01",
        "reported_on": "2023-02-01", "is_crime": "false", "domestic": "true",
    }  # fmt: skip
    mend(out, {3: {"occurred_from": "2023-02-01"}, 5: whole})
    replayed = store.replay(out)
    # the incident's two involvements come in by themselves
    assert (replayed.before, replayed.accepted, replayed.still) == (5, 4, 1)
    incidents = store.latest().table("incidents").set_index("incident_id")
    assert incidents.index.tolist() == ["I1", "I2", "I4"]
    assert incidents.loc["I2", "force"] == "=cmd"
    assert len(store.latest().table("involvements")) == 4
    assert {(each["table"], each["reason"], each["rows"]) for each in store.quarantine()} == {
        ("incidents", "bad_flag", 1)
    }
    report = store.ingest(tmp_path / "extract")
    assert (report.read, report.accepted, report.quarantined) == (10, 9, 1)
    mended = INCIDENTS.replace("01/02/2023", "2023-02-01").replace('I4,"north', "I4,north")
    sound = RecordStore(tmp_path / "sound")
    sound.ingest(extract({"incidents.csv": mended}, "mended"))
    for table in ("incidents", "involvements", "persons"):
        assert store.latest().table(table).equals(sound.latest().table(table)), table


def test_a_mended_file_twice_changes_nothing_and_the_order_of_two_leaves_no_trace(extract, tmp_path):
    folder, hashes = extract({"incidents.csv": INCIDENTS}), set()
    for number, order in enumerate(((3, 4), (4, 3))):
        store = RecordStore(tmp_path / f"store{number}")
        name = store.ingest(folder).delivery
        files = {}
        for line, changes in ((3, {"occurred_from": "2023-02-01"}), (4, {"domestic": "true"})):
            files[line] = tmp_path / f"{line}.csv"
            store.export(name, "incidents", files[line])
            kept = [row for row in files[line].read_text().splitlines() if row.startswith("_") or f",{line}," in row]
            files[line].write_text("\n".join(kept) + "\n")
            mend(files[line], {line: changes})
        for line in order:
            store.replay(files[line])
        again = store.replay(files[order[0]])
        assert (again.accepted, again.still) == (0, 1)
        hashes.add(store.latest().hash)
    assert len(hashes) == 1


def test_a_file_that_lost_its_columns_or_names_other_rows_is_refused(store, loaded, tmp_path):
    out = tmp_path / "mend.csv"
    store.export(loaded.delivery, "incidents", out)
    mend(out, {}, drop=("_line",))
    with pytest.raises(ReplayError, match=r"mend.csv, line 1: no column '_line'"):
        store.replay(out)
    store.export(loaded.delivery, "incidents", out)
    mend(out, {}, drop=("area",))
    with pytest.raises(ReplayError, match="no column 'area'"):
        store.replay(out)
    store.export(loaded.delivery, "incidents", out)
    mend(out, {3: {"_line": "2"}})
    with pytest.raises(ReplayError, match="line 2: _file and _line name no row that is in quarantine"):
        store.replay(out)
    assert len(store.deliveries()) == 1


MAPPING = """\
source: made-up flat export
extract_date: 2024-03-31
synthetic: true
file: calls.csv
tables:
  persons:
    unique: key
    columns: {person_id: nominal, source: {constant: flat}}
  incidents:
    columns:
      incident_id: number
      force: {constant: northshire}
      area: beat
      occurred_from: {column: day, date_format: "%d/%m/%Y"}
      reported_on: {column: day, date_format: "%d/%m/%Y"}
      is_crime: {constant: "true"}
      domestic: {constant: "true"}
  involvements:
    columns: {incident_id: number, person_id: nominal, role: {constant: suspect}}
  communities:
    unique: key
    columns: {person_id: nominal, sex: sex}
"""


def test_rows_of_a_mapped_file_are_mended_in_the_sources_own_shape(store, tmp_path):
    folder = tmp_path / "flat"
    folder.mkdir()
    (tmp_path / "m.yaml").write_text(MAPPING)
    (folder / "calls.csv").write_text(
        "number,nominal,day,beat,sex\n1,P1,01/02/2023,east,male\n2,P1,32/02/2023,east,male\n3,,01/03/2023,east,female\n"
    )
    report = store.ingest(folder, tmp_path / "m.yaml")
    assert (report.read, report.accepted) == (3, 1)
    out = tmp_path / "mend.csv"
    assert store.export(report.delivery, "calls.csv", out) == 2
    assert "male" not in out.read_text()
    mend(out, {3: {"day": "05/02/2023"}, 4: {"nominal": "P3"}})
    replayed = store.replay(out)
    assert (replayed.before, replayed.still) == (2, 0)
    assert store.latest().table("incidents")["incident_id"].tolist() == ["1", "2", "3"]
    involvements = store.latest().table("involvements")
    assert involvements["person_id"].tolist() == ["P1", "P1", "P3"]
    persons = store.latest().table("persons").set_index("person_id")
    assert persons["known_from"].astype("str").to_dict() == {"P1": "2023-02-01", "P3": "2023-03-01"}
    sexes = CommunityStore(store.root).read(store.latest().hash).set_index("person_id")["sex"]
    assert sexes.to_dict() == {"P1": "male", "P3": "female"}
    assert store.ingest(folder, tmp_path / "m.yaml").quarantined == 0


def test_a_mended_row_never_replaces_one_that_was_accepted(store, loaded, tmp_path):
    out = tmp_path / "mend.csv"
    store.export(loaded.delivery, "incidents", out)
    mend(out, {3: {"incident_id": "I1", "occurred_from": "2023-02-01"}})
    replayed = store.replay(out)
    assert replayed.accepted == 0
    incidents = store.latest().table("incidents").set_index("incident_id")
    assert incidents["force"].to_dict() == {"I1": "northshire"}


def test_what_was_exported_unreadable_and_came_back_unchanged_is_still_unreadable(store, extract, tmp_path):
    persons = b"person_id,given_name,source\nP1,Ada,niche\nP2,Zo\xeb,niche\n"
    name = store.ingest(extract({"persons.csv": persons})).delivery
    out = tmp_path / "mend.csv"
    store.export(name, "persons", out)
    assert r"Zo\xeb" in out.read_text()
    replayed = store.replay(out)
    assert replayed.accepted == 0
    assert [each[2:] for each in replayed.refused] == [("given_name", "undecodable")]
    assert store.latest().table("persons")["person_id"].tolist() == ["P1"]
    mend(out, {3: {"given_name": "Zoë"}})
    replayed = store.replay(out)
    assert (replayed.still, replayed.refused) == (0, ())
    assert store.latest().table("persons")["person_id"].tolist() == ["P1", "P2"]


def test_a_cell_that_a_workbook_could_not_tell_must_be_mended(store, extract, tmp_path):
    folder = extract({"persons.csv": None})
    book = openpyxl.Workbook()
    for row in (
        ["person_id", "given_name", "source"],
        ["P1", "Ada", "niche"],
        ["P2", "#REF!", "niche"],
        ["P3", "", "n"],
    ):
        book.active.append(row)
    book.active["B3"].data_type = "e"
    book.active["B4"] = "=1+1"
    book.save(folder / "persons.xlsx")
    name = store.ingest(folder).delivery
    out = tmp_path / "mend.csv"
    assert store.export(name, "persons", out) == 2
    mend(out, {4: {"given_name": "Zoë"}})
    replayed = store.replay(out)
    assert [each[2:] for each in replayed.refused] == [("given_name", "error_value")]
    assert store.latest().table("persons")["person_id"].tolist() == ["P1", "P3"]


def test_one_file_under_two_names_of_a_mapping_is_mended_under_both(store, tmp_path):
    folder = tmp_path / "flat"
    folder.mkdir()
    (tmp_path / "m.yaml").write_text(TWICE)
    (folder / "calls.csv").write_text("number,nominal,day\n1,P1,01/02/2023\n2,P2,32/02/2023\n")
    report = store.ingest(folder, tmp_path / "m.yaml")
    out = tmp_path / "mend.csv"
    assert store.export(report.delivery, "a", out) == 1
    mend(out, {3: {"day": "05/02/2023"}})
    assert store.replay(out).still == 0
    assert store.latest().table("incidents")["incident_id"].tolist() == ["1", "2"]
    assert store.latest().table("involvements")["person_id"].tolist() == ["P1", "P2"]


def test_what_a_spreadsheet_makes_of_the_file_is_understood_or_named(store, loaded, tmp_path):
    out = tmp_path / "mend.csv"
    store.export(loaded.delivery, "incidents", out)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    for mark in ";\t":
        with out.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=mark).writerows(rows)
        with pytest.raises(ReplayError, match="no commas between its fields"):
            store.replay(out)
    header = ",".join(rows[0])
    out.write_text(f"{header}\n{',' * (len(rows[0]) - 1)}\n")
    with pytest.raises(ReplayError, match=r"mend.csv holds no rows"):
        store.replay(out)
    store.export(loaded.delivery, "incidents", out)
    mend(out, {3: {"occurred_from": "2023-02-01"}, 4: {"domestic": "true"}})
    out.write_text(out.read_text() + "," * (len(rows[0]) - 1) + "\n,,,\n")
    assert store.replay(out).still == 1  # the row that cannot be split


def counted(store):
    return {(each["table"], each["reason"]): each["rows"] for each in store.quarantine()}


def exported(store, name, file, out):
    store.export(name, file, out)
    with out.open(encoding="utf-8", newline="") as text:
        return {int(row["_line"]): row for row in csv.DictReader(text)}


def test_a_row_that_failed_again_is_listed_and_exported_as_it_came_last(store, loaded, tmp_path):
    out = tmp_path / "mend.csv"
    store.export(loaded.delivery, "incidents.csv", out)
    whole = {
        "incident_id": "I4", "force": "northshire", "area": "west", "occurred_from": "2023-02-01",
        "reported_on": "2023-02-01", "is_crime": "maybe", "domestic": "true",
    }  # fmt: skip
    mend(out, {3: {"occurred_from": "2023-02-30"}, 4: {"domestic": "true", "is_crime": "2"}, 5: whole})
    assert store.replay(out).accepted == 0
    assert counted(store) == {
        ("incidents", "bad_date"): 1, ("incidents", "bad_flag"): 2, ("involvements", "orphan"): 2,
    }  # fmt: skip
    rows = exported(store, loaded.delivery, "incidents.csv", out)
    assert [(line, row["_column"], row["_reason"], row["_row"]) for line, row in rows.items()] == [
        (3, "occurred_from", "bad_date", ""),
        (4, "is_crime", "bad_flag", ""),
        (5, "is_crime", "bad_flag", ""),
    ]
    assert (rows[3]["occurred_from"], rows[4]["domestic"], rows[5]["incident_id"]) == ("2023-02-30", "true", "I4")
    listed = store.root / "quarantine" / loaded.delivery / "incidents.csv"
    assert "bad_quoting" not in listed.read_text(encoding="utf-8")
    report = store.ingest(tmp_path / "extract")
    assert (report.read, report.accepted, report.quarantined) == (10, 5, 5)
    mend(out, {3: {"occurred_from": "2023-02-01"}, 4: {"is_crime": "false"}, 5: {"is_crime": "false"}})
    assert store.replay(out).still == 0
    assert counted(store) == {}
    assert store.latest().table("incidents")["incident_id"].tolist() == ["I1", "I2", "I3", "I4"]


def test_the_last_of_several_replays_says_what_is_wrong_whatever_they_are_called(store, loaded, tmp_path):
    out = tmp_path / "mend.csv"
    for turn, reason in enumerate(("missing_required", "bad_date", "missing_required", "future_date")):
        store.export(loaded.delivery, "incidents", out)
        day = {"missing_required": "", "bad_date": f"3{turn}/02/2023", "future_date": "2031-01-01"}[reason]
        mend(out, {3: {"occurred_from": day, "reported_on": f"2023-02-0{turn + 1}"}})
        store.replay(out)
        assert exported(store, loaded.delivery, "incidents", out)[3]["_reason"] == reason


def test_of_a_mapped_row_that_failed_again_the_last_reason_counts(store, tmp_path):
    folder = tmp_path / "flat"
    folder.mkdir()
    (tmp_path / "m.yaml").write_text(MAPPING)
    (folder / "calls.csv").write_text(
        'number,nominal,day,beat,sex\n1,P1,01/02/2023,east,male\n2,P2,32/02/2023,east,male\n3,"P3,01/03/2023,east,male\n'
    )
    report = store.ingest(folder, tmp_path / "m.yaml")
    assert counted(store) == {
        ("file calls.csv", "bad_quoting"): 1, ("incidents", "bad_date"): 1, ("involvements", "orphan"): 1,
    }  # fmt: skip
    out = tmp_path / "mend.csv"
    store.export(report.delivery, "calls.csv", out)
    whole = {"number": "3", "nominal": "P3", "day": "99/03/2023", "beat": "east"}
    mend(out, {3: {"day": "01/02/2023", "beat": ""}, 4: whole})
    assert store.replay(out).still == 2
    found = {(each["table"], each["reason"]): each["rows"] for each in store.quarantine()}
    assert found == {
        ("incidents", "bad_date"): 1, ("incidents", "missing_required"): 1, ("involvements", "orphan"): 2,
    }  # fmt: skip
    again = store.ingest(folder, tmp_path / "m.yaml")
    assert (again.read, again.accepted, again.quarantined) == (3, 1, 2)
    assert all(tally.accepted >= 0 for tally in again.by_table.values())
    rows = exported(store, report.delivery, "calls.csv", out)
    assert [(line, row["_reason"], row["day"]) for line, row in rows.items()] == [
        (3, "missing_required", "01/02/2023"),
        (4, "bad_date", "99/03/2023"),
    ]
    mend(out, {3: {"beat": "west"}, 4: {"day": "01/03/2023"}})
    assert store.replay(out).still == 0
    assert counted(store) == {}


def test_a_mended_row_leaves_quarantine_when_what_it_points_to_arrives(store, loaded, extract, tmp_path):
    involvements = b"incident_id,person_id,role\nI1,P1,suspekt\n,P1,suspect\n"
    name = store.ingest(extract({"involvements.csv": involvements}, "second")).delivery
    out = tmp_path / "mend.csv"
    store.export(name, "involvements", out)
    mend(out, {3: {"incident_id": "I9"}})
    store.replay(out)
    assert exported(store, name, "involvements", out)[3]["_reason"] == "orphan"
    manifest = MANIFEST.replace("2024-03-31", "2024-04-30")
    more = INCIDENTS.splitlines()[0] + "\nI9,northshire,east,2023-01-01,2023-01-05,true,true\n"
    store.ingest(extract({"incidents.csv": more, "manifest.yaml": manifest}, "third"))
    assert [each for each in store.quarantine(name) if each["table"] == "involvements"] == []


def test_a_row_whose_key_came_back_readable_no_longer_stands_for_any_row(store, extract, tmp_path):
    header = "person_id,given_name,date_of_birth,source\n"
    store.ingest(extract({"persons.csv": f"{header}P1,Ada,,n\nP2,Bo,,n\nP3,Cy,,n\n"}))
    later = {
        "manifest.yaml": MANIFEST.replace("2024-03-31", "2024-04-30"),
        "persons.csv": f"{header}P1,Ada,,n\nP2,Bo,,n\nP\u200b4,Di,1980-13-01,n\n",
    }
    name = store.ingest(extract(later, "later")).delivery

    def withdrawn():
        persons = store.latest().table("persons")
        return set(persons["person_id"]) - set(persons.loc[persons["known_to"].isna(), "person_id"])

    assert withdrawn() == set()  # the row that cannot be told may be P3
    out = tmp_path / "mend.csv"
    store.export(name, "persons", out)
    mend(out, {4: {"person_id": "P4", "date_of_birth": "1980-13-02"}})
    assert store.replay(out).accepted == 0
    assert withdrawn() == {"P3"}
    store.export(name, "persons", out)
    mend(out, {4: {"date_of_birth": "1980-12-02"}})
    assert store.replay(out).still == 0
    assert withdrawn() == {"P3"}


def test_rows_that_could_not_be_replayed_are_not_exported(store, tmp_path):
    folder = tmp_path / "flat"
    folder.mkdir()
    looked_up = MAPPING.replace("file: calls.csv", "files: {calls: calls.csv, beats: beats.csv}")
    for table in ("persons", "incidents", "involvements", "communities"):
        looked_up = looked_up.replace(f"  {table}:\n", f"  {table}:\n    from: calls\n")
    looked_up = looked_up.replace("area: beat", "area: beat.area").replace(
        "  involvements:", "    lookup: {file: beats, on: {beat: code}, as: beat}\n  involvements:"
    )
    (tmp_path / "m.yaml").write_text(looked_up)
    (folder / "calls.csv").write_text("number,nominal,day,beat,sex\n1,P1,01/02/2023,E,male\n2,P1,32/02/2023,E,male\n")
    (folder / "beats.csv").write_text("code,area\nE,east\n")
    name = store.ingest(folder, tmp_path / "m.yaml").delivery
    out = tmp_path / "mend.csv"
    with pytest.raises(ReplayError, match=r"cannot be replayed: its mapping m.yaml looks rows up .*deliver it again"):
        store.export(name, "calls.csv", out)
    assert not out.exists()


def test_rows_that_an_erasure_took_are_no_longer_listed_and_still_add_up(store, extract, tmp_path):
    persons = (
        b"person_id,given_name,date_of_birth,source\nP1,Ada,1980-01-01,n\nP2,Bo,32/01/1980,n\nP3,Cy,1980-13-01,n\n"
        b'P2,"Bo,1980-01-01,n\n'
    )
    folder = extract({"persons.csv": persons})
    report = store.ingest(folder)
    before = counted(store)
    assert (before["persons", "bad_date"], before["persons", "bad_quoting"]) == (2, 1)
    carry_out(store.root, begin(store.root, "P2", {}))
    assert counted(store) == {("persons", "bad_date"): 1}
    again = store.ingest(folder)
    assert (again.read, again.accepted, again.quarantined) == (report.read, report.accepted, report.quarantined)
    assert again.reasons == {"erased": 4, "bad_date": 1}
    rows = exported(store, report.delivery, "persons", tmp_path / "mend.csv")
    assert list(rows) == [4]


TWICE = """\
source: made-up
extract_date: 2024-03-31
synthetic: true
files: {a: calls.csv, b: calls.csv}
tables:
  persons:
    from: b
    columns: {person_id: nominal, source: {constant: flat}}
  incidents:
    from: a
    columns:
      incident_id: number
      force: {constant: northshire}
      area: {constant: east}
      occurred_from: {column: day, date_format: "%d/%m/%Y"}
      reported_on: {column: day, date_format: "%d/%m/%Y"}
      is_crime: {constant: "true"}
      domestic: {constant: "true"}
  involvements:
    from: b
    columns: {incident_id: number, person_id: nominal, role: {constant: suspect}}
"""
