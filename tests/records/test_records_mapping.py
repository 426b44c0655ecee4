from __future__ import annotations

import csv
import io
import random
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from records import RecordStore
from records.communities import CommunityStore
from records.errors import ExtractError, ManifestError, MappingError
from records.mappings import load_mapping

MAPPING = """\
source: made-up flat export
extract_date: 2024-03-31
synthetic: true
file: calls.csv
missing: ["-", Unknown]
tables:
  persons:
    unique: key
    columns:
      person_id: nominal
      source: {constant: flat}
  incidents:
    columns:
      incident_id: {join: [year, number], sep: "/"}
      force: {constant: northshire}
      area: {column: beat, if_missing: unknown}
      occurred_from: {column: day, date_format: "%d/%m/%Y"}
      reported_on: {column: day, date_format: "%d/%m/%Y"}
      is_crime: {constant: "true"}
      domestic:
        any_contains: {columns: [call, result], text: [DV], unless: [NON DV]}
      reported_by:
        column: caller
        codes: {V: victim, P: police}
        otherwise: third_party
  involvements:
    columns:
      incident_id: {join: [year, number], sep: "/"}
      person_id: nominal
      role: {constant: suspect}
      arrested_at:
        when: {column: result, equals: [Arrest, DV Arrest]}
        then: {column: day, date_format: "%d/%m/%Y"}
  communities:
    unique: key
    columns:
      person_id: nominal
      sex: {column: sex, codes: {M: male, F: female}, otherwise: missing}
"""
HEADER = "year,number,nominal,day,beat,call,result,caller,sex,shift\n"
ROWS = (
    "2023,1,P1,01/02/2023,east,DV DISPUTE,Advice,V,M,day\n"
    "2023,2,P1,02/02/2023,-,NON DV ORDER,DV Arrest,P,M,day\n"
    "2023,3,P2,03/02/2023,west,ADVISE,Arrest,,F,night\n"
    "2023,4,P1,04/02/2023,west,NON DV,-,X,F,night\n"
)


@pytest.fixture
def flat(tmp_path):
    """Write a flat file and a mapping; return their folder and the mapping's path."""

    def make(rows: str = ROWS, mapping: str = MAPPING, name: str = "flat") -> tuple[Path, Path]:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "calls.csv").write_text(HEADER + rows, encoding="utf-8")
        path = tmp_path / f"{name}.yaml"
        path.write_text(mapping, encoding="utf-8")
        return folder, path

    return make


def test_one_flat_file_becomes_the_tables_of_the_contract(store, flat):
    report = store.ingest(*flat())
    snapshot = store.latest()
    assert snapshot.table("persons")["person_id"].tolist() == ["P1", "P2"]
    incidents = snapshot.table("incidents").set_index("incident_id")
    assert incidents.index.tolist() == ["2023/1", "2023/2", "2023/3", "2023/4"]
    assert incidents["area"].tolist() == ["east", "unknown", "west", "west"]
    assert incidents["domestic"].tolist() == [True, True, False, False]
    assert incidents["reported_by"].tolist()[:2] == ["victim", "police"]
    assert incidents["reported_by"].isna().tolist() == [False, False, True, False]
    assert incidents["reported_by"].tolist()[3] == "third_party"
    assert incidents["occurred_from"].tolist()[0] == pd.Timestamp("2023-02-01")
    involvements = snapshot.table("involvements").set_index("incident_id")
    assert involvements["arrested_at"].notna().tolist() == [False, True, True, False]
    assert (report.read, report.accepted, report.quarantined) == (4, 4, 0)
    assert report.tables["persons"]["read"] == 2
    assert snapshot.synthetic


def test_contradictions_are_counted_and_the_most_frequent_value_wins(store, flat):
    report = store.ingest(*flat())
    sex = CommunityStore(store.root).read(report.snapshot).set_index("person_id")["sex"]
    assert sex.to_dict() == {"P1": "male", "P2": "female"}
    assert report.contradictions == {"communities.sex": 1}
    assert any(note.startswith("communities.sex: the source contradicts itself for 1 of 2") for note in report.notes)


def test_a_missing_value_never_outvotes_a_recorded_one(store, flat):
    rows = "".join(f"2023,{number},P1,01/02/2023,e,c,r,V,{sex},d\n" for number, sex in enumerate(["-", "-", "F", "x"]))
    report = store.ingest(*flat(rows))
    assert CommunityStore(store.root).read(report.snapshot)["sex"].tolist() == ["female"]
    assert report.contradictions == {}


def test_row_order_does_not_decide_between_equally_frequent_values(store, flat):
    rows = ROWS.replace("02/02/2023,-,NON DV ORDER,DV Arrest,P,M", "02/02/2023,-,NON DV ORDER,DV Arrest,P,-")
    lines = rows.splitlines()
    answers = set()
    for seed in range(3):
        random.Random(seed).shuffle(lines)
        report = store.ingest(*flat("\n".join(lines) + "\n", name=f"flat{seed}"))
        sexes = CommunityStore(store.root).read(report.snapshot)["sex"].fillna("").tolist()
        answers.add((report.snapshot, tuple(sexes)))
    assert len(answers) == 1
    assert answers.pop()[1] == ("", "female")


