"""The attack finds what a careless export gives away; what it cannot find is judged elsewhere by it."""

from __future__ import annotations

from copy import deepcopy

import pandas as pd
import pytest

from fairness import audit, break_down
from fairness.recovery import Divided, Export, recover, small_counts

BIG = (900, 450, 300, 150)
FEW = {"A": BIG, "B": (66, 60, 34, 30), "C": (54, 50, 23, 20)}
NAMES = ("table", "characteristic", "group", "and_characteristic", "and_group", "metric")


def without(report, *hidden, totals=True, keep=()):
    """Return a report in which some (characteristic, group) show no figure but those named in `keep`."""
    shown = deepcopy(report)
    for cell in shown["cells"]:
        if (cell["characteristic"], cell["group"]) in hidden:
            cell |= {key: None for key in cell if key not in NAMES and key not in keep}
    if not totals:
        shown["tables"], shown["characteristics"] = [], []
    return shown


def found(report, *exports, **given):
    places = recover([Export(each, report) for each in exports], 10, **given)
    return {(each.place.group, each.count): (each.low, each.truth, each.high) for each in places}


def test_what_alone_is_withheld_is_the_total_less_the_others(people, shipped):
    report = audit(people("sex", A=BIG, B=(66, 60, 34, 30)), shipped).to_dict()
    assert found(report, report)[("B",), "missed"] == (4, 4, 4)
    assert found(report, without(report, ("sex", "B")))[("B",), "missed"] == (4, 4, 4)


def test_two_small_counts_are_not_hidden_by_each_other(people, shipped):
    report = audit(people("sex", **FEW), shipped).to_dict()
    both = found(report, without(report, ("sex", "B"), ("sex", "C")))
    assert both[("B",), "missed"] == (0, 4, 7)
    assert both[("C",), "missed"] == (0, 3, 7)


def test_nothing_is_found_where_a_large_group_is_withheld_beside_the_small_ones(people, shipped):
    report = audit(people("sex", **FEW), shipped).to_dict()
    assert found(report, without(report, *(("sex", group) for group in "ABC"))) == {}


@pytest.mark.parametrize("kept", ["value", "high", "ratio", "ratio_low", "difference"])
def test_a_rate_or_an_interval_is_taken_to_give_its_counts_away(people, shipped, kept):
    report = audit(people("sex", **FEW), shipped).to_dict()
    hidden = without(report, *(("sex", group) for group in "ABC"), keep=("n", kept))
    assert found(report, hidden)[("B",), "missed"] == (4, 4, 4)


def test_the_figures_of_everybody_else_give_a_group_away(people, shipped):
    report = audit(people("sex", A=BIG, B=(66, 60, 34, 30)), shipped).to_dict()
    hidden = without(report, ("sex", "A"), ("sex", "B"), keep=("others_n", "others_value"))
    assert found(report, hidden)[("B",), "missed"] == (4, 4, 4)


def test_a_share_of_unstated_people_gives_their_number_away(people, shipped):
    report = audit(people("sex", A=BIG, B=BIG, **{"": (6, 0, 0, 0)}), shipped).to_dict()
    groups = [("sex", group) for group in ("A", "B", "not recorded")]
    hidden = without(report, *groups)
    assert found(report, hidden)[("not recorded",), "rows"] == (6, 6, 6)
    hidden["characteristics"] = [{**each, "unrecorded": None} for each in hidden["characteristics"]]
    assert found(report, hidden) == {}


def test_a_group_gives_away_its_only_withheld_code(shipped):
    codes = ["W1"] * 400 + ["A1"] * 296 + ["A2"] * 4 + ["B1"] * 200
    rows = pd.DataFrame({"person_id": range(900), "selected": [1, 0] * 450, "ethnicity_self": codes})
    report = audit(rows.assign(outcome=[1, 1, 0, 0] * 225), shipped).to_dict()
    hidden = without(report, ("ethnicity", "A2"), ("ethnicity", "W1"))
    assert (("A2",), "rows") not in found(report, hidden)
    assert found(report, hidden, groupings=shipped.grouping_pairs)[("A2",), "rows"] == (4, 4, 4)


