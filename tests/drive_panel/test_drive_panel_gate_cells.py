"""What the gate stores for the page of a run says whose figures only reviewers read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from drive_panel.workflows.exported import read
from drive_panel.workflows.gate import _cells, _left, page_cells
from drive_panel.workspace import Workspace
from fairness import AuditReport, audit, read_policy
from fairness.disclosure import Register
from serving.release.disclosing import disclosed_audit


def test_a_cell_says_whether_only_reviewers_read_its_figures() -> None:
    sexes = ["male"] * 800 + ["female"] * 40
    missed = [0, 1] * 400 + [1] * 36 + [0] * 4
    rows = pd.DataFrame({"person_id": range(840), "selected": missed, "outcome": 1, "sex": sexes})
    told = page_cells("backtest over all areas", audit(rows, read_policy()), Register())
    assert [(cell["group"], cell["metric"], cell["withheld"]) for cell in told] == [
        ("female", "missed_harm", True),
        ("male", "missed_harm", True),
    ]
    many = rows.assign(selected=[0, 1] * 420)
    told = page_cells("backtest over all areas", audit(many, read_policy()), Register())
    assert [(cell["group"], cell["n"], cell["withheld"]) for cell in told] == [
        ("female", 40, False),
        ("male", 800, False),
    ]


def test_a_cell_says_which_of_its_figures_only_reviewers_read() -> None:
    sexes = ["male"] * 800 + ["female"] * 200
    rows = pd.DataFrame({"person_id": range(1000), "selected": [0, 1] * 500, "sex": sexes})
    rows["outcome"] = pd.array([0, 0, 1, 1] * 250, dtype="Int8")
    rows.loc[[0, 4, 8], "outcome"] = pd.NA  # of three men it is not known; with the number of men, anybody could tell
    rows.loc[[800 + 4 * number for number in range(20)], "outcome"] = pd.NA
    told = page_cells("backtest over all areas", audit(rows, read_policy()), Register())
    assert [(cell["group"], cell["withheld"], cell["withheld_figures"]) for cell in told] == [
        ("female", False, ["rows", "people"]),
        ("male", False, ["rows", "people"]),
    ]
    left = disclosed_audit({"cells": told}, live=True)["cells"]
    assert [(cell["rows"], cell["people"], cell["outcomes"], cell["n"]) for cell in left] == [
        (None, None, 100, 100),
        (None, None, 400, 400),
    ]


def test_the_page_of_a_run_knows_what_earlier_pages_and_reports_told(tmp_path: Path) -> None:
    rows = pd.DataFrame({"person_id": range(1600), "selected": [0, 1] * 800, "outcome": [0, 0, 1, 1] * 400})
    rows["sex"] = ["male"] * 1000 + ["female"] * 600
    first, later = (audit(each, read_policy()) for each in (rows.iloc[:-3], rows))
    workspace = Workspace(tmp_path)

    def withheld(report: AuditReport) -> set[bool]:
        left = _left(workspace, {"this list": report.to_dict()})
        return {cell["withheld"] for cell in _cells("this list", report, left["this list"])}

    assert withheld(first) == {False}
    assert withheld(later) == {True}  # the two would tell of three people
    assert withheld(first) == {False}
    assert len(read(workspace).released) == 2
