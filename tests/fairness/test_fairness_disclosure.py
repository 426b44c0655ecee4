"""What is withheld of an audit that leaves, alone and after others, and what is not."""

from __future__ import annotations

import json
from unittest.mock import ANY

import numpy as np
import pytest

from benchmarks.audited.disclosed import disclosed, leaving
from benchmarks.audited.read_again import REREAD, left_of, reread
from fairness import audit, break_down
from fairness.diagnosis import Reading, missed_harm_bounds, read_again
from fairness.disclosure import EXACT, SUPPRESSED, Register, exact_table, suppressed_table
from fairness.papers.shown import shown, shown_diagnosis
from fairness.policy_schema import Disclosure
from fairness.recovery import Export, recover

BIG = (900, 450, 300, 150)


@pytest.fixture
def leave(people, shipped):
    """Return what is shown of groups: (group, metric) -> events, None where they are withheld."""

    def make(register=None, policy=shipped, **groups):
        report = audit(people("sex", **groups), policy).to_dict()
        return shown(report, register=register)

    return make


def events(document):
    return {(cell["group"], cell["metric"]): cell["events"] for cell in document["cells"]}


def test_what_leaves_of_generated_audits_resists_the_attack():
    found = disclosed("two", 5)
    assert found["small"] > 500
    assert found["primary_rule"] > 10
    assert found["shown"] > 50
    assert found["recovered"] == 0


def test_a_small_count_takes_only_the_figures_that_tell_it(leave):
    told = events(leave(A=BIG, B=(300, 100, 60, 55), C=(200, 90, 40, 20)))
    hidden = {key for key, count in told.items() if count is None}
    split = {"missed_harm", "found", "precision", "selection"}
    assert hidden == {(group, metric) for group in "BC" for metric in split}
    assert told[("B", "outcome")] == 60
    assert told[("B", "fpr")] == 45


def test_zero_is_told_and_one_is_not(leave):
    none = leave(A=BIG, B=(300, 100, 60, 60), C=BIG)
    assert events(none)[("B", "missed_harm")] == 0
    one = leave(A=BIG, B=(300, 100, 60, 59), C=BIG)
    assert events(one)[("B", "missed_harm")] is None


def test_of_two_groups_one_never_stands_alone(leave):
    told = events(leave(A=BIG, B=(300, 100, 60, 55)))
    assert (told[("A", "missed_harm")], told[("B", "missed_harm")]) == (None, None)
    assert (told[("A", "outcome")], told[("B", "outcome")]) == (300, 60)


def test_a_small_total_is_withheld_with_every_total_that_would_tell_it(leave):
    document = leave(A=(900, 4, 300, 2), B=(900, 3, 300, 2))
    (totals,) = document["tables"]
    assert (totals["rows"], totals["outcomes"], totals["selected"]) == (1800, 600, None)
    assert {cell["others_value"] for cell in document["cells"] if cell["metric"] == "selection"} == {None}


def test_a_policy_says_what_is_few(leave, shipped):
    five = shipped.model_copy(update={"disclosure": Disclosure(smallest=5)})
    groups = {"A": BIG, "B": (300, 100, 60, 54), "C": BIG}
    assert events(leave(**groups))[("B", "missed_harm")] is None
    assert events(leave(policy=five, **groups))[("B", "missed_harm")] == 6


def test_what_left_leaves_again_alike_and_no_lower_threshold_opens_it(leave, shipped):
    five = shipped.model_copy(update={"disclosure": Disclosure(smallest=5)})
    groups, register = {"A": BIG, "B": (300, 100, 60, 54), "C": BIG}, Register()
    first = leave(register, **groups)
    register = Register.from_list(json.loads(json.dumps(register.to_list())))
    assert leave(register, **groups) == first
    assert len(register.released) == 1
    assert events(leave(register, five, **groups)) == events(first)


def test_a_list_with_one_more_person_shows_no_figure_that_tells_of_that_one(people, shipped):
    table, register = people("sex", A=BIG, B=BIG), Register()
    first, second = (shown(audit(rows, shipped).to_dict(), register=register) for rows in (table.iloc[:-1], table))
    assert events(first)[("B", "missed_harm")] == 150
    assert events(second)[("B", "fpr")] is None
    assert second["tables"][0]["rows"] is None


def test_lists_that_cannot_lie_inside_each_other_leave_each_in_full(leave):
    register = Register()
    leave(register, A=BIG, B=BIG)
    assert None not in events(leave(register, A=(901, 450, 300, 150), B=(899, 450, 300, 150))).values()


