"""The data-quality report counts what is there, says what is not, and shows nobody."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from records import RecordStore, Snapshot
from records.communities import CommunityStore
from records.errors import PurposeBreach, SnapshotCorrupt
from records.quality import QualitySettings, Reads, assess, delivery_cards, page
from values import canonical_json

Document = dict[str, Any]
INDICATORS = {
    "fed": Reads(["incidents.incident_id", "incidents.domestic"], ["incidents"]),
    "no column": Reads(["incidents.alcohol"], ["incidents"], ["incidents.alcohol"]),
    "no table": Reads(["marac_hearings.heard_at"], ["marac_hearings"]),
    "derived victims": Reads(["dyads.victim_id"], ["incidents"], ["dyads.victim_id"]),
    "partners": Reads(["dyads.victim_id", "dyads.relationship"], [], ["dyads.victim_id", "dyads.relationship"]),
}


def beside(name: str) -> ModuleType:
    """Load a module that lies beside the tests, which are no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


force = beside("quality_force")


@dataclass(frozen=True)
class Reported:
    root: Path
    snapshot: Snapshot
    planted: dict[str, int]
    document: Document


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    folder = tmp_path_factory.mktemp("quality")
    planted = force.write_force(folder / "extract")
    root = folder / "workspace" / "records"
    store = RecordStore(root)
    store.ingest(folder / "extract")
    snapshot = store.latest()
    communities = CommunityStore(root).read(snapshot.hash)
    return Reported(root, snapshot, planted, assess(snapshot, communities=communities, indicators=INDICATORS))


def counted_in(home: Path, files: dict[str, str]) -> Document:
    folder = home / "extract"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_text(content)
    (folder / "manifest.yaml").write_text("source: made up\nextract_date: 2024-03-31\nsynthetic: true\n")
    store = RecordStore(home / "workspace" / "records")
    store.ingest(folder)
    return assess(store.latest())


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """The report of the small extract below, which no test changes."""
    return counted_in(tmp_path_factory.mktemp("small"), SMALL)


def column(document: Document, name: str) -> Document:
    table, _, wanted = name.partition(".")
    (found,) = [
        each
        for part in document["completeness"]["tables"]
        if part["table"] == table
        for each in part["columns"]
        if each["column"] == wanted
    ]
    return found


def check(document: Document, section: str, name: str) -> Document:
    (found,) = [each for each in document[section]["checks"] if each["check"] == name]
    return found


SMALL = {
    "persons.csv": (
        "person_id,given_name,family_name,date_of_birth,deceased_on,source\n"
        "P1,Ada,Hill,2016-01-01,,niche\nP2,Ben,Hill,,,niche\nP3,Cy,Moor,1990-05-05,2023-01-01,niche\nP4,,,,,niche\n"
    ),
    "incidents.csv": (
        "incident_id,force,area,occurred_from,reported_on,offence_code,is_crime,domestic,outcome_code,outcome_at,"
        "risk_grade,known_from\n"
        "I1,n,east,2023-01-01,2023-01-11,00806,true,true,1,2023-01-05,high,2023-01-21\n"
        "I2,n,east,2023-02-01,2023-02-01,,false,true,,,,2023-06-01\n"
        "I3,n,west,2023-03-01,2023-03-03,zz9,true,true,,,wobbly,2023-03-03\n"
        "I4,n,west,2024-03-01,2024-03-01,10501,true,true,,,,2024-03-02\n"
        "I5,n,west,2023-03-01,2023-03-01,10501,true,false,,,,\n"
    ),
    "involvements.csv": (
        "incident_id,person_id,role,status,arrested_at\nI1,P1,suspect,charged,2022-12-31\nI1,P2,victim,,\n"
        "I2,P3,suspect,,\nI2,P2,victim,,\nI2,P1,victim,,\nI3,P3,suspect,,\nI5,P3,suspect,,\n"
    ),
    "dyads.csv": (
        "incident_id,suspect_id,victim_id,relationship,relationship_source\nI1,P1,P2,partner,recorded\nI3,P1,P2,,\n"
    ),
}


def test_completeness_counts_out_of_rows_that_could_have_a_value(counted: Document) -> None:
    outcome = column(counted, "incidents.outcome_code")
    assert (outcome["of"], outcome["of_what"], outcome["recorded"], outcome["missing"]) == (4, "crimes", 1, 3)
    grade = column(counted, "incidents.risk_grade")
    assert (grade["of"], grade["recorded"], grade["unmapped"], grade["missing"]) == (4, 2, 1, 2)
    assert column(counted, "persons.date_of_birth")["missing"] == 2
    assert column(counted, "persons.deceased_on")["blank_is_ordinary"]


