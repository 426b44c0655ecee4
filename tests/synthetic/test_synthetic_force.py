from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from records import RecordStore, contract
from synthetic import DEFAULT_AREAS, EXTRACT_DATE, ForceSettings, Plant, make_force
from synthetic.errors import OutputError, PlantError, SettingsError
from synthetic.names import FAMILY, GIVEN
from values import digest_file


def _hashes(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): digest_file(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_settings_give_byte_identical_files(tmp_path: Path) -> None:
    settings = ForceSettings(persons=600, plants=(Plant("over_policed"),))
    for name in ("first", "second"):
        make_force(tmp_path / name, settings)
    assert _hashes(tmp_path / "first") == _hashes(tmp_path / "second")


def test_another_seed_gives_another_force(tmp_path: Path, null_force) -> None:
    make_force(tmp_path, ForceSettings(persons=4_000, seed=1))
    assert _hashes(tmp_path / "extract")["incidents.csv"] != _hashes(null_force.folder / "extract")["incidents.csv"]


def test_exactly_the_people_asked_for_are_suspects_on_record(null_force) -> None:
    suspects = null_force.truth("persons").query("suspect")["person_id"]
    assert len(suspects) == 4_000
    assert set(suspects) <= set(null_force.suspects()["person_id"])


def test_every_row_is_accepted_by_the_data_contract(null_force, tmp_path: Path) -> None:
    report = RecordStore(tmp_path).ingest(null_force.folder / "extract")
    assert report.quarantined == 0
    assert report.accepted == sum(null_force.summary.rows.values())
    assert report.synthetic
    assert set(report.unmapped) == {"incidents.offence_code"}
    assert set(report.unmapped["incidents.offence_code"]) == {"99998"}


def test_the_extract_holds_the_contract_and_nothing_of_the_truth(null_force) -> None:
    names = {path.stem for path in (null_force.folder / "extract").glob("*.csv")}
    assert names == set(contract.TABLES)
    assert {path.name for path in null_force.folder.iterdir()} == {"extract", "truth"}
    for name in names:
        header = list(null_force.extract(name).columns)
        declared = {column.name for column in contract.TABLES[name].columns} | {"known_from"}
        assert set(header) <= declared
        assert "known_from" in header


def test_the_extract_says_that_it_is_made_up(null_force) -> None:
    manifest = yaml.safe_load((null_force.folder / "extract" / "manifest.yaml").read_text(encoding="utf-8"))
    assert manifest == {
        "source": "synthetic force",
        "extract_date": EXTRACT_DATE,
        "period": "2018-03-31 to 2026-03-31",
        "synthetic": True,
    }
    persons = null_force.extract("persons")
    assert set(persons["source"]) == {"synthetic force"}
    assert set(persons["given_name"]) <= set(GIVEN)
    assert set(persons["family_name"]) <= set(FAMILY)
    assert null_force.extract("addresses")["postcode"].str.match(r"ZZ[1-6] \d[A-Z]{2}$").all()


def test_nothing_is_known_before_it_happened_or_after_the_extract(null_force) -> None:
    incidents = null_force.extract("incidents")
    assert (incidents["known_from"] >= incidents["reported_on"]).all()
    assert (incidents["reported_on"] >= incidents["occurred_from"]).all()
    assert incidents["known_from"].max() <= pd.Timestamp(EXTRACT_DATE)
    roles = null_force.extract("involvements")
    assert not (roles["arrested_at"] > roles["known_from"]).any()
    assert not (roles["status_at"] > roles["known_from"]).any()
    hearings = null_force.extract("marac_hearings")
    assert (hearings["known_from"] == hearings["heard_at"]).all()


def test_three_in_a_hundred_incidents_are_reported_late_and_some_rows_are_corrected(null_force) -> None:
    incidents = null_force.extract("incidents")
    latest = incidents.drop_duplicates("incident_id", keep="last")
    late = (latest["reported_on"] - latest["occurred_from"]).dt.days >= 10
    assert 0.02 <= late.mean() <= 0.04  # a tenth of the late reports come after the extract
    corrected = incidents.duplicated("incident_id")
    assert 0.015 <= corrected.mean() <= 0.045
    first = incidents[incidents["incident_id"].isin(incidents.loc[corrected, "incident_id"])]
    changed = first.groupby("incident_id")[["domestic", "offence_code", "is_crime"]].nunique(dropna=False)
    assert (changed.max(axis=1) == 2).all()


def test_strangulation_is_an_offence_of_its_own_from_june_2022_only(null_force) -> None:
    incidents = null_force.extract("incidents").drop_duplicates("incident_id", keep="last")
    coded = incidents["offence_code"] == "00877"
    assert incidents.loc[coded, "occurred_from"].min() >= pd.Timestamp("2022-06-07")
    before = incidents["occurred_from"] < pd.Timestamp("2022-06-07")
    assert incidents.loc[before, "strangulation"].mean() > 0.02
    assert incidents.loc[coded, "strangulation"].all()


def test_statuses_come_as_later_versions(null_force) -> None:
    roles = null_force.extract("involvements").query("role == 'suspect'")
    versions = roles.groupby(["incident_id", "person_id"])
    assert (versions["status"].first() == "alleged").all()
    assert roles.duplicated(["incident_id", "person_id", "known_from"]).sum() == 0
    charged = roles.loc[roles["status"] == "convicted", "incident_id"]
    assert set(charged) <= set(roles.loc[roles["status"] == "charged", "incident_id"])


def test_a_few_incidents_name_the_victim_as_suspect_and_the_truth_says_who_was(null_force) -> None:
    roles = null_force.truth("roles")
    incidents = null_force.extract("incidents").query("domestic")["incident_id"].nunique()
    assert 0.01 <= len(roles) / incidents <= 0.04
    turned = roles[roles["kind"] == "reversed"]
    assert (turned["primary_perpetrator"] == turned["recorded_victim"]).all()
    both = roles[roles["kind"] == "both_roles"]
    dyads = null_force.extract("dyads")
    pairs = set(zip(dyads["incident_id"], dyads["suspect_id"], strict=True))
    assert set(zip(both["incident_id"], both["recorded_suspect"], strict=True)) <= pairs
    assert set(zip(both["incident_id"], both["recorded_victim"], strict=True)) <= pairs


def test_nobody_commits_an_incident_in_custody(null_force) -> None:
    custody = null_force.extract("custody")
    rows = null_force.truth("events").merge(custody, on="person_id")
    end = rows["ends_on"].fillna(pd.Timestamp(EXTRACT_DATE))
    assert len(rows) > 0
    assert not ((rows["occurred"] > rows["starts_on"]) & (rows["occurred"] < end)).any()


def test_an_output_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(OutputError, match="not an empty folder"):
        make_force(tmp_path, ForceSettings(persons=500))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"persons": 5}, "not 5"),
        ({"years": 0}, "not 0"),
        ({"seed": -1}, "not negative"),
        ({"areas": {}}, "share above zero"),
    ],
)
def test_settings_out_of_range_are_refused(changes: dict[str, object], match: str) -> None:
    with pytest.raises(SettingsError, match=match):
        ForceSettings(**changes)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("surprise", "Choose one of: late_recording"),
        ("over_policed:colour=red", "Its options: area, community"),
        ("over_policed:community=green", "white, mixed, asian, black, other"),
        ("counter_allegation:n=none", "whole number"),
        ("over_policed:area", "cannot be read"),
    ],
)
def test_an_unknown_plant_is_refused_with_the_choices(text: str, match: str) -> None:
    with pytest.raises(PlantError, match=match):
        Plant.parse(text)


def test_a_plant_in_an_unknown_area_is_refused_with_the_choices() -> None:
    with pytest.raises(PlantError, match=f"Choose one of: {', '.join(DEFAULT_AREAS)}"):
        ForceSettings(plants=(Plant.parse("over_policed:area=atlantis"),))


def test_progress_is_told_in_steps(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    make_force(tmp_path, ForceSettings(persons=300, years=2), lambda *step: heard.append(step))
    assert [done for _, done, _ in heard] == [0, 1, 2, 3, 4, 5]
    assert {total for _, _, total in heard} == {5}
