from __future__ import annotations

from pathlib import Path

import pytest

from drive_panel.workflows import mapping as workflow
from records import RecordStore
from records.errors import ExtractError, MappingError
from records.mappings import load_mapping

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
HEADER = (
    "Crime Ref,Date Committed,Date Reported,Beat,DA Flag,Suspect URN,Suspect Surname,Suspect DOB,Suspect Gender,"
    "Victim URN,Victim Surname,Victim DOB,Relationship,Risk,Notes\n"
)
ROWS = (
    "C1,21/02/2023,22/02/2023,east,Y,S1,Annlee,01/05/1980,M,V1,Bobson,31/12/1985,Ex-partner,H,quiet\n"
    "C2,13/03/2023,14/03/2023,west,N,S1,Annlee,01/05/1980,M,V2,Cyrus,-,Wife,M,loud\n"
    "C3,14/03/2023,31/12/2023,west,maybe,S2,Dent,30/05/1980,F,,,,Landlord,Q,\n"
)


@pytest.fixture
def flat(tmp_path):
    folder = tmp_path / "flat"
    folder.mkdir()
    (folder / "crimes.csv").write_text(HEADER + ROWS, encoding="utf-8")
    return folder


def _drafted(folder: Path, where: Path) -> Path:
    path = where / "drafted.yaml"
    path.write_text(workflow.draft(folder), encoding="utf-8")
    return path


def test_check_says_what_would_happen_and_stores_nothing(tmp_path):
    before = sorted(tmp_path.rglob("*"))
    extract = EXAMPLES / "flat_file"
    trial = workflow.check(extract / "mapping.yaml", extract / "extract")
    assert trial["files"] == {"crimes.csv": {"read": 24, "accepted": 23, "quarantined": 1}}
    assert trial["tables"]["incidents"]["read"] == 24
    assert trial["tables"]["incidents"]["quarantined"] == 1
    assert trial["reasons"] == {"bad_date": 1}
    assert trial["unmapped"] == {}
    assert trial["awaited"] == []
    assert "outcome_code" in trial["tables"]["incidents"]["not_made"]
    assert sorted(tmp_path.rglob("*")) == before
    lines = workflow.describe(trial)
    assert "  crimes.csv: 24 rows, 23 would be accepted, 1 quarantined" in lines
    assert "  1 × bad_date" in lines


def test_check_masks_what_names_or_describes_a_person(flat, tmp_path):
    drafted = _drafted(flat, tmp_path)
    trial = workflow.check(drafted, flat)
    first = trial["tables"]["persons"]["rows"][0]
    assert first["person_id"] == "x0"
    assert first["family_name"] == "xxxxxx"
    assert first["date_of_birth"] == "0000-00-00"
    assert trial["tables"]["communities"]["rows"][0]["sex"] == "xxxx"
    assert trial["tables"]["incidents"]["rows"][0]["occurred_from"] == "2023-02-21"
    shown = str(trial) + "\n".join(workflow.describe(trial))
    for secret in ("Annlee", "Bobson", "Cyrus", "1980-05-01", "1985-12-31"):
        assert secret not in shown


def test_check_counts_unmapped_codes_bad_values_and_unused_columns(flat, tmp_path):
    trial = workflow.check(_drafted(flat, tmp_path), flat)
    assert trial["unmapped"] == {"incidents.risk_grade": {"Q": 1}}
    assert trial["unused_columns"] == {"crimes.csv": ["Notes"]}
    assert trial["files"]["crimes.csv"]["quarantined"] == 0


def test_check_names_a_column_that_the_file_lacks(flat, tmp_path):
    drafted = _drafted(flat, tmp_path)
    drafted.write_text(drafted.read_text().replace('incident_id: "Crime Ref"', "incident_id: Crime Reff", 1))
    with pytest.raises(
        MappingError, match=r"drafted\.yaml, line [0-9]+, column [0-9]+: crimes\.csv has no column"
    ) as found:
        workflow.check(drafted, flat)
    assert found.value.remedy.startswith("Did you mean 'Crime Ref'? Use Crime Ref, Date Committed")


