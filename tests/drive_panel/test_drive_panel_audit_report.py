"""The report of any table from the command line, in each of its formats."""

from __future__ import annotations

import csv
import importlib.util
import json
import stat
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from drive_panel.cli import app

HOSTILE = '<script>alert("x")</script>'


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    groups = [HOSTILE] * 600 + ["north\u202evale"] * 600
    rows = pd.DataFrame({"person_id": range(1200), "selected": [1, 0] * 600, "outcome": [1, 1, 0, 0] * 300})
    place = tmp_path_factory.mktemp("table") / "people.csv"
    rows.assign(sex=groups).to_csv(place, index=False)
    return place


def call(home: Path, *words: str) -> tuple[int, str]:
    told = CliRunner().invoke(app, ["--home", str(home), "audit", *words])
    return told.exit_code, told.output


def test_one_audit_is_written_as_page_pdf_workbook_and_json(tmp_path: Path, table: Path) -> None:
    places = [tmp_path / f"report.{kind}" for kind in ("html", "pdf", "xlsx", "json", "csv")]
    asked = [word for place in places for word in ("--report", str(place))]
    code, told = call(tmp_path / "home", "--table", str(table), *asked, "--json")
    assert code == 0
    assert json.loads(told[told.index("{") :])["reports"] == [str(place) for place in places]
    starts = [place.read_bytes()[:4] for place in places]
    assert starts == [b"<!DO", b"%PDF", b"PK\x03\x04", b'{"ab', b"audi"]
    assert {stat.S_IMODE(place.stat().st_mode) for place in places} == {0o600}
    page = places[0].read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert "north‹U+202E›vale" in page
    report = json.loads(places[3].read_text(encoding="utf-8"))
    assert [answer["id"] for answer in report["page_one"]][:4] == ["verdict", "checked", "whom", "sure"]
    with places[4].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(part["cells"]) for part in report["audits"])
    assert {row["group"] for row in rows} == {HOSTILE, "north‹U+202E›vale"}


def test_a_group_that_reads_like_a_formula_stays_text_in_a_csv_and_every_cell_is_an_appendix(tmp_path: Path) -> None:
    rows = pd.DataFrame({"person_id": range(800), "selected": [1, 0] * 400, "outcome": [1, 1, 0, 0] * 200})
    rows.assign(sex=["=1+1"] * 400 + ["female"] * 400).to_csv(tmp_path / "people.csv", index=False)
    csv_file, short, whole = (tmp_path / name for name in ("cells.csv", "short.json", "whole.json"))
    table = ("--table", str(tmp_path / "people.csv"))
    assert call(tmp_path / "home", *table, "--report", str(csv_file), "--report", str(short))[0] == 0
    assert call(tmp_path / "home", *table, "--report", str(whole), "--all-cells")[0] == 0
    with csv_file.open(encoding="utf-8", newline="") as file:
        assert {row["group"] for row in csv.DictReader(file)} == {"'=1+1", "female"}
    ids = [[each["id"] for each in json.loads(p.read_text(encoding="utf-8"))["sections"]] for p in (short, whole)]
    assert [each.count("cells") for each in ids] == [0, 1]


def test_a_name_that_asks_for_no_format_is_told_before_anything_is_written(tmp_path: Path, table: Path) -> None:
    good, bad = tmp_path / "report.html", tmp_path / "report.docx"
    code, told = call(tmp_path / "home", "--table", str(table), "--report", str(good), "--report", str(bad))
    assert code == 1
    assert "report.docx is no name for a report" in told
    assert not good.exists()


def test_the_plain_run_of_a_table_needs_no_workspace(tmp_path: Path, table: Path) -> None:
    home = tmp_path / "home"
    code, _ = call(home, "--table", str(table))
    assert code == 0
    assert not home.exists()


def test_page_one_is_one_page_of_paper(tmp_path: Path) -> None:
    weasyprint = pytest.importorskip("weasyprint")
    from drive_panel.pages.page import page
    from training.report import pdf as paper

    place = Path(__file__).parents[2] / "docs" / "examples" / "audit_questions" / "make.py"
    spec = importlib.util.spec_from_file_location("audit_questions_paper", place)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    report = made.report(made.gate_document("insufficient"))
    shown = page({**report, "sections": report["sections"][-1:]}, "audit_report.html")
    drawn = weasyprint.HTML(string=paper._for_paper(shown), url_fetcher=paper._nothing).render()
    first, second = drawn.pages[:2]
    assert first.height > first.width
    assert second.width > second.height  # the tables that follow lie on their side


def test_what_no_record_can_show_stands_on_the_page_above_the_ratio_that_would_reverse_a_check(table: Path) -> None:
    from drive_panel.pages.page import page
    from fairness import audit, load_policy
    from fairness.papers import audit_report
    from fairness.sensitivity import RECORDS_CANNOT_SHOW, label_sensitivity

    audited = audit(pd.read_csv(table, dtype={"sex": str}), load_policy())
    seldom = next(row for row in label_sensitivity(audited.cells, audited.policy) if row.recorded == "too seldom")
    assert seldom.reverses_at is not None
    shown = page(audit_report(audited.to_dict(), title="a table"), "audit_report.html")
    part = shown[shown.index(RECORDS_CANNOT_SHOW) :]
    part = part[: part.index("</section>")]
    assert "Would be reversed at" in part
    assert f"{seldom.reverses_at:.2f}" in part