def test_an_area_and_the_rest_are_not_told_by_the_whole(people, shipped):
    table = people("sex", A=BIG, B=BIG)
    table["area"] = "north"
    women = table.index[table["sex"] == "B"]
    table.loc[women[[0, 1, 2, 460, 461]], "area"] = "south"  # found three times, missed twice
    table.loc[table.index[table["sex"] == "A"][::2], "area"] = "south"
    register = Register()
    reports = [audit(table, shipped, area=area).to_dict() for area in (None, "north")]
    whole, north = (shown(report, register=register) for report in reports)
    assert events(whole)[("B", "found")] == 150
    assert events(north)[("B", "found")] is None
    left = [Export(each, report) for each, report in zip((whole, north), reports, strict=True)]
    assert recover(left, 10, inside={(1, 0)}) == []
    careless = [Export(report, report) for report in reports]
    assert {each.inside for each in recover(careless, 10, inside={(1, 0)})} == {1}


def test_every_row_of_a_long_table_says_whether_it_may_leave(people, shipped):
    table = people("sex", A=BIG, B=(300, 100, 60, 55), C=(200, 90, 40, 20))
    numbers = break_down(table, shipped).table
    exact, safe = exact_table(numbers), suppressed_table(numbers, shipped, Register())
    assert set(exact["marked"]) == {EXACT} == {"exact, not to leave"}
    assert set(safe["marked"]) == {SUPPRESSED} == {"suppressed for publication"}
    bare = safe[safe["withheld"]]
    assert set(zip(bare["group"], bare["metric"], strict=True)) >= {("B", "found"), ("C", "selection")}
    assert bare[["n", "events", "value", "ratio", "others_n", "pooled"]].isna().all(axis=None)
    assert exact["events"].tolist() == numbers["events"].tolist()


def test_intersections_are_shown_where_nothing_of_them_is_small_and_covered_where_something_is(shipped, people):
    table = people("sex", A=(4000, 2000, 1600, 800), B=(4000, 2000, 1600, 800))
    table["age"] = ["young", "old", "older", "oldest"] * 2000
    few = (table["sex"] == "A") & (table["age"] == "old") & (table["outcome"] == 1) & (table["selected"] == 1)
    table.loc[few[few].index[6:], "age"] = "young"
    left = leaving(table, shipped, Register())
    pairs = [cell for cell in left.shown["cells"] if cell.get("and_characteristic")]
    blank = {(cell["group"], cell["and_group"]) for cell in pairs if cell["n"] is None}
    assert ("A", "old") in blank
    assert len(blank) == 4
    assert recover([left], 10) == []


def test_an_intersection_that_is_named_is_known_to_hold_somebody(shipped, people):
    table = people("sex", A=(60, 0, 0, 0), B=(60, 0, 0, 0), C=(60, 0, 0, 0))
    few, rows = np.where(table["sex"] == "C", 15, 5), table.index % 60
    table["age"] = np.select([rows < few, rows < 2 * few, rows < 45], ["old", "older", "young"], "youngest")
    left = leaving(table, shipped, Register())
    pairs = [cell for cell in left.shown["cells"] if cell.get("and_characteristic") and cell["metric"] == "selection"]
    # Five in each of four corners: one to nine, as none can be empty. So those of a third sex are withheld too.
    blank = {(cell["group"], cell["and_group"]) for cell in pairs if cell["n"] is None}
    assert blank > {("A", "old"), ("A", "older"), ("B", "old"), ("B", "older")}
    assert (len(blank), len(pairs)) == (9, 12)
    assert recover([left], 10) == []


def test_a_group_that_is_named_is_known_to_hold_somebody(leave):
    groups = {"A": (5, 0, 5, 0), "B": (5, 0, 5, 0), "C": BIG, "D": (900, 450, 290, 150)}
    told = events(leave(**groups))
    assert [told[group, "outcome"] for group in "ABCD"] == [None, None, None, 290]


@pytest.fixture
def few_unknown(people):
    """Return people of whom the outcome of six men, all not selected, is not known, and of more of the others."""
    table = people("sex", male=BIG, female=(400, 200, 150, 75), unknown=(200, 100, 60, 30))
    table["outcome"] = table["outcome"].astype(object)
    for group, count in {"male": 6, "female": 50, "unknown": 50}.items():
        unharmed = table.index[(table["sex"] == group) & (table["selected"] == 0) & (table["outcome"] == 0)]
        table.loc[unharmed[:count], "outcome"] = None
    return table.assign(sex=table["sex"].replace("unknown", None))


def test_a_count_of_nobody_needs_no_cover(few_unknown, shipped):
    told = shown(audit(few_unknown, shipped).to_dict())["cells"]  # of those with unknown outcome nobody was selected
    assert {cell["group"] for cell in told if cell["n"] is None} == {"female", "male"}
    assert {cell["metric"] for cell in told if cell["n"] is None} == {"selection"}
    assert {cell["events"] for cell in told if cell["metric"] == "missed_harm"} == {150, 75, 30}


