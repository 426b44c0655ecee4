"""The long table: every group of every axis, with nobody lost and every number recomputable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairness import TableError, audit
from fairness.breakdown import break_down
from fairness.intervals import ratio_interval


def _cell(found, metric, *group, table="subjects"):
    rows = found.table[(found.table["table"] == table) & (found.table["metric"] == metric)]
    names = [rows["group"] == group[0], rows["and_group"] == (group[1] if len(group) > 1 else "")]
    (at,) = np.flatnonzero(np.logical_and(*names))
    return rows.iloc[at]


@pytest.fixture
def ranked():
    """Eight people: four places, of which the last goes to one of two people with the same score."""
    return pd.DataFrame(
        {
            "person_id": list("abcdefgh"),
            "score": [9, 8, 7, 6, 6, 3, 2, 1],
            "selected": [1, 1, 1, 1, 0, 0, 0, 0],
            "outcome": [1, 0, 1, 1, 1, 0, None, 1],
            "sex": ["male", "female", "male", "male", "female", "male", "female", "female"],
            "religion": ["x", "x", "x", "y", "y", "y", "", "NS"],
            "area": ["north"] * 4 + ["south"] * 4,
        }
    )


def test_every_metric_of_a_group_is_what_a_hand_counts(ranked, shipped):
    found = break_down(ranked, shipped)
    values = found.to_metric_frame("sex").loc["female"]
    assert values["selection"] == 1 / 4
    assert values["outcome"] == 2 / 3
    assert (values["missed_harm"], values["found"]) == (1.0, 0.0)
    assert (values["precision"], values["fpr"]) == (0.0, 1.0)
    # Places 2, 4.5, 7 and 8 of 8, each less a half.
    assert values["rank_gap"] == pytest.approx((1.5 + 4 + 6.5 + 7.5) / 4 / 8)
    # Place 2, and half of what place 4 is worth.
    assert values["exposure"] == pytest.approx((1 / np.log2(3) + 0.5 / np.log2(5)) / 4)
    gap = _cell(found, "rank_gap", "female")
    assert gap["difference"] == pytest.approx((1.5 + 4 + 6.5 + 7.5) / 4 / 8 - (0.5 + 2.5 + 4 + 5.5) / 4 / 8)


def test_people_at_the_line_and_ties_across_it_are_told(ranked, shipped):
    found = break_down(ranked, shipped)
    assert found.to_metric_frame("sex")["displaced"].to_dict() == {"female": 1.0, "male": 0.0}
    selection, missed = _cell(found, "selection", "female"), _cell(found, "missed_harm", "female")
    assert (selection["tied"], selection["events"]) == (1, 1)
    assert (selection["least"], selection["most"], selection["expected"]) == (1, 2, 1.5)
    assert (missed["events"], missed["least"], missed["most"], missed["expected"]) == (2, 1, 2, 1.5)
    assert "the line cuts through 2 tied rows" in " ".join(found.notes)


def test_a_selection_that_does_not_follow_the_score_says_so_and_tells_no_ties(ranked, shipped):
    found = break_down(ranked.assign(selected=[0, 1, 1, 1, 1, 0, 0, 0]), shipped)
    assert "somebody unselected has a better score" in " ".join(found.notes)
    assert (found.table["tied"].dropna() == 0).all()


def test_two_characteristics_at_once_keep_their_names_apart_and_leave_nobody_out(ranked, shipped):
    found = break_down(ranked, shipped)
    both = found.table[(found.table["and_characteristic"] == "religion") & (found.table["metric"] == "selection")]
    assert dict(zip(zip(both["group"], both["and_group"], strict=True), both["n"], strict=True)) == {
        ("female", "not recorded"): 1,
        ("female", "not stated"): 1,
        ("female", "x"): 1,
        ("female", "y"): 1,
        ("male", "x"): 2,
        ("male", "y"): 2,
    }
    assert dict(zip(both["and_group"], both["stated"], strict=True))["not stated"] == np.False_


def test_a_characteristic_in_groups_is_crossed_by_its_groups(shipped, people):
    table = people("sex", male=(60, 30, 20, 10), female=(60, 30, 20, 10)).assign(
        ethnicity=["W1", "W3", "A2", "B2"] * 30
    )
    found = break_down(table, shipped).table
    pairs = found[found["and_characteristic"] != ""][["characteristic", "and_characteristic"]].drop_duplicates()
    assert pairs.to_numpy().tolist() == [["sex", "ethnicity_group"]]


def test_the_numbers_that_decide_are_the_same_in_the_long_table(people, shipped):
    table = people("sex", male=(4000, 1500, 1200, 660), female=(800, 300, 240, 130))
    long = break_down(table, shipped).table.set_index(["characteristic", "group", "metric"])
    for cell in audit(table, shipped).cells:
        row = long.loc[(cell.characteristic, cell.group, cell.metric)]
        for name in ("rows", "people", "outcomes", "n", "events", "others_n", "design_effect"):
            assert row[name] == getattr(cell, name)
        for name in ("value", "low", "high", "ratio", "ratio_low", "ratio_high", "difference_low", "p_value"):
            assert row[name] == pytest.approx(getattr(cell, name), rel=1e-12)


def test_a_gap_that_areas_make_is_told_from_one_within_them(people, shipped):
    """More women live where fewer are selected; within each area they are selected a little more often."""
    north = people("sex", male=(4000, 2000, 400, 200), female=(500, 260, 50, 25)).assign(area="north")
    south = people("sex", male=(500, 50, 50, 5), female=(4000, 410, 400, 40)).assign(area="south")
    south["person_id"] = "s" + south["person_id"]
    female = _cell(break_down(pd.concat([north, south]), shipped), "selection", "female")
    assert female["ratio"] == pytest.approx((670 / 4500) / (2050 / 4500))
    weights = 500 * 4000 / 4500
    assert female["area_ratio"] == pytest.approx(((260 / 500 + 410 / 4000) * weights) / ((0.5 + 0.1) * weights))
    assert female["area_ratio_low"] < 1 < female["area_ratio_high"]
    assert female["turned"]


def test_people_placed_alike_are_compared_for_calibration(shipped):
    """A group of higher risk that stands higher up for it: the raw rates differ, those within a band do not."""
    rng = np.random.default_rng(1)
    member = rng.random(20_000) < 0.3
    score = rng.normal(size=20_000) + member
    table = pd.DataFrame(
        {
            "person_id": np.arange(20_000),
            "score": score,
            "selected": (score > np.quantile(score, 0.9)).astype(int),
            "outcome": (rng.random(20_000) < 1 / (1 + np.exp(3 - score))).astype(int),
            "community": np.where(member, "A", "B"),
        }
    )
    told = _cell(break_down(table, shipped), "calibration", "A")
    assert told["value"] / told["others_value"] > 1.8
    assert told["ratio_low"] < 1 < told["ratio_high"]
    assert 0.9 < told["ratio"] < 1.1
    unheard = table.assign(outcome=np.where(member & (rng.random(20_000) < 0.5), 0, table["outcome"]))
    assert _cell(break_down(unheard, shipped), "calibration", "A")["ratio_high"] < 0.7


def test_a_table_without_scores_says_what_is_left_out(people, shipped):
    found = break_down(people("sex", male=(40, 20, 10, 5), female=(40, 20, 10, 5)), shipped)
    assert not set(found.table["metric"]) & {"rank_gap", "exposure", "calibration", "displaced"}
    assert "no scores" in found.notes[0]


def test_rank_metrics_have_an_interval_from_a_hundred_people_on_either_side(shipped):
    def gap(size):
        score = np.arange(300.0)
        table = pd.DataFrame({"person_id": range(300), "score": score, "selected": score >= 270, "outcome": 0})
        return _cell(
            break_down(table.assign(sex=np.where(np.arange(300) % 3 < size, "m", "f")), shipped), "rank_gap", "m"
        )

    assert gap(1)["n"] == 100
    assert gap(1)["difference_low"] < 0 < gap(1)["difference_high"]
    few = break_down(
        pd.DataFrame(
            {"person_id": range(198), "score": range(198), "selected": 0, "outcome": 0, "sex": ["m", "f"] * 99}
        ),
        shipped,
    )
    assert np.isnan(_cell(few, "rank_gap", "m")["difference_low"])


@pytest.mark.parametrize(("places", "given"), [(29, False), (30, True)])
def test_exposure_has_an_interval_where_ten_places_are_due_to_either_side_not_where_they_are_had(
    shipped, places, given
):
    sex = np.array(["f"] * 23 + ["m"] * 4 + ["f"] * 177 + ["m"] * 96)  # four of a hundred at the top of three hundred
    score = -np.arange(300.0)
    table = pd.DataFrame({"person_id": range(300), "score": score, "selected": score > -places, "outcome": 0})
    cell = _cell(break_down(table.assign(sex=sex), shipped), "exposure", "m")
    assert (not np.isnan(cell["ratio_low"])) == given
    assert not given or cell["ratio_low"] < cell["ratio"] < cell["ratio_high"] < 1


def test_dyads_are_broken_down_by_the_victims_and_stand_where_their_persons_stand(ranked, shipped):
    pairs = ranked.loc[[0, 0, 1, 2, 3, 4, 5, 6, 7]].assign(
        victim_id=["v1", "v2", "v3", "v4", "v5", "v6", "", "v8", "v9"], victim_sex=["female"] * 5 + ["male"] * 4
    )
    found = break_down(pairs, shipped)
    assert _cell(found, "selection", "female", table="dyads")["n"] == 5
    assert _cell(found, "selection", "no identified victim", table="dyads")["n"] == 1
    assert _cell(found, "exposure", "female", table="dyads")["value"] == pytest.approx(
        (2 * 1 + 1 / np.log2(3) + 1 / 2 + 0.5 / np.log2(5)) / 5
    )
    assert set(found.table[found.table["table"] == "dyads"]["characteristic"]) == {"victim_sex", "area"}


def test_a_table_without_communities_is_an_error(shipped):
    with pytest.raises(TableError, match="no characteristic"):
        break_down(pd.DataFrame({"person_id": [1], "selected": [0], "outcome": [1]}), shipped)


def test_a_score_that_is_no_number_is_named_by_its_line(ranked, shipped):
    with pytest.raises(TableError, match="Column 'score', line 4, is not a number"):
        break_down(ranked.assign(score=["9", "8", "high", "6", "6", "3", "2", ""]), shipped)


mixed = st.sampled_from(
    ["male", "female", "Female ", "NS", "", None, 1, 1.0, True, float("nan"), "prefer not to say", "zz9"]
)


@settings(max_examples=15, deadline=None)
@given(data=st.data(), people=st.integers(1, 25))
def test_no_row_is_lost_and_nothing_small_passes_whatever_the_columns_hold(data, people, shipped):
    def column(values):
        return data.draw(st.lists(values, min_size=people, max_size=people))

    table = pd.DataFrame(
        {
            "person_id": np.arange(people),
            "selected": column(st.sampled_from([0, 1])),
            "outcome": pd.Series(column(st.sampled_from([0, 1, None])), dtype=object),
            "score": column(st.sampled_from([1.0, 2.0, 2.5, None])),
            "sex": pd.Series(column(mixed), dtype=object),
            "ethnicity_self": pd.Series(column(mixed), dtype=object),
            "ethnicity_observed": pd.Series(column(st.sampled_from(["IC1", "", None])), dtype=object),
            "victim_id": column(st.sampled_from(["v1", "v2", ""])),
            "victim_sex": pd.Series(column(mixed), dtype=object),
        }
    )
    found = break_down(table, shipped).table
    axes = ["table", "characteristic", "and_characteristic", "metric"]
    assert (found.groupby(axes)["rows"].sum() == people).all()
    assert (found[found["metric"] == "selection"].groupby(axes)["n"].sum() == people).all()
    for _, axis in found[found["events"].notna()].groupby(axes):
        assert (axis["others_n"] == axis["n"].sum() - axis["n"]).all()
    assert set(found["verdict"]) == {"not_assessable"}
    report = audit(table, shipped)
    assert report.verdict == "insufficient"
    assert {cell.verdict for cell in report.cells} == {"not_assessable"}


@settings(max_examples=8, deadline=None)
@given(
    n=st.integers(1, 300),
    places=st.integers(0, 300),
    steps=st.integers(1, 40),
    seed=st.integers(0, 999),
)
def test_counts_under_any_draw_of_the_tied_lie_between_least_and_most(n, places, steps, seed, shipped):
    rng = np.random.default_rng(seed)
    score = rng.integers(0, steps, n).astype(float)

    def drawn():
        selected = np.zeros(n, dtype=int)
        selected[np.lexsort((rng.random(n), -score))[: min(places, n)]] = 1
        return selected

    table = pd.DataFrame({"person_id": range(n), "score": score, "selected": drawn(), "outcome": rng.integers(0, 2, n)})
    table["sex"] = rng.choice(["m", "f"], n)
    said = break_down(table, shipped).table
    redrawn = [break_down(table.assign(selected=drawn()), shipped).table for _ in range(3)]
    for column in ("least", "most", "expected"):
        for other in redrawn:
            np.testing.assert_allclose(other[column], said[column], rtol=0, atol=1e-9)
    counted = said[said["least"].notna()]
    for other in (said, *redrawn):
        events = other.loc[counted.index, "events"]
        assert ((counted["least"] <= events + 1e-9) & (events <= counted["most"] + 1e-9)).all()


def test_one_area_gives_the_interval_of_the_pooled_ratio(people, shipped):
    table = people("sex", male=(400, 150, 120, 66), female=(80, 30, 24, 13)).assign(area="north")
    cell = _cell(break_down(table, shipped), "missed_harm", "female")
    low, high = ratio_interval(11, 24, 54, 120, 0.9)
    assert (cell["ratio_low"], cell["area_ratio_low"]) == pytest.approx((float(low), float(low)), rel=1e-9)
    assert cell["area_ratio_high"] == pytest.approx(float(high), rel=1e-9)
