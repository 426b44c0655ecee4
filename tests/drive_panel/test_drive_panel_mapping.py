from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import yaml

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
    assert trial["reasons"] == {"orphan": 3, "bad_date": 1}
    assert trial["unmapped"] == {}
    assert trial["awaited"] == []
    assert "outcome_code" in trial["tables"]["incidents"]["not_made"]
    assert sorted(tmp_path.rglob("*")) == before
    lines = workflow.describe(trial)
    assert "  crimes.csv: 24 rows, 23 would be accepted, 1 quarantined" in lines
    assert "  1 × bad_date in incidents.occurred_from (crimes.csv line 25)" in lines
    assert "  2 × orphan in involvements.incident_id (crimes.csv line 25)" in lines
    assert any(line.startswith("Note: Orphans are judged by this extract alone") for line in lines)


@pytest.mark.parametrize("name", ["flat_file", "role_files", "relational_dump", "fresh_reader"])
def test_check_says_what_ingesting_then_does(name, tmp_path):
    folder = EXAMPLES / name
    extract = folder / "extract" if (folder / "extract").is_dir() else folder
    trial = workflow.check(folder / "mapping.yaml", extract)
    report = RecordStore(tmp_path / "records").ingest(extract, folder / "mapping.yaml").to_dict()
    counts = ("read", "accepted", "quarantined")
    assert {key: {each: table[each] for each in counts} for key, table in trial["tables"].items()} == report["tables"]
    assert trial["files"] == report["files"]
    assert trial["reasons"] == report["reasons"]
    assert sum(problem["rows"] for problem in trial["problems"]) == sum(report["reasons"].values())
    assert trial["unmapped"] == report["unmapped"]
    assert [note for note in trial["notes"] if not note.startswith("Orphans")] == report["notes"]


def test_check_says_where_bad_rows_are_and_what_to_do_but_not_what_they_hold(flat, tmp_path):
    drafted = _drafted(flat, tmp_path)
    with (flat / "crimes.csv").open("a") as file:
        for number in range(4, 9):
            file.write(f"C{number},31/02/2023,22/02/2023,east,Y,S3,Eldon,01/05/1980,M,V1,Bobson,Hovel,Wife,M,\n")
        file.write("C9,short\n")
    trial = workflow.check(drafted, flat)
    places = [{"file": "crimes.csv", "line": line} for line in (5, 6, 7)]
    remedy = "Write it as YYYY-MM-DD, not before 1900, or leave it blank if it is not known."
    dates = {"table": "incidents", "column": "occurred_from", "reason": "bad_date", "rows": 5, "remedy": remedy}
    assert {**dates, "places": places} in trial["problems"]
    found = {(each["table"], each["column"], each["reason"]): each["rows"] for each in trial["problems"]}
    assert found == {
        ("incidents", "occurred_from", "bad_date"): 5,
        ("involvements", "incident_id", "orphan"): 10,
        ("dyads", "incident_id", "orphan"): 5,
        ("file crimes.csv", "", "too_few_fields"): 1,
        ("persons", "date_of_birth", "bad_date"): 1,
        ("involvements", "person_id", "orphan"): 1,
        ("dyads", "victim_id", "orphan"): 1,
    }
    assert trial["files"]["crimes.csv"] == {"read": 9, "accepted": 2, "quarantined": 7}
    lines = workflow.describe(trial)
    assert "  5 × bad_date in incidents.occurred_from (crimes.csv line 5, 6, 7, …)" in lines
    assert f"      {remedy}" in lines
    for secret in ("Eldon", "Hovel", "S3", "V1"):
        assert secret not in str(trial) + "\n".join(lines)