def test_what_was_not_delivered_is_not_missing(counted: Document) -> None:
    assert column(counted, "persons.pnc_id")["delivered"] is False
    assert "orders" in next(f["text"] for f in counted["findings"] if "not delivered" in f["text"])
    assert counted["communities"]["available"] is False
    assert counted["deliveries"]["available"] is False
    assert counted["deliveries"]["orphans"] is None
    assert "is not available" in page(counted)


def test_deliveries_are_summed_and_what_is_kept_out_is_counted_by_kind(tmp_path: Path) -> None:
    folder = tmp_path / "extract"
    folder.mkdir()
    (folder / "manifest.yaml").write_text("source: made up\nextract_date: 2024-03-31\nsynthetic: true\n")
    for name in ("persons.csv", "incidents.csv"):
        (folder / name).write_text(SMALL[name] + SMALL[name].splitlines()[1] + "\n")  # the first row once more
    (folder / "involvements.csv").write_text(SMALL["involvements.csv"] + "I1,P9,witness,,\n")
    store = RecordStore(tmp_path / "workspace" / "records")
    report = store.ingest(folder)
    found = assess(store.latest(), cards=delivery_cards(store.root, store.latest()))["deliveries"]
    assert (found["read"], found["accepted"], found["quarantined"]) == (
        report.read,
        report.accepted,
        report.quarantined,
    )
    assert found["quarantined"] == 3
    assert found["reasons"] == {"duplicate_row": 2, "orphan": 1}
    assert (found["duplicates"], found["orphans"], found["orders"]) == (2, 1, 0)
    assert found["deliveries"][0]["extract_date"] == "2024-03-31"


def test_unmapped_codes_are_listed_with_their_rows(counted: Document) -> None:
    found = {each["column"]: each["codes"] for each in counted["unmapped"]["columns"]}
    assert found["incidents.offence_code"] == [{"code": "zz9", "rows": 1}]
    assert found["incidents.risk_grade"] == [{"code": "wobbly", "rows": 1}]


def test_a_lag_is_measured_only_where_both_days_are_known(counted: Document) -> None:
    lag = counted["lag"]
    assert lag["left_out"] == {"too_recent": 1, "assumed": 0, "not_reported": 0, "incidents": 4}
    steps = {each["step"]: each for each in lag["steps"]}
    recorded = steps["reported_to_recorded"]["all"]
    assert (recorded["incidents"], recorded["median"], recorded["over_90"]) == (3, 10, 1)
    assert recorded["share_over_90"] == pytest.approx(1 / 3)
    assert [row["area"] for row in steps["occurred_to_reported"]["by_area"]] == ["east", "west"]
    assert steps["occurred_to_reported"]["by_area"][0]["ninetieth"] == pytest.approx(9)


def test_an_assumed_day_of_recording_gives_no_lag(tmp_path: Path) -> None:
    files = {**SMALL, "incidents.csv": re.sub(r",[^,\n]*\n", "\n", SMALL["incidents.csv"])}
    lag = counted_in(tmp_path, files)["lag"]
    steps = {each["step"]: each for each in lag["steps"]}
    assert lag["left_out"]["assumed"] == 4
    assert not steps["reported_to_recorded"]["available"]
    assert steps["occurred_to_reported"]["available"]


def test_odd_dates_and_loose_ends_are_counted_one_by_one(counted: Document) -> None:
    rows = {each["check"]: each["rows"] for each in counted["dates"]["checks"] if each["available"]}
    assert rows["contract"] == 0
    assert rows["outcome_before_report"] == 1
    assert rows["arrest_before_incident"] == 1
    assert rows["suspect_under_ten"] == 1
    assert rows["died_before_incident"] == 3
    assert not check(counted, "dates", "breach_after_end")["available"]
    loose = {each["check"]: each["rows"] for each in counted["links"]["checks"] if each["available"]}
    assert loose == {
        "incident_without_people": 1,
        "person_without_role": 1,
        "pair_without_suspect_role": 1,
        "pair_of_one_person": 0,
    }


