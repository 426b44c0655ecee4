"""What a report shows of an audit, and what it keeps back in every format."""

from __future__ import annotations

import json
from io import BytesIO

import openpyxl
import pandas as pd
import pytest

from fairness import audit
from fairness.papers import audit_report, workbook
from fairness.papers.shown import SMALLEST, shown

FOUR = {"male": (400, 200, 100, 50), "female": (40, 20, 4, 4), "": (60, 30, 20, 10)}


def cells_of(report, **wanted):
    cells = [cell for part in report["audits"] for cell in part["cells"]]
    return [cell for cell in cells if all(cell[key] == value for key, value in wanted.items())]


@pytest.fixture
def small(people, shipped):
    return audit(people("sex", **FOUR), shipped).to_dict()


def test_four_found_of_four_is_withheld_and_never_shown_as_certain(small):
    (stored,) = [c for c in small["cells"] if (c["group"], c["metric"]) == ("female", "found")]
    assert (stored["n"], stored["events"], round(stored["low"], 3)) == (4, 4, 0.398)
    report = audit_report(small, title="made up")
    (cell,) = cells_of(report, group="female", metric="found")
    assert cell["suppressed"]
    assert cell["verdict"] == "not_assessable"
    assert "1.00 (1.00" not in json.dumps(report)


def test_a_hidden_group_is_never_alone(small):
    hidden = {cell["group"] for cell in shown(small)["cells"] if cell.get("suppressed")}
    assert hidden == {"female", "not recorded"}
    left = [cell for cell in shown(small)["cells"] if not cell.get("suppressed")]
    assert {cell["group"] for cell in left} == {"male"}


def test_no_figure_of_few_is_in_any_format(small):
    report = audit_report(small, title="made up")
    for part in report["audits"]:
        for cell in part["cells"]:
            counts = [cell[key] for key in ("rows", "n", "events") if cell[key] is not None]
            assert not [count for count in counts if 0 < count < SMALLEST]
    sheet = openpyxl.load_workbook(BytesIO(workbook(report)))["Cells"]
    names = [cell.value for cell in sheet[1]]
    rows = [dict(zip(names, [cell.value for cell in row], strict=True)) for row in sheet.iter_rows(min_row=2)]
    assert {row["n"] for row in rows if row["group"] == "female"} == {None}
    assert {row["note"] for row in rows if row["group"] == "female"} == {"withheld"}


def test_neither_a_share_nor_a_total_tells_a_hidden_count(people, shipped):
    table = people("sex", male=(400, 200, 100, 50), female=(400, 200, 100, 50), **{"": (5, 2, 4, 2)})
    report = audit_report(audit(table, shipped).to_dict(), title="made up")
    (part,) = report["audits"]
    assert [each["unrecorded"] for each in part["characteristics"]] == [None]
    assert "Sex: withheld." in json.dumps(report["page_one"])
    few = audit_report(audit(people("sex", male=(400, 200, 4, 2)), shipped).to_dict(), title="made up")
    assert [each["outcomes"] for each in few["audits"][0]["tables"]] == [None]


def test_a_group_of_few_people_on_many_lists_is_small(people, shipped):
    table = people("sex", male=(400, 200, 100, 50), female=(60, 30, 30, 15))
    women = table["sex"] == "female"
    table.loc[women, "person_id"] = [f"w{i % 6}" for i in range(int(women.sum()))]
    table["split"] = "one"
    table.loc[women, "split"] = [f"list {i // 6}" for i in range(int(women.sum()))]
    (stored, *_) = [c for c in audit(table, shipped).to_dict()["cells"] if c["group"] == "female"]
    assert (stored["rows"], stored["people"]) == (60, 6)
    hidden = {cell["group"] for cell in shown(audit(table, shipped).to_dict())["cells"] if cell.get("suppressed")}
    assert hidden == {"female", "male"}


def test_a_detail_that_hides_somebody_is_left_out_beside_its_groups(shipped):
    codes = ["W1"] * 400 + ["W2"] * 200 + ["A1"] * 296 + ["A2"] * 4
    rows = pd.DataFrame({"person_id": range(900), "selected": [1, 0] * 450, "ethnicity_self": codes})
    rows["outcome"] = ([1, 1, 0, 0] * 225)[:900]
    kept = shown(audit(rows, shipped).to_dict())
    assert kept["left_out"] == [["subjects", "ethnicity"]]
    assert {cell["characteristic"] for cell in kept["cells"]} == {"ethnicity_group"}


def test_people_without_a_recorded_group_are_named_by_what_happened(people, shipped):
    table = people("sex", male=(2000, 800, 600, 300), **{"": (800, 200, 300, 60)})
    told = json.dumps(audit_report(audit(table, shipped).to_dict(), title="made up")["page_one"])
    assert "People whose sex nobody recorded: of 300 with later harm, 240 (80 in 100) were missed." in told
    assert "Sex: 29 in 100, all not recorded." in told