def test_check_masks_what_names_or_describes_a_person(flat, tmp_path):
    drafted = _drafted(flat, tmp_path)
    trial = workflow.check(drafted, flat)
    persons = trial["tables"]["persons"]["rows"]
    assert [row["person_id"] for row in persons] == ["(person id)"] * len(persons)
    assert {row["family_name"] for row in persons} == {"(family name)"}
    assert {row["date_of_birth"] for row in persons} == {"", "(date of birth)"}
    assert "rows" not in trial["tables"]["communities"]
    sexes = {"female": "fewer than 10", "male": "fewer than 10"}
    assert trial["tables"]["communities"]["codes"]["sex"] == sexes
    incidents = trial["tables"]["incidents"]["rows"]
    assert [row["incident_id"] for row in incidents] == ["(incident id)"] * 3
    assert [row["occurred_from"] for row in incidents] == ["2023-02-21", "2023-03-13", "2023-03-14"]
    assert [row["domestic"] for row in incidents] == ["true", "false", "false"]
    shown = str(trial) + "\n".join(workflow.describe(trial))
    for secret in ("Annlee", "Bobson", "Cyrus", "1980-05-01", "1985-12-31"):
        assert secret not in shown


def test_check_counts_unmapped_codes_bad_values_and_unused_columns(flat, tmp_path):
    trial = workflow.check(_drafted(flat, tmp_path), flat)
    assert trial["unmapped"] == {"incidents.risk_grade": {"Q": 1}}
    assert trial["unused_columns"] == {"crimes.csv": ["Notes"]}
    assert trial["files"]["crimes.csv"]["quarantined"] == 0


WIDE = """\
source: x
extract_date: 2024-12-31
file: a.csv
tables:
  communities:
    columns: {person_id: id, sex: sex, religion: r}
  incidents:
    columns: {incident_id: id, force: {constant: x}, area: area, occurred_from: day, is_crime: c, domestic: c,
      risk_grade: grade, weapon: weapon}
"""


def _wide(folder: Path, synthetic: str = "") -> dict:
    grades = ["standard"] * 190 + ["medium", "high", "odd", "", "standard"] + ["standard"] * 5
    sexes = ["male"] * 120 + ["female"] * 60 + ["Adam Abel"] * 3 + ["x"] * 12 + [""] * 5
    rows = [
        f"I{n},{grade},{sex},{'Y' if n % 2 else '0'},east,2024-01-0{1 + n % 9},{'maybe' if n == 150 else ''},Quaker\n"
        for n, (grade, sex) in enumerate(zip(grades, sexes, strict=True))
    ]
    (folder / "a.csv").write_text("id,grade,sex,c,area,day,weapon,r\n" + "".join(rows))
    (folder / "m.yaml").write_text(synthetic + WIDE)
    return workflow.check(folder / "m.yaml", folder)


def test_the_rows_that_check_shows_are_those_that_differ(tmp_path):
    rows = _wide(tmp_path)["tables"]["incidents"]["rows"]
    assert {row["risk_grade"] for row in rows} == {"standard", "medium", "high", "odd", ""}
    assert {row["is_crime"] for row in rows} == {"true", "false"}
    assert len(rows) == 5
    assert rows == _wide(tmp_path)["tables"]["incidents"]["rows"]


def test_check_shows_flags_as_they_will_be_read(tmp_path):
    (tmp_path / "a.csv").write_text("id,f,day\nI1,Y,2024-01-01\nI2,maybe,soon\nI3,0,2024-01-31T23:30:00Z\n")
    text = WIDE[: WIDE.index("  communities")] + WIDE[WIDE.index("  incidents") :]
    (tmp_path / "m.yaml").write_text(
        text.replace("weapon: weapon", "weapon: f")
        .replace("risk_grade: grade, ", "")
        .replace("is_crime: c", "is_crime: f")
        .replace("domestic: c", "domestic: f")
        .replace("area: area", "area: id")
    )
    rows = workflow.check(tmp_path / "m.yaml", tmp_path)["tables"]["incidents"]["rows"]
    assert [(row["weapon"], row["occurred_from"]) for row in rows] == [
        ("true", "2024-01-01"),
        ("(neither yes nor no)", "(no date)"),
        ("false", "2024-01-31"),
    ]


