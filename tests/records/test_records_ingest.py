from __future__ import annotations

import csv
import gzip
import io

import pandas as pd
import pyarrow
import pyarrow.parquet
import pytest

from records import RecordStore
from records.errors import ExtractError, ManifestError
from records.intake.quarantine import REMEDIES

HEADER = "incident_id,force,area,occurred_from,occurred_to,reported_on,is_crime,domestic,known_from\n"


def quarantined(report, table):
    (path,) = [path for path in report.quarantine_files if path.name == f"{table}.csv"]
    with path.open(encoding="utf-8", newline="") as file:
        return [(int(row["line"]), row["column"], row["reason"]) for row in csv.DictReader(file)]


def test_a_sound_extract_is_accepted_whole(store, extract):
    report = store.ingest(extract())
    assert (report.read, report.accepted, report.quarantined) == (8, 8, 0)
    assert report.tables["persons"] == {"read": 2, "accepted": 2, "quarantined": 0}
    assert report.reasons == {}
    assert report.synthetic is True
    assert store.latest().tables == {"persons", "incidents", "involvements"}


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (",f,a,2023-01-01,,2023-01-02,true,true,", "incident_id", "missing_required"),
        ("I3,f,a,01/02/2023,,2023-03-02,true,true,", "occurred_from", "bad_date"),
        ("I3,f,a,2023-01-01,,2023-01-02,perhaps,true,", "is_crime", "bad_flag"),
        ("I3,f,a,2023-01-01,,2023-01-02,true,true", "", "too_few_fields"),
        ("I3,f,a,2023-01-01,,2023-01-02,true,true,,", "", "too_many_fields"),
        ('I3,"f,a,2023-01-01,,2023-01-02,true,true,', "", "bad_quoting"),
        ("I3,f\x00,a,2023-01-01,,2023-01-02,true,true,", "force", "control_character"),
        ("I3,f,a,2024-04-01,,2024-04-01,true,true,", "occurred_from", "future_date"),
        ("I3,f,a,2023-01-05,2023-01-04,2023-01-06,true,true,", "occurred_to", "impossible_order"),
        ("I3,f,a,2023-01-05,,2023-01-04,true,true,2023-01-05", "reported_on", "impossible_order"),
        ("I3,f,a,2023-01-05,,2023-01-06,true,true,2023-01-04", "known_from", "impossible_order"),
    ],
)
def test_a_row_that_breaks_the_contract_is_kept_out_with_line_column_and_reason(store, extract, row, column, reason):
    good = "I1,f,a,2023-01-01,2023-01-09,2023-01-05,true,true,\nI2,f,a,2023-01-01,,2023-01-01,true,true,\n"
    report = store.ingest(extract({"incidents.csv": f"{HEADER}{good}{row}\n"}))
    assert report.tables["incidents"] == {"read": 3, "accepted": 2, "quarantined": 1}
    assert quarantined(report, "incidents") == [(4, column, reason)]
    assert report.reasons == {reason: 1}


def test_undecodable_bytes_cost_their_row_only(store, extract):
    rows = "person_id,given_name,source\nP1,Zoë,n\nP2,x,n\n".encode() + b"P3,Zo\xeb,n\n"
    report = store.ingest(extract({"persons.csv": rows}))
    assert quarantined(report, "persons") == [(4, "given_name", "undecodable")]
    assert store.latest().identities(["P1"])["given_name"].tolist() == ["Zoë"]


def test_quarantine_holds_the_row_as_delivered_a_remedy_and_every_fault(store, extract):
    bad = 'P3,"two\nlines",1990-13-01,\nP4,x,1990-01-01,niche\n'
    report = store.ingest(extract({"persons.csv": f"person_id,given_name,date_of_birth,source\n{bad}"}))
    (path,) = [path for path in report.quarantine_files if path.name == "persons.csv"]
    (row,) = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert (row["file"], row["line"], row["row"]) == ("persons.csv", "2", 'P3,"two\nlines",1990-13-01,')
    assert (row["reason"], row["remedy"]) == ("bad_date", REMEDIES["bad_date"])
    assert row["also"] == "source: missing_required"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_mended_row_loads(store, extract):
    broken = "incident_id,person_id,role\nI1,P1,suspect\nI1,P9,victim\n"
    assert store.ingest(extract({"involvements.csv": broken})).quarantined == 1
    mended = broken.replace("P9", "P2")
    assert store.ingest(extract({"involvements.csv": mended}, "mended")).quarantined == 0


def test_a_row_that_points_to_a_quarantined_row_is_an_orphan(store, extract):
    persons = "person_id,date_of_birth,source\nP1,,n\nP2,31/12/1990,n\n"
    report = store.ingest(extract({"persons.csv": persons}))
    assert report.reasons == {"orphan": 2, "bad_date": 1}
    assert quarantined(report, "involvements") == [(3, "person_id", "orphan"), (5, "person_id", "orphan")]


