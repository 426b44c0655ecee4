"""What every room relies on: dates, windows, places, hashes, pseudonyms."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from values import (
    AsOf,
    Capacity,
    DrivePanelError,
    Hash,
    Window,
    canonical_json,
    day_number,
    digest,
    digest_file,
    new_key,
    number_day,
    pseudonym,
)


@given(st.dates())
def test_day_numbers_and_days_are_two_names_of_one_thing(day: date):
    assert number_day(day_number(day)) == day


def test_as_of_is_the_end_of_the_day_in_london():
    summer, winter = AsOf.parse("2024-07-01").instant, AsOf.parse("2024-01-01").instant
    assert (summer.hour, summer.minute, summer.utcoffset().total_seconds()) == (23, 59, 3600)
    assert winter.utcoffset().total_seconds() == 0


@pytest.mark.parametrize("text", ["31/03/2024", "2024-02-30", "", "yesterday"])
def test_a_date_that_is_not_one_is_refused_with_the_form_it_should_have(text: str):
    with pytest.raises(DrivePanelError, match="YYYY-MM-DD"):
        AsOf.parse(text)


def test_dates_are_ordered_and_move_over_leap_days():
    assert AsOf.parse("2024-02-28").plus(1) == AsOf.parse("2024-02-29") < AsOf.parse("2024-03-01")


@pytest.mark.parametrize(("age", "inside"), [(-1, False), (0, True), (89, True), (90, False)])
def test_a_window_holds_the_day_itself_and_not_the_day_it_ends_on(age: int, inside: bool):
    assert Window(90).holds(age) is inside
    assert Window(None).holds(age) is (age >= 0)


def test_reserved_places_come_off_the_line_before_the_list_is_cut():
    capacity = Capacity(12, {"childrens_social_care": 2})
    assert (capacity.ranked_places, capacity.list_length) == (10, 30)


@pytest.mark.parametrize(
    "wrong", [{"places": 0}, {"places": 3, "reserved": {"housing": 4}}, {"places": 3, "list_factor": 0}]
)
def test_a_capacity_that_no_panel_can_have_is_refused(wrong: dict):
    with pytest.raises(ValueError, match=r"place|places|list"):
        Capacity(**wrong)


def test_canonical_json_is_the_same_text_whatever_the_order_of_keys():
    assert (
        canonical_json({"b": [1, 2.5], "a": "é"})
        == '{"a":"é","b":[1,2.5]}'
        == canonical_json({"a": "é", "b": (1, 2.5)})
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_canonical_json_can_be_read_back_and_hashes_the_same(value):
    assert json.loads(canonical_json(value)) == value
    assert digest(json.loads(canonical_json(value))) == digest(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_know_are_refused_not_guessed(value: float):
    with pytest.raises(ValueError, match="NaN"):
        canonical_json({"x": value})


@pytest.mark.parametrize("value", [{1: "a"}, {"x": object()}, {"x": {1, 2}}])
def test_what_has_no_canonical_text_is_refused(value):
    with pytest.raises(TypeError):
        canonical_json(value)


def test_dates_are_written_iso():
    assert canonical_json([date(2024, 2, 29), datetime(2024, 2, 29, 12)]) == '["2024-02-29","2024-02-29T12:00:00"]'


def test_a_hash_is_lower_case_hexadecimal_of_full_length(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    empty = digest_file(tmp_path / "empty")
    assert empty == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert empty.short == "e3b0c44298fc"
    with pytest.raises(ValueError, match="64"):
        Hash(empty.upper())


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_pseudonym_depends_on_the_person_and_on_the_key(one: str, other: str):
    key = new_key()
    assert pseudonym(key, one) == pseudonym(key, one)
    assert pseudonym(key, one) != pseudonym(new_key(), one)
    assert (pseudonym(key, one) == pseudonym(key, other)) is (one == other)


def test_a_pseudonym_reads_well_aloud():
    known = pseudonym(b"0" * 32, "N1")
    assert known.startswith("P-")
    assert [len(part) for part in known.split("-")] == [1, 4, 4, 4]
    assert not set(known[2:]) & set("ILOU")
