"""What a table must be, and what is said where it is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairness import TableError, read_table
from fairness.counts import GroupCounts, count
from fairness.metrics import METRICS
from fairness.tables import split_table


def _table(**columns: list) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    base = {"person_id": [f"p{i}" for i in range(size)], "selected": [0] * size, "outcome": [0] * size}
    return pd.DataFrame({**base, **columns})


def test_a_repeated_person_without_victims_is_refused_by_line():
    table = _table(person_id=["a", "b", "a"])
    with pytest.raises(TableError, match="1 rows repeat a person_id, the first on line 4"):
        split_table(table, {})


def test_a_person_may_recur_in_another_backtest_list_and_is_one_cluster():
    found = split_table(_table(person_id=["a", "b", "a"], split=["2023", "2023", "2024"]), {})["subjects"]
    assert found.rows == 3
    assert found.clustered
    with pytest.raises(TableError, match="repeat a person_id and split"):
        split_table(_table(person_id=["a", "b", "a"], split=["1", "1", "1"]), {})


def test_identifiers_that_look_like_states_of_not_knowing_stay_different_people():
    assert split_table(_table(person_id=["NS", "unknown", "n1"]), {})["subjects"].rows == 3


def test_dyads_give_distinct_subjects_and_all_pairs():
    table = _table(
        person_id=["a", "a", "b"],
        selected=[1, 1, 0],
        outcome=[1, 1, None],
        sex=["male", "male", "female"],
        victim_id=["v1", "v2", None],
        victim_sex=["female", None, "female"],
    )
    found = split_table(table, {})
    assert found["subjects"].rows == 2
    assert found["subjects"].state.tolist() == [3, 4]
    assert found["dyads"].rows == 3
    victim = found["dyads"].characteristics["victim_sex"]
    assert [victim.groups[c] for c in victim.codes] == ["female", "not recorded", "no identified victim"]


@pytest.mark.parametrize("column", ["sex", "selected", "outcome"])
def test_one_person_with_two_values_is_refused_naming_the_column(column):
    table = _table(person_id=["a", "a"], victim_id=["v1", "v2"], sex=["male", "male"], selected=[1, 1], outcome=[1, 1])
    table.loc[1, column] = "female" if column == "sex" else 0
    with pytest.raises(TableError, match=rf"different values of {column} on different rows"):
        split_table(table, {})


def test_a_pair_given_twice_is_refused_but_unknown_victims_may_recur():
    with pytest.raises(TableError, match="repeat a person and victim, the first on line 3"):
        split_table(_table(person_id=["a", "a"], victim_id=["v", "v"]), {})
    assert split_table(_table(person_id=["a", "a"], victim_id=[None, None]), {})["dyads"].rows == 2


@pytest.mark.parametrize(
    ("column", "bad", "message"),
    [
        ("selected", [0, 2, 1], "'selected', line 3, is not 0 or 1"),
        ("selected", [0, None, 1], "'selected', line 3, is not 0 or 1"),
        ("selected", ["0", "1", "None"], "'selected', line 4, is not 0 or 1"),
        ("outcome", [0, 0.5, 1], "'outcome', line 3, is not 0, 1 or blank"),
        ("person_id", ["a", "b", " "], "'person_id', line 4, is blank"),
    ],
)
def test_a_wrong_value_is_named_by_column_and_line(column, bad, message):
    with pytest.raises(TableError, match=message):
        split_table(_table(**{column: bad}), {})


@pytest.mark.parametrize(
    ("zeros_ones", "blank"),
    [
        ([0, 1], None),
        (["0", "1"], ""),
        ([0.0, 1.0], np.nan),
        ([False, True], pd.NA),
        (["false", "True"], "  "),
    ],
)
def test_flags_are_read_in_every_common_spelling(zeros_ones, blank):
    table = _table(selected=[*zeros_ones, zeros_ones[0]], outcome=pd.Series([*zeros_ones, blank], dtype=object))
    assert split_table(table, {})["subjects"].state.tolist() == [0, 3, 4]


def test_missing_and_repeated_columns_and_an_empty_table_are_refused():
    with pytest.raises(TableError, match="lacks selected, outcome"):
        split_table(pd.DataFrame({"person_id": ["a"]}), {})
    twice = pd.DataFrame([["a", 0, 0, 0]], columns=["person_id", "selected", "outcome", "outcome"])
    with pytest.raises(TableError, match="appear twice: outcome"):
        split_table(twice, {})
    with pytest.raises(TableError, match="no rows"):
        split_table(_table(person_id=["a"]).iloc[:0], {})
    with pytest.raises(TableError, match="victim_ columns but no victim_id"):
        split_table(_table(victim_sex=["female"]), {})


def test_an_area_keeps_its_own_rows_and_their_lines():
    table = _table(person_id=["a", "b", "c"], area=["north", "south", "north"], selected=[0, 1, 0])
    assert split_table(table, {}, "north")["subjects"].rows == 2
    with pytest.raises(TableError, match="No row lies in area 'east'"):
        split_table(table, {}, "east")
    table["selected"] = [0, 1, 7]
    with pytest.raises(TableError, match="line 4"):
        split_table(table, {}, "north")


def test_the_word_none_in_a_file_stays_a_value(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("person_id,selected,outcome,religion\n1,0,,None\n2,1,1,\n3,0,0,NA\n")
    found = split_table(read_table(path), {})["subjects"].characteristics["religion"]
    assert [found.groups[c] for c in found.codes] == ["None", "not recorded", "NA"]
    split_table(read_table(path), {})
    parquet = tmp_path / "table.parquet"
    read_table(path).to_parquet(parquet)
    again = split_table(read_table(parquet), {})["subjects"]
    assert again.state.tolist() == split_table(read_table(path), {})["subjects"].state.tolist()
    (tmp_path / "torn.parquet").write_bytes(b"not parquet")
    with pytest.raises(TableError, match=r"torn.parquet cannot be read \(ArrowInvalid\)"):
        read_table(tmp_path / "torn.parquet")
    with pytest.raises(TableError, match=r"gone.csv cannot be read \(FileNotFoundError\)"):
        read_table(tmp_path / "gone.csv")


def test_a_policys_characteristic_may_not_also_be_a_column():
    table = _table(ethnicity_self=["B2"], ethnicity_group=["black"])
    with pytest.raises(TableError, match="'ethnicity_group' is also made from 'ethnicity'"):
        split_table(table, {"ethnicity_group": ("ethnicity", "ethnicity_groups")})


def test_counts_that_do_not_sum_to_the_table_cannot_be_constructed():
    table = split_table(_table(sex=["male", "female", None], selected=[1, 0, 0]), {})["subjects"]
    good = count(table, table.characteristics["sex"])
    with pytest.raises(ValueError, match="do not sum to the rows of subjects"):
        GroupCounts(
            good.table,
            "sex",
            good.groups[:2],
            good.counts[:2],
            good.people[:2],
            good.people_with_outcome[:2],
            good.total,
        )


value = st.one_of(st.none(), st.sampled_from(["A", "B", "NS", "", "unseen"]), st.integers(0, 2), st.just(np.nan))
row = st.tuples(st.sampled_from([0, 1]), st.sampled_from([0, 1, None]), value, value, st.integers(0, 5))


@settings(max_examples=50, deadline=None)
@given(st.lists(row, min_size=1, max_size=50), st.booleans(), st.booleans())
def test_every_tables_groups_sum_to_its_rows_for_every_metric(rows, dyads, categorical):
    selected, outcome, first, second, person = (list(column) for column in zip(*rows, strict=True))
    table = pd.DataFrame(
        {
            "person_id": range(len(rows)),
            "selected": selected,
            "outcome": pd.Series(outcome, dtype=object),
            "x_self": pd.Series(first, dtype=object),
            "x_observed": pd.Series(second, dtype=object),
            "y": pd.Series(first, dtype=object),
        }
    )
    if categorical:
        table["y"] = table["y"].map(str).astype("category")
    if dyads:
        heads = {p: i for i, p in reversed(list(enumerate(person)))}
        table = table.iloc[[heads[p] for p in person]].reset_index(drop=True)
        table["victim_id"] = [f"v{i}" if i % 3 else None for i in range(len(rows))]
        table["victim_z"] = pd.Series(second, dtype=object)
    for found in split_table(table, {}).values():
        for characteristic in found.characteristics.values():
            counted = count(found, characteristic)
            assert counted.counts.sum() == found.rows
            for metric in METRICS.values():
                events, trials = counted.rate(metric)
                assert trials.sum() == metric.trial_mask[found.state].sum()
                assert events.sum() == metric.event_mask[found.state].sum()
                assert (events <= trials).all()