def test_identical_rows_load_once_and_contradicting_rows_not_at_all(store, extract):
    rows = (
        "I1,f,a,2023-01-01,,2023-01-05,true,true,\n"
        "I1,f,a,2023-01-01,,2023-01-05,true,true,2023-01-05\n"  # a copy that says what was assumed
        "I2,f,a,2023-01-01,,2023-01-05,true,true,\n"
        "I2,f,b,2023-01-01,,2023-01-05,true,true,\n"
    )
    report = store.ingest(extract({"incidents.csv": HEADER + rows}))
    assert quarantined(report, "incidents") == [
        (2, "incident_id", "duplicate_row"),
        (4, "incident_id", "conflicting_duplicate"),
        (5, "incident_id", "conflicting_duplicate"),
    ]
    assert store.latest().table("incidents")["incident_id"].tolist() == ["I1"]


def test_an_offence_may_be_reported_while_it_lasts(store, extract):
    rows = "I1,f,a,2023-01-01,2023-12-31,2023-06-01,true,true,\nI2,f,a,2023-01-01,,,true,true,\n"
    assert store.ingest(extract({"incidents.csv": HEADER + rows})).quarantined == 0


def test_an_order_may_end_after_the_extract_date(store, extract):
    orders = "order_id,person_id,kind,starts_on,ends_on\nO1,P1,restraining,2024-01-01,2029-01-01\n"
    assert store.ingest(extract({"orders.csv": orders})).quarantined == 0
    assert store.latest().table("orders")["ends_on"].tolist() == [pd.Timestamp("2029-01-01")]


def test_unknown_codes_are_kept_counted_and_reported(store, extract):
    report = store.ingest(
        extract(
            {
                "incidents.csv": (
                    "incident_id,force,area,occurred_from,reported_on,offence_code,is_crime,domestic\n"
                    "I1,f,a,2023-01-01,2023-01-05,99999,true,true\nI2,f,a,2023-01-01,2023-01-05,00806,true,true\n"
                ),
                "involvements.csv": "incident_id,person_id,role\nI1,P1,Suspect\nI1,P2,Suspect\n",
            }
        )
    )
    assert report.unmapped == {
        "incidents.offence_code": {"99999": 1},
        "involvements.role": {"Suspect": 2},
    }
    assert report.quarantined == 0
    assert store.latest().table("involvements")["role"].tolist() == ["Suspect", "Suspect"]


def test_columns_outside_the_contract_are_reported_and_not_read(store, extract):
    persons = "person_id,source,nationality\nP1,n,x\nP2,n,y\n"
    report = store.ingest(extract({"persons.csv": persons}))
    assert "persons.csv: columns that the contract does not know were not read: nationality." in report.notes
    assert "nationality" not in store.latest().table("persons").columns


def test_a_table_that_was_not_delivered_is_not_available_rather_than_empty(store, extract):
    store.ingest(extract({"orders.csv": "order_id,person_id,kind,starts_on\n"}))
    snapshot = store.latest()
    assert snapshot.has("orders")
    assert len(snapshot.table("orders")) == 0
    assert not snapshot.has("custody")
    assert snapshot.has("incidents.reported_on")
    assert not snapshot.has("incidents.weapon")


def test_a_byte_order_mark_windows_line_ends_and_gzip_make_no_difference(store, extract):
    plain = store.ingest(extract()).snapshot
    persons = "person_id,given_name,date_of_birth,source\nP1,Ada,1980-02-29,niche\nP2,,,niche\n"
    dressed = b"\xef\xbb\xbf" + persons.replace("\n", "\r\n").encode()
    assert store.ingest(extract({"persons.csv": dressed}, "dressed")).snapshot == plain
    packed = {"persons.csv": None, "persons.csv.gz": gzip.compress(persons.encode())}
    assert store.ingest(extract(packed, "packed")).snapshot == plain


def test_parquet_gives_the_same_snapshot_as_csv(store, extract, tmp_path):
    plain = store.ingest(extract())
    folder = extract({"incidents.csv": None}, "parquet")
    frame = pd.read_csv(tmp_path / "extract" / "incidents.csv", dtype={"offence_code": "str"})
    frame["occurred_from"] = pd.to_datetime(frame["occurred_from"])
    frame["reported_on"] = pd.to_datetime(frame["reported_on"]).dt.tz_localize("Europe/London")
    frame.to_parquet(folder / "incidents.parquet", index=False)
    assert store.ingest(folder).snapshot == plain.snapshot