def test_of_an_intersection_rows_and_columns_give_away_what_is_alone_in_either(shipped):
    pairs = [("a", "x", 100), ("a", "y", 6), ("b", "x", 100), ("b", "y", 100), ("c", "x", 100), ("c", "y", 100)]
    rows = pd.DataFrame([{"one": one, "two": two} for one, two, count in pairs for _ in range(count)])
    rows = rows.assign(person_id=range(len(rows)), selected=0, outcome=0)
    cells = break_down(rows, shipped).table.to_dict("records")
    long = {"cells": [{**cell, "and_group": cell["and_group"]} for cell in cells]}

    def withheld(*groups):
        shown = [
            {k: v for k, v in cell.items() if k in NAMES} if (cell["group"], cell["and_group"]) in groups else cell
            for cell in long["cells"]
        ]
        return found(long, {"cells": shown}).get((("a", "y"), "rows"))

    assert withheld(("a", "y")) == (6, 6, 6)
    assert withheld(("a", "y"), ("a", "x"), ("b", "x")) == (6, 6, 6)
    assert withheld(("a", "y"), ("a", "x"), ("b", "x"), ("b", "y")) is None


def test_one_more_person_is_the_difference_of_two_lists(people, shipped):
    table = people("sex", A=BIG, B=BIG)
    lists = [audit(rows, shipped).to_dict() for rows in (table.iloc[:-1], table)]
    exports = [Export(report, report) for report in lists]
    assert recover(exports, 10) == []
    (one, *_) = recover(exports, 10, inside={(0, 1)})
    assert (one.place.group, one.count, one.low, one.truth, one.high) == (("B",), "rows", 1, 1, 1)
    assert one.inside == 0


def test_a_larger_list_bounds_what_a_smaller_one_withholds(people, shipped):
    inner = audit(people("sex", A=BIG, B=(66, 60, 34, 30)), shipped).to_dict()
    outer = audit(people("sex", A=BIG, B=(68, 60, 36, 30)), shipped).to_dict()
    exports = [Export(without(inner, ("sex", "A"), ("sex", "B")), inner), Export(outer, outer)]
    at = {(e.place.export, e.place.group, e.count): (e.low, e.high) for e in recover(exports, 10, inside={(0, 1)})}
    assert at[0, ("B",), "missed"] == (4, 6)


@pytest.mark.parametrize("all_of_it", [True, False])
def test_a_whole_less_all_its_lists_but_one_is_the_last(people, shipped, all_of_it):
    area, last = people("sex", A=BIG, B=BIG), people("sex", A=BIG, B=(6, 0, 0, 0))
    whole = pd.concat([area, area, last]).assign(person_id=lambda rows: range(len(rows)))
    exact = [audit(rows, shipped).to_dict() for rows in (whole, area, area, last)]
    told = [*exact[:3], without(exact[3], ("sex", "A"), ("sex", "B"))] if all_of_it else exact[:3]
    parts = (1, 2, 3)[: len(told) - 1]
    exports = [Export(each, report) for each, report in zip(told, exact, strict=False)]
    inside = [(part, 0) for part in parts]
    assert not any(each.low == each.high for each in recover(exports, 10, inside=inside))
    together = {"inside": inside, "divided": [Divided(0, parts, all_of_it)]}
    known = {
        (e.inside or e.place.export, e.place.group, e.count): (e.low, e.high) for e in recover(exports, 10, **together)
    }
    assert known[(1, 2), ("B",), "rows"] == (6, 6)
    assert known.get((3, ("B",), "rows")) == ((6, 6) if all_of_it else None)
    assert small_counts(exports, 10, **together) > small_counts(exports, 10, inside=inside)