def test_source_rows_and_table_rows_are_both_counted(store, flat):
    rows = ROWS + "2023,5,,05/02/2023,east,c,r,V,M,day\n2023,6,P3,31/02/2023,east,c,r,V,M,day\n2023,7\n"
    report = store.ingest(*flat(rows))
    assert (report.read, report.accepted, report.quarantined) == (7, 4, 3)
    assert report.to_dict()["files"] == {"calls.csv": {"read": 7, "accepted": 4, "quarantined": 3}}
    assert report.tables["incidents"] == {"read": 6, "accepted": 5, "quarantined": 1}
    assert report.tables["involvements"] == {"read": 6, "accepted": 4, "quarantined": 2}
    assert report.tables["persons"] == {"read": 4, "accepted": 3, "quarantined": 1}
    assert report.reasons["too_few_fields"] == 1
    assert report.reasons["bad_date"] == 1
    assert report.reasons["missing_required"] == 3
    assert report.reasons["orphan"] == 1


def test_a_quarantined_row_names_the_line_of_the_source_and_withholds_communities(store, flat):
    report = store.ingest(*flat(ROWS + "2023,6,P3,31/02/2023,east,c,r,V,M,day\n"))
    (path,) = [path for path in report.quarantine_files if path.name == "incidents.csv"]
    (row,) = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert (row["file"], row["line"], row["column"], row["reason"]) == (
        "calls.csv",
        "6",
        "occurred_from",
        "bad_date",
    )
    assert row["row"] == "2023,6,P3,31/02/2023,east,c,r,V,day"


def test_a_source_row_that_cannot_be_split_stays_beside_the_communities_it_may_show(store, flat):
    report = store.ingest(*flat(ROWS + "2023,6,P3\n"))
    (path,) = report.quarantine_files
    assert path == store.root / "communities" / "quarantine" / path.parent.name / "file-calls.csv"


def test_columns_that_the_mapping_leaves_out_are_reported(store, flat):
    notes = store.ingest(*flat()).notes
    assert "calls.csv: columns that the mapping does not use were not read: shift." in notes


def test_only_source_rows_that_meet_the_condition_make_a_row(store, flat):
    mapping = MAPPING + "  needs:\n    where: {column: shift, equals: night}\n    unique: key\n"
    mapping += "    columns: {person_id: nominal, need: {constant: housing}}\n"
    report = store.ingest(*flat(mapping=mapping))
    assert report.tables["needs"] == {"read": 2, "accepted": 2, "quarantined": 0}
    present = mapping.replace(", equals: night", "")
    assert store.ingest(*flat(mapping=present, name="present")).tables["needs"]["read"] == 2


def test_a_manifest_beside_the_files_is_preferred_to_the_mapping(store, flat):
    folder, mapping = flat()
    (folder / "manifest.yaml").write_text("source: x\nextract_date: 2024-02-29\nsynthetic: true\n")
    store.ingest(folder, mapping)
    assert store.latest().extract_date.isoformat() == "2024-02-29"


def test_without_an_extract_date_anywhere_the_manifest_is_asked_for(store, flat):
    with pytest.raises(ManifestError, match=r"no manifest\.yaml"):
        store.ingest(*flat(mapping=MAPPING.replace("extract_date: 2024-03-31\n", "")))


def test_a_file_that_the_mapping_names_must_be_there(store, flat):
    folder, mapping = flat()
    (folder / "calls.csv").unlink()
    with pytest.raises(ExtractError, match=r"lacks the file calls\.csv"):
        store.ingest(folder, mapping)


