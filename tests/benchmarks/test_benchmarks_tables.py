"""Committed tables say what the code says: one row of each kind, drawn anew every day, is computed again."""

from __future__ import annotations

import datetime

import pytest

from benchmarks.prove import any_rows, committed, stamp
from benchmarks.tables import AWAITED, TABLES
from values import Hash

ELSEWHERE = ("kills", "service_kills")
"""Tables of which `tests/records/test_records_kills` and `tests/serving/test_serving_kills` compute rows again."""


@pytest.mark.parametrize("name", sorted(set(TABLES) - set(ELSEWHERE)))
def test_a_committed_row_is_what_the_code_computes(name: str):
    seed = datetime.date.today().toordinal()
    for stored, computed in any_rows(TABLES[name], seed):
        assert {key: stored[key] for key in computed} == {key: str(value) for key, value in computed.items()}, (
            f"seed {seed}"
        )


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_declared_row_is_committed_in_order(name: str):
    rows = committed(TABLES[name])
    wanted = [{key: str(value) for key, value in row.items()} for row in TABLES[name].rows]
    assert [{key: row[key] for key in parameters} for row, parameters in zip(rows, wanted, strict=True)] == wanted


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_committed_table_names_its_question_and_the_code_that_made_it(name: str):
    made = stamp(TABLES[name])
    assert (made["table"], made["question"]) == (name, TABLES[name].question)
    assert Hash(made["code"]) == made["code"]


@pytest.mark.parametrize("name", sorted({**TABLES, **AWAITED}))
def test_the_suite_can_compute_at_least_a_tenth_of_every_table_again(name: str):
    table = {**TABLES, **AWAITED}[name]
    light = [row for row in table.rows if table.light(row)]
    assert len(light) >= len(table.rows) / 10
    assert {table.kind(row) for row in light} == {table.kind(row) for row in table.rows}
