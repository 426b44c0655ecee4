"""The stream's rows: their one order, and versions that say the same joined into one."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.coalescing import coalesced
from features.events import ROW_COLUMNS, ROW_TYPES
from features.kinds import FOREVER
from features.ordering import row_order

Row = dict[str, int]


def columns_of(rows: list[Row]) -> dict[str, Any]:
    return {name: np.array([row[name] for row in rows], dtype=ROW_TYPES[name]) for name in ROW_COLUMNS}


def row(**changed: int) -> Row:
    return {**dict.fromkeys(ROW_COLUMNS, 0), "known_from": 10, "known_to": FOREVER, "stated": 10, **changed}


def known(columns: dict[str, Any], day: int) -> list[tuple[int, ...]]:
    """What exists as of a day: every column but the knowledge, and whether overwritten values are stated."""
    there = (columns["known_from"] <= day) & (day < columns["known_to"])
    said = [name for name in ROW_COLUMNS if name not in ("known_from", "known_to", "stated")]
    return sorted(
        zip(*(columns[name][there].tolist() for name in said), (columns["stated"] <= day)[there], strict=True)
    )


numbers = st.integers(-1, 3)


@given(rows=st.lists(st.fixed_dictionaries(dict.fromkeys(ROW_COLUMNS, numbers)), max_size=40))
def test_packed_keys_sort_like_one_column_after_another(rows: list[Row]) -> None:
    columns = columns_of(rows)
    order = row_order(columns)
    wanted = np.lexsort([columns[name] for name in reversed(ROW_COLUMNS)])
    for values in columns.values():
        assert values[order].tolist() == values[wanted].tolist()


def test_columns_too_wide_for_one_key_are_sorted_by_all_the_same() -> None:
    rng = np.random.default_rng(1)
    columns = {name: rng.choice(np.array([-(2**31), 0, 2**31 - 1]), 500).astype(np.int32) for name in ROW_COLUMNS}
    order, wanted = row_order(columns), np.lexsort([columns[name] for name in reversed(ROW_COLUMNS)])
    for values in columns.values():
        assert values[order].tolist() == values[wanted].tolist()


@st.composite
def versions(draw: Any) -> list[Row]:
    """Rows of a few events, each told by versions that follow one another, some with a gap between."""
    rows = []
    for event in range(draw(st.integers(1, 3))):
        day = draw(st.integers(0, 5))
        for _ in range(draw(st.integers(1, 4))):
            start, end = day + draw(st.sampled_from([0, 0, 2])), day + draw(st.integers(3, 6))
            stated = start + draw(st.integers(0, 8))
            rows.append(
                row(event_id=event, known_from=start, known_to=end, stated=stated, flags=draw(st.sampled_from([0, 1])))
            )
            day = end
    return rows


@settings(max_examples=200)
@given(rows=versions())
def test_joining_versions_changes_nothing_as_of_any_day(rows: list[Row]) -> None:
    columns = columns_of(rows)
    columns = {name: values[row_order(columns)] for name, values in columns.items()}
    joined = coalesced(columns)
    for day in range(40):
        assert known(joined, day) == known(columns, day)


def test_versions_that_say_the_same_become_one_row() -> None:
    rows = [row(known_to=20), row(known_from=20, known_to=30, stated=20), row(known_from=30, stated=30)]
    told = coalesced(columns_of(rows))
    assert told["known_from"].tolist() == [10]
    assert told["known_to"].tolist() == [FOREVER]
    assert told["stated"].tolist() == [10]


def test_versions_with_a_gap_or_a_change_between_them_stay_apart() -> None:
    gap = [row(known_to=20), row(known_from=21, stated=21)]
    change = [row(known_to=20), row(known_from=20, stated=20, harm=100)]
    assert len(coalesced(columns_of(gap))["person"]) == 2
    assert len(coalesced(columns_of(change))["person"]) == 2


def test_a_version_whose_values_are_stated_later_than_it_begins_does_not_hide_that_they_were_stated_before() -> None:
    rows = [row(known_to=20, stated=12), row(known_from=20, stated=25)]
    assert len(coalesced(columns_of(rows))["person"]) == 2