def test_check_counts_communities_and_never_names_a_small_group_of_real_people(tmp_path):
    trial = _wide(tmp_path)
    assert trial["tables"]["communities"]["codes"] == {
        "sex": {"male": 120, "female": 60, "(not in the list)": 15, "(blank)": "fewer than 10"},
        "religion": {"(recorded)": 200},
    }
    assert trial["unmapped"]["communities.sex"] == {"x": 12, "(not in the list)": 3}
    assert "Adam" not in str(trial) + "".join(workflow.describe(trial))
    assert "Quaker" not in str(trial)
    assert "  sex: male 120, female 60, (not in the list) 15, (blank) fewer than 10" in workflow.describe(trial)
    made_up = _wide(tmp_path, "synthetic: true\n")
    assert made_up["tables"]["communities"]["codes"]["sex"]["(blank)"] == 5


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
    assert 'domestic: {flag: {column: "DA Flag", equals: ["Y"]}}  # ? every other value means no ("N", maybe)' in text
    assert "H: high, M: medium}}  # ? Q: not in the contract's list; kept as they are: add codes" in text
    assert "# crimes.csv: not recognised: Notes" in text
    assert 'sex: {column: "Suspect Gender", codes: {F: female, M: male}}' in text
    for secret in ("Annlee", "Bobson", "S1", "1980"):
        assert secret not in text
    store = RecordStore(tmp_path / "records")
    report = store.ingest(flat, drafted)
    assert (report.read, report.accepted) == (3, 3)
    assert store.latest().table("dyads")["relationship"].tolist() == ["ex_partner", "partner"]
    assert store.latest().table("involvements")["role"].value_counts().to_dict() == {"suspect": 3, "victim": 2}


def test_a_draft_finds_the_header_below_a_coordinators_title(tmp_path):
    folder = tmp_path / "marac"
    folder.mkdir()
    book = openpyxl.Workbook()
    for row in (
        ["Eastshire MARAC, cases heard"],
        [],
        ["Case No", "Meeting Date", "Victim URN", "Perpetrator URN", "Repeat"],
        ["M1", "12/02/2024", "V1", "S1", "N"],
        ["M2", "14/03/2024", "V1", "S1", "Y"],
    ):
        book.active.append(row)
    book.active.merge_cells("A1:E2")
    book.save(folder / "cases.xlsx")
    drafted = _drafted(folder, tmp_path)
    text = drafted.read_text()
    assert "from: {file: cases.xlsx, header_row: 3}" in text.replace('"', "")
    assert "cases.xlsx: the columns seem to be named in row 3; what is above is not read" in text
    trial = workflow.check(drafted, folder)
    assert trial["tables"]["marac_hearings"]["read"] == 2
    assert [row["heard_at"] for row in trial["tables"]["marac_hearings"]["rows"]] == ["2024-02-12", "2024-03-14"]


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
    assert "# outcome_at:  # ? outcome date: late, soon: no known date format fits" in text
    assert "# weapon:  # ? weapon: KNIFE, NONE: neither yes nor no: write codes" in text
    assert 'equals: ["DV/CHILD"]}}  # ? every other value means no (HATE)' in text
    assert "person_id: nominal" in text
    assert "role: {constant: other}  # ? no column says in what role" in text
    trial = workflow.check(_drafted(folder, tmp_path), folder)
    assert trial["reasons"] == {}


SECOND = ("SUSPECT_2_", "S2_", "suspect2 ", "susp-2-")
LATER = ("_SUSPECT_2", "_s2", " suspect2")


@pytest.mark.parametrize("header", [*(f"{each}{{}}" for each in SECOND), *(f"{{}}{each}" for each in LATER), "s_{}_2"])
def test_a_draft_finds_a_second_suspect_however_the_columns_are_numbered(tmp_path, header):
    folder = tmp_path / "two"
    folder.mkdir()
    urn, born = header.format("URN"), header.format("DOB")
    (folder / "a.csv").write_text(
        f"crime no,date,suspect urn,{urn},{born},victim1 urn,victim2 urn,victim relationship\n"
        "C1,2024-01-01,A,B,1990-02-03,V,W,wife\nC2,2024-01-01,A,,,,W,wife\n"
    )
    drafted = _drafted(folder, tmp_path)
    rows = RecordStore(tmp_path / "records")
    assert rows.ingest(folder, drafted).quarantined == 0
    dyads = rows.latest().table("dyads")
    pairs = zip(dyads["incident_id"], dyads["suspect_id"], dyads["victim_id"], strict=True)
    expected = {("C1", s, v) for s in "AB" for v in "VW"} | {("C2", "A", "W")}
    assert set(pairs) == expected
    assert sorted(rows.latest().table("persons")["person_id"]) == ["A", "B", "V", "W"]
    assert yaml.safe_load(drafted.read_text())["tables"]["persons"]["parts"][1]["columns"]["date_of_birth"] == born


