"""A spreadsheet shows more, or less, than its cells hold: nothing of that is read silently."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, time

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.errors import ExtractError
from records.reading.files import stage_file
from records.reading.limits import Limits
from records.reading.workbooks import header_row, stage_workbook
from records.storage.database import workbench
from values import DrivePanelError

HEADER = ["id", "day", "number", "flag"]


def book(*rows, change=None, title="Cases"):
    made = openpyxl.Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    if change:
        change(made)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def staged(folder, content, **options):
    path = folder / "marac.xlsx"
    path.write_bytes(content)
    with workbench(folder / "work") as db:
        found = stage_workbook(db, path, **options)
        rows = db.execute(f"SELECT line, * EXCLUDE (row, file, line) FROM {found.relation} ORDER BY row").fetchall()
        faults = db.execute(f"SELECT line, column_name, reason FROM {found.faults} ORDER BY ALL").fetchall()
    return found, rows, faults


def rewritten(content, change):
    """The same archive with every part passed through `change(name, bytes)`."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            made.writestr(name, change(name, source.read(name)))
    return target.getvalue()


def test_cells_become_the_text_a_csv_file_would_hold(tmp_path):
    found, rows, faults = staged(
        tmp_path,
        book(HEADER, ["007", datetime(2024, 2, 29), 3.0, True], [], [12, datetime(2024, 1, 2, 9, 30), 2.5, "no"]),
    )
    assert (found.file, found.columns, found.rows) == ("marac.xlsx [Cases]", tuple(HEADER), 2)
    assert rows == [(2, "007", "2024-02-29", "3", "true"), (4, "12", "2024-01-02T09:30:00", "2.5", "no")]
    assert faults == []


def test_merged_cells_are_faults_of_each_row_and_column_they_cover(tmp_path):
    def merge(made):
        made.active.merge_cells("A2:A3")
        made.active.merge_cells("C4:D4")

    content = book(HEADER, ["1", "a", 1, 1], ["", "b", 1, 1], ["3", "c", 1, 1], ["4", "d", 1, 1], change=merge)
    found, rows, faults = staged(tmp_path, content)
    assert faults == [(line, name, "merged_cells") for line, name in [(2, "id"), (3, "id"), (4, "flag"), (4, "number")]]
    assert found.rows == len(rows) == 4


def test_a_formula_counts_with_its_value_and_is_a_fault_without_one(tmp_path):
    def calculate(name, content):
        return content.replace(b"<f>2+2</f><v />", b"<f>2+2</f><v>4</v>").replace(
            b"<f>2+2</f><v></v>", b"<f>2+2</f><v>4</v>"
        )

    content = rewritten(book(HEADER, ["1", "", "=2+2", ""], ["2", "", "=3+3", ""]), calculate)
    _, rows, faults = staged(tmp_path, content)
    assert rows[0] == (2, "1", "", "4", "")
    assert faults == [(3, "number", "formula_without_value")]


def test_an_error_value_is_a_fault(tmp_path):
    assert staged(tmp_path, book(HEADER, ["1", "#N/A", 1, 1]))[2] == [(2, "day", "error_value")]


def test_a_value_beyond_the_header_costs_its_row(tmp_path):
    found, rows, faults = staged(tmp_path, book(HEADER, ["1", "", "", "", "note"], ["2"]))
    assert (found.rows, rows, faults) == (2, [(3, "2", "", "", "")], [(2, "", "too_many_fields")])


def test_a_sheet_is_found_by_name_and_the_others_named(tmp_path):
    def more(made):
        made.create_sheet("Other").append(["x"])

    content = book(HEADER, ["1"], change=more)
    assert staged(tmp_path, content, sheet="Other")[0].columns == ("x",)
    with pytest.raises(ExtractError, match="has no sheet 'Nope'") as refused:
        staged(tmp_path, content, sheet="Nope")
    assert "'Cases', 'Other'" in refused.value.remedy


TITLED = (["Eastshire MARAC"], [], ["Meeting", datetime(2024, 3, 1)], HEADER, ["7", "2024-03-01", 1, "no"])


