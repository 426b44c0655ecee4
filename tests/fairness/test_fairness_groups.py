"""Everybody has a place, and no place is shared by accident."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairness
from fairness.errors import TableError
from fairness.groups import build_characteristics, label, plain, regroup, texts
from fairness.reference_tables import code_groups


def _members(frame: pd.DataFrame, name: str) -> list[str]:
    found = build_characteristics(frame, list(frame.columns))[name]
    return [found.groups[code] for code in found.codes]


def test_refusal_blank_and_officers_opinion_are_three_groups():
    frame = pd.DataFrame(
        {
            "ethnicity_self": ["B2", "NS", None, "", np.nan, "NS"],
            "ethnicity_observed": ["IC1", None, "IC3", None, "IC4", "IC3"],
        }
    )
    assert _members(frame, "ethnicity") == [
        "B2",
        "not stated",
        "observed only: IC3",
        "not recorded",
        "observed only: IC4",
        "not stated",
    ]


def test_observed_column_alone_never_becomes_a_stated_value():
    frame = pd.DataFrame({"ethnicity_observed": ["IC3", None]})
    assert _members(frame, "ethnicity") == ["observed only: IC3", "not recorded"]


@pytest.mark.parametrize("blank", [None, np.nan, pd.NA, pd.NaT, "", "  ", "unknown", "Not_Recorded"])
def test_every_kind_of_blank_is_not_recorded(blank):
    frame = pd.DataFrame({"religion": pd.Series([blank, "none"], dtype=object)})
    assert _members(frame, "religion") == ["not recorded", "none"]


def test_mixed_types_and_categories_keep_their_rows():
    mixed = pd.DataFrame({"x": pd.Series([1, 1.0, "1", True, None, "a "], dtype=object)})
    assert _members(mixed, "x") == ["1", "1", "1", "True", "not recorded", "a"]
    unused = pd.DataFrame({"x": pd.Categorical(["a", None, "a"], categories=["a", "never seen"])})
    assert build_characteristics(unused, ["x"])["x"].groups == ("a", "not recorded")


def test_ethnicity_codes_fall_into_five_groups_and_unknown_codes_into_their_own():
    frame = pd.DataFrame(
        {
            "ethnicity_self": ["W1", "W3", "M9", "A4", "O1", "B9", "O2", "NS", "N3", "X7", None, None, None],
            "ethnicity_observed": [None] * 10 + ["IC3", "IC4", None],
        }
    )
    source = build_characteristics(frame, list(frame.columns))["ethnicity"]
    made = regroup(source, "ethnicity_group", code_groups("ethnicity_groups"))
    assert [made.groups[code] for code in made.codes] == [
        *("white", "white", "mixed", "asian", "asian", "black", "other"),
        *("not stated", "not stated", "unmapped: X7", "observed only", "observed only", "not recorded"),
    ]


def test_the_reference_table_holds_the_whole_18_plus_1_list():
    codes = set(code_groups("ethnicity_groups"))
    assert {
        *("W1", "W2", "W3", "W9", "M1", "M2", "M3", "M9", "A1", "A2", "A3", "A4", "A9"),
        *("B1", "B2", "B9", "O2", "O9", "NS"),
    } <= codes


def test_a_characteristic_given_twice_is_refused():
    frame = pd.DataFrame({"ethnicity": ["B2"], "ethnicity_self": ["B2"]})
    with pytest.raises(TableError, match="'ethnicity' and 'ethnicity_self' both give 'ethnicity'"):
        build_characteristics(frame, list(frame.columns))


def test_a_column_of_identifiers_is_refused_without_printing_them():
    frame = pd.DataFrame({"nhs_number": [f"943{i:04d}" for i in range(500)]})
    with pytest.raises(TableError, match="'nhs_number' has 500 different values") as caught:
        build_characteristics(frame, ["nhs_number"])
    assert "943" not in str(caught.value)


values = st.one_of(st.none(), st.integers(-3, 3), st.floats(allow_infinity=False), st.booleans(), st.text(max_size=4))


@settings(max_examples=60, deadline=None)
@given(st.lists(values, min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_groups_partition_the_rows_whatever_the_values_and_their_order(column, random):
    series = pd.Series(column, dtype=object)
    found = build_characteristics(pd.DataFrame({"x": series}), ["x"])["x"]
    assert np.bincount(found.codes, minlength=len(found.groups)).sum() == len(column)
    assert np.bincount(found.codes).min() > 0
    order = list(range(len(column)))
    random.shuffle(order)
    again = build_characteristics(pd.DataFrame({"x": series.iloc[order]}), ["x"])["x"]
    assert again.groups == found.groups
    assert (again.codes == found.codes[order]).all()


def test_examples_in_docstrings_are_true():
    for module in pkgutil.iter_modules(fairness.__path__):
        loaded = importlib.import_module(f"fairness.{module.name}")
        assert doctest.testmod(loaded).failed == 0, module.name


@pytest.mark.parametrize("kind", ["str", "string", "object"])
def test_what_a_column_says_does_not_depend_on_how_its_text_is_held(kind: str):
    values = [" a  b ", None, "NS", "", "B2", "1", "1.0", "not stated", None, "B2"]
    column = pd.Series(values, dtype=kind)
    assert texts(column).tolist() == [plain(value) for value in values]
    assert texts(column, label).tolist() == [label(value) for value in values]
    assert texts(column[:0]).tolist() == []