def _draft_of(folder: Path, content: str) -> str:
    folder.mkdir()
    (folder / "a.csv").write_text(content)
    return workflow.draft(folder)


def test_a_draft_knows_columns_by_what_they_hold(tmp_path):
    text = _draft_of(
        tmp_path / "x",
        "occ no,from date,Kind of record,How solved,How solved dt,victim is the suspects,suspect,victim\n"
        "1,2024-01-01,Crime,16 - victim declines,2024-02-01,Mother/Father,A1,V1\n"
        "2,2024-01-02,Non-Crime,,,Ex Wife,A1,V2\n"
        "3,2024-01-02,Crime,1A: Charged,2024-02-03,Lodger,A2,V2\n4,2024-01-02,Crime,1 - Charged,2024-02-03,Son,A2,V2\n"
        "5,2024-01-02,Crime,Open,,Son,A2,V2\n",
    )
    assert 'is_crime: {column: "Kind of record", codes: {Crime: "true", "Non-Crime": "false"}}\n' in text
    assert (
        """outcome_code: {column: "How solved", extract: "^([0-9]{1,2}[A-Z]?)\\\\b"}  # ? Open: would become blank"""
        in text
    )
    assert 'outcome_at: "How solved dt"' in text
    assert '"Mother/Father": parent' in text
    assert "# ? Lodger: not in the contract's list; kept as they are: add codes; what the victim is" in text
    assert "[{role: suspect, id: suspect}, {role: victim, id: victim}]" in text
    (tmp_path / "m.yaml").write_text(text)
    rows = workflow.check(tmp_path / "m.yaml", tmp_path / "x")["tables"]["incidents"]["rows"]
    assert {row["outcome_code"] for row in rows} == {"16", "1A", "1", ""}


def test_a_draft_splits_names_in_one_piece_and_names_nobody(tmp_path):
    start = "crime no,date,suspect,suspect id,victim name,victim id,victim dob\n"
    text = _draft_of(
        tmp_path / "x", start + '1,2024-01-01,"ABLE, Ann",A1,Bo Baker,V1,1.1.80?\n2,2024-01-01,CHER,A2,Cy Cole,V2,\n'
    )
    assert 'family_name: {column: suspect, split: {sep: ",", part: 1}}  # ? 1 of 2 names hold no comma' in text
    assert 'given_name: {column: "victim name", split: {sep: " ", part: 1}}  # ? is the first word' in text
    assert "# date_of_birth:  # ? victim dob: 1 different value: no known date format fits" in text
    for secret in ("ABLE", "Ann", "CHER", "Baker", "Cole", "1.1.80"):
        assert secret not in text


def test_a_draft_pads_offence_codes_and_names_at_most_five_values_that_fit_nothing(tmp_path):
    rows = "".join(f"{n},2024-01-0{n},{code},G{n}\n" for n, code in enumerate(["8/06 ABH", "105/01 X", "8/67"], 1))
    rows += "".join(f"{n},2024-01-09,8/06 ABH,G{n}\n" for n in range(4, 9)) + "9,2024-01-09,tba,G9\n"
    text = _draft_of(tmp_path / "x", "crime no,date,HO Offence,risk\n" + rows)
    assert 'replace: {"/": ""}, split: {sep: " ", part: 1}, pad: 5}  # ? tba: not written like 8/06' in text
    assert "risk_grade: risk  # ? G1, G2, G3, G4, G5 and 4 more: not in the contract's list" in text
    (tmp_path / "m.yaml").write_text(text)
    trial = workflow.check(tmp_path / "m.yaml", tmp_path / "x")
    assert trial["unmapped"]["incidents.offence_code"] == {"tba": 1}


def test_a_draft_holds_whatever_a_value_holds(tmp_path):
    hostile = '"a\nb: [c}\x85{tables: x}"'
    text = _draft_of(tmp_path / "x", f"crime no,date,risk,weapon\n1,2024-01-01,{hostile},{hostile}\n")
    (tmp_path / "m.yaml").write_text(text)
    assert workflow.check(tmp_path / "m.yaml", tmp_path / "x")["tables"]["incidents"]["read"] == 1


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
