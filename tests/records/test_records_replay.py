"""Rows in quarantine leave as a file, are mended, and come back as if they had been delivered so."""

from __future__ import annotations

import csv

import openpyxl
import pytest

from records import RecordStore
from records.communities import CommunityStore
from records.errors import NoDelivery, ReplayError

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
