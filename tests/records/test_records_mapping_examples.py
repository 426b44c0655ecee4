"""Three deliveries of one made-up world in three shapes: the same records must come out of each."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from records import RecordStore
from records.communities import CommunityStore
from records.intake.quarantine import REMEDIES
from records.mappings import check_columns, load_mapping, make_table
from records.mappings.grammar import HEADS, STEPS
from records.mappings.staging import stage_sources
from records.storage.database import quoted, workbench

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
    assert len(list(_guide_examples())) == 29


def test_the_guide_names_every_step_every_head_and_every_reason_for_quarantine():
    text = GUIDE.read_text(encoding="utf-8")
    makes, breaks = text.split("## What makes a column")[1].split("\n## ")[0], text.split("## When it does not work")[1]
    steps = makes.split("and any of these **steps**")[1]
    assert [line.split("`")[1] for line in steps.splitlines() if line.startswith("| `")] == list(STEPS)
    assert {line.split("`")[1] for line in makes.splitlines() if line.startswith("| `")} - set(STEPS) == set(HEADS)
    first = [line.split(" | ")[0] for line in breaks.split("| reason |")[1].splitlines() if line.startswith("| `")]
    assert set(REMEDIES) <= {reason for cell in first for reason in re.findall("`([a-z_]+)`", cell)}


RECIPES = """\
source: x
extract_date: 2025-12-31
file: a.csv
tables:
  incidents:
    columns:
      incident_id: CrimeNo
      force: {constant: x}
      area: {constant: y}
      occurred_from: Day
      domestic: {constant: "true"}
"""
ROWS = (
    "CrimeNo,Day,HO Offence,Result,Recorded As,Weapon,Name,Ethnicity,S_URN,S_DOB,S2_URN,V_URN,Relation,S_Eth\n"
    '1,2025-01-01,8/06 ABH,16 - VICTIM DECLINES,CRIME,KNIFE,"SMITH, Jo",O1,A,01/02/1980,B,V,partner,NS\n'
    '2,2025-01-01,105A Assault,OPEN,NON-CRIME,NONE,"SMITH, Jo",W1,A,01/02/1980,,V,partner,NS\n'
    '3,2025-01-02,105/01,1A - CHARGED,CRIME,,"SMITH, Jo",NS,A,01/02/1980,C,,,W1\n'
)


def test_what_is_often_needed_does_what_the_guide_says(tmp_path):
    """The blocks of the guide, put together as they stand, make what they say they make."""
    often = GUIDE.read_text(encoding="utf-8").split("## Often needed")[1].split("\n## ")[0]
    singles, *tables = [block.split("```")[0] for block in often.split("```yaml\n")[1:]]
    made = {line.partition(":")[0]: line for line in singles.splitlines() if not line.startswith("#")}
    wanted = [f"      {made[name]}\n" for name in ("offence_code", "outcome_code", "is_crime", "weapon")]
    involved = "  involvements: {unique: key, where: S_URN, columns: {incident_id: CrimeNo, person_id: S_URN, role: "
    folder = tmp_path / "extract"
    folder.mkdir()
    (folder / "a.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "m.yaml").write_text(RECIPES + "".join([*wanted, *tables, involved + "{constant: suspect}}}\n"]))
    db_rows = _made(tmp_path / "m.yaml", folder, tmp_path)
    told = [(row["offence_code"], row["outcome_code"], row["is_crime"], row["weapon"]) for row in db_rows["incidents"]]
    assert told == [("00806", "16", "true", "true"), ("105A", "", "false", "false"), ("10501", "1A", "true", "")]
    persons = [(row["person_id"], row["date_of_birth"]) for row in db_rows["persons"]]
    assert persons == [("A", "1980-02-01"), ("B", ""), ("C", "")]
    dyads = [(row["incident_id"], row["suspect_id"], row["relationship"]) for row in db_rows["dyads"]]
    assert dyads == [("1", "A", "partner"), ("2", "A", "partner"), ("1", "B", "")]
    assert [row["ethnicity_self"] for row in db_rows["communities"]] == ["W1"]
    people = RECIPES.split("  incidents")[0] + "  persons:\n    columns:\n      person_id: CrimeNo\n"
    people += f"      source: {{constant: x}}\n      {made['family_name']}\n      {made['given_name']}\n"
    people += f"  communities:\n    columns:\n      person_id: CrimeNo\n      {made['ethnicity_self']}\n"
    (tmp_path / "p.yaml").write_text(people)
    db_rows = _made(tmp_path / "p.yaml", folder, tmp_path)
    assert {(row["family_name"], row["given_name"]) for row in db_rows["persons"]} == {("SMITH", "Jo")}
    assert [row["ethnicity_self"] for row in db_rows["communities"]] == ["A4", "W1", "NS"]


def _made(mapping_file: Path, folder: Path, where: Path) -> dict[str, list[dict[str, str]]]:
    """Return the rows that a mapping makes, by table."""
    mapping = load_mapping(mapping_file)
    with workbench(where / mapping_file.stem) as db:
        sources = stage_sources(db, mapping, folder)
        check_columns(mapping, sources)
        found = {}
        for how in mapping.tables:
            staged = make_table(db, how, sources, mapping.missing).staged
            columns = ", ".join(quoted(name) for name in staged.columns)
            rows = db.execute(f"SELECT {columns} FROM {quoted(staged.relation)} ORDER BY row").fetchall()
            found[how.table.name] = [dict(zip(staged.columns, row, strict=True)) for row in rows]
        return found


def test_a_mapping_by_a_fresh_reader_of_the_guide_keeps_working(tmp_path):
    folder = EXAMPLES / "fresh_reader"
    store = RecordStore(tmp_path / "records")
    report = store.ingest(folder, folder / "mapping.yaml")
    assert (report.read, report.accepted, report.unmapped) == (60, 60, {})
    assert {name: counts["accepted"] for name, counts in report.tables.items()} == {
        "persons": 29,
        "incidents": 60,
        "involvements": 126,
        "dyads": 65,
        "communities": 29,
    }
    told = [note for note in report.notes if note.startswith("communities.sex: ")]
    assert told[0].startswith(
        "communities.sex: the source contradicts itself for 18 of 29 rows (8 of them an exact tie)"
    )
    sexes = CommunityStore(store.root).read(report.snapshot)["sex"]
    assert (sexes.value_counts().to_dict(), int(sexes.isna().sum())) == ({"male": 15, "female": 6}, 8)