def test_a_faulty_parquet_row_is_named_by_its_number(store, extract):
    folder = extract({"persons.csv": None})
    persons = pd.DataFrame({"person_id": ["P1", "P2", None], "source": ["n", "n", "n"]})
    persons.to_parquet(folder / "persons.parquet", index=False)
    report = store.ingest(folder)
    assert quarantined(report, "persons") == [(3, "person_id", "missing_required")]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({f"{name}.csv": None for name in ("persons", "incidents", "involvements")}, "no table of the contract"),
        ({"persons.csv": ""}, "persons.csv has no header line"),
        ({"persons.csv": "\n\n"}, "persons.csv has no header line"),
        ({"persons.csv": "person_id\nP1\n"}, "persons.csv, line 1: the required column 'source' is missing"),
        ({"persons.csv": "person_id,person_id,source\n"}, "the column 'person_id' appears twice"),
        ({"persons.csv": "\ufeffperson_id,source\n".encode("utf-16")}, "persons.csv is UTF-16"),
        ({"persons.csv": None, "persons.parquet": b"PAR1 cut off"}, "persons.parquet is not a whole Parquet file"),
        ({"persons.csv": None, "persons.csv.gz": gzip.compress(b"x" * 9000)[:20]}, "persons.csv.gz cannot be read"),
        ({"persons.parquet": b""}, r"persons.csv and persons.parquet both deliver"),
    ],
)
def test_an_extract_that_cannot_be_read_as_a_whole_is_refused(store, extract, files, message):
    with pytest.raises(ExtractError, match=message):
        store.ingest(extract(files))
    assert store.snapshots() == []


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (None, "has no manifest.yaml"),
        ("", "holds no keys"),
        ("source: [\n", "manifest.yaml, line 2 cannot be read"),
        ("source: x\n", "no extract_date that is a day"),
        ("source: x\nextract_date: soon\n", "no extract_date that is a day"),
        ("extract_date: 2024-03-31\n", "names no source"),
        ("source: x\nextract_date: 2024-03-31\nsynthetic: maybe\n", "neither true nor false"),
        ("source: x\nextract_date: 2024-03-31\nsyntetic: true\n", "unknown key 'syntetic'"),
        ("source: x\nextract_date: 2024-03-31\nextract_date: 2023-03-31\n", "line 3: the key 'extract_date' appears"),
        ('source: "\\ud800"\nextract_date: 2024-03-31\n', "cannot be stored"),
        ('source: x\nextract_date: 2024-03-31\nperiod: "\\ud800"\n', "cannot be stored"),
        (f"source: x\nextract_date: 2024-03-31\nperiod: 0x{'f' * 6000}\n", "cannot be stored"),
        (f"source: x\nextract_date: 2024-03-31\nrevision: 0x{'f' * 6000}\n", "cannot be stored"),
        (f"source: x\nextract_date: 2024-03-31\n? 0x{'f' * 6000}\n: x\n", "cannot be stored"),
    ],
)
def test_a_manifest_that_says_too_little_is_refused(store, extract, manifest, message):
    with pytest.raises(ManifestError, match=message):
        store.ingest(extract({"manifest.yaml": manifest}))


def test_header_only_tables_give_a_snapshot_that_says_so(store, extract):
    report = store.ingest(
        extract(
            {
                "persons.csv": "person_id,source\n",
                "incidents.csv": HEADER,
                "involvements.csv": "incident_id,person_id,role",
            }
        )
    )
    assert report.read == 0
    assert "persons: no row was accepted." in report.notes
    assert len(store.latest().table("incidents")) == 0


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ExtractError, match="no extract folder 'nowhere'"):
        RecordStore(tmp_path).ingest(tmp_path / "nowhere")


def test_the_report_prints_the_keys_that_scripts_rely_on(store, extract):
    printed = store.ingest(extract({"persons.csv": "person_id,source\nP1,n\nP2,\n"})).to_dict()
    assert {"read", "accepted", "quarantined", "tables", "reasons", "snapshot"} <= set(printed)
    assert printed["reasons"] == {"missing_required": 1, "orphan": 2}
    assert sum(printed["reasons"].values()) == printed["quarantined"]


def test_no_report_shows_a_name_or_a_birth_date(store, extract):
    persons = "person_id,given_name,date_of_birth,source\nP1,Ada,1980-02-29,niche\nP2,Bo,1985-06-07,\n"
    printed = str(store.ingest(extract({"persons.csv": persons})).to_dict())
    assert "Ada" not in printed
    assert "Bo" not in printed
    assert "1985" not in printed


def test_times_beyond_the_calendar_are_bad_dates_and_in_a_text_column_the_stored_count(store, extract):
    far = pyarrow.array([2**52, 1_672_531_200], pyarrow.int64())
    table = pyarrow.table(
        {
            "incident_id": ["I1", "I2"],
            "force": far.cast(pyarrow.duration("s")),
            "area": ["east", "west"],
            "occurred_from": far.cast(pyarrow.timestamp("s")),
            "is_crime": [True, True],
            "domestic": [True, True],
        }
    )
    folder = extract({"incidents.csv": None})
    pyarrow.parquet.write_table(table, folder / "incidents.parquet", store_schema=True)
    assert store.ingest(folder).reasons == {"orphan": 2, "bad_date": 1}
    (path,) = (store.root / "quarantine").rglob("incidents.csv")
    assert "4503599627370496 s" in path.read_text(encoding="utf-8")
    assert store.latest().table("incidents")["incident_id"].tolist() == ["I2"]
