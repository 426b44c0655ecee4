"""A hundred and fifty hostile files: every row becomes what it must, or is kept out with place and reason.

``DRIVE_PANEL_HOSTILE_BLOCKS`` sets how many blocks of fifty are tried; ``scripts/prove hostile`` tries two hundred.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from benchmarks.hostile import cells, judge
from benchmarks.hostile.blocks import FILES, block
from benchmarks.hostile.cells import Cell
from benchmarks.hostile.extracts import Extract, mapped, plain
from benchmarks.hostile.judge import judged
from records.contract import TABLES

BLOCKS = int(os.environ.get("DRIVE_PANEL_HOSTILE_BLOCKS", "3"))


@pytest.mark.parametrize("number", range(1, BLOCKS + 1))
def test_every_row_of_fifty_hostile_files_becomes_what_it_must(number, tmp_path):
    outcomes = judged(block(number), tmp_path)
    wrong = {f"{at} {each.extract.name}": each.wrong for at, each in enumerate(outcomes) if each.wrong}
    assert wrong == {}
    assert sum(each.extract.hostile for each in outcomes) == FILES
    # the block was hostile: whole extracts were refused, many rows were kept out, and the sound ones came in
    assert sum(each.refused is not None for each in outcomes) >= 2
    assert sum(each.quarantined for each in outcomes) >= 80
    assert sum(each.accepted for each in outcomes) >= 250


def test_an_ingest_that_works_for_ever_counts_as_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr(judge, "LONGEST", 0.02)
    (outcome,) = judged(block(1)[:1], tmp_path)
    # what is at work when the time is over may wrap what stops it
    assert [each.partition(" ")[0] for each in outcome.wrong][:1] == ["raised"]


def test_the_same_number_makes_the_same_files():
    def contents(number):
        return [(each.name, file.name, file.content) for each in block(number) for file in each.files]

    assert contents(3) == contents(3)
    assert contents(3) != contents(4)


def test_between_them_the_blocks_hold_every_reason_and_every_table():
    rows = [
        (file.table, row)
        for number in range(1, 11)
        for extract in block(number)
        for file in extract.files
        for row in file.rows
    ]
    reasons = Counter(reason for _, row in rows if row.fate in ("kept out", "copy") for reason in row.reasons[:1])
    rare = {"bad_integer": 2}
    assert {table for table, _ in rows} == set(TABLES)
    for reason in (
        *(
            "missing_required",
            "bad_date",
            "bad_flag",
            "bad_integer",
            "duplicate_row",
            "conflicting_duplicate",
            "orphan",
        ),
        *("too_many_fields", "too_few_fields", "bad_quoting", "undecodable", "control_character", "future_date"),
        *("impossible_order", "invisible_character"),
    ):
        assert reasons[reason] >= rare.get(reason, 5), reason


def test_the_days_written_down_by_hand_are_those_of_the_time_zone_tables():
    from datetime import datetime

    for text, day in cells.LONDON_DAYS.items():
        moment = datetime.fromisoformat(text.strip())
        assert (moment.astimezone(ZoneInfo("Europe/London")) if moment.tzinfo else moment).date() == day, text


@pytest.mark.parametrize("number", range(40))
def test_a_day_dressed_with_a_time_and_an_offset_stays_the_same_day_in_london(number):
    import random
    from datetime import datetime

    day = date(2016, 3, 20) + (date(2016, 3, 21) - date(2016, 3, 20)) * (number % 20 + 210 * (number // 20))
    moment = datetime.fromisoformat(cells.dressed(day, random.Random(number)))
    assert moment.astimezone(ZoneInfo("Europe/London")).date() == day


def drawn(make, *more) -> Extract:
    import random

    return make(random.Random("planted"), 6, *more)


def plan_of(extract, fate):
    return next(row for file in extract.files for row in file.rows if row.fate == fate and row.raw is None)


def complaints(extract, folder):
    (outcome,) = judged([extract], folder)
    return " | ".join(outcome.wrong)


def test_the_judge_finds_a_value_that_was_changed(tmp_path):
    extract = drawn(plain)
    row = plan_of(extract, "accepted")
    name = next(name for name, cell in row.cells.items() if isinstance(cell.value, str))
    row.cells[name] = Cell(row.cells[name].text, f"not {row.cells[name].value}")
    assert "a value was changed" in complaints(extract, tmp_path)


def test_the_judge_finds_a_row_that_is_let_in_or_kept_out_or_on_another_line(tmp_path):
    let_in, kept_out, moved = drawn(plain), drawn(plain), drawn(mapped, False)
    plan_of(let_in, "accepted").fate = "kept out"
    plan_of(kept_out, "kept out").fate = "accepted"
    plan_of(moved, "kept out").line += 1000
    assert "accepted, but must be kept out" in complaints(let_in, tmp_path / "1")
    assert "sound, but kept out" in complaints(kept_out, tmp_path / "2")
    assert "in quarantine is no row" in complaints(moved, tmp_path / "3")


def test_the_judge_finds_rows_that_are_not_counted_and_files_that_must_be_refused(tmp_path):
    extract, refused = drawn(plain), drawn(plain)

    extract.rows = 1
    refused.expected = "refuse"
    assert "rows read, 1 delivered" in complaints(extract, tmp_path / "1")
    assert "must be refused" in complaints(refused, tmp_path / "2")