def test_a_draft_of_a_flat_file_loads_and_ingests(flat, tmp_path):
    drafted = _drafted(flat, tmp_path)
    text = drafted.read_text()
    assert 'occurred_from: {column: "Date Committed", date_format: "%d/%m/%Y"}\n' in text
    assert "extract_date: 2023-12-31  # ?" in text
    assert 'force: {constant: "unknown"}  # ? name the force' in text
    assert 'domestic: {flag: {column: "DA Flag", equals: ["Y"]}}  # ? every other value means no' in text
    assert "# crimes.csv: not recognised: Notes" in text
    assert 'sex: {column: "Suspect Gender", codes: {F: female, M: male}}' in text
    for secret in ("Annlee", "Bobson", "S1", "1980"):
        assert secret not in text
    store = RecordStore(tmp_path / "records")
    report = store.ingest(flat, drafted)
    assert (report.read, report.accepted) == (3, 3)
    assert store.latest().table("dyads")["relationship"].tolist() == ["ex_partner", "partner"]
    assert store.latest().table("involvements")["role"].value_counts().to_dict() == {"suspect": 3, "victim": 2}


def test_a_draft_of_a_file_a_role_finds_the_roles_in_the_names_of_the_files(tmp_path):
    drafted = _drafted(EXAMPLES / "role_files" / "extract", tmp_path)
    text = drafted.read_text()
    assert "role: {constant: suspect}" in text
    assert "role: {constant: victim}" in text
    assert 'date_format: "%d-%b-%Y"' in text
    trial = workflow.check(drafted, EXAMPLES / "role_files" / "extract")
    assert trial["tables"]["involvements"]["read"] == 45
    assert trial["tables"]["persons"]["read"] == 14


def test_a_draft_of_the_contracts_own_tables_keeps_their_columns(extract_of_contract, tmp_path):
    drafted = _drafted(extract_of_contract, tmp_path)
    mapping = load_mapping(drafted)
    assert {table.table.name for table in mapping.tables} >= {"persons", "incidents", "involvements"}
    trial = workflow.check(drafted, extract_of_contract)
    assert trial["reasons"] == {}


@pytest.fixture
def extract_of_contract(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "persons.csv").write_text("person_id,given_name,source\nP1,Ada,x\nP2,,x\n")
    (folder / "incidents.csv").write_text(
        "incident_id,force,area,occurred_from,is_crime,domestic\nI1,n,east,2023-01-01,true,true\n"
    )
    (folder / "involvements.csv").write_text("incident_id,person_id,role\nI1,P1,suspect\nI1,P2,victim\n")
    return folder


def test_a_draft_leaves_out_what_it_cannot_read_and_keeps_an_answer_apart_from_a_gap(tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "crimes.csv").write_text(
        "ref,date,closed,outcome date,weapon,DV marker,nominal\n"
        "C1,01-FEB-23 10:15,n/k,soon,KNIFE,DV/CHILD,A\nC2,13-FEB-23 23:59,n/k,late,NONE,HATE,B\n"
    )
    text = workflow.draft(folder)
    assert 'missing: ["n/k"]' in text
    assert 'occurred_from: {column: date, date_format: "%d-%b-%y %H:%M"}' in text
    assert '# outcome_at:  # ? "outcome date": no known date format fits' in text
    assert "# weapon:  # ? weapon is neither yes nor no" in text
    assert 'equals: ["DV/CHILD"]}}  # ? every other value means no' in text
    assert "role: {constant: other}  # ? no column says in what role" in text
    trial = workflow.check(_drafted(folder, tmp_path), folder)
    assert trial["reasons"] == {}


def test_a_draft_says_what_is_missing(tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "odd.csv").write_text("a,b\n1,2\n")
    text = workflow.draft(folder)
    assert "# ? incidents was not found" in text
    assert "# odd.csv: not recognised: a, b" in text


def test_a_folder_without_files_cannot_be_drafted(tmp_path):
    with pytest.raises(ExtractError, match="holds no file to map"):
        workflow.draft(tmp_path)
    with pytest.raises(ExtractError, match="There is no extract folder"):
        workflow.draft(tmp_path / "nowhere")
