"""Three deliveries of one made-up world in three shapes: the same records must come out of each."""

from __future__ import annotations

import runpy
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from records import RecordStore
from records.communities import CommunityStore
from records.mappings import load_mapping

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SHAPES = ("flat_file", "role_files", "relational_dump")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Ingest every example once; return report and store by shape."""
    found = {}
    for shape in SHAPES:
        store = RecordStore(tmp_path_factory.mktemp(shape) / "records")
        report = store.ingest(EXAMPLES / shape / "extract", EXAMPLES / shape / "mapping.yaml")
        found[shape] = (report, store)
    return found


@pytest.mark.parametrize("shape", SHAPES)
def test_the_files_are_what_the_script_writes(shape, tmp_path):
    runpy.run_path(str(EXAMPLES / shape / "make.py"))["make"](tmp_path)
    committed = sorted((EXAMPLES / shape / "extract").iterdir())
    assert [path.name for path in committed] == sorted(path.name for path in tmp_path.iterdir())
    for path in committed:
        if path.suffix == ".xlsx":
            assert _cells(path) == _cells(tmp_path / path.name)
        else:
            assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def _cells(path: Path) -> list[list[object]]:
    book = openpyxl.load_workbook(path)
    return [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]


@pytest.mark.parametrize(
    ("shape", "read", "quarantined"),
    # the impossible incident is one row of one file; in the flat file its row is also that of its people
    [
        ("flat_file", {"crimes.csv": 24}, 1),
        ("role_files", {"incidents.csv": 24, "suspects.csv": 24, "victims.csv": 21}, 3),
    ],
)
def test_every_row_is_accepted_or_in_quarantine(loaded, shape, read, quarantined):
    report, _ = loaded[shape]
    assert {name: counts["read"] for name, counts in report.to_dict()["files"].items()} == read
    assert (report.read, report.quarantined) == (sum(read.values()), quarantined)
    assert report.accepted + report.quarantined == report.read
    assert report.unmapped == {}
    assert report.contradictions == {}


def test_every_row_of_the_dump_is_accepted_or_in_quarantine(loaded):
    report, _ = loaded["relational_dump"]
    files = report.to_dict()["files"]
    assert files["crimes"] == {"read": 24, "accepted": 23, "quarantined": 1}
    assert files["crime_nominals.csv"] == {"read": 45, "accepted": 43, "quarantined": 2}
    assert files["relationships.csv"] == {"read": 21, "accepted": 20, "quarantined": 1}
    assert files["beats.csv"] == {"read": 3, "accepted": 3, "quarantined": 0}
    assert report.accepted + report.quarantined == report.read
    assert report.reasons == {"orphan": 3, "bad_date": 1}


def test_three_shapes_of_one_world_give_the_same_records(loaded):
    flat = loaded["flat_file"][1].latest()
    assert len(flat.table("incidents")) == 23
    assert len(flat.table("involvements")) == 43
    assert len(flat.table("dyads")) == 20
    for shape in SHAPES[1:]:
        other = loaded[shape][1].latest()
        for table in ("incidents", "involvements", "dyads"):
            pd.testing.assert_frame_equal(other.table(table), flat.table(table))
        people = ["person_id", "known_from", "source"]
        pd.testing.assert_frame_equal(other.table("persons", people), flat.table("persons", people))


def test_three_shapes_of_one_world_give_the_same_communities(loaded):
    found = [CommunityStore(store.root).read(report.snapshot) for report, store in loaded.values()]
    assert found[0]["sex"].value_counts().to_dict() == {"male": 7, "female": 7}
    for each in found[1:]:
        pd.testing.assert_frame_equal(each, found[0])


def test_the_coordinators_workbook_becomes_hearings(loaded):
    hearings = loaded["relational_dump"][1].latest().table("marac_hearings")
    assert hearings["hearing_id"].tolist() == [f"NS-{number}" for number in range(1, 6)]
    assert hearings["repeat"].tolist() == [False, False, True, False, False]
    assert hearings["referring_agency"].tolist() == ["idva", "police", "idva", "police", "idva"]


GUIDE = EXAMPLES.parent / "guides" / "mapping.md"


def test_the_mapping_of_the_guide_works_on_the_table_of_the_guide(tmp_path):
    text = GUIDE.read_text(encoding="utf-8")
    mapping = text.split("```yaml\n")[1].split("```")[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith(("| Year", "| 2022"))]
    folder = tmp_path / "extract"
    folder.mkdir()
    (folder / "crimes.csv").write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    (tmp_path / "m.yaml").write_text(mapping, encoding="utf-8")
    store = RecordStore(tmp_path / "records")
    report = store.ingest(folder, tmp_path / "m.yaml")
    assert (report.read, report.accepted, report.unmapped) == (2, 2, {})
    incidents = store.latest().table("incidents")
    assert incidents["incident_id"].tolist() == ["2022/0001", "2022/0007"]
    assert incidents["area"].tolist() == ["west", "east"]
    assert incidents["is_crime"].tolist() == [True, False]
    assert store.latest().table("dyads")["relationship"].tolist() == ["ex_partner"]


def _guide_examples():
    """Yield what the guide's tables give as examples of what makes a column, as whole expressions."""
    text = GUIDE.read_text(encoding="utf-8")
    for heading, as_expression in (("## What makes a column", _with_column), ("## Conditions", _as_flag)):
        for line in text.split(heading)[1].split("\n## ")[0].splitlines():
            cells = line.strip("| ").split(" | ")
            if len(cells) == 3 and cells[2].startswith("`"):
                yield as_expression(cells[0].strip("`"), cells[2].strip("`"))


def _with_column(key: str, example: str) -> str:
    if example.startswith("{"):
        return example
    return f"{{column: c, {example}{', codes: {a: b}' if key in ('otherwise', 'ignore_case') else ''}}}"


def _as_flag(_: str, example: str) -> str:
    return f"{{flag: {example.removeprefix('where: ')}}}"


@pytest.mark.parametrize("expression", list(_guide_examples()))
def test_every_example_of_the_guides_tables_can_be_read(expression, tmp_path):
    (tmp_path / "offences.csv").write_text("local,ho_code\n1,2\n", encoding="utf-8")
    (tmp_path / "m.yaml").write_text(
        "source: x\nfile: a.csv\ntables:\n  needs:\n    columns:\n      person_id: a\n      need: b\n"
        f"      agency: {expression}\n",
        encoding="utf-8",
    )
    assert load_mapping(tmp_path / "m.yaml").tables[0].columns == ("person_id", "need", "agency")


def test_the_guides_tables_have_examples():
    assert len(list(_guide_examples())) == 27
