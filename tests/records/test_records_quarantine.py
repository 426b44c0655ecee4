from __future__ import annotations

import csv
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.intake.checking import check
from records.intake.quarantine import COLUMNS, REMEDIES, write_quarantine
from records.reading.files import stage_file
from records.reading.rows import fields_of
from records.reading.spreadsheets import neutral, restored
from records.storage.database import workbench

PERSONS = (
    b"person_id,given_name,date_of_birth,source\n"
    b"P1,Ada,1980-02-29,n\n"
    b"P2,=cmd|'/c calc'!A0,31/12/1990,\n"
    b'=P3,"two\nlines",1990-01-01,n,extra\n'
    b"P4,Zo\xeb,,n\n"
    b"'P5,,2099-01-01,n\n"
)


FAULTS = "SELECT row, file, line, column_name, reason, position FROM faults"


def as_delivered(staged):
    columns = ", ".join(map(staged.identifier, staged.columns))
    return (
        f"SELECT row, NULL::VARCHAR AS text, [{columns}] AS fields FROM {staged.relation} "
        f"UNION ALL SELECT row, text, NULL FROM {staged.faults} WHERE column_name = ''"
    )


@pytest.fixture
def kept_out(tmp_path):
    (tmp_path / "persons.csv").write_bytes(PERSONS)
    with workbench(tmp_path / "work") as db:
        staged = stage_file(db, tmp_path / "persons.csv")
        checked = check(db, {"persons": staged}, date(2024, 3, 31))
        written = write_quarantine(db, tmp_path / "kept.csv", FAULTS, as_delivered(staged))
        accepted = db.execute(f"SELECT count(*) FROM {checked.relations['persons']}").fetchone()[0]
        assert accepted + written == staged.rows == 5
    return tmp_path / "kept.csv"


def test_faulty_rows_are_written_with_where_what_and_what_to_do(kept_out):
    with kept_out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    found = [(row["line"], row["column"], row["reason"], row["also"]) for row in rows]
    assert found == [
        ("3", "date_of_birth", "bad_date", "source: missing_required"),
        ("4", "", "too_many_fields", ""),
        ("6", "given_name", "undecodable", ""),
        ("7", "date_of_birth", "future_date", ""),
    ]
    assert {row["remedy"] for row in rows} == {REMEDIES[row["reason"]] for row in rows}
    assert kept_out.stat().st_mode & 0o777 == 0o600


def test_rows_as_delivered_come_back_exactly_and_no_spreadsheet_runs_them(kept_out):
    with kept_out.open(encoding="utf-8", newline="") as file:
        rows = [row["row"] for row in csv.DictReader(file)]
    assert not [row for row in rows if row.startswith(("=", "+", "-", "@"))]
    assert [fields_of(restored(row)) for row in rows] == [
        ["P2", "=cmd|'/c calc'!A0", "31/12/1990", ""],
        ["=P3", "two\nlines", "1990-01-01", "n", "extra"],
        ["P4", r"Zo\xeb", "", "n"],
        ["'P5", "", "2099-01-01", "n"],
    ]


@given(st.text(alphabet="=+-@'a\t\r ＝", max_size=5))
def test_neutral_text_is_restored_exactly_and_never_a_formula(text):
    assert restored(neutral(text)) == text
    assert not neutral(text).startswith(("=", "+", "-", "@", "\t", "\r", "＝"))


def test_a_table_without_a_fault_leaves_no_file(tmp_path):
    (tmp_path / "persons.csv").write_bytes(b"person_id,source\nP1,n\n")
    with workbench(tmp_path / "work") as db:
        staged = stage_file(db, tmp_path / "persons.csv")
        check(db, {"persons": staged}, date(2024, 3, 31))
        assert write_quarantine(db, tmp_path / "kept.csv", FAULTS, as_delivered(staged)) == 0
    assert not (tmp_path / "kept.csv").exists()