def test_what_stands_above_the_header_is_not_read_and_lines_keep_their_numbers(tmp_path):
    content = book(*TITLED, ["8", "", 2, ""], change=lambda made: made.active.merge_cells("A1:D2"))
    found, rows, faults = staged(tmp_path, content, header_row=4)
    assert (found.columns, found.rows, faults) == (tuple(HEADER), 2, [])
    assert rows == [(5, "7", "2024-03-01", "1", "no"), (6, "8", "", "2", "")]
    with pytest.raises(ExtractError, match="has no header line"):
        staged(tmp_path, content, header_row=9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda made: made.active.merge_cells("B3:B4"), r"\[Cases\], row 4: header cells are merged"),
        (lambda made: made.active.__setitem__("A4", "=1+1"), r"\[Cases\], row 4: a header cell is a formula"),
    ],
)
def test_a_header_further_down_is_checked_where_it_stands(tmp_path, change, message):
    with pytest.raises(ExtractError, match=message):
        staged(tmp_path, book(*TITLED, change=change), header_row=4)


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        (TITLED, 4),
        ([HEADER, ["1", "a", "b", "c"]], 1),
        ([["Only a title"]], 1),
        ([["list", "list", "list"], HEADER, ["1", "", "", ""]], 2),
        ([[1, 2, 3], [4, 5, 6]], 1),
        ([], 1),
    ],
)
def test_the_row_that_names_the_columns_is_found(tmp_path, rows, row):
    path = tmp_path / "marac.xlsx"
    path.write_bytes(book(*rows))
    assert header_row(path) == row


def test_a_header_is_not_looked_for_in_a_broken_workbook(tmp_path):
    path = tmp_path / "marac.xlsx"
    path.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(ExtractError, match=r"marac\.xlsx is not a whole workbook"):
        header_row(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a whole workbook"),
        (b"PK\x03\x04 cut off", "is not a whole workbook"),
        (book(HEADER)[:-200], "is not a whole workbook"),
        (book(), "has no header line"),
        (book(["a", "a"]), "the column 'a' appears twice"),
        (book(HEADER, change=lambda made: made.active.merge_cells("A1:B1")), "header cells are merged"),
        (book(["=1+1"]), "a header cell is a formula"),
    ],
)
def test_a_workbook_that_cannot_be_read_as_a_whole_is_refused(tmp_path, content, message):
    with pytest.raises(ExtractError, match=message):
        staged(tmp_path, content)


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_parsed(tmp_path):
    content = rewritten(book(HEADER), lambda name, part: part + b" " * 3_000_000 if "sheet1" in name else part)
    with pytest.raises(ExtractError, match="may be a bomb"):
        staged(tmp_path, content, limits=Limits(ratio=20, unsuspicious=1 << 20))


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_a_workbook_that_defines_entities_is_refused(tmp_path, coding):
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    content = rewritten(book(HEADER), lambda name, part: bomb.encode(coding) if "theme" in name else part)
    with pytest.raises(ExtractError, match="defines entities"):
        staged(tmp_path, content)


SOUND = book(HEADER, ["1", datetime(2024, 2, 29, 1), "=1", time(1, 2)], ["2", "x", 1, False])


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_workbook_is_read_or_refused_clearly(tmp_path, damages):
    content = bytearray(SOUND)  # its length varies with the time it is made, so places are shares of it
    for share, value in damages:
        content[int(share * len(content))] = value
    try:
        found, rows, _ = staged(tmp_path, bytes(content))
    except DrivePanelError as error:
        refused = error
    else:
        refused = None
        assert len(rows) <= found.rows
    assert refused is None or refused.remedy


def test_an_unknown_kind_of_file_is_refused(tmp_path):
    (tmp_path / "old.xls").write_bytes(b"")
    with workbench(tmp_path / "work") as db, pytest.raises(ExtractError, match="of no kind that can be read"):
        stage_file(db, tmp_path / "old.xls")