def test_who_acted_against_whom_is_recorded_derived_or_unknown(counted: Document) -> None:
    people = counted["people"]
    assert people["incidents"] == {
        "incidents": 4,
        "without_suspect": 1,
        "without_victim": 2,
        "recorded": 2,
        "derived": 0,
        "unknown": 2,
    }
    assert (people["relationships"]["pairs"], people["relationships"]["unknown"]) == (2, 1)
    suspects, victims = people["persons"]["by_role"]
    assert (suspects["people"], suspects["without_date_of_birth"]) == (2, 0)
    assert (victims["people"], victims["without_date_of_birth"]) == (2, 1)


def test_a_victim_is_derived_where_pairs_were_not_delivered(tmp_path: Path) -> None:
    incidents = counted_in(tmp_path, {name: text for name, text in SMALL.items() if name != "dyads.csv"})["people"][
        "incidents"
    ]
    assert (incidents["recorded"], incidents["derived"], incidents["unknown"]) == (0, 1, 3)


def test_undated_values_are_counted_where_the_day_is_assumed(counted: Document) -> None:
    columns = {f"{each['table']}.{each['column']}": each for each in counted["undated"]["columns"]}
    assert (columns["involvements.status"]["recorded"], columns["involvements.status"]["undated"]) == (1, 1)
    assert columns["incidents.risk_grade"]["undated"] == 0  # known_from says since when
    assert columns["dyads.relationship"]["undated"] == 1


def test_indicators_say_what_they_lack(reported: Reported) -> None:
    states = {each["indicator"]: each["state"] for each in reported.document["undated"]["indicators"]}
    pairs = {"derived victims": "in part", "partners": "not fed"}
    assert states == {"fed": "fed", "no column": "not fed", "no table": "not fed", **pairs}


def test_a_planted_force_is_counted_exactly(reported: Reported) -> None:
    document, planted = reported.document, reported.planted
    assert column(document, "incidents.incident_id")["of"] == planted["incidents"]
    assert column(document, "persons.date_of_birth")["missing"] == planted["without_birth"]
    (unmapped,) = document["unmapped"]["columns"]
    assert unmapped["rows"] == planted["unmapped"]
    assert document["people"]["incidents"]["without_victim"] == planted["without_victim"]
    assert check(document, "copies", "same_name_and_birth")["rows"] == planted["same_name_and_birth"] > 0


def test_a_blank_area_is_flagged_and_nothing_else_is_blank(reported: Reported) -> None:
    (incidents,) = [each for each in reported.document["volumes"]["tables"] if each["table"] == "incidents"]
    blank = [
        (series["area"], change["from"], change["to"])
        for series in incidents["series"]
        for change in series["changes"]
        if change["kind"] == "blank"
    ]
    assert blank == [("west", *force.BLANK)]
    assert sum(incidents["series"][0]["counts"]) == reported.planted["incidents"]


def test_known_breaks_are_told_from_one_that_nobody_announced(reported: Reported) -> None:
    regimes = reported.document["regimes"]
    known = {each["month"]: {row["family"]: row for row in each["families"]} for each in regimes["known"]}
    assert known["2023-06"]["malicious_communications"]["verdict"] == "as expected"
    assert known["2023-06"]["malicious_communications"]["high"] < 1
    assert known["2022-06"]["strangulation"]["verdict"] == "as expected"
    assert known["2022-06"]["strangulation"]["ratio"] is None
    assert known["2016-01"] == {}
    unknown = [(row["family"], row["month"]) for row in regimes["elsewhere"] if row["known"] is None]
    assert unknown == [("damage", force.DOUBLED)]
    assert regimes["risk_tool"]["month"] == "2022-03"


def test_by_community_every_shown_number_is_true_and_large_enough(reported: Reported) -> None:
    part = reported.document["communities"]
    assert part["available"]
    shown = 0
    for population in part["populations"]:
        for characteristic in population["characteristics"]:
            sizes = {each["group"]: each["people"] for each in characteristic["groups"]}
            assert not any(size is not None and 0 < size < 10 for size in sizes.values())
            for field in population["fields"]:
                for cell in field["by"].get(characteristic["characteristic"], []):
                    if cell["missing"] is None:
                        continue
                    shown += 1
                    size = sizes[cell["group"]]
                    assert cell["share"] == pytest.approx(cell["missing"] / size)
                    assert cell["missing"] in (0, size) or min(cell["missing"], size - cell["missing"]) >= 10
    assert shown > 50
    groups = {each["group"] for each in part["populations"][0]["characteristics"][1]["groups"]}
    assert groups == {"asian", "black", "white", "not stated", "not recorded", "observed only"}