def test_insufficient_evidence_is_said_to_be_no_pass(people, shipped):
    table = people("sex", male=(2000, 800, 600, 300), female=(500, 200, 160, 62))
    answer = audit_report(audit(table, shipped).to_dict(), title="made up")["page_one"][0]
    assert answer["says"][0].startswith("Not settled.")
    assert "This is not a pass." in answer["says"][0]


def test_a_list_that_is_not_released_shows_no_figure_of_its_own(people, shipped):
    backtest = audit(people("sex", male=(2000, 800, 600, 300), female=(2000, 800, 600, 300)), shipped)
    own = audit(people("sex", male=(90, 30, 20, 10), female=(90, 30, 20, 10)), shipped, evidence="list")
    stored = {
        "verdict": "insufficient",
        "audits": {"this list": own.to_dict(), "backtest over all areas": backtest.to_dict()},
        "not_assessable": [],
        "policy": {"name": shipped.name, "hash": str(shipped.hash)},
    }
    (kept,) = [p for p in audit_report(stored, title="x", state="awaiting")["audits"] if p["name"] == "this list"]
    assert {cell["n"] for cell in kept["cells"]} == {None}
    assert kept["tables"] == kept["characteristics"] == []
    (kept,) = [p for p in audit_report(stored, title="x", state="released")["audits"] if p["name"] == "this list"]
    assert 90 in {cell["n"] for cell in kept["cells"]}


@pytest.mark.parametrize("group", ["=1+1", "http://example.org/?q=1", "0042", "<script>alert(1)</script>", "+44", "@x"])
def test_a_hostile_group_stays_text_in_a_workbook(people, shipped, group):
    table = people("community", **{group: (400, 200, 100, 50), "plain": (400, 200, 100, 50)})
    book = openpyxl.load_workbook(BytesIO(workbook(audit_report(audit(table, shipped).to_dict(), title=group))))
    found = [cell for row in book["Cells"].iter_rows() for cell in row if cell.value == group]
    assert found
    assert {cell.data_type for cell in found} == {"s"}
    assert not [cell for row in book["Cells"].iter_rows() for cell in row if cell.hyperlink]


def test_the_report_says_what_no_record_can_show_and_how_much_of_it_would_turn_a_check(people, shipped):
    groups = {"male": (8000, 3000, 2400, 1200), "female": (3000, 1200, 900, 450), "": (300, 100, 80, 75)}
    report = audit_report(audit(people("sex", **groups), shipped).to_dict(), title="a table")
    (found,) = [part for part in report["sections"] if part["id"] == "labels"]
    assert found["says"][0].startswith("How often outcomes go unrecorded in one community")
    rows = found["blocks"][0]["rows"]
    told = {row["group"]: row for row in report["audits"][0]["label_sensitivity"] if row["recorded"] == "too seldom"}
    # The unrecorded have five cases that were missed; they and the next smallest group are withheld.
    assert set(told) == {"male"}
    assert [(row[1], row[3]) for row in rows] == [
        ("too seldom", f"{told['male']['turns_at']:.2f}"),
        ("too often", f"{report['audits'][0]['label_sensitivity'][1]['turns_at']:.2f}"),
    ]


def test_a_list_that_is_not_released_tells_no_ratio_of_wrong_recording(people, shipped):
    document = audit(people("sex", **FOUR), shipped, evidence="list").to_dict()
    report = audit_report(document, title="a list", state="awaiting")
    assert report["audits"][0]["label_sensitivity"] == []
    assert "label_sensitivity" not in shown(document)


def test_what_does_not_decide_is_counted_and_what_stands_out_told_while_every_cell_is_an_appendix(people, shipped):
    rows = people("sex", male=(2000, 1000, 600, 300), female=(2000, 400, 600, 300)).assign(disability="no")
    stored = audit(rows, shipped).to_dict()
    report = audit_report(stored, title="x")
    (beside,) = [each for each in report["sections"] if each["id"] == "beside"]
    look, counted = beside["blocks"][:2]
    told = {(row[0], row[1], row[2]): row[7] for row in look["rows"]}
    assert told["Subjects' sex", "Share put above the cut-off", "female"].startswith("0.40 (")
    open_ = [c for c in report["audits"][0]["cells"] if not c["binding"]]
    assert sum(int(row[3]) for row in counted["rows"]) == len(open_)
    assert sum(int(row[6]) for row in counted["rows"]) == len(look["rows"])
    assert "cells" not in {each["id"] for each in report["sections"]}
    whole = audit_report(stored, title="x", all_cells=True)
    assert whole["sections"][-1]["id"] == "cells"
    assert sum(len(block["rows"]) for block in whole["sections"][-1]["blocks"]) == len(open_)
    assert whole["audits"] == report["audits"]