def test_an_empty_flat_file_makes_empty_tables(store, flat):
    report = store.ingest(*flat(""))
    assert report.read == 0
    assert len(store.latest().table("incidents")) == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "person_id: nominal\n      source",
            "person_id: nobody\n      source",
            "line 10, column [0-9]+: calls.csv has no column 'nobody'",
        ),
        ("{column: beat, if", "{column: beet, if", "line 16, column [0-9]+: calls.csv has no column 'beet'"),
    ],
)
def test_a_column_that_the_file_lacks_is_named_with_the_line_of_the_mapping(store, flat, old, new, message):
    assert old in MAPPING
    with pytest.raises(MappingError, match=message):
        store.ingest(*flat(mapping=MAPPING.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  persons:", "  people:", "line 8, column [0-9]+: the contract has no table 'people'"),
        ("      role: {constant: suspect}\n", "", "line 28, column [0-9]+: involvements needs the column 'role'"),
        ("      force: {", "      farce: {", "line 15, column [0-9]+: incidents has no column 'farce'"),
        ("unique: key", "unique: person", "line 8, column [0-9]+: unique can only be key"),
        ("{constant: flat}", "{constnt: flat}", "line 11, column [0-9]+: this makes no column"),
        ("{constant: flat}", "{constant: flat, sep: x}", "line 11, column [0-9]+: the key 'sep' is not known here"),
        ("{constant: flat}", "{constant: [flat]}", "line 11, column [0-9]+: a plain value is needed here"),
        (", if_missing: unknown", ", otherwise: x", "line 16, column [0-9]+: otherwise needs codes"),
        ("text: [DV], ", "", "line 21, column [0-9]+: the key 'text' is missing"),
        ("columns: [call, result]", "columns: []", "line 21, column [0-9]+: no column is named"),
        ("file: calls.csv\n", "", "no file is named for persons"),
        ("file: calls.csv", "file: ../calls.csv", "line 4, column 7: .* is no file name"),
        ("missing:", "file: calls.csv\nmissing:", "line 5, column [0-9]+: the key 'file' appears twice"),
        ("source: made-up flat export\n", "", "line 1, column [0-9]+: the key 'source' is missing"),
        ("tables:\n", "tables: [\n", "cannot be read as YAML"),
        ("columns: [call, result]", "columns: {a: b}", "line 21, column [0-9]+: a list is needed here"),
        ("      area: {column: beat, if_missing: unknown}", "      area: [beat]", "keys and values are needed here"),
    ],
)
def test_a_mistake_in_a_mapping_is_named_by_file_and_line(flat, old, new, message):
    assert old in MAPPING
    _, path = flat(mapping=MAPPING.replace(old, new, 1))
    with pytest.raises(MappingError, match=r"flat\.yaml.*" + message):
        load_mapping(path)


def test_a_mapping_that_nests_in_itself_is_refused(flat):
    nested = MAPPING.replace("{constant: flat}", "&loop {when: {column: nominal}, then: *loop}")
    _, path = flat(mapping=nested)
    with pytest.raises(MappingError, match=r"nests too deeply|cannot be read"):
        load_mapping(path)


def test_a_mapping_without_a_table_or_content_is_refused(tmp_path):
    path = tmp_path / "m.yaml"
    for content, message in (
        ("source: x\nfile: a.csv\ntables: {}\n", "no table is made"),
        ("", "m.yaml is empty"),
    ):
        path.write_text(content)
        with pytest.raises(MappingError, match=message):
            load_mapping(path)
    with pytest.raises(MappingError, match="There is no mapping"):
        load_mapping(tmp_path / "other.yaml")


ROOT = Path(__file__).parents[2]
SEATTLE = ROOT.parent / "shared" / "data" / "seattle_terry_stops"


@pytest.fixture(scope="module")
def seattle(tmp_path_factory):
    if not (SEATTLE / "stops.csv.gz").is_file():
        pytest.skip("the Seattle Terry Stops file is not here")
    store = RecordStore(tmp_path_factory.mktemp("seattle") / "records")
    report = store.ingest(SEATTLE, ROOT / "docs" / "examples" / "seattle_terry_stops" / "mapping.yaml")
    return report, store


def test_the_seattle_example_mapping_loads_every_stop(seattle):
    report, _ = seattle
    assert (report.read, report.accepted, report.quarantined) == (23_056, 23_056, 0)
    assert report.tables["persons"]["accepted"] == 15_517
    assert report.tables["incidents"]["accepted"] == report.tables["involvements"]["accepted"] == 23_056
    assert not report.synthetic


def test_the_seattle_example_mapping_finds_the_facts_of_the_source(seattle):
    snapshot = seattle[1].latest()
    incidents = snapshot.table("incidents", ["incident_id", "domestic", "occurred_from"])
    stops = snapshot.table("involvements").merge(incidents, on="incident_id")
    assert int(stops["domestic"].sum()) == 1_747
    assert stops[stops["domestic"]]["person_id"].nunique() == 1_628
    assert int(stops["arrested_at"].notna().sum()) == 5_997
    before = set(stops[stops["occurred_from"] <= "2021-12-31"]["person_id"])
    assert len(before) == 10_562
    arrested = stops[stops["arrested_at"].between("2022-01-01", "2022-12-31")]
    assert len(before & set(arrested["person_id"])) == 299


def test_the_seattle_example_mapping_keeps_observed_ethnicity_apart_and_counts_what_it_cannot_map(seattle):
    report, store = seattle
    communities = CommunityStore(store.root).read(report.snapshot)
    assert communities["ethnicity_self"].isna().all()
    blank, tied = 2_759, 26  # tied: officers saw two things equally often
    assert int(communities["ethnicity_observed"].isna().sum()) == blank + tied
    assert any("for 61 of 15,517 rows (26 of them an exact tie)" in note for note in report.notes)
    assert Counter(report.contradictions) == {"communities.sex": 14, "communities.ethnicity_observed": 61}
    assert sum(report.unmapped["communities.ethnicity_observed"].values()) == 15_517 - blank - tied
    assert not store.latest().has("dyads")
