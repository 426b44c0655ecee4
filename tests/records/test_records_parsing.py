from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from records.contract import Column
from records.parsing import Refused, london_day, parse
from records.quarantine import Faults


def parsed(kind, *texts, required=False):
    values = np.array(texts, dtype=object)
    faults = Faults(len(texts))
    series = parse(Column("c", kind, required=required), values, faults)
    return series, [(fault.rows.tolist(), fault.reason) for fault in faults.found]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-02-29", "2024-02-29"),
        ("2024-06-30T23:30:00Z", "2024-07-01"),  # British summer time
        ("2024-12-31T23:30:00Z", "2024-12-31"),  # winter
        ("2024-01-01 00:30:00+05:30", "2023-12-31"),
        ("2024-06-30T23:30:00", "2024-06-30"),  # without an offset: local time
    ],
)
def test_dates_and_times_become_days_in_london(text, day):
    assert london_day(text).isoformat() == day


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "01/02/2023",
        "20230201",
        "2023-W05-3",
        "1899-12-31",
        "2023-01-01Tnoon",
        "9999-12-31T23:59-10:00",
        "x",
    ],
)
def test_what_is_no_day_is_refused(text):
    with pytest.raises(Refused, match="bad_date"):
        london_day(text)


def test_flags_are_read_in_their_common_spellings():
    series, faults = parsed("flag", "true", "FALSE", " y ", "0", "", "maybe")
    assert series.tolist()[:4] == [True, False, True, False]
    assert series.isna().tolist() == [False, False, False, False, True, True]
    assert faults == [([5], "bad_flag")]
    assert series.dtype == "boolean"


def test_integers_are_whole_and_not_negative():
    series, faults = parsed("int", "3", "2.0", "-1", "2.5", "")
    assert series.tolist()[:2] == [3, 2]
    assert series.isna().sum() == 3
    assert faults == [([2, 3], "bad_integer")]


def test_a_blank_is_missing_and_a_fault_only_where_required():
    series, faults = parsed("text", "", "  ", "x")
    assert series.isna().tolist() == [True, True, False]
    assert faults == []
    assert parsed("text", "", "  ", "x", required=True)[1] == [([0, 1], "missing_required")]


def test_an_id_that_looks_like_missing_or_a_number_is_kept_as_written():
    series, _ = parsed("id", "NA", "nan", "007", "None")
    assert series.tolist() == ["NA", "nan", "007", "None"]
    assert series.dtype == pd.StringDtype(na_value=np.nan)


def test_control_characters_and_undecodable_bytes_are_told_apart():
    broken = b"caf\xe9".decode("utf-8", errors="surrogateescape")
    _, faults = parsed("text", "a\x00b", broken, "two\nlines")
    assert faults == [([0], "control_character"), ([1], "undecodable")]


def test_a_line_break_is_text_but_no_part_of_an_id():
    assert parsed("id", "I\n1")[1] == [([0], "control_character")]
