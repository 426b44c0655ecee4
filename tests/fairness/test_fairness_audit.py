"""What an audit says of planted gaps, of none, and of tables that cannot tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairness import CellVerdict, TableError, audit, select_at_audit_depth
from fairness.metrics import METRICS
from values import canonical_json


def _cell(report, characteristic, group, metric, table="subjects"):
    (found,) = [c for c in report.cells if c.key == (table, characteristic, group, metric)]
    return found


def _null(n: int, seed: int, **shares: dict[str, float]) -> pd.DataFrame:
    """People whose selection and outcome have nothing to do with their communities."""
    rng = np.random.default_rng(seed)
    columns = {name: rng.choice(list(groups), n, p=list(groups.values())) for name, groups in shares.items()}
    base = {"person_id": np.arange(n), "selected": rng.random(n) < 0.5, "outcome": rng.random(n) < 0.4}
    return pd.DataFrame({**base, **columns})


SEX = {"male": 0.75, "female": 0.25}
ETHNICITY = {"W1": 0.5, "A2": 0.2, "B2": 0.2, "NS": 0.1}


def test_four_found_of_four_never_pass(people, shipped):
    table = people("sex", male=(400, 200, 160, 80), female=(4, 4, 4, 4))
    report = audit(table, shipped)
    found = _cell(report, "sex", "female", "found")
    assert (found.events, found.n, found.value) == (4, 4, 1.0)
    assert (found.low, found.high) == pytest.approx((0.398, 1.0), abs=1e-3)
    assert found.verdict == CellVerdict.NOT_ASSESSABLE
    assert _cell(report, "sex", "female", "missed_harm").verdict == CellVerdict.NOT_ASSESSABLE
    assert report.verdict == "insufficient"


def test_a_planted_selection_ratio_of_two_is_refused(people, selection_policy):
    table = people("community", A=(5000, 667, 500, 67), B=(5000, 333, 500, 33))
    report = audit(table, selection_policy)
    assert report.verdict == "refuse"
    cell = _cell(report, "community", "A", "selection")
    assert cell.ratio == pytest.approx(667 / 333)
    assert cell.ratio_low > 1.25
    assert cell.p_holm is not None
    assert cell.p_holm < 0.001
    assert "everyone in the group who was selected: 13.3% (667 of 5000)" in " ".join(report.reasons)


def test_equal_selection_at_the_same_size_passes(people, selection_policy):
    table = people("community", A=(5000, 500, 500, 50), B=(5000, 505, 500, 50))
    report = audit(table, selection_policy)
    assert report.verdict == "pass"
    assert all(cell.ratio_low >= 0.8 and cell.ratio_high <= 1.25 for cell in report.binding)


def test_one_list_alone_never_passes_but_can_refuse(people, selection_policy):
    even = people("community", A=(5000, 500, 500, 50), B=(5000, 505, 500, 50))
    report = audit(even, selection_policy, evidence="list")
    assert report.verdict == "insufficient"
    assert "One list alone can refuse but never pass" in " ".join(report.reasons)
    gap = people("community", A=(5000, 667, 500, 67), B=(5000, 333, 500, 33))
    assert audit(gap, selection_policy, evidence="list").verdict == "refuse"


def test_a_community_whose_harm_is_missed_twice_as_often_is_refused_under_the_shipped_policy(people, shipped):
    table = people("ethnicity_self", W1=(4000, 1500, 1200, 660), A2=(800, 300, 240, 130), B2=(700, 60, 220, 22))
    report = audit(table, shipped)
    assert report.verdict == "refuse"
    refused = [cell.group for cell in report.binding if cell.verdict == CellVerdict.REFUSE]
    assert "black" in refused
    assert any("ethnicity group 'black'" in reason and "Refused." in reason for reason in report.reasons)


def test_no_gap_among_three_hundred_people_does_not_pass(shipped):
    for seed in range(8):
        report = audit(_null(300, seed, sex=SEX, ethnicity_self=ETHNICITY), shipped)
        assert report.verdict != "pass"


def test_no_gap_among_many_people_passes(shipped):
    report = audit(_null(20_000, 5, sex=SEX, ethnicity_self=ETHNICITY), shipped)
    assert report.verdict == "pass"
    assert [gap.characteristic for gap in report.not_assessable] == ["victim_sex"]


def test_lists_without_a_gap_are_seldom_refused(shipped):
    refused = sum(
        audit(_null(1200, seed, sex=SEX, ethnicity_self=ETHNICITY), shipped).verdict == "refuse" for seed in range(30)
    )
    assert refused / 30 <= 0.05


def test_a_small_group_can_be_refused_but_is_not_required_to_pass(people, shipped):
    even = {"male": (8000, 3000, 2400, 1200), "female": (3000, 1200, 900, 450)}
    report = audit(people("sex", **even, other=(90, 36, 30, 14)), shipped)
    assert report.verdict == "pass"
    (gap,) = [g for g in report.not_assessable if g.group == "other"]
    assert gap.reason == "enough people to refuse, too few to be required to pass"
    assert audit(people("sex", **even, other=(90, 2, 30, 0)), shipped).verdict == "refuse"


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        ((400, 160, 120, 46), "insufficient"),  # 74 of 120 missed: 1.233 times, interval 1.08 to 1.38
        ((90, 36, 30, 8), "insufficient"),  # 22 of 30: 1.47 times
        ((400, 160, 120, 50), "insufficient"),  # 70 of 120: 1.17 times, within the margin but surely above 1
        ((400, 160, 120, 74), "insufficient"),  # leaning the other way: this group is missed less
        ((90, 36, 30, 11), "pass"),  # 19 of 30: 1.267 times, an interval that holds 1
        ((90, 36, 30, 12), "pass"),  # 18 of 30: 1.2 times, and 1 is well within the interval
        ((90, 36, 30, 15), "pass"),
    ],
)
def test_a_group_between_the_floors_that_leans_towards_a_gap_keeps_the_list_from_passing(
    people, shipped, other, verdict
):
    even = {"male": (8000, 3000, 2400, 1200), "female": (3000, 1200, 900, 450)}
    report = audit(people("sex", **even, other=other), shipped)
    cell = _cell(report, "sex", "other", "missed_harm")
    assert not cell.required
    assert report.verdict == verdict
    named = [gap.group for gap in report.not_assessable if gap.characteristic == "sex"]
    if verdict == "pass":
        assert (cell.verdict, named) == (CellVerdict.NOT_ASSESSABLE, ["other"])
    else:
        assert (cell.verdict, named) == (CellVerdict.INSUFFICIENT, [])
        assert cell.reason == "leans towards a gap, too few to settle it"
        (text,) = [r for r in report.reasons if "'other'" in r]
        assert "It leans towards a gap, too few to settle it." in text


def test_a_group_between_the_floors_beside_others_without_an_event_leans(people, shipped):
    table = people("sex", male=(8000, 2400, 2400, 2400), female=(3000, 900, 900, 900), other=(90, 36, 30, 29))
    cell = _cell(audit(table, shipped), "sex", "other", "missed_harm")
    assert cell.ratio is None
    assert cell.verdict in (CellVerdict.INSUFFICIENT, CellVerdict.REFUSE)


def test_the_same_value_in_two_characteristics_never_collides(shipped):
    rng = np.random.default_rng(3)
    n = 6000
    religion = rng.choice(["Not stated", "none"], n)
    table = pd.DataFrame(
        {
            "person_id": np.arange(n),
            "ethnicity": rng.choice(["Not stated", "W1"], n),
            "religion": religion,
            # Only religion matters: half as many of the unstated are selected.
            "selected": rng.random(n) < np.where(religion == "none", 0.4, 0.2),
            "outcome": rng.random(n) < 0.4,
        }
    )
    report = audit(table, shipped)
    ethnicity = _cell(report, "ethnicity", "not stated", "selection")
    faith = _cell(report, "religion", "not stated", "selection")
    assert ethnicity.n == (table["ethnicity"] == "Not stated").sum()
    assert faith.n == (religion == "Not stated").sum()
    assert ethnicity.p_value > 0.2
    assert faith.p_value < 1e-6
    assert len({cell.key for cell in report.cells}) == len(report.cells)


def test_refusal_blank_and_observed_only_are_cells_of_their_own(shipped):
    table = _null(400, 1)
    table["ethnicity_self"] = ["W1", "NS", None, None] * 100
    table["ethnicity_observed"] = ["IC1", "IC3", "IC3", None] * 100
    report = audit(table, shipped)
    for characteristic, groups in {
        "ethnicity": {"W1", "not stated", "observed only: IC3", "not recorded"},
        "ethnicity_group": {"white", "not stated", "observed only", "not recorded"},
    }.items():
        cells = [c for c in report.cells if c.characteristic == characteristic and c.metric == "selection"]
        assert {c.group: c.n for c in cells} == dict.fromkeys(groups, 100)


def test_a_characteristic_mostly_unrecorded_is_not_assessable_and_named(shipped):
    table = _null(20_000, 2, sex=SEX)
    table["ethnicity_self"] = np.where(np.arange(20_000) % 10 < 4, "W1", "")
    report = audit(table, shipped)
    assert report.verdict == "pass"
    gap = report.not_assessable[0]
    assert (gap.characteristic, gap.group) == ("ethnicity_group", None)
    assert gap.reason == "the characteristic is unrecorded too often (60% of rows)"
    cells = [c for c in report.binding if c.characteristic == "ethnicity_group"]
    assert {c.verdict for c in cells} == {CellVerdict.NOT_ASSESSABLE}


def test_a_missing_binding_column_stops_a_backtest_from_passing(shipped):
    table = _null(20_000, 2, sex=SEX)
    assert audit(table, shipped).verdict == "pass"
    report = audit(table, shipped, evidence="backtest")
    assert report.verdict == "insufficient"
    assert "The policy binds ethnicity_group, which the table lacks" in " ".join(report.reasons)


def test_victims_are_audited_as_dyads_clustered_by_person(shipped):
    rng = np.random.default_rng(4)
    persons = 9000
    base = pd.DataFrame(
        {
            "person_id": np.arange(persons),
            "selected": rng.random(persons) < 0.5,
            "outcome": rng.random(persons) < 0.4,
            "sex": rng.choice(["male", "female"], persons),
        }
    )
    table = base.loc[np.repeat(np.arange(persons), 2)].reset_index(drop=True)
    table["victim_id"] = [f"v{i}" if i % 20 else "" for i in range(len(table))]
    table["victim_sex"] = rng.choice(["female", "male"], len(table), p=[0.7, 0.3])
    report = audit(table, shipped)
    assert sum(c.rows for c in report.binding if c.table == "dyads") == len(table)
    assert sum(c.rows for c in report.binding if c.characteristic == "sex") == persons
    nobody = _cell(report, "victim_sex", "no identified victim", "missed_harm", "dyads")
    assert nobody.rows == 900
    # The planted gap: women's cases are pushed below the line.
    alike = table.assign(victim_sex=np.where(table["person_id"] % 2 == 0, "female", "male"))
    alike["selected"] = np.where(
        alike["victim_sex"] == "female", rng.random(persons)[alike["person_id"]] < 0.25, table["selected"]
    )
    gap = audit(alike, shipped)
    assert gap.verdict == "refuse"
    female = _cell(gap, "victim_sex", "female", "missed_harm", "dyads")
    assert female.verdict == CellVerdict.REFUSE
    # Both victims of a person are alike here, so two rows say what one does.
    assert female.design_effect == pytest.approx(2.0, abs=0.25)


def test_alerts_point_out_selection_beyond_four_fifths_without_deciding(people, shipped):
    table = people("sex", male=(6000, 3000, 2400, 1200), female=(3000, 1000, 600, 300))
    report = audit(table, shipped)
    assert ("subjects", "sex", "female", "selection") in [cell.key for cell in report.alerts]
    assert _cell(report, "sex", "female", "selection").binding is False
    assert report.verdict == "pass"


def test_an_area_is_audited_by_its_own_rows(people, selection_policy):
    north = people("community", A=(5000, 667, 500, 67), B=(5000, 333, 500, 33)).assign(area="north")
    south = people("community", A=(5000, 500, 500, 50), B=(5000, 500, 500, 50)).assign(area="south")
    south["person_id"] = "s" + south["person_id"]
    both = pd.concat([north, south])
    assert audit(both, selection_policy, area="south").verdict == "pass"
    assert audit(both, selection_policy, area="north").verdict == "refuse"
    with pytest.raises(TableError, match="No row lies in area"):
        audit(both, selection_policy, area="west")


def test_the_report_has_the_promised_keys_is_canonical_and_ignores_row_order(shipped):
    table = _null(3000, 6, sex=SEX, ethnicity_self=ETHNICITY)
    document = audit(table, shipped).to_dict()
    names = {"table", "characteristic", "group", "metric", "minimum_detectable_ratio", "verdict"}
    numbers = {"n", "value", "low", "high", "ratio", "ratio_low", "ratio_high"}
    assert names | numbers <= set(document["cells"][0])
    shuffled = table.sample(frac=1, random_state=1)
    assert canonical_json(audit(shuffled, shipped).to_dict()) == canonical_json(document)
    assert document["policy"]["hash"] == shipped.hash
    assert document["ratio_level"] == 0.9


def test_the_callers_table_is_left_as_it_was(shipped):
    table = _null(200, 1, sex=SEX)
    before = table.copy(deep=True)
    audit(table, shipped)
    pd.testing.assert_frame_equal(table, before)


state = st.sampled_from(["none", "all", "some"])


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 120), groups=st.integers(1, 4), chosen=state, harmed=state, seed=st.integers(0, 9))
def test_degenerate_tables_give_a_report_whose_verdicts_follow_from_its_numbers(
    shipped, n, groups, chosen, harmed, seed
):
    rng = np.random.default_rng(seed)
    flags = {"none": np.zeros(n, int), "all": np.ones(n, int), "some": rng.integers(0, 2, n)}
    table = pd.DataFrame(
        {
            "person_id": np.arange(n),
            "selected": flags[chosen],
            "outcome": pd.Series(flags[harmed], dtype="Int64").mask(rng.random(n) < 0.1),
            "sex": rng.choice(["male", "female", None, "x"][:groups], n),
        }
    )
    report = audit(table, shipped)
    canonical_json(report.to_dict())
    for cell in report.cells:
        assert cell.value is None or cell.low <= cell.value <= cell.high
        if cell.verdict == CellVerdict.PASS:
            assert cell.ratio_low >= 0.8
            assert cell.ratio_high is not None
            assert cell.ratio_high <= 1.25
        if cell.verdict == CellVerdict.REFUSE:
            assert cell.ratio_low > 1.25 or (cell.ratio_high is not None and cell.ratio_high < 0.8)
        if cell.people < 30 or (cell.outcomes < 10 and cell.metric != "selection"):
            assert cell.verdict == CellVerdict.NOT_ASSESSABLE
    for metric in ("selection", "missed_harm", "found", "precision", "fpr"):
        sex = [c for c in report.cells if c.characteristic == "sex" and c.metric == metric]
        assert sum(c.rows for c in sex) == n
        assert len({c.n + c.others_n for c in sex}) == 1
    assert report.verdict != "pass"


def test_the_words_of_a_report_name_mechanisms_not_virtues(people, shipped):
    tables = [
        people("sex", male=(4000, 1500, 1200, 600), female=(900, 100, 300, 40)),
        people("sex", male=(4000, 1500, 1200, 600), female=(2000, 750, 600, 300)),
        people("sex", male=(400, 150, 120, 60), female=(90, 30, 30, 12)),
    ]
    for table in tables:
        text = " ".join(audit(table, shipped).reasons).lower()
        assert not any(word in text for word in ("fair", "bias", "equal treatment", "discriminat"))


def test_an_unsettled_cell_says_what_would_settle_it(people, shipped):
    table = people("sex", male=(2000, 800, 600, 300), female=(500, 200, 160, 62))
    report = audit(table, shipped)
    assert report.verdict == "insufficient"
    (text,) = [r for r in report.reasons if r.startswith("Not settled. sex 'female'")]
    assert "61.3% (98 of 160) against 50.0%, 1.23 times as often" in text
    assert "cases of this group, now 160, would let a list without a gap pass" in text
    assert "would be refused four times in five" in text


def test_one_borderline_cell_among_many_needs_more_than_its_own_interval(people, selection_policy):
    groups = dict.fromkeys("BCDEFGHIJK", (2000, 200, 200, 20))
    alone = people("community", A=(2000, 286, 200, 20), B=(18_000, 1800, 1800, 180))
    (cell,) = [c for c in audit(alone, selection_policy).binding if c.group == "A"]
    assert cell.verdict == CellVerdict.REFUSE
    among = audit(people("community", A=(2000, 286, 200, 20), **groups), selection_policy)
    (cell,) = [c for c in among.binding if c.group == "A"]
    # Its interval lies outside the margin, but ten more chances of such a cell were taken.
    assert cell.ratio_low > 1.25
    assert cell.p_value < 0.05 < cell.p_holm
    assert cell.verdict == CellVerdict.INSUFFICIENT
    assert among.verdict == "insufficient"


small_people = st.tuples(st.integers(0, 60), st.integers(0, 30), st.integers(0, 12), st.integers(0, 12)).filter(
    lambda t: t[3] <= min(t[1], t[2]) and t[1] + t[2] - t[3] <= t[0] and t[0] > 0
)


@settings(max_examples=15, deadline=None)
@given(counts=small_people, group=st.sampled_from(["NS", "", "zz9", "female"]))
def test_in_a_list_that_can_pass_nobody_under_a_floor_counts_as_passed_or_goes_unnamed(people, shipped, counts, group):
    even = {"male": (8000, 3000, 2400, 1200), "other": (3000, 1200, 900, 450)}
    report = audit(people("sex", **even, **{group: counts}), shipped)
    (cell,) = [c for c in report.binding if c.group not in ("male", "other")]
    assert (cell.rows, cell.outcomes) == (counts[0], counts[2])
    assert sum(c.rows for c in report.binding) == 11000 + counts[0]
    named = {gap.group for gap in report.not_assessable if gap.characteristic == "sex"}
    if counts[0] < 30 or counts[2] < 10:
        assert cell.verdict == CellVerdict.NOT_ASSESSABLE
        assert cell.reason == "under the floor"
    assert (cell.verdict == CellVerdict.NOT_ASSESSABLE) == (cell.group in named)
    assert not cell.required
    assert (report.verdict == "pass") == (cell.verdict in (CellVerdict.PASS, CellVerdict.NOT_ASSESSABLE))


@settings(max_examples=15, deadline=None)
@given(steps=st.integers(1, 6), n=st.integers(40, 400), seed=st.integers(0, 99))
def test_ties_across_the_audit_depth_stand_on_one_side_and_no_row_is_lost(shipped, steps, n, seed):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "person_id": np.arange(n),
            "score": rng.integers(0, steps, n).astype(float),
            "outcome": np.r_[1, rng.integers(0, 2, n - 1)],
            "sex": rng.choice(["male", "female", "NS", None], n),
        }
    )
    drawn = select_at_audit_depth(table, shipped)
    assert (drawn.groupby("score")["selected"].nunique() == 1).all()
    report = audit(drawn, shipped)
    for metric in METRICS:
        assert sum(c.rows for c in report.cells if (c.characteristic, c.metric) == ("sex", metric)) == n
    assert 2 * drawn.loc[drawn["outcome"] == 1, "selected"].sum() >= table["outcome"].sum()