def test_a_group_of_few_people_takes_one_more_with_it_and_not_everybody(leave):
    told = events(leave(A=BIG, B=(300, 100, 60, 30), C=(8, 4, 2, 1)))
    assert (told["A", "outcome"], told["B", "outcome"], told["C", "outcome"]) == (300, None, None)


def test_bounds_are_told_only_of_a_characteristic_whose_groups_all_are(people, shipped):
    def told(women):
        table = people("sex", male=BIG, female=women, unknown=(200, 100, 60, 30))
        table["sex"] = table["sex"].replace("unknown", None)
        backtest, bounds = shown(audit(table, shipped).to_dict()), missed_harm_bounds(table, shipped)
        assert {each["group"] for each in bounds} == {"female", "male"}
        return {each["group"] for each in shown_diagnosis({"bounds": bounds}, backtest)["bounds"]}

    assert told((300, 100, 24, 21)) == set()  # three missed
    assert told((300, 100, 60, 30)) == {"female", "male"}


def test_bounds_are_not_told_where_it_is_withheld_how_many_people_a_group_has(few_unknown, shipped):
    """Only groups with enough people have bounds, so bounds say of a group that it has them."""
    backtest, bounds = shown(audit(few_unknown, shipped).to_dict()), missed_harm_bounds(few_unknown, shipped)
    people = {cell["group"]: cell["people"] for cell in backtest["cells"] if cell["metric"] == "missed_harm"}
    assert people == {"female": None, "male": None, "not recorded": 200}
    assert len(bounds) == 2
    assert shown_diagnosis({"bounds": bounds}, backtest)["bounds"] == []
    assert recover([leaving(few_unknown, shipped, Register())], 10) == []


def test_the_attack_sees_what_a_diagnosis_tells(people, shipped):
    table = people("sex", male=BIG, female=(300, 100, 24, 21), unknown=(200, 100, 60, 30))
    table["sex"] = table["sex"].replace("unknown", None)
    left = leaving(table, shipped, Register())
    assert recover([left], 10) == []
    missed = [cell for cell in left.exact["cells"] if cell["metric"] == "missed_harm"]
    assert recover([Export({**left.shown, "elsewhere": missed}, left.exact)], 10)


def test_how_many_are_unrecorded_is_not_told_where_it_takes_withheld_groups_apart(people, shipped):
    def told(declined):
        table = people("sex", male=BIG, blank=(200, 100, 60, 30), declined=declined)
        table["sex"] = table["sex"].replace({"blank": None, "declined": "NS"})
        backtest = shown(audit(table, shipped).to_dict())
        assert backtest["characteristics"] == [{"table": "subjects", "characteristic": "sex", "unrecorded": ANY}]
        missing = [{"characteristic": "sex", "people": len(table), "unrecorded": 200 / len(table)}]
        return shown_diagnosis({"missingness": missing}, backtest)["missingness"][0]["unrecorded"]

    assert told((50, 20, 20, 10)) == pytest.approx(200 / 1150)
    assert told((4, 2, 2, 1)) is None  # both are withheld; who knows how many were not asked knows who declined


def test_the_attack_sees_readings_and_the_page_of_a_run(shipped):
    left = left_of(reread(8), shipped)
    given = {"groupings": shipped.grouping_pairs, "readings": REREAD}
    assert recover(left, 10, **given) == []
    careless = [Export(each.exact, each.exact) for each in left]
    assert "with outcome, not read" in {each.count for each in recover(careless, 10, **given)}


def test_a_reading_leaves_by_its_own_counts_and_by_what_it_tells_beside_others(people, shipped):
    audited = people("sex", male=BIG, female=(400, 200, 150, 75))
    backtest = shown(audit(audited, shipped).to_dict())

    def told(*read):
        readings = [Reading(str(number), str(number), table) for number, table in enumerate([audited, *read])]
        found = shown_diagnosis({"reporters": read_again(readings, shipped)}, backtest)["reporters"]["readings"]
        assert "counted" not in str(found)
        return [all(cell["ratio"] is not None for cell in reading["cells"]) for reading in found]

    def victims(missed, found):
        return people("sex", male=(900, 450, 150, 75), female=(400, 200, missed + found, found))

    assert told(victims(30, 30)) == [True, True]
    assert told(victims(3, 12)) == [True, False]  # three missed
    assert told(victims(72, 40)) == [True, False]  # the audit has three more
    assert told(victims(30, 30), victims(33, 30)) == [True, True, False]  # one reading has three more
    assert told(victims(30, 30), victims(42, 40)) == [True, True, False]  # of neither three are left
