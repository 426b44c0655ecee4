"""What a list that leaves tells beside an earlier one that holds its people, or that it holds."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from benchmarks.audited.disclosed import SMALLEST, leaving
from fairness import audit, break_down
from fairness.disclosure import Register, suppressed_table
from fairness.papers.shown import shown
from fairness.recovery import Divided, Export, recover
from fairness.stored import restore_report

WHOLE, AREA = 0, 1
INSIDE = ((AREA, WHOLE),)
AREAS = ("north", "south", "east")
EACH = ["female", "male", "other"]


@pytest.fixture
def areas() -> pd.DataFrame:
    """Return 120 people of whom two live in the east; half of every area had the outcome."""
    table = pd.DataFrame({"area": ["north"] * 63 + ["south"] * 55 + ["east"] * 2})
    table.insert(0, "person_id", [f"p{i}" for i in range(len(table))])
    return table.assign(selected=0, outcome=[i % 2 for i in range(len(table))], sex="male")


def of_sex(cell):
    return (cell["characteristic"], cell["metric"]) == ("sex", "selection")


def records(table):
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()} for row in table.to_dict("records")
    ]


def test_a_list_of_few_people_does_not_name_the_groups_that_hold_all_of_them(shipped):
    people = pd.DataFrame(
        {"sex": ["female"] * 5 + ["male"] * 4 + [""] * 2, "selected": [0] * 10 + [1], "outcome": None}
    )
    people.insert(0, "person_id", [f"p{i}" for i in range(11)])
    left = leaving(people, shipped, Register())
    assert left.shown["tables"][0]["rows"] == 11
    assert left.shown["left_out"] == [["subjects", "sex"]]
    assert recover([left], SMALLEST) == []


def test_the_list_of_an_area_does_not_tell_what_the_whole_withheld_of_another(areas, shipped):
    register = Register()
    left = [leaving(people, shipped, register) for people in (areas, areas[areas["area"] == "south"])]
    assert recover(left, SMALLEST, inside=INSIDE) == []
    whole, area = (export.shown["tables"][0] for export in left)
    assert (whole["rows"], whole["outcomes"], whole["selected"]) == (120, 60, 0)
    assert (area["rows"], area["outcomes"], area["outcomes_unknown"]) == (None, None, 0)


ORDERS = [("whole", "north", "south"), ("north", "whole", "south"), ("south", "north", "whole")]


@pytest.mark.parametrize("order", ORDERS)
def test_the_lists_of_two_areas_do_not_tell_of_the_third_together(order, areas, shipped):
    areas["area"] = ["north"] * 59 + ["south"] * 59 + ["east"] * 2
    left, register = [], Register()
    for name in order:
        left.append(leaving(areas if name == "whole" else areas[areas["area"] == name], shipped, register))
    whole = order.index("whole")
    assert recover(left, SMALLEST, inside=[(area, whole) for area in range(3) if area != whole]) == []


@pytest.fixture
def few_in_the_east() -> pd.DataFrame:
    """Return people of three areas and three groups, many of each everywhere, but four of the third in the east."""
    sizes = {area: {"female": 160, "male": 160, "other": 4 if area == "east" else 120} for area in AREAS}
    rows = [(area, sex, i) for area, of in sizes.items() for sex, count in of.items() for i in range(count)]
    table = pd.DataFrame(rows, columns=["area", "sex", "number"])
    table = table.assign(selected=table["number"] % 4 // 2, outcome=table["number"] % 2).drop(columns="number")
    table.insert(0, "person_id", [f"p{i}" for i in range(len(table))])
    return table


@pytest.mark.parametrize(
    ("order", "groups"),
    [
        (("whole", "north", "south"), [EACH, EACH, ["male"]]),
        (("north", "south", "whole"), [EACH, EACH, ["male"]]),
        (("south", "whole", "north", "east"), [EACH, EACH, ["male"], ["male"]]),
        (("east", "north", "whole", "south"), [["male"], EACH, ["male"], ["male"]]),
    ],
)
def test_a_whole_less_two_areas_does_not_tell_of_the_third_on_any_characteristic(
    order, groups, few_in_the_east, shipped
):
    lists = {name: few_in_the_east[few_in_the_east["area"] == name] for name in AREAS} | {"whole": few_in_the_east}
    register = Register()
    reports = [audit(lists[name], shipped).to_dict() for name in order]
    left = [Export(shown(report, register=register), report) for report in reports]
    whole = order.index("whole")
    parts = tuple(number for number in range(len(order)) if number != whole)
    inside = [(part, whole) for part in parts]
    assert recover(left, SMALLEST, inside=inside, divided=[Divided(whole, parts, "east" in order)]) == []
    again = [shown(report, register=register) for report in reports]
    assert again == [export.shown for export in left]
    selections = [[cell for cell in export.shown["cells"] if of_sex(cell)] for export in left]
    assert [[cell["group"] for cell in cells if cell.get("n") is not None] for cells in selections] == groups


def test_a_list_of_people_of_every_area_keeps_its_total(areas, shipped):
    register = Register()
    left = [leaving(people, shipped, register) for people in (areas, areas[30:90])]
    assert recover(left, SMALLEST, inside=INSIDE) == []
    assert left[AREA].shown["tables"][0]["rows"] == 60


def test_a_long_table_withholds_what_the_list_of_an_area_told_before(areas, shipped):
    register = Register()
    reports = [audit(people, shipped).to_dict() for people in (areas, areas[areas["area"] == "south"])]
    whole, area = (shown(report, register=register) for report in reports)
    assert area["tables"][0]["rows"] == 55
    register = Register.from_list(json.loads(json.dumps(register.to_list())))
    numbers = break_down(areas, shipped).table
    whole["cells"] += records(suppressed_table(numbers, shipped, register))
    exact = {**reports[WHOLE], "cells": reports[WHOLE]["cells"] + records(numbers)}
    by_area = areas[areas["area"] == "south"]
    inner = {**reports[AREA], "cells": reports[AREA]["cells"] + records(break_down(by_area, shipped).table)}
    assert recover([Export(whole, exact), Export(area, inner)], SMALLEST, inside=INSIDE) == []


def test_areas_are_counted_for_disclosure_control_alone(areas, shipped):
    report = audit(areas, shipped)
    south = next(each for each in report.areas if each.area == "south")
    assert (sum(south.states), south.people) == (55, (55, 28))
    document = json.loads(json.dumps(report.to_dict()))
    assert restore_report(document, shipped).areas == report.areas
    assert restore_report({k: v for k, v in document.items() if k != "areas"}, shipped) == replace(
        restore_report(document, shipped), areas=()
    )
    assert "areas" not in shown(document)
    assert "areas" not in shown(document, figures=False)


def test_the_register_keeps_of_which_areas_a_list_was_and_that_nothing_of_it_was_told(areas, shipped):
    register = Register()
    shown(audit(areas, shipped).to_dict(), register=register)
    again = Register.from_list(json.loads(json.dumps(register.to_list())))
    assert again.to_list() == register.to_list()
    (kept,), (left,) = again.released, register.released
    assert kept.pattern == left.pattern
    assert [axis.names for axis in kept.axes] == [("area",), ("sex",)]
    assert [axis.names for axis in kept.pattern.parts] == [("sex",)]


def test_a_list_of_an_area_names_its_groups_though_the_whole_bounds_a_small_one(shipped):
    sexes = ["female"] * 300 + ["male"] * 300 + ["other"] * 6
    people = pd.DataFrame({"sex": sexes, "area": ["north" if i % 3 else "south" for i in range(len(sexes))]})
    people = people.assign(selected=[i % 7 == 0 for i in range(606)], outcome=[i % 2 for i in range(606)])
    people.insert(0, "person_id", [f"p{i}" for i in range(606)])
    register = Register()
    left = [leaving(each, shipped, register) for each in (people, people[people["area"] == "south"])]
    assert [export.shown["left_out"] for export in left] == [[], []]
    assert recover(left, SMALLEST, inside=INSIDE) == []
