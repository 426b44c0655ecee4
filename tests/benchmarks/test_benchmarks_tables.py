"""Committed tables say what the code says: one row of each, drawn anew every day, is computed again."""

from __future__ import annotations

import datetime

import pytest

from benchmarks.prove import any_row, committed
from benchmarks.tables import TABLES


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_committed_row_is_what_the_code_computes(name: str):
    seed = datetime.date.today().toordinal()
    stored, computed = any_row(TABLES[name], seed)
    assert {key: stored[key] for key in computed} == {key: str(value) for key, value in computed.items()}, (
        f"seed {seed}"
    )


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_declared_row_is_committed_in_order(name: str):
    rows = committed(TABLES[name])
    wanted = [{key: str(value) for key, value in row.items()} for row in TABLES[name].rows]
    assert [{key: row[key] for key in parameters} for row, parameters in zip(rows, wanted, strict=True)] == wanted
