from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.contract import Column
from records.intake.kinds import SQL_TYPES, read_columns
from records.reading.parsing import LONDON, Refused, london_day
from records.reading.undecoded import decoded
from records.storage.database import workbench


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with workbench(tmp_path_factory.mktemp("kinds")) as db:
        yield db


def parsed(db, kind, *texts, required=False):
    """Values and reasons of one column of texts."""
    db.execute("CREATE OR REPLACE TABLE given (row BIGINT, c VARCHAR)")
    db.executemany("INSERT INTO given VALUES (?, ?)", list(enumerate(texts)))
    (read,) = read_columns(db, "given", {"c": Column("c", kind, required=required)})
    query = f"SELECT {read.value} AS value, {read.reason} FROM given t {read.join} ORDER BY row"
    assert db.execute(f"SELECT DISTINCT typeof(value) FROM ({query})").fetchall() == [(SQL_TYPES[kind],)]
    found = db.execute(query).fetchall()
    return [value for value, _ in found], [reason for _, reason in found]


DAYS = [
    ("2024-02-29", "2024-02-29"),
    (" 2024-02-29\t", "2024-02-29"),
    ("2024-06-30T23:30:00Z", "2024-07-01"),  # British summer time
    ("2024-12-31T23:30:00Z", "2024-12-31"),  # winter
    ("2024-01-01 00:30:00+05:30", "2023-12-31"),
    ("2024-06-30T23:30:00", "2024-06-30"),  # without an offset: local time
    ("2024-06-30T23:30", "2024-06-30"),
    ("2024-06-30T23:30:00.123456Z", "2024-07-01"),
    ("2024-06-30T2330", "2024-06-30"),  # legal ISO 8601, and rare
    ("2024-06-30T23:30:00,5+01", "2024-06-30"),
]
NO_DAYS = [
    "2023-02-29",
    "01/02/2023",
    "2023/01/02",
    "20230201",
    "2023-W05-3",
    "2023-1-02",
    "1899-12-31",
    "1900-01-01T00:30:00+05:30",
    "2023-01-01Tnoon",
    "2023-01-01T24:30:00",
    "2024-06-30T23:30:00+24:00",
    "9999-12-31T23:59-10:00",
    "infinity",
    "epoch",
    "２０２３-01-01",
    "x",
]


@pytest.mark.parametrize(("text", "day"), DAYS)
def test_dates_and_times_become_days_in_london(bench, text, day):
    assert london_day(text.strip()).isoformat() == day
    assert parsed(bench, "date", text) == ([date.fromisoformat(day)], [None])


@pytest.mark.parametrize("text", NO_DAYS)
def test_what_is_no_day_is_refused(bench, text):
    with pytest.raises(Refused, match="bad_date"):
        london_day(text)
    assert parsed(bench, "date", text) == ([None], ["bad_date"])


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(1901, 1, 1), datetime(2090, 1, 1)).map(lambda each: each.replace(tzinfo=UTC)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["T", " "]),
)
def test_sql_and_python_agree_on_the_day_of_any_moment(bench, moment, offset, between):
    text = moment.astimezone(timezone(timedelta(minutes=offset))).isoformat(between)
    assert parsed(bench, "date", text) == ([moment.astimezone(LONDON).date()], [None])


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="0129-T:Z+ .", max_size=22))
def test_sql_and_python_agree_on_what_is_a_day(bench, text):
    try:
        expected = london_day(text.strip()) if text.strip() else None
        reason = None
    except Refused as refused:
        expected, reason = None, str(refused)
    assert parsed(bench, "date", text) == ([expected], [reason])


def test_flags_are_read_in_their_common_spellings(bench):
    values, reasons = parsed(bench, "flag", "true", "FALSE", " y ", "0", "", "maybe")
    assert values == [True, False, True, False, None, None]
    assert reasons == [None, None, None, None, None, "bad_flag"]


def test_integers_are_whole_and_not_negative(bench):
    values, reasons = parsed(bench, "int", "3", "2.0", "-1", "2.5", "", "1234567890", "٣")
    assert values == [3, 2, None, None, None, None, None]
    assert reasons == [None, None, "bad_integer", "bad_integer", None, "bad_integer", "bad_integer"]


def test_a_blank_is_missing_and_a_fault_only_where_required(bench):
    assert parsed(bench, "text", "", "  ", "\u3000", "x") == ([None, None, None, "x"], [None] * 4)
    assert parsed(bench, "text", "", " \x85", "x", required=True)[1] == ["missing_required", "missing_required", None]


def test_an_id_that_looks_like_missing_or_a_number_is_kept_as_written(bench):
    assert parsed(bench, "id", "NA", "nan", "007", "None", "=1+1")[0] == ["NA", "nan", "007", "None", "=1+1"]


def test_control_characters_and_undecodable_bytes_are_told_apart(bench):
    _, reasons = parsed(bench, "text", "a\x00b", decoded(b"caf\xe9"), "two\nlines", "\x7f")
    assert reasons == ["control_character", "undecodable", None, "control_character"]


def test_a_line_break_is_text_but_no_part_of_an_id(bench):
    assert parsed(bench, "id", "I\n1", " I1\n") == (["I\n1", "I1"], ["control_character", None])


@pytest.mark.parametrize("mark", ["\u200b", "\u200f", "\u202e", "\u2066", "\ufeff", "\xad", "\U000e0041"])
def test_a_character_that_nobody_sees_is_text_but_no_part_of_an_id_or_code(bench, mark):
    assert parsed(bench, "id", f"P{mark}1")[1] == ["invisible_character"]
    assert parsed(bench, "code", f"{mark}suspect")[1] == ["invisible_character"]
    assert parsed(bench, "text", f"Zo{mark}ë") == ([f"Zo{mark}ë"], [None])