def test_a_small_group_is_withheld_on_the_page_and_in_the_numbers(reported: Reported) -> None:
    subjects = reported.document["communities"]["populations"][0]
    ethnicity = {each["group"]: each["people"] for each in subjects["characteristics"][1]["groups"]}
    assert ethnicity["asian"] is None
    assert sum(size is None for size in ethnicity.values()) >= 2
    assert "withheld" in page(reported.document)


def test_uneven_recording_is_the_first_thing_said_about_communities(reported: Reported) -> None:
    texts = [each["text"] for each in reported.document["findings"] if each["section"] == "communities"]
    assert any("Date of birth" in text and "in the group black" in text for text in texts)


def test_the_smallest_cell_is_configurable(reported: Reported) -> None:
    communities = CommunityStore(reported.root).read(reported.snapshot.hash)
    document = assess(reported.snapshot, communities=communities, settings=QualitySettings(smallest_cell=1))
    assert all(
        group["people"] is not None
        for population in document["communities"]["populations"]
        for characteristic in population["characteristics"]
        for group in characteristic["groups"]
    )


def test_the_same_snapshot_gives_the_same_report_and_plain_json(reported: Reported) -> None:
    communities = CommunityStore(reported.root).read(reported.snapshot.hash)
    again = assess(reported.snapshot, communities=communities, indicators=INDICATORS)
    assert canonical_json(again) == canonical_json(reported.document)
    assert json.loads(canonical_json(again)) == again


def test_nobody_is_named(reported: Reported) -> None:
    text = canonical_json(reported.document) + page(reported.document)
    assert "Name1" not in text
    assert "1985-06-15" not in text
    assert not re.search(r"\bP0\d{3}\b", text)


def test_hostile_texts_are_shown_and_do_nothing(reported: Reported) -> None:
    hostile = "\u202eabc\u2066<img src=x onerror=alert(1)>"
    document = json.loads(canonical_json(reported.document).replace('"east"', json.dumps(hostile)))
    html = page(document)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in html
    assert "‹U+202E›abc‹U+2066›&lt;img src=x" in html


def test_the_page_is_one_file_that_fetches_nothing(reported: Reported) -> None:
    html = page(reported.document)
    assert "default-src 'none'" in html
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#)""", html)
    assert not re.search(r"\sstyle=", html)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    links = set(re.findall(r'href="#([^"]+)"', html))
    assert links <= set(ids)


def test_every_plot_has_a_name_a_description_and_its_numbers_in_a_table(reported: Reported) -> None:
    html = page(reported.document)
    plots = re.findall(r"<svg.*?</svg>", html, re.S)
    assert len(plots) > 15
    for plot in plots:
        assert 'role="img"' in plot
        assert re.search(r"<title id=[^>]+>[^<]+</title><desc id=[^>]+>[^<]+</desc>", plot)
    months = next(each for each in reported.document["volumes"]["tables"] if each["table"] == "incidents")
    for series in months["series"]:
        assert all(f">{count:,}<" in html for count in series["counts"])


def test_a_changed_file_is_noticed_before_anything_is_counted(tmp_path: Path) -> None:
    counted_in(tmp_path, SMALL)
    snapshot = RecordStore(tmp_path / "workspace" / "records").latest()
    file = snapshot.path / "incidents.parquet"
    other = snapshot.path / "persons.parquet"
    file.chmod(0o600)
    file.write_bytes(other.read_bytes())
    with pytest.raises(SnapshotCorrupt, match=r"incidents\.parquet"):
        assess(snapshot)


def test_a_column_that_may_not_be_audited_is_counted_but_not_read(tmp_path: Path) -> None:
    site = tmp_path / "workspace" / "sources.yaml"
    site.parent.mkdir()
    site.write_text("tables:\n  incidents:\n    columns:\n      risk_grade: [display]\n")
    document = counted_in(tmp_path, SMALL)
    assert column(document, "incidents.risk_grade")["recorded"] == 2
    assert "incidents.risk_grade" not in {each["column"] for each in document["unmapped"]["columns"]}
    assert "wobbly" not in canonical_json(document)


def test_without_a_column_that_everything_rests_on_there_is_no_report(tmp_path: Path) -> None:
    site = tmp_path / "workspace" / "sources.yaml"
    site.parent.mkdir()
    site.write_text("tables:\n  incidents:\n    columns:\n      area: [rank, train, display]\n")
    with pytest.raises(PurposeBreach, match=r"incidents\.area"):
        counted_in(tmp_path, SMALL)
